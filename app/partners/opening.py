"""When the partner's people work: its service hours, less public holidays, less its own days of closure.

Pure. This is for people (« la permanence rouvre lundi à 9 h »); no clock is measured with it, since a closure of the
partner never moves what France Travail owes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.deadlines.calendar import DAY, Hours, Week, french_holidays

LOOKED_AHEAD = timedelta(days=400)


@dataclass(frozen=True)
class ClosedDays:
    """What tells the working hours: IANA zone, week, zone of holidays, and closures (first, last, why)."""

    zone: str
    week: Week
    holiday_zone: str
    good_friday: bool
    closures: tuple[tuple[date, date, str], ...]

    def closure_on(self, day: date) -> str | None:
        """Why the partner is closed that day, if it is by its own decision."""
        return next((why for first, last, why in self.closures if first <= day <= last), None)

    def holidays(self, years: range) -> dict[date, str]:
        """Public holidays of those years, with their names."""
        return french_holidays(self.holiday_zone, years, good_friday=self.good_friday)


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether people work at an instant; `until` is when that ends, None when nothing says so within a year.

    `because` is the holiday or the closure of that day, if there is one.
    """

    is_open: bool
    until: datetime | None
    because: str | None = None


def opening(days: ClosedDays, moment: datetime) -> Opening:
    """What to tell at `moment` (aware); `until` is in UTC."""
    named, hours = _hours(days, moment.year)
    today = hours.day_of(moment)
    for start, end in _service(hours, days, today, 1):
        if start <= moment < end:
            return Opening(True, end)
    coming = (start for start, _ in _service(hours, days, today, LOOKED_AHEAD.days) if start > moment)
    return Opening(False, next(coming, None), days.closure_on(today) or named.get(today))


def works_on(days: ClosedDays, day: date) -> bool:
    """Whether the partner's people work at any time of that day."""
    _, hours = _hours(days, day.year)
    return any(_service(hours, days, day, 1))


def next_day_of_work(days: ClosedDays, day: date) -> date | None:
    """The first day after `day` on which they work; None when nothing says so within a year."""
    _, hours = _hours(days, day.year)
    coming = (day + number * DAY for number in range(1, LOOKED_AHEAD.days))
    return next((after for after in coming if any(_service(hours, days, after, 1))), None)


def _hours(days: ClosedDays, year: int) -> tuple[dict[date, str], Hours]:
    """The holidays around that year, by day, and the hours that leave them out."""
    named = days.holidays(range(year - 1, year + 3))
    return named, Hours(days.zone, days.week, tuple(sorted(named)))


def _service(hours: Hours, days: ClosedDays, first: date, length: int) -> Iterator[tuple[datetime, datetime]]:
    """The stretches of service of `length` days from `first`, those of closure left out."""
    for number in range(length):
        day = first + number * DAY
        if days.closure_on(day) is None:
            yield from hours.service_on(day)
