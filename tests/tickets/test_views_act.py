"""Recording what happens to a ticket: each act, its refusals, and what is kept when someone came first."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.policy import Role
from app.kernel.clock import FrozenClock
from app.tickets import events as e
from app.tickets.acts import ACTS
from app.tickets.queries import protected_identifier, records_of
from app.tickets.verify import verify_tickets
from app.tickets.vocabulary import IncidentType, Kind
from tests.factories import World, act, file, log_in
from tests.tickets.test_views_page import MINUTE, as_role, words

NIR = "1 84 12 76 451 089 46"


class Desk:
    """A person before one ticket: they open an act, type, and send."""

    def __init__(self, app: Flask, client: FlaskClient, reference: str, ticket_id: int) -> None:
        self.app, self.client, self.reference, self.ticket_id = app, client, reference, ticket_id

    def url(self, slug: str) -> str:
        return f"/sollicitations/{self.reference}/actes/{slug}"

    def form(self, url: str) -> dict[str, Any]:
        """What the form holds when it is shown, typed by nobody."""
        answer = self.client.get(url)
        assert answer.status_code == 200, answer.text
        form = BeautifulSoup(answer.text, "html5lib").select_one("#act-form form")
        assert form is not None
        values: dict[str, Any] = {}
        for field in form.select("input, textarea, select"):
            if field.get("type") in ("checkbox", "radio") and not field.has_attr("checked"):
                continue
            if field.name == "select":
                chosen = field.select_one("option[selected]")
                values[str(field["name"])] = str(chosen["value"]) if chosen else ""
            elif field.get("type") != "file":
                values[str(field["name"])] = (
                    field.text.lstrip("\n") if field.name == "textarea" else field.get("value", "")
                )
        return values

    def send(self, slug: str, **typed: Any) -> TestResponse:
        url = self.url(slug)
        return self.client.post(url, data=self.form(url) | typed)

    def records(self) -> list[e.Recorded]:
        with self.app.app_context():
            return records_of(self.ticket_id)

    def last(self) -> e.Recorded:
        return self.records()[-1]

    def flash(self) -> str:
        page = BeautifulSoup(self.client.get(f"/sollicitations/{self.reference}").text, "html5lib")
        return words(page.select_one("#messages"))


Open = Callable[..., Desk]


@pytest.fixture
def before(app: Flask, world: World, clock: FrozenClock) -> Open:
    """A ticket that lived through these events, an hour ago, before a person of that role."""

    def open_desk(*events: e.TicketEvent, role: Role = Role.CORRESPONDENT, **filing: object) -> Desk:
        with app.app_context():
            ticket = file(world.here, now=clock.now(), **filing)
            act(world.here, ticket, *events, now=clock.now() + MINUTE)
            reference, ticket_id = ticket.reference, ticket.id
        clock.advance(timedelta(hours=1))
        return Desk(app, as_role(app, world, role), reference, ticket_id)

    return open_desk


def errors(answer: TestResponse) -> dict[str, str]:
    """The message beside each field, by the label of the field."""
    page = BeautifulSoup(answer.text, "html5lib")
    found = {}
    for field in page.select(".has-error"):
        name, message = field.select_one("label, legend"), field.select_one(".field-error")
        found[words(name).removesuffix(" (obligatoire)")] = words(message).removeprefix("Erreur : ")
    return found


TRANSMITTED = e.Transmitted(channel="Formulaire", text="…")
RETURNED = e.ReturnAnnounced()
CONTESTED = e.Contested(clock="take-up", ft_time=None, ft_position="Non", our_position="Oui")
APPLICATION: dict[str, object] = {"incident_type": IncidentType.APPLICATION, "severity": None}
STRUCTURE_TYPED = {"caller": "Poste 3"}

CASES: dict[str, tuple[tuple[e.TicketEvent, ...], dict[str, Any], type[e.TicketEvent]]] = {
    "prise-en-main": ((), {}, e.Taken),
    "attribution": ((), {"assignee_id": ""}, e.Assigned),
    "commentaire": ((), {"text": "Bonjour", "internal": "y"}, e.Commented),
    "question-utilisateur": ((), {"text": "Quel écran ?"}, e.UserAsked),
    "reponse-utilisateur": ((e.UserAsked(text="Quel écran ?"),), {"text": "L’accueil"}, e.UserReplied),
    "ca-remarche": ((TRANSMITTED, RETURNED), {}, e.UserVerdict),
    "ca-ne-marche-pas": ((TRANSMITTED, RETURNED), {"text": "Toujours blanc"}, e.UserVerdict),
    "reponse": ((), {"text": "Voici comment faire."}, e.Answered),
    "classement": ((), {"reason": "Vu ensemble"}, e.Classified),
    "gravite": ((), {"severity": "degradation"}, e.SeverityChanged),
    "convention": ((), {"reason": "C’est la seule"}, e.ConventionChosen),
    "accuse-reception": ((TRANSMITTED,), {"ft_reference": "FT-1"}, e.ReceiptReceived),
    "prise-en-charge-ft": ((TRANSMITTED,), {}, e.TakenUp),
    "demande-ft": ((TRANSMITTED,), {"text": "Quel compte ?"}, e.FtAsked),
    "elements-fournis": ((TRANSMITTED, e.FtAsked(text="?")), {"text": "Le compte A"}, e.FtAnswered),
    "refus-ft": ((TRANSMITTED,), {"text": "Hors périmètre"}, e.FtRefused),
    "refus-accepte": ((TRANSMITTED, e.FtRefused(text="Non")), {}, e.RefusalAccepted),
    "escalade-ft": ((TRANSMITTED,), {"text": "Niveau 3"}, e.FtEscalated),
    "cause": ((TRANSMITTED,), {"text": "Un serveur"}, e.CauseGiven),
    "prevision": ((TRANSMITTED,), {"text": "Demain", "expected_at": "11/03/2026 09:00"}, e.ForecastGiven),
    "cloture-ft": ((TRANSMITTED,), {}, e.FtClosed),
    "information-ft": ((), {"detected_at": ""}, e.FtInformed),
    "relance": ((TRANSMITTED,), {}, e.Relanced),
    "date-convenue": ((TRANSMITTED,), {"due_at": "30/03/2026 09:00"}, e.DateAgreed),
    "contournement": ((TRANSMITTED,), {"scope": "partial", "text": "Autre chemin"}, e.WorkaroundGiven),
    "retour-annonce": ((TRANSMITTED,), {}, e.ReturnAnnounced),
    "retour-constate": ((TRANSMITTED,), {}, e.ReturnObserved),
    "verification": ((TRANSMITTED, RETURNED), {"works": "oui"}, e.ReturnConfirmed),
    "reparation": ((TRANSMITTED, e.WorkaroundGiven(scope="total", text="…")), {}, e.RepairDone),  # type: ignore[arg-type]
    "cloture": ((e.Answered(text="Voici"),), {}, e.Closed),
    "annulation": ((), {"reason": "Erreur de saisie"}, e.Cancelled),
    "reouverture": ((e.Cancelled(reason="Erreur"),), {"reason": "Encore"}, e.Reopened),
    "un-de-plus": ((), STRUCTURE_TYPED, e.PlusOne),
    "collegues-informes": ((), {"text": "Message envoyé à tous"}, e.ColleaguesInformed),
    "contestation": (
        (TRANSMITTED,),
        {"clock": "take-up", "ft_position": "Dès l’accusé", "our_position": "Au rappel"},
        e.Contested,
    ),
    "desaccord-regle": (
        (TRANSMITTED, CONTESTED),
        {"clock": "take-up", "text": "Notre heure"},
        e.ContestSettled,
    ),
    "reference": ((), {"label": "GLPI", "reference": "42"}, e.ReferenceNoted),
    "partage-editeurs": ((), {"shared": "y"}, e.IntegratorsShared),
    "identifiant": ((), {"identifier": "IDE-778"}, e.IdentifierSet),
}


@pytest.mark.parametrize("slug", CASES)
def test_each_act_records_its_event_and_says_so(before: Open, slug: str) -> None:
    events, typed, expected = CASES[slug]
    desk = before(*events, **(APPLICATION if slug == "date-convenue" else {}))
    answer = desk.send(slug, **typed)
    assert answer.status_code == 303, errors(answer) or answer.text
    assert answer.headers["Location"] == f"/sollicitations/{desk.reference}"
    assert isinstance(desk.last().event, expected)
    assert desk.flash().endswith(".")
    with desk.app.app_context():
        assert list(verify_tickets()) == []


def test_every_act_and_every_event_that_a_person_records_is_reachable() -> None:
    elsewhere = {e.Filed, e.Diagnosed, e.Transmitted, e.Corrected}
    reachable = {event for act in ACTS for event in act.events}
    assert reachable == set(e.EVENT_TYPES.values()) - elsewhere
    assert {act.slug for act in ACTS} - set(CASES) == {"piece", "doublon"}
    assert len({act.slug for act in ACTS}) == len(ACTS)


def test_the_flash_of_a_take_up_says_whether_it_is_in_time(before: Open) -> None:
    desk = before(TRANSMITTED)
    desk.send("prise-en-charge-ft", occurred_at="10/03/2026 09:12")
    assert desk.flash() == (
        "Prise en charge enregistrée à 9 h 12 : dans les délais, la sollicitation est « prise en charge »."
    )
    late = before(TRANSMITTED)
    late.send("prise-en-charge-ft", occurred_at="10/03/2026 10:31")
    assert "hors délai, de 15 min" in late.flash()


def test_an_answer_may_be_worth_the_take_up_at_the_same_time(before: Open) -> None:
    desk = before(TRANSMITTED)
    desk.send("cause", text="Un serveur", is_take_up="y", occurred_at="10/03/2026 09:09")
    taken_up, cause = desk.records()[-2:]
    assert (type(taken_up.event), type(cause.event)) == (e.TakenUp, e.CauseGiven)
    assert taken_up.occurred_at == cause.occurred_at


def test_the_take_up_is_no_longer_offered_once_recorded(before: Open) -> None:
    desk = before(TRANSMITTED, e.TakenUp())
    assert "is_take_up" not in desk.client.get(desk.url("cause")).text


def test_a_relance_is_ready_with_its_text_and_the_next_contact(before: Open) -> None:
    desk = before(TRANSMITTED)
    form = desk.form(desk.url("relance"))
    assert desk.reference in form["text"]
    assert "Le délai de prise en charge est échu" in form["text"]
    assert form["contact"]


def test_a_refused_return_says_why_and_the_clock_goes_on(before: Open) -> None:
    desk = before(TRANSMITTED, RETURNED)
    assert errors(desk.send("verification", works="non")) == {
        "Ce qui a été essayé": "Dites ce qui ne fonctionne pas encore."
    }
    desk.send("verification", works="non", text="Toujours blanc")
    assert isinstance(desk.last().event, e.ReturnRefused)


def test_a_file_is_kept_with_its_event(before: Open) -> None:
    desk = before()
    file_sent = (io.BytesIO(b"une ligne\n"), "journal.txt")
    assert desk.send("piece", files=file_sent, internal="y").status_code == 303
    attached = desk.last().event
    assert isinstance(attached, e.FileAttached)
    assert (attached.name, attached.internal) == ("journal.txt", True)
    download = desk.client.get(f"/pieces/{attached.public_id}")
    assert download.data == b"une ligne\n"


@pytest.mark.parametrize("name", ["page.html", "", "outil.exe"])
def test_a_file_that_may_not_be_kept_is_refused_on_its_field(before: Open, name: str) -> None:
    desk = before()
    answer = desk.send("piece", files=(io.BytesIO(b"<script>"), name))
    assert answer.status_code == 422
    assert list(errors(answer)) == ["Pièce"]
    assert len(desk.records()) == 1


def test_a_duplicate_names_a_ticket_that_the_person_sees(
    before: Open, app: Flask, world: World, clock: FrozenClock
) -> None:
    desk = before()
    with app.app_context():
        other = file(world.here, now=clock.now()).reference
        foreign = file(world.there, now=clock.now()).reference
    for wrong in ("7F3K", desk.reference, foreign):
        assert list(errors(desk.send("doublon", of=wrong))) == ["Référence de l’autre sollicitation"]
    assert desk.send("doublon", of=other.lower()).status_code == 303
    assert desk.last().event == e.DuplicateMarked(of=other)


def test_the_identifier_stands_apart_from_the_journal(before: Open) -> None:
    desk = before()
    desk.send("identifiant", identifier="IDE-778")
    with desk.app.app_context():
        assert protected_identifier(desk.ticket_id) == "IDE-778"
    assert desk.last().event == e.IdentifierSet(present=True)


# --- Refusals --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "label", "message"),
    [
        ({"occurred_at": "hier"}, "Quand", "illisibles"),
        ({"occurred_at": ""}, "Quand", "obligatoire"),
        ({"occurred_at": "11/03/2026 09:00"}, "Quand", "futur"),
        ({"occurred_at": "09/03/2026 09:00"}, "Quand", "précède la transmission"),
        ({"text": "x" * 10_001}, "Précisions", "10001 caractères"),
        ({"text": f"Numéro {NIR}"}, "Précisions", "sécurité sociale"),
        ({"ft_reference": "x" * 81}, "Référence de France Travail", "81 caractères"),
    ],
)
def test_a_wrong_entry_is_refused_on_its_field_and_everything_is_kept(
    before: Open, typed: dict[str, str], label: str, message: str
) -> None:
    desk = before(TRANSMITTED)
    sent = {"ft_reference": "FT-1", "text": "Appel reçu", "occurred_at": "10/03/2026 09:12"} | typed
    answer = desk.send("prise-en-charge-ft", **sent)
    assert answer.status_code == 422
    assert list(errors(answer)) == [label]
    assert message in errors(answer)[label]
    page = BeautifulSoup(answer.text, "html5lib")
    for name, value in sent.items():
        field = page.select_one(f"#act-form [name={name}]")
        assert field is not None
        assert (field.text.lstrip("\n") if field.name == "textarea" else field["value"]) == value
    assert page.select_one("#erreurs a[href]") is not None
    assert len(desk.records()) == 2


@pytest.mark.parametrize(
    ("slug", "typed"),
    [
        ("gravite", {"severity": "apocalypse"}),
        ("classement", {"kind": "nothing"}),
        ("classement", {"tools": "unknown-tool"}),
        ("attribution", {"assignee_id": "999999"}),
        ("attribution", {"assignee_id": "x"}),
        ("convention", {"convention_id": "2", "reason": "Celle d’un autre"}),
        ("un-de-plus", {"structure_id": "999999"}),
    ],
)
def test_an_unknown_code_is_refused(before: Open, slug: str, typed: dict[str, str]) -> None:
    desk = before()
    assert desk.send(slug, **typed).status_code == 422
    assert len(desk.records()) == 1


def test_an_act_that_the_state_forbids_says_so(before: Open) -> None:
    desk = before()
    assert desk.client.get(desk.url("retour-annonce")).status_code == 409
    assert desk.client.get(desk.url("n-existe-pas")).status_code == 404


def test_a_user_records_only_what_is_theirs(before: Open) -> None:
    desk = before(e.UserAsked(text="Quel écran ?"), role=Role.USER)
    assert desk.send("reponse-utilisateur", text="L’accueil").status_code == 303
    assert desk.client.get(desk.url("cloture")).status_code == 403
    assert desk.client.post(desk.url("annulation"), data={"reason": "x"}).status_code in (400, 403)
    desk.send("commentaire", text="Merci", internal="y")
    assert desk.last().event == e.Commented(text="Merci", internal=False)


def test_the_user_is_answered_without_the_machinery(before: Open) -> None:
    desk = before(TRANSMITTED, RETURNED, role=Role.USER)
    desk.send("ca-remarche")
    assert desk.last().event == e.UserVerdict(works=True)
    assert (
        desk.flash()
        == "C’est enregistré, le correspondant le verra. Votre demande est « chez france travail »."
    )


def test_another_partner_cannot_act(before: Open, app: Flask, world: World) -> None:
    desk = before()
    stranger = log_in(app, app.test_client(), world.there.people[Role.CORRESPONDENT])
    assert stranger.get(desk.url("commentaire")).status_code == 404


def test_the_reporter_of_a_security_case_is_not_told_its_acts(before: Open) -> None:
    desk = before(role=Role.USER, kind=Kind.SECURITY, tools=())
    assert desk.client.get(desk.url("commentaire")).status_code in (403, 404)


# --- Two people, two clicks ------------------------------------------------------------------------------


def test_a_double_click_acts_once(before: Open) -> None:
    desk = before()
    form = desk.form(desk.url("commentaire")) | {"text": "Bonjour"}
    answers = [desk.client.post(desk.url("commentaire"), data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert len(desk.records()) == 2


def test_a_decision_on_a_stale_page_is_shown_what_changed_and_keeps_what_was_typed(
    before: Open, app: Flask, world: World, clock: FrozenClock
) -> None:
    desk = before(TRANSMITTED)
    form = desk.form(desk.url("cause")) | {"text": "Un serveur saturé"}
    with app.app_context():
        act(world.here, desk.reference, e.FtEscalated(text="Niveau 3"), now=clock.now())
    answer = desk.client.post(desk.url("cause"), data=form)
    assert answer.status_code == 409
    page = BeautifulSoup(answer.text, "html5lib")
    changes = page.select_one(".callout-warning .timeline")
    assert "Qualifiée et escaladée par France Travail" in words(changes)
    assert words(page.select_one("#act-form textarea")) == "Un serveur saturé"
    assert isinstance(desk.last().event, e.FtEscalated)
    again = {field["name"]: field.get("value", "") for field in page.select("#act-form input[type=hidden]")}
    assert desk.client.post(desk.url("cause"), data=form | again).status_code == 303
    assert desk.last().event == e.CauseGiven(text="Un serveur saturé")


def test_an_act_that_ceased_to_be_possible_keeps_what_was_typed(
    before: Open, app: Flask, world: World, clock: FrozenClock
) -> None:
    desk = before(TRANSMITTED)
    form = desk.form(desk.url("cause")) | {"text": "Un serveur saturé"}
    with app.app_context():
        act(world.here, desk.reference, e.Cancelled(reason="Erreur"), now=clock.now())
    answer = desk.client.post(desk.url("cause"), data=form)
    page = BeautifulSoup(answer.text, "html5lib")
    assert answer.status_code == 409
    assert "Sollicitation annulée" in words(page.select_one(".callout-warning"))
    assert words(page.select_one("#act-form textarea")) == "Un serveur saturé"
    assert not page.select("#act-form button[type=submit]")


def test_a_comment_never_goes_stale(before: Open, app: Flask, world: World, clock: FrozenClock) -> None:
    desk = before()
    form = desk.form(desk.url("commentaire")) | {"text": "Bonjour"}
    with app.app_context():
        act(world.here, desk.reference, e.UserAsked(text="?"), now=clock.now())
    assert desk.client.post(desk.url("commentaire"), data=form).status_code == 303


# --- Fragments -------------------------------------------------------------------------------------------


FRAGMENT = {"HX-Request": "true", "HX-Target": "act-form"}


def test_the_form_opens_and_is_refused_inside_the_page_of_the_ticket(before: Open) -> None:
    desk = before(TRANSMITTED)
    opened = desk.client.get(desk.url("cause"), headers=FRAGMENT)
    assert "<html" not in opened.text
    assert 'id="act-form"' in opened.text
    form = desk.form(desk.url("cause"))
    refused = desk.client.post(desk.url("cause"), data=form | {"text": ""}, headers=FRAGMENT)
    assert refused.status_code == 422
    assert "<html" not in refused.text
    done = desk.client.post(desk.url("cause"), data=form | {"text": "Un serveur"}, headers=FRAGMENT)
    assert done.headers["HX-Redirect"] == f"/sollicitations/{desk.reference}"


# --- Corrections -----------------------------------------------------------------------------------------


def correction(desk: Desk, sequence: int, **typed: str) -> TestResponse:
    url = f"/sollicitations/{desk.reference}/evenements/{sequence}/correction"
    return desk.client.post(url, data=desk.form(url) | typed)


def test_a_wrong_time_is_corrected_with_a_reason(before: Open) -> None:
    desk = before(TRANSMITTED, e.TakenUp())
    answer = correction(desk, 3, occurred_at="10/03/2026 09:09", reason="Relu sur le courriel")
    assert answer.status_code == 303, errors(answer)
    corrected = desk.last()
    assert isinstance(corrected.event, e.Corrected)
    assert (corrected.corrects, corrected.event.void) == (3, False)
    assert "Événement corrigé : « Prise en charge par France Travail »" in desk.flash()


def test_an_event_that_did_not_happen_is_voided(before: Open) -> None:
    desk = before(TRANSMITTED, e.TakenUp())
    assert correction(desk, 3, void="annuler", reason="Un simple accusé").status_code == 303
    assert desk.last().event == e.Corrected(reason="Un simple accusé", void=True)


@pytest.mark.parametrize(
    ("sequence", "typed", "label"),
    [
        (3, {"occurred_at": "10/03/2026 09:09", "reason": ""}, "Raison"),
        (3, {"occurred_at": "", "reason": "Relu"}, "Heure exacte"),
        (3, {"occurred_at": "11/03/2026 09:00", "reason": "Relu"}, "Heure exacte"),
        (3, {"occurred_at": "09/03/2026 09:00", "reason": "Relu"}, "Heure exacte"),
        (1, {"void": "annuler", "reason": "Relu"}, "Correction"),
        (2, {"void": "annuler", "reason": "Relu"}, "Heure exacte"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_on_its_field(
    before: Open, sequence: int, typed: dict[str, str], label: str
) -> None:
    desk = before(TRANSMITTED, e.TakenUp())
    answer = correction(desk, sequence, **typed)
    assert answer.status_code in (409, 422)
    assert list(errors(answer)) == [label]
    assert len(desk.records()) == 3


def test_only_who_handles_the_ticket_corrects_it(before: Open) -> None:
    desk = before(TRANSMITTED, role=Role.MANAGER)
    assert desk.client.get(f"/sollicitations/{desk.reference}/evenements/2/correction").status_code == 403


def test_a_correction_of_nothing_is_not_found(before: Open) -> None:
    desk = before()
    assert desk.client.get(f"/sollicitations/{desk.reference}/evenements/9/correction").status_code == 404
