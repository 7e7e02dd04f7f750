"""What the page of the services reads. The number of queries depends on no number of tools or incidents."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, select

from app.accounts.policy import Actor
from app.announcements.lists import Line, on_tools
from app.announcements.vocabulary import Kind
from app.extensions import db
from app.partners.queries import ToolRow
from app.supervision.services import (
    Incident,
    Notice,
    Service,
    ToolFact,
    Workaround,
    counted_incident,
    services,
)
from app.tickets.filing import tools_for
from app.tickets.fold import fold
from app.tickets.models import Ticket, TicketTool
from app.tickets.queries import records_of_all
from app.tickets.vocabulary import OPEN, TAB_OF_STATE, IncidentType
from app.tickets.vocabulary import Kind as TicketKind
from app.tickets.workarounds import active_workarounds

COMING = timedelta(days=14)
INCIDENTS_AT_MOST = 100
_TABS = sorted({TAB_OF_STATE[state].value for state in OPEN})


def services_for(actor: Actor, now: datetime) -> list[Service]:
    """The state of the tools of this person's structures, as they stand at `now`."""
    tools = tools_for(actor)
    codes = {tool.code for tool in tools}
    lines = on_tools(actor, codes, now, now + COMING)
    announced = {line.ticket_id: line.reference for line in lines if line.ticket_id is not None}
    incidents = _incidents(actor, codes, announced)
    return services([_fact(tool) for tool in tools], incidents, _notices(lines), now)


def _fact(tool: ToolRow) -> ToolFact:
    return ToolFact(tool.code, tool.name, tool.kind, tool.platform_name)


def _incidents(actor: Actor, tool_codes: Collection[str], announced: dict[int, str]) -> tuple[Incident, ...]:
    """The open incidents of availability on these tools that count, restricted ones never. Five queries.

    Whoever uses a tool may know how it fares: the tickets themselves are shown to nobody here.
    """
    rows = db.session.execute(
        select(Ticket.id, Ticket.reference)
        .where(
            Ticket.partner_id == actor.partner_id,
            Ticket.tab.in_(_TABS),  # the index of the queue: only what is open is looked at
            ~Ticket.restricted,
            Ticket.kind == TicketKind.INCIDENT.value,
            Ticket.incident_type == IncidentType.AVAILABILITY.value,
            exists().where(TicketTool.ticket_id == Ticket.id, TicketTool.tool_code.in_(sorted(tool_codes))),
        )
        .order_by(Ticket.filed_at.desc(), Ticket.id)
        .limit(INCIDENTS_AT_MOST)
    ).all()
    records = records_of_all([row.id for row in rows])
    workarounds = {
        row.reference: Workaround(row.text, row.article, row.article_title)
        for row in active_workarounds(actor, tool_codes)
    }
    own = select(Ticket.duplicate_of).where(
        Ticket.partner_id == actor.partner_id,
        Ticket.duplicate_of.in_([row.reference for row in rows]),
        Ticket.reporter_id == actor.account_id,
    )
    grouped = set(db.session.scalars(own))
    found = (
        counted_incident(
            row.reference,
            fold(records[row.id]),
            records[row.id],
            actor.account_id,
            announcement=announced.get(row.id, ""),
            workaround=workarounds.get(row.reference),
            grouped=row.reference in grouped,
        )
        for row in rows
    )
    return tuple(incident for incident in found if incident is not None)


def _notices(lines: Sequence[Line]) -> list[Notice]:
    return [
        Notice(
            reference=line.reference,
            kind=Kind(line.kind),
            title=line.title,
            tools=line.tools,
            severity=line.severity,
            starts_at=line.starts_at,
            ends_at=line.ends_at,
            published_at=line.publish_at or line.drafted_at,
        )
        for line in lines
    ]
