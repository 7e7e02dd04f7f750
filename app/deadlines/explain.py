"""Why this due time, in French, step by step; and the same on a small calendar.

What is told is what was reckoned: the amounts that the steps count add up to the delay and its suspensions,
and the last step names the due time itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from app.deadlines.calendar import DAY, DAY_NAMES, MINUTE, MINUTES_A_DAY, SATURDAY, holiday_name
from app.deadlines.clocks import (
    Agreement,
    ClockFacts,
    Reckoning,
    agreement_holds,
    agreement_in_force,
    carries_over,
    due_at,
    frozen_since,
    reckon,
)
from app.deadlines.delays import Delay, Unit, add_delay, counts, format_delay, service_minutes, time_between
from app.deadlines.reading import Reading
from app.deadlines.wording import (
    capitalised,
    say_day,
    say_days,
    say_minutes,
    say_moment,
    say_stretches,
    say_week,
)
from app.kernel.clock import to_minute

# Days of an ordinary run beyond which one line tells it whole.
LONG_RUN = 7


@dataclass(frozen=True)
class Step:
    """One sentence of an explanation; `at` (UTC) when it leads to an instant.

    `counted` is what the step takes from the delay: minutes, days or months, as the unit has it.
    """

    text: str
    at: datetime | None = None
    counted: int = 0


def explain(reading: Reading, facts: ClockFacts) -> tuple[Step, ...]:
    """How the due time of a clock comes about, from its start to the result."""
    reckoning, due = reckon(reading, facts), due_at(reading, facts)
    if facts.started_at is None or reckoning is None or due is None:
        return (
            *_the_commitment(reading),
            Step("Le départ n’est pas connu : l’échéance est indéterminée et ne compte pas."),
        )
    start = to_minute(facts.started_at)
    return (
        Step(f"Départ : {_weekday_and_moment(reading, start)}.", start),
        *_the_commitment(reading),
        *_the_suspensions(reading, facts, reckoning),
        *_the_count(reading, start, reckoning),
        *_the_clock_changes(reading, start, reckoning.before_carry_over),
        *_the_carry_over(reading, reckoning),
        *_the_agreements(reading, facts, reckoning),
        *_the_warnings(reading, start, due),
        Step(f"Échéance : {_weekday_and_moment(reading, due)}, cette minute comprise.", due),
    )


def _moment(reading: Reading, moment: datetime) -> str:
    return say_moment(reading.hours.local(moment))


def _weekday_and_moment(reading: Reading, moment: datetime) -> str:
    wall = reading.hours.local(moment)
    return f"{DAY_NAMES[wall.weekday()]} {say_moment(wall)}"


# --- What was promised -----------------------------------------------------------------------------------


def _the_commitment(reading: Reading) -> Iterator[Step]:
    yield Step(f"Délai : {format_delay(reading.delay)}{_how_it_counts(reading)}.")
    if not reading.contractual:
        yield Step(
            f"Objectif de référence, non contractuel : la convention {reading.convention} ne fixe pas ce délai ; "
            f"il est repris de {reading.measured_by} ({reading.source})."
        )
    elif reading.measured_by == reading.convention:
        yield Step(f"Source : convention {reading.convention}, {reading.source}.")
    else:
        yield Step(f"Source : {reading.source}.")


def _how_it_counts(reading: Reading) -> str:
    unit = reading.delay.unit
    if unit is Unit.WORKING:
        return f" : {say_week(reading.hours.week)}, hors jours fériés"
    return _HOW_UNITS_COUNT[unit]


_HOW_UNITS_COUNT = {
    Unit.ELAPSED: ", sans interruption : nuits, fins de semaine et jours fériés comptent",
    Unit.CALENDAR_DAYS: " : tous les jours comptent, et l’heure du départ est gardée",
    Unit.WORKING_DAYS: " : du lundi au vendredi, hors jours fériés ; l’heure du départ est gardée",
    Unit.BUSINESS_DAYS: " : du lundi au samedi, hors jours fériés ; l’heure du départ est gardée",
    Unit.MONTHS: " : même jour du mois, ou le dernier si le mois est plus court ; l’heure du départ est gardée",
}


# --- Suspensions -----------------------------------------------------------------------------------------


def _the_suspensions(reading: Reading, facts: ClockFacts, reckoning: Reckoning) -> Iterator[Step]:
    if facts.suspensions and not reading.suspendable:
        yield Step("Cet engagement ne se suspend pas : les attentes n’ajoutent rien.")
        return
    for added in reckoning.added:
        stretch = f"Suspension du {_moment(reading, added.start)} au {_moment(reading, added.end)}"
        yield Step(f"{stretch} : {_added(reading, added.amount)}.", added.end)
    since = frozen_since(reading, facts)
    if since is not None:
        yield Step(
            f"Suspendue depuis le {_moment(reading, since)} : le temps suspendu s’ajoutera à la reprise.",
            since,
        )


def _added(reading: Reading, amount: int) -> str:
    if amount == 0:
        return "rien à ajouter"
    return f"à compter en plus, {_amount(reading, amount)}"


def _amount(reading: Reading, amount: int) -> str:
    """« 2 h », « 3 jours calendaires »: an amount in the commitment's own unit."""
    unit = reading.delay.unit
    if unit.in_minutes:
        return say_minutes(amount)
    return format_delay(Delay(amount, Unit.CALENDAR_DAYS if unit is Unit.MONTHS else unit))


