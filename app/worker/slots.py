"""When a job is due: the last slot that has come. A slot is run once, whichever worker gets there first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = ((3600, "heure"), (60, "minute"), (1, "seconde"))


class Schedule(Protocol):
    @property
    def look_every(self) -> timedelta:
        """How often a worker looks whether a new slot has come."""
        ...

    @property
    def words(self) -> str:
        """When it runs, in French: « toutes les 30 secondes », « chaque jour à 2 h 00 »."""
        ...

    def slot(self, now: datetime) -> datetime:
        """The last slot that is not after `now`, in UTC."""
        ...


@dataclass(frozen=True)
class Every:
    """A slot at each whole multiple of `period` since 1970, the same on every machine."""

    period: timedelta

    @property
    def look_every(self) -> timedelta:
        return self.period

    @property
    def words(self) -> str:
        seconds = int(self.period.total_seconds())
        length, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
        count = seconds // length
        return f"toutes les {unit}s" if count == 1 else f"toutes les {count}\u00a0{unit}s"

    def slot(self, now: datetime) -> datetime:
        return EPOCH + (now - EPOCH) // self.period * self.period


@dataclass(frozen=True)
class Daily:
    """A slot a day, at a time on the wall of `zone`.

    A worker that was stopped at that time makes up for the last day when it starts again. A time that the
    spring night skips moves forward with the gap; one that the autumn night gives twice is the first.
    """

    at: time
    zone: ZoneInfo

    @property
    def look_every(self) -> timedelta:
        return timedelta(minutes=1)

    @property
    def words(self) -> str:
        return f"chaque jour à {self.at.hour}\u00a0h\u00a0{self.at:%M}"

    def slot(self, now: datetime) -> datetime:
        today = now.astimezone(self.zone).date()
        slots = (self._on(today), self._on(today - timedelta(days=1)))
        return next(slot for slot in slots if slot <= now)

    def _on(self, day: date) -> datetime:
        return datetime.combine(day, self.at, self.zone).astimezone(UTC)
