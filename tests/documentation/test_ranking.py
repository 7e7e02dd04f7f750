from __future__ import annotations

import pytest

from app.documentation.ranking import Sheet, rarity, telling, weigh
from app.kernel.words import Wanted


def weights(*typed: str, typing: str = "") -> dict[object, float]:
    return dict.fromkeys(Wanted(typed, typing=typing).terms, 1.0)


def worth(sheet: Sheet, *typed: str, typing: str = "") -> float:
    return weigh(sheet, weights(*typed, typing=typing))  # type: ignore[arg-type]


def test_words_that_say_nothing_are_left_out_unless_nothing_else_is_said() -> None:
    said = telling(Wanted(("Je n’ai plus accès au portail depuis ce matin",)).terms)
    assert [term.surface for term in said] == ["acces", "portail"]
    assert [term.surface for term in telling(Wanted(("depuis que",)).terms)] == ["depuis", "que"]


def test_a_rare_word_is_worth_more_and_every_word_something() -> None:
    assert rarity(1, 100) > rarity(50, 100) > rarity(100, 100) > 0
    assert rarity(5, 3) > 0


def test_title_before_tools_before_text() -> None:
    title = Sheet("Accès au portail", "", "x")
    tools = Sheet("Mode d’emploi", "Portail Emploi", "x")
    text = Sheet("Mode d’emploi", "", "portail " * 40)
    assert worth(title, "portail") > worth(tools, "portail") > worth(text, "portail") > 0
    assert worth(Sheet("Autre", "", "chose"), "portail") == 0


def test_the_word_as_typed_before_its_inflexion_before_its_beginning() -> None:
    as_typed = worth(Sheet("Connexion perdue", "", ""), "connexion")
    inflected = worth(Sheet("Connexions perdues", "", ""), "connexion")
    begun = worth(Sheet("Connexion perdue", "", ""), typing="conn")
    assert as_typed > inflected > begun > 0


def test_repetition_counts_less_and_less_and_less_in_a_long_text() -> None:
    once, twice, often = (worth(Sheet("", "", "panne " * n + "mot " * 50), "panne") for n in (1, 2, 20))
    assert once < twice < often < 1
    assert twice - once > (often - twice) / 10
    assert worth(Sheet("", "", "panne " + "mot " * 900), "panne") < once


def test_what_helped_comes_first_among_equals() -> None:
    assert worth(Sheet("Panne", "", "", helped=9), "panne") > worth(Sheet("Panne", "", ""), "panne")


@pytest.mark.parametrize("marks", ["# panne", "**panne**", "[panne](https://exemple.test)"])
def test_marks_of_markdown_are_no_words(marks: str) -> None:
    assert worth(Sheet("", "", marks), "panne") > 0
    assert worth(Sheet("", "", marks), "https") == 0
