"""Which commitment measures a clock, and how it is read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import product

import pytest

from app.deadlines.calendar import parse_week
from app.deadlines.delays import Delay, Unit
from app.partners.profiles import UnknownTool, load_shipped_profiles, reading_for
from app.partners.resolve import NoCommitment, Rulebook, UnknownConvention
from app.partners.terms import LAW, CommitmentTerms, ConventionTerms

TUESDAY = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)


def _commitment(minutes: int, **changes: object) -> CommitmentTerms:
    values: dict[str, object] = {
        "code": f"c-{minutes}",
        "clock": "take-up",
        "applies_to": "availability",
        "delay": Delay(minutes, Unit.ELAPSED),
        "starts": "",
        "stops": "",
        "owed_by": "france-travail",
        "source": "art. 1",
    }
    return CommitmentTerms(**(values | changes))  # type: ignore[arg-type]


def _book(*conventions: ConventionTerms, law: tuple[CommitmentTerms, ...] = ()) -> Rulebook:
    return Rulebook(conventions, ConventionTerms(LAW, law))


def _minutes(book: Rulebook, started_at: datetime = TUESDAY, tool: str | None = None) -> int:
    return book.reading_for("a", "take-up", "availability", started_at, tool).delay.amount


# --- Which figure ----------------------------------------------------------------------------------------


def test_the_conventions_own_figure_is_contractual() -> None:
    reading = reading_for("pas-de-calais-2024", "take-up", "availability", TUESDAY)
    assert (reading.contractual, reading.measured_by) == (True, "pas-de-calais-2024")
    assert reading.delay == Delay(15, Unit.ELAPSED)
    assert reading.source == "annexe 2, §3"


@pytest.mark.parametrize(
    "convention", ["nord-2025", "alsace-2025", "jalle-eau-bourde-2026", "ouiform-nord-2023"]
)
def test_the_others_are_measured_by_a_reference_objective_and_say_so(convention: str) -> None:
    reading = reading_for(convention, "return-to-service", "application", TUESDAY)
    assert (reading.contractual, reading.measured_by) == (False, "pas-de-calais-2024")
    assert (reading.convention, reading.delay) == (convention, Delay(6, Unit.CALENDAR_DAYS))
    assert reading.plannable


def test_a_reference_objective_is_read_with_the_holidays_of_the_one_who_borrows_it() -> None:
    reading = reading_for("alsace-2025", "return-to-service", "availability", TUESDAY)
    assert date(2026, 4, 3) in reading.hours.holidays  # Good Friday
    assert date(2026, 12, 26) in reading.hours.holidays
    assert date(2026, 4, 3) not in reading_for("nord-2025", "take-up", "availability", TUESDAY).hours.holidays


def test_ouiform_wants_to_be_told_of_a_breach_within_36_hours() -> None:
    reading = reading_for("ouiform-nord-2023", "notification", "personal-data-breach", TUESDAY)
    assert (reading.delay, reading.contractual, reading.owed_by) == (
        Delay(36 * 60, Unit.ELAPSED),
        True,
        "partner",
    )


def test_the_cnil_is_told_within_72_hours_under_every_convention() -> None:
    for convention in load_shipped_profiles():
        reading = reading_for(convention, "cnil-notification", "personal-data-breach", TUESDAY)
        assert (reading.delay, reading.measured_by) == (Delay(72 * 60, Unit.ELAPSED), LAW)
        assert reading.contractual, "an obligation is never shown as a mere objective"


def test_the_law_goes_before_a_reference_objective() -> None:
    """OuiForm says nothing of the month that the RGPD gives: it is due by law, not as an objective."""
    reading = reading_for("ouiform-nord-2023", "answer", "data-subject-request", TUESDAY)
    assert (reading.measured_by, reading.contractual) == (LAW, True)


def test_the_tools_own_figure_goes_before_that_of_all_tools() -> None:
    book = _book(ConventionTerms("a", (_commitment(15), _commitment(5, tool="ouiform"))))
    assert _minutes(book) == 15
    assert _minutes(book, tool="oscar") == 15
    assert _minutes(book, tool="ouiform") == 5
    assert book.reading_for("a", "take-up", "availability", TUESDAY, "ouiform").tool == "ouiform"


def test_a_figure_for_one_tool_says_nothing_of_the_others() -> None:
    with pytest.raises(NoCommitment):
        _minutes(_book(ConventionTerms("a", (_commitment(5, tool="ouiform"),))))


def test_the_version_in_force_on_the_local_day_measures() -> None:
    book = _book(
        ConventionTerms(
            "a",
            (_commitment(15, valid_to=date(2026, 6, 30)), _commitment(30, valid_from=date(2026, 7, 1))),
        )
    )
    # 22:30 UTC is already the first of July in Paris.
    assert _minutes(book, datetime(2026, 6, 30, 21, 30, tzinfo=UTC)) == 15
    assert _minutes(book, datetime(2026, 6, 30, 22, 30, tzinfo=UTC)) == 30


def test_an_own_figure_out_of_its_dates_leaves_room_for_the_objective() -> None:
    borrowed = ConventionTerms("b", (_commitment(60),))
    own = ConventionTerms("a", (_commitment(15, valid_from=date(2027, 1, 1)),), service_levels_from="b")
    assert _minutes(_book(own, borrowed)) == 60


def test_objectives_may_be_borrowed_from_one_who_borrows() -> None:
    first = ConventionTerms("a", (), service_levels_from="b")
    second = ConventionTerms("b", (), service_levels_from="c")
    third = ConventionTerms("c", (_commitment(45),))
    reading = _book(first, second, third).reading_for("a", "take-up", "availability", TUESDAY)
    assert (reading.delay.amount, reading.measured_by, reading.contractual) == (45, "c", False)


def test_a_circle_of_references_ends() -> None:
    first = ConventionTerms("a", (), service_levels_from="b")
    second = ConventionTerms("b", (), service_levels_from="a")
    with pytest.raises(NoCommitment):
        _minutes(_book(first, second))


# --- How it is read --------------------------------------------------------------------------------------


def test_holidays_run_from_the_year_before_to_the_second_after() -> None:
    holidays = reading_for("nord-2025", "take-up", "availability", TUESDAY).hours.holidays
    assert {day.year for day in holidays} == {2025, 2026, 2027, 2028}
    assert len(holidays) == 44


def test_equal_commitments_and_start_years_share_one_reading() -> None:
    january = datetime(2026, 1, 2, tzinfo=UTC)
    december = datetime(2026, 12, 30, tzinfo=UTC)
    shared = reading_for("nord-2025", "take-up", "availability", january)
    assert reading_for("nord-2025", "take-up", "availability", december) is shared
    assert reading_for("nord-2025", "take-up", "availability", december.replace(year=2027)) is not shared


def test_the_start_year_is_the_local_one() -> None:
    new_year_in_paris = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    holidays = reading_for("nord-2025", "take-up", "availability", new_year_in_paris).hours.holidays
    assert {day.year for day in holidays} == {2026, 2027, 2028, 2029}


def test_hours_and_holidays_are_the_commitments_own_where_it_states_them() -> None:
    night = parse_week("lun-dim 00:00-24:00")
    office = parse_week("lun-ven 08:00-18:00")
    book = _book(
        ConventionTerms(
            "a",
            (_commitment(15), _commitment(5, tool="ouiform", week=night, holiday_zone="alsace-moselle")),
            week=office,
            time_zone="Indian/Reunion",
            holiday_zone="la-reunion",
        )
    )
    general = book.reading_for("a", "take-up", "availability", TUESDAY).hours
    narrowed = book.reading_for("a", "take-up", "availability", TUESDAY, "ouiform").hours
    assert (general.week, narrowed.week) == (office, night)
    assert date(2026, 12, 20) in general.holidays  # abolition of slavery
    assert date(2026, 12, 26) in narrowed.holidays
    assert general.zone == narrowed.zone == "Indian/Reunion"


def test_good_friday_can_be_switched_off() -> None:
    terms = ConventionTerms("a", (_commitment(15),), holiday_zone="alsace-moselle", good_friday=False)
    holidays = _book(terms).reading_for("a", "take-up", "availability", TUESDAY).hours.holidays
    assert date(2026, 4, 3) not in holidays
    assert date(2026, 12, 26) in holidays


def test_the_term_of_the_convention_comes_along_for_the_warning() -> None:
    reading = reading_for("pas-de-calais-2024", "take-up", "availability", TUESDAY)
    assert (reading.term_from, reading.term_to) == (date(2024, 6, 17), date(2024, 12, 31))


# --- What the person reads -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "error", "field", "message"),
    [
        (
            ("x", "take-up", "availability"),
            UnknownConvention,
            "convention",
            "Convention inconnue : « x ». Conventions",
        ),
        (
            ("nord-2025", "x", "availability"),
            NoCommitment,
            "clock",
            "Horloge inconnue : « x ». Horloges connues : take-up",
        ),
        (
            ("nord-2025", "take-up", "x"),
            NoCommitment,
            "type",
            "Type inconnu : « x ». Types connus : availability",
        ),
        (
            ("nord-2025", "take-up", "application"),
            NoCommitment,
            "type",
            "Aucun délai n’est fixé pour l’horloge « take-up » et le type « application »",
        ),
    ],
)
def test_an_unknown_word_is_answered_with_those_that_exist(
    asked: tuple[str, str, str], error: type[NoCommitment | UnknownConvention], field: str, message: str
) -> None:
    with pytest.raises(error) as refusal:
        reading_for(*asked, TUESDAY)
    assert refusal.value.field == field
    assert refusal.value.message.replace("\u00a0", " ").startswith(message)


def test_a_missing_figure_lists_the_pairs_that_are_measured() -> None:
    with pytest.raises(NoCommitment, match=r"take-up \(availability\)\.$"):
        reading_for("nord-2025", "take-up", "application", TUESDAY)


def test_an_unknown_tool_is_refused() -> None:
    with pytest.raises(UnknownTool, match="minitel") as refusal:
        reading_for("nord-2025", "take-up", "availability", TUESDAY, "minitel")
    assert refusal.value.field == "tool"


def test_a_naive_start_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="naive"):
        reading_for("nord-2025", "take-up", "availability", TUESDAY.replace(tzinfo=None))


def test_every_convention_answers_every_clock_of_the_reference() -> None:
    measured = {
        (one.clock, one.applies_to) for one in load_shipped_profiles()["pas-de-calais-2024"].commitments
    }
    for convention, pair in product(load_shipped_profiles(), measured):
        assert reading_for(convention, *pair, TUESDAY)
