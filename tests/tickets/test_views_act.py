"""Recording what happens to a ticket: each act, what it says, and its refusals."""

from __future__ import annotations

import io
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from app.accounts.policy import Role
from app.kernel.clock import FrozenClock
from app.tickets import events as e
from app.tickets.acts import ACTS
from app.tickets.queries import protected_identifier
from app.tickets.verify import verify_tickets
from app.tickets.vocabulary import IncidentType, Kind, WorkaroundScope
from tests.factories import World, file, log_in
from tests.tickets.desks import Open, errors

NIR = "1 84 12 76 451 089 46"


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
    "debut": ((), {"since": "2026-03-10T07:30", "reason": "Relu au journal"}, e.StartCorrected),
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
    "contournement-retire": (
        (TRANSMITTED, e.WorkaroundGiven(scope=WorkaroundScope.PARTIAL, text="…")),
        {"reason": "Il ne marche que dans un service."},
        e.WorkaroundWithdrawn,
    ),
    "reparation": ((TRANSMITTED, e.WorkaroundGiven(scope=WorkaroundScope.TOTAL, text="…")), {}, e.RepairDone),
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
    # What the other side of a group is told, in consequence.
    elsewhere |= {e.Relayed, e.ReportGrouped, e.ReportDetached}
    assert reachable == set(e.EVENT_TYPES.values()) - elsewhere
    assert {act.slug for act in ACTS} - set(CASES) == {"piece", "regroupement", "detachement"}
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
    assert "Le délai de prise en charge prévu par la convention est échu" in form["text"]
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
        assert list(errors(desk.send("regroupement", of=wrong))) == [
            "Référence de la sollicitation principale"
        ]
    assert desk.send("regroupement", of=other.lower()).status_code == 303
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


def test_a_return_forecast_before_it_was_told_is_refused(before: Open) -> None:
    desk = before(TRANSMITTED)
    answer = desk.send(
        "prevision", text="Demain", occurred_at="10/03/2026 09:12", expected_at="10/03/2025 09:12"
    )
    assert errors(answer) == {
        "Retour prévu le": "Le retour prévu est antérieur à l’annonce de France Travail."
    }


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


def test_the_user_who_still_fails_is_told_that_the_desk_knows(before: Open) -> None:
    desk = before(TRANSMITTED, RETURNED, role=Role.USER)
    desk.send("ca-ne-marche-pas", text="Toujours blanc")
    assert desk.flash() == "C’est noté : le correspondant est prévenu que cela ne marche pas."


def test_a_user_attaches_a_file_that_is_never_internal(before: Open) -> None:
    desk = before(role=Role.USER)
    assert (
        desk.send("piece", files=(io.BytesIO(b"une ligne\n"), "notes.txt"), internal="y").status_code == 303
    )
    attached = desk.last().event
    assert isinstance(attached, e.FileAttached)
    assert not attached.internal
    assert "notes.txt" in desk.client.get(f"/sollicitations/{desk.reference}").text
