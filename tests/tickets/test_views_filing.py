from __future__ import annotations

import io

import pytest
from bs4 import Tag
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Membership
from app.accounts.policy import Role
from app.extensions import db
from app.files.models import Attachment
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.partners.service import narrow_tools
from app.tickets import events as e
from app.tickets.vocabulary import IncidentType, Kind
from tests.factories import World, file, log_in
from tests.tickets.screens import (
    NEW,
    NIR,
    counted,
    element,
    errors,
    file_form,
    flashes,
    hidden,
    page,
    reference_in,
    the_ticket,
    tickets,
)

PNG = b"\x89PNG\r\n\x1a\n" + bytes.fromhex(
    "0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
QUERIES_AT_MOST = 10


@pytest.fixture
def user(app: Flask, world: World) -> FlaskClient:
    return log_in(app, app.test_client(), world.here.people[Role.USER])


@pytest.fixture
def correspondent(app: Flask, world: World) -> FlaskClient:
    return log_in(app, app.test_client(), world.here.people[Role.CORRESPONDENT])


# --- The page --------------------------------------------------------------------------------------------


def test_the_page_asks_in_plain_words(user: FlaskClient) -> None:
    answer = user.get(NEW)
    form = element(answer, "filing")
    kinds = [next(label.stripped_strings) for label in form.select("label[for^=kind-]")]
    assert kinds == [
        "Ça ne marche plus",
        "Les données sont fausses",
        "Je n’ai plus accès",
        "Je ne comprends pas",
        "Une idée d’amélioration",
        "Sécurité",
    ]
    options = [option.get_text() for option in form.select("select[name=tools] option")]
    assert options[:3] == ["Choisissez…", "Connexion impossible", "Je ne sais pas"]
    assert form["method"] == "post" and form["enctype"] == "multipart/form-data"
    assert "Pour un appelant" not in answer.text
    assert "Demande d’une personne" not in answer.text


def test_enter_never_presses_join(app: Flask, world: World, user: FlaskClient, clock: FrozenClock) -> None:
    with app.app_context():
        file(world.here, now=clock.now(), role=Role.CORRESPONDENT, reporter_id=None)
    first = page(user.get(NEW)).select_one("#filing [type=submit]")
    assert first is not None and not first.has_attr("formaction")


def test_a_structure_narrowed_to_some_tools_offers_only_them(
    app: Flask, world: World, user: FlaskClient
) -> None:
    with app.app_context(), transaction():
        narrow_tools(world.here.partner_id, world.here.structures["accueil"], ["suivi-de-parcours"])
    names = [option["value"] for option in page(user.get(NEW)).select("select[name=tools] option")]
    assert "suivi-de-parcours" in names and "api-rendez-vous-partenaires" not in names
    answer = file_form(user, tools="api-rendez-vous-partenaires")
    assert answer.status_code == 422
    assert errors(answer) == {"Outil": "Erreur\u00a0: Choisissez une des réponses proposées."}


def test_the_page_costs_few_queries(
    app: Flask, world: World, user: FlaskClient, correspondent: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        for _ in range(5):
            file(world.here, now=clock.now(), role=Role.CORRESPONDENT, reporter_id=None)
    for client in (user, correspondent):
        client.get(NEW)
        with counted(app) as statements:
            client.get(NEW)
        assert len(statements) <= QUERIES_AT_MOST, "\n".join(statements)


@pytest.mark.parametrize("role", [Role.INTEGRATOR])
def test_an_integrator_files_nothing(app: Flask, world: World, role: Role) -> None:
    client = log_in(app, app.test_client(), world.here.people[role])
    assert client.get(NEW).status_code == 403
    assert client.post(NEW).status_code in {400, 403}


# --- Filing for oneself ----------------------------------------------------------------------------------


def test_filing_records_what_was_typed_and_says_what_follows(
    app: Flask, world: World, user: FlaskClient
) -> None:
    answer = file_form(user, since="2026-03-10T08:58", error="Erreur 503")
    reference = reference_in(answer)
    ticket, events = the_ticket(app)
    assert ticket.reference == reference
    (filed,) = events
    assert isinstance(filed, e.Filed)
    assert filed.kind is Kind.INCIDENT and filed.incident_type is IncidentType.AVAILABILITY
    assert filed.severity == "interruption" and filed.scope == "several"
    assert filed.text == "Page blanche.\n\nMessage affiché\u00a0:\nErreur 503"
    assert filed.since is not None and filed.since.isoformat() == "2026-03-10T07:58:00+00:00"
    assert filed.reporter_id == world.here.people[Role.USER].account_id
    assert filed.structure_id == world.here.structures["accueil"]
    assert filed.convention_id == world.here.convention_id
    shown = user.get(answer.location)
    assert shown.status_code == 200
    assert f"Reçue, sous la référence {reference}" in page(shown).get_text()


@pytest.mark.parametrize(
    ("code", "kind", "incident_type"),
    [
        ("panne", "incident", "availability"),
        ("donnees", "incident", "application"),
        ("acces", "access", None),
        ("question", "question", None),
        ("idee", "evolution", None),
    ],
)
def test_each_plain_word_has_its_kind(
    app: Flask, user: FlaskClient, code: str, kind: str, incident_type: str | None
) -> None:
    reference_in(file_form(user, kind=code))
    ticket, _ = the_ticket(app)
    assert (ticket.kind, ticket.incident_type) == (kind, incident_type)


@pytest.mark.parametrize(("tool", "tools"), [("inconnu", ()), ("connexion", ("connexion",))])
def test_one_may_not_know_the_tool_or_not_get_in(
    app: Flask, user: FlaskClient, tool: str, tools: tuple[str, ...]
) -> None:
    reference_in(file_form(user, tools=tool))
    _, (filed,) = the_ticket(app)
    assert isinstance(filed, e.Filed) and filed.tools == tools


def test_a_sentence_is_enough(app: Flask, user: FlaskClient) -> None:
    reference_in(file_form(user, text=""))
    _, (filed,) = the_ticket(app)
    assert isinstance(filed, e.Filed) and filed.text == "Le portail ne répond plus"


def test_a_double_click_files_one_ticket(app: Flask, user: FlaskClient) -> None:
    sent = {
        **hidden(element(user.get(NEW), "filing")),
        "tools": "inconnu",
        "kind": "question",
        "subject": "Où est l’agenda ?",
    }
    first, second = user.post(NEW, data=sent), user.post(NEW, data=sent)
    assert reference_in(first) == reference_in(second)
    the_ticket(app)


def test_someone_of_two_structures_says_for_which(app: Flask, world: World, user: FlaskClient) -> None:
    with app.app_context(), transaction():
        person = world.here.people[Role.USER].account_id
        other = world.here.structures["insertion"]
        db.session.add(
            Membership(
                partner_id=world.here.partner_id, account_id=person, role=Role.USER, structure_id=other
            )
        )
    answer = file_form(user, structure=str(world.here.structures["insertion"]))
    reference_in(answer)
    ticket, _ = the_ticket(app)
    assert ticket.structure_id == world.here.structures["insertion"]
    assert errors(file_form(user, structure="999")).keys() == {"Structure"}
    assert errors(file_form(user, structure=""))["Structure"].endswith("Choisissez la structure.")


def test_security_is_explained_and_leaves_a_receipt_only(app: Flask, world: World, user: FlaskClient) -> None:
    assert "réservé, dès la seconde" in user.get(NEW).text
    answer = file_form(user, kind="securite", files=(io.BytesIO(PNG), "capture.png"))
    reference_in(answer)
    shown = user.get(answer.location)
    assert shown.status_code == 200 and "personnes chargées de la sécurité" in shown.text
    ticket, events = the_ticket(app)
    assert ticket.restricted
    assert [type(event) for event in events] == [e.Filed, e.FileAttached]


# --- Files -----------------------------------------------------------------------------------------------


def test_files_come_with_the_ticket(app: Flask, world: World, user: FlaskClient) -> None:
    reference_in(file_form(user, files=(io.BytesIO(PNG), "capture.png")))
    ticket, events = the_ticket(app)
    attached = events[1]
    assert isinstance(attached, e.FileAttached) and attached.name == "capture.png"
    with app.app_context():
        row = db.session.scalars(select(Attachment)).one()
        assert (row.subject_id, row.sequence, row.public_id) == (ticket.id, 2, attached.public_id)


def test_a_refused_form_keeps_its_files(app: Flask, user: FlaskClient) -> None:
    refused = file_form(
        user, subject="", files=[(io.BytesIO(PNG), "capture.png"), (io.BytesIO(b"<svg/>"), "x.svg")]
    )
    assert refused.status_code == 422
    assert errors(refused).keys() == {"En une phrase", "Captures d’écran et fichiers"}
    (draft,) = page(refused).select("input[name=drafts]")
    assert draft.has_attr("checked")
    assert not tickets(app)

    reference_in(file_form(user, drafts=draft["value"]))
    _, events = the_ticket(app)
    assert [event.name for event in events if isinstance(event, e.FileAttached)] == ["capture.png"]


def test_a_draft_of_someone_else_is_not_taken(
    app: Flask, user: FlaskClient, correspondent: FlaskClient
) -> None:
    refused = file_form(correspondent, subject="", files=(io.BytesIO(PNG), "capture.png"))
    (draft,) = page(refused).select("input[name=drafts]")
    assert file_form(user, drafts=draft["value"]).status_code == 422
    assert not tickets(app)


def test_too_many_files_are_refused(user: FlaskClient) -> None:
    files = [(io.BytesIO(PNG), f"capture-{number}.png") for number in range(11)]
    answer = file_form(user, files=files)
    assert "10 fichiers au plus" in errors(answer)["Captures d’écran et fichiers"]
    assert len(page(answer).select("input[name=drafts]")) == 10


# --- Bad input -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "label", "said"),
    [
        ("tools", "", "Outil", "Choisissez l’outil"),
        ("tools", "n'existe-pas", "Outil", "réponses proposées"),
        ("kind", "", "Que se passe-t-il\u00a0?", "réponses proposées"),
        ("kind", "personne", "Que se passe-t-il\u00a0?", "réponses proposées"),
        ("subject", "", "En une phrase", "obligatoire"),
        ("subject", "x" * 201, "En une phrase", "200 au plus"),
        ("subject", f"Dossier {NIR}", "En une phrase", "numéro de sécurité sociale"),
        ("text", "x" * 10_001, "Ce qui se passe", "10000 au plus"),
        ("text", f"Dossier {NIR}", "Ce qui se passe", "numéro de sécurité sociale"),
        ("error", f"nir={NIR}", "Message affiché", "numéro de sécurité sociale"),
        ("since", "hier", "Depuis quand\u00a0?", "illisibles"),
        ("since", "2026-02-30T09:00", "Depuis quand\u00a0?", "n’existe pas"),
        ("since", "2026-03-11T09:00", "Depuis quand\u00a0?", "futur"),
        ("scope", "galaxie", "Qui est touché\u00a0?", "réponses proposées"),
    ],
)
def test_a_refusal_stands_on_its_field_and_loses_nothing(
    app: Flask, user: FlaskClient, field: str, value: str, label: str, said: str
) -> None:
    answer = file_form(user, **{field: value})
    assert answer.status_code == 422
    assert said in errors(answer)[label]
    shown = page(answer)
    if field != "subject":
        subject = shown.find(id="subject")
        assert isinstance(subject, Tag) and subject["value"] == "Le portail ne répond plus"
    assert shown.find(id="erreurs") is not None
    assert not tickets(app)


@pytest.mark.parametrize(
    "hostile", ["\x00\x1b[31m", "\u202eexe.gpj", "\ud800" * 3, "<script>alert(1)</script>", "’ OR 1=1"]
)
def test_hostile_text_never_breaks_anything(user: FlaskClient, hostile: str) -> None:
    answer = file_form(user, text=hostile.encode("utf-8", "surrogatepass"), subject="Bonjour")
    assert answer.status_code in {303, 422}


def test_a_secret_is_hidden_before_it_is_kept(app: Flask, user: FlaskClient) -> None:
    reference_in(file_form(user, text="Mon mot de passe : Azerty123!"))
    _, (filed,) = the_ticket(app)
    assert isinstance(filed, e.Filed) and "Azerty123" not in filed.text
    assert "masqué" in flashes(user)
