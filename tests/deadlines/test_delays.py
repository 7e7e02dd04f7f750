from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.deadlines.calendar import Hours, parse_week
from app.deadlines.delays import (
    Delay,
    Unit,
    add_delay,
    carry_over,
    format_delay,
    parse_delay,
    time_between,
)
from app.kernel.errors import InvalidInput
from tests.deadlines import naive
from tests.deadlines.material import (
    ALSACE,
    OFFICE,
    ROUND_THE_CLOCK,
    all_hours,
    in_paris,
    paris,
    starts,
    thorough,
)

EIGHT_HOURS = Delay(480, Unit.WORKING)
MINUTE = timedelta(minutes=1)
WEEKDAYS = {Unit.CALENDAR_DAYS: 7, Unit.WORKING_DAYS: 5, Unit.BUSINESS_DAYS: 6}


class TestWords:
    @pytest.mark.parametrize(
        ("text", "unit", "amount"),
        [
            ("15 min", Unit.ELAPSED, 15),
            ("8 h", Unit.WORKING, 480),
            ("24 h", Unit.ELAPSED, 1440),
            ("1 h 30 min", Unit.WORKING, 90),
            ("2 heures", Unit.ELAPSED, 120),
            ("6 days", Unit.CALENDAR_DAYS, 6),
            ("1 jour", Unit.WORKING_DAYS, 1),
            (" 5 Jours ", Unit.BUSINESS_DAYS, 5),
            ("1 month", Unit.MONTHS, 1),
            ("2 months", Unit.MONTHS, 2),
            ("3 mois", Unit.MONTHS, 3),
        ],
    )
    def test_reads_what_conventions_and_people_write(self, text: str, unit: Unit, amount: int) -> None:
        assert parse_delay(text, unit) == Delay(amount, unit)

    @pytest.mark.parametrize(
        ("text", "unit", "reason"),
        [
            ("6 days", Unit.WORKING, "en heures ou en minutes"),
            ("6 days", Unit.ELAPSED, "en heures ou en minutes"),
            ("8 h", Unit.CALENDAR_DAYS, "en jours"),
            ("1 month", Unit.WORKING_DAYS, "en jours"),
            ("30 days", Unit.MONTHS, "en mois"),
            ("", Unit.ELAPSED, "en heures ou en minutes"),
            ("vite", Unit.ELAPSED, "en heures ou en minutes"),
            ("-8 h", Unit.WORKING, "en heures ou en minutes"),
            ("1,5 h", Unit.WORKING, "en heures ou en minutes"),
            ("0 h", Unit.ELAPSED, "supérieur à zéro"),
            ("0 jours", Unit.BUSINESS_DAYS, "supérieur à zéro"),
            ("999999 h", Unit.ELAPSED, "dix ans"),
            ("121 mois", Unit.MONTHS, "dix ans"),
            ("9999999 jours", Unit.WORKING_DAYS, "en jours"),
        ],
    )
    def test_refuses_what_does_not_fit_the_unit(self, text: str, unit: Unit, reason: str) -> None:
        with pytest.raises(InvalidInput) as refusal:
            parse_delay(text, unit)
        assert refusal.value.message.startswith(f"Délai «\N{NO-BREAK SPACE}{text}")
        assert reason in refusal.value.message
        assert refusal.value.field == "delay"

    @pytest.mark.parametrize(
        ("amount", "unit", "words"),
        [
            (15, Unit.ELAPSED, "15 minutes"),
            (60, Unit.ELAPSED, "1 heure"),
            (90, Unit.ELAPSED, "1 heure 30 minutes"),
            (2880, Unit.ELAPSED, "48 heures"),
            (1, Unit.WORKING, "1 minute ouvrée de service"),
            (60, Unit.WORKING, "1 heure ouvrée de service"),
            (61, Unit.WORKING, "1 heure 1 minute ouvrées de service"),
            (480, Unit.WORKING, "8 heures ouvrées de service"),
            (1, Unit.CALENDAR_DAYS, "1 jour calendaire"),
            (6, Unit.CALENDAR_DAYS, "6 jours calendaires"),
            (5, Unit.WORKING_DAYS, "5 jours ouvrés"),
            (3, Unit.BUSINESS_DAYS, "3 jours ouvrables"),
            (1, Unit.MONTHS, "1 mois"),
        ],
    )
    def test_says_a_delay_in_french(self, amount: int, unit: Unit, words: str) -> None:
        assert format_delay(Delay(amount, unit)) == words

    def test_a_delay_is_longer_than_nothing(self) -> None:
        with pytest.raises(ValueError, match="longer than nothing"):
            Delay(0, Unit.ELAPSED)


