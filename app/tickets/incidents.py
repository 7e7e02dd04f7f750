"""The ongoing incidents that people may join instead of reporting them once more."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, select

from app.accounts.policy import Actor, Permission, Reach, reaches
from app.extensions import db
from app.journal.models import Event
from app.kernel.errors import NotFound
from app.tickets.events import PlusOne
from app.tickets.models import Ticket, TicketTool
from app.tickets.queries import tools_of_tickets
from app.tickets.vocabulary import BEFORE_FT, WITH_FT, IncidentType, Kind, State
from app.tickets.workarounds import WorkaroundRow, active_workarounds

SHOWN_AT_MOST = 6
_ONGOING = BEFORE_FT | WITH_FT | {State.RESTORED}
_STATES = sorted(state.value for state in _ONGOING)


@dataclass(frozen=True, slots=True)
class OngoingIncident:
    """An incident under way. `subject` is empty for whoever may not read the ticket: others wrote it.

    `hit` counts the reports grouped in it and those who joined. `own`: reported by this person, who has nothing
    to join; `joined`: already counted in it.
    """

    reference: str
    subject: str
    tools: tuple[str, ...]
    severity: str | None
    state: State
    filed_at: datetime
    hit: int
    own: bool
    joined: bool


def ongoing_incidents(actor: Actor, tool_codes: Collection[str]) -> tuple[OngoingIncident, ...]:
    """The incidents under way that touch one of these tools, those that hit most people first.

    Four queries at most.
    """
    if not tool_codes:
        return ()
    rows = db.session.execute(
        _columns()
        .where(_joinable(actor, tool_codes))
        .order_by(Ticket.reports_count.desc(), Ticket.filed_at.desc(), Ticket.id.desc())
        .limit(SHOWN_AT_MOST)
    ).all()
    return _incidents(rows, actor)


def incident_of(reference: str, actor: Actor, tool_codes: Collection[str]) -> OngoingIncident:
    """One incident as whoever may join it, or has joined it and wants to know what became of it, reads it.

    Raises NotFound for anyone else.
    """
    row = db.session.execute(
        _columns().where(
            Ticket.partner_id == actor.partner_id,
            Ticket.reference == reference,
            ~Ticket.restricted,
            Ticket.kind == Kind.INCIDENT.value,
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    (incident,) = _incidents([row], actor)
    if not (incident.joined or incident.own or may_join(reference, actor, tool_codes)):
        raise NotFound
    return incident


def workaround_of(incident: OngoingIncident, actor: Actor) -> WorkaroundRow | None:
    """How to do meanwhile, if something is known."""
    rows = active_workarounds(actor, incident.tools)
    return next((row for row in rows if row.reference == incident.reference), None)


def _columns() -> Select[Any]:
    return select(
        Ticket.id,
        Ticket.reference,
        Ticket.subject,
        Ticket.severity,
        Ticket.state,
        Ticket.filed_at,
        Ticket.reports_count.label("hit"),
        Ticket.reporter_id,
    )


def _incidents(rows: Sequence[Any], actor: Actor) -> tuple[OngoingIncident, ...]:
    reads_all = _reads_all(actor)
    ticket_ids = [row.id for row in rows]
    tools = tools_of_tickets(ticket_ids)
    joined = set() if reads_all else _joined(ticket_ids, actor)
    own = _own([row.reference for row in rows], actor)
    return tuple(
        OngoingIncident(
            reference=row.reference,
            subject=row.subject if reads_all else "",
            tools=tuple(tools[row.id]),
            severity=row.severity,
            state=State(row.state),
            filed_at=row.filed_at,
            hit=row.hit,
            own=row.reporter_id == actor.account_id or row.reference in own,
            joined=row.id in joined,
        )
        for row in rows
    )


def may_join(reference: str, actor: Actor, tool_codes: Collection[str]) -> bool:
    """Whether it is an incident under way that `ongoing_incidents` would offer to this person."""
    found = select(Ticket.id).where(Ticket.reference == reference, _joinable(actor, tool_codes))
    return db.session.scalar(found) is not None


def has_joined(reference: str, actor: Actor) -> bool:
    """Whether this person reported the incident, or is counted in it already."""
    ticket = db.session.execute(
        select(Ticket.id, Ticket.reporter_id).where(
            Ticket.partner_id == actor.partner_id, Ticket.reference == reference
        )
    ).one()
    if ticket.reporter_id == actor.account_id or _own([reference], actor):
        return True
    return bool(_joined([ticket.id], actor))


def _joinable(actor: Actor, tool_codes: Collection[str]) -> ColumnElement[bool]:
    """Someone who reads every ticket may join any incident; others those of availability, which concern
    whoever uses the tool.
    """
    types = list(IncidentType) if _reads_all(actor) else [IncidentType.AVAILABILITY]
    return and_(
        Ticket.partner_id == actor.partner_id,
        ~Ticket.restricted,
        # The conditions of the index that gives them in order. A report is joined through the incident that it is
        # followed under.
        Ticket.incident_type.is_not(None),
        Ticket.closed_at.is_(None),
        Ticket.duplicate_of.is_(None),
        Ticket.kind == Kind.INCIDENT.value,
        Ticket.incident_type.in_([incident_type.value for incident_type in types]),
        Ticket.state.in_(_STATES),
        exists().where(TicketTool.ticket_id == Ticket.id, TicketTool.tool_code.in_(sorted(tool_codes))),
    )


def _reads_all(actor: Actor) -> bool:
    return Reach.UNRESTRICTED in reaches(actor, Permission.TICKET_READ)


def _own(references: Sequence[str], actor: Actor) -> set[str]:
    """Those of these incidents that a report of this person is followed under."""
    if not references:
        return set()
    reported = select(Ticket.duplicate_of).where(
        Ticket.partner_id == actor.partner_id,
        Ticket.duplicate_of.in_(references),
        Ticket.reporter_id == actor.account_id,
    )
    return set(filter(None, db.session.scalars(reported)))


def _joined(ticket_ids: Sequence[int], actor: Actor) -> set[int]:
    if not ticket_ids:
        return set()
    return set(
        db.session.scalars(
            select(Event.subject_id).where(
                Event.subject_id.in_(ticket_ids),
                Event.type == PlusOne.type,
                Event.actor_id == actor.account_id,
            )
        )
    )
