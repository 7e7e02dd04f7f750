"""The contract of search, the same on both databases."""

from __future__ import annotations

import pytest
from flask import Flask

from app.extensions import db
from app.infra import search
from app.infra.search import TICKETS, matching
from app.infra.tx import transaction
from app.kernel.words import Wanted

HERE, THERE = 1, 2


def put(object_id: int, *texts: str, internal: tuple[str, ...] = (), partner_id: int = HERE) -> None:
    with transaction():
        search.index(TICKETS, object_id, partner_id, texts, internal)


def found(*words: str, phrases: tuple[str, ...] = (), **more: object) -> list[int]:
    return matching(TICKETS, HERE, Wanted(words, phrases), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "typed",
    ["connexion", "connexions", "CONNEXIONS", "Connexion", "connexion impossible", "impossible"],
)
def test_a_word_is_found_in_any_form(context: Flask, typed: str) -> None:
    put(1, "Les connexions sont impossibles")
    put(2, "Données fausses")
    assert found(typed) == [1]


def test_accents_case_ligatures_and_elisions_do_not_matter(context: Flask) -> None:
    put(1, "Le cœur de l’ÉDITEUR")
    assert found("coeur") == found("CŒUR") == found("éditeur") == found("d'editeur") == [1]


def test_every_word_is_needed_wherever_it_stands(context: Flask) -> None:
    put(1, "Page blanche", "Le portail est bloqué")
    assert found("portail", "blanche") == [1]
    assert found("portail", "noire") == []


def test_a_phrase_wants_the_exact_words_in_their_order(context: Flask) -> None:
    put(1, "erreur de connexion au portail")
    put(2, "connexion sans erreur")
    put(3, "erreurs de connexions")
    assert found(phrases=("Erreur de connexion",)) == [1]
    assert found("portail", phrases=("connexion",)) == [1]


def test_a_phrase_never_runs_from_one_text_into_the_next(context: Flask) -> None:
    put(1, "page", "blanche")
    put(2, "page blanche")
    put(3, "page", internal=("blanche",))
    assert found(phrases=("page blanche",), internal=True) == [2]


def test_internal_words_are_found_only_by_those_who_may_read_them(context: Flask) -> None:
    put(1, "Page blanche", internal=("le certificat est périmé",))
    assert found("certificat") == found(phrases=("certificat",)) == found("blanche", "certificat") == []
    assert found("certificats", internal=True) == [1]
    assert found("blanche", phrases=("certificat est périmé",), internal=True) == [1]


def test_another_partner_finds_nothing(context: Flask) -> None:
    put(1, "Page blanche", partner_id=THERE)
    assert found("blanche") == []
    assert matching(TICKETS, THERE, Wanted(("blanche",))) == [1]


def test_the_newest_come_first(context: Flask) -> None:
    for object_id in range(1, 8):
        put(object_id, "panne")
    assert found("panne", limit=3) == [7, 6, 5]


def test_a_common_word_is_found_newest_first_too(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MAX_HITS", 3)
    for object_id in range(1, 8):
        put(object_id, "panne")
    assert found("panne") == [7, 6, 5]
    assert found("panne", limit=2) == [7, 6]


def test_indexing_again_replaces_and_removing_forgets(context: Flask) -> None:
    put(1, "première version", internal=("secret",))
    put(1, "seconde version")
    assert found("première") == found("secret", internal=True) == []
    assert found("version") == [1]
    with transaction():
        search.remove(TICKETS, 1)
    assert found("version") == []


def test_nothing_is_kept_of_a_transaction_that_failed(context: Flask) -> None:
    with pytest.raises(RuntimeError), transaction():
        search.index(TICKETS, 1, HERE, ["panne"])
        raise RuntimeError
    assert found("panne") == []


@pytest.mark.parametrize("typed", ["", " ", "!?", "’", "l'", "_", '"', "'", "\\", "(", ":*"])
def test_what_holds_no_word_is_not_a_search(context: Flask, typed: str) -> None:
    assert not Wanted((typed,))
    with pytest.raises(ValueError, match="nothing is wanted"):
        found(typed)


@pytest.mark.parametrize(
    "typed",
    [
        'panne" OR surface : "x',
        "panne') | ('x",
        "NEAR(panne x)",
        "panne:*",
        "panne & !x",
        "a\\'panne",
        "½panne",
        "ŉpanne",
        "㈠panne",
        "\U0001f600 panne",
        "pa\ue000nne",
        "x" * 5_000,
    ],
)
def test_hostile_words_are_only_words(context: Flask, typed: str) -> None:
    put(1, typed)
    put(2, "panne")
    assert 1 in found(typed)
    assert 1 in found(phrases=(typed,))


def test_a_very_long_document_is_indexed_by_its_beginning(context: Flask) -> None:
    put(1, "début " + " ".join(f"mot{number}" for number in range(60_000)) + " fin")
    put(2, "mot " * 40_000)
    assert found("début") == [1]
    assert found("mot") == [2]


def test_the_tables_can_be_made_and_dropped(context: Flask) -> None:
    with db.engine.begin() as connection:
        search.create(connection, "essai")
        search.drop(connection, "essai")
        search.create(connection, "essai")
        search.drop(connection, "essai")
