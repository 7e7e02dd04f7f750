"""« 50 %, 80 %, échéance »: what the form of a commitment takes."""

from __future__ import annotations

import pytest

from app.deadlines.thresholds import DEFAULT_THRESHOLDS, DUE, format_thresholds, parse_thresholds
from app.kernel.errors import InvalidInput
from tests.deadlines.material import NBSP


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", DEFAULT_THRESHOLDS),
        ("50 %, 80 %, échéance", (50, 80, DUE)),
        ("80%; 25", (25, 80)),
        ("Échéance", (DUE,)),
        ("100 %, échéance", (DUE,)),
        ("aucune", ()),
    ],
)
def test_what_is_typed_is_read_in_order(text: str, expected: tuple[int, ...]) -> None:
    assert parse_thresholds(text) == expected
    assert parse_thresholds(format_thresholds(expected)) == expected


def test_they_are_written_as_people_read_them() -> None:
    assert format_thresholds(DEFAULT_THRESHOLDS) == f"50{NBSP}%, 80{NBSP}%, échéance"
    assert format_thresholds(()) == "aucune"


@pytest.mark.parametrize("text", ["0", "101 %", "moitié", "50 %,", "-5", "10,20,30,40,50,60,70", "٥٠"])
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidInput, match="Exemple") as refusal:
        parse_thresholds(text)
    assert refusal.value.field == "alerts"
