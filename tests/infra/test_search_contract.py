"""Forty searches in French and what they find, on both databases: the contract of search."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.infra import search
from app.infra.search import TICKETS, matching
from app.infra.tx import transaction
from app.kernel.words import Wanted

HERE, THERE = 1, 2

# The corpus: key, what everyone reads, what the desk alone reads.
TEXTS: dict[int, tuple[tuple[str, ...], tuple[str, ...]]] = {
    1: (("7F3K-M2QX", "Connexions impossibles au Portail Emploi", "Page blanche depuis ce matin."), ()),
    2: (("9B4N-Q8TZ", "Habilitation suspendue après deux mois", "L’agente n’a plus accès."), ("Vu avec le RGC.",)),
    3: (("C2HX-71RD", "Le fichier OuiForm est vide", "L’export de l’œuvre créée ne contient rien."), ()),
    4: (("K81M-0ZRC", "Erreur 429 de l’API Statut usager", "Trop d’appels : Retry-After 30."), ("FT : INC-0042",)),
    5: (("PX4T-6H2N", "Orientation erronée d’un bénéficiaire", "Les données sont fausses."), ("FT : INC0077",)),
    6: (("B0YV-3JDE", "Lenteurs sur la recherche d’offres", "Les réponses arrivent lentement."), ()),
    7: (("5NCG-W7RS", "Comment rattacher un nouveau prescripteur ?", "Rattachement des prescripteurs."), ()),
    8: (("D6FJ-K9WP", "Journaux et travaux du portail", "Version v2.1 du composant."), ("Certificat périmé",)),
}  # fmt: skip
EVERYONE, DESK = False, True

FORTY: list[tuple[str, Wanted, bool, list[int]]] = [
    # accents, case, ligatures, elisions
    ("accents left out", Wanted(("donnees",)), EVERYONE, [5]),
    ("accents added", Wanted(("lénteurs",)), EVERYONE, [6]),
    ("capitals", Wanted(("PORTAIL", "EMPLOI")), EVERYONE, [1]),
    ("a ligature", Wanted(("oeuvre",)), EVERYONE, [3]),
    ("a ligature typed", Wanted(("œuvres",)), EVERYONE, [3]),
    ("an elision", Wanted(("l'export",)), EVERYONE, [3]),
    ("another elision", Wanted(("d’API",)), EVERYONE, [4]),
    ("an accent that composes", Wanted(("donne\u0301es",)), EVERYONE, [5]),
    # plurals and endings
    ("a singular", Wanted(("connexion",)), EVERYONE, [1]),
    ("a plural", Wanted(("orientations",)), EVERYONE, [5]),
    ("a plural in aux", Wanted(("journal",)), EVERYONE, [8]),
    ("a masculine", Wanted(("suspendu",)), EVERYONE, [2]),
    ("a feminine plural", Wanted(("erronées",)), EVERYONE, [5]),
    ("an infinitive of another root", Wanted(("suspendre",)), EVERYONE, []),
    ("an adverb and its noun", Wanted(("lenteur",)), EVERYONE, [6]),
    ("a verb and its noun", Wanted(("rattacher", "prescripteurs")), EVERYONE, [7]),
    ("a person's noun", Wanted(("bénéficiaires",)), EVERYONE, [5]),
    ("several words, one missing", Wanted(("portail", "orientation")), EVERYONE, []),
    ("words of two texts", Wanted(("portail", "blanche")), EVERYONE, [1]),
    # the beginning of a word
    ("two letters", Wanted(typing="po"), EVERYONE, [8, 1]),
    ("three letters", Wanted(typing="hab"), EVERYONE, [2]),
    ("a word and a beginning", Wanted(("portail",), typing="trav"), EVERYONE, [8]),
    ("a beginning with accents", Wanted(typing="Bénéf"), EVERYONE, [5]),
    ("a beginning without", Wanted(typing="benef"), EVERYONE, [5]),
    ("a whole word at the end", Wanted(typing="connexions"), EVERYONE, [1]),
    ("one letter begins nothing", Wanted(typing="z"), EVERYONE, []),
    ("a beginning after an elision", Wanted(typing="l’expor"), EVERYONE, [3]),
    ("a beginning is a word too", Wanted(("page",), typing="matin"), EVERYONE, [1]),
    ("only the last word is a beginning", Wanted(("conn",)), EVERYONE, []),
    # phrases
    ("a phrase", Wanted(phrases=("page blanche",)), EVERYONE, [1]),
    ("a phrase out of order", Wanted(phrases=("blanche page",)), EVERYONE, []),
    ("a phrase in another form", Wanted(phrases=("pages blanches",)), EVERYONE, []),
    ("a phrase and a word", Wanted(("emploi",), ("page blanche",)), EVERYONE, [1]),
    # references
    ("a reference", Wanted(("7F3K-M2QX",)), EVERYONE, [1]),
    ("a reference without its dash", Wanted(("7f3km2qx",)), EVERYONE, [1]),
    ("a reference half typed", Wanted(typing="7F3K-M2"), EVERYONE, [1]),
    ("a version", Wanted(("v21",)), EVERYONE, [8]),
    # what the desk alone may find
    ("an internal word, asked by a user", Wanted(("certificat",)), EVERYONE, []),
    ("an internal reference without its dash", Wanted(("INC0042",)), DESK, [4]),
    ("an internal reference with a dash", Wanted(("INC-0077",)), DESK, [5]),
]  # fmt: skip


@pytest.fixture(scope="module")
def corpus(served_app: Flask) -> Flask:
    """The texts, written once: nothing of these tests writes any more."""
    with served_app.app_context(), transaction():
        db.session.execute(text(f"DELETE FROM {search.table_name(TICKETS)}"))
        for key, (public, internal) in TEXTS.items():
            search.index(TICKETS, key, HERE, public, internal)
        search.index(TICKETS, 100, THERE, [line for public, _ in TEXTS.values() for line in public])
    return served_app


def test_there_are_forty() -> None:
    assert len(FORTY) == 40 and len({name for name, *_ in FORTY}) == 40


@pytest.mark.parametrize(
    ("wanted", "internal", "expected"), [case[1:] for case in FORTY], ids=[case[0] for case in FORTY]
)
def test_a_search_finds(corpus: Flask, wanted: Wanted, internal: bool, expected: list[int]) -> None:
    with corpus.app_context():
        assert matching(TICKETS, HERE, wanted, internal=internal) == expected
