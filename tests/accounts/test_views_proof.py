"""Privileged acts ask for the second factor again, and come back to what was being done."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Method
from app.accounts.policy import Role
from app.accounts.sessions import open_session
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.tickets.vocabulary import Kind
from tests.accounts.screens import PASSWORD, enrol, errors_of, heading, page, send, traces
from tests.factories import Person, World, file, log_in

EXPORT = "/sollicitations/export.csv"
QUARTER = timedelta(minutes=15)


@pytest.fixture
def later(app: Flask, client: FlaskClient, person: Person, clock: FrozenClock) -> FlaskClient:
    """The browser of the person, who has no second factor and proved themselves a quarter of an hour ago."""
    log_in(app, client, person)
    clock.advance(QUARTER)
    return client


def token_in(client: FlaskClient) -> str:
    with client.session_transaction() as session:
        return str(session["_user_id"])


def test_it_is_asked_after_a_quarter_of_an_hour(
    app: Flask, client: FlaskClient, person: Person, clock: FrozenClock
) -> None:
    log_in(app, client, person)
    clock.advance(QUARTER - timedelta(seconds=1))
    assert client.get(EXPORT).status_code == 200
    clock.advance(timedelta(seconds=1))
    assert client.get(EXPORT).location == "/confirmation"
    assert client.get("/sollicitations").status_code == 200, "the rest is not privileged"


def test_the_delay_is_a_setting(app: Flask, later: FlaskClient) -> None:
    former = app.extensions["settings"]
    app.extensions["settings"] = dataclasses.replace(former, proof_kept=timedelta(hours=1))
    try:
        assert later.get(EXPORT).status_code == 200
    finally:
        app.extensions["settings"] = former


def test_who_has_no_second_factor_gives_their_password(app: Flask, later: FlaskClient) -> None:
    assert later.get(f"{EXPORT}?q=etat:new").location == "/confirmation"
    asked = later.get("/confirmation")
    assert heading(asked) == "Confirmez que c’est bien vous"
    assert "Votre compte n’a pas de second facteur" in asked.text
    before = token_in(later)
    assert errors_of(send(later, "/confirmation", current="faux"))
    assert send(later, "/confirmation", current=PASSWORD).location == f"{EXPORT}?q=etat:new"
    assert token_in(later) != before, "the session is rotated"
    assert later.get(EXPORT).status_code == 200
    assert [trace for trace in traces(app) if trace[0].startswith("factor")] == [
        ("factor-refused", "password"),
        ("factor-proven", "password"),
    ]


def test_the_token_of_before_is_worth_nothing(app: Flask, later: FlaskClient) -> None:
    before = token_in(later)
    send(later, "/confirmation", current=PASSWORD)
    thief = app.test_client()
    with thief.session_transaction() as session:
        session["_user_id"] = before
    assert thief.get("/mon-compte").location == "/connexion"


def test_who_has_one_gives_a_code_once(
    app: Flask, client: FlaskClient, person: Person, clock: FrozenClock
) -> None:
    log_in(app, client, person)
    phone = enrol(app, client)
    clock.advance(QUARTER)
    client.get(EXPORT)
    code = phone.code()
    assert page(client.get("/confirmation")).find("input", {"name": "current"}) is None
    assert send(client, "/confirmation", code=code).location == EXPORT
    clock.advance(QUARTER)
    assert "déjà servi" in errors_of(send(client, "/confirmation", code=code))[0]
    assert send(client, "/confirmation?secours=1", code=phone.recovery_codes[0]).status_code == 303


def test_guesses_are_throttled(later: FlaskClient) -> None:
    for _ in range(5):
        send(later, "/confirmation", current="faux")
    assert "Trop de codes" in errors_of(send(later, "/confirmation", current=PASSWORD))[0]


def test_a_form_so_interrupted_is_sent_afterwards(
    app: Flask, client: FlaskClient, person: Person, clock: FrozenClock
) -> None:
    log_in(app, client, person)
    phone = enrol(app, client)
    field = page(client.get("/mon-compte/second-facteur")).find("input", {"name": "csrf_token"})
    assert field is not None
    clock.advance(QUARTER)
    answer = client.post("/mon-compte/codes-de-secours", data={"csrf_token": str(field["value"])})
    assert answer.location == "/confirmation"
    assert "Ce que vous avez écrit est gardé" in client.get("/confirmation").text
    back = send(client, "/confirmation", code=phone.code()).location or ""
    form = page(client.get(back)).select_one("form[data-send]")
    assert form is not None
    phone.keep_codes(client.post(str(form["action"]), data={"csrf_token": form.select("input")[0]["value"]}))
    assert len(phone.recovery_codes) == 10


def test_a_security_case_asks_for_it(
    app: Flask, world: World, client: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        reference = file(world.here, now=clock.now(), kind=Kind.SECURITY, tools=()).reference
    address = f"/sollicitations/{reference}"
    officer = log_in(app, client, world.here.people[Role.SECURITY_OFFICER])
    reporter = log_in(app, app.test_client(), world.here.people[Role.USER])
    assert officer.get(address).status_code == 200
    clock.advance(QUARTER)
    assert officer.get(address).location == "/confirmation"
    assert officer.get(f"{address}/actes/commentaire").location == "/confirmation"
    assert reporter.get(address).status_code == 200, "a receipt tells nothing"


def test_who_may_not_is_refused_before_being_asked(
    app: Flask, world: World, client: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        reference = file(world.here, now=clock.now(), kind=Kind.SECURITY, tools=()).reference
    log_in(app, client, world.here.people[Role.CORRESPONDENT])
    clock.advance(QUARTER)
    assert client.get(f"/sollicitations/{reference}").status_code == 404
    assert client.get("/administration/comptes/export.csv").status_code == 403


class TestByProConnect:
    @pytest.fixture
    def federated(self, app: Flask, client: FlaskClient, person: Person, clock: FrozenClock) -> FlaskClient:
        now = clock.now()
        with app.app_context(), transaction():
            token = open_session(
                person.account_id,
                now=now,
                lifetime=timedelta(hours=12),
                method=Method.PROCONNECT,
                acr="eidas2",
                proven_at=now,
            )
        with client.session_transaction() as session:
            session["_user_id"] = token
        clock.advance(QUARTER)
        return client

    def test_a_new_sign_in_is_asked_and_no_password_does(self, app: Flask, federated: FlaskClient) -> None:
        assert federated.get(EXPORT).location == "/confirmation"
        asked = federated.get("/confirmation")
        assert "Identifiez-vous de nouveau avec ProConnect" in asked.text
        assert page(asked).find("input", {"type": "password"}) is None
        assert errors_of(send(federated, "/confirmation", current=PASSWORD)) == [
            "Connectez-vous de nouveau avec ProConnect."
        ]
        assert federated.get(EXPORT).location == "/confirmation"
