from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.deadlines.calendar import Hours, parse_week
from app.deadlines.clocks import Agreement, ClockFacts, Suspension, due_at, first_due_at, reckon
from app.deadlines.delays import Unit
from app.deadlines.explain import CalendarDay, Step, calendar_days, explain
from app.deadlines.reading import Reading
from app.deadlines.wording import say_moment
from tests.deadlines import naive
from tests.deadlines.material import (
    ALSACE,
    NBSP,
    OFFICE,
    ROUND_THE_CLOCK,
    all_hours,
    paris,
    reading,
    starts,
    suspensions,
    thorough,
)

MINUTE = timedelta(minutes=1)


def told(a_reading: Reading, start: str, **facts: Any) -> list[str]:
    """The explanation as a person reads it, with plain spaces."""
    steps = explain(a_reading, ClockFacts(paris(start), **facts))
    return [step.text.replace(NBSP, " ") for step in steps]


def minutes_told(step: Step) -> int:
    """The minutes that the sentence itself gives: « soit 40 h », « 3 h 25, de… », « 8 h »."""
    words = re.search(r"(?:soit |: )((?:\d+ h)?(?: ?\d+)?(?: min)?)(?:,|\.)", step.text.replace(NBSP, " "))
    assert words is not None, step.text
    hours, _, rest = words[1].rpartition("h")
    return int(hours or 0) * 60 + int(rest.replace("min", "") or 0)


