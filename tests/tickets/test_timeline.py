"""The story as people read it: for those who work on the ticket, and for the user."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

import pytest

from app.tickets import events as e
from app.tickets.timeline import (
    Entry,
    attachments,
    callers,
    changes_since,
    pending_question,
    public_story,
    story,
)
from app.tickets.vocabulary import Conclusion, IncidentType, Kind, News, Severity, WorkaroundScope
from app.tickets.wording import Names, words_of
from tests.tickets.stories import PARIS, Story, at

NAMES = Names(
    zone=PARIS,
    accounts={40: "Agent d’accueil 12", 7: "Correspondant 1"},
    structures={7: "Accueil"},
    conventions={1: "pas-de-calais-2024"},
    tools={"suivi-de-parcours": "Suivi de parcours"},
)
TRANSMITTED = e.Transmitted(channel="Formulaire", text="Texte envoyé")
DIAGNOSED = e.Diagnosed(express=True, conclusion=Conclusion.FRANCE_TRAVAIL)


def availability() -> Story:
    return Story(incident_type=IncidentType.AVAILABILITY)


def entry(entries: list[Entry], title: str) -> Entry:
    return next(item for item in entries if item.words.title.startswith(title))


def titles(entries: list[Entry]) -> list[str]:
    return [item.words.title for item in entries]


def test_the_story_is_told_from_the_last_thing_that_happened_to_the_first() -> None:
    told = (
        availability().then("2026-03-10 09:10", e.Taken(assignee_id=7)).then("2026-03-10 09:20", TRANSMITTED)
    )
    assert titles(story(told.records, NAMES)) == [
        "Transmise à France Travail",
        "Prise en main par Correspondant 1",
        "Sollicitation déposée",
    ]


def test_what_was_typed_later_stands_where_it_happened_and_says_when_it_was_typed() -> None:
    told = (
        availability()
        .then("2026-03-10 09:10", TRANSMITTED)
        .then("2026-03-10 09:15", e.TakenUp(), typed="2026-03-10 10:30")
        .then("2026-03-10 09:40", e.Commented(text="Note", internal=True))
    )
    entries = story(told.records, NAMES)
    assert titles(entries)[:2] == ["Note interne", "Prise en charge par France Travail"]
    assert entries[1].recorded_at == at("2026-03-10 10:30")
    assert entries[0].recorded_at is None


def test_a_diagnosis_typed_after_the_transmission_is_marked() -> None:
    told = availability().then("2026-03-10 09:10", TRANSMITTED).then("2026-03-10 09:30", DIAGNOSED)
    assert entry(story(told.records, NAMES), "Pré-diagnostic").completed_after


def test_a_diagnosis_typed_before_or_a_second_one_is_not_marked() -> None:
    told = availability().then("2026-03-10 09:05", DIAGNOSED).then("2026-03-10 09:10", TRANSMITTED)
    told = told.then("2026-03-10 09:30", DIAGNOSED)
    diagnoses = [item for item in story(told.records, NAMES) if item.words.title.startswith("Pré-diagnostic")]
    assert [item.completed_after for item in diagnoses] == [False, False]


def corrected(**changes: Any) -> list[e.Recorded]:
    told = availability().then("2026-03-10 09:10", TRANSMITTED).then("2026-03-10 09:40", e.TakenUp())
    correction = e.Corrected(reason="L’appel est de 9 h 20.", **changes)
    moment = at("2026-03-10 11:00")
    return [*told.records, e.Recorded(4, correction, moment, moment, 7, corrects=3)]


def test_a_corrected_time_keeps_the_former_one_and_the_reason() -> None:
    entries = story(corrected(occurred_at=at("2026-03-10 09:20")), NAMES)
    taken_up = entry(entries, "Prise en charge")
    assert taken_up.at == at("2026-03-10 09:20")
    (correction,) = taken_up.corrections
    assert (correction.who, correction.former_time) == ("Correspondant 1", at("2026-03-10 09:40"))
    assert correction.reason == "L’appel est de 9 h 20."
    assert entry(entries, "Correction de l’heure").words.lines == ("Nouvelle heure : 10/03/2026 à 9 h 20.",)


def test_a_voided_event_stays_to_be_read_with_its_reason() -> None:
    taken_up = entry(story(corrected(void=True), NAMES), "Prise en charge")
    assert taken_up.voided
    assert not taken_up.can_be_corrected
    assert taken_up.corrections[0].former_time is None


def test_a_correction_that_is_itself_voided_leaves_the_event_as_it_was() -> None:
    records = corrected(occurred_at=at("2026-03-10 09:20"))
    moment = at("2026-03-10 12:00")
    records.append(e.Recorded(5, e.Corrected(reason="Erreur", void=True), moment, moment, 7, corrects=4))
    entries = story(records, NAMES)
    assert entry(entries, "Prise en charge").at == at("2026-03-10 09:40")
    assert entry(entries, "Prise en charge").corrections == ()
    assert entry(entries, "Correction de l’heure").voided


def test_the_user_reads_the_public_conversation_and_nothing_of_the_machinery() -> None:
    told = (
        availability()
        .then("2026-03-10 09:10", e.Taken(assignee_id=7))
        .then("2026-03-10 09:11", e.Commented(text="Entre nous", internal=True))
        .then("2026-03-10 09:12", e.Commented(text="Bonjour"))
        .then("2026-03-10 09:13", DIAGNOSED)
        .then("2026-03-10 09:14", TRANSMITTED)
        .then("2026-03-10 09:15", e.TakenUp(ft_reference="FT-1"))
    )
    entries = public_story(told.records, NAMES)
    assert titles(entries) == [
        "Signalée à France Travail",
        "Message",
        "Un correspondant s’en occupe",
        "Demande reçue",
    ]
    assert "Texte envoyé" not in {item.words.text for item in entries}


def test_a_stale_page_is_told_what_it_has_not_shown() -> None:
    told = availability().then("2026-03-10 09:10", TRANSMITTED).then("2026-03-10 09:12", e.TakenUp())
    assert titles(changes_since(told.records, 2, NAMES)) == ["Prise en charge par France Travail"]


def test_the_files_are_listed_without_those_that_the_user_must_not_see() -> None:
    told = availability()
    for name, internal in (("ecran.png", False), ("journal.txt", True)):
        file = e.FileAttached(name=name, size=10, sha256="0", public_id=name, internal=internal)
        told = told.then("2026-03-10 09:10", file)
    names = [file.name for file in attachments(told.records, NAMES, with_internal=True)]
    assert names == ["ecran.png", "journal.txt"]
    assert [file.name for file in attachments(told.records, NAMES, with_internal=False)] == ["ecran.png"]


def test_each_further_caller_is_named_with_their_structure() -> None:
    told = availability().then("2026-03-10 09:10", e.PlusOne(caller="Poste 3", structure_id=7))
    (caller,) = callers(told.records, NAMES)
    assert (caller.caller, caller.structure) == ("Poste 3", "Accueil")


def test_a_question_is_pending_until_it_is_answered() -> None:
    told = availability().then("2026-03-10 09:10", e.UserAsked(text="Quel écran ?"))
    assert pending_question(told.records) == "Quel écran ?"
    assert pending_question(told.then("2026-03-10 09:20", e.UserReplied(text="L’accueil")).records) == ""


SAMPLES: dict[str, Any] = {
    "kind": Kind.INCIDENT,
    "incident_type": IncidentType.AVAILABILITY,
    "severity": Severity.INTERRUPTION,
    "conclusion": Conclusion.LOCAL,
    "tools": ("suivi-de-parcours",),
    "assignee_id": 7,
    "structure_id": 7,
    "convention_id": 1,
    "clock": "take-up",
    "works": True,
    "shared": True,
    "present": True,
    "express": False,
    "internal": False,
    "size": 12,
    "detected_at": at("2026-03-10 08:00"),
    "due_at": at("2026-03-20 08:00"),
    "expected_at": at("2026-03-20 08:00"),
    "ft_time": at("2026-03-10 08:00"),
    "occurred_at": at("2026-03-10 08:00"),
    "since": at("2026-03-10 08:00"),
    "news": News.CLOSED,
}


@pytest.mark.parametrize("event_type", e.EVENT_TYPES.values(), ids=lambda cls: cls.type)
def test_every_event_has_a_title_in_words(event_type: type[e.TicketEvent]) -> None:
    values = {
        item.name: SAMPLES.get(item.name, "texte")
        for item in fields(event_type)
        if item.name in SAMPLES or item.default is item.default_factory
    }
    if event_type is e.WorkaroundGiven:
        values["scope"] = WorkaroundScope.TOTAL
    words = words_of(event_type(**values), NAMES, TRANSMITTED)
    assert words.title[0].isupper()
    assert not set(words.title) & set("_{}")
    assert isinstance(words.icon, str)


def test_an_unknown_account_and_the_desk_itself_have_a_name() -> None:
    assert NAMES.account(None) == "Le service"
    assert NAMES.account(999) == "Compte inconnu"
    assert isinstance(NAMES.moment(datetime(2026, 3, 10, tzinfo=PARIS)), str)


def test_a_report_says_what_it_brings_to_the_main_ticket() -> None:
    brought = e.ReportGrouped(
        reference="7F3K-M2QX",
        transmitted_at=at("2026-03-10 09:10"),
        taken_up_at=at("2026-03-10 09:20"),
        plus_ones=2,
    )
    words = words_of(brought, NAMES)
    assert words.title == "Signalement regroupé ici\u00a0: 7F3K-M2QX"
    assert words.lines == (
        "Transmise le 10/03/2026 à 9 h 10.",
        "Prise en charge le 10/03/2026 à 9 h 20.",
        "Signalements qu’elle comptait en plus\u00a0: 2.",
    )
