"""The state of a clock, decided from its reading, its facts and the present minute; nothing else.

Times are truncated to the minute, and the due minute itself is in time (domain.md « Events and clocks »).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from app.deadlines.calendar import DAY, Hours
from app.deadlines.delays import Delay, Unit, add_delay, carry_over, time_between
from app.deadlines.reading import Reading
from app.kernel.clock import to_minute


class ClockState(StrEnum):
    RUNNING = "running"
    MET = "met"
    MISSED = "missed"
    OVERDUE = "overdue"
    TO_VERIFY = "to-verify"
    CANCELLED = "cancelled"
    INDETERMINATE = "indeterminate"


@dataclass(frozen=True)
class Suspension:
    """A stretch during which the clock is frozen, for instance while FT waits for information.

    `end` is None while it lasts. Raises ValueError when it ends before it starts.
    """

    start: datetime
    end: datetime | None

    def __post_init__(self) -> None:
        if self.end is not None and self.end < self.start:
            raise ValueError("a suspension ends after it starts")


@dataclass(frozen=True)
class Agreement:
    """A date agreed with the partner for a return to service that may be planned, and when it was agreed."""

    due_at: datetime
    agreed_at: datetime


@dataclass(frozen=True)
class ClockFacts:
    """What happened to one clock; instants are aware. `started_at` is None when the start is not known."""

    started_at: datetime | None
    stopped_at: datetime | None = None
    to_verify_at: datetime | None = None
    cancelled_at: datetime | None = None
    agreements: tuple[Agreement, ...] = ()
    suspensions: tuple[Suspension, ...] = ()


@dataclass(frozen=True)
class AddedTime:
    """A suspension, closed or ended with its clock, that moved the due time, and by how much.

    `amount` is in the delay's unit; in calendar days when that unit is months.
    """

    start: datetime
    end: datetime
    amount: int


@dataclass(frozen=True)
class Reckoning:
    """The first due time, what suspensions added to it, and the due time before it was carried over."""

    first_due_at: datetime
    before_carry_over: datetime
    added: tuple[AddedTime, ...]


# --- Due times -------------------------------------------------------------------------------------------


def reckon(reading: Reading, facts: ClockFacts) -> Reckoning | None:
    """How the first due time comes about; None when the start is not known.

    A suspension counts when it begins while the clock still runs, the due minute included: what is frozen
    after the due time was already late. It lasts no longer than the clock: a stop ends it.
    """
    if facts.started_at is None:
        return None
    started_at = to_minute(facts.started_at)
    added: list[AddedTime] = []
    reckoning = _reckoning(reading, started_at, added)
    if not reading.suspendable:
        return reckoning
    for start, end in closed_stretches(facts, started_at):
        if start > reckoning.first_due_at:
            break
        amount = time_between(start, end, reading.delay.unit, reading.hours)
        added.append(AddedTime(start, end, amount))
        reckoning = _reckoning(reading, started_at, added)
    return reckoning


def _reckoning(reading: Reading, started_at: datetime, added: list[AddedTime]) -> Reckoning:
    due = _lengthened(started_at, reading.delay, sum(stretch.amount for stretch in added), reading.hours)
    return Reckoning(
        first_due_at=carry_over(due, reading.hours) if carries_over(reading) else due,
        before_carry_over=due,
        added=tuple(added),
    )


def _lengthened(started_at: datetime, delay: Delay, added: int, hours: Hours) -> datetime:
    if delay.unit is not Unit.MONTHS:
        return add_delay(started_at, replace(delay, amount=delay.amount + added), hours)
    day = hours.day_of(add_delay(started_at, delay, hours)) + added * DAY
    return hours.instant(day, hours.local(started_at).time())


def carries_over(reading: Reading) -> bool:
    """Whether a due time on a closed day goes to the next working day: never a delay expressed in hours.

    That is how the règlement (CEE, Euratom) 1182/71 draws the line (art. 3 § 4).
    """
    return reading.carry_over and not reading.delay.unit.in_minutes


def closed_stretches(facts: ClockFacts, started_at: datetime) -> list[tuple[datetime, datetime]]:
    """Suspensions that are over, in order, those that touch or overlap made one: from the start to the end
    of the clock at most."""
    ended_at = facts.stopped_at or facts.to_verify_at or facts.cancelled_at
    stretches: list[tuple[datetime, datetime]] = []
    for suspension in sorted(facts.suspensions, key=lambda suspension: suspension.start):
        ends = [end for end in (suspension.end, ended_at) if end is not None]
        if not ends:
            continue
        start, end = max(to_minute(suspension.start), started_at), to_minute(min(ends))
        if end <= start:
            continue
        if stretches and start <= stretches[-1][1]:
            start, end = stretches[-1][0], max(end, stretches.pop()[1])
        stretches.append((start, end))
    return stretches


def first_due_at(reading: Reading, facts: ClockFacts) -> datetime | None:
    """The due time that the commitment gives, suspensions added in its own unit; None without a start."""
    reckoning = reckon(reading, facts)
    return None if reckoning is None else reckoning.first_due_at


def due_at(reading: Reading, facts: ClockFacts) -> datetime | None:
    """The due time that is judged: the date agreed in time, else the first due time."""
    first = first_due_at(reading, facts)
    agreement = None if first is None else agreement_in_force(reading, facts, first)
    return first if agreement is None else to_minute(agreement.due_at)


def agreement_in_force(reading: Reading, facts: ClockFacts, first_due: datetime) -> Agreement | None:
    """The latest of the agreements that hold, whatever the order in which they were noted. One made too
    late replaces neither the first due time nor a date agreed in time."""
    holding = [held for held in facts.agreements if agreement_holds(reading, held, first_due)]
    return max(reversed(holding), key=lambda held: to_minute(held.agreed_at), default=None)


def agreement_holds(reading: Reading, agreement: Agreement, first_due: datetime) -> bool:
    """Whether an agreed date replaces the first due time: the commitment may be planned, and it was agreed
    not later than that time (pas-de-calais-2024, annexe 2 § 3: « planification convenue avec le partenaire »).
    """
    return reading.plannable and to_minute(agreement.agreed_at) <= first_due


# --- State -----------------------------------------------------------------------------------------------


def frozen_since(reading: Reading, facts: ClockFacts) -> datetime | None:
    """The minute at which a frozen clock was frozen; None for one that is not."""
    due = due_at(reading, facts)
    return None if due is None else _frozen_since(as_read(reading, facts), due)


def state(facts: ClockFacts, due_at: datetime | None, now: datetime) -> ClockState:
    """The state of a clock whose due time is `due_at`; a frozen clock stays `running`.

    `facts.suspensions` are taken at their word: give `as_read(reading, facts)` when the clock may be one
    that never suspends.
    """
    if facts.cancelled_at is not None:
        return ClockState.CANCELLED
    if facts.started_at is None or due_at is None:
        return ClockState.INDETERMINATE
    if facts.stopped_at is not None:
        return ClockState.MET if to_minute(facts.stopped_at) <= due_at else ClockState.MISSED
    if facts.to_verify_at is not None:
        return ClockState.TO_VERIFY
    if _frozen_since(facts, due_at) is None and to_minute(now) > due_at:
        return ClockState.OVERDUE
    return ClockState.RUNNING


def as_read(reading: Reading, facts: ClockFacts) -> ClockFacts:
    """The facts that count for this reading: a clock that never suspends has no suspension."""
    return facts if reading.suspendable else replace(facts, suspensions=())


def _frozen_since(facts: ClockFacts, due: datetime) -> datetime | None:
    """When the open suspension began, if the clock waits in it and was not late already."""
    if facts.cancelled_at or facts.stopped_at or facts.to_verify_at:
        return None
    opened = [to_minute(suspension.start) for suspension in facts.suspensions if suspension.end is None]
    return min((start for start in opened if start <= due), default=None)


# --- What screens show -----------------------------------------------------------------------------------


def remaining(reading: Reading, facts: ClockFacts, now: datetime) -> int | None:
    """Minutes left before the due time, 0 once it has passed; None when there is no due time.

    Minutes of service for a commitment in service hours, real minutes for every other. The figure stays
    where the clock stopped, was announced restored, or froze.
    """
    due = due_at(reading, facts)
    return None if due is None else _minutes(reading, _shown_at(reading, facts, due, now), due)


def overrun(reading: Reading, facts: ClockFacts, now: datetime) -> int | None:
    """Minutes by which the due time is passed (at the stop, if there was one), in the measure of `remaining`.

    A commitment in service hours that is late overruns by nothing more until the service opens again.
    """
    due = due_at(reading, facts)
    return None if due is None else _minutes(reading, due, _shown_at(reading, facts, due, now))


def share_used(reading: Reading, facts: ClockFacts, now: datetime) -> float | None:
    """The share of the time allowed that is used, from 0.0 to 1.0: the clock's bar. Suspended time is not time."""
    due = due_at(reading, facts)
    if due is None or facts.started_at is None:
        return None
    started_at, shown_at = to_minute(facts.started_at), _shown_at(reading, facts, due, now)
    if shown_at >= due:
        return 1.0
    frozen = sum(
        _minutes(reading, start, end) for start, end in closed_stretches(as_read(reading, facts), started_at)
    )
    allowed = _minutes(reading, started_at, due) - frozen
    left = _minutes(reading, shown_at, due)
    return min(max(1 - left / allowed, 0.0), 1.0) if allowed > 0 else 1.0


def _shown_at(reading: Reading, facts: ClockFacts, due: datetime, now: datetime) -> datetime:
    frozen_at = _frozen_since(as_read(reading, facts), due)
    return to_minute(frozen_at or facts.stopped_at or facts.to_verify_at or facts.cancelled_at or now)


def _minutes(reading: Reading, start: datetime, end: datetime) -> int:
    unit = Unit.WORKING if reading.delay.unit is Unit.WORKING else Unit.ELAPSED
    return time_between(start, end, unit, reading.hours)
