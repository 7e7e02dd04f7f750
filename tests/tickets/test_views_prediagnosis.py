from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.policy import Role
from app.extensions import db
from app.kernel.clock import FrozenClock
from app.tickets import events as e
from app.tickets.fold import fold
from app.tickets.models import Ticket
from app.tickets.queries import records_of
from app.tickets.vocabulary import Conclusion, IncidentType, Kind
from tests.factories import World, act, log_in
from tests.tickets.screens import (
    NIR,
    as_shown,
    counted,
    element,
    errors,
    events_of,
    filed,
    hidden,
    page,
    state_of,
)

BEARER = "Authorization: Bearer abcdefghijklmnopqrstuvwxyz0123456789"
API = "api-rendez-vous-partenaires"
QUERIES_AT_MOST = 12
EXPRESS = e.Diagnosed(express=True, conclusion=Conclusion.FRANCE_TRAVAIL, answers={"what": "Portail arrêté"})


def diagnosis(reference: str, forme: str = "") -> str:
    return f"/sollicitations/{reference}/prediagnostic" + (f"?forme={forme}" if forme else "")


def diagnose(client: FlaskClient, reference: str, forme: str = "complet", **typed: str) -> TestResponse:
    url = diagnosis(reference, forme)
    answers = {
        f"q_{key}" if key not in {"conclusion", "save", "version"} else key: value
        for key, value in typed.items()
    }
    return client.post(url, data={**as_shown(client, url, "prediagnosis-form"), **answers})


def diagnoses(app: Flask, reference: str) -> list[e.Diagnosed]:
    return [one for one in events_of(app, reference) if isinstance(one, e.Diagnosed)]


def transmission(reference: str) -> str:
    return f"/sollicitations/{reference}/transmission"


# --- Who comes here --------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [diagnosis, transmission])
def test_only_who_handles_the_ticket_comes_here(app: Flask, world: World, incident: str, url: object) -> None:
    address = url(incident)  # type: ignore[operator]
    for role in Role:
        client = log_in(app, app.test_client(), world.here.people[role])
        expected = 200 if role is Role.CORRESPONDENT else 403 if role in {Role.USER, Role.MANAGER} else None
        status = client.get(address).status_code
        assert status == expected if expected else status in {403, 404}, role
    stranger = log_in(app, app.test_client(), world.there.people[Role.CORRESPONDENT])
    assert stranger.get(address).status_code == 404


def test_the_account_manager_examines_requests_of_access(
    app: Flask, world: World, clock: FrozenClock
) -> None:
    reference = filed(app, world, clock, kind=Kind.ACCESS)
    client = log_in(app, app.test_client(), world.here.people[Role.ACCOUNT_MANAGER])
    assert client.get(diagnosis(reference)).status_code == 200
    assert diagnose(client, reference, entitlement="fault", conclusion="access").status_code == 303


@pytest.mark.parametrize("url", [diagnosis, transmission])
def test_few_queries(
    app: Flask, world: World, correspondent: FlaskClient, incident: str, clock: FrozenClock, url: object
) -> None:
    with app.app_context():
        act(world.here, incident, EXPRESS, *[e.Commented(text="Vu")] * 20, now=clock.now())
    clock.advance(timedelta(hours=1))
    address = url(incident)  # type: ignore[operator]
    correspondent.get(address)
    with counted(app) as statements:
        correspondent.get(address)
    assert len(statements) <= QUERIES_AT_MOST, "\n".join(statements)


# --- Pré-diagnostic --------------------------------------------------------------------------------------


def test_an_interruption_opens_the_express_form_filled_with_what_is_known(
    correspondent: FlaskClient, incident: str
) -> None:
    sent = as_shown(correspondent, diagnosis(incident), "prediagnosis-form")
    assert sent["q_what"] == "Le suivi de parcours ne répond plus"
    assert sent["q_since"] == "2026-03-10T08:30"
    assert sent["conclusion"] == "france-travail"
    assert "q_browser" not in sent


