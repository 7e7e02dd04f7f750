"""Walking every route as every role, as someone of another partner, and as nobody."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import RequestRedirect

from app.accounts.policy import Role
from app.kernel.clock import FrozenClock
from tests.announcements.walk import announcements_to_walk
from tests.documentation.walk import articles_to_walk
from tests.factories import Person, World, log_in
from tests.house.access_table import rows
from tests.house.people_to_walk import people_to_walk
from tests.house.tickets_to_walk import tickets_to_walk
from tests.mailroom.walk import mail_to_walk
from tests.partners.settings import settings_to_walk

REFUSED = {403, 404}
# The development gallery is never registered in production (app/factory.py); what supervisors read is no person's
# (tests/operations/test_health.py).
NOT_WALKED = {"gallery", "health"}
# Open to everyone, and nothing but the login page without the step before.
BACK_TO_LOGIN = {"/deconnexion", "/connexion/code", "/connexion/second-facteur"}


@pytest.fixture
def things(app: Flask, world: World, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The references that the table names, all of one partner."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    place, now = world.here, clock.now()
    with app.app_context():
        found = {"convention": "pas-de-calais-2024"}
        for prepare in (
            tickets_to_walk,
            settings_to_walk,
            people_to_walk,
            articles_to_walk,
            announcements_to_walk,
            mail_to_walk,
        ):
            found |= prepare(place, now=now)
        return found


class Walker:
    """Someone who opens addresses, signed in anew when the last act may have ended their session."""

    def __init__(self, app: Flask, person: Person) -> None:
        self.app, self.person = app, person
        self.client: FlaskClient | None = None

    def visit(self, method: str, address: str) -> int:
        client = self.client or log_in(self.app, self.app.test_client(), self.person)
        status = client.open(address, method=method, data={} if method == "POST" else None).status_code
        self.client = client if method == "GET" or status in REFUSED else None
        return status


def steps() -> list[tuple[str, str, frozenset[Role] | None]]:
    """The table, what is only read before what is done."""
    return sorted(rows(), key=lambda row: row[0] == "POST")


@pytest.mark.parametrize("role", Role)
def test_each_role_opens_what_the_table_says(
    app: Flask, world: World, things: dict[str, str], role: Role
) -> None:
    faults = []
    walker = Walker(app, world.here.people[role])
    for method, address, let_in in steps():
        status = walker.visit(method, address.format(**things))
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
    walker = Walker(app, world.there.people[role])
    for method, address, let_in in steps():
        # A secret link opens to whoever holds it: that is what « public » says of it.
        if "{" not in address or let_in is None:
            continue
        status = walker.visit(method, address.format(**things))
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
