"""The instants at which a clock wakes somebody, measured in its own unit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.deadlines.alerting import alert_times, latest_reached, next_alert
from app.deadlines.calendar import Hours
from app.deadlines.clocks import Agreement, ClockFacts, Suspension, due_at, share_used
from app.deadlines.delays import Unit
from app.deadlines.reading import Reading
from app.deadlines.thresholds import DUE
from tests.deadlines.material import all_hours, in_paris, paris, reading, starts, suspensions, thorough

MINUTE = timedelta(minutes=1)


def times(of: Reading, start: str, **facts: object) -> list[str]:
    told = alert_times(of, ClockFacts(paris(start), **facts))  # type: ignore[arg-type]
    assert [share for share, _ in told] == list(of.alerts)
    return [in_paris(moment)[:16] for _, moment in told]


@pytest.mark.parametrize(
    ("kept", "start", "expected"),
    [
        # A quarter of an hour: seven minutes and a half are more than half at the eighth.
        (reading(15, Unit.ELAPSED), "2026-03-10T09:00", ["2026-03-10T09:08", "2026-03-10T09:12", "2026-03-10T09:16"]),
        # Eight hours of service from the afternoon: four of them end the next morning, nobody counts the night.
        (reading(480, Unit.WORKING), "2026-03-10T15:00", ["2026-03-11T11:00", "2026-03-11T13:24", "2026-03-11T15:01"]),
        # On a Friday evening nothing has been used before Monday morning.
        (reading(480, Unit.WORKING), "2026-03-13T18:00", ["2026-03-16T13:00", "2026-03-16T15:24", "2026-03-16T17:01"]),
        (reading(6, Unit.CALENDAR_DAYS), "2026-03-10T10:00", ["2026-03-13T10:00", "2026-03-15T05:12", "2026-03-16T10:01"]),
        # Half of six working days is the third of them, whatever week-end lies between.
        (reading(6, Unit.WORKING_DAYS), "2026-03-12T10:00", ["2026-03-17T10:00", "2026-03-19T05:12", "2026-03-20T10:01"]),
        # Saturday is the fourth of five business days.
        (reading(5, Unit.BUSINESS_DAYS), "2026-03-10T10:00", ["2026-03-12T22:00", "2026-03-14T10:00", "2026-03-16T10:01"]),
        # The day when the clocks go forward still is a whole day of the calendar.
        (reading(2, Unit.CALENDAR_DAYS), "2026-03-28T10:00", ["2026-03-29T10:00", "2026-03-30T00:24", "2026-03-30T10:01"]),
        # A month of 31 days.
        (reading(1, Unit.MONTHS), "2026-03-10T10:00", ["2026-03-25T22:00", "2026-04-04T05:12", "2026-04-10T10:01"]),
    ],
)  # fmt: skip
def test_a_share_is_measured_in_the_unit_of_the_clock(kept: Reading, start: str, expected: list[str]) -> None:
    assert times(kept, start) == expected


def test_nothing_is_known_of_a_clock_whose_start_is_not() -> None:
    assert alert_times(reading(15, Unit.ELAPSED), ClockFacts(None)) == ()


def test_a_date_agreed_in_time_stretches_the_shares() -> None:
    planned = reading(6, Unit.CALENDAR_DAYS, plannable=True)
    agreed = (Agreement(paris("2026-03-20T10:00"), paris("2026-03-11T10:00")),)
    assert times(planned, "2026-03-10T10:00", agreements=agreed) == [
        "2026-03-15T10:00", "2026-03-18T10:00", "2026-03-20T10:01",
    ]  # fmt: skip


def test_suspended_time_is_not_time() -> None:
    kept = reading(600, Unit.ELAPSED, suspendable=True)
    waiting = (
        Suspension(paris("2026-03-10T11:00"), paris("2026-03-10T13:00")),
        Suspension(paris("2026-03-10T18:00"), paris("2026-03-10T19:00")),
    )
    # Five hours of ten without the two that France Travail waited, eight of ten without all three.
    expected = ["2026-03-10T16:00", "2026-03-10T20:00", "2026-03-10T22:01"]
    assert times(kept, "2026-03-10T09:00", suspensions=waiting) == expected
    unmoved = ["2026-03-10T14:00", "2026-03-10T17:00", "2026-03-10T19:01"]
    assert times(replace(kept, suspendable=False), "2026-03-10T09:00", suspensions=waiting) == unmoved


def test_the_next_one_follows_the_furthest_told_and_a_long_stop_tells_only_the_last() -> None:
    kept = reading(15, Unit.ELAPSED)
    told = alert_times(kept, ClockFacts(paris("2026-03-10T09:00")))
    (_, first), (_, second), (_, third) = told
    assert [next_alert(told, alerted) for alerted in (0, 50, 80, DUE)] == [first, second, third, None]
    assert latest_reached(told, 0, first - MINUTE) is None
    assert latest_reached(told, 0, first) == (50, first)
    assert latest_reached(told, 0, third + 600 * MINUTE) == (DUE, third)
    assert latest_reached(told, DUE, third) is None


def test_a_commitment_may_warn_earlier_or_never() -> None:
    early = reading(48 * 60, Unit.ELAPSED, owed_by="partner", alerts=(25, DUE))
    assert times(early, "2026-03-10T09:00") == ["2026-03-10T21:00", "2026-03-12T09:01"]
    assert times(replace(early, alerts=()), "2026-03-10T09:00") == []


@thorough
@given(st.data(), all_hours(), starts(), st.sampled_from([Unit.ELAPSED, Unit.WORKING]), st.integers(1, 3000))
def test_an_alert_comes_at_the_first_minute_where_the_bar_shows_its_share(
    data: st.DataObject, hours: Hours, start: datetime, unit: Unit, amount: int
) -> None:
    kept = reading(amount, unit, hours, suspendable=True, alerts=(10, 50, 80, 99))
    stretches = data.draw(suspensions(start)) if data.draw(st.booleans()) else []
    facts = ClockFacts(start, suspensions=tuple(Suspension(begin, end) for begin, end in stretches))
    due = due_at(kept, facts)
    assert due is not None
    for share, moment in alert_times(kept, facts):
        if any(end >= moment for _, end in stretches):
            continue  # the bar of that minute knew nothing of what was still to be suspended
        used, before = share_used(kept, facts, moment), share_used(kept, facts, moment - MINUTE)
        assert used is not None
        assert used >= share / 100 - 1e-9
        assert before is not None
        assert before < share / 100 + 1e-9 or moment == due


@thorough
@given(
    all_hours(), starts(), st.sampled_from(Unit), st.integers(1, 40), st.sets(st.integers(1, 100), min_size=1)
)
def test_they_come_in_order_between_the_start_and_the_minute_after_the_due_time(
    hours: Hours, start: datetime, unit: Unit, amount: int, shares: set[int]
) -> None:
    kept = reading(amount, unit, hours, alerts=tuple(sorted(shares)))
    facts = ClockFacts(start)
    due = due_at(kept, facts)
    assert due is not None
    moments = [moment for _, moment in alert_times(kept, facts)]
    assert moments == sorted(moments)
    assert start <= moments[0]
    assert moments[-1] <= due + MINUTE
    assert all(moment.tzinfo is UTC for moment in moments)
