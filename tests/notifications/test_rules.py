"""When a mail is tried again, and when it no longer is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from app.notifications.rules import forgotten_before, next_attempt, too_old_before

NOW = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "minutes"), [(1, 1), (2, 4), (3, 16), (4, 64), (5, 256), (6, 360), (99, 360)]
)
def test_each_failure_waits_longer_up_to_six_hours(failures: int, minutes: int) -> None:
    assert next_attempt(failures, NOW) - NOW == timedelta(minutes=minutes)


def test_the_wait_never_shrinks() -> None:
    waits = [next_attempt(failures, NOW) for failures in range(1, 40)]
    assert all(shorter <= longer for shorter, longer in pairwise(waits))


def test_a_mail_is_given_up_after_a_week_and_forgotten_after_ninety_days() -> None:
    assert NOW - too_old_before(NOW) == timedelta(days=7)
    assert NOW - forgotten_before(NOW) == timedelta(days=90)
