from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.accounts.openid import (
    LEEWAY,
    NAME_LENGTH,
    NAMELESS,
    Proof,
    SignInRefused,
    check_callback_issuer,
    proven_at,
    read_id_token,
    read_provider,
    read_userinfo,
)

NOW = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
ISSUER = "https://federation.exemple.test/api/v2"
CLIENT = "desk"
NONCE = "n" * 43
SUB = "5b1c7c2e"
SIRET = "22590001801244"
LA_POSTE = "35600000009075"  # the establishments of La Poste follow another rule than Luhn's


def at(**step: float) -> float:
    return (NOW + timedelta(**step)).timestamp()


def metadata(**changes: Any) -> dict[str, Any]:
    ends = (
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "end_session_endpoint",
    )
    return {"issuer": ISSUER} | {name: f"{ISSUER}/{name}" for name in ends} | changes


def id_token(**changes: Any) -> dict[str, Any]:
    claims = {
        "iss": ISSUER,
        "aud": CLIENT,
        "sub": SUB,
        "exp": at(minutes=1),
        "iat": at(),
        "nonce": NONCE,
        "acr": "eidas1-mfa",
    }
    return {name: value for name, value in (claims | changes).items() if value is not ...}


def userinfo(**changes: Any) -> dict[str, Any]:
    claims = {
        "iss": ISSUER,
        "aud": CLIENT,
        "sub": SUB,
        "exp": at(minutes=1),
        "iat": at(),
        "siret": SIRET,
        "email": "agent@exemple.test",
        "given_name": "Agent",
        "usual_name": "Invité",
        "organization_label": "Accueil",
    }
    return {name: value for name, value in (claims | changes).items() if value is not ...}


def read(claims: dict[str, Any]) -> Proof:
    return read_id_token(claims, issuer=ISSUER, client_id=CLIENT, nonce=NONCE, now=NOW)


def refusal(claims: dict[str, Any]) -> str:
    with pytest.raises(SignInRefused) as refused:
        read(claims)
    return refused.value.reason


def person(**changes: Any) -> Any:
    return read_userinfo(userinfo(**changes), issuer=ISSUER, client_id=CLIENT, sub=SUB, now=NOW)


def test_an_honest_id_token_proves_who_and_how_surely() -> None:
    assert read(id_token()) == Proof(SUB, "eidas1-mfa", None)
    assert read(id_token(aud=[CLIENT], azp=CLIENT, auth_time=at(hours=-1))).auth_time == NOW - timedelta(
        hours=1
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "https://evil.example"}, "iss"),
        ({"iss": ...}, "iss"),
        ({"iss": f"{ISSUER}/"}, "iss"),
        ({"aud": "other"}, "aud"),
        ({"aud": ...}, "aud"),
        ({"aud": "other", "azp": CLIENT}, "aud"),
        ({"aud": [CLIENT, "other"]}, "aud"),
        ({"aud": [CLIENT, "other"], "azp": CLIENT}, "aud"),
        ({"azp": "other"}, "azp"),
        ({"exp": at(seconds=-10)}, "exp"),
        ({"exp": ...}, "exp"),
        ({"exp": "tomorrow"}, "exp"),
        ({"exp": True}, "exp"),
        ({"exp": 1e300}, "exp"),
        ({"exp": float("nan")}, "exp"),
        ({"iat": at(seconds=11)}, "iat"),
        ({"iat": ...}, "iat"),
        ({"nbf": at(seconds=11)}, "nbf"),
        ({"nonce": "m" * 43}, "nonce"),
        ({"nonce": ...}, "nonce"),
        ({"nonce": ""}, "nonce"),
        ({"nonce": "é"}, "nonce"),
        ({"nonce": [NONCE]}, "nonce"),
        ({"sub": ...}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": "  "}, "sub"),
        ({"sub": 12}, "sub"),
        ({"sub": "x" * 256}, "sub"),
        ({"sub": "a\x00b"}, "sub"),
        ({"acr": ...}, "acr"),
        ({"acr": "eidas1"}, "acr"),
        ({"acr": "EIDAS2"}, "acr"),
        ({"acr": ["eidas2"]}, "acr"),
        ({"auth_time": "yesterday"}, "auth-time"),
    ],
)
def test_a_claim_that_is_missing_or_strange_refuses(changes: dict[str, Any], reason: str) -> None:
    assert refusal(id_token(**changes)) == reason


