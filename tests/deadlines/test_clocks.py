from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.deadlines.calendar import Hours
from app.deadlines.clocks import (
    Agreement,
    ClockFacts,
    ClockState,
    Suspension,
    as_read,
    due_at,
    first_due_at,
    frozen_since,
    overrun,
    remaining,
    share_used,
    state,
)
from app.deadlines.delays import Unit, add_delay, time_between
from app.deadlines.reading import Reading
from tests.deadlines import naive
from tests.deadlines.material import (
    ROUND_THE_CLOCK,
    all_hours,
    in_paris,
    paris,
    reading,
    starts,
    suspensions,
    thorough,
)

MINUTE = timedelta(minutes=1)
TAKE_UP = reading(15, Unit.ELAPSED)
EIGHT_HOURS = reading(480, Unit.WORKING, suspendable=True)
SIX_DAYS = reading(6, Unit.CALENDAR_DAYS, plannable=True)
START = paris("2026-03-10T09:00")


def closed(start: str, end: str) -> Suspension:
    return Suspension(paris(start), paris(end))


def state_of(a_reading: Reading, facts: ClockFacts, now: datetime) -> ClockState:
    return state(as_read(a_reading, facts), due_at(a_reading, facts), now)


class TestState:
    def test_the_due_minute_itself_is_in_time(self) -> None:
        due = paris("2026-03-10T09:15")
        assert (
            state(ClockFacts(START, stopped_at=due + 59 * timedelta(seconds=1)), due, due) is ClockState.MET
        )
        assert state(ClockFacts(START, stopped_at=due + MINUTE), due, due) is ClockState.MISSED
        assert state(ClockFacts(START), due, due + 59 * timedelta(seconds=1)) is ClockState.RUNNING
        assert state(ClockFacts(START), due, due + MINUTE) is ClockState.OVERDUE

    def test_a_start_that_is_not_known_is_indeterminate_even_once_stopped(self) -> None:
        facts = ClockFacts(None, stopped_at=START)
        assert due_at(TAKE_UP, facts) is None
        assert state(facts, None, START) is ClockState.INDETERMINATE

    def test_a_clock_without_due_time_is_indeterminate(self) -> None:
        assert state(ClockFacts(START), None, START) is ClockState.INDETERMINATE

    def test_a_return_not_yet_tested_is_counted_neither_met_nor_missed(self) -> None:
        facts = ClockFacts(START, to_verify_at=START + 10 * MINUTE)
        late = START + timedelta(days=3)
        assert state_of(TAKE_UP, facts, late) is ClockState.TO_VERIFY

    def test_a_stop_is_judged_rather_than_the_announcement(self) -> None:
        facts = ClockFacts(START, to_verify_at=START, stopped_at=START + 16 * MINUTE)
        assert state_of(TAKE_UP, facts, START) is ClockState.MISSED

    def test_a_cancelled_clock_is_cancelled_whatever_else_happened(self) -> None:
        facts = ClockFacts(None, stopped_at=START, cancelled_at=START)
        assert state(facts, None, START) is ClockState.CANCELLED

    def test_words_are_those_of_the_interface(self) -> None:
        assert [str(one) for one in ClockState] == [
            *("running", "met", "missed", "overdue", "to-verify", "cancelled", "indeterminate")
        ]


