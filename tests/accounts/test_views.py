from __future__ import annotations

import dataclasses
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from app.accounts import sessions
from app.accounts.policy import Role
from app.accounts.service import add_membership
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from tests.accounts.screens import PASSWORD, csrf_token, errors_of, is_signed_in, page, send, sign_in
from tests.factories import Person, World, log_in


class TestLogin:
    def test_the_right_password_opens_the_home_page(self, client: FlaskClient, person: Person) -> None:
        answer = sign_in(client, person, person.email)
        assert answer.status_code == 422
        answer = sign_in(client, person)
        assert (answer.status_code, answer.location) == (303, "/")
        assert is_signed_in(client)
        assert client.get("/connexion").location == "/"

    def test_wrong_and_unknown_get_the_same_answer(self, client: FlaskClient, person: Person) -> None:
        wrong = sign_in(client, person, "quatre chaises bleues")
        unknown = send(client, "/connexion", email="inconnu@exemple.test", password=PASSWORD)
        assert errors_of(wrong) == errors_of(unknown)
        assert errors_of(wrong) == ["L’adresse électronique ou le mot de passe est incorrect."]
        assert not is_signed_in(client)

    def test_what_was_typed_is_kept_but_the_password(self, client: FlaskClient, person: Person) -> None:
        answer = page(sign_in(client, person, "quatre chaises bleues"))
        email, password = (answer.find("input", {"name": name}) for name in ("email", "password"))
        assert email is not None
        assert password is not None
        assert email["value"] == person.email
        assert not password.get("value")

    def test_empty_fields_are_named(self, client: FlaskClient) -> None:
        assert errors_of(send(client, "/connexion")) == [
            "Adresse électronique : Indiquez votre adresse électronique.",
            "Mot de passe : Indiquez votre mot de passe.",
        ]

    @pytest.mark.parametrize("text", ["\x00", "a" * 300, "<script>", "' OR 1=1 --", "é\ud83d\ude00@x"])
    def test_hostile_input_is_refused_like_any_other(self, client: FlaskClient, text: str) -> None:
        clean = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        answer = send(client, "/connexion", email=clean, password=clean)
        assert errors_of(answer)
        assert "<script>" not in str(page(answer).find("form"))

    def test_too_many_tries_are_told_to_wait(
        self, client: FlaskClient, clock: FrozenClock, person: Person
    ) -> None:
        for _ in range(10):
            send(client, "/connexion", email=person.email, password="non")
        assert "Trop d’essais" in errors_of(sign_in(client, person))[0]
        clock.advance(timedelta(minutes=15))
        assert sign_in(client, person).status_code == 303

    def test_a_form_without_its_token_is_refused(self, client: FlaskClient, person: Person) -> None:
        answer = client.post("/connexion", data={"email": person.email, "password": PASSWORD})
        assert answer.status_code == 400
        assert not is_signed_in(client)

    def test_the_session_is_new_at_each_login(self, client: FlaskClient, person: Person) -> None:
        before = csrf_token(client, "/connexion")
        sign_in(client, person)
        with client.session_transaction() as session:
            first = session["_user_id"]
        assert csrf_token(client, "/mon-compte") != before
        send_logout(client)
        sign_in(client, person)
        with client.session_transaction() as session:
            assert session["_user_id"] != first

    def test_the_cookie_stays_out_of_reach_of_scripts_and_other_sites(
        self, client: FlaskClient, person: Person
    ) -> None:
        cookie = sign_in(client, person).headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie


class TestNext:
    def test_one_arrives_where_one_wanted_to_go(self, client: FlaskClient, person: Person) -> None:
        answer = client.get("/mon-compte?onglet=1")
        assert (answer.status_code, answer.location) == (303, "/connexion")
        assert sign_in(client, person).location == "/mon-compte?onglet=1"

    def test_a_fragment_leads_back_to_its_page(self, client: FlaskClient, person: Person) -> None:
        """Nobody is led away from a page in which they may be typing: the script decides (static/js/app.js)."""
        answer = client.get(
            "/mon-compte", headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/echeances?a=1"}
        )
        assert (answer.status_code, answer.headers.get("HX-Redirect")) == (401, None)
        assert sign_in(client, person).location == "/echeances?a=1"

    def test_a_lost_form_leads_back_to_its_page(self, client: FlaskClient, person: Person) -> None:
        token = csrf_token(client, "/connexion")
        client.post(
            "/mon-compte", data={"csrf_token": token}, headers={"Referer": "http://localhost/mon-compte"}
        )
        assert sign_in(client, person).location == "/mon-compte"

    @pytest.mark.parametrize(
        "evil",
        [
            "//evil.example",
            "/\\evil.example",
            "https://evil.example/%2F/evil.example",
            "http://[",
            "/%2F%2Fevil.example",
        ],
    )
    def test_one_never_arrives_elsewhere(self, client: FlaskClient, person: Person, evil: str) -> None:
        client.get("/mon-compte", headers={"HX-Request": "true", "HX-Current-URL": evil})
        client.get("/connexion", query_string={"next": evil})
        location = sign_in(client, person, next=evil).location
        assert re.fullmatch(r"/[a-z-]*", location)


