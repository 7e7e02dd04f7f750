"""The complete sign-in, against the engine that ProConnect itself runs (tests/peers/provider)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urljoin

import pytest
import requests
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.models import Account, LoginSession
from app.accounts.policy import Role
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import SystemClock
from tests.accounts.federated import (
    FAREWELL,
    LOGIN,
    PENDING,
    START,
    close_desks,
    csrf_token,
    desk_trusting,
    invite,
    is_signed_in,
    page,
    query_of,
    text_of,
    traces,
)
from tests.factories import World
from tests.peers.proconnect import PUBLIC_URL, provider_issuer


@pytest.fixture(scope="module", autouse=True)
def _close() -> Iterator[None]:
    yield
    close_desks()


class Person:
    """Someone at a browser, whose cookies for the provider are apart from those for the desk."""

    def __init__(self, desk: Flask) -> None:
        self.desk = desk.test_client()
        self.elsewhere = requests.Session()

    def leave(self, **fields: str) -> str:
        answer = self.desk.post(START, data={"csrf_token": csrf_token(self.desk), **fields})
        assert answer.status_code == 303
        return answer.location

    def walk(self, url: str, person: str = "agent") -> str:
        """Follow the provider's pages from `url`, pressing its buttons, to the address it leads back to."""
        for _ in range(12):
            if url.startswith(PUBLIC_URL):
                return url.removeprefix(PUBLIC_URL)
            answer = self.elsewhere.get(url, allow_redirects=False)
            while not answer.is_redirect:
                answer = self.press(answer, person)
            url = urljoin(answer.url, answer.headers["Location"])
        raise AssertionError(f"the provider leads nowhere: {url}")

    def press(self, answer: requests.Response, person: str) -> requests.Response:
        form = BeautifulSoup(answer.text, "html5lib").find("form")
        assert form is not None, answer.text
        fields = {str(field["name"]): str(field["value"]) for field in form.find_all("input")}
        target = urljoin(answer.url, str(form.get("action") or answer.url))
        return self.elsewhere.post(
            target, data=fields | {"person": person, "logout": "yes"}, allow_redirects=False
        )

    def sign_in(self, person: str = "agent", **fields: str) -> TestResponse:
        return self.desk.get(self.walk(self.leave(**fields), person))

    def sign_out(self) -> TestResponse:
        answer = self.desk.post("/deconnexion", data={"csrf_token": csrf_token(self.desk, "/mon-compte")})
        assert answer.status_code == 303
        return answer

    def close(self) -> None:
        self.elsewhere.close()


@pytest.fixture
def desk(app: Flask, world: World) -> Flask:
    """The desk, in real time: the provider knows no other."""
    app.extensions["clock"] = SystemClock()
    return desk_trusting(app, provider_issuer(), timeout=timedelta(seconds=30))


@pytest.fixture
def person(desk: Flask) -> Iterator[Person]:
    someone = Person(desk)
    yield someone
    someone.close()


def test_what_is_asked(person: Person) -> None:
    asked = query_of(person.leave())
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == f"{PUBLIC_URL}/connexion/proconnect/retour"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) >= 32
    assert len(asked["nonce"]) >= 32
    assert "siret" in asked["scope"].split()
    assert '"essential": true' in asked["claims"]
    assert "client_secret" not in asked
    assert "prompt" not in asked


def test_from_the_button_to_the_page_that_was_wanted_and_out_again(
    app: Flask, world: World, person: Person
) -> None:
    guest = invite(app, world.there)
    person.desk.get("/sollicitations?onglet=toutes")
    answer = person.sign_in()
    assert (answer.status_code, answer.location) == (303, "/sollicitations?onglet=toutes")
    assert is_signed_in(person.desk)
    assert "Utilisateur" in text_of(person.desk.get("/mon-compte"))
    assert traces(app)[-1] == ("logged-in", "proconnect eidas1-mfa")
    with app.app_context():
        session = db.session.scalars(select(LoginSession)).one()
        assert (session.account_id, session.method, session.acr) == (guest, "proconnect", "eidas1-mfa")
        assert session.proven_at is not None
        assert session.id_token is not None
        id_token = session.id_token
    cookie = person.desk.get_cookie("desk")
    assert cookie is not None
    assert len(cookie.value) < 1_000
    assert id_token[:20] not in cookie.value

    answer = person.sign_out()
    assert not is_signed_in(person.desk)
    assert query_of(answer.location)["id_token_hint"] == id_token
    back = person.walk(answer.location)
    assert back.startswith(FAREWELL)
    assert person.desk.get(back).location == LOGIN
    assert "de ProConnect aussi" in text_of(person.desk.get(LOGIN))
    # ProConnect has forgotten the person: it asks again who they are.
    asked_again = person.elsewhere.get(person.leave())
    assert "Fournisseur d’identité de test" in asked_again.text


