"""Delays and their units: from a start to a due time, and back to the time between two instants.

Units (domain.md): `elapsed` counts real minutes; `working` counts minutes inside service hours, so that
8 hours from 09:00 end at 17:00; days and months keep the local wall time of the start.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from app.deadlines.calendar import DAY, MINUTE, Hours
from app.kernel.clock import to_minute
from app.kernel.errors import InvalidInput


class Unit(StrEnum):
    ELAPSED = "elapsed"
    WORKING = "working"
    CALENDAR_DAYS = "calendar-days"
    WORKING_DAYS = "working-days"
    BUSINESS_DAYS = "business-days"
    MONTHS = "months"

    @property
    def in_minutes(self) -> bool:
        """Whether amounts are minutes; otherwise they are days, or months."""
        return self in (Unit.ELAPSED, Unit.WORKING)


@dataclass(frozen=True, slots=True)
class Delay:
    """`amount` minutes (elapsed, working), days or months, according to `unit`; always more than none."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.amount <= 0:
            raise ValueError(f"a delay is longer than nothing: {self.amount}")


# --- Words -----------------------------------------------------------------------------------------------

_MINUTES = re.compile(
    r"(?:(?P<hours>[0-9]{1,6})\s*(?:h|hours?|heures?))?"
    r"\s*(?:(?P<minutes>[0-9]{1,6})\s*(?:min|minutes?))?"
)
_DAYS = re.compile(r"(?P<days>[0-9]{1,6})\s*(?:days?|jours?|j)")
_MONTHS = re.compile(r"(?P<months>[0-9]{1,6})\s*(?:months?|mois)")

# No commitment is longer; what is typed beyond is a slip.
TEN_YEARS = {
    Unit.ELAPSED: 10 * 366 * 24 * 60,
    Unit.WORKING: 10 * 366 * 24 * 60,
    Unit.CALENDAR_DAYS: 3660,
    Unit.WORKING_DAYS: 3660,
    Unit.BUSINESS_DAYS: 3660,
    Unit.MONTHS: 120,
}


def parse_delay(text: str, unit: Unit) -> Delay:
    """The delay that « 15 min », « 8 h », « 1 h 30 min », « 6 days » or « 1 month » writes, in English or French.

    Raises InvalidInput (field `delay`) when the text does not fit the unit, is nothing, or exceeds ten years.
    """
    amount = _read_amount(text.strip().lower(), unit)
    if amount is None:
        raise _bad_delay(text, _EXPECTED[unit])
    if amount == 0:
        raise _bad_delay(text, "il doit être supérieur à zéro")
    if amount > TEN_YEARS[unit]:
        raise _bad_delay(text, "il ne peut pas dépasser dix ans")
    return Delay(amount, unit)


def _read_amount(text: str, unit: Unit) -> int | None:
    if unit.in_minutes:
        written = _MINUTES.fullmatch(text)
        return int(written["hours"] or 0) * 60 + int(written["minutes"] or 0) if written and text else None
    written = (_MONTHS if unit is Unit.MONTHS else _DAYS).fullmatch(text)
    return int(written[1]) if written else None


_IN_MINUTES = "il doit être donné en heures ou en minutes, par exemple « 8 h » ou « 15 min »"
_IN_DAYS = "il doit être donné en jours, par exemple « 6 jours »"
_EXPECTED = {
    Unit.ELAPSED: _IN_MINUTES,
    Unit.WORKING: _IN_MINUTES,
    Unit.CALENDAR_DAYS: _IN_DAYS,
    Unit.WORKING_DAYS: _IN_DAYS,
    Unit.BUSINESS_DAYS: _IN_DAYS,
    Unit.MONTHS: "il doit être donné en mois, par exemple « 1 mois »",
}


def _bad_delay(text: str, reason: str) -> InvalidInput:
    return InvalidInput(f"Délai « {text} » : {reason}.", field="delay")