# --- The count -------------------------------------------------------------------------------------------


def _the_count(reading: Reading, start: datetime, reckoning: Reckoning) -> Iterator[Step]:
    due = reckoning.before_carry_over
    unit = reading.delay.unit
    if unit is Unit.MONTHS:
        yield from _months(reading, start, reckoning)
    elif unit in (Unit.ELAPSED, Unit.CALENDAR_DAYS):
        total = time_between(start, due, unit, reading.hours)
        length = say_minutes(total) if unit is Unit.ELAPSED else _amount(reading, total)
        yield Step(f"{length} après le départ : {_weekday_and_moment(reading, due)}.", due, total)
    else:
        yield from _day_by_day(reading, start, due)


def _months(reading: Reading, start: datetime, reckoning: Reckoning) -> Iterator[Step]:
    due = add_delay(start, reading.delay, reading.hours)
    first, last = reading.hours.day_of(start), reading.hours.day_of(due)
    shorter = "" if first.day == last.day else f" (ce mois n’a pas de {first.day})"
    words = f"{format_delay(reading.delay)} après le départ : {_weekday_and_moment(reading, due)}{shorter}."
    yield Step(words, due, reading.delay.amount)
    days = sum(added.amount for added in reckoning.added)
    if days:
        due = reckoning.before_carry_over
        yield Step(
            f"{_amount(reading, days)} de suspension en plus : {_weekday_and_moment(reading, due)}.", due
        )


def _day_by_day(reading: Reading, start: datetime, due: datetime) -> Iterator[Step]:
    """The days from the start to the due time, each told once: edges and holidays alone, the others in runs."""
    unit, hours = reading.delay.unit, reading.hours
    first, last = hours.day_of(start), hours.day_of(due)
    if unit is not Unit.WORKING:
        first += DAY  # the day of the start is not one of the days that are counted
    for kind, run in groupby(_days(first, last), key=lambda day: _kind(reading, day, first, last)):
        if kind == "edge":
            for day in run:
                yield _edge(reading, day, start, due)
        elif kind == "holiday":
            for day in run:
                yield Step(f"{capitalised(say_day(day))} : {holiday_name(day)}, jour férié, ne compte pas.")
        else:
            yield from _ordinary(reading, list(run))


def _kind(reading: Reading, day: date, first: date, last: date) -> str:
    if reading.hours.is_holiday(day) and _counts_otherwise(reading, day):
        return "holiday"
    is_edge = reading.delay.unit is Unit.WORKING and day in (first, last) and reading.hours.windows_on(day)
    return "edge" if is_edge else "ordinary"


def _counts_otherwise(reading: Reading, day: date) -> bool:
    """Whether a holiday would have counted, were it not one: a holiday on a Sunday is only a Sunday."""
    if reading.delay.unit is Unit.WORKING:
        return bool(reading.hours.week[day.weekday()])
    return day.weekday() < SATURDAY or (
        reading.delay.unit is Unit.BUSINESS_DAYS and day.weekday() == SATURDAY
    )


