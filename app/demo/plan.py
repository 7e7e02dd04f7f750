"""All the tickets of the demonstration: told by hand, of the outages, or drawn, to the number asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from app.demo.drawn import Narrator
from app.demo.groups import group_lives
from app.demo.living import living_lives
from app.demo.moments import Agenda, office_hours
from app.demo.outages import outage_lives
from app.demo.stage import Stage
from app.demo.steps import Life
from app.demo.stories import past_lives
from app.demo.teller import Teller
from app.demo.world import JALLE_FROM, Place, World
from app.kernel.errors import InvalidInput

PARIS = ZoneInfo("Europe/Paris")
LASTS = timedelta(days=426)  # fourteen months
JALLE_SHARE = 0.12
# Before that day Jalle-Eau Bourde, whose convention starts on 14 April 2026, would have nothing to tell.
EARLIEST = datetime(2026, 6, 15, 12, tzinfo=PARIS)


@dataclass(frozen=True)
class Plan:
    """Every life, in the order of filing, and the span in which they are played."""

    lives: tuple[Life, ...]
    start: datetime
    until: datetime


def start_of(until: datetime) -> datetime:
    """Midnight, in Paris, of the day on which the tale begins."""
    day = (until - LASTS).astimezone(PARIS).date()
    return datetime.combine(day, time.min, PARIS).astimezone(UTC)


def make_plan(world: World, *, seed: int, tickets: int, until: datetime) -> Plan:
    """The same seed, number and end give the same plan. Raises InvalidInput when `tickets` are too few."""
    start = start_of(until)
    told = [life for life in _told(world, seed, start, until) if life.filed_at <= until]
    missing = tickets - len(told)
    if missing < 0:
        raise InvalidInput(f"il faut au moins {len(told)} sollicitations pour tout montrer.", field="tickets")
    lives = [*told, *_drawn(world, seed, missing, start, until)]
    lives.sort(key=lambda life: life.filed_at)
    return Plan(tuple(lives), start, until)


def _told(world: World, seed: int, start: datetime, until: datetime) -> Iterator[Life]:
    stage = Stage(_teller(seed, "told", start, until), world, start, until)
    yield from past_lives(stage)
    yield from outage_lives(stage)
    yield from living_lives(stage)
    # Drawn apart: what was told before keeps its words.
    yield from group_lives(Stage(_teller(seed, "groups", start, until), world, start, until))


def _drawn(world: World, seed: int, count: int, start: datetime, until: datetime) -> Iterator[Life]:
    jalle_start = datetime.combine(JALLE_FROM, time(8), PARIS).astimezone(UTC)
    at_jalle = round(count * JALLE_SHARE)
    yield from _of_place(world.nord, seed, count - at_jalle, start, until)
    yield from _of_place(world.jalle, seed, at_jalle, max(start, jalle_start), until)


def _of_place(place: Place, seed: int, count: int, start: datetime, until: datetime) -> Iterator[Life]:
    teller = _teller(seed, place.code, start, until)
    narrator = Narrator(teller, place)
    for at in teller.agenda.filings(count, start, until):
        yield narrator.tell(at)


def _teller(seed: int, name: str, start: datetime, until: datetime) -> Teller:
    """A source of chance of its own for each part: one more ticket here changes nothing there."""
    rng = Random(f"{seed} {name}")  # noqa: S311 - a tale to be told again, not a secret
    return Teller(rng, Agenda(rng, office_hours(PARIS.key, range(start.year - 1, until.year + 2))))