class TestAgreedDate:
    AGREED = paris("2026-04-02T12:00")

    def facts(self, agreed_at: str) -> ClockFacts:
        return ClockFacts(START, agreements=(Agreement(self.AGREED, paris(agreed_at)),))

    def test_replaces_the_due_time_when_agreed_before_it_and_both_stay_printable(self) -> None:
        facts = self.facts("2026-03-16T08:59")
        assert in_paris(first_due_at(SIX_DAYS, facts)) == "2026-03-16T09:00+01:00"
        assert due_at(SIX_DAYS, facts) == self.AGREED

    def test_holds_when_agreed_at_the_due_minute(self) -> None:
        assert due_at(SIX_DAYS, self.facts("2026-03-16T09:00")) == self.AGREED

    def test_agreed_too_late_replaces_nothing(self) -> None:
        assert in_paris(due_at(SIX_DAYS, self.facts("2026-03-16T09:01"))) == "2026-03-16T09:00+01:00"

    def test_replaces_nothing_where_the_commitment_cannot_be_planned(self) -> None:
        facts = self.facts("2026-03-10T10:00")
        assert in_paris(due_at(TAKE_UP, facts)) == "2026-03-10T09:15+01:00"

    def test_may_be_earlier_than_the_first_due_time(self) -> None:
        sooner = ClockFacts(START, agreements=(Agreement(paris("2026-03-12T08:30"), START),))
        assert in_paris(due_at(SIX_DAYS, sooner)) == "2026-03-12T08:30+01:00"


