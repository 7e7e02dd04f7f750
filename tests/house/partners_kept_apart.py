"""Two partners full of everything, for `test_scoping.py`; whatever belongs to the second can be told at sight.

Each key of its rows is a number from `FIRST_KEY` on, and each text that a person typed there holds `MARKER`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta
from itertools import count, islice
from typing import Any

from sqlalchemy import Select, String, Text, event, inspect, update
from sqlalchemy.orm import Mapper

from app.accounts.models import Account
from app.accounts.policy import Actor, Role
from app.accounts.service import add_membership
from app.extensions import db
from app.infra.tx import transaction
from app.partners.models import Partner
from tests.announcements.walk import announcements_to_walk
from tests.documentation.walk import articles_to_walk
from tests.factories import Place, make_place
from tests.house.people_to_walk import people_to_walk
from tests.house.tickets_to_walk import tickets_to_walk
from tests.partners.settings import settings_to_walk

FIRST_KEY, KEYS = 7_000_000, 1_000_000
MARKER = "CHEZ-LE-VOISIN"
TYPED = {"body", "file_name", "label", "name", "organization", "reason", "subject", "text", "title"}
DEEPEST, LONGEST = 12, 2_000


@dataclass(frozen=True)
class Sides:
    """Our partner, the other one, the references of the other one's things, and who works for both."""

    here: Place
    there: Place
    things: Mapping[str, str]
    both: int


def make_sides(now: datetime) -> Sides:
    """Needs an application context."""
    here = make_place("nord-2025", "nord")
    _fill(here, now)
    with keys_from(FIRST_KEY):
        there = make_place("pas-de-calais-2024", "pas-de-calais")
        things = _fill(there, now)
        both = here.people[Role.MANAGER].account_id
        with transaction():
            add_membership(both, there.partner_id, Role.ADMINISTRATOR, None)
    with transaction():
        _mark(there)
    return Sides(here, there, things, both)


def everything(place: Place) -> Actor:
    """Someone of that partner who holds every role: what a query shows them is the most it can show."""
    user = place.actor(Role.USER)
    return Actor(
        account_id=user.account_id,
        name=user.name,
        partner_id=place.partner_id,
        roles=frozenset(Role),
        structure_ids=frozenset(place.structures.values()),
    )


@contextmanager
def keys_from(first: int) -> Iterator[None]:
    """Rows that are added meanwhile get their keys from `first` on."""
    numbers = count(first)

    def number(mapper: Mapper[Any], _connection: object, row: Any) -> None:
        keys = mapper.primary_key
        if len(keys) == 1 and keys[0].type.python_type is int and getattr(row, keys[0].key, None) is None:
            setattr(row, keys[0].key, next(numbers))

    event.listen(Mapper, "before_insert", number)
    try:
        yield
    finally:
        event.remove(Mapper, "before_insert", number)


def _fill(place: Place, now: datetime) -> dict[str, str]:
    found = {"convention": "pas-de-calais-2024"}
    for prepare in (
        tickets_to_walk,
        settings_to_walk,
        people_to_walk,
        articles_to_walk,
        announcements_to_walk,
    ):
        found |= prepare(place, now=now)
        now += timedelta(minutes=5)
    return found


def _mark(place: Place) -> None:
    """Write the marker in every text of that partner."""
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            if column.name not in TYPED or not isinstance(column.type, String | Text):
                continue
            if "partner_id" in table.columns:
                of_there = table.c.partner_id == place.partner_id
            elif table.name == Partner.__tablename__:
                of_there = table.c.id == place.partner_id
            elif table.name == Account.__tablename__:
                of_there = table.c.id >= FIRST_KEY
            else:
                continue
            marked = {column.name: MARKER + " " + column}
            db.session.execute(update(table).where(of_there, column.is_not(None)).values(marked))


def signs(found: object, asked: frozenset[object] = frozenset()) -> list[str]:
    """What in `found` belongs to the other partner: keys and texts, wherever they are. What was asked is no news."""
    return list(dict.fromkeys(_signs(found, asked, 0, set())))


def _signs(found: object, asked: frozenset[object], depth: int, seen: set[int]) -> Iterator[str]:
    if isinstance(found, str):
        if MARKER in found:
            yield found[:60]
    elif isinstance(found, int):
        if FIRST_KEY <= found < FIRST_KEY + KEYS and found not in asked:
            yield str(found)
    elif depth < DEEPEST and id(found) not in seen:
        seen.add(id(found))
        for part in _parts(found):
            yield from _signs(part, asked, depth + 1, seen)


def _parts(found: Any) -> Iterator[Any]:
    if isinstance(found, Select):
        yield from islice(db.session.execute(found).all(), LONGEST)
    elif isinstance(found, Mapping):
        yield from found.keys()
        yield from found.values()
    elif isinstance(found, Sequence | Set | Iterator):
        yield from islice(found, LONGEST)
    elif (state := inspect(found, raiseerr=False)) is not None and hasattr(state, "mapper"):
        yield from (getattr(found, column.key) for column in state.mapper.column_attrs)
    elif is_dataclass(found) and not isinstance(found, type):
        yield from (getattr(found, one.name) for one in fields(found))
    elif hasattr(found, "__dict__") and type(found).__module__.startswith("app."):
        yield from vars(found).values()
