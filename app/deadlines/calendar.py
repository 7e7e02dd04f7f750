"""Service hours and public holidays: which days count, and which minutes of them.

`Hours` holds everything a due time needs (zone, weekly windows, the holidays themselves), so that a reading
made of it never changes when a library or a setting does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

import holidays

from app.kernel.errors import InvalidInput

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
MINUTES_A_DAY = 1440
SATURDAY = 5
# Starts that are reckoned: beyond them nobody knows the holidays, and a date is a slip of the keyboard.
YEARS = range(2000, 2100)

DAY_NAMES = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of service within a day, in minutes after local midnight; `end` may be 1440, never beyond."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= MINUTES_A_DAY:
            raise ValueError(f"window out of its day: {self.start}-{self.end}")


Week = tuple[tuple[Window, ...], ...]
Span = tuple[datetime, datetime]

OFFICE_DAY = (Window(9 * 60, 17 * 60),)
# Our reading of « 1 jour (8 heures ouvrables) », which no law defines.
DEFAULT_WEEK: Week = (*[OFFICE_DAY] * 5, (), ())


@dataclass(frozen=True)
class Hours:
    """When a service is rendered: IANA zone, windows of each weekday (Monday first), holidays in order.

    Raises ValueError for a week or holidays out of shape, InvalidInput for an unknown zone.
    """

    zone: str
    week: Week
    holidays: tuple[date, ...]

    def __post_init__(self) -> None:
        if len(self.week) != 7 or not any(self.week):
            raise ValueError("a week has seven days, and service on one of them at least")
        if any(later.start < earlier.end for day in self.week for earlier, later in pairwise(day)):
            raise ValueError("windows of a day are sorted and do not overlap")
        if any(later <= earlier for earlier, later in pairwise(self.holidays)):
            raise ValueError("holidays are sorted and named once")
        find_zone(self.zone)

    @cached_property
    def timezone(self) -> ZoneInfo:
        return find_zone(self.zone)

    @cached_property
    def _holiday_set(self) -> frozenset[date]:
        return frozenset(self.holidays)

    @cached_property
    def _service(self) -> dict[date, tuple[Span, ...]]:
        return {}

    def is_holiday(self, day: date) -> bool:
        return day in self._holiday_set

    def is_working_day(self, day: date) -> bool:
        """Jour ouvré: Monday to Friday less holidays, whatever the windows are."""
        return day.weekday() < SATURDAY and day not in self._holiday_set

    def is_business_day(self, day: date) -> bool:
        """Jour ouvrable: Monday to Saturday less holidays."""
        return day.weekday() <= SATURDAY and day not in self._holiday_set

    def local(self, moment: datetime) -> datetime:
        """`moment` (aware) on the wall clock of the zone."""
        return moment.astimezone(self.timezone)

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.timezone).date()

    def instant(self, day: date, wall: time) -> datetime:
        """The UTC instant at which the wall clock shows `wall` on `day`.

        A time that does not exist that night moves forward with the gap (02:30 → 03:30); one that exists
        twice is the first. Both are what fold=0 means to zoneinfo (PEP 495).
        """
        return datetime.combine(day, wall.replace(fold=0), self.timezone).astimezone(UTC)

    def windows_on(self, day: date) -> tuple[Window, ...]:
        return () if day in self._holiday_set else self.week[day.weekday()]

    def service_on(self, day: date) -> tuple[Span, ...]:
        """The UTC stretches (start, end) of `day` during which the wall clock shows service hours."""
        spans = self._service.get(day)
        if spans is None:
            spans = self._service[day] = tuple(self._reckon_service(day))
        return spans

    def _reckon_service(self, day: date) -> Iterator[Span]:
        windows = self.windows_on(day)
        midnight, next_midnight = self.bounds(day)
        if next_midnight - midnight == DAY:
            for window in windows:
                yield midnight + window.start * MINUTE, midnight + window.end * MINUTE
            return
        # The clocks change on this day: look at the wall minute by minute.
        minutes = [midnight + n * MINUTE for n in range((next_midnight - midnight) // MINUTE)]
        for open_now, run in groupby(minutes, key=lambda minute: self._is_open(minute, windows)):
            if open_now:
                stretch = list(run)
                yield stretch[0], stretch[-1] + MINUTE

    def bounds(self, day: date) -> Span:
        """The UTC instants at which `day` begins and ends in the zone (23, 24 or 25 hours apart)."""
        return self.instant(day, time.min), self.instant(day + DAY, time.min)

    def _is_open(self, minute: datetime, windows: tuple[Window, ...]) -> bool:
        wall = self.local(minute)
        shown = wall.hour * 60 + wall.minute
        return any(window.start <= shown < window.end for window in windows)


def find_zone(name: str) -> ZoneInfo:
    """The IANA zone of that name; raises InvalidInput (field `zone`) when there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as missing:
        raise InvalidInput(
            f"Fuseau horaire inconnu : « {name} ». Exemple : « Europe/Paris ».", field="zone"
        ) from missing