class TestEachStep:
    def test_service_hours_day_by_day_with_the_names_of_holidays(self) -> None:
        assert told(reading(480, Unit.WORKING, ALSACE), "2026-04-02T16:30") == [
            "Départ : jeudi 02/04/2026 à 16 h 30.",
            "Délai : 8 heures ouvrées de service : du lundi au vendredi, de 9 h à 17 h, hors jours fériés.",
            "Source : convention pas-de-calais-2024, annexe 2 §3.",
            "Jeudi 2 avril : 30 min, de 16 h 30 à 17 h.",
            "Vendredi 3 avril : Vendredi saint, jour férié, ne compte pas.",
            "Samedi 4 et dimanche 5 avril : pas de service.",
            "Lundi 6 avril : Lundi de Pâques, jour férié, ne compte pas.",
            "Mardi 7 avril : 7 h 30, de 9 h à 16 h 30.",
            "Échéance : mardi 07/04/2026 à 16 h 30, cette minute comprise.",
        ]

    def test_several_windows_a_day(self) -> None:
        hours = Hours("Europe/Paris", parse_week("lun-ven 09:00-12:00,13:30-17:30; sam 00:15-24:00"), ())
        steps = told(reading(600, Unit.WORKING, hours), "2026-03-13T11:30")
        assert steps[1].endswith(
            "du lundi au vendredi, de 9 h à 12 h et de 13 h 30 à 17 h 30 ; le samedi, de 0 h 15 à 24 h, hors jours fériés."
        )
        assert steps[3:5] == [
            "Vendredi 13 mars : 4 h 30, de 11 h 30 à 12 h et de 13 h 30 à 17 h 30.",
            "Samedi 14 mars : 5 h 30, de 0 h 15 à 5 h 45.",
        ]

    def test_service_until_midnight(self) -> None:
        hours = Hours("Europe/Paris", ROUND_THE_CLOCK, ())
        assert told(reading(120, Unit.WORKING, hours), "2026-03-13T23:00")[3:5] == [
            "Vendredi 13 mars : 1 h, de 23 h à 24 h.",
            "Samedi 14 mars : 1 h, de 0 h 00 à 1 h.",
        ]

    def test_a_start_after_closing_time(self) -> None:
        steps = told(reading(480, Unit.WORKING), "2026-03-10T18:30")
        assert steps[3:5] == [
            "Mardi 10 mars : le service est fini pour la journée.",
            "Mercredi 11 mars : 8 h, de 9 h à 17 h.",
        ]

    def test_short_runs_are_told_by_kind_and_long_ones_whole(self) -> None:
        week = told(reading(480 * 4, Unit.WORKING), "2026-03-09T12:00")
        assert week[3:6] == [
            "Lundi 9 mars : 5 h, de 12 h à 17 h.",
            "Du mardi 10 au jeudi 12 mars : 3 jours de service de 8 h, soit 24 h.",
            "Vendredi 13 mars : 3 h, de 9 h à 12 h.",
        ]
        month = told(reading(480 * 15, Unit.WORKING), "2026-03-09T12:00")
        assert month[3:6] == [
            "Lundi 9 mars : 5 h, de 12 h à 17 h.",
            "Du mardi 10 au dimanche 29 mars : 14 jours de service de 8 h, soit 112 h.",
            "Lundi 30 mars : 3 h, de 9 h à 12 h.",
        ]

    def test_days_of_unequal_length_in_one_run(self) -> None:
        hours = Hours("Europe/Paris", parse_week("lun-jeu 09:00-17:00; ven 09:00-12:00"), ())
        steps = told(reading(60 * 80, Unit.WORKING, hours), "2026-03-07T12:00")
        assert steps[3:5] == [
            "Du samedi 7 au lundi 23 mars : 11 jours de service, soit 78 h.",
            "Mardi 24 mars : 2 h, de 9 h à 11 h.",
        ]

    def test_fifteen_minutes(self) -> None:
        assert told(reading(15, Unit.ELAPSED), "2026-11-21T14:05") == [
            "Départ : samedi 21/11/2026 à 14 h 05.",
            "Délai : 15 minutes, sans interruption : nuits, fins de semaine et jours fériés comptent.",
            "Source : convention pas-de-calais-2024, annexe 2 §3.",
            "15 min après le départ : samedi 21/11/2026 à 14 h 20.",
            "Échéance : samedi 21/11/2026 à 14 h 20, cette minute comprise.",
        ]

    def test_six_days_across_the_night_of_25_hours(self) -> None:
        steps = told(reading(6, Unit.CALENDAR_DAYS), "2026-10-23T10:00")
        assert steps[3:] == [
            "6 jours calendaires après le départ : jeudi 29/10/2026 à 10 h 00.",
            "Dimanche 25 octobre : passage à l’heure d’hiver, la journée dure 25 h ; l’échéance garde l’heure affichée au départ.",
            "Échéance : jeudi 29/10/2026 à 10 h 00, cette minute comprise.",
        ]

    def test_elapsed_time_across_the_night_of_23_hours(self) -> None:
        steps = told(reading(24 * 60, Unit.ELAPSED), "2026-03-28T10:00")
        assert steps[3:5] == [
            "24 h après le départ : dimanche 29/03/2026 à 11 h 00.",
            "Dimanche 29 mars : passage à l’heure d’été, la journée dure 23 h ; le délai compte les minutes réelles.",
        ]

    def test_a_change_of_clocks_outside_the_delay_is_not_told(self) -> None:
        assert not [step for step in told(reading(60, Unit.ELAPSED), "2026-03-29T10:00") if "passage" in step]

    def test_the_hour_that_exists_twice_says_which(self) -> None:
        facts = ClockFacts(datetime.fromisoformat("2026-10-25T00:50+00:00"))
        assert [step.text for step in explain(reading(15, Unit.ELAPSED), facts)][-1].endswith(
            "dimanche 25/10/2026 à 2 h 05 (seconde fois), cette minute comprise."
        )

    def test_the_hour_that_does_not_exist(self) -> None:
        steps = told(reading(1, Unit.CALENDAR_DAYS), "2026-03-28T02:30")
        assert "2 h 30 n’existe pas cette nuit-là : l’échéance avance à 3 h 30." in steps

    def test_working_and_business_days(self) -> None:
        assert told(reading(3, Unit.WORKING_DAYS), "2026-04-30T10:00")[1:] == [
            "Délai : 3 jours ouvrés : du lundi au vendredi, hors jours fériés ; l’heure du départ est gardée.",
            "Source : convention pas-de-calais-2024, annexe 2 §3.",
            "Vendredi 1er mai : Fête du Travail, jour férié, ne compte pas.",
            "Samedi 2 et dimanche 3 mai : non comptés.",
            "Du lundi 4 au mercredi 6 mai : 3 jours ouvrés.",
            "Échéance : mercredi 06/05/2026 à 10 h 00, cette minute comprise.",
        ]
        assert told(reading(2, Unit.BUSINESS_DAYS), "2026-08-13T10:00")[3:6] == [
            "Vendredi 14 août : 1 jour ouvrable.",
            "Samedi 15 août : Assomption, jour férié, ne compte pas.",
            "Dimanche 16 août : non compté.",
        ]

    def test_a_month_that_is_shorter(self) -> None:
        assert told(reading(1, Unit.MONTHS), "2026-01-31T10:00")[3] == (
            "1 mois après le départ : samedi 28/02/2026 à 10 h 00 (ce mois n’a pas de 31)."
        )

    def test_suspended_time_is_told_then_counted(self) -> None:
        steps = told(
            reading(480, Unit.WORKING, suspendable=True),
            "2026-03-10T09:00",
            suspensions=(
                Suspension(paris("2026-03-10T16:00"), paris("2026-03-11T10:00")),
                Suspension(paris("2026-03-11T07:00"), paris("2026-03-11T08:00")),
                Suspension(paris("2026-03-11T10:30"), None),
            ),
        )
        assert steps[3:7] == [
            "Suspension du 10/03/2026 à 16 h 00 au 11/03/2026 à 10 h 00 : à compter en plus, 2 h.",
            "Suspendue depuis le 11/03/2026 à 10 h 30 : le temps suspendu s’ajoutera à la reprise.",
            "Mardi 10 mars : 8 h, de 9 h à 17 h.",
            "Mercredi 11 mars : 2 h, de 9 h à 11 h.",
        ]

    def test_a_suspension_outside_service_hours_adds_nothing(self) -> None:
        steps = told(
            reading(480, Unit.WORKING, suspendable=True),
            "2026-03-10T10:00",
            suspensions=(Suspension(paris("2026-03-10T18:00"), paris("2026-03-10T19:00")),),
        )
        assert steps[3].endswith("au 10/03/2026 à 19 h 00 : rien à ajouter.")

    def test_a_suspended_month_gets_calendar_days(self) -> None:
        steps = told(
            reading(1, Unit.MONTHS, suspendable=True),
            "2026-03-10T10:00",
            suspensions=(Suspension(paris("2026-03-12T10:00"), paris("2026-03-15T10:00")),),
        )
        assert steps[3].endswith("à compter en plus, 3 jours calendaires.")
        assert steps[5] == "3 jours calendaires de suspension en plus : lundi 13/04/2026 à 10 h 00."

    def test_a_commitment_that_never_suspends_says_so(self) -> None:
        steps = told(
            reading(15, Unit.ELAPSED),
            "2026-03-10T10:00",
            suspensions=(Suspension(paris("2026-03-10T10:00"), None),),
        )
        assert "Cet engagement ne se suspend pas : les attentes n’ajoutent rien." in steps

    def test_a_term_carried_over(self) -> None:
        days = reading(2, Unit.CALENDAR_DAYS, carry_over=True)
        assert told(days, "2026-03-12T10:00")[4] == (
            "Le samedi 14 mars n’est pas ouvré : l’échéance est reportée au lundi 16/03/2026 à 10 h 00."
        )
        assert told(days, "2026-04-29T10:00")[4] == (
            "Le vendredi 1er mai est férié (Fête du Travail) : l’échéance est reportée au lundi 04/05/2026 à 10 h 00."
        )

    @pytest.mark.parametrize(
        ("plannable", "agreed_at", "verdict"),
        [
            (True, "2026-03-11T10:00", "Elle remplace la première échéance."),
            (True, "2026-03-17T10:00", "Convenue après la première échéance, elle ne la remplace pas."),
            (
                False,
                "2026-03-11T10:00",
                "Cet engagement ne se planifie pas : elle ne remplace pas la première échéance.",
            ),
        ],
    )
    def test_an_agreed_date(self, plannable: bool, agreed_at: str, verdict: str) -> None:
        steps = told(
            reading(6, Unit.CALENDAR_DAYS, plannable=plannable),
            "2026-03-10T10:00",
            agreements=(Agreement(paris("2026-04-02T12:00"), paris(agreed_at)),),
        )
        assert steps[4] == "Première échéance : lundi 16/03/2026 à 10 h 00."
        assert steps[5].startswith("Date convenue le ")
        assert steps[5].endswith(f": 02/04/2026 à 12 h 00. {verdict}")

    def test_a_reference_objective_is_said_not_to_be_contractual(self) -> None:
        steps = told(reading(15, Unit.ELAPSED, convention="nord-2025", contractual=False), "2026-03-10T10:00")
        assert steps[2] == (
            "Objectif de référence, non contractuel : la convention nord-2025 ne fixe pas ce délai ; "
            "il est repris de pas-de-calais-2024 (annexe 2 §3)."
        )

    def test_the_law_is_named_as_the_source(self) -> None:
        law = reading(72 * 60, Unit.ELAPSED, measured_by="law", source="RGPD, art. 33")
        assert told(law, "2026-03-10T10:00")[2] == "Source : RGPD, art. 33."

    @pytest.mark.parametrize(
        ("term", "words"),
        [
            ({"term_from": date(2027, 1, 1)}, "(à partir du 01/01/2027)"),
            ({"term_to": date(2024, 12, 31)}, "(jusqu’au 31/12/2024)"),
            (
                {"term_from": date(2024, 6, 17), "term_to": date(2024, 12, 31)},
                "(à partir du 17/06/2024 jusqu’au 31/12/2024)",
            ),
        ],
    )
    def test_a_start_out_of_term_is_reckoned_with_a_warning(self, term: dict[str, date], words: str) -> None:
        steps = told(reading(15, Unit.ELAPSED, **term), "2026-03-10T10:00")
        assert steps[-2] == (
            f"Attention : le départ est hors de la durée de la convention pas-de-calais-2024 {words}. "
            "L’échéance est calculée malgré tout."
        )

    def test_a_due_time_beyond_the_known_holidays_is_warned_of(self) -> None:
        warning = "Attention : les jours fériés ne sont connus que jusqu’à la fin de 2028."
        assert warning in told(reading(5, Unit.WORKING_DAYS), "2028-12-29T10:00")
        assert warning in told(reading(3, Unit.CALENDAR_DAYS, carry_over=True), "2028-12-29T10:00")
        assert warning not in told(reading(3, Unit.CALENDAR_DAYS), "2028-12-29T10:00")
        no_holidays = Hours("Europe/Paris", OFFICE.week, ())
        assert warning not in told(reading(5, Unit.WORKING_DAYS, no_holidays), "2028-12-29T10:00")

    def test_an_unknown_start_is_indeterminate(self) -> None:
        texts = [
            step.text.replace(NBSP, " ") for step in explain(reading(60, Unit.ELAPSED), ClockFacts(None))
        ]
        assert texts[-1] == "Le départ n’est pas connu : l’échéance est indéterminée et ne compte pas."