class TestSuspension:
    def test_ends_after_it_starts(self) -> None:
        with pytest.raises(ValueError, match="ends after it starts"):
            closed("2026-03-10T10:00", "2026-03-10T09:00")

    def test_adds_the_service_hours_that_it_froze(self) -> None:
        facts = ClockFacts(START, suspensions=(closed("2026-03-10T16:00", "2026-03-11T10:00"),))
        assert in_paris(first_due_at(EIGHT_HOURS, facts)) == "2026-03-11T11:00+01:00"

    def test_adds_days_of_the_commitments_own_unit(self) -> None:
        suspended = (closed("2026-03-13T16:00", "2026-03-16T10:00"),)
        due = {
            unit: in_paris(
                first_due_at(reading(4, unit, suspendable=True), ClockFacts(START, suspensions=suspended))
            )
            for unit in (Unit.CALENDAR_DAYS, Unit.WORKING_DAYS, Unit.BUSINESS_DAYS)
        }
        assert due == {
            Unit.CALENDAR_DAYS: "2026-03-17T09:00+01:00",
            Unit.WORKING_DAYS: "2026-03-17T09:00+01:00",
            Unit.BUSINESS_DAYS: "2026-03-17T09:00+01:00",
        }

    def test_adds_calendar_days_to_months_and_keeps_the_wall_time(self) -> None:
        facts = ClockFacts(START, suspensions=(closed("2026-03-12T16:00", "2026-03-15T08:00"),))
        assert (
            in_paris(first_due_at(reading(1, Unit.MONTHS, suspendable=True), facts))
            == "2026-04-13T09:00+02:00"
        )

    def test_counts_nothing_where_the_commitment_never_suspends(self) -> None:
        """Security clocks never suspend."""
        breach = reading(48 * 60, Unit.ELAPSED)
        facts = ClockFacts(
            START, suspensions=(Suspension(START, None), closed("2026-03-10T16:00", "2026-03-11T10:00"))
        )
        assert in_paris(due_at(breach, facts)) == "2026-03-12T09:00+01:00"
        assert frozen_since(breach, facts) is None
        assert state_of(breach, facts, START + timedelta(days=3)) is ClockState.OVERDUE
        assert remaining(breach, facts, START + timedelta(hours=47)) == 60

    def test_that_begins_after_the_due_time_counts_nothing(self) -> None:
        late = ClockFacts(START, suspensions=(closed("2026-03-10T17:01", "2026-03-12T10:00"),))
        assert in_paris(first_due_at(EIGHT_HOURS, late)) == "2026-03-10T17:00+01:00"

    def test_frozen_at_the_due_minute_still_counts(self) -> None:
        facts = ClockFacts(START, suspensions=(closed("2026-03-10T17:00", "2026-03-11T10:00"),))
        assert in_paris(first_due_at(EIGHT_HOURS, facts)) == "2026-03-11T10:00+01:00"

    def test_second_one_counts_when_the_first_made_room_for_it(self) -> None:
        facts = ClockFacts(
            START,
            suspensions=(
                closed("2026-03-11T09:30", "2026-03-11T10:30"),
                closed("2026-03-10T16:00", "2026-03-10T17:00"),
            ),
        )
        assert in_paris(first_due_at(EIGHT_HOURS, facts)) == "2026-03-11T11:00+01:00"

    def test_before_the_start_counts_nothing(self) -> None:
        facts = ClockFacts(START, suspensions=(closed("2026-03-09T10:00", "2026-03-09T12:00"),))
        assert in_paris(first_due_at(EIGHT_HOURS, facts)) == "2026-03-10T17:00+01:00"

    def test_overlaps_count_once(self) -> None:
        facts = ClockFacts(
            START,
            suspensions=(
                closed("2026-03-10T10:00", "2026-03-10T12:00"),
                closed("2026-03-10T11:00", "2026-03-10T11:30"),
                closed("2026-03-10T12:00", "2026-03-10T13:00"),
            ),
        )
        assert in_paris(first_due_at(EIGHT_HOURS, facts)) == "2026-03-11T12:00+01:00"

    def test_one_that_goes_on_from_another_is_one_with_it(self) -> None:
        facts = ClockFacts(
            START,
            suspensions=(
                closed("2026-03-10T17:00", "2026-03-10T20:00"),
                closed("2026-03-10T20:00", "2026-03-11T10:00"),
            ),
        )
        assert in_paris(first_due_at(EIGHT_HOURS, facts)) == "2026-03-11T10:00+01:00"

    def test_open_freezes_a_clock_that_ran(self) -> None:
        facts = ClockFacts(START, suspensions=(Suspension(paris("2026-03-10T16:00"), None),))
        assert frozen_since(EIGHT_HOURS, facts) is not None
        assert in_paris(frozen_since(EIGHT_HOURS, facts)) == "2026-03-10T16:00+01:00"
        assert state_of(EIGHT_HOURS, facts, START + timedelta(days=30)) is ClockState.RUNNING
        assert remaining(EIGHT_HOURS, facts, START + timedelta(days=30)) == 60
        assert overrun(EIGHT_HOURS, facts, START + timedelta(days=30)) == 0

    def test_open_at_the_due_minute_freezes_the_clock_in_time(self) -> None:
        facts = ClockFacts(START, suspensions=(Suspension(paris("2026-03-10T17:00"), None),))
        assert frozen_since(EIGHT_HOURS, facts) is not None
        assert state_of(EIGHT_HOURS, facts, START + timedelta(days=1)) is ClockState.RUNNING

    def test_open_does_not_save_a_clock_that_was_late_already(self) -> None:
        facts = ClockFacts(START, suspensions=(Suspension(paris("2026-03-10T17:01"), None),))
        assert frozen_since(EIGHT_HOURS, facts) is None
        assert state_of(EIGHT_HOURS, facts, START + timedelta(days=1)) is ClockState.OVERDUE

    @pytest.mark.parametrize("ended", ["stopped_at", "to_verify_at", "cancelled_at"])
    def test_open_freezes_nothing_once_the_clock_ended(self, ended: str) -> None:
        facts = ClockFacts(START, suspensions=(Suspension(START, None),), **{ended: START})
        assert frozen_since(EIGHT_HOURS, facts) is None

    def test_a_clock_whose_start_is_not_known_is_not_frozen(self) -> None:
        assert frozen_since(EIGHT_HOURS, ClockFacts(None, suspensions=(Suspension(START, None),))) is None

    @thorough
    @given(
        st.data(), starts(), st.integers(1, 900), all_hours(), st.sampled_from([Unit.ELAPSED, Unit.WORKING])
    )
    def test_is_what_a_naive_stopwatch_says(
        self, data: st.DataObject, start: datetime, amount: int, hours: Hours, unit: Unit
    ) -> None:
        """Minute by minute: a minute counts when it is served and not frozen."""
        stretches = data.draw(suspensions(start))
        if unit is Unit.ELAPSED:
            hours = Hours("UTC", ROUND_THE_CLOCK, ())
        given_facts = ClockFacts(start, suspensions=tuple(Suspension(*stretch) for stretch in stretches))
        due = first_due_at(reading(amount, unit, hours, suspendable=True), given_facts)
        assert due == naive.after_service_with_suspensions(start, amount, hours, stretches)


