"""A desk that trusts a provider of the tests, and the steps of a sign-in through it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.models import Account, FederatedIdentity, Membership
from app.accounts.policy import Role
from app.accounts.service import add_membership, create_account
from app.extensions import db
from app.factory import create_app
from app.infra.tx import transaction
from app.journal.technical import TraceRow
from tests.factories import Place
from tests.peers.forger import Forger
from tests.peers.proconnect import CLIENT_ID, CLIENT_SECRET, PUBLIC_URL, SIRET

AGENT = "agent.invite@exemple.test"
OTHER_SIRET = "20009433200018"
UNKNOWN_SIRET = "35600000000048"
LOGIN, START, RETURN = "/connexion", "/connexion/proconnect", "/connexion/proconnect/retour"
PENDING, FAREWELL = "/connexion/proconnect/attente", "/deconnexion/proconnect"
Query = dict[str, str]

_desks: dict[tuple[str, str], Flask] = {}


def desk_trusting(app: Flask, issuer: str, timeout: timedelta = timedelta(seconds=4)) -> Flask:
    """The application of the tests, on the same database, with ProConnect at `issuer`. Made once for each."""
    settings = app.extensions["settings"]
    key = settings.database_url, issuer
    if key not in _desks:
        _desks[key] = create_app(
            dataclasses.replace(
                settings,
                public_url=PUBLIC_URL,
                proconnect_issuer=issuer,
                proconnect_client_id=CLIENT_ID,
                proconnect_client_secret=CLIENT_SECRET,
                proconnect_timeout=timeout,
            )
        )
    _desks[key].extensions["clock"] = app.extensions["clock"]
    return _desks[key]


def close_desks() -> None:
    for desk in _desks.values():
        with desk.app_context():
            db.engine.dispose()
    _desks.clear()


def invite(app: Flask, place: Place, role: Role = Role.USER, email: str = AGENT) -> int:
    """An account that an administrator prepared: an address and a role, no password."""
    with app.app_context(), transaction():
        account = create_account("Agent invité", email, now=app.extensions["clock"].now())
        add_membership(account.id, place.partner_id, role)
        return account.id


def page(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html5lib")


def text_of(answer: TestResponse) -> str:
    return " ".join(page(answer).get_text(" ").split())


def csrf_token(client: FlaskClient, url: str = LOGIN) -> str:
    found = re.search(r'name="csrf_token" (?:type="hidden" )?value="([^"]+)"', client.get(url).text)
    assert found is not None
    return found[1]


def leave(client: FlaskClient, **fields: str) -> Query:
    """Press the button of the login page; what ProConnect is asked."""
    answer = client.post(START, data={"csrf_token": csrf_token(client), **fields})
    assert answer.status_code == 303
    return query_of(answer.location)


def query_of(url: str) -> Query:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def come_back(client: FlaskClient, **query: str) -> TestResponse:
    return client.get(RETURN, query_string=query)


def honest_claims(forger: Forger, desk: Flask, asked: Query, **person: Any) -> None:
    """Have the forger say only what is true, of `person`: sub, acr, siret, email, given_name, usual_name…"""
    now = desk.extensions["clock"].now()
    common = {
        "iss": forger.issuer,
        "aud": asked["client_id"],
        "sub": person.pop("sub", "5b1c7c2e"),
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(minutes=1)).timestamp()),
    }
    forger.id_token = common | {"nonce": asked["nonce"], "acr": person.pop("acr", "eidas1-mfa")}
    told = {"siret": SIRET, "email": AGENT, "given_name": "Agent", "usual_name": "Invité"}
    forger.userinfo = common | told | person


def sign_in(
    client: FlaskClient,
    forger: Forger,
    change: Callable[[Forger], object] = lambda forger: None,
    **person: Any,
) -> TestResponse:
    """A whole sign-in, in which `change` may twist what the provider says."""
    asked = leave(client)
    honest_claims(forger, client.application, asked, **person)
    change(forger)
    return come_back(client, code="code", state=asked["state"], iss=forger.issuer)


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/mon-compte").status_code == 200


def traces(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        rows = db.session.execute(select(TraceRow.trace, TraceRow.what).order_by(TraceRow.id))
        return [(str(trace), what) for trace, what in rows]


def accounts_of(app: Flask, email: str) -> list[tuple[int, str]]:
    """Which account has this address, and by which sub it is known, if any."""
    with app.app_context():
        query = (
            select(Account.id, FederatedIdentity.sub)
            .outerjoin(FederatedIdentity, FederatedIdentity.account_id == Account.id)
            .where(Account.email == email)
        )
        return [(account_id, sub or "") for account_id, sub in db.session.execute(query)]


def account_of_sub(app: Flask, sub: str) -> tuple[Account, int] | None:
    """The account that a sub opens, and how many rights it has."""
    with app.app_context():
        query = select(Account).join(FederatedIdentity).where(FederatedIdentity.sub == sub)
        account = db.session.scalar(query)
        if account is None:
            return None
        rights = db.session.scalars(select(Membership.id).where(Membership.account_id == account.id)).all()
        return account, len(rights)


def assert_refused(client: FlaskClient, answer: TestResponse, reason: str) -> None:
    assert answer.status_code == 403
    assert "La connexion par ProConnect n’a pas abouti" in text_of(answer)
    assert "Revenir à la page de connexion" in text_of(answer)
    assert not is_signed_in(client)
    assert traces(client.application)[-1] == ("login-refused", f"proconnect {reason}")