class TestTheSumToldIsTheDueTime:
    @thorough
    @given(st.data(), starts(), st.integers(1, 2500), all_hours(), st.sampled_from(Unit), st.booleans())
    def test_of_any_clock(
        self, data: st.DataObject, start: datetime, amount: int, hours: Hours, unit: Unit, carried: bool
    ) -> None:
        a_reading = reading(
            amount if unit.in_minutes else amount % 40 + 1, unit, hours, suspendable=True, carry_over=carried
        )
        stretches = data.draw(st.just([]) | suspensions(start))
        facts = ClockFacts(start, suspensions=tuple(Suspension(*stretch) for stretch in stretches))
        steps = explain(a_reading, facts)
        reckoning = reckon(a_reading, facts)
        assert reckoning is not None
        added = 0 if unit is Unit.MONTHS else sum(stretch.amount for stretch in reckoning.added)
        assert sum(step.counted for step in steps) == a_reading.delay.amount + added
        assert steps[-1].at == due_at(a_reading, facts)
        assert say_moment(hours.local(reckoning.first_due_at)) in steps[-1].text

    @thorough
    @given(starts(), st.integers(1, 6000), all_hours())
    def test_in_the_very_words_of_service_hours(self, start: datetime, amount: int, hours: Hours) -> None:
        counted = [
            step for step in explain(reading(amount, Unit.WORKING, hours), ClockFacts(start)) if step.counted
        ]
        assert [minutes_told(step) for step in counted] == [step.counted for step in counted]
        assert sum(minutes_told(step) for step in counted) == amount

    def test_no_narrow_space_and_no_straight_apostrophe_is_written(self) -> None:
        facts = ClockFacts(
            paris("2026-03-27T10:00"),
            agreements=(Agreement(paris("2026-04-10T10:00"), paris("2026-03-27T10:00")),),
        )
        for unit in Unit:
            text = " ".join(step.text for step in explain(reading(5, unit, contractual=False), facts))
            assert "\N{NARROW NO-BREAK SPACE}" not in text
            assert "'" not in text
            assert not re.search(r"[^\N{NO-BREAK SPACE}][:;!?%»]", text)


