"""When people work: service hours, holidays and the partner's own closures."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from app.deadlines.calendar import parse_week
from app.partners.opening import ClosedDays, next_day_of_work, opening, works_on

WEEK = parse_week("lun-ven 09:00-12:00,13:30-17:30")
BRIDGE = (date(2026, 5, 15), date(2026, 5, 15), "Pont de l’Ascension")


def days(*closures: tuple[date, date, str], zone: str = "metropole", good_friday: bool = True) -> ClosedDays:
    return ClosedDays("Europe/Paris", WEEK, zone, good_friday, closures)


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("moment", "is_open", "until"),
    [
        ("2026-03-10T09:00:00+01:00", True, "2026-03-10T12:00:00+01:00"),
        ("2026-03-10T12:00:00+01:00", False, "2026-03-10T13:30:00+01:00"),
        ("2026-03-10T17:30:00+01:00", False, "2026-03-11T09:00:00+01:00"),
        ("2026-03-13T18:00:00+01:00", False, "2026-03-16T09:00:00+01:00"),
        ("2026-03-27T18:00:00+01:00", False, "2026-03-30T09:00:00+02:00"),  # across the change of hour
    ],
)
def test_an_ordinary_week(moment: str, is_open: bool, until: str) -> None:
    told = opening(days(), paris(moment))
    assert (told.is_open, told.until, told.because) == (is_open, paris(until), None)


def test_a_holiday_then_a_closure_then_a_week_end() -> None:
    """Ascension is Thursday 14 May 2026; the partner closes on the Friday."""
    told = opening(days(BRIDGE), paris("2026-05-14T10:00:00+02:00"))
    assert (told.is_open, told.until, told.because) == (
        False,
        paris("2026-05-18T09:00:00+02:00"),
        "Ascension",
    )
    assert opening(days(BRIDGE), paris("2026-05-15T10:00:00+02:00")).because == "Pont de l’Ascension"
    assert opening(days(), paris("2026-05-15T10:00:00+02:00")).is_open


def test_good_friday_is_the_partner_s_to_keep() -> None:
    moment = paris("2026-04-03T10:00:00+02:00")
    assert not opening(days(zone="alsace-moselle"), moment).is_open
    assert opening(days(zone="alsace-moselle", good_friday=False), moment).is_open


def test_closed_for_longer_than_one_looks_ahead() -> None:
    for_ever = (date(2026, 1, 1), date(2028, 1, 1), "Travaux")
    told = opening(days(for_ever), datetime(2026, 3, 10, 9, tzinfo=UTC))
    assert (told.is_open, told.until, told.because) == (False, None, "Travaux")


def test_the_days_of_work() -> None:
    worked = [day for day in range(11, 20) if works_on(days(BRIDGE), date(2026, 5, day))]
    assert worked == [11, 12, 13, 18, 19], "Ascension, the bridge and the week-end are left out"
    assert next_day_of_work(days(BRIDGE), date(2026, 5, 13)) == date(2026, 5, 18)
    for_ever = (date(2026, 1, 1), date(2028, 1, 1), "Travaux")
    assert next_day_of_work(days(for_ever), date(2026, 3, 10)) is None
