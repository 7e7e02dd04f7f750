"""Whom an alert on a clock wakes, and when it may. Pure.

First whoever is in charge, then those who handle such tickets, then those who answer for the whole. People are
told while they work; only what cannot wait for the morning comes at once, and even that not too often.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from app.deadlines.thresholds import DUE
from app.partners.opening import ClosedDays, opening, works_on

# From this share of the time on, the team is told beside whoever is in charge.
TEAM_FROM = 80
# What is elapsed round the clock: an interruption, a flaw, a breach.
URGENT = frozenset({"availability", "security-flaw", "personal-data-breach"})

# The three thresholds of one clock come at once; what follows is gathered, until half a day was quiet.
AT_ONCE = 3
QUIET = timedelta(hours=12)
PAUSE_AT_WORK = timedelta(minutes=15)
PAUSE_AT_REST = timedelta(minutes=30)
LONGEST_PAUSE = timedelta(hours=8)
REMEMBERED = timedelta(days=5)

DIGEST_FROM, DIGEST_UNTIL = time(8), time(12)


@dataclass(frozen=True)
class Crew:
    """Those who may be told of one ticket; `readers` are all who may open it in full, the others among them."""

    assignee_id: int | None
    team: frozenset[int]
    managers: frozenset[int]
    readers: frozenset[int]


def recipients(threshold: int, crew: Crew, away: Mapping[int, int | None]) -> frozenset[int]:
    """Who is told that a clock has used `threshold` % of its time, or is late (DUE).

    `away` holds those who are absent, with whoever stands in for them, if anyone does. An absent assignee without
    a backup leaves the ticket to the team; a team that is away as a whole is told all the same.
    """
    told = _present({crew.assignee_id} - {None}, crew, away)
    if not told or threshold >= TEAM_FROM:
        told |= _present(crew.team, crew, away) or crew.team
    if threshold >= DUE:
        told |= _present(crew.managers, crew, away)
    return told


def _present(people: Collection[int | None], crew: Crew, away: Mapping[int, int | None]) -> frozenset[int]:
    standing = {away.get(person, person) if person is not None else None for person in people}
    return frozenset(
        person for person in standing if person is not None and person not in away and person in crew.readers
    )


def is_urgent(applies_to: str, *, restricted: bool) -> bool:
    """Whether it is told at once, nights and closures included."""
    return restricted or applies_to in URGENT


def tell_at(days: ClosedDays, now: datetime, *, urgent: bool) -> datetime:
    """From when people may be told of what was noticed at `now`: at once, or when the partner opens again."""
    if urgent:
        return now
    state = opening(days, now)
    return now if state.is_open or state.until is None else state.until


def may_leave(told: Collection[datetime], days: ClosedDays, now: datetime) -> bool:
    """Whether one more mail may go to someone who received some at the instants `told`, five days back.

    An outage stops many tools at once: the first mails leave by themselves, the next ones gather what comes
    meanwhile, less and less often while nobody is at work. A busy day holds up nothing of the night.
    """
    is_open = opening(days, now).is_open
    burst, last = 0, now
    for moment in sorted((one for one in told if opening(days, one).is_open is is_open), reverse=True):
        if last - moment > QUIET:
            break
        burst, last = burst + 1, moment
    if burst < AT_ONCE:
        return True
    pause = PAUSE_AT_WORK if is_open else PAUSE_AT_REST * 2 ** (burst - AT_ONCE)
    return now >= max(told) + min(pause, LONGEST_PAUSE)


def digest_is_due(days: ClosedDays, wall: datetime) -> bool:
    """Whether the morning digest of the day is due: a day of work, between 8:00 and noon on the partner's wall.

    A digest that could not leave in the morning helps nobody in the afternoon.
    """
    return works_on(days, wall.date()) and DIGEST_FROM <= wall.time() < DIGEST_UNTIL
