from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from app.accounts.policy import Role
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.tickets import events as e
from app.tickets.fold import fold
from app.tickets.models import Ticket
from app.tickets.queries import records_of
from app.tickets.service import set_identifier
from app.tickets.vocabulary import Conclusion, IncidentType, Kind
from tests.factories import World, act, file, log_in

NIR = "1 84 12 76 451 089 46"
BEARER = "Authorization: Bearer abcdefghijklmnopqrstuvwxyz0123456789"
API = "api-rendez-vous-partenaires"
QUERIES_AT_MOST = 12
EXPRESS = e.Diagnosed(express=True, conclusion=Conclusion.FRANCE_TRAVAIL, answers={"what": "Portail arrêté"})


@pytest.fixture
def correspondent(app: Flask, world: World) -> FlaskClient:
    return log_in(app, app.test_client(), world.here.people[Role.CORRESPONDENT])


@pytest.fixture
def incident(app: Flask, world: World, clock: FrozenClock) -> str:
    with app.app_context():
        return file(
            world.here, now=clock.now() - timedelta(minutes=20), since=clock.now() - timedelta(minutes=30)
        ).reference


def filed(app: Flask, world: World, clock: FrozenClock, **changes: object) -> str:
    with app.app_context():
        return file(world.here, now=clock.now() - timedelta(minutes=20), **changes).reference


