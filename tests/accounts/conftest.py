"""Someone who knows their password; for ProConnect a provider that a test twists, and the desk that trusts it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.policy import Role
from app.accounts.service import set_password
from app.infra.tx import transaction
from tests.accounts.federated import close_desks, desk_trusting, invite
from tests.accounts.screens import HASH
from tests.factories import Person, World
from tests.peers.forger import Forger, forger


@pytest.fixture(scope="session")
def _forger() -> Iterator[Forger]:
    with forger() as running:
        yield running
    close_desks()


@pytest.fixture
def provider(_forger: Forger) -> Forger:
    """The provider of this test, honest until told otherwise."""
    _forger.be_honest()
    return _forger


@pytest.fixture
def desk(app: Flask, world: World, provider: Forger) -> Flask:
    """The desk that trusts it. `SIRET` is that of the second partner, `world.there`."""
    return desk_trusting(app, provider.issuer)


@pytest.fixture
def browser(desk: Flask) -> FlaskClient:
    return desk.test_client()


@pytest.fixture
def person(app: Flask, world: World) -> Person:
    """The user of the first partner, who knows their password."""
    user = world.here.people[Role.USER]
    with app.app_context(), transaction():
        set_password(user.account_id, HASH)
    return user


@pytest.fixture
def guest(app: Flask, world: World) -> int:
    """An invited account, which an honest sign-in opens."""
    return invite(app, world.there)


@pytest.fixture
def strict(app: Flask) -> Iterator[Flask]:
    """The application where a password is followed by a second factor."""
    former = app.extensions["settings"]
    app.extensions["settings"] = dataclasses.replace(former, second_factor=True)
    yield app
    app.extensions["settings"] = former
