"""What must not open the desk: callbacks and tokens. Each test is named after the attack that it makes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.accounts.federated import (
    PENDING,
    account_of_sub,
    assert_refused,
    come_back,
    honest_claims,
    is_signed_in,
    leave,
    sign_in,
    text_of,
    traces,
)
from tests.peers.forger import (
    EC_KEY,
    KEY,
    OTHER_KEY,
    Forger,
    a_list,
    sign,
    signed_with_the_public_key,
    unsigned,
)

MARKUP = "<script>alert(1)</script>"


def test_honest_sign_in_opens(guest: int, browser: FlaskClient, provider: Forger) -> None:
    assert sign_in(browser, provider).location == "/"
    assert is_signed_in(browser)


# --- The callback ----------------------------------------------------------------------------------------


def test_login_csrf(guest: int, desk: Flask, browser: FlaskClient, provider: Forger) -> None:
    """The attacker's own callback, played in the browser of someone else."""
    asked = leave(browser)
    honest_claims(provider, desk, asked)
    victim = desk.test_client()
    leave(victim)
    answer = come_back(victim, code="code", state=asked["state"], iss=provider.issuer)
    assert_refused(victim, answer, "state")


@pytest.mark.parametrize("state", [None, "", "x" * 64, "\x00", "é" * 5_000])
def test_state_missing_or_wrong(
    guest: int, desk: Flask, browser: FlaskClient, provider: Forger, state: str | None
) -> None:
    honest_claims(provider, desk, leave(browser))
    query = {} if state is None else {"state": state}
    assert_refused(browser, come_back(browser, code="code", iss=provider.issuer, **query), "state")
    assert "/token" not in [path for path, _ in provider.received]


def test_state_used_twice_and_callback_replayed(
    guest: int, desk: Flask, browser: FlaskClient, provider: Forger
) -> None:
    """Even with a copy of the cookie as it was before the first use."""
    asked = leave(browser)
    cookie = browser.get_cookie("desk")
    assert cookie is not None
    honest_claims(provider, desk, asked)
    callback = {"code": "code", "state": asked["state"], "iss": provider.issuer}
    assert come_back(browser, **callback).location == "/"
    thief = desk.test_client()
    thief.set_cookie("desk", cookie.value)
    assert_refused(thief, come_back(thief, **callback), "state")


def test_state_too_old(guest: int, desk: Flask, browser: FlaskClient, provider: Forger, clock: Any) -> None:
    asked = leave(browser)
    clock.advance(timedelta(minutes=15))
    honest_claims(provider, desk, asked)
    answer = come_back(browser, code="code", state=asked["state"], iss=provider.issuer)
    assert_refused(browser, answer, "state")


def test_error_injection(browser: FlaskClient, provider: Forger) -> None:
    """The words of an error are whatever the address says: they are nowhere in the page."""
    injected = {"error": MARKUP, "error_description": MARKUP, "error_uri": "https://evil.example"}
    assert_refused(browser, come_back(browser, state="unknown", **injected), "state")
    answer = come_back(browser, state=leave(browser)["state"], iss=provider.issuer, **injected)
    assert_refused(browser, answer, "provider-error")
    assert "alert(1)" not in answer.text
    assert "evil.example" not in answer.text


@pytest.mark.parametrize("iss", ["https://evil.example/api/v2", "", None])
def test_iss_of_the_callback_tampered_or_missing(
    guest: int, desk: Flask, browser: FlaskClient, provider: Forger, iss: str | None
) -> None:
    asked = leave(browser)
    honest_claims(provider, desk, asked)
    query = {} if iss is None else {"iss": iss}
    answer = come_back(browser, code="code", state=asked["state"], **query)
    assert_refused(browser, answer, "callback-iss")
    assert "/token" not in [path for path, _ in provider.received]


def test_code_missing_or_refused(guest: int, browser: FlaskClient, provider: Forger) -> None:
    state = leave(browser)["state"]
    assert_refused(browser, come_back(browser, state=state, iss=provider.issuer), "no-code")
    refused = 400, "application/json", b'{"error": "invalid_grant", "error_description": "<b>used</b>"}'
    answer = sign_in(browser, provider, lambda forger: forger.replaced.update({"/token": refused}))
    assert_refused(browser, answer, "code")
    assert "used" not in answer.text


# --- The id_token ----------------------------------------------------------------------------------------

Twist = Callable[[Forger], object]


def claims(**changes: Any) -> Twist:
    return lambda forger: forger.id_token.update(changes)


def without(name: str) -> Twist:
    return lambda forger: forger.id_token.pop(name)


def signed(by: Callable[[dict[str, Any]], str | None]) -> Twist:
    return lambda forger: setattr(forger, "sign_id_token", by)