class TestExamplesOfTheConventions:
    """Each example that the domain and the rules give, to the minute."""

    def test_fifteen_minutes_count_at_night_and_on_sundays(self) -> None:
        due = add_delay(paris("2026-05-03T23:55"), Delay(15, Unit.ELAPSED), OFFICE)
        assert in_paris(due) == "2026-05-04T00:10+02:00"

    def test_eight_working_hours_from_nine_end_at_five_the_same_day(self) -> None:
        assert in_paris(add_delay(paris("2026-03-10T09:00"), EIGHT_HOURS, OFFICE)) == "2026-03-10T17:00+01:00"

    def test_eight_working_hours_from_friday_half_past_four_end_on_monday_half_past_four(self) -> None:
        assert in_paris(add_delay(paris("2026-03-13T16:30"), EIGHT_HOURS, OFFICE)) == "2026-03-16T16:30+01:00"

    def test_eight_working_hours_from_saturday_end_on_monday_at_five(self) -> None:
        assert in_paris(add_delay(paris("2026-03-14T11:12"), EIGHT_HOURS, OFFICE)) == "2026-03-16T17:00+01:00"

    def test_eight_working_hours_from_closing_time_begin_at_the_next_opening(self) -> None:
        assert in_paris(add_delay(paris("2026-03-13T17:00"), EIGHT_HOURS, OFFICE)) == "2026-03-16T17:00+01:00"

    def test_eight_working_hours_never_shift_with_the_season(self) -> None:
        assert in_paris(add_delay(paris("2026-03-27T13:00"), EIGHT_HOURS, OFFICE)) == "2026-03-30T13:00+02:00"

    def test_six_days_from_friday_23_october_2026_at_ten_is_thursday_29_at_ten(self) -> None:
        due = add_delay(paris("2026-10-23T10:00"), Delay(6, Unit.CALENDAR_DAYS), OFFICE)
        assert in_paris(due) == "2026-10-29T10:00+01:00"

    def test_working_days_leave_out_week_ends_and_holidays(self) -> None:
        due = add_delay(paris("2026-04-30T10:00"), Delay(3, Unit.WORKING_DAYS), OFFICE)
        assert in_paris(due) == "2026-05-06T10:00+02:00"

    def test_business_days_count_saturdays(self) -> None:
        due = add_delay(paris("2026-04-30T10:00"), Delay(3, Unit.BUSINESS_DAYS), OFFICE)
        assert in_paris(due) == "2026-05-05T10:00+02:00"

    def test_good_friday_counts_in_lille_and_not_in_strasbourg(self) -> None:
        start, day = paris("2026-04-02T10:00"), Delay(1, Unit.WORKING_DAYS)
        assert in_paris(add_delay(start, day, OFFICE)) == "2026-04-03T10:00+02:00"
        assert in_paris(add_delay(start, day, ALSACE)) == "2026-04-07T10:00+02:00"

    @pytest.mark.parametrize(
        ("start", "due"),
        [
            ("2026-04-15T10:00", "2026-05-15T10:00+02:00"),
            ("2026-01-31T10:00", "2026-02-28T10:00+01:00"),
            ("2028-01-31T10:00", "2028-02-29T10:00+01:00"),
            ("2026-12-31T10:00", "2027-01-31T10:00+01:00"),
        ],
    )
    def test_a_month_ends_on_the_same_date_or_on_the_last_day(self, start: str, due: str) -> None:
        assert in_paris(add_delay(paris(start), Delay(1, Unit.MONTHS), OFFICE)) == due

    def test_a_wall_time_that_does_not_exist_moves_forward_with_the_gap(self) -> None:
        due = add_delay(paris("2026-03-28T02:30"), Delay(1, Unit.CALENDAR_DAYS), OFFICE)
        assert in_paris(due) == "2026-03-29T03:30+02:00"

    def test_a_wall_time_that_exists_twice_is_the_first(self) -> None:
        due = add_delay(paris("2026-10-24T02:30"), Delay(1, Unit.CALENDAR_DAYS), OFFICE)
        assert in_paris(due) == "2026-10-25T02:30+02:00"

    def test_seconds_are_cut_off(self) -> None:
        start = datetime(2026, 3, 10, 8, 0, 59, 999999, tzinfo=UTC)
        assert add_delay(start, Delay(15, Unit.ELAPSED), OFFICE) == datetime(2026, 3, 10, 8, 15, tzinfo=UTC)

    def test_several_windows_a_day(self) -> None:
        hours = Hours("Europe/Paris", parse_week("lun-ven 09:00-12:00,13:30-17:30; sam 09:00-12:00"), ())
        assert in_paris(add_delay(paris("2026-03-13T11:30"), EIGHT_HOURS, hours)) == "2026-03-16T09:30+01:00"

    def test_a_naive_start_is_refused(self) -> None:
        with pytest.raises(ValueError, match="naive datetime"):
            add_delay(datetime(2026, 3, 10, tzinfo=UTC).replace(tzinfo=None), EIGHT_HOURS, OFFICE)


