"""What the page of a ticket shows beside its story: the clocks, explained, and the facts. Pure presenters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.deadlines.clocks import (
    ClockState,
    as_read,
    due_at,
    first_due_at,
    frozen_since,
    overrun,
    remaining,
    share_used,
    state,
)
from app.deadlines.delays import Unit
from app.deadlines.explain import explain
from app.deadlines.reading import Reading
from app.partners.terms import OWED_BY
from app.tickets.clocks import TicketClock, clocks_of
from app.tickets.facts import Contest, Facts
from app.tickets.vocabulary import CLOCK_LABELS

NEAR = 0.75
SUSPENDED = "suspended"


@dataclass(frozen=True)
class ClockView:
    """A clock as it is shown. `face` is its state, or « near » its end, or « suspended ».

    `share` is what is used of the time allowed, from 0 to 1; `left` and `over` are lengths before and after
    the due time, of service hours when `in_service_hours`, and stand where the clock stopped or froze.
    """

    clock: str
    name: str
    face: str
    share: float
    started_at: datetime | None
    due_at: datetime | None
    first_due_at: datetime | None
    stopped_at: datetime | None
    to_verify_at: datetime | None
    suspended_since: datetime | None
    left: timedelta
    over: timedelta
    in_service_hours: bool
    owed_by: str
    contractual: bool
    contest: Contest | None
    explanation: tuple[str, ...]

    @property
    def is_late(self) -> bool:
        return self.face == ClockState.OVERDUE

    @property
    def counts_down(self) -> bool:
        """Whether the browser may carry the countdown on: time runs, and all of it counts."""
        return self.face in ("running", "near", "overdue") and not self.in_service_hours


def clock_views(facts: Facts, readings: Mapping[str, Reading], now: datetime) -> list[ClockView]:
    """Every clock of the ticket; `readings` are by digest and hold each one that the facts name."""
    return [_view(clock, readings[facts.readings[clock.key]], facts, now) for clock in clocks_of(facts)]


def _view(clock: TicketClock, reading: Reading, facts: Facts, now: datetime) -> ClockView:
    due, first = due_at(reading, clock.facts), first_due_at(reading, clock.facts)
    frozen = frozen_since(reading, clock.facts)
    share = share_used(reading, clock.facts, now) or 0.0
    shown = state(as_read(reading, clock.facts), due, now)
    return ClockView(
        clock=clock.clock,
        name=CLOCK_LABELS[clock.clock],
        face=_face(shown, share, frozen),
        share=share,
        started_at=clock.facts.started_at,
        due_at=due,
        first_due_at=first if first != due else None,
        stopped_at=clock.facts.stopped_at,
        to_verify_at=clock.facts.to_verify_at,
        suspended_since=frozen,
        left=timedelta(minutes=remaining(reading, clock.facts, now) or 0),
        over=timedelta(minutes=overrun(reading, clock.facts, now) or 0),
        in_service_hours=reading.delay.unit is Unit.WORKING,
        owed_by=OWED_BY[reading.owed_by],
        contractual=reading.contractual,
        contest=facts.contests.get(clock.clock),
        explanation=tuple(step.text for step in explain(reading, clock.facts)),
    )


def _face(shown: ClockState, share: float, frozen: datetime | None) -> str:
    if frozen is not None:
        return SUSPENDED
    return "near" if shown is ClockState.RUNNING and share >= NEAR else shown.value