def test_thirty_seconds_are_enough(app: Flask, correspondent: FlaskClient, incident: str) -> None:
    answer = diagnose(
        correspondent, incident, "express", users="all", evidence="12 appels en dix minutes", save="terminer"
    )
    assert answer.status_code == 303 and answer.location == transmission(incident)
    (saved,) = diagnoses(app, incident)
    assert saved.express and saved.conclusion is Conclusion.FRANCE_TRAVAIL
    assert saved.answers == {
        "what": "Le suivi de parcours ne répond plus",
        "since": "2026-03-10T07:30:00+00:00",
        "users": "all",
        "evidence": "12 appels en dix minutes",
    }
    assert state_of(app, incident) == "in-progress"


def test_the_questions_are_those_of_the_tool(
    app: Flask, world: World, correspondent: FlaskClient, clock: FrozenClock
) -> None:
    reference = filed(app, world, clock, tools=(API,), incident_type=IncidentType.APPLICATION, severity=None)
    asked = {field["name"] for field in page(correspondent.get(diagnosis(reference))).select("[name^=q_]")}
    assert {"q_endpoint", "q_http_status", "q_return_code", "q_request_id"} <= asked
    assert "q_browser" not in asked
    shown = page(correspondent.get(diagnosis(reference)))
    assert "Non vérifié" in [label.get_text(strip=True) for label in shown.select("label")]


def test_saved_as_one_goes_and_resumed(app: Flask, correspondent: FlaskClient, incident: str) -> None:
    first = diagnose(correspondent, incident, reproduced="yes", tests="Autre poste", save="symptom")
    assert first.location.endswith("forme=complet")
    sent = as_shown(correspondent, diagnosis(incident), "prediagnosis-form")
    assert (sent["q_reproduced"], sent["q_tests"]) == ("yes", "Autre poste")

    diagnose(correspondent, incident, network="unchecked", tests="", conclusion="local", save="checks")
    one, two = diagnoses(app, incident)
    assert one.answers == {"reproduced": "yes", "tests": "Autre poste"}
    assert two.answers == {"network": "unchecked", "tests": ""}
    assert (one.conclusion, two.conclusion) == (Conclusion.UNKNOWN, Conclusion.LOCAL)


def test_nothing_new_records_nothing(app: Flask, correspondent: FlaskClient, incident: str) -> None:
    diagnose(correspondent, incident, reproduced="yes")
    assert diagnose(correspondent, incident).status_code == 303
    assert len(diagnoses(app, incident)) == 1


def test_an_empty_diagnosis_is_refused(app: Flask, correspondent: FlaskClient, incident: str) -> None:
    answer = diagnose(correspondent, incident)
    assert answer.status_code == 422 and "Répondez au moins à une question." in answer.text
    assert not diagnoses(app, incident)


def test_the_end_leads_where_the_conclusion_says(correspondent: FlaskClient, incident: str) -> None:
    local = diagnose(correspondent, incident, network="fault", conclusion="local", save="terminer")
    assert local.location == f"/sollicitations/{incident}"


def test_a_section_saved_by_htmx_comes_back_alone(
    app: Flask, correspondent: FlaskClient, incident: str
) -> None:
    url = diagnosis(incident, "complet")
    sent = {**as_shown(correspondent, url, "prediagnosis-form"), "q_reproduced": "yes", "save": "symptom"}
    narrow = {"HX-Request": "true", "HX-Target": "prediagnosis-form"}
    answer = correspondent.post(url, data=sent, headers=narrow)
    assert answer.status_code == 200 and "Enregistré." in answer.text and "<html" not in answer.text
    form = element(answer, "prediagnosis-form")
    fresh = hidden(form)
    assert fresh["version"] == "2" and fresh["token"] != sent["token"]
    assert len(diagnoses(app, incident)) == 1


def test_a_double_click_saves_once(app: Flask, correspondent: FlaskClient, incident: str) -> None:
    url = diagnosis(incident, "complet")
    sent = {**as_shown(correspondent, url, "prediagnosis-form"), "q_reproduced": "yes"}
    assert [correspondent.post(url, data=sent).status_code for _ in range(2)] == [303, 303]
    assert len(diagnoses(app, incident)) == 1


