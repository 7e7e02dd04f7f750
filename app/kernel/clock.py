"""The only place that reads the time. Everything else receives `now`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class FrozenClock:
    """A clock that moves only when told to: for tests and for the demonstration data."""

    def __init__(self, now: datetime) -> None:
        self.set(now)

    def now(self) -> datetime:
        return self._now

    def set(self, now: datetime) -> None:
        self._now = require_aware(now).astimezone(UTC)

    def advance(self, step: timedelta) -> None:
        self._now += step


def require_aware(moment: datetime) -> datetime:
    """`moment` itself; raises ValueError when it carries no time zone."""
    if moment.utcoffset() is None:
        raise ValueError(f"naive datetime: {moment!r}")
    return moment


def to_minute(moment: datetime) -> datetime:
    """`moment` in UTC, truncated to the minute (domain.md: « Times are truncated to the minute »)."""
    return require_aware(moment).astimezone(UTC).replace(second=0, microsecond=0)
