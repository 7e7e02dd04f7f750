from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.errors import InvalidInput
from app.kernel.reference import ALPHABET, find_references, new_reference, parse_reference

references = st.integers(min_value=0).map(lambda seed: new_reference(Random(seed)))


def is_accepted(text: str) -> bool:
    try:
        parse_reference(text)
    except InvalidInput:
        return False
    return True


def test_a_new_reference_reads_as_two_groups_of_four() -> None:
    for _ in range(200):
        reference = new_reference()
        assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", reference)
        assert re.search("[0-9]", reference)
        assert re.search("[A-Z]", reference)
        assert parse_reference(reference) == reference


def test_the_random_source_decides_alone() -> None:
    assert new_reference(Random(7)) == new_reference(Random(7))
    assert new_reference(Random(7)) != new_reference(Random(8))


def test_references_hardly_ever_meet() -> None:
    rng = Random(1)
    assert len({new_reference(rng) for _ in range(20_000)}) == 20_000


@pytest.mark.parametrize("seed", range(30))
def test_every_single_wrong_character_is_noticed(seed: int) -> None:
    reference = new_reference(Random(seed)).replace("-", "")
    for position, right in enumerate(reference):
        for wrong in ALPHABET.replace(right, ""):
            assert not is_accepted(reference[:position] + wrong + reference[position + 1 :])


@given(references)
def test_every_exchange_of_two_characters_is_noticed(reference: str) -> None:
    characters = list(reference.replace("-", ""))
    for first in range(len(characters)):
        for second in range(first + 1, len(characters)):
            if characters[first] != characters[second]:
                exchanged = characters.copy()
                exchanged[first], exchanged[second] = exchanged[second], exchanged[first]
                assert not is_accepted("".join(exchanged))


@given(references)
def test_what_people_type_is_understood(reference: str) -> None:
    first, second = reference.split("-")
    for typed in (
        reference.lower(),
        first + second,
        f"  {first} {second} ",
        f"{first}\u00a0–\u00a0{second}",
        f"{first}\u2011{second}",
        " ".join(first + second),
        reference.replace("0", "O").replace("1", "I"),
        reference.replace("0", "o").replace("1", "l"),
    ):
        assert parse_reference(typed) == reference


@pytest.mark.parametrize(
    "typed", ["", "7F3K", "7F3K-M2Q", "7F3K-M2QXX", "7F3U-M2QX", "é" * 8, "𝟟F3K-M2QX", "null\x00"]
)
def test_what_cannot_be_a_reference_is_refused_in_french(typed: str) -> None:
    with pytest.raises(InvalidInput, match="Cette référence n’existe pas") as refusal:
        parse_reference(typed, field="reference")
    assert refusal.value.field == "reference"


def test_references_are_found_in_a_free_text() -> None:
    first, second, third = (new_reference(Random(seed)) for seed in (1, 2, 3))
    text = f"Re: [{first}] suite à {second.lower()}, voir aussi {third.replace('-', '')} ({first})."
    assert find_references(text) == [first, second, third]


@given(st.text(max_size=30), references, st.text(max_size=30))
def test_a_reference_between_spaces_is_always_found(before: str, reference: str, after: str) -> None:
    assert reference in find_references(f"{before} {reference} {after}")


def test_words_dates_and_longer_identifiers_are_no_references() -> None:
    words = "demi-tour peut-être mille-feuille tête-bêche prochain maintenant 2026-2027 20260310 01 23 45 67"
    assert find_references(words) == []
    reference = new_reference(Random(5))
    for longer in (
        f"{reference}-89ab",
        f"1234-{reference}",
        f"x{reference}",
        f"{reference}9",
        f"{reference}é",
    ):
        assert find_references(longer) == []
