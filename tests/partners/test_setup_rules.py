"""What a partner still lacks, step by step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.partners.setup_rules import SetupFacts, setup_steps

NOTHING = SetupFacts(
    has_siret=False,
    hours_checked=False,
    conventions=0,
    current_conventions=0,
    incomplete_channels=0,
    structures=0,
    correspondents=0,
    users=0,
    security_is_open=False,
)
EVERYTHING = SetupFacts(True, True, 1, 1, 0, 3, 1, 20, True)


def lacking(facts: SetupFacts) -> dict[str, str]:
    return {step.code: ", ".join(step.lacks) for step in setup_steps(facts) if not step.is_done}


def test_a_new_partner_lacks_everything() -> None:
    assert list(lacking(NOTHING)) == [step.code for step in setup_steps(NOTHING)]
    assert [step.code for step in setup_steps(NOTHING) if step.optional] == ["security"]


def test_one_that_is_complete_lacks_nothing() -> None:
    assert lacking(EVERYTHING) == {}


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"has_siret": False}, "identity", "SIRET"),
        ({"hours_checked": False}, "hours", "vérification"),
        ({"current_conventions": 0}, "conventions", "en cours aujourd’hui"),
        ({"incomplete_channels": 1}, "channels", "l’adresse d’un canal"),
        ({"incomplete_channels": 2}, "channels", "l’adresse de 2 canaux"),
        ({"structures": 0}, "structures", "une structure"),
        ({"correspondents": 0}, "people", "un correspondant SI"),
        ({"users": 0}, "people", "un utilisateur"),
        ({"security_is_open": False}, "security", "suppléant"),
    ],
)
def test_each_thing_that_is_missing_is_told_in_its_step(
    changes: dict[str, int], code: str, words: str
) -> None:
    found = lacking(replace(EVERYTHING, **changes))  # type: ignore[arg-type]
    assert list(found) == [code]
    assert words in found[code]
