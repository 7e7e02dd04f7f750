from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select
from werkzeug.test import TestResponse

from app.accounts.models import Membership
from app.accounts.policy import Role
from app.extensions import db
from app.files.models import Attachment
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.partners.service import add_structure, narrow_tools
from app.tickets import events as e
from app.tickets.models import Ticket
from app.tickets.queries import records_of
from app.tickets.vocabulary import IncidentType, Kind
from tests.factories import World, act, file, log_in

NEW = "/sollicitations/nouvelle"
FOR_SELF = f"{NEW}?pour=moi"
PNG = b"\x89PNG\r\n\x1a\n" + bytes.fromhex(
    "0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
NIR = "1 84 12 76 451 089 46"
QUERIES_AT_MOST = 10


@pytest.fixture
def user(app: Flask, world: World) -> FlaskClient:
    return log_in(app, app.test_client(), world.here.people[Role.USER])


@pytest.fixture
def correspondent(app: Flask, world: World) -> FlaskClient:
    return log_in(app, app.test_client(), world.here.people[Role.CORRESPONDENT])


def page(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html5lib")


def hidden(client: FlaskClient, url: str = NEW) -> dict[str, str]:
    """What the form carries unseen: its token and its protection."""
    form = page(client.get(url)).find(id="filing")
    assert isinstance(form, Tag)
    return {field["name"]: field["value"] for field in form.select("input[type=hidden]")}


def typed(**changes: object) -> dict[str, object]:
    return {
        "tools": "suivi-de-parcours",
        "kind": "panne",
        "subject": "Le portail ne répond plus",
        "text": "Page blanche.",
        "scope": "several",
        **changes,
    }


def post(client: FlaskClient, url: str = NEW, **changes: object) -> TestResponse:
    return client.post(
        url, data={**hidden(client, url), **typed(**changes)}, content_type="multipart/form-data"
    )


def errors(answer: TestResponse) -> dict[str, str]:
    """The refusals by the label of their field."""
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


def tickets() -> list[Ticket]:
    return list(db.session.scalars(select(Ticket).order_by(Ticket.id)))


def the_ticket(app: Flask) -> tuple[Ticket, list[e.TicketEvent]]:
    with app.app_context():
        (ticket,) = tickets()
        return ticket, [record.event for record in records_of(ticket.id)]


def reference_in(answer: TestResponse) -> str:
    assert answer.status_code == 303, errors(answer)
    return answer.location.rpartition("/")[2]


def flashes(client: FlaskClient) -> str:
    with client.session_transaction() as session:
        return " ".join(str(message) for _, message in session.get("_flashes", []))


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


# --- The page --------------------------------------------------------------------------------------------


def test_the_page_asks_in_plain_words(user: FlaskClient) -> None:
    answer = user.get(NEW)
    form = page(answer).find(id="filing")
    assert isinstance(form, Tag)
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
    answer = post(user, tools="api-rendez-vous-partenaires")
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
    answer = post(user, since="2026-03-10T08:58", error="Erreur 503")
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
    assert "Reçue" in flashes(user) and reference in flashes(user)


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
    reference_in(post(user, kind=code))
    ticket, _ = the_ticket(app)
    assert (ticket.kind, ticket.incident_type) == (kind, incident_type)


@pytest.mark.parametrize(("tool", "tools"), [("inconnu", ()), ("connexion", ("connexion",))])
def test_one_may_not_know_the_tool_or_not_get_in(
    app: Flask, user: FlaskClient, tool: str, tools: tuple[str, ...]
) -> None:
    reference_in(post(user, tools=tool))
    _, (filed,) = the_ticket(app)
    assert isinstance(filed, e.Filed) and filed.tools == tools


def test_a_sentence_is_enough(app: Flask, user: FlaskClient) -> None:
    reference_in(post(user, text=""))
    _, (filed,) = the_ticket(app)
    assert isinstance(filed, e.Filed) and filed.text == "Le portail ne répond plus"


def test_a_double_click_files_one_ticket(app: Flask, user: FlaskClient) -> None:
    sent = {**hidden(user), **typed()}
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
    answer = post(user, structure=str(world.here.structures["insertion"]))
    reference_in(answer)
    ticket, _ = the_ticket(app)
    assert ticket.structure_id == world.here.structures["insertion"]
    assert errors(post(user, structure="999")).keys() == {"Structure"}
    assert errors(post(user, structure=""))["Structure"].endswith("Choisissez la structure.")


def test_security_is_explained_and_leaves_a_receipt_only(app: Flask, world: World, user: FlaskClient) -> None:
    assert "réservé, dès la seconde" in user.get(NEW).text
    reference_in(post(user, kind="securite", files=(io.BytesIO(PNG), "capture.png")))
    ticket, events = the_ticket(app)
    assert ticket.restricted
    assert [type(event) for event in events] == [e.Filed, e.FileAttached]
    assert "personnes chargées de la sécurité" in flashes(user)


# --- Files -----------------------------------------------------------------------------------------------


def test_files_come_with_the_ticket(app: Flask, world: World, user: FlaskClient) -> None:
    reference_in(post(user, files=(io.BytesIO(PNG), "capture.png")))
    ticket, events = the_ticket(app)
    attached = events[1]
    assert isinstance(attached, e.FileAttached) and attached.name == "capture.png"
    with app.app_context():
        row = db.session.scalars(select(Attachment)).one()
        assert (row.subject_id, row.sequence, row.public_id) == (ticket.id, 2, attached.public_id)


def test_a_refused_form_keeps_its_files(app: Flask, user: FlaskClient) -> None:
    refused = post(
        user, subject="", files=[(io.BytesIO(PNG), "capture.png"), (io.BytesIO(b"<svg/>"), "x.svg")]
    )
    assert refused.status_code == 422
    assert errors(refused).keys() == {"En une phrase", "Captures d’écran et fichiers"}
    (draft,) = page(refused).select("input[name=drafts]")
    assert draft.has_attr("checked")
    with app.app_context():
        assert not tickets()

    reference_in(post(user, drafts=draft["value"]))
    _, events = the_ticket(app)
    assert [event.name for event in events if isinstance(event, e.FileAttached)] == ["capture.png"]


def test_a_draft_of_someone_else_is_not_taken(
    app: Flask, user: FlaskClient, correspondent: FlaskClient
) -> None:
    refused = post(correspondent, subject="", files=(io.BytesIO(PNG), "capture.png"))
    (draft,) = page(refused).select("input[name=drafts]")
    assert post(user, drafts=draft["value"]).status_code == 422
    with app.app_context():
        assert not tickets()


def test_too_many_files_are_refused(user: FlaskClient) -> None:
    files = [(io.BytesIO(PNG), f"capture-{number}.png") for number in range(11)]
    answer = post(user, files=files)
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
    answer = post(user, **{field: value})
    assert answer.status_code == 422
    assert said in errors(answer)[label]
    shown = page(answer)
    if field != "subject":
        subject = shown.find(id="subject")
        assert isinstance(subject, Tag) and subject["value"] == "Le portail ne répond plus"
    assert shown.find(id="erreurs") is not None
    with app.app_context():
        assert not tickets()


@pytest.mark.parametrize(
    "hostile", ["\x00\x1b[31m", "\u202eexe.gpj", "\ud800" * 3, "<script>alert(1)</script>", "’ OR 1=1"]
)
def test_hostile_text_never_breaks_anything(user: FlaskClient, hostile: str) -> None:
    answer = post(user, text=hostile.encode("utf-8", "surrogatepass"), subject="Bonjour")
    assert answer.status_code in {303, 422}


def test_a_secret_is_hidden_before_it_is_kept(app: Flask, user: FlaskClient) -> None:
    reference_in(post(user, text="Mon mot de passe : Azerty123!"))
    _, (filed,) = the_ticket(app)
    assert isinstance(filed, e.Filed) and "Azerty123" not in filed.text
    assert "masqué" in flashes(user)


# --- For a caller ----------------------------------------------------------------------------------------


def test_a_correspondent_files_for_a_caller_first(correspondent: FlaskClient) -> None:
    shown = page(correspondent.get(NEW))
    tabs = {link.get_text(strip=True): link for link in shown.select(".tabs a")}
    assert tabs["Pour un appelant"]["aria-current"] == "page"
    assert tabs["Pour moi"]["href"] == FOR_SELF
    assert page(correspondent.get(FOR_SELF)).find(id="caller") is None


def test_a_call_in_one_short_form(app: Flask, world: World, correspondent: FlaskClient) -> None:
    answer = post(
        correspondent,
        caller="Agent d’accueil, site nord",
        structure=str(world.here.structures["accueil"]),
        occurred_at="2026-03-10T08:40",
        text="",
    )
    reference_in(answer)
    ticket, (filed,) = the_ticket(app)
    assert isinstance(filed, e.Filed)
    assert (filed.caller, filed.reporter_id) == ("Agent d’accueil, site nord", None)
    assert filed.structure_id == world.here.structures["accueil"]
    assert ticket.filed_at.isoformat() == "2026-03-10T07:40:00+00:00"


def test_several_tools_and_another_convention(app: Flask, world: World, correspondent: FlaskClient) -> None:
    answer = post(
        correspondent,
        more_tools=["connexion", "suivi-de-parcours"],
        convention=str(world.here.convention_id),
    )
    reference_in(answer)
    _, (filed,) = the_ticket(app)
    assert isinstance(filed, e.Filed) and filed.tools == ("suivi-de-parcours", "connexion")
    assert filed.convention_id == world.here.convention_id
    assert errors(post(correspondent, convention=str(world.there.convention_id))).keys() == {"Convention"}


def test_an_incident_found_by_france_travail_starts_its_clocks(
    app: Flask, correspondent: FlaskClient
) -> None:
    answer = post(
        correspondent, occurred_at="2026-03-10T08:50", found_by_ft="y", detected_at="2026-03-10T08:10"
    )
    reference_in(answer)
    ticket, (_, informed) = the_ticket(app)
    assert isinstance(informed, e.FtInformed) and informed.detected_at is not None
    assert ticket.origin == "france-travail" and ticket.next_due_at is not None


@pytest.mark.parametrize(
    ("changes", "label", "said"),
    [
        ({"kind": "question", "found_by_ft": "y"}, "Que se passe-t-il\u00a0?", "signale un incident"),
        ({"tools": "inconnu", "found_by_ft": "y"}, "Outil", "a désigné"),
        (
            {"found_by_ft": "y", "detected_at": "2026-03-10T08:59", "occurred_at": "2026-03-10T08:50"},
            "Détecté par France Travail",
            "précéder",
        ),
        ({"occurred_at": "2026-03-10T11:00"}, "Heure de l’appel", "futur"),
        ({"references": "4512"}, "Autres références", "Une référence par ligne"),
        ({"references": "\n".join(f"GLPI : {n}" for n in range(11))}, "Autres références", "10 références"),
        ({"structure": "999999"}, "Structure", "réponses proposées"),
        ({"caller": f"Usager {NIR}"}, "Appelant", "numéro de sécurité sociale"),
    ],
)
def test_a_refused_call_changes_nothing(
    app: Flask, correspondent: FlaskClient, changes: dict[str, str], label: str, said: str
) -> None:
    answer = post(correspondent, **changes)
    assert answer.status_code == 422
    assert said in errors(answer)[label]
    with app.app_context():
        assert not tickets()


def test_other_references_are_noted(app: Flask, correspondent: FlaskClient) -> None:
    reference_in(post(correspondent, references="Centre de services : 4512\n\nGLPI: A-7"))
    _, (_, *noted) = the_ticket(app)
    assert [(event.label, event.reference) for event in noted if isinstance(event, e.ReferenceNoted)] == [
        ("Centre de services", "4512"),
        ("GLPI", "A-7"),
    ]


def test_a_tool_that_the_structure_does_not_use_is_refused(
    app: Flask, world: World, correspondent: FlaskClient
) -> None:
    with app.app_context(), transaction():
        narrow = add_structure(
            world.here.partner_id,
            code="petite",
            name="Petite",
            kind="service",
            tool_codes=["suivi-de-parcours"],
        ).id
    other = next(
        option["value"]
        for option in page(correspondent.get(NEW)).select("optgroup[label=francetravail\\.io] option")
    )
    assert (
        "n’utilise pas cet outil" in errors(post(correspondent, tools=other, structure=str(narrow)))["Outil"]
    )


def test_a_security_call_leaves_its_receipt_to_who_took_it(
    app: Flask, world: World, correspondent: FlaskClient
) -> None:
    reference_in(post(correspondent, kind="securite", references="GLPI : 4512"))
    ticket, events = the_ticket(app)
    assert ticket.restricted
    assert ticket.reporter_id == world.here.people[Role.CORRESPONDENT].account_id
    assert [type(event) for event in events] == [e.Filed, e.ReferenceNoted]


def test_a_persons_request_starts_its_month(app: Flask, correspondent: FlaskClient) -> None:
    reference_in(post(correspondent, kind="personne", since="2026-03-09T10:00"))
    ticket, _ = the_ticket(app)
    assert ticket.kind == "data-subject-request" and ticket.next_due_at is not None


def test_an_account_manager_records_nothing_that_france_travail_says(app: Flask, world: World) -> None:
    client = log_in(app, app.test_client(), world.here.people[Role.ACCOUNT_MANAGER])
    assert page(client.get(NEW)).find(id="found_by_ft") is None
    reference_in(post(client, kind="acces", found_by_ft="y"))
    _, events = the_ticket(app)
    assert [type(event) for event in events] == [e.Filed]


# --- Incidents under way ---------------------------------------------------------------------------------


def ongoing(answer: TestResponse) -> list[str]:
    return [item.get_text(" ", strip=True) for item in page(answer).select("#new-incidents li")]


def join(
    client: FlaskClient, reference: str, sent: dict[str, str] | None = None, **more: str
) -> TestResponse:
    return client.post(f"/sollicitations/{reference}/moi-aussi", data={**(sent or hidden(client)), **more})


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
    sent = hidden(user)
    assert join(user, incident, sent).status_code == 303
    assert join(user, incident, sent).status_code == 303
    again = join(user, incident)
    assert again.status_code == 409 and "déjà compté" in again.text
    assert plus_ones(app) == 1


def test_the_page_that_joined_can_still_file(app: Flask, user: FlaskClient, incident: str) -> None:
    sent = hidden(user)
    join(user, incident, sent)
    assert reference_in(user.post(NEW, data={**sent, **typed(subject="Autre chose")})) != incident


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
