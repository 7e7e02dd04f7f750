"""ProConnect down, slow, or answering nonsense: a page in French with the local login, soon."""

from __future__ import annotations

from datetime import timedelta
from time import monotonic

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.accounts.federated import (
    LOGIN,
    RETURN,
    START,
    csrf_token,
    desk_trusting,
    is_signed_in,
    page,
    sign_in,
    text_of,
    traces,
)
from tests.peers.forger import (
    Forger,
    silent,
)


def assert_offered_the_local_login(client: FlaskClient, answer: TestResponse) -> None:
    assert (answer.status_code, answer.location) == (303, LOGIN)
    login = client.get(LOGIN)
    assert "ProConnect ne répond pas" in text_of(login)
    assert page(login).find("input", {"name": "password"}) is not None


def press(client: FlaskClient) -> TestResponse:
    return client.post(START, data={"csrf_token": csrf_token(client)})


@pytest.mark.parametrize("port", [1, 9])
def test_provider_down(app: Flask, port: int) -> None:
    client = desk_trusting(app, f"http://127.0.0.1:{port}/api/v2").test_client()
    assert_offered_the_local_login(client, press(client))
    assert traces(app)[-1] == ("login-refused", "proconnect away")


def test_provider_that_never_answers(app: Flask) -> None:
    with silent() as issuer:
        client = desk_trusting(app, issuer, timeout=timedelta(seconds=0.2)).test_client()
        before = monotonic()
        assert_offered_the_local_login(client, press(client))
        assert monotonic() - before < 2


def test_provider_that_answers_by_drops(app: Flask) -> None:
    """Each drop comes in time, and they would never end."""
    with silent(drops=True) as issuer:
        client = desk_trusting(app, issuer, timeout=timedelta(seconds=0.3)).test_client()
        before = monotonic()
        assert_offered_the_local_login(client, press(client))
        assert monotonic() - before < 2


NONSENSE: dict[str, tuple[int, str, bytes]] = {
    "HTML": (200, "text/html", b"<!doctype html><p>maintenance"),
    "an error page": (503, "text/html", b"<h1>503</h1>"),
    "a list": (200, "application/json", b"[1, 2]"),
    "an empty object": (200, "application/json", b"{}"),
    "a number": (200, "application/json", b"12"),
    "nothing": (200, "application/json", b""),
    "an abyss": (200, "application/json", b"[" * 5_000),
    "too much": (200, "application/json", b"x" * 70_000),
    "bytes": (200, "application/json", b"\xff\xfe\x00"),
    "a redirection": (302, "text/html", b""),
}


def test_discovery_is_nonsense(browser: FlaskClient, provider: Forger) -> None:
    for nonsense in NONSENSE.values():
        provider.replaced["/.well-known/openid-configuration"] = nonsense
        assert_offered_the_local_login(browser, press(browser))


@pytest.mark.parametrize("path", ["/token", "/jwks", "/userinfo"])
def test_an_answer_is_nonsense(guest: int, browser: FlaskClient, provider: Forger, path: str) -> None:
    for nonsense in NONSENSE.values():
        provider.replaced[path] = nonsense
        answer = sign_in(browser, provider)
        assert not is_signed_in(browser), nonsense
        assert answer.status_code in {303, 403}, nonsense
        assert answer.location in {LOGIN, None}, nonsense


@pytest.mark.parametrize("place", ["authorization_endpoint", "token_endpoint", "end_session_endpoint"])
def test_discovery_leads_elsewhere(browser: FlaskClient, provider: Forger, place: str) -> None:
    provider.metadata[place] = "https://evil.example/x"
    answer = browser.post(START, data={"csrf_token": csrf_token(browser)})
    assert_offered_the_local_login(browser, answer)


def test_the_token_answer_may_hold_strange_values(guest: int, browser: FlaskClient, provider: Forger) -> None:
    for strange in (
        b'{"access_token": {}, "id_token": [], "expires_in": {}}',
        b'{"access_token": "x", "id_token": 1}',
    ):
        answer = sign_in(
            browser,
            provider,
            lambda forger, body=strange: forger.replaced.update({"/token": (200, "application/json", body)}),  # type: ignore[misc]
        )
        assert answer.status_code in {303, 403}
        assert not is_signed_in(browser)


def test_the_callback_without_anything(browser: FlaskClient) -> None:
    assert browser.get(RETURN).status_code == 403