class TestCarryOver:
    def test_is_off_by_default(self) -> None:
        assert in_paris(due_at(reading(5, Unit.CALENDAR_DAYS), ClockFacts(START))) == "2026-03-15T09:00+01:00"

    def test_moves_days_and_months_to_the_next_working_day(self) -> None:
        facts = ClockFacts(START)
        days = reading(5, Unit.CALENDAR_DAYS, carry_over=True)
        months = reading(2, Unit.MONTHS, carry_over=True)
        assert in_paris(due_at(days, facts)) == "2026-03-16T09:00+01:00"
        assert in_paris(due_at(months, facts)) == "2026-05-11T09:00+02:00"

    def test_never_moves_a_delay_in_hours(self) -> None:
        breach = reading(48 * 60, Unit.ELAPSED, carry_over=True)
        assert in_paris(due_at(breach, ClockFacts(paris("2026-03-13T09:00")))) == "2026-03-15T09:00+01:00"


class TestWhatScreensShow:
    def test_remaining_counts_service_minutes_of_a_working_clock(self) -> None:
        facts = ClockFacts(paris("2026-03-13T16:30"))
        assert remaining(EIGHT_HOURS, facts, paris("2026-03-14T12:00")) == 450
        assert remaining(SIX_DAYS, facts, paris("2026-03-14T16:30")) == 5 * 1440

    def test_remaining_stops_at_zero_and_the_overrun_begins(self) -> None:
        facts = ClockFacts(START)
        late = paris("2026-03-10T09:25")
        assert (remaining(TAKE_UP, facts, late), overrun(TAKE_UP, facts, late)) == (0, 10)

    def test_overrun_of_a_stopped_clock_is_final(self) -> None:
        facts = ClockFacts(START, stopped_at=paris("2026-03-10T09:20"))
        assert overrun(TAKE_UP, facts, paris("2026-12-25T00:00")) == 5

    def test_nothing_is_shown_of_a_clock_without_start(self) -> None:
        facts = ClockFacts(None)
        assert remaining(TAKE_UP, facts, START) is None
        assert overrun(TAKE_UP, facts, START) is None
        assert share_used(TAKE_UP, facts, START) is None

    def test_the_bar_fills_with_service_time(self) -> None:
        facts = ClockFacts(START)
        times = [
            "2026-03-10T08:00",
            "2026-03-10T09:00",
            "2026-03-10T11:00",
            "2026-03-10T17:00",
            "2026-03-11T00:00",
        ]
        assert [share_used(EIGHT_HOURS, facts, paris(now)) for now in times] == [0.0, 0.0, 0.25, 1.0, 1.0]

    def test_the_bar_stands_still_while_suspended_and_goes_on_from_there(self) -> None:
        start = paris("2026-03-10T13:00")
        waiting = ClockFacts(start, suspensions=(Suspension(paris("2026-03-10T15:00"), None),))
        resumed = ClockFacts(start, suspensions=(closed("2026-03-10T15:00", "2026-03-11T10:00"),))
        assert share_used(EIGHT_HOURS, waiting, paris("2026-03-11T10:00")) == 0.25
        assert share_used(EIGHT_HOURS, resumed, paris("2026-03-11T10:00")) == 0.25

    def test_the_bar_is_full_when_no_service_is_left_before_an_agreed_date(self) -> None:
        planned = reading(480, Unit.WORKING, plannable=True)
        saturday = paris("2026-03-14T09:00")
        facts = ClockFacts(saturday, agreements=(Agreement(paris("2026-03-15T09:00"), saturday),))
        assert share_used(planned, facts, saturday) == 1.0

    @thorough
    @given(st.data(), starts(), st.integers(1, 900), all_hours(), st.integers(0, 9000), st.sampled_from(Unit))
    def test_the_bar_is_a_share_and_only_grows(
        self, data: st.DataObject, start: datetime, amount: int, hours: Hours, minutes: int, unit: Unit
    ) -> None:
        a_reading = reading(amount if unit.in_minutes else amount % 9 + 1, unit, hours, suspendable=True)
        stretches = data.draw(suspensions(start))
        facts = ClockFacts(start, suspensions=tuple(Suspension(*stretch) for stretch in stretches))
        over = max(end for _, end in stretches)
        shares = [share_used(a_reading, facts, over + n * minutes * MINUTE) for n in range(3)]
        assert shares == sorted(shares)
        assert all(0 <= share <= 1 for share in shares if share is not None)


