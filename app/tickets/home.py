"""What the home page tells each role: what to do now, what goes on, what the month was. Inside `visible` only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, extract, func, or_, select, union_all

from app.accounts.policy import Actor, Permission, Reach, reaches
from app.deadlines.clocks import ClockState
from app.deadlines.models import Deadline
from app.extensions import db
from app.kernel.clock import to_minute
from app.tickets.acts import BY_SLUG, PAGES
from app.tickets.events import Recorded
from app.tickets.fold import fold
from app.tickets.models import Ticket
from app.tickets.queries import records_of_all, visible
from app.tickets.rows import MAIN, TicketRow, fetch, select_rows
from app.tickets.scope import only_listed
from app.tickets.steps import next_action
from app.tickets.vocabulary import OPEN, State, Tab

SHOWN_AT_MOST = 12
COUNTED_AT_MOST = 99
FRANCE_TRAVAIL = "france-travail"
_OPEN_STATES = sorted(state.value for state in OPEN)
_NOT_ENDED_FOR_USERS = sorted(state.value for state in OPEN - {State.RESOLVED})


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

    @property
    def shown(self) -> frozenset[int]:
        """The keys of the tickets that it shows: the rest of the page does not show them again."""
        rows = [*(todo.row for todo in self.now), *self.to_verify, *self.unassigned]
        return frozenset(row.id for row in rows)


@dataclass(frozen=True)
class Month:
    """The figures of the month up to now: tickets filed and ended, clocks of France Travail kept and missed."""

    filed: int
    ended: int
    met: int
    missed: int


def desk(actor: Actor, now: datetime) -> Desk:
    """The unrestricted tickets that this person handles: all, or the requests of access. Eight queries at most."""
    urgent = _most_urgent(actor, now)
    shown = {row.id for row in urgent}
    to_verify = _first_of(actor, Tab.TO_VERIFY, now)
    nobodys = and_(Ticket.state == State.NEW.value, Ticket.assignee_id.is_(None))
    unassigned = _first_of(actor, Tab.TO_DO, now, nobodys)
    return Desk(
        now=_with_actions(urgent),
        to_verify=tuple(row for row in to_verify if row.id not in shown),
        unassigned=tuple(row for row in unassigned if row.id not in shown),
        counts=_counts(actor, now),
    )


def own_requests(actor: Actor, now: datetime) -> list[TicketRow]:
    """What the person reported and does not read as ended, the latest news first; security reports as receipts."""
    return fetch(
        _rows(actor)
        .where(
            visible(actor, Permission.TICKET_RECEIPT),
            Ticket.reporter_id == actor.account_id,
            or_(Ticket.state.in_(_NOT_ENDED_FOR_USERS), MAIN.state.in_(_NOT_ENDED_FOR_USERS)),
        )
        .order_by(Ticket.updated_at.desc())
        .limit(SHOWN_AT_MOST),
        now,
    )


def restricted_cases(actor: Actor, now: datetime) -> list[TicketRow]:
    """The restricted tickets under way that this person reads, by the clock that runs out first."""
    return fetch(
        _rows(actor)
        .where(visible(actor), Ticket.restricted, Ticket.state.in_(_OPEN_STATES))
        .order_by(Ticket.queue_at, Ticket.id)
        .limit(SHOWN_AT_MOST),
        now,
    )


def month_until(actor: Actor, now: datetime, zone: tzinfo) -> Month:
    """The figures of the current month in the partner's zone, over the tickets that the person reads. Two queries.

    Each clock counts once, in the month of the earlier of its stop and its due time (domain.md, « The month »).
    """
    start = now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    scope = visible(actor)
    # What ended this month was recorded this month or later: the index on the last record narrows it.
    ended = and_(Ticket.updated_at >= start, Ticket.closed_at >= start)
    # One incident counts once, however many reports are followed under it.
    once = Ticket.duplicate_of.is_(None)
    filed_count, ended_count = db.session.execute(
        select(
            select(func.count()).where(scope, once, Ticket.filed_at >= start).scalar_subquery(),
            select(func.count()).where(scope, once, ended).scalar_subquery(),
        )
    ).one()
    met, missed = db.session.execute(_clocks_of_month(actor, scope, start, now)).one()
    return Month(filed_count, ended_count, met or 0, missed or 0)


def has_tickets(actor: Actor) -> bool:
    """Whether the partner holds any ticket that the person may see."""
    any_ticket = only_listed(select(Ticket.id), actor, Permission.TICKET_RECEIPT).limit(1)
    return db.session.scalar(any_ticket) is not None


def handles_tickets(actor: Actor) -> bool:
    """Whether this person handles unrestricted tickets, or the requests of access among them."""
    handled = reaches(actor, Permission.TICKET_HANDLE) | reaches(actor, Permission.TICKET_HANDLE_ACCESS)
    return bool(handled & {Reach.UNRESTRICTED, Reach.ACCESS_REQUESTS, Reach.DATA_SUBJECT_REQUESTS})


def handles_cases(actor: Actor) -> bool:
    """Whether this person reads restricted tickets by their role."""
    cases = {Reach.RESTRICTED, Reach.RESTRICTED_PERSONAL_DATA}
    return bool(reaches(actor, Permission.TICKET_READ) & cases)


# --- Queries ---------------------------------------------------------------------------------------------


def _rows(actor: Actor) -> Select[Any]:
    return select_rows(actor, Ticket.queue_at)


def _handled(statement: Select[Any], actor: Actor) -> Select[Any]:
    return only_listed(statement, actor, Permission.TICKET_READ_INTERNAL).where(~Ticket.restricted)


def _most_urgent(actor: Actor, now: datetime) -> list[TicketRow]:
    """Each tab is sorted by the clock already: the first ones of both hold the first ones of all."""
    firsts = [
        _handled(select(Ticket.id), actor)
        .where(Ticket.tab == tab.value, Ticket.next_due_at.is_not(None))
        .order_by(Ticket.queue_at, Ticket.id)
        .limit(SHOWN_AT_MOST)
        .subquery()
        for tab in (Tab.TO_DO, Tab.WITH_FT)
    ]
    either = union_all(*(select(first.c.id) for first in firsts))
    chosen = _rows(actor).where(Ticket.id.in_(either)).order_by(Ticket.queue_at, Ticket.id)
    return fetch(chosen.limit(SHOWN_AT_MOST), now)


def _first_of(actor: Actor, tab: Tab, now: datetime, *more: ColumnElement[bool]) -> list[TicketRow]:
    chosen = _handled(_rows(actor), actor).where(Ticket.tab == tab.value, *more)
    return fetch(chosen.order_by(Ticket.queue_at, Ticket.id).limit(SHOWN_AT_MOST), now)


def _with_actions(rows: Sequence[TicketRow]) -> tuple[ToDo, ...]:
    """The next natural action of each ticket, decided from its facts as its own page does. One query."""
    if not rows:
        return ()
    records = records_of_all([row.id for row in rows])
    return tuple(ToDo(row, _action(row, records[row.id])) for row in rows)


def _action(row: TicketRow, records: Sequence[Recorded]) -> str:
    late = {}
    if row.clock and row.clock.due_at and row.clock.state == ClockState.OVERDUE:
        late = {row.clock.clock: row.clock.due_at}
    following = next_action(fold(records), late)
    if following is None:
        return ""
    return PAGES[following.slug].label if following.slug in PAGES else BY_SLUG[following.slug].label


def _counts(actor: Actor, now: datetime) -> DeskCounts:
    late = select(Deadline.subject_id).where(
        Deadline.partner_id == actor.partner_id, Deadline.running, Deadline.due_at < to_minute(now)
    )
    asked = [
        *(Ticket.tab == tab.value for tab in (Tab.TO_DO, Tab.WITH_FT, Tab.TO_VERIFY)),
        Ticket.id.in_(late),
    ]
    counted = []
    for number, condition in enumerate(asked):
        some = _handled(select(Ticket.id), actor).where(condition).limit(COUNTED_AT_MOST + 1).subquery()
        counted.append(select(func.count()).select_from(some).scalar_subquery().label(f"count_{number}"))
    return DeskCounts(*db.session.execute(select(*counted)).one())


def _clocks_of_month(
    actor: Actor, scope: ColumnElement[bool], start: datetime, now: datetime
) -> Select[tuple[int, int]]:
    minute = timedelta(minutes=1)
    after_due = extract("epoch", Deadline.stopped_at) - extract("epoch", Deadline.due_at)
    in_time = after_due < minute.total_seconds()
    met = and_(Deadline.stopped_at >= start, in_time)
    late = or_(and_(Deadline.stopped_at.is_not(None), ~in_time), Deadline.running)
    missed = and_(Deadline.due_at < to_minute(now), late)
    return (
        select(func.sum(case((met, 1), else_=0)), func.sum(case((missed, 1), else_=0)))
        .join(Ticket, Ticket.id == Deadline.subject_id)
        .where(
            scope,
            Deadline.partner_id == actor.partner_id,
            # Both values, so that the index on (partner, running, due time) is used; a clock kept this
            # month was due this month or later.
            Deadline.running.in_([True, False]),
            Deadline.due_at >= start,
            Deadline.owed_by == FRANCE_TRAVAIL,
            Deadline.cancelled_at.is_(None),
        )
    )
