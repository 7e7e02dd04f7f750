"""Where a ticket stands, and what comes next: decided from the facts alone."""

from __future__ import annotations

import pytest

from app.tickets import events as e
from app.tickets.acts import BY_SLUG, PAGES
from app.tickets.facts import Facts
from app.tickets.steps import StepState, next_action, steps, user_steps
from app.tickets.vocabulary import Conclusion, IncidentType, Kind, WorkaroundScope
from tests.tickets.stories import Story, at

TAKEN = e.Taken(assignee_id=7)
TRANSMITTED = e.Transmitted(channel="Formulaire", text="…")
FT = e.Diagnosed(express=False, conclusion=Conclusion.FRANCE_TRAVAIL)
LOCAL = e.Diagnosed(express=False, conclusion=Conclusion.LOCAL)
TAKEN_UP = e.TakenUp()
RECEIPT = e.ReceiptReceived(ft_reference="FT-1")
ANNOUNCED = e.ReturnAnnounced()
CONFIRMED = e.ReturnConfirmed()
TOTAL = e.WorkaroundGiven(scope=WorkaroundScope.TOTAL, text="Autre chemin")


def facts(*events: e.TicketEvent, kind: Kind = Kind.INCIDENT, typed: bool = True) -> Facts:
    """The facts after these events, a minute apart."""
    told = Story(kind, IncidentType.AVAILABILITY if typed and kind is Kind.INCIDENT else None)
    for minute, event in enumerate(events, start=1):
        told = told.then(f"2026-03-10 09:{minute:02}", event)
    return told.facts


@pytest.mark.parametrize(
    ("events", "slug"),
    [
        ((), "prise-en-main"),
        ((TAKEN,), "prediagnostic"),
        ((TAKEN, e.UserAsked(text="Quel écran ?")), "reponse-utilisateur"),
        ((TAKEN, LOCAL), "reponse"),
        ((TAKEN, FT), "transmission"),
        ((TAKEN, FT, TRANSMITTED), "prise-en-charge-ft"),
        ((TRANSMITTED, e.FtAsked(text="Quel compte ?")), "elements-fournis"),
        ((TRANSMITTED, TAKEN_UP), "retour-annonce"),
        ((TRANSMITTED, e.FtRefused(text="Hors périmètre")), "refus-accepte"),
        ((TRANSMITTED, e.FtRefused(text="Hors périmètre"), e.RefusalAccepted()), "reponse"),
        ((TRANSMITTED, TAKEN_UP, ANNOUNCED), "verification"),
        ((TRANSMITTED, TAKEN_UP, ANNOUNCED, CONFIRMED), "cloture"),
        ((TRANSMITTED, TOTAL, CONFIRMED), "reparation"),
        ((TRANSMITTED, TOTAL, CONFIRMED, e.RepairDone()), "cloture"),
        ((TRANSMITTED, ANNOUNCED, e.ReturnRefused(text="Non")), "prise-en-charge-ft"),
    ],
)
def test_the_next_natural_action_of_an_incident(events: tuple[e.TicketEvent, ...], slug: str) -> None:
    following = next_action(facts(*events))
    assert following is not None
    assert following.slug == slug
    assert slug in BY_SLUG or slug in PAGES


def test_an_incident_without_type_is_classified_before_it_is_transmitted() -> None:
    following = next_action(facts(TAKEN, FT, typed=False))
    assert following is not None
    assert following.slug == "classement"


def test_a_question_is_answered_unless_its_diagnosis_names_france_travail() -> None:
    answered = next_action(facts(TAKEN, kind=Kind.QUESTION))
    forwarded = next_action(facts(TAKEN, FT, kind=Kind.QUESTION))
    assert answered is not None
    assert forwarded is not None
    assert (answered.slug, forwarded.slug) == ("reponse", "transmission")


def test_a_question_with_france_travail_ends_by_an_answer() -> None:
    following = next_action(facts(TAKEN, TRANSMITTED, kind=Kind.QUESTION))
    assert following is not None
    assert following.slug == "reponse"


def test_an_evolution_goes_to_france_travail() -> None:
    following = next_action(facts(TAKEN, kind=Kind.EVOLUTION))
    assert following is not None
    assert following.slug == "transmission"


DUE = at("2026-03-10 09:02")  # the second event of `facts` is in time, the third is not
RELANCED = e.Relanced(contact="Support", text="…")


@pytest.mark.parametrize(
    ("events", "late", "slug"),
    [
        ((TRANSMITTED,), "take-up", "relance"),
        (
            (TRANSMITTED, RELANCED),
            "take-up",
            "relance",
        ),  # before the due time: not the one that lateness asks for
        ((TRANSMITTED, RECEIPT, RELANCED), "take-up", "prise-en-charge-ft"),
        ((TRANSMITTED, TAKEN_UP), "return-to-service", "relance"),
        ((TRANSMITTED, TAKEN_UP, RELANCED), "return-to-service", "retour-annonce"),
        # An application incident has no clock for its take-up: that of its return asks for a relance as well.
        ((TRANSMITTED,), "return-to-service", "relance"),
        ((TRANSMITTED,), "information", "prise-en-charge-ft"),
    ],
)
def test_a_clock_that_is_late_asks_for_one_relance(
    events: tuple[e.TicketEvent, ...], late: str, slug: str
) -> None:
    following = next_action(facts(*events), {late: DUE})
    assert following is not None
    assert following.slug == slug


@pytest.mark.parametrize("end", [e.Cancelled(reason="Erreur"), e.DuplicateMarked(of="7F3K-M2QX")])
def test_nothing_follows_the_end(end: e.TicketEvent) -> None:
    assert next_action(facts(end)) is None


def states(ticket: Facts) -> dict[str, StepState]:
    return dict(steps(ticket, next_action(ticket)))


def test_the_ten_steps_say_what_is_done_what_comes_and_what_was_left_out() -> None:
    shown = states(facts(TAKEN, TRANSMITTED, TAKEN_UP))
    assert len(shown) == 10
    assert shown["Prise en main"] is StepState.DONE
    assert shown["Pré-diagnostic"] is StepState.SKIPPED
    assert shown["Remise en service"] is StepState.CURRENT
    assert shown["Clôture"] is StepState.TODO


def test_a_closed_ticket_has_no_step_to_come() -> None:
    shown = states(facts(TRANSMITTED, ANNOUNCED, CONFIRMED, e.Closed()))
    assert set(shown.values()) == {StepState.DONE, StepState.SKIPPED}


def test_the_user_reads_four_plain_states() -> None:
    assert user_steps(facts(TAKEN, TRANSMITTED)) == [
        ("Reçue", StepState.DONE),
        ("En cours", StepState.DONE),
        ("Chez France Travail", StepState.CURRENT),
        ("Terminée", StepState.TODO),
    ]


def test_the_user_is_not_told_of_france_travail_when_it_was_never_asked() -> None:
    shown = user_steps(facts(TAKEN, e.Answered(text="Voici"), e.Closed()))
    assert [label for label, _ in shown] == ["Reçue", "En cours", "Terminée"]
    assert shown[-1][1] is StepState.DONE
