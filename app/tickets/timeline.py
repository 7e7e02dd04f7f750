"""The story of a ticket in French: each event as one entry, for the desk or for the user. Pure.

An entry says what happened, who recorded it, when it happened and, when it differs, when it was recorded.
What was corrected stays to be read, with the correction and its reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.kernel.clock import to_minute
from app.tickets import events as e
from app.tickets.corrections import effective
from app.tickets.public_wording import PUBLIC_WORDS
from app.tickets.wording import Names, Words, words_of

# Corrected where they were said: on the grouped ticket.
_TOLD_BY_THE_REPORT = (e.ReportGrouped, e.ReportDetached)


@dataclass(frozen=True)
class Correction:
    """Why an entry reads otherwise than it was first recorded. `former_time` is None when it was voided."""

    sequence: int
    who: str
    at: datetime
    reason: str
    former_time: datetime | None


@dataclass(frozen=True)
class Entry:
    """One moment of the story. Times are aware instants; `recorded_at` is None when it adds nothing."""

    sequence: int
    words: Words
    who: str
    at: datetime
    recorded_at: datetime | None = None
    voided: bool = False
    completed_after: bool = False
    corrections: tuple[Correction, ...] = ()
    can_be_corrected: bool = False


@dataclass(frozen=True)
class Attached:
    """A file of the ticket, as its event tells it. `size` is in octets."""

    public_id: str
    name: str
    size: int
    internal: bool
    who: str
    at: datetime


@dataclass(frozen=True)
class Caller:
    """One « +1 »: who called, and from which structure when it is known."""

    caller: str
    structure: str
    at: datetime


@dataclass
class _Reading:
    """What the corrections make of the events, by sequence."""

    in_force: Mapping[int, e.Recorded]
    corrections: dict[int, list[e.Recorded]] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Sequence[e.Recorded]) -> _Reading:
        reading = cls({record.sequence: record for record in effective(records)})
        for record in records:
            if record.corrects is not None:
                reading.corrections.setdefault(record.corrects, []).append(record)
        return reading

    def voided(self, record: e.Recorded) -> bool:
        if isinstance(record.event, e.Corrected):
            later = self.corrections.get(record.sequence, ())
            return any(_voids(correction) and not self.voided(correction) for correction in later)
        return record.sequence not in self.in_force


def story(records: Sequence[e.Recorded], names: Names) -> list[Entry]:
    """Every event, for those who work on the ticket: in the order in which it happened, the last one first."""
    reading = _Reading.of(records)
    by_sequence = {record.sequence: record for record in records}
    entries = [_entry(record, reading, by_sequence, names) for record in records]
    return _last_first(entries)


def public_story(records: Sequence[e.Recorded], names: Names) -> list[Entry]:
    """What the user reads: the public conversation and the steps that matter to them, in plain words."""
    entries = [
        Entry(record.sequence, words, names.account(record.actor_id), record.occurred_at)
        for record in effective(records)
        if (words := _public_words(record.event, names)) is not None
    ]
    return _last_first(entries)


def changes_since(records: Sequence[e.Recorded], version: int, names: Names) -> list[Entry]:
    """What was recorded after `version`, the last one first: what a person on a stale page has not read."""
    return [entry for entry in story(records, names) if entry.sequence > version]


def attachments(records: Sequence[e.Recorded], names: Names, *, with_internal: bool) -> list[Attached]:
    """The files of the ticket, in their order of arrival, less those whose event was voided."""
    return [
        Attached(
            event.public_id,
            event.name,
            event.size,
            event.internal,
            names.account(record.actor_id),
            record.occurred_at,
        )
        for record in effective(records)
        if isinstance(event := record.event, e.FileAttached) and (with_internal or not event.internal)
    ]


def callers(records: Sequence[e.Recorded], names: Names) -> list[Caller]:
    """Each « +1 » in force."""
    return [
        Caller(event.caller, names.structure(event.structure_id), record.occurred_at)
        for record in effective(records)
        if isinstance(event := record.event, e.PlusOne)
    ]


def pending_question(records: Sequence[e.Recorded]) -> str:
    """The last question put to the user, if it has no answer yet; empty otherwise."""
    question = ""
    for record in effective(records):
        if isinstance(record.event, e.UserAsked):
            question = record.event.text
        elif isinstance(record.event, e.UserReplied):
            question = ""
    return question


def _last_first(entries: list[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: (to_minute(entry.at), entry.sequence), reverse=True)


def _entry(
    record: e.Recorded, reading: _Reading, by_sequence: Mapping[int, e.Recorded], names: Names
) -> Entry:
    at = reading.in_force.get(record.sequence, record).occurred_at
    voided = reading.voided(record)
    target = by_sequence.get(record.corrects) if record.corrects is not None else None
    return Entry(
        sequence=record.sequence,
        words=words_of(record.event, names, target.event if target else None),
        who=names.account(record.actor_id),
        at=at,
        recorded_at=record.recorded_at if to_minute(record.recorded_at) != to_minute(at) else None,
        voided=voided,
        completed_after=_completed_after(record, reading),
        corrections=tuple(
            _correction(correction, record, names)
            for correction in reading.corrections.get(record.sequence, ())
            if not reading.voided(correction)
        ),
        can_be_corrected=not voided and not isinstance(record.event, _TOLD_BY_THE_REPORT),
    )


def _correction(correction: e.Recorded, corrected: e.Recorded, names: Names) -> Correction:
    assert isinstance(correction.event, e.Corrected)
    return Correction(
        sequence=correction.sequence,
        who=names.account(correction.actor_id),
        at=correction.recorded_at,
        reason=correction.event.reason,
        former_time=None if correction.event.void else corrected.occurred_at,
    )


def _completed_after(record: e.Recorded, reading: _Reading) -> bool:
    """A first diagnosis typed once the ticket was transmitted (domain.md, « The way of a ticket », 3)."""
    if not isinstance(record.event, e.Diagnosed):
        return False
    before = [other.event for sequence, other in reading.in_force.items() if sequence < record.sequence]
    return any(isinstance(event, e.Transmitted) for event in before) and not any(
        isinstance(event, e.Diagnosed) for event in before
    )


def _voids(record: e.Recorded) -> bool:
    return isinstance(record.event, e.Corrected) and record.event.void


def _public_words(event: e.TicketEvent, names: Names) -> Words | None:
    say = PUBLIC_WORDS.get(type(event))
    return say(event, names) if say is not None else None