def _edge(reading: Reading, day: date, start: datetime, due: datetime) -> Step:
    """The first or the last day of service, with the hours that count."""
    hours = reading.hours
    clipped = [(max(opens, start), min(closes, due)) for opens, closes in hours.service_on(day)]
    stretches = [(hours.local(opens), hours.local(closes)) for opens, closes in clipped if opens < closes]
    name = capitalised(say_day(day))
    if not stretches:
        return Step(f"{name} : le service est fini pour la journée.")
    minutes = service_minutes(day, start, due, hours)
    return Step(f"{name} : {say_minutes(minutes)}, {say_stretches(stretches)}.", counted=minutes)


def _ordinary(reading: Reading, days: list[date]) -> Iterator[Step]:
    if len(days) > LONG_RUN:
        yield _run(reading, days)
    else:
        for _, run in groupby(days, key=lambda day: _whole_day(reading, day)):
            yield _run(reading, list(run))


def _whole_day(reading: Reading, day: date) -> int:
    if reading.delay.unit is Unit.WORKING:
        return service_minutes(day, *reading.hours.bounds(day), reading.hours)
    return int(counts(day, reading.delay.unit, reading.hours))


def _run(reading: Reading, days: list[date]) -> Step:
    amounts = [amount for day in days if (amount := _whole_day(reading, day))]
    total = sum(amounts)
    name = capitalised(say_days(days[0], days[-1]))
    if not total:
        none = "pas de service" if reading.delay.unit is Unit.WORKING else "non compté"
        plural = "s" if len(days) > 1 and none == "non compté" else ""
        return Step(f"{name} : {none}{plural}.")
    if reading.delay.unit is not Unit.WORKING or len(amounts) == 1:
        return Step(f"{name} : {_amount(reading, total)}.", counted=total)
    each = f" de {say_minutes(amounts[0])}" if len(set(amounts)) == 1 else ""
    return Step(f"{name} : {len(amounts)} jours de service{each}, soit {say_minutes(total)}.", counted=total)


# --- What may still move the due time --------------------------------------------------------------------


def _the_clock_changes(reading: Reading, start: datetime, due: datetime) -> Iterator[Step]:
    """Each night on which the clocks change between the start and the due time, and what that does."""
    hours, unit = reading.hours, reading.delay.unit
    for day in _days(hours.day_of(start), hours.day_of(due)):
        midnight, next_midnight = hours.bounds(day)
        before, after = hours.local(max(midnight, start)), hours.local(min(next_midnight, due))
        if before.utcoffset() != after.utcoffset():
            length = (next_midnight - midnight) // MINUTE
            season = "d’été" if length < MINUTES_A_DAY else "d’hiver"
            yield Step(
                f"{capitalised(say_day(day))} : passage à l’heure {season}, la journée dure {say_minutes(length)} ; "
                f"{_AFTER_A_CHANGE.get(unit, 'l’échéance garde l’heure affichée au départ')}."
            )
    wanted, given = hours.local(start), hours.local(due)
    if not unit.in_minutes and wanted.time() != given.time():
        yield Step(
            f"{_clock_time(wanted)} n’existe pas cette nuit-là : l’échéance avance à {_clock_time(given)}.",
            due,
        )


_AFTER_A_CHANGE = {
    Unit.ELAPSED: "le délai compte les minutes réelles",
    Unit.WORKING: "les heures de service suivent l’heure affichée",
}


def _clock_time(wall: datetime) -> str:
    return f"{wall.hour} h {wall.minute:02}"


def _the_carry_over(reading: Reading, reckoning: Reckoning) -> Iterator[Step]:
    due = reckoning.first_due_at
    if due == reckoning.before_carry_over:
        return
    closed = reading.hours.day_of(reckoning.before_carry_over)
    reason = f"est férié ({holiday_name(closed)})" if reading.hours.is_holiday(closed) else "n’est pas ouvré"
    yield Step(
        f"Le {say_day(closed)} {reason} : l’échéance est reportée au {_weekday_and_moment(reading, due)}.",
        due,
    )


