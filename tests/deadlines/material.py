"""Hours, starts and readings to reckon with: some by hand, some from hypothesis."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st

from app.deadlines.calendar import DEFAULT_WEEK, Hours, Week, Window, french_holidays
from app.deadlines.delays import Delay, Unit
from app.deadlines.reading import Reading

NBSP = "\N{NO-BREAK SPACE}"
PARIS = ZoneInfo("Europe/Paris")
YEARS = range(2025, 2029)
OFFICE = Hours("Europe/Paris", DEFAULT_WEEK, tuple(french_holidays("metropole", YEARS)))
ALSACE = Hours("Europe/Paris", DEFAULT_WEEK, tuple(french_holidays("alsace-moselle", YEARS)))
ROUND_THE_CLOCK: Week = ((Window(0, 1440),),) * 7

# The same examples on each run: a failure is a fact, not a chance.
thorough = settings(max_examples=200, derandomize=True, deadline=None, database=None)


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def in_paris(moment: datetime | None) -> str:
    assert moment is not None
    return moment.astimezone(PARIS).isoformat(timespec="minutes")


def reading(amount: int, unit: Unit, hours: Hours = OFFICE, **changes: Any) -> Reading:
    facts: dict[str, Any] = {
        "convention": "pas-de-calais-2024",
        "commitment": "return-to-service-availability",
        "clock": "return-to-service",
        "applies_to": "availability",
        "owed_by": "france-travail",
        "contractual": True,
        "measured_by": "pas-de-calais-2024",
        "source": "annexe 2 §3",
    }
    return Reading(delay=Delay(amount, unit), hours=hours, **(facts | changes))


@st.composite
def weeks(draw: st.DrawFn) -> Week:
    """Any week: several windows a day, nights, days without service."""
    days = []
    for _ in range(7):
        edges = sorted(draw(st.sets(st.integers(0, 96), max_size=6)))
        days.append(tuple(Window(15 * a, 15 * b) for a, b in zip(edges[::2], edges[1::2], strict=False)))
    if not any(days):
        days[2] = (Window(9 * 60, 12 * 60),)
    return tuple(days)


ZONES = ["Europe/Paris", "America/Miquelon", "America/Martinique", "Indian/Reunion", "Australia/Lord_Howe"]
# Around the nights when the clocks change, Easter, the holidays of May and the end of the year.
ANCHORS = [
    *(date(2026, 3, 7), date(2026, 3, 28), date(2026, 4, 3), date(2026, 5, 7), date(2026, 10, 4)),
    *(date(2026, 10, 23), date(2026, 10, 31), date(2026, 12, 24), date(2028, 2, 28)),
]


@st.composite
def all_hours(draw: st.DrawFn) -> Hours:
    zone = draw(st.sampled_from(["metropole", "alsace-moselle", "guadeloupe"]))
    week = draw(st.sampled_from([DEFAULT_WEEK, ROUND_THE_CLOCK]) | weeks())
    return Hours(draw(st.sampled_from(ZONES)), week, tuple(french_holidays(zone, YEARS)))


@st.composite
def starts(draw: st.DrawFn) -> datetime:
    day = draw(st.sampled_from(ANCHORS))
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return midnight + timedelta(minutes=draw(st.integers(-1440, 2 * 1440)))


@st.composite
def suspensions(draw: st.DrawFn, start: datetime, within: int = 4 * 1440) -> list[tuple[datetime, datetime]]:
    """Closed stretches after `start`, in any order, which may touch and overlap."""
    stretches = draw(
        st.lists(st.tuples(st.integers(-300, within), st.integers(0, 1500)), min_size=1, max_size=3)
    )
    minute = timedelta(minutes=1)
    return [(start + begins * minute, start + (begins + length) * minute) for begins, length in stretches]
