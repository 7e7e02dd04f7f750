from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, g, render_template_string

from app.web import filters

PARIS = ZoneInfo("Europe/Paris")
REUNION = ZoneInfo("Indian/Reunion")
NOW = datetime(2025, 11, 21, 13, 5, tzinfo=UTC)


def spaced(text: str) -> str:
    """The text as typed here: `_` stands for a no-break space."""
    return text.replace("_", "\u00a0")


def test_a_moment_is_written_as_the_walls_of_the_partner_show_it() -> None:
    assert filters.french_datetime(NOW, PARIS) == spaced("21/11/2025 à_14_h_05")
    assert filters.french_datetime(NOW, REUNION) == spaced("21/11/2025 à_17_h_05")


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        filters.french_datetime(datetime(2025, 11, 21, 13, 5), PARIS)  # noqa: DTZ001


def test_the_exact_value_tells_the_two_half_past_two_of_october_apart() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert filters.exact_datetime(first, PARIS) == spaced("dimanche 25_octobre 2026 à_2_h_30 (UTC+2)")
    second = first + timedelta(hours=1)
    assert filters.exact_datetime(second, PARIS) == spaced("dimanche 25_octobre 2026 à_2_h_30 (UTC+1)")


def test_an_offset_may_be_west_of_greenwich_or_not_whole() -> None:
    assert filters.exact_datetime(NOW, ZoneInfo("America/Martinique")).endswith("(UTC−4)")
    assert filters.exact_datetime(NOW, ZoneInfo("Pacific/Marquesas")).endswith("(UTC−9:30)")


def test_dates_in_full() -> None:
    assert filters.long_date(date(2026, 5, 1)) == spaced("vendredi 1er_mai 2026")
    assert filters.month_name(date(2026, 8, 3)) == "août 2026"


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (0, "moins d’une minute"),
        (0.9, "moins d’une minute"),
        (1, "1_min"),
        (59.99, "59_min"),
        (60, "1_h"),
        (65, "1_h_05"),
        (23 * 60 + 59, "23_h_59"),
        (24 * 60, "1_j"),
        (27 * 60 + 40, "1_j_3_h"),
        (-130, "2_h_10"),
    ],
)
def test_a_duration_keeps_its_two_largest_units(minutes: float, expected: str) -> None:
    assert filters.duration(timedelta(minutes=minutes)) == spaced(expected)


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(-5, "il y a 5_min"), (130, "dans 2_h_10"), (0.5, "à l’instant"), (-0.5, "à l’instant")],
)
def test_relative_moments(minutes: float, expected: str) -> None:
    assert filters.relative(NOW + timedelta(minutes=minutes), NOW) == spaced(expected)


def test_the_share_of_time_behind_stays_between_none_and_all() -> None:
    hour = timedelta(hours=1)
    assert filters.elapsed_share(NOW, NOW + 4 * hour, NOW + hour) == 0.25
    assert filters.elapsed_share(NOW, NOW + hour, NOW - hour) == 0.0
    assert filters.elapsed_share(NOW, NOW + hour, NOW + 9 * hour) == 1.0
    assert filters.elapsed_share(NOW, NOW, NOW) == 1.0


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (1234.5, None, "1_234,5"),
        (1234567, None, "1_234_567"),
        (-3, None, "−3"),
        (100, None, "100"),
        (2.50, None, "2,5"),
        (Decimal("2.50"), None, "2,5"),
        (Decimal("10.0"), None, "10"),
        (0.125, 2, "0,13"),
        (98, 1, "98,0"),
    ],
)
def test_numbers(value: float | Decimal, digits: int | None, expected: str) -> None:
    assert filters.number(value, digits) == spaced(expected)


def test_percentages() -> None:
    assert filters.percent(0.98) == spaced("98,0_%")
    assert filters.percent(0.98765, 2) == spaced("98,77_%")
    assert filters.percent(1, 0) == spaced("100_%")


@pytest.mark.parametrize(
    ("count", "expected"), [(0, "0_ticket"), (1, "1_ticket"), (2, "2_tickets"), (1200, "1_200_tickets")]
)
def test_nought_is_singular_in_french(count: int, expected: str) -> None:
    assert filters.plural(count, "ticket", "tickets") == spaced(expected)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (1, "1_octet"),
        (999, "999_octets"),
        (1_000, "1_ko"),
        (1_234, "1,2_ko"),
        (56_789, "57_ko"),
        (10_485_760, "10_Mo"),
        (5_000_000_000_000, "5_000_Go"),
    ],
)
def test_file_sizes(size: int, expected: str) -> None:
    assert filters.file_size(size) == spaced(expected)


def test_typed_text_becomes_paragraphs_and_stays_harmless() -> None:
    html = filters.paragraphs("Bonjour,\r\nplus rien.\n\n\n<script>alert(1)</script> l’écran\n")
    assert html == ("<p>Bonjour,<br>\nplus rien.</p>\n<p>&lt;script&gt;alert(1)&lt;/script&gt; l’écran</p>")
    assert filters.paragraphs("  \n ") == ""


def test_a_month_is_cut_into_weeks_from_monday() -> None:
    weeks = filters.month_weeks(2026, 11)
    assert weeks[0] == [None] * 6 + [date(2026, 11, 1)]
    assert weeks[-1] == [date(2026, 11, 30)] + [None] * 6


def test_templates_write_times_in_the_zone_of_the_partner(bare_app: Flask) -> None:
    with bare_app.test_request_context():
        g.zone = REUNION
        html = render_template_string("{{ moment|when }} {{ moment|ago }}", moment=NOW)
    assert 'datetime="2025-11-21T17:05+04:00"' in html
    assert spaced("21/11/2025 à_17_h_05") in html
    assert spaced("il y a 108_j_18_h") in html


def test_templates_fall_back_on_metropolitan_france(bare_app: Flask) -> None:
    with bare_app.test_request_context():
        assert render_template_string("{{ m|french_datetime }}", m=NOW) == spaced("21/11/2025 à_14_h_05")
        assert render_template_string("{{ (m|local)|french_time }}", m=NOW) == spaced("14_h_05")
        assert render_template_string("{{ m is past }}", m=NOW) == "True"
