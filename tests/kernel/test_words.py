from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.words import Forms, Term, Wanted, words_of


def spans(text: str) -> list[tuple[str, str]]:
    """Each surface form, and the piece of the source where it stands."""
    return [(word.forms.surface, text[word.start : word.end]) for word in words_of(text)]


def test_words_stand_where_they_are_in_the_source() -> None:
    assert spans("L’Œuvre, créée") == [("oeuvre", "Œuvre"), ("creee", "créée")]
    assert spans("Voir INC-0042.") == [("voir", "Voir"), ("inc", "INC"), ("0042", "INC-0042")]


@pytest.mark.parametrize(
    ("typed", "surfaces"),
    [
        ("page blanche", ["page", "blanche"]),
        ("page page", ["page"]),
        ("INC-0042", ["inc0042"]),
        ("inc0042 v2.1", ["inc0042", "v21"]),
        ("rendez-vous", ["rendez", "vous"]),
        ("rendez-vous 12", ["rendez", "vous", "12"]),
        ("l' !? _", []),
    ],
)
def test_what_is_typed_is_wanted_once_and_references_whole(typed: str, surfaces: list[str]) -> None:
    assert [term.surface for term in Wanted((typed,)).terms] == surfaces
    assert bool(Wanted((typed,))) == bool(surfaces)


def test_the_last_word_that_is_typed_is_a_beginning() -> None:
    terms = Wanted(("page",), typing="l’accès por").terms
    assert [(term.surface, term.beginning) for term in terms] == [("page", ""), ("acces", ""), ("por", "por")]
    assert [term.beginning for term in Wanted(typing="p").terms] == [""]
    assert Wanted(typing="?").terms == ()


def test_a_term_is_met_by_what_shares_a_form_or_begins_so() -> None:
    word = Forms("connexions", ("connex", "connexion"))
    assert Term("connexion", ("connex",)).is_met_by(word)
    assert Term("connexe", ("connex",)).is_met_by(word)
    assert Term("conn", ("conn",), "conn").is_met_by(word)
    assert not Term("conn", ("conn",)).is_met_by(word)
    assert not Term("con", ("con",), "port").is_met_by(word)


def test_phrases_are_sequences_of_surface_forms() -> None:
    wanted = Wanted(phrases=("Page blanche", "!?"))
    assert wanted.sequences == (("page", "blanche"),)
    assert wanted and not Wanted(phrases=("!?",))


@pytest.mark.parametrize("typed", ["\u02bc", "\u02bc-1", "a \ufe70 b"])
def test_what_folds_to_nothing_is_no_word(typed: str) -> None:
    assert all(word.forms.surface for word in words_of(typed))
    assert "" not in {form for term in Wanted((typed,)).terms for form in term.forms}


@given(st.text(max_size=80))
def test_no_text_breaks_it(text: str) -> None:
    for word in words_of(text):
        assert word.forms.surface.isalnum() and 0 <= word.start < word.end <= len(text)
    assert all(term.surface for term in Wanted((text,), (text,), text).terms)