# --- The week as settings text: « lun-ven 09:00-12:00,13:30-17:30; sam 09:00-12:00 » --------------------

_ENTRY = re.compile(r"(?P<days>[^0-9]+?)\s*(?P<windows>[0-9].*)", re.DOTALL)
_CLOCK_TIME = re.compile(r"(?P<hour>[0-9]{1,2})\s*[:hH]\s*(?P<minute>[0-9]{2})?")


def parse_week(text: str) -> Week:
    """The week that a settings text describes: entries parted by « ; », days first, then windows.

    Days are French words or their first three letters, ranges and lists; times are « 09:00 » or « 9 h ».
    Raises InvalidInput (field `week`) that says which part is not understood.
    """
    week: list[tuple[Window, ...]] = [()] * 7
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        parts = _ENTRY.fullmatch(entry)
        if parts is None:
            raise _bad_week(
                f"« {entry} » doit donner des jours puis des heures, par exemple « lun-ven 09:00-17:00 »"
            )
        windows = _parse_windows(parts["windows"])
        for weekday in _parse_days(parts["days"]):
            if week[weekday]:
                raise _bad_week(f"{DAY_NAMES[weekday]} est donné deux fois")
            week[weekday] = windows
    if not any(week):
        raise _bad_week("indiquez au moins un jour, par exemple « lun-ven 09:00-17:00 »")
    return tuple(week)


def _parse_days(text: str) -> Iterator[int]:
    for part in text.split(","):
        first, _, last = (side.strip() for side in part.partition("-"))
        start = _parse_day(first)
        end = _parse_day(last) if last else start
        if end < start:
            raise _bad_week(
                f"« {part.strip()} » va de {DAY_NAMES[start]} à {DAY_NAMES[end]} : inversez les jours"
            )
        yield from range(start, end + 1)


def _parse_day(word: str) -> int:
    for weekday, name in enumerate(DAY_NAMES):
        if word.lower().rstrip(".") in (name, name[:3]):
            return weekday
    raise _bad_week(f"le jour « {word} » est inconnu (lun, mar, mer, jeu, ven, sam ou dim)")


def _parse_windows(text: str) -> tuple[Window, ...]:
    windows = tuple(_parse_window(part.strip()) for part in text.split(","))
    for earlier, later in pairwise(windows):
        if later.start < earlier.end:
            raise _bad_week(f"dans « {text} », les plages doivent se suivre sans se chevaucher")
    return windows


def _parse_window(text: str) -> Window:
    start, _, end = text.partition("-")
    opens, closes = _parse_clock_time(start.strip()), _parse_clock_time(end.strip())
    if closes <= opens:
        raise _bad_week(f"dans « {text} », la fin doit venir après le début")
    return Window(opens, closes)


