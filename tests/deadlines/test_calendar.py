from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given

from app.deadlines.calendar import (
    DEFAULT_WEEK,
    HOLIDAY_ZONES,
    Hours,
    Week,
    Window,
    format_week,
    french_holidays,
    holiday_name,
    parse_week,
)
from app.kernel.errors import InvalidInput
from tests.deadlines.material import ALSACE, OFFICE, ROUND_THE_CLOCK, in_paris, thorough, weeks


class TestWindows:
    @pytest.mark.parametrize(("start", "end"), [(-1, 60), (60, 60), (120, 60), (0, 1441)])
    def test_a_window_lies_within_its_day(self, start: int, end: int) -> None:
        with pytest.raises(ValueError, match="window out of its day"):
            Window(start, end)

    def test_a_window_may_reach_midnight(self) -> None:
        assert Window(0, 1440).end == 1440


class TestHours:
    def test_a_week_without_any_service_is_refused(self) -> None:
        with pytest.raises(ValueError, match="service on one of them"):
            Hours("Europe/Paris", ((),) * 7, ())

    def test_a_week_has_seven_days(self) -> None:
        with pytest.raises(ValueError, match="seven days"):
            Hours("Europe/Paris", DEFAULT_WEEK[:5], ())

    def test_windows_that_overlap_are_refused(self) -> None:
        with pytest.raises(ValueError, match="do not overlap"):
            Hours("Europe/Paris", ((Window(540, 720), Window(700, 800)), *[()] * 6), ())

    def test_holidays_out_of_order_are_refused(self) -> None:
        with pytest.raises(ValueError, match="holidays are sorted"):
            Hours("Europe/Paris", DEFAULT_WEEK, (date(2026, 5, 8), date(2026, 5, 1)))

    @pytest.mark.parametrize("zone", ["Europe/Lutèce", "../etc/passwd", "", "Europe"])
    def test_an_unknown_zone_is_refused_in_french(self, zone: str) -> None:
        with pytest.raises(InvalidInput, match="Fuseau horaire inconnu") as refusal:
            Hours(zone, DEFAULT_WEEK, ())
        assert refusal.value.field == "zone"

    def test_a_wall_time_in_the_gap_moves_forward_with_it(self) -> None:
        assert in_paris(OFFICE.instant(date(2026, 3, 29), time(2, 30))) == "2026-03-29T03:30+02:00"

    def test_a_wall_time_that_exists_twice_is_the_first(self) -> None:
        assert in_paris(OFFICE.instant(date(2026, 10, 25), time(2, 30))) == "2026-10-25T02:30+02:00"
        assert in_paris(OFFICE.instant(date(2026, 10, 25), time(2, 30, fold=1))) == "2026-10-25T02:30+02:00"

    def test_service_round_the_clock_is_23_hours_in_spring_and_25_in_autumn(self) -> None:
        hours = Hours("Europe/Paris", ROUND_THE_CLOCK, ())
        lengths = [
            sum((closes - opens).total_seconds() for opens, closes in hours.service_on(day)) / 3600
            for day in (date(2026, 3, 28), date(2026, 3, 29), date(2026, 10, 25))
        ]
        assert lengths == [24, 23, 25]

    def test_service_hours_of_the_day_never_shift_with_the_season(self) -> None:
        opens = [OFFICE.service_on(day)[0][0] for day in (date(2026, 3, 27), date(2026, 3, 30))]
        assert [in_paris(moment)[11:] for moment in opens] == ["09:00+01:00", "09:00+02:00"]

    def test_a_holiday_has_no_service(self) -> None:
        assert OFFICE.service_on(date(2026, 5, 1)) == ()
        assert OFFICE.is_holiday(date(2026, 5, 1))

    def test_working_days_are_monday_to_friday_and_business_days_add_saturday(self) -> None:
        week = [date(2026, 5, day) for day in range(4, 11)]  # Friday 8 May is a holiday
        assert [OFFICE.is_working_day(day) for day in week] == [True] * 4 + [False] * 3
        assert [OFFICE.is_business_day(day) for day in week] == [True] * 4 + [False, True, False]


