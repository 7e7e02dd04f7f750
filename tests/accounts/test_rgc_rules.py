"""What France Travail's CSSI is told of account managers, and until when (annexe 1 of the conventions)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from app.accounts.rgc_rules import (
    CAUSE_LABELS,
    Cause,
    Terms,
    absence_needs_notice,
    notice_day,
    notice_subject,
    notice_text,
    reading_of,
    terms_in,
)
from app.deadlines.clocks import ClockFacts, due_at
from app.partners.profiles import load_shipped_profiles

TERMS = Terms("nord-2025", "8 days", "2 months", "annexe 1, art. 4, 5.1 et 6")


def settings_of(code: str) -> tuple[str, dict[str, object]]:
    return code, dict(load_shipped_profiles()[code].settings)


def test_every_cause_has_its_french_name() -> None:
    assert set(CAUSE_LABELS) == set(Cause)


class TestTerms:
    def test_of_the_shipped_conventions(self) -> None:
        assert terms_in([settings_of("nord-2025")]) == TERMS
        ouiform = terms_in([settings_of("ouiform-nord-2023")])
        assert ouiform is not None
        assert ouiform.absence_limit == "3 months"

    def test_a_convention_without_account_manager_asks_nothing(self) -> None:
        assert terms_in([settings_of("pas-de-calais-2024")]) is None
        assert terms_in([("une", {"accounts": {}, "account_manager": False})]) is None
        assert terms_in([("une", {})]) is None

    def test_the_longest_notice_and_the_shortest_absence_rule(self) -> None:
        terms = terms_in(
            [
                ("une", {"accounts": {"manager_departure_notice": "8 days"}}),
                (
                    "deux",
                    {"accounts": {"manager_departure_notice": "1 month", "manager_absence_limit": "6 weeks"}},
                ),
            ]
        )
        assert terms == Terms("deux", "1 month", "6 weeks", "annexe 1")


@pytest.mark.parametrize(
    ("last_day", "needed"),
    [(None, True), (date(2026, 6, 1), True), (date(2026, 5, 31), False), (date(2026, 4, 2), False)],
)
def test_an_absence_of_two_months_or_without_an_end_is_told(last_day: date | None, needed: bool) -> None:
    assert absence_needs_notice(date(2026, 4, 1), last_day, "2 months") is needed


class TestDeadline:
    def test_it_leaves_the_whole_notice_before_the_day(self) -> None:
        assert notice_day(date(2026, 4, 10), "8 days") == date(2026, 4, 2)

    def test_the_clock_ends_then_at_the_hour_it_began(self) -> None:
        opened = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
        reading = reading_of(TERMS, date(2026, 4, 10), date(2026, 3, 10), "Europe/Paris")
        # Paris has moved to summer time on the way: ten o'clock on the wall is eight in universal time.
        assert due_at(reading, ClockFacts(opened)) == datetime(2026, 4, 2, 8, 0, tzinfo=UTC)
        assert reading.contractual
        assert reading.owed_by == "partner"
        assert "préavis de 8 jours avant le 10/04/2026" in reading.source

    @pytest.mark.parametrize("effective_on", [date(2026, 3, 18), date(2026, 3, 10), date(2026, 1, 1)])
    def test_what_is_known_too_late_is_owed_within_a_day(self, effective_on: date) -> None:
        opened = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
        reading = reading_of(TERMS, effective_on, date(2026, 3, 10), "Europe/Paris")
        assert due_at(reading, ClockFacts(opened)) == datetime(2026, 3, 11, 9, 0, tzinfo=UTC)


class TestText:
    def text(self, cause: Cause, until: date | None = None, deputies: tuple[str, ...] = ()) -> str:
        return notice_text(
            cause,
            partner="Département d’essai",
            convention="nord-2025",
            name="RGC titulaire",
            effective_on=date(2026, 4, 10),
            until=until,
            deputies=deputies,
        )

    def test_a_departure(self) -> None:
        text = self.text(Cause.DEPARTURE, deputies=("RGC suppléant",))
        assert "quitte ses fonctions le 10/04/2026" in text
        assert "fermer ses habilitations" in text
        assert "Suppléance\u00a0: RGC suppléant." in text
        assert "nord-2025" in text

    def test_an_absence_with_and_without_an_end(self) -> None:
        assert "jusqu’au 01/07/2026 inclus" in self.text(Cause.ABSENCE, date(2026, 7, 1))
        unknown = self.text(Cause.ABSENCE)
        assert "sans date de retour connue" in unknown
        assert "n’est pas encore désigné" in unknown

    def test_the_subject_says_what_it_is(self) -> None:
        assert (
            notice_subject(Cause.DEPARTURE, "Nord") == "Départ d’un responsable de gestion de comptes, Nord"
        )
        assert notice_subject(Cause.ABSENCE, "Nord").startswith("Absence d’un")
