"""The same reckoning done the slow way, which anyone can check by eye: minute by minute, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from app.deadlines.calendar import Hours

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def is_served(minute: datetime, hours: Hours) -> bool:
    """Whether the service is open during that minute, as a person reads it on the wall clock."""
    wall = minute.astimezone(ZoneInfo(hours.zone))
    shown = wall.hour * 60 + wall.minute
    return wall.date() not in hours.holidays and any(
        window.start <= shown < window.end for window in hours.week[wall.weekday()]
    )


def after_service(start: datetime, minutes: int, hours: Hours) -> datetime:
    minute = start
    while minutes:
        minutes -= is_served(minute, hours)
        minute += MINUTE
    return minute


def service_between(start: datetime, end: datetime, hours: Hours) -> int:
    return sum(is_served(start + n * MINUTE, hours) for n in range((end - start) // MINUTE))


def after_service_with_suspensions(
    start: datetime, minutes: int, hours: Hours, suspensions: Sequence[tuple[datetime, datetime]]
) -> datetime:
    """A clock that stands still while it is suspended, down to one that is frozen at its very last minute."""
    due = start
    for minute in (start + n * MINUTE for n in count()):
        frozen = any(begins <= minute < ends for begins, ends in suspensions)
        if not minutes and not frozen:
            return due
        if is_served(minute, hours) and (minutes or frozen):
            minutes -= not frozen
            due = minute + MINUTE
    raise AssertionError


def counts(day: date, weekdays: int, holidays: Sequence[date]) -> bool:
    """Whether `day` is one of the first `weekdays` of its week and no holiday; all days count when all seven do."""
    return weekdays == 7 or (day.weekday() < weekdays and day not in holidays)


def day_after(day: date, days: int, weekdays: int, holidays: Sequence[date]) -> date:
    while days:
        day += DAY
        days -= counts(day, weekdays, holidays)
    return day


def first_minute_at(day: date, wall: time, zone: str) -> datetime:
    """The first minute at which the wall clock shows that time; pushed forward by the gap that swallows it."""
    wanted = datetime.combine(day, wall)
    minute = datetime.combine(day - DAY, time(12), ZoneInfo("UTC"))
    before = minute.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    while True:
        shown = minute.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        if shown >= wanted:
            return minute if shown == wanted else minute + (wanted - (before + MINUTE))
        before, minute = shown, minute + MINUTE
