from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Account, OneTimeLink
from app.accounts.one_time_links import INVITATION_LIFETIME, Purpose, make_link
from app.accounts.policy import Role
from app.accounts.service import check_credentials
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.notifications.models import Outbox
from tests.accounts.screens import (
    PASSWORD,
    Phone,
    enrol,
    errors_of,
    heading,
    is_signed_in,
    page,
    send,
    sign_in,
    traces,
)
from tests.factories import Person, World, log_in

ASK = "/connexion/mot-de-passe-oublie"
NEW = "quatre chaises bleues"


def paths(app: Flask) -> list[str]:
    """Where the letters that are owed lead to."""
    with app.app_context():
        return [row.path for row in db.session.query(Outbox).order_by(Outbox.id)]


@pytest.fixture
def link(app: Flask, client: FlaskClient, person: Person) -> str:
    """The link that the person received after asking for it."""
    send(client, ASK, email=person.email)
    return paths(app)[-1]


class TestAsking:
    def test_the_answer_is_the_same_whoever_asks(
        self, app: Flask, client: FlaskClient, person: Person
    ) -> None:
        answers = [send(client, ASK, email=email) for email in (person.email, "inconnu@exemple.test")]
        shown = {
            answer.text.replace(person.email, "…").replace("inconnu@exemple.test", "…") for answer in answers
        }
        assert [answer.status_code for answer in answers] == [200, 200]
        assert len(shown) == 1
        assert len(paths(app)) == 1
        assert re.fullmatch(r"/connexion/nouveau-mot-de-passe/[\w-]{43}", paths(app)[0])

    def test_a_closed_account_receives_nothing(self, app: Flask, client: FlaskClient, person: Person) -> None:
        with app.app_context(), transaction():
            db.session.get_one(Account, person.account_id).active = False
        assert "un lien vient de lui être envoyé" in send(client, ASK, email=person.email).text
        assert not paths(app)

    def test_an_account_without_password_gets_none_that_way(
        self, app: Flask, world: World, client: FlaskClient
    ) -> None:
        email = world.here.people[Role.ADMINISTRATOR].email
        assert "un lien vient de lui être envoyé" in send(client, ASK, email=email).text
        assert not paths(app)

    def test_nobody_fills_a_mailbox(
        self, app: Flask, client: FlaskClient, clock: FrozenClock, person: Person
    ) -> None:
        for _ in range(6):
            assert send(client, ASK, email=person.email.upper()).status_code == 200
        assert len(paths(app)) == 3
        assert sign_in(client, person).status_code == 303, "asking does not lock the login"

    def test_an_empty_address_is_named(self, client: FlaskClient) -> None:
        assert errors_of(send(client, ASK)) == ["Adresse électronique : Indiquez votre adresse électronique."]


class TestChoosing:
    def test_the_new_password_replaces_the_former_and_ends_every_session(
        self, app: Flask, client: FlaskClient, person: Person, link: str
    ) -> None:
        other = log_in(app, app.test_client(), person)
        answer = send(client, link, password=NEW, repeated=NEW)
        assert (answer.status_code, answer.location) == (303, "/connexion")
        assert "Votre mot de passe est changé" in client.get("/connexion").text
        assert not is_signed_in(client), "a link opens no session"
        assert not is_signed_in(other)
        assert sign_in(client, person).status_code == 422
        assert sign_in(client, person, NEW).location == "/mon-compte"
        assert ("password-changed", "link: password") in traces(app)
        assert paths(app)[-1] == "/mon-compte", "its owner is told"

    def test_a_mail_scanner_uses_nothing_up(
        self, app: Flask, client: FlaskClient, person: Person, link: str
    ) -> None:
        for method in ("GET", "HEAD", "GET"):
            assert app.test_client().open(link, method=method).status_code == 200
        assert send(client, link, password=NEW, repeated=NEW).status_code == 303

    def test_a_link_serves_once(self, app: Flask, client: FlaskClient, person: Person, link: str) -> None:
        visitor = app.test_client()
        token = page(visitor.get(link)).find("input", {"name": "csrf_token"})
        assert token is not None
        send(client, link, password=NEW, repeated=NEW)
        fields = {
            "csrf_token": str(token["value"]),
            "password": "cinq chaises vertes",
            "repeated": "cinq chaises vertes",
        }
        assert visitor.post(link, data=fields).status_code == 410
        assert client.get(link).status_code == 410
        with app.app_context():
            assert check_credentials(person.email, NEW)

    def test_used_expired_and_invented_links_look_alike(
        self, app: Flask, client: FlaskClient, clock: FrozenClock, person: Person, link: str
    ) -> None:
        clock.advance(timedelta(hours=1))
        expired, invented = client.get(link), client.get(link[:-4] + "aaaa")
        assert expired.status_code == invented.status_code == 410
        assert expired.text == invented.text
        assert heading(expired) == "Ce lien ne sert plus"

    def test_the_same_rules_as_ever_hold(self, client: FlaskClient, person: Person, link: str) -> None:
        for password, repeated, words in (
            ("court", "court", "au moins 12"),
            ("motdepasse2026", "motdepasse2026", "parmi les premiers"),
            (NEW, "autre", "diffèrent"),
            ("", "", "Indiquez le nouveau"),
        ):
            answer = send(client, link, password=password, repeated=repeated)
            assert any(words in line for line in errors_of(answer))
            assert not password or password not in answer.text
        assert sign_in(client, person).status_code == 303, "nothing has changed"

    def test_the_second_factor_stays(self, strict: Flask, client: FlaskClient, person: Person) -> None:
        browser = strict.test_client()
        sign_in(browser, person)
        phone = enrol(strict, browser, "/connexion/second-facteur")
        send(client, ASK, email=person.email)
        send(client, paths(strict)[-1], password=NEW, repeated=NEW)
        assert sign_in(client, person, NEW).location == "/connexion/code"
        assert not is_signed_in(client)
        assert send(client, "/connexion/code", code=phone.code()).status_code == 303