class TestSession:
    def test_logging_out_ends_the_session_on_the_server(
        self, client: FlaskClient, app: Flask, person: Person
    ) -> None:
        sign_in(client, person)
        stolen = app.test_client()
        with client.session_transaction() as session:
            token = session["_user_id"]
        with stolen.session_transaction() as session:
            session["_user_id"] = token
        assert is_signed_in(stolen)
        assert send_logout(client).location == "/connexion"
        assert "Vous êtes déconnecté" in client.get("/connexion").text
        assert not is_signed_in(client)
        assert not is_signed_in(stolen)

    def test_logging_out_takes_a_form_with_its_token(self, client: FlaskClient, person: Person) -> None:
        sign_in(client, person)
        assert client.get("/deconnexion").status_code == 405
        assert client.post("/deconnexion").status_code == 400
        assert is_signed_in(client)

    def test_it_lasts_while_it_is_used(self, client: FlaskClient, clock: FrozenClock, person: Person) -> None:
        sign_in(client, person)
        for _ in range(3):
            clock.advance(timedelta(hours=3))
            assert is_signed_in(client)
        clock.advance(timedelta(hours=4))
        assert client.get("/mon-compte").location == "/connexion"
        assert "Votre session est terminée" in client.get("/connexion").text

    def test_logging_out_twice_does_no_harm(
        self, client: FlaskClient, clock: FrozenClock, person: Person
    ) -> None:
        sign_in(client, person)
        token = csrf_token(client, "/mon-compte")
        clock.advance(timedelta(hours=12))
        assert client.post("/deconnexion", data={"csrf_token": token}).location == "/connexion"

    def test_a_page_is_shown_though_its_visit_cannot_be_noted(
        self, client: FlaskClient, clock: FrozenClock, person: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sign_in(client, person)
        clock.advance(timedelta(minutes=10))
        monkeypatch.setattr(sessions, "see", away)
        assert is_signed_in(client)

    def test_the_database_may_be_away(
        self, client: FlaskClient, person: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sign_in(client, person)
        monkeypatch.setattr(sessions, "load_logged_in", away)
        answer = client.get("/mon-compte")
        assert answer.status_code == 503
        assert page(answer).find("h1") is not None

    def test_an_idle_session_ends(self, client: FlaskClient, clock: FrozenClock, person: Person) -> None:
        sign_in(client, person)
        clock.advance(timedelta(hours=5))
        assert not is_signed_in(client)


class TestPartners:
    @pytest.fixture
    def both(self, app: Flask, world: World, person: Person) -> Person:
        """The same person, who is also a manager in the second partner."""
        with app.app_context(), transaction():
            add_membership(person.account_id, world.there.partner_id, Role.MANAGER)
        return person

    def test_who_belongs_to_several_chooses_then_goes_on(
        self, client: FlaskClient, world: World, both: Person
    ) -> None:
        client.get("/mon-compte?onglet=1")
        assert sign_in(client, both).location == "/partenaire"
        choices = [
            str(field["value"]) for field in page(client.get("/partenaire")).select("input[type=radio]")
        ]
        assert sorted(choices) == sorted([world.here.code, world.there.code])
        assert send(client, "/partenaire", partner=world.there.code).location == "/mon-compte?onglet=1"
        assert "Responsable du suivi opérationnel" in viewer(client)
        assert send(client, "/partenaire", partner=world.here.code).location == "/"
        assert "Utilisateur" in viewer(client)

    def test_who_belongs_to_one_is_not_asked(self, client: FlaskClient, person: Person) -> None:
        assert sign_in(client, person).location == "/"
        assert "Changer de partenaire" not in client.get("/mon-compte").text

    @pytest.mark.parametrize("partner", ["", "nord", "inconnu", "\x00"])
    def test_another_partner_is_refused(self, client: FlaskClient, person: Person, partner: str) -> None:
        sign_in(client, person)
        assert errors_of(send(client, "/partenaire", partner=partner))


class TestAccount:
    def test_it_shows_who_one_is(self, client: FlaskClient, app: Flask, person: Person) -> None:
        text = page(log_in(app, client, person).get("/mon-compte")).get_text(" ", strip=True)
        for words in (person.name, person.email, "Utilisateur", "Accueil", "Au moins 12 caractères"):
            assert words in text

    def test_the_password_changes_with_the_current_one(
        self, client: FlaskClient, app: Flask, person: Person
    ) -> None:
        other = log_in(app, app.test_client(), person)
        log_in(app, client, person)
        new = "quatre chaises bleues"
        answer = send(client, "/mon-compte", current=PASSWORD, password=new, repeated=new)
        assert (answer.status_code, answer.location) == (303, "/mon-compte")
        assert "Votre mot de passe est changé" in client.get("/mon-compte").text
        assert not is_signed_in(other)
        assert sign_in(other, person, new).status_code == 303

    @pytest.mark.parametrize(
        ("current", "new", "repeated", "error"),
        [
            (
                "faux",
                "quatre chaises bleues",
                "quatre chaises bleues",
                "Ce n’est pas votre mot de passe actuel.",
            ),
            (PASSWORD, "court", "court", "il en faut au moins 12"),
            (PASSWORD, "motdepasse2026", "motdepasse2026", "parmi les premiers"),
            (PASSWORD, "quatre chaises bleues", "autre", "diffèrent"),
            ("", "", "", "Indiquez votre mot de passe actuel."),
        ],
    )
    def test_refusals_change_nothing(
        self,
        client: FlaskClient,
        app: Flask,
        person: Person,
        current: str,
        new: str,
        repeated: str,
        error: str,
    ) -> None:
        log_in(app, client, person)
        answer = send(client, "/mon-compte", current=current, password=new, repeated=repeated)
        assert any(error in line for line in errors_of(answer))
        assert sign_in(app.test_client(), person).status_code == 303


class TestDemonstration:
    def test_the_accounts_are_listed_in_the_demonstration_only(
        self, client: FlaskClient, app: Flask, person: Person
    ) -> None:
        assert person.email not in client.get("/connexion").text
        settings = app.extensions["settings"]
        app.extensions["settings"] = dataclasses.replace(settings, demo=True)
        try:
            rows = page(client.get("/connexion")).select("tbody tr")
        finally:
            app.extensions["settings"] = settings
        assert [[cell.get_text(strip=True) for cell in row.find_all("td")] for row in rows] == [
            ["Utilisateur", person.name, person.email]
        ]


def away(*_arguments: object, **_more: object) -> None:
    raise OperationalError("SELECT", {}, Exception("away"))


def send_logout(client: FlaskClient) -> TestResponse:
    return client.post("/deconnexion", data={"csrf_token": csrf_token(client, "/mon-compte")})


def viewer(client: FlaskClient) -> str:
    frame = page(client.get("/mon-compte")).select_one(".viewer")
    assert frame is not None
    return frame.get_text(" ", strip=True)


def test_a_form_of_nobody_known_gives_its_words_back(app: Flask) -> None:
    client = app.test_client()
    token = csrf_token(client, "/connexion")
    typed = {"subject": "Page blanche", "text": "Depuis ce matin, rien ne s’affiche."}
    answer = client.post("/sollicitations/nouvelle", data={"csrf_token": token, **typed})
    assert answer.status_code == 401
    assert [area.get_text() for area in page(answer).find_all("textarea")] == list(typed.values())
    assert "Se connecter" in answer.text


def test_passwords_are_never_given_back(app: Flask, world: World) -> None:
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = "over"
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        answer = client.post(
            "/mon-compte", data={"current": "mot de passe actuel", "password": "le nouveau mot"}
        )
    finally:
        app.config["WTF_CSRF_ENABLED"] = True
    assert answer.status_code == 401
    assert "mot de passe actuel" not in answer.text
    assert "le nouveau mot" not in answer.text
