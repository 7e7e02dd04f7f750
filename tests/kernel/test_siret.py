"""SIRET numbers: what is accepted, and what the person reads otherwise."""

from __future__ import annotations

import pytest

from app.kernel.errors import InvalidInput
from app.kernel.siret import parse_siret, siren_of


@pytest.mark.parametrize("siret", ["22590001801244", "20009433200018"])
def test_the_sirets_of_the_conventions_are_right(siret: str) -> None:
    assert parse_siret(siret) == siret
    assert siren_of(siret) == siret[:9]


@pytest.mark.parametrize(
    "written",
    ["225 900 018 01244", "225.900.018.01244", "225\u00a0900\u00a0018\u00a001244", "\t22590001801244 "],
)
def test_spaces_and_dots_are_taken_off(written: str) -> None:
    assert parse_siret(written) == "22590001801244"


@pytest.mark.parametrize(
    "written", ["", "2259000180124", "225900018012444", "2259000180124A", "²2590001801244"]
)
def test_a_siret_has_fourteen_digits(written: str) -> None:
    with pytest.raises(InvalidInput, match="14 chiffres") as refusal:
        parse_siret(written, field="partner_siret")
    assert refusal.value.field == "partner_siret"


@pytest.mark.parametrize("position", range(14))
def test_one_wrong_digit_is_always_seen(position: int) -> None:
    right = "22590001801244"
    for digit in set("0123456789") - {right[position]}:
        with pytest.raises(InvalidInput, match="clé de contrôle"):
            parse_siret(right[:position] + digit + right[position + 1 :])


def test_the_establishments_of_la_poste_follow_their_own_rule() -> None:
    """The sum of their digits is a multiple of five; the head office passes the usual control."""
    assert parse_siret("35600000049837")
    assert parse_siret("35600000000048")
    with pytest.raises(InvalidInput, match="clé de contrôle"):
        parse_siret("35600000049838")


def test_the_rule_of_la_poste_is_for_la_poste_alone() -> None:
    with pytest.raises(InvalidInput, match="clé de contrôle"):
        parse_siret("35700000049836")