def test_the_second_time_only_sub_counts(app: Flask, world: World, person: Person) -> None:
    guest = invite(app, world.there)
    assert person.sign_in().location == "/"
    with app.app_context(), transaction():
        db.session.get_one(Account, guest).email = "autre@exemple.test"
    again = Person(person.desk.application)
    assert again.sign_in().location == "/"
    again.close()
    with app.app_context():
        assert {row.account_id for row in db.session.scalars(select(LoginSession))} == {guest}


def test_signing_in_changes_the_session_and_ends_the_one_before(
    app: Flask, world: World, person: Person
) -> None:
    invite(app, world.there)
    person.sign_in()
    with person.desk.session_transaction() as session:
        first = session["_user_id"]
    answer = person.desk.post(START, data={"csrf_token": csrf_token(person.desk, "/mon-compte")})
    assert query_of(answer.location)["prompt"] == "login"
    assert person.desk.get(person.walk(answer.location)).location == "/"
    with person.desk.session_transaction() as session:
        assert session["_user_id"] != first
    with app.app_context():
        assert len(db.session.scalars(select(LoginSession)).all()) == 1


def test_signing_in_surely_opens_a_privileged_role(app: Flask, world: World, person: Person) -> None:
    invite(app, world.there, Role.SECURITY_OFFICER, "rssi.invite@exemple.test")
    assert person.sign_in("officer", sure="1").location == "/"
    assert "Responsable de la sécurité" in text_of(person.desk.get("/mon-compte"))


def test_a_sign_in_without_second_factor_does_not_come_back(person: Person) -> None:
    """The provider asks again and again; the person gives up, and is told on our page."""
    url = person.leave()
    answer = person.elsewhere.get(url)
    first = answer.url
    answer = person.press(answer, "single-factor")
    answer = person.elsewhere.get(urljoin(answer.url, answer.headers["Location"]))
    assert "/interaction/" in first
    assert "/interaction/" in answer.url
    cancelled = person.press(answer, "")
    back = person.elsewhere.get(
        urljoin(cancelled.url, cancelled.headers["Location"]), allow_redirects=False
    ).headers["Location"]
    refused = person.desk.get(back.removeprefix(PUBLIC_URL))
    assert refused.status_code == 403
    assert "a été interrompue" in text_of(refused)
    assert not is_signed_in(person.desk)


def test_someone_whom_nobody_expected_waits_and_leaves_cleanly(app: Flask, person: Person) -> None:
    assert person.sign_in("unknown").location == PENDING
    waiting = person.desk.get(PENDING)
    assert "Votre compte attend l’ouverture de vos droits" in text_of(waiting)
    assert person.desk.get("/").location == LOGIN
    token = page(waiting).find("input", {"name": "csrf_token"})
    assert token is not None
    answer = person.desk.post(FAREWELL, data={"csrf_token": str(token["value"])})
    back = person.walk(answer.location)
    assert person.desk.get(back).location == LOGIN
    assert "de ProConnect aussi" in text_of(person.desk.get(LOGIN))


def test_leaving_while_the_provider_is_down_leaves_the_desk_all_the_same(
    app: Flask, world: World, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    invite(app, world.there)
    person.sign_in()
    down = desk_trusting(app, "http://127.0.0.1:9/api/v2").extensions["proconnect"]
    monkeypatch.setitem(person.desk.application.extensions, "proconnect", down)
    assert person.sign_out().location == LOGIN
    assert "ProConnect ne répond pas" in text_of(person.desk.get(LOGIN))
    assert not is_signed_in(person.desk)


def test_the_login_page_offers_proconnect_first(person: Person) -> None:
    answer = person.desk.get(LOGIN)
    words = text_of(answer)
    assert words.index("S’identifier avec ProConnect") < words.index("Mot de passe")
    link = page(answer).find("a", href="https://www.proconnect.gouv.fr/")
    assert link is not None
    assert "Qu’est-ce que ProConnect" in link.get_text()


def test_forms_may_lead_to_the_federation_and_nowhere_else(person: Person) -> None:
    policy = person.desk.get(LOGIN).headers["Content-Security-Policy"]
    origin = provider_issuer().removesuffix("/api/v2")
    assert f"form-action 'self' {origin};" in policy


def test_where_it_is_not_configured_there_is_nothing_of_it(client: FlaskClient, world: World) -> None:
    answer = client.get(LOGIN)
    assert "ProConnect" not in text_of(answer)
    assert "form-action 'self';" in answer.headers["Content-Security-Policy"]
    assert client.post(START, data={"csrf_token": csrf_token(client)}).status_code == 404
    assert client.get(PENDING).status_code == 404


def test_its_pages_are_public_by_decision(desk: Flask) -> None:
    views = {name: view for name, view in desk.view_functions.items() if name.startswith("proconnect.")}
    assert len(views) == 5
    assert {getattr(view, "door", None) for view in views.values()} == {"public"}