class TestInvitation:
    @pytest.fixture
    def invitation(self, app: Flask, world: World, clock: FrozenClock) -> str:
        newcomer = world.here.people[Role.MANAGER]
        with app.app_context(), transaction():
            return "/invitation/" + make_link(
                newcomer.account_id, Purpose.INVITATION, INVITATION_LIFETIME, clock.now()
            )

    def test_one_chooses_a_password_then_enrols(
        self, strict: Flask, client: FlaskClient, invitation: str
    ) -> None:
        assert "Vous réglerez ensuite votre second facteur" in client.get(invitation).text
        answer = send(client, invitation, password=NEW, repeated=NEW)
        assert answer.location == "/connexion/second-facteur"
        assert not is_signed_in(client)
        phone = Phone(strict)
        phone.scan(client.get("/connexion/second-facteur"))
        send(client, "/connexion/second-facteur", code=phone.code())
        assert is_signed_in(client)

    def test_an_administrator_needs_a_longer_password(
        self, app: Flask, world: World, client: FlaskClient, clock: FrozenClock
    ) -> None:
        administrator = world.here.people[Role.ADMINISTRATOR]
        with app.app_context(), transaction():
            token = make_link(administrator.account_id, Purpose.INVITATION, INVITATION_LIFETIME, clock.now())
        assert "Au moins 16 caractères" in client.get(f"/invitation/{token}").text
        answer = send(client, f"/invitation/{token}", password="chaise bleue 7", repeated="chaise bleue 7")
        assert "au moins 16" in errors_of(answer)[0]

    def test_it_lasts_a_week_and_serves_for_nothing_else(
        self, client: FlaskClient, clock: FrozenClock, invitation: str
    ) -> None:
        token = invitation.rpartition("/")[2]
        assert client.get(f"/connexion/nouveau-mot-de-passe/{token}").status_code == 410
        clock.advance(timedelta(days=6))
        assert client.get(invitation).status_code == 200
        clock.advance(timedelta(days=1))
        assert client.get(invitation).status_code == 410

    def test_whoever_was_signed_in_on_that_browser_is_not_any_more(
        self, app: Flask, client: FlaskClient, person: Person, invitation: str
    ) -> None:
        log_in(app, client, person)
        send(client, invitation, password=NEW, repeated=NEW)
        name = page(client.get("/mon-compte")).select_one(".viewer strong")
        assert name is not None
        assert name.get_text() == "manager pas-de-calais"


def test_wrong_and_throttled_logins_leave_a_trace(app: Flask, client: FlaskClient, person: Person) -> None:
    sign_in(client, person, "quatre chaises bleues")
    send(client, "/connexion", email="inconnu@exemple.test", password=PASSWORD)
    assert traces(app) == [("login-refused", "password")] * 2
    with app.app_context():
        assert db.session.query(OneTimeLink).count() == 0
