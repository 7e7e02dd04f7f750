"""Periods, terms and vocabularies of conventions."""

from __future__ import annotations

from datetime import date

import pytest

from app.deadlines.calendar import HOLIDAY_ZONES, find_zone
from app.kernel.errors import InvalidInput
from app.partners.terms import (
    TIME_ZONES,
    add_period,
    first_end,
    parse_code,
    parse_email,
    parse_url,
    reference_fault,
    term_end,
)


@pytest.mark.parametrize(
    ("day", "period", "expected"),
    [
        (date(2025, 3, 1), "8 days", date(2025, 3, 9)),
        (date(2025, 3, 1), "2 weeks", date(2025, 3, 15)),
        (date(2025, 1, 31), "1 month", date(2025, 2, 28)),
        (date(2024, 1, 31), "1 month", date(2024, 2, 29)),
        (date(2025, 11, 30), "3 months", date(2026, 2, 28)),
        (date(2025, 12, 15), "12 months", date(2026, 12, 15)),
        (date(2024, 2, 29), "1 year", date(2025, 2, 28)),
        (date(2025, 1, 1), "3 years", date(2028, 1, 1)),
    ],
)
def test_a_period_keeps_the_day_of_the_month_or_takes_its_last(
    day: date, period: str, expected: date
) -> None:
    assert add_period(day, period) == expected


@pytest.mark.parametrize("text", ["", "3", "0 days", "3 jours", "-1 month", "3 years, tacit", "3  years"])
def test_any_other_wording_of_a_period_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="illisible"):
        add_period(date(2025, 1, 1), text)


def test_three_years_from_new_year_end_on_new_years_eve() -> None:
    assert first_end(date(2025, 1, 1), None, "3 years") == date(2027, 12, 31)


def test_a_stated_end_wins_over_the_duration() -> None:
    assert first_end(date(2025, 1, 1), date(2026, 6, 30), "3 years") == date(2026, 6, 30)


def test_a_convention_without_start_or_duration_has_no_reckoned_end() -> None:
    assert first_end(None, None, "3 years") is None
    assert first_end(date(2025, 1, 1), None, None) is None


def test_one_tacit_renewal_is_counted_before_the_desk_warns() -> None:
    assert term_end(date(2026, 12, 31), "3 months") == date(2027, 3, 31)
    assert term_end(date(2026, 12, 31), None) == date(2026, 12, 31)
    assert term_end(None, "3 months") is None


@pytest.mark.parametrize("code", ["nord-2025", "a", "x" * 60])
def test_codes_are_plain_words_with_dashes(code: str) -> None:
    assert parse_code(code) == code


@pytest.mark.parametrize("code", ["", "Nord", "nord_2025", "nord--2025", "-nord", "nord 2025", "é", "x" * 61])
def test_other_codes_are_refused_on_their_field(code: str) -> None:
    with pytest.raises(InvalidInput, match="incorrect") as refusal:
        parse_code(code, field="as")
    assert refusal.value.field == "as"


def test_each_zone_of_holidays_has_a_time_zone() -> None:
    assert TIME_ZONES.keys() == HOLIDAY_ZONES.keys()
    for name in TIME_ZONES.values():
        assert find_zone(name)


def test_a_borrowed_convention_is_known_and_never_comes_back() -> None:
    assert reference_fault("a", {"a": "b", "b": "c", "c": None}) is None
    assert (
        reference_fault("a", {"a": "z", "b": None}) == "Convention inconnue « z ». Conventions connues : b."
    )
    assert reference_fault("a", {"a": "a"}) == "Renvoi circulaire : a → a."
    assert reference_fault("a", {"a": "b", "b": "c", "c": "b"}) == "Renvoi circulaire : a → b → c → b."


def test_addresses_are_taken_as_they_are_or_refused() -> None:
    assert parse_email("support@exemple.fr") == "support@exemple.fr"
    assert parse_url("https://exemple.fr/contact") == "https://exemple.fr/contact"
    for email in ("", "support", "@exemple.fr", "support@exemple", "support@exemple.fr\nBcc: x@exemple.fr"):
        with pytest.raises(InvalidInput):
            parse_email(email)
    for url in ("", "javascript:alert(1)", "http://exemple.fr", "https://exemple.fr/a b"):
        with pytest.raises(InvalidInput):
            parse_url(url)
