from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.models import LoginSession
from app.accounts.policy import Role
from app.extensions import db
from app.kernel.clock import FrozenClock
from tests.accounts.screens import is_signed_in, page, sign_in, traces
from tests.factories import Person, World, log_in

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
POLLING = {"X-Polling": "1"}


def csrf(client: FlaskClient) -> str:
    field = page(client.get("/mon-compte")).find("input", {"name": "csrf_token"})
    assert field is not None
    return str(field["value"])


def post(client: FlaskClient, address: str, **fields: str) -> TestResponse:
    return client.post(address, data={"csrf_token": csrf(client), **fields})


class TestMySessions:
    @pytest.fixture
    def elsewhere(self, app: Flask, client: FlaskClient, clock: FrozenClock, person: Person) -> FlaskClient:
        """Another browser of the person, who is signed in with `client` too, since ten minutes later."""
        other = app.test_client()
        other.environ_base["HTTP_USER_AGENT"] = FIREFOX
        sign_in(other, person)
        clock.advance(10 * MINUTE)
        log_in(app, client, person)
        return other

    def test_each_is_shown_with_its_browser_and_times(
        self, client: FlaskClient, elsewhere: FlaskClient
    ) -> None:
        rows = [
            [" ".join(cell.get_text(" ").split()) for cell in row.find_all("td")[:4]]
            for row in page(client.get("/mon-compte/sessions")).select("tbody tr")
        ]
        assert rows == [
            ["Navigateur inconnu Celle-ci", "Mot de passe", "10/03/2026 à 9 h 10", "à l’instant"],
            ["Firefox sur Windows", "Mot de passe", "10/03/2026 à 9 h 00", "il y a 10 min"],
        ]

    def test_one_is_closed(self, app: Flask, client: FlaskClient, elsewhere: FlaskClient) -> None:
        handle = page(client.get("/mon-compte/sessions")).find("input", {"name": "session", "value": True})
        assert handle is not None
        assert post(client, "/mon-compte/sessions/fin", session=str(handle["value"])).status_code == 303
        assert not is_signed_in(elsewhere)
        assert is_signed_in(client)
        assert traces(app)[-1] == ("session-revoked", "one")

    def test_all_the_others_are_closed(
        self, app: Flask, client: FlaskClient, person: Person, elsewhere: FlaskClient
    ) -> None:
        third = log_in(app, app.test_client(), person)
        assert post(client, "/mon-compte/sessions/fin").status_code == 303
        assert "2\u00a0sessions closes" in client.get("/mon-compte/sessions").text
        assert [is_signed_in(browser) for browser in (client, elsewhere, third)] == [True, False, False]
        assert "Fermer toutes les autres" not in client.get("/mon-compte/sessions").text

    def test_those_of_another_person_are_out_of_reach(
        self, app: Flask, world: World, client: FlaskClient, elsewhere: FlaskClient
    ) -> None:
        handle = page(client.get("/mon-compte/sessions")).find("input", {"name": "session", "value": True})
        assert handle is not None
        stranger = log_in(app, app.test_client(), world.here.people[Role.MANAGER])
        assert post(stranger, "/mon-compte/sessions/fin", session=str(handle["value"])).status_code == 404
        assert is_signed_in(elsewhere)

    @pytest.mark.parametrize("handle", ["%", "_" * 16, "a", "x" * 16, "\x00"])
    def test_an_invented_one_closes_nothing(
        self, client: FlaskClient, elsewhere: FlaskClient, handle: str
    ) -> None:
        assert post(client, "/mon-compte/sessions/fin", session=handle).status_code == 404
        assert is_signed_in(elsewhere)

    def test_one_that_is_over_is_not_shown(
        self, client: FlaskClient, clock: FrozenClock, elsewhere: FlaskClient
    ) -> None:
        clock.advance(3 * HOUR)
        is_signed_in(client)
        clock.advance(HOUR)
        assert len(page(client.get("/mon-compte/sessions")).select("tbody tr")) == 1


