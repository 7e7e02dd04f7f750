"""Markdown read as plain text."""

from __future__ import annotations

from app.documentation.prose import excerpt, plain_text, shortened, typeset


def test_marks_go_and_words_stay() -> None:
    markdown = (
        "# Titre\n\nUn **mot** et `code_ici`, [un lien](https://exemple.test), <https://exemple.test/b>.\n\n"
        "> [!À savoir]\n> Deux mois.\n\n- un\n- deux\n\n1. étape\n\n| a | b |\n|---|---|\n| c | d |\n\n"
        "```json\n{}\n```\n\n![L’écran](/documentation/images/x) <b>gras</b> nom_de_champ _italique_"
    )
    assert plain_text(markdown).split("\n") == [
        "Titre",
        "Un mot et code_ici, un lien, https://exemple.test/b.",
        "Deux mois.",
        "un deux",
        "étape",
        "a b c d",
        "{}",
        "L’écran gras nom_de_champ italique",
    ]


def test_an_excerpt_is_the_first_paragraph_that_is_no_heading() -> None:
    assert excerpt("## Titre\n\nPremier *paragraphe*.\n\nSecond.") == "Premier paragraphe."
    assert excerpt("## Titre seul") == "Titre seul"
    assert excerpt("") == ""


def test_texts_are_cut_at_a_word() -> None:
    assert shortened("un deux trois", 9) == "un deux…"
    assert shortened("undeuxtrois", 5) == "undeu…"
    assert shortened("un", 5) == "un"


def test_a_line_is_set_as_printers_do() -> None:
    assert (
        typeset("« Quoi » ? Oui : non ; si ! 10:30, a:b")
        == "«\u00a0Quoi\u00a0»\u00a0? Oui\u00a0: non\u00a0; si\u00a0! 10:30, a:b"
    )
