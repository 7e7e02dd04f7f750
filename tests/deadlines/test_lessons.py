"""What other desks learned the hard way about clocks: each lesson holds here."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta
from unittest import mock

import holidays

from app.deadlines.calendar import Hours, parse_week
from app.deadlines.clocks import (
    ClockFacts,
    ClockState,
    Suspension,
    due_at,
    frozen_since,
    remaining,
    state,
)
from app.deadlines.delays import Unit
from app.deadlines.explain import explain
from app.deadlines.reading import Reading
from tests.deadlines.material import OFFICE, in_paris, paris, reading


def test_a_day_is_not_86_400_seconds() -> None:
    """Days are local dates and instants are UTC: twice a year, 86,400 seconds a day are an hour wrong."""
    six_days = reading(6, Unit.CALENDAR_DAYS)
    spring, autumn = paris("2026-03-27T10:00"), paris("2026-10-23T10:00")
    assert in_paris(due_at(six_days, ClockFacts(spring))) == "2026-04-02T10:00+02:00"
    assert in_paris(due_at(six_days, ClockFacts(autumn))) == "2026-10-29T10:00+01:00"
    real = due_at(six_days, ClockFacts(autumn))
    assert real is not None
    assert real - autumn == timedelta(seconds=6 * 86_400 + 3_600)


def test_eight_working_hours_are_not_a_day_later() -> None:
    """A « day of 8 working hours » reported at opening time ends the same day, not the next morning."""
    assert in_paris(due_at(reading(480, Unit.WORKING), ClockFacts(paris("2026-03-10T09:00")))) == (
        "2026-03-10T17:00+01:00"
    )


def test_one_clock_for_each_commitment() -> None:
    """The take-up and the return of one incident start together and live apart."""
    start = paris("2026-03-10T09:00")
    taken_up, not_yet = ClockFacts(start, stopped_at=paris("2026-03-10T09:10")), ClockFacts(start)
    now = paris("2026-03-10T17:01")
    assert state(taken_up, due_at(reading(15, Unit.ELAPSED), taken_up), now) is ClockState.MET
    assert state(not_yet, due_at(reading(480, Unit.WORKING), not_yet), now) is ClockState.OVERDUE


def test_a_due_time_is_only_a_cache_of_the_facts() -> None:
    """Correct a fact, and the due time follows; put it back, and the first one is there again."""
    eight_hours = reading(480, Unit.WORKING)
    typed, corrected = ClockFacts(paris("2026-03-10T09:00")), ClockFacts(paris("2026-03-09T16:00"))
    assert in_paris(due_at(eight_hours, corrected)) == "2026-03-10T16:00+01:00"
    assert due_at(eight_hours, dataclasses.replace(corrected, started_at=typed.started_at)) == due_at(
        eight_hours, typed
    )


def test_a_paused_clock_is_visibly_paused() -> None:
    """Neither late nor running down: frozen at what was left, and the explanation says since when."""
    pausable = reading(480, Unit.WORKING, suspendable=True)
    facts = ClockFacts(paris("2026-03-10T09:00"), suspensions=(Suspension(paris("2026-03-10T12:00"), None),))
    much_later = paris("2026-04-10T12:00")
    assert frozen_since(pausable, facts) is not None
    assert remaining(pausable, facts, much_later) == 300
    assert state(facts, due_at(pausable, facts), much_later) is ClockState.RUNNING
    assert any(
        step.text.startswith("Suspendue depuis le 10/03/2026 à 12 h 00") for step in explain(pausable, facts)
    )


def test_changing_a_calendar_never_rewrites_what_was_reported() -> None:
    """A stored reading keeps its windows when the settings change."""
    start = ClockFacts(paris("2026-04-30T16:00"))
    stored = json.dumps(reading(480, Unit.WORKING).to_json())
    reported = due_at(Reading.from_json(json.loads(stored)), start)
    new_settings = Hours("Europe/Paris", parse_week("lun-sam 08:00-20:00"), OFFICE.holidays[:3])
    assert due_at(reading(480, Unit.WORKING, new_settings), start) != reported
    assert due_at(Reading.from_json(json.loads(stored)), start) == reported


def test_a_newer_library_never_rewrites_what_was_reported() -> None:
    """The holidays are inside the reading: reckoning with it asks the library nothing."""
    eight_hours, start = reading(480, Unit.WORKING), ClockFacts(paris("2026-04-30T16:00"))
    with mock.patch.object(holidays, "country_holidays", side_effect=AssertionError):
        assert in_paris(due_at(eight_hours, start)) == "2026-05-04T16:00+02:00"


def test_every_deadline_is_explained() -> None:
    for unit in Unit:
        a_reading = reading(5, unit)
        facts = ClockFacts(paris("2026-03-10T09:00"))
        steps = explain(a_reading, facts)
        assert steps[0].at == facts.started_at
        assert steps[-1].at == due_at(a_reading, facts)
        assert all(step.text.endswith(".") for step in steps)
