"""What stands beside the story, and the sentence after an act: decided from facts and readings alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.deadlines.reading import Reading
from app.partners.profiles import reading_for
from app.tickets import events as e
from app.tickets.clocks import clocks_of
from app.tickets.facts import Facts
from app.tickets.outcomes import outcome
from app.tickets.page import ClockView, Value, clock_views, fact_rows, nearest, unmeasured
from app.tickets.relance import Late, next_contact, relance_text
from app.tickets.timeline import Caller
from app.tickets.vocabulary import Conclusion, IncidentType, Severity
from app.tickets.wording import Names, words_of
from tests.tickets.stories import PARIS, Story, at

NAMES = Names(
    zone=PARIS, accounts={7: "Correspondant 1", 40: "Agent 12"}, tools={"suivi-de-parcours": "Suivi"}
)
TRANSMITTED = e.Transmitted(channel="Formulaire", text="…", ft_reference="FT-1")


def availability() -> Story:
    return Story(incident_type=IncidentType.AVAILABILITY).then("2026-03-10 09:00", TRANSMITTED)


def viewed(story: Story, now: str, *, suspendable: bool = False) -> tuple[Facts, list[ClockView]]:
    """The facts with their readings, and the clocks as they are shown at `now`."""
    readings: dict[str, Reading] = {}
    named: dict[str, str] = {}
    for clock in clocks_of(story.facts):
        reading = reading_for(story.convention, clock.clock, clock.applies_to, clock.reckoned_from)
        reading = replace(reading, suspendable=suspendable)
        readings[reading.digest], named[clock.key] = reading, reading.digest
    facts = replace(story.facts, readings=named)
    return facts, clock_views(facts, readings, at(now))


def face(story: Story, now: str, clock: str = "take-up", *, suspendable: bool = False) -> str:
    _, views = viewed(story, now, suspendable=suspendable)
    return next(view.face for view in views if view.clock == clock)


@pytest.mark.parametrize(
    ("now", "shown"),
    [("2026-03-10 09:05", "running"), ("2026-03-10 09:12", "near"), ("2026-03-10 09:16", "overdue")],
)
def test_a_clock_shows_that_its_end_is_near_then_that_it_is_late(now: str, shown: str) -> None:
    assert face(availability(), now) == shown


def test_a_suspended_clock_looks_frozen() -> None:
    story = availability().then("2026-03-10 10:00", e.FtAsked(text="Quel compte ?"))
    assert face(story, "2026-03-10 16:00", "return-to-service", suspendable=True) == "suspended"
    assert face(story, "2026-03-10 16:00", "return-to-service") != "suspended"


def test_the_nearest_clock_is_the_running_one_that_bites_first() -> None:
    _, both = viewed(availability(), "2026-03-10 09:05")
    _, one = viewed(availability().then("2026-03-10 09:05", e.TakenUp()), "2026-03-10 09:06")
    first, second = nearest(both), nearest(one)
    assert first is not None
    assert second is not None
    assert (first.clock, second.clock) == ("take-up", "return-to-service")
    assert nearest([]) is None


def test_only_real_minutes_count_down_in_the_browser() -> None:
    _, views = viewed(availability(), "2026-03-10 09:05")
    assert {view.clock: view.counts_down for view in views} == {"take-up": True, "return-to-service": False}


@pytest.mark.parametrize(
    ("now", "left", "over", "said"),
    [
        # From Tuesday 09:00, eight service hours are due on Tuesday at 17:00.
        ("2026-03-10 10:00", timedelta(hours=7), timedelta(0), " de service"),
        ("2026-03-10 19:00", timedelta(0), timedelta(hours=2), " (hors des heures de service)"),
        ("2026-03-12 12:30", timedelta(0), timedelta(days=1, hours=19.5), " (11 h 30 de service)"),
    ],
)
def test_service_hours_are_said_beside_the_real_time_that_lists_show(
    now: str, left: timedelta, over: timedelta, said: str
) -> None:
    _, views = viewed(availability(), now)
    returned = next(view for view in views if view.clock == "return-to-service")
    assert (returned.left, returned.over, returned.service_words) == (left, over, said)


def test_the_facts_name_what_is_known_and_only_that() -> None:
    story = Story(incident_type=IncidentType.AVAILABILITY, since=at("2026-03-10 08:40"))
    story = story.then("2026-03-10 09:00", e.Diagnosed(express=True, conclusion=Conclusion.FRANCE_TRAVAIL))
    story = story.then("2026-03-10 09:05", e.SeverityChanged(severity=Severity.DEGRADATION))
    story = story.then("2026-03-10 09:06", e.DuplicateMarked(of="7F3K-M2QX"))
    facts = replace(story.facts, caller="Accueil de Lens")
    callers = [Caller("Poste 3", "Accueil", at("2026-03-10 09:01")), Caller("", "", at("2026-03-10 09:02"))]
    rows = {fact.label: fact.values for fact in fact_rows(facts, callers, NAMES)}
    assert rows["Gravité"] == (
        Value("Dégradation depuis le", at("2026-03-10 09:05")),
        Value("Interruption depuis le", at("2026-03-10 08:40")),
    )
    assert rows["Appelant"] == (Value("Accueil de Lens"),)
    assert rows["Regroupée sous"] == (Value("7F3K-M2QX"),)
    assert [value.text for value in rows["+2 signalements"]] == ["Poste 3, Accueil,", "Sans précision,"]
    assert rows["Responsable"] == ()
    assert "Référence FT" not in rows


# --- After an act ----------------------------------------------------------------------------------------


def said(event: e.TicketEvent, story: Story, when: str, now: str, *, suspendable: bool = False) -> str:
    """The sentence after `event` at `when`, its spaces made ordinary."""
    before = viewed(story, now, suspendable=suspendable)
    after = viewed(story.then(when, event, typed=now), now, suspendable=suspendable)
    return outcome(event, at(when), at(now), before, after, NAMES).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("event", "when", "sentence"),
    [
        (
            e.TakenUp(),
            "2026-03-10 09:12",
            "Prise en charge enregistrée à 9 h 12 : dans les délais, la sollicitation est « prise en charge ».",
        ),
        (
            e.TakenUp(),
            "2026-03-10 10:30",
            "Prise en charge enregistrée à 10 h 30 : hors délai, de 1 h 15, "
            "la sollicitation est « prise en charge ».",
        ),
        (
            e.ReturnAnnounced(),
            "2026-03-10 10:30",
            "Enregistré : remise en service annoncée par France Travail, à 10 h 30. "
            "Remise en service à vérifier, la sollicitation est « rétablie, à vérifier ».",
        ),
        (
            e.Cancelled(reason="Erreur"),
            "2026-03-10 09:10",
            "Enregistré : sollicitation annulée, à 9 h 10. Le décompte de prise en charge est annulé, "
            "le décompte de remise en service est annulé.",
        ),
        (e.Commented(text="…", internal=True), "2026-03-10 09:10", "Note interne ajoutée."),
        (e.Commented(text="…"), "2026-03-10 09:10", "Message ajouté : l’utilisateur peut le lire."),
        (
            e.FtEscalated(text="…"),
            "2026-03-10 09:10",
            "Enregistré : qualifiée et escaladée par France Travail, à 9 h 10.",
        ),
        (
            e.FtAsked(text="?"),
            "2026-03-10 09:10",
            "Enregistré : France Travail demande un élément, à 9 h 10.",
        ),
    ],
)
def test_the_sentence_says_what_was_recorded_and_what_it_changed(
    event: e.TicketEvent, when: str, sentence: str
) -> None:
    assert said(event, availability(), when, "2026-03-10 11:00") == sentence


def test_the_sentence_names_the_day_when_it_is_not_today() -> None:
    sentence = said(e.CauseGiven(text="…"), availability(), "2026-03-10 09:10", "2026-03-11 09:00")
    assert sentence == "Enregistré : cause donnée par France Travail, le 10/03/2026 à 9 h 10."


def test_a_return_kept_or_missed_says_by_how_much() -> None:
    story = availability().then("2026-03-10 10:00", e.ReturnAnnounced())
    kept = said(e.ReturnConfirmed(), story, "2026-03-10 10:10", "2026-03-10 11:00")
    assert "Délai de remise en service tenu" in kept
    late = availability().then("2026-03-12 10:00", e.ReturnAnnounced())
    missed = said(e.ReturnConfirmed(), late, "2026-03-12 10:10", "2026-03-12 11:00")
    assert "Délai de remise en service dépassé de 1 j 17 h (9 h de service)" in missed


def test_a_suspension_and_a_new_clock_are_told() -> None:
    asked = said(
        e.FtAsked(text="?"), availability(), "2026-03-10 09:10", "2026-03-10 09:11", suspendable=True
    )
    assert "Le décompte de remise en service est suspendu" in asked
    fresh = Story(incident_type=IncidentType.AVAILABILITY)
    begun = said(TRANSMITTED, fresh, "2026-03-10 09:10", "2026-03-10 09:11")
    assert "Le décompte de prise en charge commence" in begun


def test_a_due_time_that_moves_is_told() -> None:
    story = Story(incident_type=IncidentType.APPLICATION).then("2026-03-10 09:00", TRANSMITTED)
    agreed = e.DateAgreed(due_at=at("2026-03-30 09:00"))
    sentence = said(agreed, story, "2026-03-10 09:30", "2026-03-10 09:31")
    assert "L’échéance de remise en service est recalculée" in sentence


# --- Relances --------------------------------------------------------------------------------------------


def test_a_relance_asks_for_what_is_missing() -> None:
    waiting = availability().facts
    text = relance_text("7F3K-M2QX", waiting, [Late("take-up", at("2026-03-10 09:15"), True)], NAMES)
    assert "7F3K-M2QX, votre référence FT-1" in text
    assert "échu depuis le 10/03/2026" in text
    assert "confirmer sa prise en charge" in text
    taken_up = availability().then("2026-03-10 09:10", e.TakenUp()).facts
    assert "la cause et le délai prévu" in relance_text("7F3K-M2QX", taken_up, [], NAMES)
    told = replace(taken_up, cause_given=True, forecast_given=True)
    assert "ainsi que" not in relance_text("7F3K-M2QX", told, [], NAMES)


def test_each_relance_goes_one_step_up_and_stays_at_the_top() -> None:
    contacts = ["Support", "Responsable"]
    assert [next_contact(contacts, relances) for relances in range(4)] == [
        "Support",
        "Responsable",
        "Responsable",
        "Responsable",
    ]
    assert next_contact([], 0) == ""


def test_the_proof_of_a_contest_is_named() -> None:
    contested = e.Contested(
        clock="take-up", ft_time=None, ft_position="a", our_position="b", proof="courriel.eml"
    )
    assert words_of(contested, NAMES).lines[-1].endswith("courriel.eml.")


def test_a_relance_never_tells_an_objective_as_a_commitment() -> None:
    text = relance_text("7F3K-M2QX", Story().facts, [Late("take-up", at("2026-03-10 09:15"), False)], NAMES)
    assert "L’objectif de référence de prise en charge, non contractuel, est dépassé" in text
    assert "délai" not in text


def test_a_relance_says_who_told_whom() -> None:
    story = Story(incident_type=IncidentType.APPLICATION)
    story.then("2026-03-10 09:30", e.FtInformed(detected_at=None))
    assert "dont vous nous avez informés le" in relance_text("7F3K-M2QX", story.facts, [], NAMES)


def test_a_date_agreed_too_late_moves_nothing_and_says_so() -> None:
    story = Story(incident_type=IncidentType.APPLICATION).then(
        "2026-03-10 09:10", e.Transmitted(channel="Formulaire", text="…")
    )
    agreed = e.DateAgreed(due_at=at("2026-05-04 18:00"))
    assert "L’échéance de remise en service ne change pas." in said(
        agreed, story, "2026-03-20 10:00", "2026-03-20 10:00"
    )


def test_a_clock_that_nothing_measures_is_named() -> None:
    facts = (
        Story(incident_type=IncidentType.AVAILABILITY)
        .then("2026-03-10 09:10", e.Transmitted(channel="Formulaire", text="…"))
        .facts
    )
    assert unmeasured(facts) == ["Prise en charge", "Remise en service"]
    measured = replace(facts, readings={"take-up/availability": "digest"})
    assert unmeasured(measured) == ["Remise en service"]
