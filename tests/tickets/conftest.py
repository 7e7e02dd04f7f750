"""Fixtures of the tests of tickets."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.policy import Role
from app.kernel.clock import FrozenClock
from app.tickets import events as e
from tests.factories import World, act, file, log_in
from tests.tickets.desks import Desk, Open, as_role

MINUTE = timedelta(minutes=1)


@pytest.fixture
def before(app: Flask, world: World, clock: FrozenClock) -> Open:
    """A ticket that lived through these events, an hour ago, before a person of that role."""

    def open_desk(*events: e.TicketEvent, role: Role = Role.CORRESPONDENT, **filing: object) -> Desk:
        with app.app_context():
            ticket = file(world.here, now=clock.now(), **filing)
            act(world.here, ticket, *events, now=clock.now() + MINUTE)
            reference, ticket_id = ticket.reference, ticket.id
        clock.advance(timedelta(hours=1))
        return Desk(app, as_role(app, world, role), reference, ticket_id)

    return open_desk


@pytest.fixture
def correspondent(app: Flask, world: World) -> FlaskClient:
    return log_in(app, app.test_client(), world.here.people[Role.CORRESPONDENT])


@pytest.fixture
def incident(app: Flask, world: World, clock: FrozenClock) -> str:
    """The reference of an interruption that began half an hour ago."""
    with app.app_context():
        return file(
            world.here, now=clock.now() - timedelta(minutes=20), since=clock.now() - timedelta(minutes=30)
        ).reference
