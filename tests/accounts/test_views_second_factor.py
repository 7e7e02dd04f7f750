from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Account
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.notifications.models import Outbox
from tests.accounts.screens import (
    PASSWORD,
    Phone,
    enrol,
    errors_of,
    is_signed_in,
    page,
    send,
    sign_in,
    traces,
)
from tests.factories import Person, log_in

WRONG = "Code : Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant, puis tapez-le."


@pytest.fixture
def phone(strict: Flask, client: FlaskClient, person: Person) -> Phone:
    """The phone of the person, who has set it up at their first sign-in; nobody is signed in."""
    browser = strict.test_client()
    assert sign_in(browser, person).location == "/connexion/second-facteur"
    return enrol(strict, browser, "/connexion/second-facteur")


class TestFirstSignIn:
    def test_the_second_factor_is_set_up_before_anything_opens(
        self, strict: Flask, client: FlaskClient, person: Person
    ) -> None:
        assert sign_in(client, person).location == "/connexion/second-facteur"
        assert not is_signed_in(client)
        client.get("/echeances?a=1")
        phone = Phone(strict)
        phone.scan(client.get("/connexion/second-facteur"))
        refused = send(client, "/connexion/second-facteur", code="000000")
        assert "Ce n’est pas le code attendu" in errors_of(refused)[0]
        answer = send(client, "/connexion/second-facteur", code=phone.code())
        assert answer.headers["Cache-Control"] == "private, no-store"
        phone.keep_codes(answer)
        assert len(set(phone.recovery_codes)) == 10
        assert is_signed_in(client)
        assert page(answer).select("main a.button-primary")[0]["href"] == "/echeances?a=1"
        assert traces(strict) == [
            ("factor-changed", "set up"),
            ("logged-in", "password, second factor set up"),
        ]

    def test_the_key_stays_the_same_until_it_serves(
        self, strict: Flask, client: FlaskClient, person: Person
    ) -> None:
        sign_in(client, person)
        seen = set()
        for _ in range(2):
            phone = Phone(strict)
            phone.scan(client.get("/connexion/second-facteur"))
            seen.add(phone.secret)
        assert len(seen) == 1

    def test_nothing_of_the_steps_opens_without_the_password(
        self, strict: Flask, client: FlaskClient
    ) -> None:
        for address in ("/connexion/code", "/connexion/second-facteur"):
            assert client.get(address).location == "/connexion"
            assert send_bare(client, address) == "/connexion"

    def test_whoever_waits_too_long_begins_again(
        self, strict: Flask, client: FlaskClient, clock: FrozenClock, person: Person
    ) -> None:
        sign_in(client, person)
        clock.advance(timedelta(minutes=10))
        assert client.get("/connexion/second-facteur").location == "/connexion"
        assert "trop de temps" in client.get("/connexion").text

    def test_it_is_not_asked_where_the_setting_does_not(self, client: FlaskClient, person: Person) -> None:
        assert sign_in(client, person).location == "/"


class TestSecondStep:
    def test_the_code_opens(self, client: FlaskClient, phone: Phone, person: Person) -> None:
        assert sign_in(client, person).location == "/connexion/code"
        assert not is_signed_in(client)
        client.get("/echeances?a=1")
        answer = send(client, "/connexion/code", code=phone.code())
        assert (answer.status_code, answer.location) == (303, "/echeances?a=1")
        assert is_signed_in(client)
        assert traces(phone.app)[-2:] == [("factor-proven", ""), ("logged-in", "password and second factor")]

    def test_the_same_code_does_not_open_twice(
        self, client: FlaskClient, phone: Phone, person: Person
    ) -> None:
        sign_in(client, person)
        send(client, "/connexion/code", code=phone.code())
        thief = phone.app.test_client()
        sign_in(thief, person)
        assert errors_of(send(thief, "/connexion/code", code=phone.code())) == [WRONG]
        assert not is_signed_in(thief)
        assert traces(phone.app)[-1] == ("factor-refused", "")

    def test_a_recovery_code_opens_once(self, client: FlaskClient, phone: Phone, person: Person) -> None:
        sign_in(client, person)
        assert "code de secours" in client.get("/connexion/code?secours=1").text.lower()
        code = phone.recovery_codes[0].lower()
        assert send(client, "/connexion/code?secours=1", code=code).status_code == 303
        other = phone.app.test_client()
        sign_in(other, person)
        assert errors_of(send(other, "/connexion/code", code=code)) == [WRONG]

    def test_codes_are_throttled_by_account(
        self, client: FlaskClient, phone: Phone, clock: FrozenClock, person: Person
    ) -> None:
        sign_in(client, person)
        for _ in range(5):
            assert errors_of(send(client, "/connexion/code", code="000000")) == [WRONG]
        assert "Trop de codes refusés" in errors_of(send(client, "/connexion/code", code=phone.code()))[0]
        clock.advance(timedelta(minutes=15))
        sign_in(client, person)
        assert send(client, "/connexion/code", code=phone.code()).status_code == 303

    def test_typing_the_name_of_the_counter_locks_nobody(
        self, client: FlaskClient, phone: Phone, person: Person
    ) -> None:
        for _ in range(6):
            send(client, "/connexion", email=f"\x1fcode {person.account_id}", password="non")
        sign_in(client, person)
        assert send(client, "/connexion/code", code=phone.code()).status_code == 303

    def test_a_new_password_ends_a_login_half_done(
        self, client: FlaskClient, phone: Phone, person: Person
    ) -> None:
        sign_in(client, person)
        with phone.app.app_context(), transaction():
            db.session.get_one(Account, person.account_id).password_hash = "changed"
        assert client.get("/connexion/code").location == "/connexion"

    @pytest.mark.parametrize("typed", ["\x00", "<script>", "é" * 39, "9" * 30])
    def test_hostile_codes_are_refused(
        self, client: FlaskClient, phone: Phone, person: Person, typed: str
    ) -> None:
        sign_in(client, person)
        assert errors_of(send(client, "/connexion/code", code=typed))

    def test_the_last_login_is_dated(
        self, client: FlaskClient, phone: Phone, clock: FrozenClock, person: Person
    ) -> None:
        clock.advance(timedelta(hours=1))
        sign_in(client, person)
        send(client, "/connexion/code", code=phone.code())
        with phone.app.app_context():
            assert db.session.get_one(Account, person.account_id).last_login_at == clock.now()


