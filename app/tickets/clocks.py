"""Which clocks a ticket has, and what starts and stops each (domain.md, « Events and clocks »).

A clock is decided from the facts alone. How it is read (figure, service hours, holidays) is a `Reading`
named by the event that started it, so that nothing edited later moves a started clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.deadlines.clocks import Agreement, ClockFacts, Suspension
from app.kernel.clock import to_minute
from app.tickets.facts import Facts
from app.tickets.vocabulary import IncidentType, Kind

TAKE_UP = "take-up"
RETURN = "return-to-service"
INFORMATION = "information"
ANSWER = "answer"


@dataclass(frozen=True)
class TicketClock:
    """One clock of a ticket: what it measures, and the facts that move it."""

    clock: str
    applies_to: str
    facts: ClockFacts
    reckoned_from: datetime

    @property
    def key(self) -> str:
        """Under which an event names the reading of this clock."""
        return f"{self.clock}/{self.applies_to}"


def clocks_of(facts: Facts) -> list[TicketClock]:
    """Every clock that the facts call for, started or not. A grouped ticket has none: those of its main one rule."""
    return [] if facts.duplicate_of else list(_clocks(facts))


def measured_clocks(facts: Facts) -> list[TicketClock]:
    """The clocks that some convention or the law gave a figure to when they started."""
    return [clock for clock in clocks_of(facts) if clock.key in facts.readings]


def _clocks(facts: Facts) -> Iterator[TicketClock]:
    if facts.kind is Kind.DATA_SUBJECT_REQUEST:
        yield _answer(facts)
    if facts.sent_as_availability_at is not None:
        yield _take_up(facts, facts.sent_as_availability_at)
    if facts.kind is not Kind.INCIDENT or facts.incident_type is None:
        return
    start = return_clock_start(facts)
    if start is not None:
        yield _return_to_service(facts, facts.incident_type, start)
    if facts.informed_at is not None:
        yield _information(facts, facts.incident_type, facts.informed_at)


def return_clock_start(facts: Facts) -> datetime | None:
    """Transmitted by the partner or detected by France Travail, whichever came first.

    Reading: the convention's table sets no start (pas-de-calais-2024, annexe 2 §3). When France Travail
    does not say when it detected the malfunction, the clock starts when the partner is informed.
    """
    starts = (facts.transmitted_at, facts.detected_at or facts.informed_at)
    return min((start for start in starts if start is not None), default=None)


def _take_up(facts: Facts, transmitted_at: datetime) -> TicketClock:
    # Judged on the type as transmitted: a later reclassification does not excuse a late take-up.
    # A report of the group may have been taken up before another was sent as an interruption.
    moves = ClockFacts(
        started_at=transmitted_at,
        stopped_at=facts.taken_up_at and max(facts.taken_up_at, transmitted_at),
        cancelled_at=None if facts.taken_up_at else facts.ended_without_return_at,
    )
    return TicketClock(TAKE_UP, IncidentType.AVAILABILITY, moves, transmitted_at)


def _return_to_service(facts: Facts, incident_type: IncidentType, start: datetime) -> TicketClock:
    moves = ClockFacts(
        started_at=start,
        stopped_at=facts.returned_at,
        to_verify_at=facts.pending_return,
        cancelled_at=None if facts.returned_at else facts.ended_without_return_at,
        agreements=tuple(Agreement(agreed.due_at, agreed.agreed_at) for agreed in facts.agreed),
        # To the minute: an answer typed in the minute of the question must not precede its seconds.
        suspensions=tuple(
            Suspension(to_minute(begin), end and to_minute(end)) for begin, end in facts.suspensions
        ),
    )
    return TicketClock(RETURN, incident_type, moves, start)


def _information(facts: Facts, incident_type: IncidentType, informed_at: datetime) -> TicketClock:
    moves = ClockFacts(started_at=facts.detected_at, stopped_at=informed_at)
    return TicketClock(INFORMATION, incident_type, moves, facts.detected_at or informed_at)


def request_received_at(facts: Facts) -> datetime:
    """When a person's request arrived, which may be before it was filed here."""
    return facts.since or facts.filed_at


def _answer(facts: Facts) -> TicketClock:
    received = request_received_at(facts)
    moves = ClockFacts(
        started_at=received,
        stopped_at=facts.resolved_locally_at,
        cancelled_at=facts.cancelled_at if facts.resolved_locally_at is None else None,
    )
    return TicketClock(ANSWER, Kind.DATA_SUBJECT_REQUEST, moves, received)
