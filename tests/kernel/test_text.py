from __future__ import annotations

import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.errors import InvalidInput
from app.kernel.text import clean_line, clean_text, fold, stem, tokens


def test_fold_forgets_case_accents_and_ligatures() -> None:
    assert fold("Œuvre CRÉÉE à Curaçao, l’été") == "oeuvre creee a curacao, l'ete"


@given(st.text())
def test_fold_is_stable(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("habilitation", "habilitations"),
        ("Bloqué", "bloquées"),
        ("dossier", "DOSSIERS"),
        ("problème", "problèmes"),
        ("cre\u0301e\u0301", "créé"),
    ],
)
def test_forms_of_one_word_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_stems_hold_no_accent() -> None:
    assert stem("été") == "ete"


def test_threads_may_stem_together() -> None:
    words = ["habilitations", "connexion", "bloquées"] * 200
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(stem, words)) == [stem(word) for word in words]


def test_tokens_locate_each_word_in_the_source() -> None:
    text = "L’accès à l'API est bloqué : erreur_R001 (qu’est-ce ?)"
    found = tokens(text)
    assert [token.surface for token in found] == [
        "acces",
        "a",
        "api",
        "est",
        "bloque",
        "erreur",
        "r001",
        "est",
        "ce",
    ]
    assert [text[token.start : token.end] for token in found][:2] == ["accès", "à"]
    assert found[4].stem == stem("bloquées")


def test_a_lone_letter_that_is_no_elision_stays_a_word() -> None:
    assert [token.surface for token in tokens("plan C, site L")] == ["plan", "c", "site", "l"]


@given(st.text())
def test_tokens_never_overlap(text: str) -> None:
    ends = [0]
    for token in tokens(text):
        assert ends[-1] <= token.start < token.end <= len(text)
        ends.append(token.end)


def test_a_line_is_one_line() -> None:
    line = clean_line(
        "  Erreur\r\n 403 \t sur\u00a0le\x00 portail\u202e ", field="subject", label="Objet", max_length=50
    )
    assert line == "Erreur 403 sur le portail"


def test_a_text_keeps_its_lines_and_tabs() -> None:
    text = clean_text(
        "\r\n  un\tdeux  \r\ntrois\u2028quatre\x1b[31m\r\n\r\n", field="body", label="Message", max_length=99
    )
    assert text == "  un\tdeux\ntrois\nquatre[31m"


@pytest.mark.parametrize("clean", [clean_line, clean_text])
def test_too_long_is_refused_with_both_figures(clean: type) -> None:
    assert clean("é" * 10, field="subject", label="Objet", max_length=10) == "é" * 10
    with pytest.raises(InvalidInput) as refusal:
        clean("a" * 11, field="subject", label="Objet", max_length=10)
    assert (
        refusal.value.message == "«\u00a0Objet\u00a0» compte 11 caractères\u00a0: 10 au plus sont acceptés."
    )
    assert refusal.value.field == "subject"


@given(st.text(alphabet=st.characters(), max_size=40))
def test_what_was_cleaned_can_be_stored_and_is_clean(text: str) -> None:
    for clean in (clean_line, clean_text):
        once = clean(text, field="body", label="Message", max_length=500)
        once.encode("utf-8")
        assert once == unicodedata.normalize("NFC", once)
        assert "\x00" not in once
        assert clean(once, field="body", label="Message", max_length=500) == once