def test_typed_after_the_transmission_it_is_accepted_and_said(
    app: Flask, world: World, correspondent: FlaskClient, incident: str, clock: FrozenClock
) -> None:
    with app.app_context():
        act(world.here, incident, e.Transmitted(channel="Formulaire", text="…"), now=clock.now())
    clock.advance(timedelta(minutes=5))
    assert "complété après" in correspondent.get(diagnosis(incident)).text
    assert diagnose(correspondent, incident, reproduced="yes").status_code == 303
    with app.app_context():
        ticket = db.session.scalars(select(Ticket).where(Ticket.reference == incident)).one()
        assert fold(records_of(ticket.id)).diagnosed_after_transmission


@pytest.mark.parametrize(
    ("answers", "label", "said"),
    [
        ({"tests": f"Usager {NIR}"}, "Essais effectués", "numéro de sécurité sociale"),
        ({"tests": "x" * 5_001}, "Essais effectués", "5000 au plus"),
        ({"browser": "x" * 201}, "Navigateur et version", "200 au plus"),
        ({"reproduced": "peut-être"}, "Avez-vous reproduit le problème\u00a0?", "réponses proposées"),
        ({"conclusion": "personne"}, "D’où vient le problème\u00a0?", "réponses proposées"),
    ],
)
def test_a_refused_answer_stands_on_its_field_and_loses_nothing(
    app: Flask, correspondent: FlaskClient, incident: str, answers: dict[str, str], label: str, said: str
) -> None:
    answer = diagnose(correspondent, incident, article="Vider le cache", **answers)
    assert answer.status_code == 422
    assert said in errors(answer)[label]
    assert "Vider le cache" in answer.text
    assert not diagnoses(app, incident)


def test_a_wrong_moment_is_refused(correspondent: FlaskClient, incident: str) -> None:
    answer = diagnose(correspondent, incident, "express", since="avant-hier")
    assert "illisibles" in errors(answer)["Depuis quand\u00a0?"]


def test_a_secret_is_hidden_and_said(app: Flask, correspondent: FlaskClient, incident: str) -> None:
    answer = diagnose(correspondent, incident, tests=BEARER)
    assert answer.status_code == 303
    assert "secret a été masqué" in correspondent.get(answer.location).text
    (saved,) = diagnoses(app, incident)
    assert "abcdefghijkl" not in saved.answers["tests"]


def test_someone_acted_in_between(
    app: Flask, world: World, correspondent: FlaskClient, incident: str, clock: FrozenClock
) -> None:
    url = diagnosis(incident, "complet")
    sent = {**as_shown(correspondent, url, "prediagnosis-form"), "q_tests": "Autre poste"}
    with app.app_context():
        act(world.here, incident, e.Cancelled(reason="Erreur"), e.Reopened(reason="Si"), now=clock.now())
    clock.advance(timedelta(minutes=5))
    refused = correspondent.post(url, data=sent)
    assert refused.status_code == 409
    assert "a changé pendant votre saisie" in refused.text and "Autre poste" in refused.text
    assert len(page(refused).select(".callout-warning li")) == 2
    form = element(refused, "prediagnosis-form")
    again = {**sent, **hidden(form)}
    assert correspondent.post(url, data=again).status_code == 303
    assert diagnoses(app, incident)[0].answers["tests"] == "Autre poste"


def test_an_ended_ticket_shows_its_answers_only(
    app: Flask, world: World, correspondent: FlaskClient, incident: str, clock: FrozenClock
) -> None:
    with app.app_context():
        act(world.here, incident, EXPRESS, e.Cancelled(reason="Erreur"), now=clock.now())
    for url in (diagnosis(incident), transmission(incident)):
        shown = correspondent.get(url)
        assert shown.status_code == 200 and "La sollicitation est terminée" in shown.text
        assert page(shown).find(id="prediagnosis-form") is None
    assert "Portail arrêté" in correspondent.get(diagnosis(incident)).text
