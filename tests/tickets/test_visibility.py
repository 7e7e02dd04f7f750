"""The rows that the queries let through are those that the policy allows, whoever asks and whatever for."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Membership
from app.accounts.policy import Actor, Permission, Role, actor_holding, can
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.partners.models import Structure
from app.tickets.models import Ticket
from app.tickets.queries import scope_of, visible
from app.tickets.scope import only_listed
from tests.factories import World
from tests.house.tickets_to_walk import tickets_to_walk

ABOUT_TICKETS = [
    permission
    for permission in Permission
    if permission.startswith(("ticket:", "attachment:", "protected"))
    and permission not in {Permission.TICKET_FILE, Permission.TICKET_FILE_FOR_OTHER}
]


@pytest.fixture
def references(context: Flask, world: World, clock: FrozenClock) -> dict[str, str]:
    return {reference: name for name, reference in tickets_to_walk(world.here, now=clock.now()).items()}


def actors(world: World) -> list[Actor]:
    """One person per role as the session makes them, each pair of roles at once, and the other partner's."""
    alone = [_as_signed_in(world, role) for role in Role]
    pairs = [replace(one, roles=one.roles | other.roles) for one, other in combinations(alone, 2)]
    return [*alone, *pairs, *(world.there.actor(role) for role in Role)]


def _as_signed_in(world: World, role: Role) -> Actor:
    person = world.here.people[role]
    held = db.session.execute(
        select(Membership.role, Membership.structure_id).where(Membership.account_id == person.account_id)
    )
    rights = [(Role(role), structure_id) for role, structure_id in held]
    return actor_holding(
        rights, account_id=person.account_id, name=person.name, partner_id=world.here.partner_id
    )


def test_queries_and_policy_agree(world: World, references: dict[str, str]) -> None:
    tickets = db.session.scalars(select(Ticket)).all()
    scopes = {ticket.id: scope_of(ticket) for ticket in tickets}
    assert len(scopes) == len({name for name in references.values() if not name.endswith("_file")})
    for actor in actors(world):
        for permission in ABOUT_TICKETS:
            allowed = {key for key, scope in scopes.items() if can(actor, permission, scope)}
            found = set(db.session.scalars(select(Ticket.id).where(visible(actor, permission))))
            assert found == allowed, (sorted(actor.roles), permission)


def test_lists_show_what_may_be_read(world: World, references: dict[str, str]) -> None:
    for actor in actors(world):
        readable = set(db.session.scalars(select(Ticket.id).where(visible(actor))))
        assert set(db.session.scalars(only_listed(select(Ticket.id), actor))) == readable


def _shown(actor: Actor, references: dict[str, str]) -> set[str]:
    return {references[one] for one in db.session.scalars(select(Ticket.reference).where(visible(actor)))}


def test_an_integrator_sees_what_is_shared_about_the_tools_of_the_structure(
    world: World, references: dict[str, str]
) -> None:
    assert _shown(_as_signed_in(world, Role.INTEGRATOR), references) == {"shared"}


def test_a_structure_that_uses_every_tool_sees_all_that_is_shared(
    world: World, references: dict[str, str]
) -> None:
    publisher = _as_signed_in(world, Role.INTEGRATOR)
    elsewhere = replace(publisher, publisher_ids=frozenset({world.here.structures["insertion"]}))
    assert _shown(elsewhere, references) == {"shared", "other_api"}
    assert _shown(replace(publisher, publisher_ids=None), references) == {"shared", "other_api"}


def test_a_closed_structure_shows_nothing_more(world: World, references: dict[str, str]) -> None:
    publisher = _as_signed_in(world, Role.INTEGRATOR)
    with transaction():
        db.session.get_one(Structure, world.here.structures["delegataire"]).active = False
    assert _shown(publisher, references) == set()


def test_to_look_after_the_tools_of_a_structure_is_not_to_work_there(
    world: World, references: dict[str, str]
) -> None:
    """The publisher of « insertion » does not read what its people show to one another."""
    person = world.here.people[Role.ADMINISTRATOR]
    held = [
        (Role.INTEGRATOR, world.here.structures["insertion"]),
        (Role.USER, world.here.structures["accueil"]),
    ]
    both = actor_holding(
        held, account_id=person.account_id, name=person.name, partner_id=world.here.partner_id
    )
    assert "neighbour" not in _shown(both, references)
    worker = actor_holding(
        [(Role.USER, world.here.structures["insertion"])],
        account_id=person.account_id,
        name=person.name,
        partner_id=world.here.partner_id,
    )
    assert _shown(worker, references) == {"neighbour"}
