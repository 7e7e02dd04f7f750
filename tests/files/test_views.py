from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.policy import Actor, Role, Scope, Scoped
from app.files import service, views
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.kernel.errors import NotFound
from tests.factories import World, file, log_in

TRICKY = 'Relevé « été » "x";\r\nSet-Cookie: a=b.csv'


@pytest.fixture(autouse=True)
def scopes(app: Flask, world: World) -> Iterator[None]:
    """Every subject of the first partner was reported by its user."""
    before = app.extensions.get("scope_of_subject")

    def scope_of_subject(actor: Actor, subject_id: int) -> Scoped:
        if actor.partner_id != world.here.partner_id:
            raise NotFound
        return Scope(world.here.partner_id, reporter_id=world.here.people[Role.USER].account_id)

    views.install(app, scope_of_subject)
    yield
    app.extensions["scope_of_subject"] = before


@pytest.fixture
def address(app: Flask, world: World, clock: FrozenClock) -> str:
    """The address of a file of a ticket."""
    return keep(app, world, clock, internal=False)


def keep(app: Flask, world: World, clock: FrozenClock, *, internal: bool) -> str:
    with app.app_context():
        ticket = file(world.here, now=clock.now())
        with transaction():
            attachment = service.keep(
                service.examine(TRICKY, b"a;b\n"),
                actor=world.here.actor(),
                now=clock.now(),
                subject_id=ticket.id,
                internal=internal,
            )
        return f"/pieces/{attachment.public_id}"


def test_a_file_is_saved_and_never_opens_in_the_site(
    client: FlaskClient, app: Flask, world: World, address: str
) -> None:
    answer = log_in(app, client, world.here.people[Role.USER]).get(address)
    assert answer.data == b"a;b\n"
    assert answer.mimetype == "text/csv"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert "filename*=UTF-8''Relev%C3%A9" in disposition
    assert "Set-Cookie" not in answer.headers or "a=b" not in answer.headers["Set-Cookie"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]


def test_it_takes_a_login(client: FlaskClient, address: str) -> None:
    assert client.get(address).location == "/connexion"


def test_another_partner_does_not_know_it(
    client: FlaskClient, app: Flask, world: World, address: str
) -> None:
    assert log_in(app, client, world.there.people[Role.CORRESPONDENT]).get(address).status_code == 404


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.INTEGRATOR, Role.SECURITY_OFFICER])
def test_who_may_not_see_the_ticket_does_not_know_it(
    client: FlaskClient, app: Flask, world: World, address: str, role: Role
) -> None:
    assert log_in(app, client, world.here.people[role]).get(address).status_code == 404


def test_an_internal_file_is_unknown_to_the_user(
    client: FlaskClient, app: Flask, world: World, clock: FrozenClock
) -> None:
    address = keep(app, world, clock, internal=True)
    assert (
        log_in(app, app.test_client(), world.here.people[Role.CORRESPONDENT]).get(address).status_code == 200
    )
    assert log_in(app, client, world.here.people[Role.USER]).get(address).status_code == 404


@pytest.mark.parametrize("public_id", ["inconnu", "%00", "é" * 50, "a" * 3000])
def test_an_unknown_address_is_not_found(
    client: FlaskClient, app: Flask, world: World, public_id: str
) -> None:
    assert log_in(app, client, world.here.people[Role.USER]).get(f"/pieces/{public_id}").status_code == 404


def test_a_draft_opens_for_its_owner(
    client: FlaskClient, app: Flask, world: World, clock: FrozenClock
) -> None:
    user = world.here.people[Role.USER]
    with app.app_context(), transaction():
        draft = service.keep(service.examine("a.txt", b"x"), actor=user.actor, now=clock.now())
        address = f"/pieces/{draft.public_id}"
    assert log_in(app, client, user).get(address).data == b"x"
    other = log_in(app, app.test_client(), world.here.people[Role.CORRESPONDENT])
    assert other.get(address).status_code == 404
