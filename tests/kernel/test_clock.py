"""The only reader of the time, and the clock of the tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.kernel.clock import FrozenClock, SystemClock, require_aware, to_minute


def test_the_system_clock_is_aware_and_goes_on() -> None:
    clock = SystemClock()
    first = clock.now()
    assert first.utcoffset() == timedelta()
    assert clock.now() >= first


def test_a_frozen_clock_moves_when_told() -> None:
    clock = FrozenClock(datetime.fromisoformat("2026-03-10T09:00:00+01:00"))
    assert clock.now() == datetime(2026, 3, 10, 8, tzinfo=UTC)
    clock.advance(timedelta(minutes=5))
    assert clock.now().minute == 5


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        require_aware(datetime(2026, 3, 10, 9))  # noqa: DTZ001
    with pytest.raises(ValueError, match="naive"):
        to_minute(datetime(2026, 3, 10, 9))  # noqa: DTZ001