class TestSmallCalendar:
    def days(self, a_reading: Reading, start: str) -> list[list[CalendarDay]]:
        begins = paris(start)
        due = first_due_at(a_reading, ClockFacts(begins))
        assert due is not None
        return calendar_days(a_reading, begins, due)

    def test_shows_whole_weeks_with_what_each_day_gave(self) -> None:
        rows = self.days(reading(480, Unit.WORKING, ALSACE), "2026-04-02T16:30")
        assert [[f"{day.day:%d}" for day in row] for row in rows] == [
            ["30", "31", "01", "02", "03", "04", "05"],
            ["06", "07", "08", "09", "10", "11", "12"],
        ]
        first, second = rows
        assert first[3] == CalendarDay(date(2026, 4, 2), True, None, True, False, 30, True)
        assert first[4] == CalendarDay(date(2026, 4, 3), False, "Vendredi saint", False, False, 0, False)
        assert first[5] == CalendarDay(date(2026, 4, 4), False, None, False, False, 0, False)
        assert second[1] == CalendarDay(date(2026, 4, 7), True, None, False, True, 450, True)
        assert second[2] == CalendarDay(date(2026, 4, 8), True, None, False, False, 0, False)

    def test_marks_the_days_that_a_unit_of_days_counts(self) -> None:
        [week, next_week] = self.days(reading(3, Unit.WORKING_DAYS), "2026-04-30T10:00")
        assert [day.day.day for day in week + next_week if day.counted] == [4, 5, 6]
        assert [day.day.day for day in week if not day.is_open] == [1, 2, 3]

    def test_counts_real_minutes_of_an_elapsed_delay(self) -> None:
        rows = self.days(reading(48 * 60, Unit.ELAPSED), "2026-10-24T10:00")
        assert [day.minutes // 60 for row in rows for day in row if day.minutes] == [14, 25, 9]

    @thorough
    @given(starts(), st.integers(1, 2500), all_hours(), st.sampled_from(Unit))
    def test_its_days_add_up(self, start: datetime, amount: int, hours: Hours, unit: Unit) -> None:
        a_reading = reading(amount if unit.in_minutes else amount % 40 + 1, unit, hours)
        due = first_due_at(a_reading, ClockFacts(start))
        assert due is not None
        days = [day for row in calendar_days(a_reading, start, due) for day in row]
        assert len(days) % 7 == 0
        assert days[0].day.weekday() == 0
        assert [day.is_start for day in days].count(True) == [day.is_due for day in days].count(True) == 1
        if unit.in_minutes:
            assert sum(day.minutes for day in days) == amount
        elif unit is not Unit.MONTHS:
            assert sum(day.counted for day in days) == a_reading.delay.amount


def test_a_night_told_twice_is_counted_twice_and_explained() -> None:
    """Service from 2:00 to 3:00: on the night of 25 hours that hour passes twice."""
    hours = Hours("Europe/Paris", parse_week("dim 02:00-03:00"), ())
    start = datetime.fromisoformat("2026-10-25T00:45+00:00")
    assert naive.after_service(start, 30, hours) == due_at(
        reading(30, Unit.WORKING, hours), ClockFacts(start)
    )
    steps = explain(reading(30, Unit.WORKING, hours), ClockFacts(start))
    assert steps[3].text.replace(NBSP, " ") == "Dimanche 25 octobre : 30 min, de 2 h 45 à 2 h 15."


def test_each_date_agreed_is_told_and_the_last_that_holds_rules() -> None:
    facts = ClockFacts(
        paris("2026-03-10T09:00"),
        agreements=(
            Agreement(paris("2026-04-02T18:00"), paris("2026-03-12T09:00")),
            Agreement(paris("2026-03-31T18:00"), paris("2026-03-13T09:00")),
            Agreement(paris("2026-05-04T18:00"), paris("2026-04-01T09:00")),
        ),
    )
    told = [step.text for step in explain(reading(6, Unit.CALENDAR_DAYS, plannable=True), facts)]
    assert [text.split(". ")[-1] for text in told if text.startswith("Date convenue")] == [
        "Une date convenue ensuite la remplace.",
        "Elle remplace la première échéance.",
        "Convenue après la première échéance, elle ne la remplace pas.",
    ]
