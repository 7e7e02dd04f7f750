"""From facts to rows: the ticket, its tools and its clocks. Recomputable at any time from the events alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import delete, select

from app.deadlines.reading import Reading
from app.deadlines.service import (
    Alerted,
    Projected,
    alerted_thresholds,
    project,
    readings_by_digest,
    sync,
)
from app.extensions import db
from app.kernel.clock import to_minute
from app.tickets.clocks import measured_clocks
from app.tickets.facts import Facts, Workaround
from app.tickets.models import ActiveWorkaround, ProtectedIdentifier, Ticket, TicketTool
from app.tickets.vocabulary import TAB_OF_STATE, WorkaroundScope

WITHOUT_CLOCK_YEARS = 1000


def projected_clocks(
    facts: Facts, readings: Mapping[str, Reading], alerted: Alerted = MappingProxyType({})
) -> list[Projected]:
    """The clocks as rows; `readings` are by digest and hold every one that the facts name."""
    rows = [
        project(
            clock.clock,
            clock.applies_to,
            readings[facts.readings[clock.key]],
            clock.facts,
            contested=clock.clock in facts.contests,
            alerted=alerted.get((clock.clock, clock.applies_to), 0),
        )
        for clock in measured_clocks(facts)
    ]
    return sorted(rows, key=lambda row: row.clock)


def columns(facts: Facts, clocks: list[Projected]) -> dict[str, Any]:
    """The columns of `Ticket` that events decide."""
    next_due = min((clock.due_at for clock in clocks if clock.running and clock.due_at), default=None)
    return {
        "version": facts.version,
        "subject": facts.subject,
        "kind": facts.kind.value,
        "incident_type": facts.incident_type and facts.incident_type.value,
        "severity": facts.severity and facts.severity.value,
        "origin": facts.origin.value,
        "state": facts.state.value,
        "tab": TAB_OF_STATE[facts.state].value,
        "restricted": facts.restricted,
        "integrators_shared": facts.integrators_shared,
        "reporter_id": facts.reporter_id,
        "structure_id": facts.structure_id,
        "assignee_id": facts.assignee_id,
        "convention_id": facts.convention_id,
        "plus_ones": facts.plus_ones,
        "duplicate_of": facts.duplicate_of or None,
        "reports_count": facts.reports_count,
        "filed_at": facts.filed_at,
        "updated_at": facts.updated_at,
        "closed_at": facts.closed_at or facts.cancelled_at,
        "transmitted_at": facts.transmitted_at,
        "next_due_at": next_due,
        "queue_at": next_due or _after_every_clock(facts.filed_at),
        "ft_reference": facts.ft_reference,
    }


def write(ticket: Ticket, facts: Facts) -> None:
    """Bring the rows of the ticket, new or not, up to its facts."""
    alerted = alerted_thresholds([ticket.id]).get(ticket.id, {}) if facts.readings else {}
    clocks = projected_clocks(facts, readings_by_digest(facts.readings.values()), alerted)
    for name, value in columns(facts, clocks).items():
        setattr(ticket, name, value)
    db.session.add(ticket)
    sync(ticket.partner_id, ticket.id, clocks)
    _write_tools(ticket, facts.tools)
    _write_workaround(ticket, facts.active_workaround)
    if not facts.identifier_present:
        db.session.execute(delete(ProtectedIdentifier).where(ProtectedIdentifier.ticket_id == ticket.id))


def stored_tools(ticket_id: int) -> tuple[str, ...]:
    """The codes of the tools of a ticket, the first one first."""
    codes = select(TicketTool.tool_code).where(TicketTool.ticket_id == ticket_id).order_by(TicketTool.rank)
    return tuple(db.session.scalars(codes))


def _write_tools(ticket: Ticket, tools: tuple[str, ...]) -> None:
    if stored_tools(ticket.id) == tools:
        return
    db.session.execute(delete(TicketTool).where(TicketTool.ticket_id == ticket.id))
    for rank, code in enumerate(tools):
        db.session.add(
            TicketTool(ticket_id=ticket.id, tool_code=code, partner_id=ticket.partner_id, rank=rank)
        )


def stored_workaround(ticket_id: int) -> Workaround | None:
    """The workaround that the ticket's row shows as active."""
    row = db.session.get(ActiveWorkaround, ticket_id)
    if row is None:
        return None
    return Workaround(WorkaroundScope(row.scope), row.text, row.article, row.article_title, row.since)


def _write_workaround(ticket: Ticket, workaround: Workaround | None) -> None:
    row = db.session.get(ActiveWorkaround, ticket.id)
    if workaround is None:
        if row is not None:
            db.session.delete(row)
        return
    row = row or ActiveWorkaround(ticket_id=ticket.id, partner_id=ticket.partner_id)
    row.scope, row.text, row.since = workaround.scope.value, workaround.text, workaround.since
    row.article, row.article_title = workaround.article, workaround.article_title
    db.session.add(row)


def _after_every_clock(filed_at: datetime) -> datetime:
    moment = to_minute(filed_at)
    try:
        return moment.replace(year=moment.year + WITHOUT_CLOCK_YEARS)
    except ValueError:  # 29 February has no counterpart that year
        return moment.replace(year=moment.year + WITHOUT_CLOCK_YEARS, day=28)
