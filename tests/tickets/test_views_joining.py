from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.policy import Role
from app.extensions import db
from app.kernel.clock import FrozenClock
from app.tickets import events as e
from app.tickets.models import Ticket
from app.tickets.vocabulary import IncidentType, Kind
from tests.factories import World, act, file, log_in
from tests.tickets.screens import (
    NEW,
    NIR,
    element,
    hidden,
    page,
    reference_in,
    the_ticket,
)


@pytest.fixture
def user(app: Flask, world: World) -> FlaskClient:
    return log_in(app, app.test_client(), world.here.people[Role.USER])


@pytest.fixture
def correspondent(app: Flask, world: World) -> FlaskClient:
    return log_in(app, app.test_client(), world.here.people[Role.CORRESPONDENT])


# --- Incidents under way ---------------------------------------------------------------------------------


def ongoing(answer: TestResponse) -> list[str]:
    return [item.get_text(" ", strip=True) for item in page(answer).select("#new-incidents li")]


def token(client: FlaskClient) -> dict[str, str]:
    return hidden(element(client.get(NEW), "filing"))


def join(
    client: FlaskClient, reference: str, sent: dict[str, str] | None = None, **more: str
) -> TestResponse:
    return client.post(f"/sollicitations/{reference}/moi-aussi", data={**(sent or token(client)), **more})


def plus_ones(app: Flask) -> int | None:
    with app.app_context():
        return db.session.scalar(select(func.sum(Ticket.plus_ones)))


@pytest.fixture
def incident(app: Flask, world: World, clock: FrozenClock) -> str:
    with app.app_context():
        return file(world.here, now=clock.now(), role=Role.CORRESPONDENT, reporter_id=None).reference


def test_an_incident_under_way_is_offered_without_what_its_reporter_wrote(
    app: Flask, user: FlaskClient, incident: str
) -> None:
    (line,) = ongoing(user.get(NEW))
    assert line.startswith("Suivi de parcours Interruption Reçue")
    assert "pas encore examiné" in line and "Moi aussi" in line
    assert "ne répond plus" not in line

    joined = join(user, incident)
    assert joined.status_code == 303 and joined.location == "/"
    assert plus_ones(app) == 1
    (line,) = ongoing(user.get(NEW))
    assert "Vous êtes compté" in line and "2\u00a0personnes touchées" in line


def test_one_is_counted_once(app: Flask, user: FlaskClient, incident: str) -> None:
    sent = token(user)
    assert join(user, incident, sent).status_code == 303
    assert join(user, incident, sent).status_code == 303
    again = join(user, incident)
    assert again.status_code == 409 and "déjà compté" in again.text
    assert plus_ones(app) == 1


def test_the_page_that_joined_can_still_file(app: Flask, user: FlaskClient, incident: str) -> None:
    sent = token(user)
    join(user, incident, sent)
    other = {"tools": "inconnu", "kind": "question", "subject": "Autre chose"}
    assert reference_in(user.post(NEW, data={**sent, **other})) != incident


def test_ones_own_incident_has_nothing_to_join(
    app: Flask, world: World, user: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        reference = file(world.here, now=clock.now()).reference
    (line,) = ongoing(user.get(NEW))
    assert "Vous l’avez signalé" in line
    assert join(user, reference).status_code == 409


def test_each_call_counts_for_a_correspondent(
    app: Flask, world: World, correspondent: FlaskClient, incident: str
) -> None:
    (line,) = ongoing(correspondent.get(NEW))
    assert "Le suivi de parcours ne répond plus" in line and "Un appel de plus" in line
    structure = world.here.structures["accueil"]
    first = join(correspondent, incident, caller="Accueil", structure=str(structure))
    assert first.location.endswith(incident)
    join(correspondent, incident, caller="Agence sud", structure="")
    _, (_, one, two) = the_ticket(app)
    assert isinstance(one, e.PlusOne) and (one.caller, one.structure_id) == ("Accueil", structure)
    assert isinstance(two, e.PlusOne) and (two.caller, two.structure_id) == ("Agence sud", None)
    assert join(correspondent, incident, structure="999999").status_code == 422
    assert join(correspondent, incident, caller=NIR).status_code == 422


@pytest.mark.parametrize(
    "changes",
    [
        {"incident_type": IncidentType.APPLICATION, "severity": None},
        {"kind": Kind.SECURITY},
        {"kind": Kind.QUESTION},
        {"tools": ()},
    ],
)
def test_a_user_joins_only_what_concerns_them(
    app: Flask, world: World, user: FlaskClient, clock: FrozenClock, changes: dict[str, object]
) -> None:
    with app.app_context():
        ticket = file(world.here, now=clock.now(), role=Role.CORRESPONDENT, reporter_id=None, **changes)
    assert ongoing(user.get(NEW)) == []
    assert join(user, ticket.reference).status_code == 404


def test_an_ended_incident_or_one_of_another_partner_is_not_offered(
    app: Flask, world: World, user: FlaskClient, incident: str, clock: FrozenClock
) -> None:
    with app.app_context():
        act(world.here, incident, e.Cancelled(reason="Erreur"), now=clock.now())
        other = file(world.there, now=clock.now(), role=Role.CORRESPONDENT, reporter_id=None).reference
    assert ongoing(user.get(NEW)) == []
    for reference in (incident, other, "XXXX-XXXX"):
        assert join(user, reference).status_code == 404


def test_htmx_narrows_to_the_chosen_tool(user: FlaskClient, incident: str) -> None:
    chooser = element(user.get(NEW), "tools")
    assert (chooser["hx-get"], chooser["hx-target"]) == (NEW, "#new-incidents")
    narrow = {"HX-Request": "true", "HX-Target": "new-incidents"}
    known = user.get(f"{NEW}?tools=suivi-de-parcours", headers=narrow)
    assert known.text.lstrip().startswith("<title>")
    assert len(ongoing(known)) == 1 and "<form" not in known.text
    assert "1\u00a0incident en cours" in known.text
    other = user.get(f"{NEW}?tools=connexion", headers=narrow)
    assert ongoing(other) == [] and "Aucun incident en cours" in other.text


def test_the_chosen_tool_comes_with_the_address(user: FlaskClient, incident: str) -> None:
    shown = page(user.get(f"{NEW}?tools=connexion"))
    chosen = shown.select_one("select[name=tools] option[selected]")
    assert chosen is not None and chosen["value"] == "connexion"
    assert user.get(f"{NEW}?tools=n-importe").status_code == 200
