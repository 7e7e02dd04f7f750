"""The world of the demonstration on paper: the same people, with made-up keys and no database."""

from __future__ import annotations

from itertools import count

from app.accounts.policy import Actor
from app.demo.people import JALLE, NORD, PlaceSpec
from app.demo.world import EMPLOYERS, Person, Place, World
from app.partners.profiles import load_catalogue, load_shipped_profiles


def paper_world() -> World:
    keys = count(1)
    return World(
        nord=_place(1, NORD, ("nord-2025", EMPLOYERS), "nord-2025", keys),
        jalle=_place(2, JALLE, ("jalle-eau-bourde-2026",), "jalle-eau-bourde-2026", keys),
    )


def _place(
    partner_id: int, spec: PlaceSpec, conventions: tuple[str, ...], profile: str, keys: count[int]
) -> Place:
    open_tools = {tool.code for tool in load_catalogue().tools.values() if tool.is_open}
    subscribed = set(load_shipped_profiles()[profile].tools)
    structures = {structure.code: next(keys) for structure in spec.structures}
    narrowed = {structure.code: set(structure.tools) for structure in spec.structures}
    people = []
    for seat in spec.seats:
        account_id = next(keys)
        own = narrowed.get(seat.structure or "") or subscribed
        bound = frozenset({structures[seat.structure]} if seat.structure else ())
        actor = Actor(account_id, seat.name, partner_id, frozenset(seat.roles), bound)
        people.append(Person(account_id, actor, seat.structure, frozenset(own | open_tools)))
    return Place(
        code=spec.partner,
        name=spec.partner,
        partner_id=partner_id,
        conventions={code: next(keys) for code in conventions},
        structures=structures,
        people=tuple(people),
    )
