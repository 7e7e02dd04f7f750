"""Persons are left out of an article made from a ticket."""

from __future__ import annotations

from app.documentation.drafting import drafted
from app.documentation.redaction import Found, still_marked, without_persons
from app.documentation.rules import ArticleText

NIR = "1 85 05 78 006 084 91"


def test_what_designates_a_person_is_removed_and_told_without_being_repeated() -> None:
    text = (
        f"Madame Dupont-Lajoie et M. Jean de Martin ({NIR}), FT0042, jeanne.durand@exemple.test, 06 12 34 56 78, "
        "+33 1 23 45 67 89, Camille Petit, mot de passe : Abcd#1234."
    )
    redacted = without_persons(text, names=["Camille Petit", "Li"], identifiers=["FT0042", ""])
    for gone in ("Dupont", "Martin", "78 006", "FT0042", "durand", "34 56", "45 67", "Camille", "Abcd"):
        assert gone not in redacted.text
        assert all(gone not in found.what for found in redacted.found)
    assert set(redacted.found) == {
        Found("numéro de sécurité sociale", 1),
        Found("mot de passe ou jeton", 1),
        Found("identifiant de la personne", 1),
        Found("adresse électronique", 1),
        Found("numéro de téléphone", 2),
        Found("nom de personne", 3),
    }
    assert still_marked(redacted.text)


def test_ordinary_words_stay() -> None:
    text = (
        "Videz le cache avec Ctrl + Maj + R, puis appelez le 39 49. Code S002, version 2.11, le 10/03/2026."
    )
    assert without_persons(text, names=["Li"]) == without_persons(text)
    assert without_persons(text).text == text
    assert not without_persons(text).found
    assert not still_marked(text)


def test_a_draft_says_what_was_answered_and_leaves_empty_parts_out() -> None:
    draft = drafted(
        ArticleText(title="Accès de Mme Durand", body=""),
        symptom="",
        cause="",
        answer="Écrire à aide@exemple.test",
        workaround="Passer par le portail",
        names=[],
        identifiers=[],
    )
    assert draft.text.title == "Accès de [retiré]"
    assert (
        draft.text.body
        == "## Que faire\n\nÉcrire à [retiré]\n\n## En attendant la réparation\n\nPasser par le portail"
    )
    assert set(draft.found) == {Found("nom de personne", 1), Found("adresse électronique", 1)}


def test_a_draft_of_a_symptom_alone_leaves_what_to_do_to_be_written() -> None:
    draft = drafted(
        ArticleText(title="T", body=""),
        symptom="Page blanche",
        cause="",
        answer="",
        workaround="",
        names=[],
        identifiers=[],
    )
    assert draft.text.body == "## Ce que l’on voit\n\nPage blanche\n\n## Que faire"