def format_delay(delay: Delay) -> str:
    """« 15 minutes », « 8 heures ouvrées de service », « 6 jours calendaires », « 1 mois »…"""
    if not delay.unit.in_minutes:
        return _counted(delay.amount, *_DAY_WORDS[delay.unit])
    hours, minutes = divmod(delay.amount, 60)
    parts = [_counted(hours, "heure", "heures")] * bool(hours)
    parts += [_counted(minutes, "minute", "minutes")] * bool(minutes)
    words = " ".join(parts)
    if delay.unit is Unit.ELAPSED:
        return words
    return f"{words} {'ouvrées' if max(hours, minutes) > 1 or len(parts) > 1 else 'ouvrée'} de service"


_DAY_WORDS = {
    Unit.CALENDAR_DAYS: ("jour calendaire", "jours calendaires"),
    Unit.WORKING_DAYS: ("jour ouvré", "jours ouvrés"),
    Unit.BUSINESS_DAYS: ("jour ouvrable", "jours ouvrables"),
    Unit.MONTHS: ("mois", "mois"),
}


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


# --- Reckoning -------------------------------------------------------------------------------------------


def add_delay(start: datetime, delay: Delay, hours: Hours) -> datetime:
    """The UTC minute at which `delay` ends when it begins at `start` (aware, truncated to the minute)."""
    start = to_minute(start)
    if delay.unit is Unit.ELAPSED:
        return start + delay.amount * MINUTE
    if delay.unit is Unit.WORKING:
        return _after_service(start, delay.amount, hours)
    wall = hours.local(start)
    return hours.instant(_date_after(wall.date(), delay, hours), wall.time())


def _after_service(start: datetime, minutes: int, hours: Hours) -> datetime:
    """The end of the last of `minutes` minutes of service; a stop at closing time is due at closing time."""
    day, left = hours.day_of(start), minutes * MINUTE
    while True:
        for opens, closes in hours.service_on(day):
            begins = max(opens, start)
            if begins + left <= closes:
                return begins + left
            left -= max(closes - begins, timedelta())
        day += DAY


def _date_after(day: date, delay: Delay, hours: Hours) -> date:
    if delay.unit is Unit.MONTHS:
        return _months_later(day, delay.amount)
    if delay.unit is Unit.CALENDAR_DAYS:
        return day + delay.amount * DAY
    left = delay.amount
    while left:
        day += DAY
        left -= counts(day, delay.unit, hours)
    return day


def _months_later(day: date, months: int) -> date:
    """The same day of the month, or the month's last day when it is shorter (règlement 1182/71, art. 3)."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))


def counts(day: date, unit: Unit, hours: Hours) -> bool:
    """Whether `day` is one of the days that a unit of days counts; every day is, for calendar days."""
    if unit is Unit.WORKING_DAYS:
        return hours.is_working_day(day)
    if unit is Unit.BUSINESS_DAYS:
        return hours.is_business_day(day)
    return True


def time_between(start: datetime, end: datetime, unit: Unit, hours: Hours) -> int:
    """How much of `unit` lies between two aware instants; 0 when `end` is not after `start`.

    Minutes for elapsed and working; else the days of that unit after the local date of `start`, up to that
    of `end` included. Months are measured in calendar days, as a suspension needs.
    """
    start, end = to_minute(start), to_minute(end)
    if end <= start:
        return 0
    if unit is Unit.ELAPSED:
        return (end - start) // MINUTE
    first, last = hours.day_of(start), hours.day_of(end)
    if unit is Unit.WORKING:
        days = (first + n * DAY for n in range((last - first).days + 1))
        return sum(service_minutes(day, start, end, hours) for day in days)
    return sum(counts(first + n * DAY, unit, hours) for n in range(1, (last - first).days + 1))


def service_minutes(day: date, start: datetime, end: datetime, hours: Hours) -> int:
    """Minutes of service of `day` that lie between two UTC instants."""
    return sum(
        max((min(closes, end) - max(opens, start)) // MINUTE, 0) for opens, closes in hours.service_on(day)
    )


def carry_over(due: datetime, hours: Hours) -> datetime:
    """`due`, or the same wall time of the next working day when it falls on a Saturday, Sunday or holiday.

    A usage of contracts that a commitment may declare (off by default).
    """
    wall = hours.local(to_minute(due))
    day = wall.date()
    if hours.is_working_day(day):
        return to_minute(due)
    while not hours.is_working_day(day):
        day += DAY
    return hours.instant(day, wall.time())
