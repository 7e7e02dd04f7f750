"""When a job is due, across clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.worker.slots import Daily, Every

PARIS = ZoneInfo("Europe/Paris")
AT_TWO = Daily(time(2), PARIS)
HALF_MINUTE = Every(timedelta(seconds=30))
MOMENTS = st.integers(1_577_836_800, 2_051_222_400).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("now", "slot"),
    [
        ("2026-03-10 01:59:59", "2026-03-09 02:00"),
        ("2026-03-10 02:00:00", "2026-03-10 02:00"),
        ("2026-03-10 23:59:59", "2026-03-10 02:00"),
    ],
)
def test_a_daily_job_is_due_at_its_hour_in_paris(now: str, slot: str) -> None:
    assert AT_TWO.slot(at(now)) == at(slot)


def test_the_hour_that_spring_skips_moves_forward_with_the_gap() -> None:
    assert AT_TWO.slot(datetime(2026, 3, 29, 0, 59, tzinfo=UTC)) == at("2026-03-28 02:00")
    assert AT_TWO.slot(datetime(2026, 3, 29, 1, 0, tzinfo=UTC)) == at("2026-03-29 03:00")


def test_the_hour_that_autumn_gives_twice_is_the_first() -> None:
    first = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
    assert AT_TWO.slot(first) == first
    assert AT_TWO.slot(first + timedelta(hours=1)) == first


@given(MOMENTS)
def test_a_daily_slot_is_in_the_past_and_less_than_twenty_six_hours_old(now: datetime) -> None:
    assert timedelta() <= now - AT_TWO.slot(now) < timedelta(hours=26)


@given(MOMENTS)
def test_a_slot_is_its_own_slot(now: datetime) -> None:
    for schedule in (AT_TWO, HALF_MINUTE):
        slot = schedule.slot(now)
        assert schedule.slot(slot) == slot
        assert slot.tzinfo is UTC


@given(MOMENTS)
def test_a_periodic_slot_is_the_same_on_every_machine(now: datetime) -> None:
    slot = HALF_MINUTE.slot(now)
    assert timedelta() <= now - slot < timedelta(seconds=30)
    assert slot.second in {0, 30}
    assert HALF_MINUTE.slot(now.astimezone(PARIS)) == slot


def test_how_often_the_worker_looks() -> None:
    assert HALF_MINUTE.look_every == timedelta(seconds=30)
    assert Daily(time(2), ZoneInfo("Europe/Paris")).look_every == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (Every(timedelta(seconds=30)), "toutes les 30\u00a0secondes"),
        (Every(timedelta(minutes=1)), "toutes les minutes"),
        (Every(timedelta(minutes=90)), "toutes les 90\u00a0minutes"),
        (Every(timedelta(hours=1)), "toutes les heures"),
        (Daily(time(7, 5), PARIS), "chaque jour à 7\u00a0h\u00a005"),
    ],
)
def test_a_schedule_says_in_words_when_it_runs(schedule: Every | Daily, words: str) -> None:
    assert schedule.words == words