def _the_agreements(reading: Reading, facts: ClockFacts, reckoning: Reckoning) -> Iterator[Step]:
    if not facts.agreements:
        return
    first = reckoning.first_due_at
    in_force = agreement_in_force(reading, facts, first)
    yield Step(f"Première échéance : {_weekday_and_moment(reading, first)}.", first)
    for agreement in facts.agreements:
        agreed = (
            f"Date convenue le {_moment(reading, agreement.agreed_at)} : {_moment(reading, agreement.due_at)}"
        )
        if agreement is in_force:
            yield Step(f"{agreed}. Elle remplace la première échéance.", to_minute(agreement.due_at))
        else:
            yield Step(f"{agreed}. {_why_it_does_not_hold(reading, agreement, first)}")


def _why_it_does_not_hold(reading: Reading, agreement: Agreement, first: datetime) -> str:
    if not reading.plannable:
        return "Cet engagement ne se planifie pas : elle ne remplace pas la première échéance."
    if agreement_holds(reading, agreement, first):
        return "Une date convenue ensuite la remplace."
    return "Convenue après la première échéance, elle ne la remplace pas."


def _the_warnings(reading: Reading, start: datetime, due: datetime) -> Iterator[Step]:
    hours = reading.hours
    if not reading.in_term(hours.day_of(start)):
        yield Step(
            f"Attention : le départ est hors de la durée de la convention {reading.convention}{_term(reading)}. "
            "L’échéance est calculée malgré tout."
        )
    needs_holidays = reading.delay.unit not in (Unit.ELAPSED, Unit.CALENDAR_DAYS, Unit.MONTHS)
    if (needs_holidays or carries_over(reading)) and hours.holidays and due.year > hours.holidays[-1].year:
        yield Step(
            f"Attention : les jours fériés ne sont connus que jusqu’à la fin de {hours.holidays[-1].year}."
        )


def _term(reading: Reading) -> str:
    """« (du 17/06/2024 au 31/12/2024) », with the bounds that are known."""
    begins = f"à partir du {reading.term_from:%d/%m/%Y}" if reading.term_from else ""
    ends = f"jusqu’au {reading.term_to:%d/%m/%Y}" if reading.term_to else ""
    return f" ({' '.join(filter(None, (begins, ends)))})"


# --- A small calendar ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CalendarDay:
    """A day of the small calendar. `minutes` are those the clock took from it (0 for units of days)."""

    day: date
    is_open: bool
    holiday: str | None
    is_start: bool
    is_due: bool
    minutes: int
    counted: bool


def calendar_days(reading: Reading, start: datetime, due: datetime) -> list[list[CalendarDay]]:
    """Whole weeks, Monday first, from the one of `start` to the one of `due` (aware instants)."""
    start, due = to_minute(start), to_minute(due)
    first, last = reading.hours.day_of(start), reading.hours.day_of(due)
    monday, sunday = first - first.weekday() * DAY, last + (6 - last.weekday()) * DAY
    days = [_calendar_day(reading, day, start, due) for day in _days(monday, sunday)]
    return [days[n : n + 7] for n in range(0, len(days), 7)]


def _calendar_day(reading: Reading, day: date, start: datetime, due: datetime) -> CalendarDay:
    hours, unit = reading.hours, reading.delay.unit
    first, last = hours.day_of(start), hours.day_of(due)
    minutes = _minutes_taken(reading, day, start, due) if unit.in_minutes else 0
    is_open = bool(hours.windows_on(day)) if unit is Unit.WORKING else counts(day, unit, hours)
    return CalendarDay(
        day=day,
        is_open=is_open,
        holiday=holiday_name(day) if hours.is_holiday(day) else None,
        is_start=day == first,
        is_due=day == last,
        minutes=minutes,
        counted=minutes > 0 if unit.in_minutes else is_open and first < day <= last,
    )


def _minutes_taken(reading: Reading, day: date, start: datetime, due: datetime) -> int:
    if reading.delay.unit is Unit.WORKING:
        return service_minutes(day, start, due, reading.hours)
    midnight, next_midnight = reading.hours.bounds(day)
    return max((min(next_midnight, due) - max(midnight, start)) // MINUTE, 0)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + n * DAY for n in range((last - first).days + 1))
