from __future__ import annotations

import dataclasses
import json
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.deadlines.calendar import Hours, parse_week
from app.deadlines.delays import Unit, add_delay
from app.deadlines.reading import Reading
from tests.deadlines.material import OFFICE, all_hours, in_paris, paris, reading, starts, thorough


@thorough
@given(all_hours(), st.integers(1, 5000), st.sampled_from(Unit), starts(), st.booleans())
def test_a_reading_survives_being_stored_and_read(
    hours: Hours, amount: int, unit: Unit, start: datetime, flag: bool
) -> None:
    term = {"term_from": date(2024, 6, 17), "term_to": date(2024, 12, 31)} if flag else {}
    kept = reading(
        amount if unit.in_minutes else amount % 30 + 1, unit, hours, suspendable=flag, tool="ouiform", **term
    )
    read = Reading.from_json(json.loads(json.dumps(kept.to_json())))
    assert read == kept
    assert read.digest == kept.digest
    assert add_delay(start, read.delay, read.hours) == add_delay(start, kept.delay, kept.hours)


def test_the_digest_is_that_of_the_content_and_stays_from_release_to_release() -> None:
    """A stored digest names a reading in events: it must never depend on the version of the code."""
    kept = reading(
        480, Unit.WORKING, Hours("Europe/Paris", parse_week("lun-ven 09:00-17:00"), (date(2026, 5, 1),))
    )
    assert kept.digest == "737ad0737e12c6e08570c7638e7795713efbdb0b1c5f8de7a320a9ef52d48d5e"


def test_readings_that_differ_have_other_digests() -> None:
    kept = reading(480, Unit.WORKING)
    changed = [
        dataclasses.replace(kept, suspendable=True),
        dataclasses.replace(kept, tool="ouiform"),
        dataclasses.replace(kept, hours=dataclasses.replace(OFFICE, holidays=OFFICE.holidays[1:])),
        reading(481, Unit.WORKING),
    ]
    assert len({kept.digest, *(other.digest for other in changed)}) == 5


def test_a_reading_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        reading(15, Unit.ELAPSED).contractual = False  # type: ignore[misc]


def test_the_term_holds_its_bounds_and_an_unknown_bound_binds_nothing() -> None:
    dated = reading(15, Unit.ELAPSED, term_from=date(2024, 6, 17), term_to=date(2024, 12, 31))
    days = [date(2024, 6, 16), date(2024, 6, 17), date(2024, 12, 31), date(2025, 1, 1)]
    assert [dated.in_term(day) for day in days] == [False, True, True, False]
    assert reading(15, Unit.ELAPSED).in_term(date(1999, 1, 1))


def test_a_reading_made_of_a_changed_calendar_leaves_the_first_as_it_was() -> None:
    kept = reading(480, Unit.WORKING)
    newer = dataclasses.replace(
        kept, hours=Hours("Europe/Paris", parse_week("lun-ven 08:00-12:00"), OFFICE.holidays)
    )
    start = paris("2026-03-10T09:00")
    assert in_paris(add_delay(start, kept.delay, kept.hours)) == "2026-03-10T17:00+01:00"
    assert in_paris(add_delay(start, newer.delay, newer.hours)) == "2026-03-12T09:00+01:00"
