"""When a clock wakes somebody: the instants of its thresholds, and which of them is next.

A share of the time allowed is measured in the clock's own unit: half of 8 hours of service is 4 hours of
service, half of 6 working days is 3 working days. Suspended time is not time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from app.deadlines.calendar import DAY, MINUTE, MINUTES_A_DAY, Hours
from app.deadlines.clocks import ClockFacts, as_read, closed_stretches, due_at
from app.deadlines.delays import Delay, Unit, add_delay, counts, time_between
from app.deadlines.reading import Reading
from app.deadlines.thresholds import DUE
from app.kernel.clock import to_minute

AlertTime = tuple[int, datetime]


def alert_times(reading: Reading, facts: ClockFacts) -> tuple[AlertTime, ...]:
    """Each threshold of the reading with the UTC minute at which it is reached, in order.

    That of the due time is the minute after it: the due minute itself is in time. None is known without a start.
    """
    facts, due = as_read(reading, facts), due_at(reading, facts)
    if facts.started_at is None or due is None:
        return ()
    start = to_minute(facts.started_at)
    stretches = [(begin, min(end, due)) for begin, end in closed_stretches(facts, start) if begin < due]
    frozen = sum(_used(reading, start, end) - _used(reading, start, begin) for begin, end in stretches)
    allowed = _used(reading, start, due) - frozen
    return tuple(
        (share, due + MINUTE if share == DUE else _reached_at(reading, start, stretches, allowed, share, due))
        for share in reading.alerts
    )


def next_alert(times: tuple[AlertTime, ...], alerted: int) -> datetime | None:
    """When the first threshold beyond `alerted` is reached (0: none was told yet); None when none is left."""
    return next((moment for share, moment in times if share > alerted), None)


def latest_reached(times: tuple[AlertTime, ...], alerted: int, now: datetime) -> AlertTime | None:
    """The furthest threshold reached by `now` beyond `alerted`: after a long stop, only the last one is told."""
    reached = [time for time in times if time[0] > alerted and time[1] <= now]
    return reached[-1] if reached else None


def _reached_at(
    reading: Reading,
    start: datetime,
    stretches: list[tuple[datetime, datetime]],
    allowed: int,
    share: int,
    due: datetime,
) -> datetime:
    """The first minute at which at least `share` % of `allowed` is used, never after the due time."""
    wanted = max(-(-allowed * share // DUE), 1)
    moment = _after(reading, start, wanted)
    for begin, end in stretches:
        if begin >= moment:
            break
        wanted += _used(reading, start, end) - _used(reading, start, begin)
        moment = _after(reading, start, wanted)
    return min(moment, due)


def _used(reading: Reading, start: datetime, moment: datetime) -> int:
    """The time from `start` to `moment`, in minutes: real, of service, or of the days that count."""
    if reading.delay.unit.in_minutes:
        return time_between(start, moment, reading.delay.unit, reading.hours)
    return _minutes_of_days(start, moment, reading.delay.unit, reading.hours)


def _after(reading: Reading, start: datetime, minutes: int) -> datetime:
    """The instant at which `_used` reaches `minutes`, one at least."""
    unit = reading.delay.unit
    if unit.in_minutes:
        return add_delay(start, Delay(minutes, unit), reading.hours)
    return _after_days(start, minutes, unit, reading.hours)


def _minutes_of_days(start: datetime, moment: datetime, unit: Unit, hours: Hours) -> int:
    """A day that counts runs from the wall time of the start, the day before, to that same wall time."""
    first = hours.local(start).replace(tzinfo=None)
    whole, rest = divmod(hours.local(moment).replace(tzinfo=None) - first, DAY)
    days = sum(counts(first.date() + n * DAY, unit, hours) for n in range(1, whole + 1))
    begun = counts(first.date() + (whole + 1) * DAY, unit, hours)
    return days * MINUTES_A_DAY + (rest // MINUTE if begun else 0)


def _after_days(start: datetime, minutes: int, unit: Unit, hours: Hours) -> datetime:
    wall = hours.local(start).replace(tzinfo=None)
    day, left = wall.date() + DAY, minutes
    while left > MINUTES_A_DAY or not counts(day, unit, hours):
        left -= MINUTES_A_DAY * counts(day, unit, hours)
        day += DAY
    shown = datetime.combine(day, wall.time()) - DAY + timedelta(minutes=left)
    return hours.instant(shown.date(), shown.time())