@thorough
@given(starts(), st.integers(1, 900), all_hours(), st.integers(-2000, 2000), st.sampled_from(Unit))
def test_a_due_time_is_a_function_of_the_facts_alone(
    start: datetime, amount: int, hours: Hours, later: int, unit: Unit
) -> None:
    """Seconds and zones of what was typed make no difference, nor does asking twice."""
    a_reading = reading(amount if unit.in_minutes else amount % 9 + 1, unit, hours)
    facts = ClockFacts(start)
    same = ClockFacts(start.astimezone(hours.timezone) + timedelta(seconds=59))
    due = due_at(a_reading, facts)
    assert due is not None
    assert due == due_at(a_reading, same) == add_delay(start, a_reading.delay, hours)
    assert due.tzinfo is UTC
    now = due + later * MINUTE
    expected = ClockState.OVERDUE if later > 0 else ClockState.RUNNING
    assert state(facts, due, now) is expected
    assert remaining(a_reading, facts, now) == time_between(
        now, due, Unit.WORKING if unit is Unit.WORKING else Unit.ELAPSED, hours
    )


def test_a_second_date_agreed_too_late_leaves_the_first_in_force() -> None:
    six_days = reading(6, Unit.CALENDAR_DAYS, plannable=True)
    in_time = Agreement(paris("2026-04-02T18:00"), paris("2026-03-12T09:00"))
    too_late = Agreement(paris("2026-05-04T18:00"), paris("2026-04-01T09:00"))
    facts = ClockFacts(START, agreements=(in_time, too_late))
    assert due_at(six_days, facts) == paris("2026-04-02T18:00")
    sooner = Agreement(paris("2026-03-31T18:00"), paris("2026-03-13T09:00"))
    assert due_at(six_days, ClockFacts(START, agreements=(in_time, sooner))) == paris("2026-03-31T18:00")


class TestSuspensionAndStop:
    START = paris("2026-03-10T13:00")
    SUSPENDABLE = reading(480, Unit.WORKING, suspendable=True)

    def test_a_clock_stopped_while_it_was_frozen_is_in_time(self) -> None:
        waiting = (Suspension(paris("2026-03-10T15:00"), None),)
        facts = ClockFacts(self.START, stopped_at=paris("2026-03-12T10:00"), suspensions=waiting)
        due = due_at(self.SUSPENDABLE, facts)
        assert in_paris(due) == "2026-03-12T16:00+01:00", "two hours, then eleven frozen, then the six left"
        assert state(facts, due, paris("2026-03-20T09:00")) is ClockState.MET

    def test_what_is_frozen_after_the_stop_adds_nothing(self) -> None:
        answered_late = (closed("2026-03-10T15:00", "2026-04-10T10:00"),)
        facts = ClockFacts(self.START, stopped_at=paris("2026-03-10T16:00"), suspensions=answered_late)
        assert in_paris(due_at(self.SUSPENDABLE, facts)) == "2026-03-11T14:00+01:00"


def test_the_latest_agreement_rules_in_whatever_order_they_are_typed() -> None:
    six_days = reading(6, Unit.CALENDAR_DAYS, plannable=True)
    former = Agreement(paris("2026-03-20T18:00"), paris("2026-03-11T09:00"))
    latter = Agreement(paris("2026-04-02T18:00"), paris("2026-03-12T09:00"))
    assert due_at(six_days, ClockFacts(START, agreements=(latter, former))) == latter.due_at
