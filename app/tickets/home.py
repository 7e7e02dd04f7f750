"""What the home page tells each role: what to do now, what goes on, what the month was. Inside `visible` only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select

from app.accounts.policy import Actor, Permission, Reach, Role, reaches
from app.deadlines.clocks import ClockState
from app.deadlines.models import Deadline
from app.extensions import db
from app.journal.models import Event
from app.kernel.clock import to_minute
from app.tickets.acts import BY_SLUG, PAGES
from app.tickets.events import Recorded
from app.tickets.fold import fold
from app.tickets.models import Ticket
from app.tickets.queries import decode, visible
from app.tickets.rows import TicketRow, fetch, select_rows, works_the_desk
from app.tickets.steps import next_action
from app.tickets.vocabulary import OPEN, State, Tab

SHOWN_AT_MOST = 12
COUNTED_AT_MOST = 99
_OPEN_STATES = sorted(state.value for state in OPEN)


@dataclass(frozen=True)
class ToDo:
    """A ticket with what comes naturally next, in words."""

    row: TicketRow
    action: str


@dataclass(frozen=True)
class DeskCounts:
    """Each at most COUNTED_AT_MOST + 1."""

    to_do: int
    with_ft: int
    to_verify: int
    overdue: int


@dataclass(frozen=True)
class Desk:
    """What someone who handles tickets begins the day with."""

    now: tuple[ToDo, ...]
    to_verify: tuple[TicketRow, ...]
    unassigned: tuple[TicketRow, ...]
    counts: DeskCounts


@dataclass(frozen=True)
class Month:
    """The figures of the month up to now: tickets filed and ended, clocks of France Travail kept and missed."""

    filed: int
    ended: int
    met: int
    missed: int


def desk(actor: Actor, now: datetime) -> Desk:
    """The unrestricted tickets that this person handles: all, or the requests of access. Eight queries at most."""
    scope = and_(visible(actor, Permission.TICKET_READ_INTERNAL), ~Ticket.restricted)
    urgent = _most_urgent(actor, scope, now)
    shown = {row.id for row in urgent}
    to_verify = _some(actor, scope, Tab.TO_VERIFY, now)
    unassigned = fetch(
        _rows(actor)
        .where(
            scope,
            Ticket.tab == Tab.TO_DO.value,
            Ticket.state == State.NEW.value,
            Ticket.assignee_id.is_(None),
        )
        .order_by(Ticket.queue_at, Ticket.id)
        .limit(SHOWN_AT_MOST),
        now,
    )
    return Desk(
        now=_with_actions(urgent),
        to_verify=tuple(row for row in to_verify if row.id not in shown),
        unassigned=tuple(row for row in unassigned if row.id not in shown),
        counts=_counts(actor, scope, now),
    )
