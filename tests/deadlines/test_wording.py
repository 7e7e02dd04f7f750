from __future__ import annotations

from datetime import date, datetime

import pytest

from app.deadlines.calendar import parse_week
from app.deadlines.wording import say_days, say_minutes, say_moment, say_week
from tests.deadlines.material import NBSP, PARIS


@pytest.mark.parametrize(
    ("minutes", "words"), [(5, "5 min"), (60, "1 h"), (205, "3 h 25"), (485, "8 h 05"), (1500, "25 h")]
)
def test_lengths_of_time(minutes: int, words: str) -> None:
    assert say_minutes(minutes) == words


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2026, 11, 1), date(2026, 11, 1), "dimanche 1er novembre"),
        (date(2026, 3, 21), date(2026, 3, 22), "samedi 21 et dimanche 22 mars"),
        (date(2026, 1, 31), date(2026, 2, 1), "samedi 31 janvier et dimanche 1er février"),
        (date(2026, 3, 30), date(2026, 4, 3), "du lundi 30 mars au vendredi 3 avril"),
        (date(2026, 3, 9), date(2026, 3, 13), "du lundi 9 au vendredi 13 mars"),
        (date(2026, 12, 31), date(2027, 1, 3), "du jeudi 31 décembre au dimanche 3 janvier"),
    ],
)
def test_days_of_the_week(first: date, last: date, words: str) -> None:
    assert say_days(first, last) == words


def test_a_week_of_three_windows_and_a_single_day() -> None:
    week = parse_week("lun 08:00-09:00,10:00-11:00,12:00-13:30; mar-mer 08:00-09:00")
    assert say_week(week).replace(NBSP, " ") == (
        "le lundi, de 8 h à 9 h, de 10 h à 11 h et de 12 h à 13 h 30 ; du mardi au mercredi, de 8 h à 9 h"
    )


@pytest.mark.parametrize(
    ("utc", "words"),
    [
        ("2025-11-21T13:05+00:00", "21/11/2025 à 14 h 05"),
        ("2026-10-25T00:30+00:00", "25/10/2026 à 2 h 30 (première fois)"),
        ("2026-10-25T01:30+00:00", "25/10/2026 à 2 h 30 (seconde fois)"),
    ],
)
def test_moments(utc: str, words: str) -> None:
    assert say_moment(datetime.fromisoformat(utc).astimezone(PARIS)) == words
