"""Walking every route as every role, as someone of another partner, and as nobody."""

from __future__ import annotations

import hashlib
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import RequestRedirect

from app.accounts.policy import Role
from app.extensions import db
from app.files.models import Attachment
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.tickets import events as e
from app.tickets.models import Ticket
from app.tickets.vocabulary import IncidentType, Kind
from tests.announcements.walk import announcements_to_walk
from tests.documentation.walk import articles_to_walk
from tests.factories import Place, World, act, file, log_in
from tests.house.access_table import rows
from tests.house.people_to_walk import people_to_walk
from tests.partners.settings import settings_to_walk

REFUSED = {403, 404}
# The development gallery is never registered in production (app/factory.py); what supervisors read is no person's
# (tests/operations/test_health.py).
NOT_WALKED = {"gallery", "health"}
# Open to everyone, and nothing but the login page without the step before.
BACK_TO_LOGIN = {"/deconnexion", "/connexion/code", "/connexion/second-facteur"}


@pytest.fixture
def things(app: Flask, world: World, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The references that the table names, all of tickets filed here by the user."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    place, now = world.here, clock.now()
    with app.app_context():
        found = {
            "own": file(place, now=now, kind=Kind.QUESTION).reference,
            "request": file(place, now=now, kind=Kind.ACCESS).reference,
            "case": file(place, now=now, kind=Kind.SECURITY, tools=()).reference,
        }
        shared = file(
            place,
            now=now,
            tools=("api-statut-usager",),
            incident_type=IncidentType.APPLICATION,
            severity=None,
        )
        ongoing = file(place, now=now).reference
        act(place, shared, e.IntegratorsShared(shared=True), now=now)
        found |= {"shared": shared.reference, "ongoing": ongoing, "convention": "pas-de-calais-2024"}
        found |= settings_to_walk(place, now=now)
        found |= people_to_walk(place, now=now)
        found |= articles_to_walk(place, now=now)
        found |= announcements_to_walk(place, now=now)
        return {**found, "file": attach(place, found["own"])}


def attach(place: Place, reference: str) -> str:
    with transaction():
        ticket = db.session.scalars(db.select(Ticket).where(Ticket.reference == reference)).one()
        db.session.add(
            Attachment(
                partner_id=place.partner_id,
                subject_id=ticket.id,
                sequence=1,
                public_id="file-of-the-walk",
                name="capture.txt",
                media_type="text/plain",
                size=1,
                sha256=hashlib.sha256(b"x").hexdigest(),
                content=b"x",
                internal=False,
                uploaded_by=place.people[Role.USER].account_id,
                created_at=ticket.filed_at,
            )
        )
    return "file-of-the-walk"


def visit(client: FlaskClient, method: str, address: str) -> int:
    return client.open(address, method=method, data={} if method == "POST" else None).status_code


@pytest.mark.parametrize("role", Role)
def test_each_role_opens_what_the_table_says(
    app: Flask, world: World, things: dict[str, str], role: Role
) -> None:
    faults = []
    for method, address, let_in in rows():
        client = log_in(app, app.test_client(), world.here.people[role])
        status = visit(client, method, address.format(**things))
        allowed = let_in is None or role in let_in
        if (status in REFUSED) == allowed or status >= 500:
            faults.append(
                f"{role}: {method} {address} answered {status}, should be {'open' if allowed else 'refused'}"
            )
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("role", Role)
def test_nothing_of_a_partner_is_open_to_another(
    app: Flask, world: World, things: dict[str, str], role: Role
) -> None:
    faults = []
    for method, address, let_in in rows():
        # A secret link opens to whoever holds it: that is what « public » says of it.
        if "{" not in address or let_in is None:
            continue
        client = log_in(app, app.test_client(), world.there.people[role])
        status = visit(client, method, address.format(**things))
        # 403 at the door says that the role never does this; 404 says nothing of the ticket.
        if status not in REFUSED:
            faults.append(f"{role} of another partner: {method} {address} answered {status}")
    assert not faults, "\n".join(faults)


def test_nobody_gets_in_without_signing_in(app: Flask, things: dict[str, str]) -> None:
    faults = []
    for method, address, let_in in rows():
        answer = app.test_client().open(address.format(**things), method=method)
        to_login = answer.status_code == 401 or "/connexion" in answer.headers.get("Location", "")
        if (let_in is None) == to_login and address not in BACK_TO_LOGIN:
            faults.append(f"{method} {address} answered {answer.status_code}")
    assert not faults, "\n".join(faults)


def test_every_route_stands_in_the_table(app: Flask) -> None:
    adapter = app.url_map.bind("127.0.0.1")
    walked = set()
    for method, address, _ in rows():
        plain = re.sub(r"\{\w+\}", "7F3K-M2QX", address)
        try:
            walked.add((adapter.match(plain, method=method)[0], method))
        except RequestRedirect as redirect:  # pragma: no cover - a table line with a wrong slash
            raise AssertionError(f"{address} redirects to {redirect.new_url}") from redirect
    served = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint.split(".")[0] not in NOT_WALKED
    }
    assert served <= walked, f"add these to tests/house/access_table.py: {sorted(served - walked)}"


def test_every_view_has_a_door(app: Flask) -> None:
    open_doors = [
        endpoint
        for endpoint, view in app.view_functions.items()
        if not hasattr(view, "door") and endpoint.split(".")[0] not in {*NOT_WALKED, "static"}
    ]
    assert not open_doors, f"add @requires(…) or @public: {open_doors}"
