"""The workarounds that serve today: what /services and the form of a new ticket tell those an incident stops."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from app.accounts.policy import Actor
from app.extensions import db
from app.tickets.models import ActiveWorkaround, Ticket, TicketTool
from app.tickets.queries import tools_of_tickets
from app.tickets.vocabulary import WorkaroundScope


@dataclass(frozen=True, slots=True)
class WorkaroundRow:
    """How to do meanwhile: a text, an article of the documentation base (its slug and title), or both.

    `tools` are those of the incident, the first one first; `reference` is the incident's, which the reader
    may not be allowed to open.
    """

    reference: str
    scope: WorkaroundScope
    text: str
    article: str
    article_title: str
    since: datetime
    tools: tuple[str, ...]


def active_workarounds(actor: Actor, tool_codes: Collection[str]) -> tuple[WorkaroundRow, ...]:
    """The workarounds in use for the incidents under way that touch one of these tools, the latest first.

    They are written to be sent: whoever may use the tool may read them. Two queries at most.
    """
    if not tool_codes:
        return ()
    touched = select(TicketTool.ticket_id).where(
        TicketTool.partner_id == actor.partner_id, TicketTool.tool_code.in_(sorted(tool_codes))
    )
    return _rows(actor, ActiveWorkaround.ticket_id.in_(touched))


def workaround_of(reference: str, actor: Actor) -> WorkaroundRow | None:
    """The workaround in use for that incident, if it has one."""
    return next(iter(_rows(actor, Ticket.reference == reference)), None)


def _rows(actor: Actor, condition: ColumnElement[bool]) -> tuple[WorkaroundRow, ...]:
    rows = db.session.execute(
        select(ActiveWorkaround, Ticket.reference)
        .join(Ticket, Ticket.id == ActiveWorkaround.ticket_id)
        .where(ActiveWorkaround.partner_id == actor.partner_id, ~Ticket.restricted, condition)
        .order_by(ActiveWorkaround.since.desc(), ActiveWorkaround.ticket_id.desc())
    ).all()
    tools = tools_of_tickets([row.ticket_id for row, _ in rows])
    return tuple(
        WorkaroundRow(
            reference=reference,
            scope=WorkaroundScope(row.scope),
            text=row.text,
            article=row.article,
            article_title=row.article_title,
            since=row.since,
            tools=tuple(tools[row.ticket_id]),
        )
        for row, reference in rows
    )
