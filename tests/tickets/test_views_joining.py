from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.models import Membership
from app.accounts.policy import Role
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.tickets import events as e
from app.tickets.models import Ticket
from app.tickets.vocabulary import IncidentType, Kind, WorkaroundScope
from tests.factories import World, act, file, log_in
from tests.tickets.screens import (
    NEW,
    NIR,
    element,
    events_of,
    hidden,
    page,
    reference_in,
    the_ticket,
    tickets,
)


@pytest.fixture
def user(app: Flask, world: World) -> FlaskClient:
    return log_in(app, app.test_client(), world.here.people[Role.USER])


@pytest.fixture
def correspondent(app: Flask, world: World) -> FlaskClient:
    return log_in(app, app.test_client(), world.here.people[Role.CORRESPONDENT])


# --- Incidents under way ---------------------------------------------------------------------------------


def ongoing(answer: TestResponse) -> list[str]:
    return [item.get_text(" ", strip=True) for item in page(answer).select("#new-answers li")]


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
    assert joined.status_code == 303 and joined.location == f"/sollicitations/{incident}/moi-aussi"
    assert plus_ones(app) == 1
    (line,) = ongoing(user.get(NEW))
    assert "Vous êtes compté" in line and "2\u00a0personnes touchées" in line


def test_whoever_joins_is_thanked_told_where_it_stands_and_will_be_told(
    app: Flask, world: World, user: FlaskClient, incident: str, clock: FrozenClock
) -> None:
    with app.app_context():
        taken = e.Taken(assignee_id=world.here.people[Role.CORRESPONDENT].account_id)
        act(world.here, incident, taken, e.Transmitted(channel="Formulaire", text="…"), now=clock.now())
        given = e.WorkaroundGiven(scope=WorkaroundScope.PARTIAL, text="Passez par l’autre portail.")
        act(world.here, incident, given, now=clock.now() + timedelta(minutes=5))
    clock.advance(timedelta(minutes=10))
    thanks = page(user.get(join(user, incident).location)).get_text(" ", strip=True)
    for said in ("Merci, vous êtes compté", "Vous serez prévenu", "Chez France Travail", "l’autre portail"):
        assert said in thanks
    assert "ne répond plus" not in thanks
    events = events_of(app, incident)
    person = world.here.people[Role.USER].account_id
    structure = world.here.structures["accueil"]
    assert events[-1] == e.PlusOne(structure_id=structure, account_id=person)


def test_what_is_seen_elsewhere_is_added_for_the_desk_alone(
    app: Flask, world: World, user: FlaskClient, correspondent: FlaskClient, incident: str
) -> None:
    thanks = join(user, incident).location
    form = hidden(element(user.get(thanks), "contenu"))
    assert user.post(f"{thanks}/precision", data={**form, "more": ""}).status_code == 422
    refused = user.post(f"{thanks}/precision", data={**form, "more": f"Dossier {NIR}"})
    assert refused.status_code == 422 and "sécurité sociale" in refused.text
    answer = user.post(f"{thanks}/precision", data={**form, "more": "Le menu aussi est vide."})
    assert answer.status_code == 303 and answer.location == thanks
    added = events_of(app, incident)[-1]
    assert added == e.Commented(text="Le menu aussi est vide.", internal=True)


def test_only_who_joined_may_add(app: Flask, user: FlaskClient, incident: str) -> None:
    form = hidden(element(user.get(f"/sollicitations/{incident}/moi-aussi"), "contenu"))
    sent = user.post(f"/sollicitations/{incident}/moi-aussi/precision", data={**form, "more": "Ici aussi."})
    assert sent.status_code == 422
    assert [type(event) for event in events_of(app, incident)] == [e.Filed]


def test_someone_of_two_structures_says_which_one_is_hit(
    app: Flask, world: World, user: FlaskClient, incident: str
) -> None:
    other = world.here.structures["insertion"]
    with app.app_context(), transaction():
        person = world.here.people[Role.USER].account_id
        db.session.add(
            Membership(
                partner_id=world.here.partner_id, account_id=person, role=Role.USER, structure_id=other
            )
        )
    asked = join(user, incident)
    assert asked.status_code == 422 and plus_ones(app) == 0
    choices = [option.get_text() for option in page(asked).select("select[name=structure] option")]
    assert choices == ["Choisissez…", "Accueil", "Insertion"]
    form = hidden(element(asked, "contenu"))
    elsewhere = world.here.structures["delegataire"]
    assert join(user, incident, form, structure=str(elsewhere)).status_code == 422
    assert join(user, incident, form, structure=str(other), more="Lent aussi.").status_code == 303
    joined, added = events_of(app, incident)[1:]
    assert isinstance(joined, e.PlusOne) and joined.structure_id == other
    assert added == e.Commented(text="Lent aussi.", internal=True)


def test_an_incident_that_ended_is_still_told_to_who_joined(
    app: Flask, world: World, user: FlaskClient, incident: str, clock: FrozenClock
) -> None:
    address = join(user, incident).location
    with app.app_context():
        act(world.here, incident, e.Cancelled(reason="Erreur"), now=clock.now())
    assert "Terminée" in page(user.get(address)).get_text()
    colleague = log_in(app, app.test_client(), world.here.people[Role.SECURITY_OFFICER])
    assert colleague.get(address).status_code == 404


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
    filed = reference_in(user.post(NEW, data={**sent, **other}))
    assert [ticket.reference for ticket in tickets(app)] == [incident, filed]


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
    answers = element(user.get(NEW), "new-answers")
    assert answers["hx-post"] == f"{NEW}/reponses" and "change from:#tools" in answers["hx-trigger"]
    narrow = {"HX-Request": "true", "HX-Target": "new-answers"}
    known = user.post(f"{NEW}/reponses", data={**token(user), "tools": "suivi-de-parcours"}, headers=narrow)
    assert len(ongoing(known)) == 1 and "<form" not in known.text
    assert "1\u00a0incident en cours." in known.text
    other = user.post(f"{NEW}/reponses", data={**token(user), "tools": "connexion"}, headers=narrow)
    assert ongoing(other) == [] and "Aucun incident en cours" in other.text


def test_the_chosen_tool_comes_with_the_address(user: FlaskClient, incident: str) -> None:
    shown = page(user.get(f"{NEW}?tools=connexion"))
    chosen = shown.select_one("select[name=tools] option[selected]")
    assert chosen is not None and chosen["value"] == "connexion"
    assert user.get(f"{NEW}?tools=n-importe").status_code == 200