def test_clocks_may_differ_by_ten_seconds() -> None:
    assert timedelta(seconds=10) == LEEWAY
    assert read(id_token(exp=at(seconds=-9), iat=at(seconds=9), nbf=at(seconds=9)))


def test_the_person_is_told_by_userinfo() -> None:
    told = person(email=" Agent@Exemple.TEST ")
    assert (told.siret, told.email, told.name) == (SIRET, "agent@exemple.test", "Agent Invité")
    assert told.organization == "Accueil"
    assert person(siret=LA_POSTE).siret == LA_POSTE


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "https://evil.example"}, "iss"),
        ({"aud": "other"}, "aud"),
        ({"exp": at(seconds=-10)}, "exp"),
        ({"exp": ...}, "exp"),
        ({"sub": "someone else"}, "userinfo-sub"),
        ({"sub": ...}, "sub"),
        ({"siret": ...}, "siret"),
        ({"siret": "2259000180124"}, "siret"),
        ({"siret": "22590001801245"}, "siret"),
        ({"siret": "35600000009071"}, "siret"),
        ({"siret": 22590001801244}, "siret"),
        ({"siret": "<script>"}, "siret"),
    ],
)
def test_userinfo_of_another_or_without_a_true_siret_refuses(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(SignInRefused) as refused:
        person(**changes)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    "email", [..., None, 12, "", "agent", "a b@c.d", "a@b", "x" * 250 + "@b.fr", "a\x00@b.fr"]
)
def test_what_is_no_address_is_none(email: object) -> None:
    assert person(email=email).email is None


def test_names_are_one_line_of_bounded_length_or_a_word_for_none() -> None:
    assert person(given_name="A\x00\n\u202eB", usual_name=["x"]).name == "A B"
    assert person(given_name=..., usual_name="  ").name == NAMELESS
    assert len(person(given_name="é" * 60_000, usual_name="è" * 60_000).name) <= NAME_LENGTH


def test_the_provider_is_the_one_of_the_settings_and_answers_at_home() -> None:
    provider = read_provider(metadata(), ISSUER)
    assert provider.token_endpoint == f"{ISSUER}/token_endpoint"
    for changes in (
        {"issuer": "https://evil.example"},
        {"token_endpoint": "https://evil.example/token"},
        {"token_endpoint": f"http{ISSUER.removeprefix('https')}/token"},
        {"jwks_uri": None},
        {"jwks_uri": ["x"]},
    ):
        with pytest.raises(ValueError):
            read_provider(metadata(**changes), ISSUER)


def test_the_callback_names_the_provider_if_it_always_does() -> None:
    silent = read_provider(metadata(), ISSUER)
    naming = read_provider(metadata(authorization_response_iss_parameter_supported=True), ISSUER)
    for provider, iss in ((silent, None), (silent, ISSUER), (naming, ISSUER)):
        check_callback_issuer(provider, iss)
    for provider, iss in ((silent, "https://evil.example"), (silent, ""), (naming, None)):
        with pytest.raises(SignInRefused):
            check_callback_issuer(provider, iss)


def test_the_second_factor_was_shown_when_the_provider_says() -> None:
    hour_ago = NOW - timedelta(hours=1)
    assert proven_at(Proof(SUB, "eidas2", hour_ago), NOW) == hour_ago
    assert proven_at(Proof(SUB, "eidas2", NOW + timedelta(hours=1)), NOW) == NOW
    assert proven_at(Proof(SUB, "eidas2", None), NOW) == NOW