class TestOneOwnFactor:
    def test_it_can_be_set_up_then_changed_where_it_is_not_required(
        self, app: Flask, client: FlaskClient, person: Person
    ) -> None:
        log_in(app, client, person)
        first = enrol(app, client)
        assert "10 sur 10" in client.get("/mon-compte/second-facteur").text
        assert "En place" in client.get("/mon-compte").text
        second = enrol(app, client)
        other = app.test_client()
        sign_in(other, person)
        assert errors_of(send(other, "/connexion/code", code=first.code())) == [WRONG]
        assert send(other, "/connexion/code", code=second.code()).status_code == 303

    def test_it_is_removed(self, app: Flask, client: FlaskClient, person: Person) -> None:
        log_in(app, client, person)
        enrol(app, client)
        assert post(client, "/mon-compte/second-facteur/retrait") == 303
        assert sign_in(app.test_client(), person).location == "/"
        assert traces(app)[-2][0] == "factor-changed"
        assert letters(app)[-1] == ("factor-changed", {"removed": True})

    def test_it_is_not_removed_where_it_is_required(
        self, client: FlaskClient, phone: Phone, person: Person
    ) -> None:
        log_in(phone.app, client, person)
        assert "Retirer" not in client.get("/mon-compte/second-facteur").text
        assert post(client, "/mon-compte/second-facteur/retrait") == 409
        assert sign_in(phone.app.test_client(), person).location == "/connexion/code"

    def test_new_recovery_codes_are_shown_once(
        self, client: FlaskClient, phone: Phone, person: Person
    ) -> None:
        log_in(phone.app, client, person)
        answer = client.post("/mon-compte/codes-de-secours", data={"csrf_token": token_of(client)})
        former, phone.recovery_codes = phone.recovery_codes, []
        phone.keep_codes(answer)
        assert not set(former) & set(phone.recovery_codes)
        assert phone.recovery_codes[0] not in client.get("/mon-compte/second-facteur").text
        assert letters(phone.app)[-1] == ("factor-changed", {"removed": False})

    def test_who_has_none_has_no_recovery_codes(
        self, app: Flask, client: FlaskClient, person: Person
    ) -> None:
        log_in(app, client, person)
        assert post(client, "/mon-compte/codes-de-secours") == 409


def test_the_demonstration_says_that_it_has_none(app: Flask, client: FlaskClient, person: Person) -> None:
    former = app.extensions["settings"]
    app.extensions["settings"] = dataclasses.replace(former, demo=True)
    try:
        assert "Ils n’ont pas de second facteur" in client.get("/connexion").text
        assert sign_in(client, person, PASSWORD).location == "/"
        assert "compte de démonstration" in client.get("/mon-compte").text
    finally:
        app.extensions["settings"] = former


def token_of(client: FlaskClient) -> str:
    field = page(client.get("/mon-compte")).find("input", {"name": "csrf_token"})
    assert field is not None
    return str(field["value"])


def post(client: FlaskClient, address: str) -> int:
    return client.post(address, data={"csrf_token": token_of(client)}).status_code


def send_bare(client: FlaskClient, address: str) -> str | None:
    field = page(client.get("/connexion")).find("input", {"name": "csrf_token"})
    assert field is not None
    return client.post(address, data={"csrf_token": str(field["value"]), "code": "123456"}).location


def letters(app: Flask) -> list[tuple[str, dict[str, object]]]:
    with app.app_context():
        return [(row.template, row.context) for row in db.session.query(Outbox).order_by(Outbox.id)]
