"""Digests: what they cover, and what they leave free."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.journal.events import Envelope, chained_digest, genesis, payload_digest, seal_digest

MOMENT = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
ENVELOPE = Envelope(
    subject="7F3KM2QX",
    sequence=2,
    type="taken-up",
    schema=1,
    actor_id=4,
    occurred_at=MOMENT,
    recorded_at=MOMENT,
    corrects=None,
)


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "X"},
        {"sequence": 3},
        {"type": "closed"},
        {"schema": 2},
        {"actor_id": None},
        {"occurred_at": MOMENT - timedelta(microseconds=1)},
        {"recorded_at": MOMENT + timedelta(microseconds=1)},
        {"corrects": 1},
    ],
)
def test_everything_in_the_envelope_is_covered(change: dict[str, object]) -> None:
    changed = replace(ENVELOPE, **change)  # type: ignore[arg-type]
    assert chained_digest("0", changed, "p") != chained_digest("0", ENVELOPE, "p")


def test_the_zone_in_which_a_time_is_written_does_not_matter() -> None:
    elsewhere = replace(ENVELOPE, occurred_at=MOMENT.astimezone(timezone(timedelta(hours=2))))
    assert chained_digest("0", elsewhere, "p") == chained_digest("0", ENVELOPE, "p")


def test_a_payload_is_hidden_by_its_salt() -> None:
    assert payload_digest("a", {"text": "oui"}) != payload_digest("b", {"text": "oui"})
    assert payload_digest("a", {"x": 1, "y": 2}) == payload_digest("a", {"y": 2, "x": 1})


def test_parts_do_not_run_into_one_another() -> None:
    assert genesis("nord", "2025A") != genesis("nord2", "025A")


def test_a_seal_covers_the_seal_before_and_each_head() -> None:
    heads = [("7F3KM2QX", 2, "d")]
    one = seal_digest("0", "nord", MOMENT, heads)
    assert one != seal_digest("1", "nord", MOMENT, heads)
    assert one != seal_digest("0", "nord", MOMENT, [("7F3KM2QX", 3, "d")])
    assert one != seal_digest("0", "nord", MOMENT + timedelta(days=1), heads)
