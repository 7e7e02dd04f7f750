"""A due time as the calculator shows it: the instant, its reasons, its state and its calendar. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from app.deadlines.clocks import ClockFacts, ClockState, first_due_at, state
from app.deadlines.explain import CalendarDay, calendar_days, explain
from app.deadlines.reading import Reading

MOST_MONTHS = 3
Month = tuple[int, int]


@dataclass(frozen=True)
class Reckoned:
    """The answer to one question. Instants are aware, `due_at` the last minute that is in time.

    `state` is that of a clock that started then and that nothing has stopped; None before its start.
    `months` are those to show: all of them, or the first and the last of a long delay.
    """

    reading: Reading
    started_at: datetime
    due_at: datetime
    state: ClockState | None
    in_term: bool
    steps: tuple[str, ...]
    months: tuple[Month, ...]
    marks: Mapping[date, Mapping[str, object]]
    abridged: bool


def reckon(reading: Reading, started_at: datetime, now: datetime) -> Reckoned:
    """The due time of a clock that starts at `started_at`, and all that explains it at `now` (both aware)."""
    facts = ClockFacts(started_at)
    due = first_due_at(reading, facts)
    assert due is not None  # the start is known
    days = [day for week in calendar_days(reading, started_at, due) for day in week]
    months = _months(reading.hours.day_of(started_at), reading.hours.day_of(due))
    abridged = len(months) > MOST_MONTHS
    return Reckoned(
        reading=reading,
        started_at=started_at,
        due_at=due,
        state=state(facts, due, now) if started_at <= now else None,
        in_term=reading.in_term(reading.hours.day_of(started_at)),
        steps=tuple(step.text for step in explain(reading, facts)),
        months=(months[0], months[-1]) if abridged else months,
        marks={day.day: _mark(day) for day in days},
        abridged=abridged,
    )


def _months(first: date, last: date) -> tuple[Month, ...]:
    """Every (year, month) from the one of `first` to the one of `last`."""
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    return tuple((index // 12, index % 12 + 1) for index in range(start, end + 1))


def _mark(day: CalendarDay) -> dict[str, object]:
    """What `calendar_month` (templates/components/records.html) shows of a day."""
    return {
        "kind": "counted" if day.counted else "" if day.is_open else "off",
        "start": day.is_start,
        "due": day.is_due,
        "note": "férié" if day.holiday else None,
    }
