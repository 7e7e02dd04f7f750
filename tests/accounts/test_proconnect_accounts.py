"""Which account an honest sign-in opens, how sure it must be, where it leads; and what must not come of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Account, LoginSession
from app.accounts.policy import Role
from app.accounts.service import add_membership, set_password
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from tests.accounts.federated import (
    AGENT,
    FAREWELL,
    OTHER_SIRET,
    PENDING,
    START,
    UNKNOWN_SIRET,
    account_of_sub,
    accounts_of,
    assert_refused,
    come_back,
    honest_claims,
    invite,
    is_signed_in,
    leave,
    page,
    query_of,
    sign_in,
    text_of,
)
from tests.factories import World
from tests.peers.forger import (
    Forger,
)

# --- Which account it opens ------------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", [str.lower, str.upper, str.title])
@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.USER])
def test_email_collision_with_a_local_account(
    app: Flask,
    world: World,
    browser: FlaskClient,
    provider: Forger,
    spelling: Callable[[str], str],
    role: Role,
) -> None:
    person = world.there.people[role]
    with app.app_context(), transaction():
        set_password(person.account_id, "a hash")
    answer = sign_in(browser, provider, sub="thief", email=spelling(person.email), acr="eidas3")
    assert answer.location == PENDING
    assert not is_signed_in(browser)
    assert accounts_of(app, person.email) == [(person.account_id, "")]
    found = account_of_sub(app, "thief")
    assert found is not None
    assert (found[0].email, found[1]) == (None, 0)


def test_email_collision_with_an_administrator_invited_by_mail(
    app: Flask, world: World, browser: FlaskClient, provider: Forger
) -> None:
    administrator = invite(app, world.there, Role.ADMINISTRATOR)
    assert sign_in(browser, provider, acr="eidas3").location == PENDING
    assert accounts_of(app, AGENT) == [(administrator, "")]


def test_new_sub_with_a_known_email(guest: int, app: Flask, browser: FlaskClient, provider: Forger) -> None:
    assert sign_in(browser, provider).location == "/"
    other = browser.application.test_client()
    assert sign_in(other, provider, sub="thief").location == PENDING
    assert not is_signed_in(other)
    assert accounts_of(app, AGENT) == [(guest, "5b1c7c2e")]


def test_email_known_to_another_partner(
    app: Flask, world: World, browser: FlaskClient, provider: Forger
) -> None:
    """The SIRET leads to one partner; an invitation of another is not found by it."""
    guest = invite(app, world.here)
    assert sign_in(browser, provider).location == PENDING
    assert accounts_of(app, AGENT) == [(guest, "")]


def test_unknown_siret(guest: int, app: Flask, browser: FlaskClient, provider: Forger) -> None:
    assert sign_in(browser, provider, siret=UNKNOWN_SIRET).location == PENDING
    assert not is_signed_in(browser)
    assert accounts_of(app, AGENT) == [(guest, "")]


def test_changed_siret(guest: int, browser: FlaskClient, provider: Forger) -> None:
    assert sign_in(browser, provider).location == "/"
    other = browser.application.test_client()
    answer = sign_in(other, provider, siret=OTHER_SIRET)
    assert_refused(other, answer, "moved")
    assert "autre structure" in text_of(answer)


def test_disabled_account(guest: int, app: Flask, browser: FlaskClient, provider: Forger) -> None:
    assert sign_in(browser, provider).location == "/"
    with app.app_context(), transaction():
        db.session.get_one(Account, guest).active = False
    assert not is_signed_in(browser)
    other = browser.application.test_client()
    answer = sign_in(other, provider)
    assert_refused(other, answer, "closed")
    assert "Ce compte est fermé" in text_of(answer)


# --- How sure it is --------------------------------------------------------------------------------------


def test_an_eidas1_session_reaching_an_administrator_page(
    guest: int, app: Flask, world: World, browser: FlaskClient, provider: Forger
) -> None:
    """The roles that ask for more are not in the session at all: no door, no query knows them."""
    assert sign_in(browser, provider).location == "/"
    with app.app_context(), transaction():
        add_membership(guest, world.there.partner_id, Role.ADMINISTRATOR)
    edition = "/administration/conventions/nord-2025/modification"
    assert browser.get(edition).status_code == 403
    weak = browser.application.test_client()
    sign_in(weak, provider)
    assert weak.get(edition).status_code == 403
    assert "Vous êtes connecté sans ce rôle" in text_of(weak.get("/mon-compte"))
    strong = browser.application.test_client()
    sign_in(strong, provider, acr="eidas2")
    assert strong.get(edition).status_code == 200


def test_a_weak_sign_in_of_someone_who_has_privileged_roles_only(
    app: Flask, world: World, browser: FlaskClient, provider: Forger
) -> None:
    invite(app, world.there, Role.SECURITY_OFFICER)
    assert sign_in(browser, provider, acr="eidas2").location == "/"
    weak = browser.application.test_client()
    answer = sign_in(weak, provider, acr="eidas1-mfa")
    assert_refused(weak, answer, "too-weak")
    button = page(answer).find("button", string=lambda text: "plus sûrement" in (text or ""))
    assert button is not None or "S’identifier plus sûrement" in text_of(answer)
    asked = leave(weak, sure="1")
    assert '"values": ["eidas2", "eidas3"]' in asked["claims"]


def test_a_sign_in_remembered_by_proconnect_is_no_fresh_proof(
    guest: int, app: Flask, browser: FlaskClient, provider: Forger, clock: FrozenClock
) -> None:
    """Whoever strips « prompt=login » from the address comes back with the proof of an hour ago."""
    hour_ago = clock.now() - timedelta(hours=1)
    sign_in(
        browser,
        provider,
        lambda forger: forger.id_token.update(auth_time=int(hour_ago.timestamp())),
        acr="eidas2",
    )
    with app.app_context():
        assert db.session.scalars(select(LoginSession)).one().proven_at == hour_ago


# --- Where one arrives, and how one leaves ---------------------------------------------------------------


@pytest.mark.parametrize(
    "evil",
    [
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "https://evil.example",
        "%2F%2Fevil.example",
        "/%2F%2Fevil.example",
        "/\r\nSet-Cookie: a=b",
        "/%0d%0aSet-Cookie:a=b",
        "javascript:alert(1)",
    ],
)
def test_next_elsewhere(guest: int, desk: Flask, browser: FlaskClient, provider: Forger, evil: str) -> None:
    with browser.session_transaction() as session:
        session["next"] = evil
    asked = leave(browser, next=evil)
    assert evil not in asked.values()
    honest_claims(provider, desk, asked)
    with browser.session_transaction() as session:
        session["next"] = evil
    answer = come_back(browser, code="code", state=asked["state"], iss=provider.issuer, next=evil)
    assert answer.location == "/"


def test_logout_by_get(guest: int, browser: FlaskClient, provider: Forger) -> None:
    sign_in(browser, provider)
    assert browser.get("/deconnexion").status_code == 405
    browser.get(FAREWELL)
    browser.get(FAREWELL, query_string={"state": "x"})
    assert is_signed_in(browser)


@pytest.mark.parametrize("address", [START, FAREWELL, "/deconnexion"])
def test_forms_without_their_token(guest: int, browser: FlaskClient, provider: Forger, address: str) -> None:
    sign_in(browser, provider)
    assert browser.post(address).status_code == 400
    assert is_signed_in(browser)


def test_a_form_kept_at_the_end_of_the_session_waits_for_the_way_back(
    guest: int, desk: Flask, browser: FlaskClient, provider: Forger, clock: FrozenClock
) -> None:
    sign_in(browser, provider)
    form = page(browser.get("/sollicitations/nouvelle")).find(id="filing")
    assert form is not None
    typed = {str(field["name"]): str(field["value"]) for field in form.select("input[type=hidden]")}
    typed |= {"subject": "Page blanche", "text": "Depuis ce matin."}
    clock.advance(timedelta(hours=12))
    login = browser.post("/sollicitations/nouvelle", data=typed).location
    assert "reprise=" in login
    offer = page(browser.get(login)).find("form", action=lambda action: str(action).startswith(START))
    assert offer is not None
    token = offer.find("input", {"name": "csrf_token"})
    assert token is not None
    answer = browser.post(str(offer["action"]), data={"csrf_token": str(token["value"])})
    asked = query_of(answer.location)
    honest_claims(provider, desk, asked)
    back = come_back(browser, code="code", state=asked["state"], iss=provider.issuer)
    assert back.location.startswith("/connexion/reprise/")
