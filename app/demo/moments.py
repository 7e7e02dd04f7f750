"""Drawing moments as an office lives them: weekdays mostly, mornings more than evenings, holidays hardly ever."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from app.deadlines.calendar import Hours, french_holidays, parse_week
from app.deadlines.delays import Delay, Unit, add_delay

DAY = timedelta(days=1)
OFFICE = parse_week("lun-jeu 08:30-12:15,13:30-17:45; ven 08:30-12:15,13:30-16:45")
# How many tickets a day brings, beside a Tuesday; and a month, beside an ordinary one.
_WEEKDAYS = (1.25, 1.0, 0.95, 1.05, 0.8, 0.05, 0.03)
_HOLIDAY = 0.03
_MONTHS = {1: 1.25, 2: 1.1, 7: 0.75, 8: 0.5, 9: 1.2, 12: 0.85}


def office_hours(zone: str, years: range) -> Hours:
    """When the people of the demonstration are at work."""
    return Hours(zone, OFFICE, tuple(sorted(french_holidays("metropole", years))))


class Agenda:
    """Draws moments, aware, in UTC, truncated to the minute."""

    def __init__(self, rng: Random, hours: Hours) -> None:
        self._rng = rng
        self._hours = hours

    def wall(self, moment: datetime) -> datetime:
        """What the clock on the wall shows."""
        return self._hours.local(moment)

    def soon(self, moment: datetime, low: int, high: int) -> datetime:
        """`low` to `high` real minutes later, rather sooner than later."""
        return moment + timedelta(minutes=self._minutes(low, high))

    def later(self, moment: datetime, low: int, high: int) -> datetime:
        """The same in minutes of office time."""
        return add_delay(moment, Delay(max(self._minutes(low, high), 1), Unit.WORKING), self._hours)

    def days_later(self, moment: datetime, low: int, high: int) -> datetime:
        """Some working days later, at another hour."""
        days = self._rng.randint(low, high)
        day = add_delay(moment, Delay(days, Unit.WORKING_DAYS), self._hours) if days else moment
        return self.later(day, 5, 200)

    def noted(self, moment: datetime) -> datetime:
        """When somebody at the desk sees what happened then: at once, or after the next opening."""
        opens, closes = self._next_service(moment)
        return moment if opens <= moment < closes else self.soon(opens, 2, 40)

    def at_work(self, before: datetime) -> datetime:
        """A moment of office time on the last working day that ended before that moment."""
        day = self._hours.day_of(before) - DAY
        while not self._hours.service_on(day):
            day -= DAY
        return self.soon(self._hours.service_on(day)[0][0], 20, 150)

    def same_hour(self, moment: datetime, days: int) -> datetime:
        """Some working days later, at the hour of `moment`."""
        return add_delay(moment, Delay(days, Unit.WORKING_DAYS), self._hours)

    def afternoon(self, moment: datetime, rank: int) -> datetime:
        """On that day, or the working day before: 17:00 less twelve minutes for each unit of `rank`."""
        day = self._hours.day_of(moment)
        while not self._hours.is_working_day(day):
            day -= DAY
        minutes = 17 * 60 - 12 * rank
        return self._hours.instant(day, time(minutes // 60, minutes % 60))

    def weekday_before(self, moment: datetime, weekday: int, wall: time) -> datetime:
        """That time of the day on the last such weekday, no holiday, that is not after the day of `moment`."""
        day = self._hours.day_of(moment)
        while day.weekday() != weekday or self._hours.is_holiday(day):
            day -= DAY
        return self._hours.instant(day, wall)

    def filings(self, count: int, start: datetime, end: datetime) -> list[datetime]:
        """`count` moments at which people report something, in order, from `start` to `end`."""
        days = self._days(start, end)
        moments: list[datetime] = []
        while len(moments) < count:
            drawn = self._rng.choices(days, [self._weight(day) for day in days], k=count)
            called = (self._hours.instant(day, self._hour(day)) for day in drawn)
            moments += [moment for moment in called if start <= moment <= end]
        return sorted(moments[:count])

    def _minutes(self, low: int, high: int) -> int:
        return round(low + (high - low) * self._rng.betavariate(1.2, 3.0))

    def _next_service(self, moment: datetime) -> tuple[datetime, datetime]:
        day = self._hours.day_of(moment)
        while True:
            for opens, closes in self._hours.service_on(day):
                if moment < closes:
                    return opens, closes
            day += DAY

    def _days(self, start: datetime, end: datetime) -> list[date]:
        first, last = self._hours.day_of(start), self._hours.day_of(end)
        return [first + number * DAY for number in range((last - first).days + 1)]

    def _weight(self, day: date) -> float:
        by_day = _HOLIDAY if self._hours.is_holiday(day) else _WEEKDAYS[day.weekday()]
        return by_day * _MONTHS.get(day.month, 1.0)

    def _hour(self, day: date) -> time:
        if not self._hours.is_working_day(day):
            opens, closes = 9 * 60, 21 * 60
        else:
            opens, closes = self._rng.choices(
                ((8 * 60 + 15, 12 * 60 + 15), (13 * 60 + 30, 17 * 60 + 50), (18 * 60, 22 * 60)), (55, 41, 4)
            )[0]
        minute = int(opens + (closes - opens) * self._rng.betavariate(1.6, 2.0))
        return time(minute // 60, minute % 60)
