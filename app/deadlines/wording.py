"""French words for days, times of day and lengths of time, as the explanations of due times need them."""

from __future__ import annotations

from datetime import date, datetime

from app.deadlines.calendar import DAY_NAMES, MINUTES_A_DAY, Week, day_runs

MONTH_NAMES = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


def say_moment(wall: datetime) -> str:
    """« 21/11/2025 à 14 h 05 »; the hour that autumn gives twice says which of the two it is."""
    words = f"{wall:%d/%m/%Y} à {wall.hour} h {wall.minute:02}"
    if wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset():
        words += " (seconde fois)" if wall.fold else " (première fois)"
    return words


def say_day(day: date) -> str:
    """« mardi 10 mars », « dimanche 1er novembre »."""
    return f"{DAY_NAMES[day.weekday()]} {_number(day)} {MONTH_NAMES[day.month - 1]}"


def say_days(first: date, last: date) -> str:
    """« mardi 10 mars », « samedi 21 et dimanche 22 mars », « du lundi 30 mars au vendredi 3 avril »."""
    if first == last:
        return say_day(first)
    same_month = (first.year, first.month) == (last.year, last.month)
    begins = f"{DAY_NAMES[first.weekday()]} {_number(first)}" if same_month else say_day(first)
    if (last - first).days == 1:
        return f"{begins} et {say_day(last)}"
    return f"du {begins} au {say_day(last)}"


def _number(day: date) -> str:
    return "1er" if day.day == 1 else str(day.day)


def say_minutes(minutes: int) -> str:
    """« 3 h 25 », « 8 h », « 25 min »."""
    hours, rest = divmod(minutes, 60)
    if hours == 0:
        return f"{rest} min"
    return f"{hours} h {rest:02}" if rest else f"{hours} h"


def say_stretches(stretches: list[tuple[datetime, datetime]]) -> str:
    """« de 9 h à 12 h et de 13 h 30 à 17 h », from times on the wall clock of one day."""
    return _say_edges(
        [(_minute_of_day(opens), _minute_of_day(closes) or MINUTES_A_DAY) for opens, closes in stretches]
    )


def _minute_of_day(wall: datetime) -> int:
    return wall.hour * 60 + wall.minute


def _say_edges(edges: list[tuple[int, int]]) -> str:
    return join_words([f"de {_say_clock_time(start)} à {_say_clock_time(end)}" for start, end in edges])


def _say_clock_time(minute: int) -> str:
    return say_minutes(minute) if minute >= 60 else f"0 h {minute:02}"


def say_week(week: Week) -> str:
    """« du lundi au vendredi, de 9 h à 17 h », the runs of days parted by « ; »."""
    return " ; ".join(
        f"{_say_weekdays(days)}, {_say_edges([(window.start, window.end) for window in windows])}"
        for days, windows in day_runs(week)
    )


def _say_weekdays(days: range) -> str:
    if len(days) == 1:
        return f"le {DAY_NAMES[days[0]]}"
    return f"du {DAY_NAMES[days[0]]} au {DAY_NAMES[days[-1]]}"


def join_words(words: list[str]) -> str:
    """« un, deux et trois »."""
    return " et ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