class TestLimits:
    @pytest.mark.parametrize(
        ("role", "idle"),
        [(Role.CORRESPONDENT, 5 * HOUR), (Role.USER, 4 * HOUR), (Role.SECURITY_OFFICER, HOUR), (Role.ADMINISTRATOR, HOUR / 2)],
    )  # fmt: skip
    def test_each_role_has_its_idle_limit(
        self, app: Flask, world: World, client: FlaskClient, clock: FrozenClock, role: Role, idle: timedelta
    ) -> None:
        log_in(app, client, world.here.people[role])
        clock.advance(idle - MINUTE)
        assert is_signed_in(client)
        clock.advance(idle)
        assert not is_signed_in(client)

    def test_an_administrator_signs_in_again_after_eight_hours(
        self, app: Flask, world: World, client: FlaskClient, clock: FrozenClock
    ) -> None:
        log_in(app, client, world.here.people[Role.ADMINISTRATOR])
        for _ in range(19):
            clock.advance(25 * MINUTE)
            assert is_signed_in(client)
        clock.advance(5 * MINUTE)
        assert not is_signed_in(client)

    def test_the_settings_are_caps(
        self, app: Flask, world: World, client: FlaskClient, clock: FrozenClock
    ) -> None:
        former = app.extensions["settings"]
        app.extensions["settings"] = dataclasses.replace(former, session_idle=HOUR)
        try:
            log_in(app, client, world.here.people[Role.CORRESPONDENT])
            clock.advance(HOUR)
            assert not is_signed_in(client)
        finally:
            app.extensions["settings"] = former


class TestPolling:
    def test_a_page_left_open_keeps_nobody_signed_in(
        self, app: Flask, client: FlaskClient, clock: FrozenClock, person: Person
    ) -> None:
        log_in(app, client, person)
        for _ in range(4):
            clock.advance(59 * MINUTE)
            assert client.get("/sollicitations", headers=POLLING).status_code == 200
        clock.advance(4 * MINUTE)
        answer = client.get("/sollicitations", headers=POLLING)
        assert (answer.status_code, answer.location) == (401, None), "and leads nobody away"

    def test_polling_writes_nothing(
        self, app: Flask, client: FlaskClient, clock: FrozenClock, person: Person
    ) -> None:
        log_in(app, client, person)
        opened = clock.now()
        clock.advance(HOUR)
        client.get("/session", headers=POLLING)
        with app.app_context():
            assert db.session.query(LoginSession.last_seen_at).scalar() == opened
        client.get("/sollicitations")
        with app.app_context():
            assert db.session.query(LoginSession.last_seen_at).scalar() == clock.now()


class TestWarning:
    def test_the_page_says_when_to_warn(
        self, app: Flask, client: FlaskClient, clock: FrozenClock, person: Person
    ) -> None:
        log_in(app, client, person)
        clock.advance(HOUR)
        place = page(client.get("/mon-compte")).find(id="session")
        assert place is not None
        assert place["data-warned-at"] == (clock.now() + 4 * HOUR - 5 * MINUTE).isoformat()
        assert place["role"] == "status"

    def test_staying_signed_in_extends(
        self, app: Flask, client: FlaskClient, clock: FrozenClock, person: Person
    ) -> None:
        log_in(app, client, person)
        token = csrf(client)
        clock.advance(4 * HOUR - 2 * MINUTE)
        state = client.get("/session", headers=POLLING).json
        assert state == {"ends_in": 120, "warned_in": -180, "can_be_extended": True}
        extended = client.post("/session", data={"csrf_token": token}, headers={"Accept": "application/json"})
        assert extended.json == {"ends_in": 14400, "warned_in": 14100, "can_be_extended": True}

    def test_without_script_the_button_leads_somewhere(
        self, app: Flask, client: FlaskClient, person: Person
    ) -> None:
        log_in(app, client, person)
        assert post(client, "/session").location == "/"

    def test_the_longest_life_is_not_extended(
        self, app: Flask, client: FlaskClient, clock: FrozenClock, person: Person
    ) -> None:
        log_in(app, client, person)
        token = csrf(client)
        for _ in range(3):
            clock.advance(3 * HOUR)
            client.get("/mon-compte")
        clock.advance(3 * HOUR - MINUTE)
        client.post("/session", data={"csrf_token": token})
        assert client.get("/session", headers=POLLING).json == {
            "ends_in": 60,
            "warned_in": -240,
            "can_be_extended": False,
        }
