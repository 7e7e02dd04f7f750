"""The query box reads like the lines of this file."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask

from app.accounts.policy import Actor, Role
from app.infra.tx import transaction
from app.kernel.errors import InvalidInput
from app.tickets import events as e
from app.tickets.listing import ALL, ask, choices_of, page
from app.tickets.query_box import Filter, parse, split_filters, with_filters
from app.tickets.search import FILTERS
from app.tickets.service import correct
from app.tickets.vocabulary import IncidentType, Kind
from tests.conftest import START
from tests.factories import World, act, file, transmitted

MINUTE = timedelta(minutes=1)


def found(actor: Actor, text: str, *, now: datetime = START) -> list[str]:
    """The references that the query finds among all the tickets of the actor, in order."""
    query = parse(text)
    listing = ask(actor, ALL, query, choices_of(actor, query).known, now=now)
    assert not listing.problems, listing.problems
    return [row.reference for row in page(listing).rows]


def problems(actor: Actor, text: str) -> tuple[str, ...]:
    query = parse(text)
    return ask(actor, ALL, query, choices_of(actor, query).known, now=START).problems


# --- Reading ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "filters", "words", "phrases"),
    [
        ("", (), (), ()),
        ("portail bloqué", (), ("portail", "bloqué"), ()),
        ('"page blanche" portail', (), ("portail",), ("page blanche",)),
        ("« page blanche »", (), (), ("page blanche",)),
        ("outil:ouiform", (Filter("outil", "ouiform"),), (), ()),
        ('structure:"Pôle insertion" mot', (Filter("structure", "Pôle insertion"),), ("mot",), ()),
        ("état:transmise à:moi", (Filter("état", "transmise"), Filter("à", "moi")), (), ()),
        ("depuis 8:58", (), ("depuis", "8:58"), ()),
        ("https://exemple.test/page", (), ("https://exemple.test/page",), ()),
        ('"jamais refermé', (), (), ("jamais refermé",)),
        ('""', (), (), ()),
        ("outil:", (), ("outil:",), ()),
    ],
)
def test_what_is_typed_is_parted_into_filters_words_and_phrases(
    typed: str, filters: tuple[Filter, ...], words: tuple[str, ...], phrases: tuple[str, ...]
) -> None:
    query = parse(typed)
    assert (query.filters, query.wanted.words, query.wanted.phrases) == (filters, words, phrases)


def test_too_long_a_query_is_refused() -> None:
    with pytest.raises(InvalidInput, match="400"):
        parse("x" * 401)


@pytest.mark.parametrize(
    ("typed", "reference"),
    [
        ("7F3K-M2QX", "7F3K-M2QX"),
        ("7f3km2qx", "7F3K-M2QX"),
        ("7f3k", "7F3K"),
        ("7F3K-M", "7F3K-M"),
        ("abcd-", "ABCD"),
        ("portail", ""),
        ("2026", ""),
        ("page", ""),
        ("7f3k portail", ""),
    ],
)
def test_a_reference_or_its_beginning_is_known_by_its_form(typed: str, reference: str) -> None:
    assert parse(typed).reference == reference


def test_the_form_writes_words_and_reads_them_back() -> None:
    query = parse('"page blanche" outil:ouiform horloge:dépassée portail')
    chosen, rest = split_filters(query, ["outil", "nature", "horloge"])
    assert chosen == {"outil": "ouiform", "horloge": "dépassée"}
    assert parse(rest) == parse('"page blanche" portail')
    again = parse(with_filters(parse(rest), {"outil": "ouiform", "horloge": "à vérifier", "nature": ""}))
    assert set(again.filters) == {Filter("outil", "ouiform"), Filter("horloge", "à vérifier")}


def test_a_filter_that_is_there_twice_stays_in_the_text() -> None:
    chosen, rest = split_filters(parse("outil:a outil:b"), ["outil"])
    assert chosen == {}
    assert parse(rest).filters == (Filter("outil", "a"), Filter("outil", "b"))


# --- Filtering -------------------------------------------------------------------------------------------


def test_filters_on_what_the_ticket_is(context: Flask, world: World) -> None:
    here, actor = world.here, world.here.actor()
    outage = file(here, now=START, subject="Portail en panne").reference
    data = file(
        here,
        now=START,
        subject="Dates inversées",
        tools=("api-statut-usager",),
        structure_id=here.structures["insertion"],
        incident_type=IncidentType.APPLICATION,
        severity=None,
    ).reference
    question = file(here, now=START, kind=Kind.QUESTION, subject="Comment faire ?").reference

    assert set(found(actor, "")) == {outage, data, question}
    assert found(actor, "outil:api-statut-usager") == [data]
    assert found(actor, "OUTIL:API-Statut-Usager") == [data]
    assert found(actor, "type:disponibilité") == found(actor, "type:disponibilite") == [outage]
    assert found(actor, "nature:question") == [question]
    assert found(actor, "gravité:interruption") == [outage]
    assert found(actor, "structure:insertion") == [data]
    assert set(found(actor, "convention:pas-de-calais-2024")) == {outage, data, question}
    assert set(found(actor, "type:disponibilité type:applicatif")) == {outage, data}
    assert found(actor, "type:disponibilité structure:insertion") == []


def test_filters_on_who_and_where(context: Flask, world: World) -> None:
    here, actor = world.here, world.here.actor()
    new = file(here, now=START).reference
    mine = file(here, now=START).reference
    act(here, mine, e.Taken(assignee_id=actor.account_id or 0), now=START)
    sent = transmitted(here, now=START).reference
    cancelled = file(here, now=START).reference
    act(here, cancelled, e.Cancelled(reason="Déposée par erreur"), now=START)

    assert found(actor, "à:moi") == found(actor, "a:moi") == [mine]
    assert found(actor, f'à:"{actor.name}"') == [mine]
    assert set(found(actor, "à:personne")) == {new, sent, cancelled}
    assert found(actor, "état:nouvelle") == [new]
    assert found(actor, "etat:transmise") == [sent]
    assert set(found(actor, "état:ouverte")) == {new, mine, sent}
    assert found(actor, "état:terminée") == [cancelled]


def test_filters_on_clocks(context: Flask, world: World) -> None:
    here, actor = world.here, world.here.actor()
    sent = transmitted(
        here, now=START
    ).reference  # 15 minutes for the take-up, 8 working hours for the return

    def states(at: datetime) -> set[str]:
        words = ("en-cours", "bientôt", "dépassée", "à-vérifier", "tenue", "manquée", "suspendue")
        return {word for word in words if found(actor, f"horloge:{word}", now=at) == [sent]}

    assert states(START + 1 * MINUTE) == {"en-cours"}
    assert states(START + 13 * MINUTE) == {"en-cours", "bientôt"}
    assert states(START + 15 * MINUTE) == {"en-cours", "bientôt"}
    assert states(START + 16 * MINUTE) == {"en-cours", "dépassée"}
    late = START + 20 * MINUTE + timedelta(seconds=30)
    act(here, sent, e.TakenUp(), now=late)
    assert states(late + 5 * MINUTE) == {"en-cours", "manquée"}
    act(here, sent, e.ReturnAnnounced(), now=late + 10 * MINUTE)
    assert states(late + 15 * MINUTE) == {"à-vérifier", "manquée"}
    act(here, sent, e.ReturnConfirmed(), now=late + 20 * MINUTE)
    assert states(late + 30 * MINUTE) == {"tenue", "manquée"}


def test_the_due_minute_itself_is_in_time(context: Flask, world: World) -> None:
    sent = transmitted(world.here, now=START).reference
    act(world.here, sent, e.TakenUp(), now=START + 15 * MINUTE + timedelta(seconds=59))
    assert found(world.here.actor(), "horloge:tenue") == [sent]
    assert found(world.here.actor(), "horloge:manquée") == []


@pytest.mark.parametrize("typed", ["outils:ouiform", "zzz:1"])
def test_an_unknown_word_is_answered_with_the_known_ones(context: Flask, world: World, typed: str) -> None:
    (problem,) = problems(world.here.actor(), typed)
    assert typed.partition(":")[0] in problem
    for word in ("outil:", "horloge:", "état:", "à:", "convention:"):
        assert word in problem


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_an_unknown_value_is_answered_with_what_is_known(context: Flask, world: World, name: str) -> None:
    (problem,) = problems(world.here.actor(), f"{name}:introuvable")
    assert "introuvable" in problem
    assert "onnu" in problem


def test_what_is_not_understood_leaves_the_rest_in_force(context: Flask, world: World) -> None:
    here, actor = world.here, world.here.actor()
    question = file(here, now=START, kind=Kind.QUESTION).reference
    file(here, now=START)
    query = parse("nature:question zzz:1")
    listing = ask(actor, ALL, query, choices_of(actor, query).known, now=START)
    assert [row.reference for row in page(listing).rows] == [question]
    assert len(listing.problems) == 1


# --- Searching -------------------------------------------------------------------------------------------


def test_words_are_found_in_subject_text_comments_and_references(context: Flask, world: World) -> None:
    here, actor = world.here, world.here.actor()
    first = file(here, now=START, subject="Portail inaccessible", text="Écran gris au démarrage").reference
    second = file(here, now=START + MINUTE, subject="Formulaire muet", text="Rien ne s’affiche").reference
    act(here, second, e.Commented(text="Le navigateur est à jour"), now=START + MINUTE)
    act(here, second, e.ReferenceNoted(label="GLPI", reference="INC0042"), now=START + 2 * MINUTE)

    assert found(actor, "portails") == [first]
    assert found(actor, "ecran GRIS") == [first]
    assert found(actor, '"écran gris"') == [first]
    assert found(actor, '"gris écran"') == []
    assert found(actor, "navigateur") == [second]
    assert found(actor, "INC0042") == [second]
    assert found(actor, "navigateur outil:suivi-de-parcours") == [second]
    assert found(actor, second.replace("-", " ")) == [second]


def test_the_newest_come_first_when_words_are_searched(context: Flask, world: World) -> None:
    filed = [file(world.here, now=START + number * MINUTE).reference for number in range(3)]
    assert found(world.here.actor(), "parcours") == filed[::-1]


def test_an_internal_comment_is_found_by_the_desk_only(context: Flask, world: World) -> None:
    here = world.here
    ticket = file(here, now=START).reference
    act(here, ticket, e.Commented(text="Certificat périmé", internal=True), now=START)
    assert found(here.actor(), "certificat") == [ticket]
    assert found(here.actor(Role.USER), "certificat") == []
    assert found(here.actor(Role.USER), "parcours") == [ticket]


def test_a_security_report_is_in_no_shared_index(context: Flask, world: World) -> None:
    here = world.here
    hidden = file(here, now=START, kind=Kind.SECURITY, subject="Hameçonnage").reference
    for role in Role:
        assert found(here.actor(role), "hameçonnage") == []
    assert hidden in found(here.actor(Role.SECURITY_OFFICER), "nature:sécurité")


def test_a_ticket_that_becomes_restricted_leaves_the_index(context: Flask, world: World) -> None:
    here = world.here
    ticket = file(here, now=START, subject="Courriel étrange").reference
    assert found(here.actor(), "étrange") == [ticket]
    classified = e.Classified(kind=Kind.SECURITY, tools=("suivi-de-parcours",), reason="Hameçonnage")
    act(here, ticket, classified, now=START)
    assert found(here.actor(), "étrange") == []
    assert found(here.actor(Role.SECURITY_OFFICER), "étrange") == []


def test_a_comment_that_was_voided_is_found_no_more(context: Flask, world: World) -> None:
    here, actor = world.here, world.here.actor()
    ticket = file(here, now=START).reference
    act(here, ticket, e.Commented(text="Mauvais dossier : bicyclette"), now=START)
    assert found(actor, "bicyclette") == [ticket]
    with transaction():
        correct(
            ticket, 2, e.Corrected(reason="Erreur de dossier", void=True), actor=actor, now=START + MINUTE
        )
    assert found(actor, "bicyclette") == []


def test_another_partner_finds_nothing(context: Flask, world: World) -> None:
    ticket = file(world.here, now=START).reference
    assert found(world.there.actor(), "parcours") == []
    assert found(world.there.actor(), ticket) == []
    assert found(world.here.actor(), ticket) == [ticket]
