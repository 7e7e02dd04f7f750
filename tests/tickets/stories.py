"""Telling a ticket's story in a test: events at local times, each guarded as in real life. No database."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from app.deadlines.clocks import ClockState, as_read, due_at, state
from app.partners.profiles import reading_for
from app.tickets import events as e
from app.tickets.clocks import clocks_of
from app.tickets.facts import Facts
from app.tickets.fold import apply, fold
from app.tickets.rules import check, check_correction
from app.tickets.vocabulary import IncidentType, Kind, Severity

PARIS = ZoneInfo("Europe/Paris")


def at(text: str) -> datetime:
    """« 2026-03-10 09:00 » in Paris."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


class Story:
    """A ticket of pas-de-calais-2024, the convention that has figures; filed on a Tuesday at 9:00."""

    def __init__(
        self,
        kind: Kind = Kind.INCIDENT,
        incident_type: IncidentType | None = None,
        *,
        filed: str = "2026-03-10 09:00",
        convention: str = "pas-de-calais-2024",
        since: datetime | None = None,
    ) -> None:
        self.convention = convention
        severity = Severity.INTERRUPTION if incident_type is IncidentType.AVAILABILITY else None
        filing = e.Filed(
            kind=kind,
            subject="Le portail ne répond plus",
            text="Page blanche depuis ce matin.",
            tools=("suivi-de-parcours",),
            structure_id=7,
            reporter_id=40,
            incident_type=incident_type,
            severity=severity,
            convention_id=1,
            since=since,
        )
        self.records: list[e.Recorded] = [e.Recorded(1, filing, at(filed), at(filed), 40)]

    @property
    def facts(self) -> Facts:
        return fold(self.records)

    def then(self, when: str, event: e.TicketEvent, *, typed: str | None = None) -> Story:
        """The event happened at `when`, and was typed then or at `typed`."""
        occurred, recorded = at(when), at(typed or when)
        facts = self.facts
        check(facts, event, occurred, recorded)
        self.records.append(e.Recorded(len(self.records) + 1, event, occurred, recorded, 12))
        return self

    def correct(
        self, sequence: int, *, to: str | None = None, void: bool = False, typed: str = "2026-06-01 09:00"
    ) -> Story:
        event = e.Corrected(
            reason="Heure relue sur le courriel.", occurred_at=at(to) if to else None, void=void
        )
        record = e.Recorded(len(self.records) + 1, event, at(typed), at(typed), 12, corrects=sequence)
        check_correction(self.records, record)
        self.records.append(record)
        return self

    def sequence_of(self, event_type: type[e.TicketEvent]) -> int:
        return next(record.sequence for record in self.records if isinstance(record.event, event_type))

    def clock(self, name: str, now: str = "2026-06-01 09:00") -> tuple[ClockState, datetime | None]:
        """The state and the due time of a clock, as they are at `now`."""
        clock = next(clock for clock in clocks_of(self.facts) if clock.clock == name)
        reading = reading_for(self.convention, clock.clock, clock.applies_to, clock.reckoned_from)
        facts = as_read(reading, clock.facts)
        due = due_at(reading, facts)
        return state(facts, due, at(now)), due

    def clocks(self) -> set[str]:
        return {clock.clock for clock in clocks_of(self.facts)}


def incremental(records: list[e.Recorded]) -> Facts:
    """The facts reached event after event, without corrections: what `fold` must equal."""
    facts: Facts | None = None
    for record in records:
        facts = apply(facts, record)
    assert facts is not None
    return replace(facts, version=records[-1].sequence)


def transmitted(
    incident_type: IncidentType = IncidentType.AVAILABILITY, when: str = "2026-03-10 09:10"
) -> Story:
    return Story(incident_type=incident_type).then(
        when, e.Transmitted(channel="Formulaire Mon Portail Pro", text="…")
    )