TWISTS: dict[str, tuple[Twist, str]] = {
    "nonce wrong": (claims(nonce="x" * 64), "nonce"),
    "nonce absent": (without("nonce"), "nonce"),
    "token expired": (claims(exp=1), "exp"),
    "token without end": (without("exp"), "exp"),
    "token from the future": (claims(iat=4_102_444_800), "iat"),
    "aud of another": (claims(aud="other"), "aud"),
    "aud of another, azp ours": (claims(aud="other", azp="desk"), "aud"),
    "aud ours and another's": (claims(aud=["desk", "other"]), "aud"),
    "azp of another": (claims(azp="other"), "azp"),
    "iss of another": (claims(iss="https://evil.example"), "iss"),
    "sub empty": (claims(sub=""), "sub"),
    "acr missing": (without("acr"), "acr"),
    "acr too low": (claims(acr="eidas1"), "acr"),
    "forged signature": (signed(lambda told: sign(told, OTHER_KEY, kid="first")), "signature"),
    "signature cut off": (signed(lambda told: sign(told).rpartition(".")[0] + "."), "signature"),
    "alg none": (signed(unsigned), "signature"),
    "HS256 with the RSA public key": (signed(signed_with_the_public_key), "signature"),
    "ES256 where RS256 is pinned": (signed(lambda told: sign(told, EC_KEY, "ES256")), "signature"),
    "unknown kid": (signed(lambda told: sign(told, KEY, kid="third")), "signature"),
    "no token at all": (signed(lambda told: None), "no-id-token"),
    "not a token": (signed(lambda told: MARKUP), "signature"),
    "claims that are a list": (signed(lambda told: a_list()), "signature"),
}


@pytest.mark.parametrize("attack", TWISTS)
def test_id_token(guest: int, browser: FlaskClient, provider: Forger, attack: str) -> None:
    twist, reason = TWISTS[attack]
    assert_refused(browser, sign_in(browser, provider, twist), reason)


def test_keys_of_the_provider_may_change(guest: int, browser: FlaskClient, provider: Forger) -> None:
    assert sign_in(browser, provider).location == "/"

    def rotate(forger: Forger) -> None:
        forger.keys = [OTHER_KEY]
        forger.sign_id_token = forger.sign_userinfo = lambda told: sign(told, OTHER_KEY)

    assert sign_in(browser.application.test_client(), provider, rotate).location == "/"
    provider.sign_id_token = sign
    former = browser.application.test_client()
    assert_refused(former, sign_in(former, provider), "signature")


# --- Userinfo --------------------------------------------------------------------------------------------


def told(**changes: Any) -> Twist:
    return lambda forger: forger.userinfo.update(changes)


def as_json(forger: Forger) -> None:
    forger.userinfo_type = "application/json"
    forger.replaced["/userinfo"] = 200, "application/json", b'{"sub": "5b1c7c2e"}'


USERINFO_TWISTS: dict[str, tuple[Twist, str]] = {
    "another sub": (told(sub="someone else"), "userinfo-sub"),
    "plain JSON": (as_json, "userinfo-type"),
    "a token called JSON": (
        lambda forger: setattr(forger, "userinfo_type", "application/json"),
        "userinfo-type",
    ),
    "for another": (told(aud="other"), "aud"),
    "from another": (told(iss="https://evil.example"), "iss"),
    "expired": (told(exp=1), "exp"),
    "unsigned": (lambda forger: setattr(forger, "sign_userinfo", unsigned), "signature"),
    "forged": (
        lambda forger: setattr(forger, "sign_userinfo", lambda claims: sign(claims, OTHER_KEY, kid="first")),
        "signature",
    ),
    "siret malformed": (told(siret="<script>"), "siret"),
    "siret with a wrong key": (told(siret="22590001801245"), "siret"),
    "siret absent": (told(siret=None), "siret"),
}


@pytest.mark.parametrize("attack", USERINFO_TWISTS)
def test_userinfo(guest: int, browser: FlaskClient, provider: Forger, attack: str) -> None:
    twist, reason = USERINFO_TWISTS[attack]
    assert_refused(browser, sign_in(browser, provider, twist), reason)


def test_oversized_custom_is_left_there(
    guest: int, app: Flask, browser: FlaskClient, provider: Forger
) -> None:
    huge = {"custom": {"x": "é" * 5_000}, "roles": ["administrator"]}
    assert sign_in(browser, provider, told(**huge)).location == "/"
    assert "Utilisateur" in text_of(browser.get("/mon-compte"))
    other = browser.application.test_client()
    answer = sign_in(other, provider, told(custom="x" * 60_000))
    assert not is_signed_in(other)
    assert answer.status_code in {303, 403}
    assert traces(app)[-1][0] == "login-refused"


def test_html_in_given_name(browser: FlaskClient, app: Flask, provider: Forger) -> None:
    answer = sign_in(browser, provider, sub="html", given_name=MARKUP, email=None, organization_label=MARKUP)
    assert answer.location == PENDING
    assert MARKUP not in browser.get(PENDING).text
    found = account_of_sub(app, "html")
    assert found is not None
    assert found[0].name == f"{MARKUP} Invité"