class TestWeekAsText:
    def test_reads_the_french_words_of_the_settings(self) -> None:
        week = parse_week("lun-ven 09:00-12:00,13:30-17:30; sam 09:00-12:00")
        assert week[0] == week[4] == (Window(540, 720), Window(810, 1050))
        assert week[5] == (Window(540, 720),)
        assert week[6] == ()

    @pytest.mark.parametrize(
        "text",
        [
            "lundi - vendredi 9h-17h",
            "Lun-Ven 09:00 - 17:00 ;",
            "lun,mar, mer-jeu 9:00-17:00; ven. 9 h 00-17 h",
        ],
    )
    def test_is_lenient_with_the_ways_people_write(self, text: str) -> None:
        assert parse_week(text) == DEFAULT_WEEK

    def test_accepts_midnight_at_the_end(self) -> None:
        assert parse_week("lun-dim 00:00-24:00") == ROUND_THE_CLOCK

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("", "indiquez au moins un jour"),
            (" ; ", "indiquez au moins un jour"),
            ("lun-ven", "« lun-ven » doit donner des jours puis des heures"),
            ("09:00-17:00", "doit donner des jours puis des heures"),
            ("mon 09:00-17:00", "le jour « mon » est inconnu"),
            ("ven-lun 09:00-17:00", "« ven-lun » va de vendredi à lundi : inversez les jours"),
            ("lun 09:00-12:00; lun-mar 14:00-17:00", "lundi est donné deux fois"),
            ("lun 09:00", "l’heure « » doit s’écrire comme 09:00"),
            ("lun 9-17", "l’heure « 9 » doit s’écrire comme 09:00"),
            ("lun 09:00-25:00", "l’heure « 25:00 » n’existe pas"),
            ("lun 09:60-12:00", "l’heure « 09:60 » n’existe pas"),
            ("lun 12:00-09:00", "la fin doit venir après le début"),
            ("lun 09:00-12:00,11:00-14:00", "se suivre sans se chevaucher"),
        ],
    )
    def test_says_which_part_is_not_understood(self, text: str, reason: str) -> None:
        with pytest.raises(InvalidInput) as refusal:
            parse_week(text)
        said = refusal.value.message.replace("\N{NO-BREAK SPACE}", " ").replace("«  »", "« »")
        assert said.startswith("Heures de service : ")
        assert reason in said
        assert refusal.value.field == "week"

    def test_writes_the_default_week(self) -> None:
        assert format_week(DEFAULT_WEEK) == "lun-ven 09:00-17:00"

    def test_writes_several_windows_and_single_days(self) -> None:
        text = "lun-mar 09:00-12:00,13:30-17:30; jeu 08:05-24:00"
        assert format_week(parse_week(text)) == text

    @thorough
    @given(weeks())
    def test_every_week_survives_being_written_and_read(self, week: Week) -> None:
        assert parse_week(format_week(week)) == week


class TestHolidays:
    def test_metropolitan_france_keeps_eleven(self) -> None:
        names = french_holidays("metropole", range(2026, 2027))
        assert len(names) == 11
        assert names[date(2026, 4, 6)] == "Lundi de Pâques"
        assert names[date(2026, 1, 1)] == "Jour de l’an"
        assert date(2026, 4, 3) not in names

    def test_alsace_moselle_adds_good_friday_and_the_26th_of_december(self) -> None:
        added = french_holidays("alsace-moselle", range(2026, 2027)).keys() - french_holidays(
            "metropole", range(2026, 2027)
        )
        assert sorted(added) == [date(2026, 4, 3), date(2026, 12, 26)]
        assert ALSACE.is_holiday(date(2027, 3, 26))

    def test_good_friday_is_a_switch(self) -> None:
        days = french_holidays("alsace-moselle", range(2026, 2027), good_friday=False)
        assert date(2026, 4, 3) not in days
        assert date(2026, 12, 26) in days

    def test_overseas_zones_keep_the_abolition_of_slavery(self) -> None:
        dates = {
            zone: [
                f"{day:%d/%m}"
                for day, name in french_holidays(zone, range(2026, 2027)).items()
                if name.startswith("Abolition")
            ]
            for zone in ("guadeloupe", "martinique", "guyane", "la-reunion", "mayotte")
        }
        assert dates == {
            "guadeloupe": ["27/05"],
            "martinique": ["22/05"],
            "guyane": ["10/06"],
            "la-reunion": ["20/12"],
            "mayotte": ["27/04"],
        }

    @pytest.mark.parametrize("zone", HOLIDAY_ZONES)
    def test_every_zone_keeps_the_national_days_in_order(self, zone: str) -> None:
        days = list(french_holidays(zone, range(2025, 2027)))
        assert days == sorted(days)
        assert {date(2025, 7, 14), date(2026, 5, 1), date(2026, 11, 11)} <= set(days)

    def test_two_holidays_on_one_day_are_both_named(self) -> None:
        assert (
            french_holidays("metropole", range(2008, 2009))[date(2008, 5, 1)]
            == "Ascension et Fête du Travail"
        )

    def test_an_unknown_zone_lists_the_known_ones(self) -> None:
        with pytest.raises(InvalidInput, match=r"Zones connues.*metropole, alsace-moselle") as refusal:
            french_holidays("bretagne", range(2026, 2027))
        assert refusal.value.field == "holiday_zone"

    def test_a_holiday_is_named_whatever_its_zone(self) -> None:
        assert holiday_name(date(2026, 12, 26)) == "Saint-Étienne"
        assert holiday_name(date(2026, 7, 14)) == "Fête nationale"
        assert holiday_name(date(2026, 7, 15)) == "jour férié"
