"""Whom an alert wakes, and when: decided from facts alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from app.deadlines.calendar import parse_week
from app.deadlines.thresholds import DUE
from app.partners.opening import ClosedDays
from app.tickets.alert_rules import Crew, digest_is_due, is_urgent, may_leave, recipients, tell_at
from tests.tickets.stories import at

ANNE, BRUNO, CLAIRE, CHEF, ADJOINT = 1, 2, 3, 10, 11
TEAM = frozenset({ANNE, BRUNO, CLAIRE})
BRIDGE = (date(2026, 5, 15), date(2026, 5, 15), "Pont")
OFFICE = ClosedDays("Europe/Paris", parse_week("lun-ven 09:00-17:00"), "metropole", True, (BRIDGE,))


def crew(assignee: int | None = ANNE) -> Crew:
    return Crew(assignee, TEAM, frozenset({CHEF}), TEAM | {CHEF, ADJOINT})


@pytest.mark.parametrize(
    ("threshold", "assignee", "away", "told"),
    [
        (50, ANNE, {}, {ANNE}),
        (79, ANNE, {}, {ANNE}),
        (80, ANNE, {}, TEAM),
        (DUE, ANNE, {}, TEAM | {CHEF}),
        (50, None, {}, TEAM),
        (50, ANNE, {ANNE: BRUNO}, {BRUNO}),
        (80, ANNE, {ANNE: BRUNO}, {BRUNO, CLAIRE}),
        (50, ANNE, {ANNE: None}, {BRUNO, CLAIRE}),
        (50, ANNE, {ANNE: BRUNO, BRUNO: None}, {CLAIRE}),
        (DUE, ANNE, {CHEF: ADJOINT}, TEAM | {ADJOINT}),
        (50, None, {ANNE: None, BRUNO: None, CLAIRE: None}, TEAM),
        # Someone who left, or may not read the ticket, is not told; nor is a backup who may not.
        (50, 99, {}, TEAM),
        (50, ANNE, {ANNE: 99}, {BRUNO, CLAIRE}),
    ],
)
def test_the_assignee_then_the_team_then_the_manager(
    threshold: int, assignee: int | None, away: dict[int, int | None], told: set[int]
) -> None:
    assert recipients(threshold, crew(assignee), away) == told


def test_what_counts_round_the_clock_is_told_at_once_and_so_is_what_is_restricted() -> None:
    assert is_urgent("availability", restricted=False)
    assert is_urgent("personal-data-breach", restricted=False)
    assert is_urgent("security-flaw", restricted=False)
    assert is_urgent("application", restricted=True)
    assert not is_urgent("application", restricted=False)


@pytest.mark.parametrize(
    ("now", "urgent", "when"),
    [
        ("2026-03-10 10:00", False, "2026-03-10 10:00"),
        ("2026-03-10 18:00", False, "2026-03-11 09:00"),
        ("2026-03-13 18:00", False, "2026-03-16 09:00"),
        # Ascension, the bridge that the partner decided, the week-end.
        ("2026-05-14 10:00", False, "2026-05-18 09:00"),
        ("2026-05-14 03:00", True, "2026-05-14 03:00"),
    ],
)
def test_people_are_told_while_they_work(now: str, urgent: bool, when: str) -> None:
    assert tell_at(OFFICE, at(now), urgent=urgent) == at(when)


def test_where_nobody_ever_works_nothing_waits_for_ever() -> None:
    never = ClosedDays(
        "Europe/Paris", OFFICE.week, "metropole", True, ((date(2026, 1, 1), date(2028, 1, 1), "Travaux"),)
    )
    assert tell_at(never, at("2026-03-10 10:00"), urgent=False) == at("2026-03-10 10:00")


def leaving(start: datetime, hours: int, told: list[datetime]) -> list[int]:
    """The minutes at which mails leave when there is something to tell at every minute of so many hours."""
    left = []
    for minute in range(hours * 60):
        now = start + timedelta(minutes=minute)
        if may_leave(told, OFFICE, now):
            told.append(now)
            left.append(minute)
    return left


def test_three_mails_leave_at_once_then_they_gather_what_comes() -> None:
    assert leaving(at("2026-03-13 09:00"), 1, []) == [0, 1, 2, 17, 32, 47]
    assert leaving(at("2026-03-13 18:00"), 12, []) == [0, 1, 2, 32, 92, 212, 452]


def test_a_whole_week_end_of_alerts_is_a_few_mails_a_day() -> None:
    assert len(leaving(at("2026-03-13 18:00"), 63, [])) <= 15


def test_a_busy_day_holds_up_nothing_of_the_night_nor_a_former_outage_a_new_one() -> None:
    day: list[datetime] = []
    leaving(at("2026-03-13 09:00"), 8, day)
    assert leaving(at("2026-03-13 17:30"), 1, day)[:3] == [0, 1, 2]
    assert leaving(at("2026-03-15 11:00"), 1, day)[:3] == [0, 1, 2]


@pytest.mark.parametrize(
    ("wall", "due"),
    [
        ("2026-03-10 07:59", False),
        ("2026-03-10 08:00", True),
        ("2026-03-10 11:59", True),
        ("2026-03-10 12:00", False),
        ("2026-03-14 08:00", False),
        ("2026-05-14 08:00", False),
        ("2026-05-15 08:00", False),
    ],
)
def test_the_digest_leaves_on_the_mornings_of_days_of_work(wall: str, due: bool) -> None:
    assert digest_is_due(OFFICE, at(wall)) is due