def _parse_clock_time(text: str) -> int:
    shown = _CLOCK_TIME.fullmatch(text)
    if shown is None:
        raise _bad_week(f"l’heure « {text} » doit s’écrire comme 09:00")
    hour, minute = int(shown["hour"]), int(shown["minute"] or 0)
    if minute > 59 or hour * 60 + minute > MINUTES_A_DAY:
        raise _bad_week(f"l’heure « {text} » n’existe pas (de 00:00 à 24:00)")
    return hour * 60 + minute


def _bad_week(reason: str) -> InvalidInput:
    return InvalidInput(f"Heures de service : {reason}.", field="week")


def format_week(week: Week) -> str:
    """The settings text of `week`, which `parse_week` reads back to the same week."""
    return "; ".join(
        f"{_format_days(days)} {','.join(_format_window(window) for window in windows)}"
        for days, windows in day_runs(week)
    )


def day_runs(week: Week) -> Iterator[tuple[range, tuple[Window, ...]]]:
    """Runs of neighbouring weekdays with the same windows, days without service left out."""
    for windows, run in groupby(range(7), key=lambda weekday: week[weekday]):
        days = list(run)
        if windows:
            yield range(days[0], days[-1] + 1), windows


def _format_days(days: range) -> str:
    first, last = DAY_NAMES[days[0]][:3], DAY_NAMES[days[-1]][:3]
    return first if first == last else f"{first}-{last}"


def _format_window(window: Window) -> str:
    return "-".join(f"{edge // 60:02}:{edge % 60:02}" for edge in (window.start, window.end))


# --- Public holidays -------------------------------------------------------------------------------------

# Our zone words, and the subdivision that the holidays library calls by an ISO or INSEE code.
HOLIDAY_ZONES: dict[str, str | None] = {
    "metropole": None,
    "alsace-moselle": "6AE",
    "guadeloupe": "971",
    "martinique": "972",
    "guyane": "973",
    "la-reunion": "974",
    "mayotte": "976",
    "saint-barthelemy": "BL",
    "saint-martin": "MF",
    "saint-pierre-et-miquelon": "PM",
    "wallis-et-futuna": "WF",
    "polynesie-francaise": "PF",
    "nouvelle-caledonie": "NC",
}

GOOD_FRIDAY = "Vendredi saint"


def french_holidays(holiday_zone: str, years: range, *, good_friday: bool = True) -> dict[date, str]:
    """Public holidays of a French zone in date order, with their French names.

    Eleven in metropolitan France (Code du travail, art. L3133-1); Good Friday and 26 December besides in
    alsace-moselle (art. L3134-13). Good Friday holds only in communes that have a Protestant church and
    another: `good_friday=False` leaves it out. Raises InvalidInput (field `holiday_zone`) for another zone.
    """
    if holiday_zone not in HOLIDAY_ZONES:
        known = ", ".join(HOLIDAY_ZONES)
        raise InvalidInput(
            f"Zone de jours fériés inconnue : « {holiday_zone} ». Zones connues : {known}.",
            field="holiday_zone",
        )
    return {
        day: name
        for year in years
        for day, name in _holidays_of(holiday_zone, year)
        if good_friday or name != GOOD_FRIDAY
    }


@lru_cache(maxsize=1024)
def _holidays_of(holiday_zone: str, year: int) -> tuple[tuple[date, str], ...]:
    found = holidays.country_holidays("FR", subdiv=HOLIDAY_ZONES[holiday_zone], years=year, language="fr")
    # Two on one day (Ascension on 1 May) come parted by a semicolon.
    return tuple((day, name.replace("; ", " et ").replace("'", "’")) for day, name in sorted(found.items()))


def holiday_name(day: date) -> str:
    """The French name of a day that some French zone keeps as a holiday, else « jour férié ».

    For display only: whether the day counts is written in the reading.
    """
    for holiday_zone in HOLIDAY_ZONES:
        for known, name in _holidays_of(holiday_zone, day.year):
            if known == day:
                return name
    return "jour férié"
