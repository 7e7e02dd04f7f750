from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from app.kernel.excerpt import Piece, excerpt, highlighted
from app.kernel.words import Wanted


def marked(pieces: Sequence[Piece]) -> str:
    """The hits between brackets."""
    return "".join(f"[{piece.text}]" if piece.hit else piece.text for piece in pieces)


def test_hits_are_shown_in_the_source_with_its_accents() -> None:
    text = "Les Connexions à l’éditeur, hélas, échouent."
    assert marked(highlighted(text, Wanted(("connexion", "EDITEUR")))) == (
        "Les [Connexions] à l’[éditeur], hélas, échouent."
    )


def test_the_beginning_of_a_word_marks_the_whole_word() -> None:
    assert marked(highlighted("Habilitation perdue", Wanted(typing="hab"))) == "[Habilitation] perdue"


def test_a_phrase_is_one_hit_and_a_reference_too() -> None:
    text = "Une page blanche, INC-0042, une page vide"
    assert marked(highlighted(text, Wanted(("inc0042",), ("page blanche",)))) == (
        "Une [page blanche], [INC-0042], une page vide"
    )
    assert marked(highlighted(text, Wanted(("page", "blanche"), ("page blanche",)))).count("[") == 2


def test_a_title_without_hit_is_left_whole() -> None:
    assert highlighted("Titre", Wanted(("autre",))) == (Piece("Titre", False),)
    assert highlighted("", Wanted(("autre",))) == ()


def test_an_excerpt_stands_around_the_best_hits() -> None:
    text = (
        "blabla " * 60 + "le portail affiche une page blanche " + "blabla " * 60 + "portail " + "blabla " * 9
    )
    shown = marked(excerpt([text], Wanted(("portail", "blanche")), length=120))
    assert shown.startswith("…blabla") and shown.endswith("…")
    assert "le [portail] affiche une page [blanche]" in shown
    assert len(shown) < 130 + len("[][]")


def test_the_text_that_answers_best_is_the_one_shown() -> None:
    texts = ["Rien à voir.", "Une page.", "Une page blanche."]
    assert marked(excerpt(texts, Wanted(("page", "blanche")))) == "Une [page] [blanche]."


def test_without_hit_the_beginning_is_shown() -> None:
    assert marked(excerpt(["  ", "Premier\n\ntexte   ici."], Wanted(("absent",)))) == "Premier texte ici."
    assert marked(excerpt(["mot " * 90], Wanted(("absent",)), length=20)) == "mot mot mot mot mot…"
    assert excerpt([], Wanted(("absent",))) == ()


def test_hits_at_both_ends() -> None:
    text = "début " + "mot " * 90 + "fin"
    assert marked(excerpt([text], Wanted(("début",)), length=40)).startswith("[début] mot")
    assert marked(excerpt([text], Wanted(("fin",)), length=40)).endswith("mot [fin]")


def test_a_word_without_end_is_cut() -> None:
    shown = marked(excerpt(["x" * 500], Wanted(("absent",)), length=50))
    assert shown == "x" * 50 + "…"
    assert "[fin]" in marked(excerpt(["x" * 500 + " fin " + "y" * 500], Wanted(("fin",)), length=50))


@given(st.text(max_size=300), st.text(max_size=20), st.integers(10, 100))
def test_an_excerpt_is_always_of_the_source(text: str, typed: str, length: int) -> None:
    pieces = excerpt([text], Wanted((typed,), (typed,), typed), length=length)
    line = " ".join(text.split())
    shown = "".join(piece.text for piece in pieces)
    assert shown.removeprefix("…").removesuffix("…") in line or shown in line
    assert all(piece.text for piece in pieces)
