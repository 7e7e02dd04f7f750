"""How dates, numbers and texts are written in French. Pure functions; `install` hands them to the templates.

The spaces inside a figure or before a unit are no-break spaces (U+00A0): the shipped font has no U+202F.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g
from markupsafe import Markup

from app.kernel.clock import require_aware

NBSP = "\u00a0"
DEFAULT_ZONE: tzinfo = ZoneInfo("Europe/Paris")

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
FILE_UNITS = ("octet", "ko", "Mo", "Go")


def french_date(moment: date) -> str:
    """« 21/11/2025 », of a date or of a datetime already in its zone."""
    return f"{moment:%d/%m/%Y}"


def french_time(moment: datetime) -> str:
    """« 14 h 05 », of a datetime already in its zone."""
    return f"{moment.hour}{NBSP}h{NBSP}{moment:%M}"


def french_datetime(moment: datetime, zone: tzinfo) -> str:
    """« 21/11/2025 à 14 h 05 »: the aware `moment` as the wall of `zone` shows it."""
    local = require_aware(moment).astimezone(zone)
    return f"{french_date(local)} à{NBSP}{french_time(local)}"


def long_date(day: date) -> str:
    """« vendredi 21 novembre 2025 », and « 1er » for the first of the month."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{WEEKDAYS[day.weekday()]} {number}{NBSP}{MONTHS[day.month - 1]} {day.year}"


def month_name(day: date) -> str:
    """« novembre 2025 »."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def exact_datetime(moment: datetime, zone: tzinfo) -> str:
    """« vendredi 21 novembre 2025 à 14 h 05 (UTC+1) », for the title of a `<time>`.

    The offset tells apart the two 02:30 of the night when the clocks go back.
    """
    local = require_aware(moment).astimezone(zone)
    return f"{long_date(local)} à{NBSP}{french_time(local)} (UTC{_offset(local)})"


def _offset(local: datetime) -> str:
    minutes = int((local.utcoffset() or timedelta()).total_seconds() // 60)
    sign = "−" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return f"{sign}{hours}" + (f":{rest:02}" if rest else "")


def duration(length: timedelta) -> str:
    """The two largest units of a length, without sign: « 1 j 3 h », « 2 h 05 », « 45 min ».

    Seconds are dropped, as everywhere in the clocks (domain.md: « Times are truncated to the minute »).
    """
    minutes = int(abs(length).total_seconds() // 60)
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    if days:
        return f"{days}{NBSP}j" + (f"{NBSP}{hours}{NBSP}h" if hours else "")
    if hours:
        return f"{hours}{NBSP}h" + (f"{NBSP}{minutes:02}" if minutes else "")
    return f"{minutes}{NBSP}min" if minutes else "moins d’une minute"


def relative(moment: datetime, now: datetime) -> str:
    """« il y a 5 min », « dans 2 h 10 », « à l’instant » within a minute."""
    distance = require_aware(moment) - require_aware(now)
    if abs(distance) < timedelta(minutes=1):
        return "à l’instant"
    return f"dans {duration(distance)}" if distance > timedelta() else f"il y a {duration(distance)}"


def elapsed_share(start: datetime, due: datetime, now: datetime) -> float:
    """How much of the time from `start` to `due` is behind `now`, from 0 to 1. An empty span is spent."""
    span = (due - start).total_seconds()
    if span <= 0:
        return 1.0
    return min(1.0, max(0.0, (now - start).total_seconds() / span))


def number(value: float | Decimal, digits: int | None = None) -> str:
    """« 1 234,5 ». With `digits`, that many decimals, halves away from zero; without, as many as it has."""
    exact = Decimal(str(value))
    if digits is not None:
        exact = exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    text = f"{exact:,f}".replace(",", NBSP).replace(".", ",").replace("-", "−")
    return text.rstrip("0").rstrip(",") if digits is None and "," in text else text


def percent(ratio: float | Decimal, digits: int = 1) -> str:
    """« 98,5 % », of a ratio where 1 is the whole."""
    return f"{number(Decimal(str(ratio)) * 100, digits)}{NBSP}%"


def plural(count: int, one: str, many: str) -> str:
    """« 0 ticket », « 1 ticket », « 2 tickets »: French counts as one whatever is under two."""
    return f"{number(count)}{NBSP}{one if abs(count) < 2 else many}"


def file_size(size: int) -> str:
    """« 512 octets », « 1,2 Mo »: thousands, as disks and browsers count, and one decimal under ten."""
    value, unit = Decimal(size), FILE_UNITS[0]
    for unit in FILE_UNITS:
        if value < 1000 or unit == FILE_UNITS[-1]:
            break
        value /= 1000
    if unit == FILE_UNITS[0]:
        return plural(size, "octet", "octets")
    rounded = value.quantize(Decimal("0.1") if value < 10 else Decimal(1), rounding=ROUND_HALF_UP)
    return f"{number(rounded)}{NBSP}{unit}"


def paragraphs(text: str) -> Markup:
    """Typed text as HTML: a blank line parts two paragraphs, a line end is kept. All of it is escaped."""
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return Markup("\n").join(
        Markup("<p>{}</p>").format(Markup("<br>\n").join(block.split("\n"))) for block in blocks if block
    )


def month_weeks(year: int, month: int) -> list[list[date | None]]:
    """The weeks of a month from Monday to Sunday, None for the days of its neighbours."""
    weeks = calendar.Calendar().monthdatescalendar(year, month)
    return [[day if day.month == month else None for day in week] for week in weeks]


def time_element(moment: datetime, text: str, zone: tzinfo) -> Markup:
    """`<time>` that shows `text`, with the instant for machines and the exact value on hover."""
    local = require_aware(moment).astimezone(zone)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        local.isoformat(timespec="minutes"), exact_datetime(moment, zone), text
    )


def current_zone() -> tzinfo:
    """The zone of the partner whose page is shown: `g.zone`, which the request's context sets."""
    zone: tzinfo = g.get("zone") or DEFAULT_ZONE
    return zone


def current_instant() -> datetime:
    """The present instant, from the clock that the factory installed."""
    now: datetime = current_app.extensions["clock"].now()
    return now


def install(app: Flask) -> None:
    """Hand the filters to the templates; those of time read the partner's zone and the present instant."""
    app.jinja_env.filters.update(
        when=lambda moment: time_element(moment, french_datetime(moment, current_zone()), current_zone()),
        ago=lambda moment: time_element(moment, relative(moment, current_instant()), current_zone()),
        french_datetime=lambda moment: french_datetime(moment, current_zone()),
        relative=lambda moment: relative(moment, current_instant()),
        local=lambda moment: require_aware(moment).astimezone(current_zone()),
        french_date=french_date,
        french_time=french_time,
        long_date=long_date,
        month_name=month_name,
        duration=duration,
        number=number,
        percent=percent,
        plural=plural,
        file_size=file_size,
        paragraphs=paragraphs,
    )
    app.jinja_env.globals.update(
        current_instant=current_instant,
        elapsed_share=elapsed_share,
        month_weeks=month_weeks,
        WEEKDAYS=WEEKDAYS,
    )
    app.jinja_env.tests["past"] = lambda moment: moment <= current_instant()