def page(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html5lib")


def diagnosis(reference: str, forme: str = "") -> str:
    return f"/sollicitations/{reference}/prediagnostic" + (f"?forme={forme}" if forme else "")


def transmission(reference: str) -> str:
    return f"/sollicitations/{reference}/transmission"


def as_shown(client: FlaskClient, url: str, form_id: str) -> dict[str, str]:
    """What a browser would send, had nobody typed anything."""
    form = page(client.get(url)).find(id=form_id)
    assert isinstance(form, Tag)
    sent = {}
    for field in form.select("input[name], textarea[name]"):
        if field.get("type") in {"radio", "checkbox"} and not field.has_attr("checked"):
            continue
        sent[field["name"]] = field.get_text() if field.name == "textarea" else field.get("value", "")
    return sent


def diagnose(client: FlaskClient, reference: str, forme: str = "complet", **typed: str) -> TestResponse:
    url = diagnosis(reference, forme)
    answers = {
        f"q_{key}" if key not in {"conclusion", "save", "version"} else key: value
        for key, value in typed.items()
    }
    return client.post(url, data={**as_shown(client, url, "prediagnosis-form"), **answers})


def transmit(client: FlaskClient, reference: str, **typed: str) -> TestResponse:
    url = transmission(reference)
    return client.post(url, data={**as_shown(client, url, "transmission-form"), **typed})


def errors(answer: TestResponse) -> dict[str, str]:
    found = {}
    for error in page(answer).select(".field-error"):
        holder = error.find_parent(class_="field")
        assert holder is not None
        label = holder.find(["label", "legend"])
        assert label is not None
        found[label.get_text(" ", strip=True).removesuffix(" (obligatoire)")] = error.get_text(
            " ", strip=True
        )
    return found


def events_of(app: Flask, reference: str) -> list[e.TicketEvent]:
    with app.app_context():
        ticket = db.session.scalars(select(Ticket).where(Ticket.reference == reference)).one()
        return [record.event for record in records_of(ticket.id)]


def diagnoses(app: Flask, reference: str) -> list[e.Diagnosed]:
    return [one for one in events_of(app, reference) if isinstance(one, e.Diagnosed)]


def state(app: Flask, reference: str) -> str:
    with app.app_context():
        return db.session.scalars(select(Ticket.state).where(Ticket.reference == reference)).one()


def packet(client: FlaskClient, reference: str) -> str:
    box = page(client.get(transmission(reference))).find(id="packet")
    assert isinstance(box, Tag) and box.has_attr("readonly")
    return box.get_text()


def points(answer: TestResponse) -> dict[str, str]:
    """What was looked at before sending: sentence → word."""
    side = page(answer).find(id="controles")
    assert isinstance(side, Tag) and side.parent is not None and side.parent.parent is not None
    found = {}
    for item in side.parent.parent.select("li"):
        badge, sentence = item.find(class_="badge"), item.find("p")
        assert badge is not None and sentence is not None
        found[sentence.get_text(" ", strip=True)] = badge.get_text(strip=True)
    return found


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


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
    assert state(app, incident) == "in-progress"


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
    form = page(answer).find(id="prediagnosis-form")
    assert isinstance(form, Tag)
    fresh = {field["name"]: field["value"] for field in form.select("input[type=hidden]")}
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
    form = page(refused).find(id="prediagnosis-form")
    assert isinstance(form, Tag)
    again = {**sent, **{field["name"]: field["value"] for field in form.select("input[type=hidden]")}}
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


# --- Transmission ----------------------------------------------------------------------------------------


def test_the_text_is_ready_with_our_reference(correspondent: FlaskClient, incident: str) -> None:
    text = packet(correspondent, incident)
    assert text.lstrip().startswith(f"Objet\u00a0: [{incident}] Le suivi de parcours ne répond plus")
    assert "Suivi de parcours (Mon Portail Pro)" in text and "Page blanche depuis ce matin." in text
    assert page(correspondent.get(transmission(incident))).find(attrs={"data-copy": "packet"}) is not None


def test_it_never_holds_the_protected_identifier(
    app: Flask, world: World, correspondent: FlaskClient, clock: FrozenClock
) -> None:
    reference = filed(app, world, clock, text="L’usager PE-778899 ne voit rien.")
    with app.app_context(), transaction():
        set_identifier(reference, "PE-778899", actor=world.here.actor(), now=clock.now())
    shown = correspondent.get(transmission(reference))
    assert "PE-778899" not in shown.text
    assert any("identifiant protégé" in sentence for sentence in points(shown))
    answer = transmit(correspondent, reference, text="Usager PE-778899")
    assert "identifiant protégé" in errors(answer)["Texte à transmettre"]


def test_the_points_to_look_at_lead_to_where_they_are_mended(
    app: Flask, world: World, correspondent: FlaskClient, clock: FrozenClock
) -> None:
    reference = filed(app, world, clock, kind=Kind.QUESTION, tools=())
    shown = correspondent.get(transmission(reference))
    found = points(shown)
    assert found["Aucune convention n’est choisie. Choisir la convention"] == "Bloquant"
    assert found["Aucun outil n’est désigné. Classer"] == "À voir"
    links = {link.get_text(strip=True): link["href"] for link in page(shown).select("#transmission-form a")}
    assert links["Choisir la convention"] == f"/sollicitations/{reference}/actes/convention"
    assert links["Classer"] == f"/sollicitations/{reference}/actes/classement"
    assert links["Pré-diagnostic"] == diagnosis(reference)
    assert transmit(correspondent, reference).status_code == 422


def test_an_unclassified_incident_is_not_offered_for_transmission(
    app: Flask, world: World, correspondent: FlaskClient, clock: FrozenClock
) -> None:
    reference = filed(app, world, clock, incident_type=None, severity=None)
    shown = page(correspondent.get(transmission(reference)))
    assert "Réglez d’abord les points bloquants." in shown.get_text()
    assert shown.find(id="occurred_at") is None


def test_a_mail_channel_opens_the_mail_program(
    app: Flask, world: World, correspondent: FlaskClient, incident: str
) -> None:
    links = [
        link["href"] for link in page(correspondent.get(transmission(incident))).select("a[href^=mailto]")
    ]
    (link,) = links
    assert f"subject=%5B{incident}%5D%20" in link


def test_sending_is_recorded_with_its_time_channel_and_reference(
    app: Flask, correspondent: FlaskClient, incident: str
) -> None:
    answer = transmit(correspondent, incident, occurred_at="2026-03-10T08:55", ft_reference="FT-4512")
    assert answer.status_code == 303 and answer.location == f"/sollicitations/{incident}"
    sent = events_of(app, incident)[-1]
    assert isinstance(sent, e.Transmitted)
    assert sent.ft_reference == "FT-4512" and not sent.receipt_is_take_up and sent.channel
    assert sent.text.startswith(f"Objet\u00a0: [{incident}]")
    with app.app_context():
        ticket = db.session.scalars(select(Ticket).where(Ticket.reference == incident)).one()
        assert ticket.state == "transmitted"
        assert fold(records_of(ticket.id)).transmitted_at is not None
        assert ticket.next_due_at is not None
        assert ticket.next_due_at.isoformat() == "2026-03-10T08:10:00+00:00"


def test_on_the_channel_of_the_apis_the_receipt_is_the_take_up(
    app: Flask, world: World, correspondent: FlaskClient, clock: FrozenClock
) -> None:
    reference = filed(app, world, clock, tools=(API,), incident_type=IncidentType.APPLICATION, severity=None)
    shown = correspondent.get(transmission(reference))
    assert "l’accusé de réception vaut prise en charge" in shown.text
    link = page(shown).select_one('a[href^="https://francetravail.io"]')
    assert link is not None and link["rel"] == ["noopener", "noreferrer"]
    transmit(correspondent, reference)
    sent = events_of(app, reference)[-1]
    assert isinstance(sent, e.Transmitted) and sent.receipt_is_take_up


def test_tools_of_two_channels_ask_which_one(
    app: Flask, world: World, correspondent: FlaskClient, clock: FrozenClock
) -> None:
    reference = filed(app, world, clock, tools=("suivi-de-parcours", API))
    radios = page(correspondent.get(transmission(reference))).select("input[name=channel]")
    assert len(radios) == 2
    assert radios[0].has_attr("checked")
    transmit(correspondent, reference, channel=str(radios[1]["value"]))
    sent = events_of(app, reference)[-1]
    assert isinstance(sent, e.Transmitted) and sent.receipt_is_take_up


def test_an_edited_text_is_read_again_then_kept(
    app: Flask, correspondent: FlaskClient, incident: str
) -> None:
    edited = transmit(correspondent, incident, text="Texte réécrit.", save="relire")
    assert edited.status_code == 200
    box = page(edited).find(id="packet")
    assert isinstance(box, Tag) and box.get_text().strip() == "Texte réécrit."
    assert state(app, incident) == "new"
    transmit(correspondent, incident, text="Texte réécrit.")
    sent = events_of(app, incident)[-1]
    assert isinstance(sent, e.Transmitted) and sent.text == "Texte réécrit."


def test_reading_again_by_htmx_narrows_to_the_form(correspondent: FlaskClient, incident: str) -> None:
    url = transmission(incident)
    sent = {**as_shown(correspondent, url, "transmission-form"), "text": f"Usager {NIR}", "save": "relire"}
    answer = correspondent.post(
        url, data=sent, headers={"HX-Request": "true", "HX-Target": "transmission-form"}
    )
    assert answer.status_code == 200 and "<html" not in answer.text
    assert any("numéro de sécurité sociale" in sentence for sentence in points(answer))
    assert set(points(answer).values()) >= {"Bloquant"}


@pytest.mark.parametrize(
    ("typed", "label", "said"),
    [
        ({"text": ""}, "Texte à transmettre", "vide"),
        ({"text": f"Usager {NIR}"}, "Texte à transmettre", "numéro de sécurité sociale"),
        ({"text": BEARER}, "Texte à transmettre", "jeton"),
        ({"text": "x" * 10_001}, "Texte à transmettre", "10000 au plus"),
        ({"occurred_at": ""}, "Transmis le", "quand"),
        ({"occurred_at": "demain"}, "Transmis le", "illisibles"),
        ({"occurred_at": "2026-03-10T09:30"}, "Transmis le", "futur"),
        ({"ft_reference": "x" * 81}, "Référence donnée par France Travail", "80 au plus"),
    ],
)
def test_a_refused_transmission_stands_on_its_field_and_loses_nothing(
    app: Flask, correspondent: FlaskClient, incident: str, typed: dict[str, str], label: str, said: str
) -> None:
    answer = transmit(correspondent, incident, **{"ft_reference": "FT-4512", **typed})
    assert answer.status_code == 422
    assert said in errors(answer)[label]
    if "ft_reference" not in typed:
        assert 'value="FT-4512"' in answer.text
    assert state(app, incident) == "new"


def test_a_channel_that_is_not_offered_is_refused(
    app: Flask, correspondent: FlaskClient, incident: str
) -> None:
    assert transmit(correspondent, incident, channel="999999").status_code == 422
    assert state(app, incident) == "new"


def test_a_double_click_transmits_once(app: Flask, correspondent: FlaskClient, incident: str) -> None:
    url = transmission(incident)
    sent = as_shown(correspondent, url, "transmission-form")
    assert [correspondent.post(url, data=sent).status_code for _ in range(2)] == [303, 303]
    assert [type(one) for one in events_of(app, incident)] == [e.Filed, e.Transmitted]


def test_a_second_transmission_after_a_refusal(
    app: Flask, world: World, correspondent: FlaskClient, incident: str, clock: FrozenClock
) -> None:
    transmit(correspondent, incident, ft_reference="FT-1")
    clock.advance(timedelta(minutes=30))
    with app.app_context():
        act(world.here, incident, e.FtRefused(text="Hors périmètre"), now=clock.now())
    clock.advance(timedelta(minutes=5))
    shown = correspondent.get(transmission(incident))
    assert "puis refusée par France Travail" in shown.text
    assert "FT-1" in packet(correspondent, incident)
    assert transmit(correspondent, incident, ft_reference="FT-2").status_code == 303
    assert state(app, incident) == "transmitted"


def test_a_transmission_on_a_stale_page_is_read_again_first(
    app: Flask, world: World, correspondent: FlaskClient, incident: str, clock: FrozenClock
) -> None:
    url = transmission(incident)
    sent = {**as_shown(correspondent, url, "transmission-form"), "ft_reference": "FT-9"}
    with app.app_context():
        act(world.here, incident, e.Transmitted(channel="Formulaire", text="…"), now=clock.now())
    clock.advance(timedelta(minutes=5))
    refused = correspondent.post(url, data=sent)
    assert refused.status_code == 409 and "a changé pendant votre saisie" in refused.text
    assert 'value="FT-9"' in refused.text
    assert len([one for one in events_of(app, incident) if isinstance(one, e.Transmitted)]) == 1