class TestAgainstTheNaiveReckoning:
    @thorough
    @given(starts(), st.integers(1, 3000), all_hours())
    def test_elapsed(self, start: datetime, amount: int, hours: Hours) -> None:
        minute = start
        for _ in range(amount):
            minute += MINUTE
        due = add_delay(start, Delay(amount, Unit.ELAPSED), hours)
        assert due == minute
        assert time_between(start, due, Unit.ELAPSED, hours) == amount

    @thorough
    @given(starts(), st.integers(1, 1500), all_hours())
    def test_working(self, start: datetime, amount: int, hours: Hours) -> None:
        due = add_delay(start, Delay(amount, Unit.WORKING), hours)
        assert due == naive.after_service(start, amount, hours)
        assert time_between(start, due, Unit.WORKING, hours) == amount

    @thorough
    @given(starts(), st.integers(0, 6000), all_hours())
    def test_working_time_between(self, start: datetime, minutes: int, hours: Hours) -> None:
        end = start + minutes * MINUTE
        assert time_between(start, end, Unit.WORKING, hours) == naive.service_between(start, end, hours)

    @thorough
    @given(starts(), st.integers(1, 12), st.sampled_from(list(WEEKDAYS)), all_hours())
    def test_days(self, start: datetime, amount: int, unit: Unit, hours: Hours) -> None:
        wall = start.astimezone(hours.timezone)
        day = naive.day_after(wall.date(), amount, WEEKDAYS[unit], hours.holidays)
        due = add_delay(start, Delay(amount, unit), hours)
        assert due == naive.first_minute_at(day, wall.time(), hours.zone)
        assert time_between(start, due, unit, hours) == amount

    @thorough
    @given(starts(), st.integers(1, 30), all_hours())
    def test_months(self, start: datetime, amount: int, hours: Hours) -> None:
        wall = start.astimezone(hours.timezone)
        year, month = wall.year, wall.month
        for _ in range(amount):
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        day = wall.day
        while day:
            try:
                last = date(year, month, day)
                break
            except ValueError:
                day -= 1
        due = add_delay(start, Delay(amount, Unit.MONTHS), hours)
        assert due == naive.first_minute_at(last, wall.time(), hours.zone)

    @thorough
    @given(starts(), st.integers(0, 20000), st.sampled_from(list(WEEKDAYS)), all_hours())
    def test_days_between(self, start: datetime, minutes: int, unit: Unit, hours: Hours) -> None:
        end = start + minutes * MINUTE
        first, last = start.astimezone(hours.timezone).date(), end.astimezone(hours.timezone).date()
        expected = 0
        while first < last:
            first += timedelta(days=1)
            expected += naive.counts(first, WEEKDAYS[unit], hours.holidays)
        assert time_between(start, end, unit, hours) == expected


class TestTimeBetween:
    @pytest.mark.parametrize("unit", Unit)
    def test_nothing_lies_between_an_instant_and_an_earlier_one(self, unit: Unit) -> None:
        assert time_between(paris("2026-03-12T10:00"), paris("2026-03-10T10:00"), unit, OFFICE) == 0

    def test_months_are_measured_in_calendar_days(self) -> None:
        assert time_between(paris("2026-03-10T10:00"), paris("2026-03-14T09:00"), Unit.MONTHS, OFFICE) == 4

    def test_round_the_clock_service_is_real_time(self) -> None:
        hours = Hours("Europe/Paris", ROUND_THE_CLOCK, ())
        span = paris("2026-10-24T00:00"), paris("2026-10-26T00:00")
        assert time_between(*span, Unit.WORKING, hours) == time_between(*span, Unit.ELAPSED, hours) == 49 * 60


class TestCarryOver:
    def test_a_saturday_goes_to_monday_at_the_same_wall_time(self) -> None:
        assert in_paris(carry_over(paris("2026-10-24T10:00"), OFFICE)) == "2026-10-26T10:00+01:00"

    def test_a_holiday_before_a_week_end_goes_past_both(self) -> None:
        assert in_paris(carry_over(paris("2026-05-01T10:00"), OFFICE)) == "2026-05-04T10:00+02:00"

    def test_a_working_day_stays(self) -> None:
        assert in_paris(carry_over(paris("2026-05-04T10:00"), OFFICE)) == "2026-05-04T10:00+02:00"

    @thorough
    @given(starts(), all_hours())
    def test_is_the_first_working_day_not_before(self, due: datetime, hours: Hours) -> None:
        wall = due.astimezone(hours.timezone)
        day = wall.date()
        while not naive.counts(day, 5, hours.holidays):
            day += timedelta(days=1)
        moved = naive.first_minute_at(day, wall.time(), hours.zone)
        assert carry_over(due, hours) == (due if day == wall.date() else moved)
