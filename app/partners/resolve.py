"""Which commitment measures a clock: one decision, for shipped profiles and for database rows alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.deadlines.calendar import Hours, french_holidays
from app.deadlines.reading import Reading
from app.kernel.clock import require_aware
from app.kernel.errors import InvalidInput
from app.partners.terms import CLOCKS, TYPES, CommitmentTerms, ConventionTerms


class NoCommitment(InvalidInput):
    """Neither the convention, nor the law, nor a reference objective has a figure for this clock."""

    default_message = "Aucun délai n’est fixé."


class UnknownConvention(InvalidInput):
    default_message = "Convention inconnue."


class Rulebook:
    """The terms of several conventions, and the law. Immutable: build another when the terms change."""

    def __init__(self, conventions: Iterable[ConventionTerms], law: ConventionTerms) -> None:
        self._conventions: Mapping[str, ConventionTerms] = {terms.code: terms for terms in conventions}
        self._law = law
        self._readings: dict[tuple[str, str, CommitmentTerms, int], Reading] = {}

    def convention(self, code: str) -> ConventionTerms:
        """Raises UnknownConvention, which lists those that exist."""
        try:
            return self._conventions[code]
        except KeyError:
            raise UnknownConvention(
                f"Convention inconnue : « {code} ». Conventions connues : {', '.join(sorted(self._conventions))}.",
                field="convention",
            ) from None

    def reading_for(
        self, convention_code: str, clock: str, applies_to: str, started_at: datetime, tool: str | None = None
    ) -> Reading:
        """The reading to measure a clock with when it starts at `started_at` (aware) for `tool`.

        In this order: what the convention says for the tool, what it says for all tools, the law,
        then the same two of the convention whose service levels it borrows as mere objectives
        (`contractual` is False, and `measured_by` names that convention). The law comes before the
        objectives, since an obligation must never be shown as an objective.

        The holidays inside run from the year before the start to the second after it, so that equal
        commitments and start years give one shared reading.

        Raises UnknownConvention, or NoCommitment on the field `clock` or `type`.
        """
        convention = self.convention(convention_code)
        day = _local_day(require_aware(started_at), convention.time_zone)
        for source in self._sources(convention):
            commitment = _pick(source.commitments, clock, applies_to, day, tool)
            if commitment is not None:
                return self._reading(convention, source, commitment, day.year)
        raise self._no_commitment(convention, clock, applies_to)

    def _sources(self, convention: ConventionTerms) -> Iterator[ConventionTerms]:
        """Whose figures count for `convention`, best first. A circle of references ends where it began."""
        yield convention
        yield self._law
        seen = {convention.code}
        code = convention.service_levels_from
        while code is not None and code not in seen:
            seen.add(code)
            borrowed = self.convention(code)
            yield borrowed
            code = borrowed.service_levels_from

    def _reading(
        self, convention: ConventionTerms, source: ConventionTerms, commitment: CommitmentTerms, year: int
    ) -> Reading:
        key = (convention.code, source.code, commitment, year)
        reading = self._readings.get(key)
        if reading is None:
            reading = self._readings[key] = Reading(
                convention=convention.code,
                commitment=commitment.code,
                clock=commitment.clock,
                applies_to=commitment.applies_to,
                owed_by=commitment.owed_by,
                delay=commitment.delay,
                hours=_hours(convention, commitment, year),
                contractual=source is convention or source is self._law,
                measured_by=source.code,
                source=commitment.source,
                plannable=commitment.plannable,
                suspendable=commitment.suspendable,
                carry_over=commitment.carry_over,
                alerts=commitment.alerts,
                tool=commitment.tool,
                term_from=convention.term_from,
                term_to=convention.term_to,
            )
        return reading

    def _no_commitment(self, convention: ConventionTerms, clock: str, applies_to: str) -> NoCommitment:
        if clock not in CLOCKS:
            return NoCommitment(
                f"Horloge inconnue : « {clock} ». Horloges connues : {', '.join(CLOCKS)}.", field="clock"
            )
        if applies_to not in TYPES:
            return NoCommitment(
                f"Type inconnu : « {applies_to} ». Types connus : {', '.join(TYPES)}.", field="type"
            )
        pairs = {
            f"{commitment.clock} ({commitment.applies_to})"
            for source in self._sources(convention)
            for commitment in source.commitments
        }
        return NoCommitment(
            f"Aucun délai n’est fixé pour l’horloge « {clock} » et le type « {applies_to} » à cette date, ni par la "
            f"convention « {convention.code} », ni par la loi, ni par un objectif de référence. "
            f"Horloges et types mesurés : {', '.join(sorted(pairs))}.",
            field="type",
        )


def _pick(
    commitments: Iterable[CommitmentTerms], clock: str, applies_to: str, day: date, tool: str | None
) -> CommitmentTerms | None:
    """The commitment in force on `day`: the tool's own if there is one, else that of every tool."""
    general = None
    for commitment in commitments:
        if not commitment.measures(clock, applies_to) or not commitment.is_valid_on(day):
            continue
        if commitment.tool is None:
            general = commitment
        elif commitment.tool == tool:
            return commitment
    return general


def _hours(convention: ConventionTerms, commitment: CommitmentTerms, year: int) -> Hours:
    """Service hours and holidays of the commitment: its own where it states them, else the convention's.

    A borrowed figure is read with the holidays of the convention that borrows it.
    """
    zone = commitment.holiday_zone or convention.holiday_zone
    holidays = french_holidays(zone, range(year - 1, year + 3), good_friday=convention.good_friday)
    return Hours(convention.time_zone, commitment.week or convention.week, tuple(sorted(holidays)))


def _local_day(moment: datetime, time_zone: str) -> date:
    return moment.astimezone(ZoneInfo(time_zone)).date()
