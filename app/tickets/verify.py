"""Recomputing every ticket and every clock from the events. No difference is allowed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from itertools import groupby
from typing import Any

from sqlalchemy import or_, select

from app.deadlines.models import Deadline, StoredReading
from app.deadlines.reading import Reading
from app.deadlines.service import (
    Alerted,
    Projected,
    alerted_thresholds,
    readings_by_digest,
    stored_clocks,
)
from app.extensions import db
from app.journal.models import Event, Subject
from app.kernel.errors import DomainError
from app.tickets.facts import Facts
from app.tickets.fold import fold
from app.tickets.group_events import ReportGrouped
from app.tickets.groups import report_of
from app.tickets.models import ActiveWorkaround, ProtectedIdentifier, Ticket, TicketTool
from app.tickets.projection import columns, projected_clocks, stored_tools, stored_workaround
from app.tickets.queries import decode

BATCH = 2_000
# What reading content that was tampered with may raise.
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, DomainError)


@dataclass(frozen=True)
class Difference:
    """What a row says, and what its events say."""

    reference: str
    what: str
    stored: object
    expected: object

    def __str__(self) -> str:
        return (
            f"{self.reference} : {self.what} vaut {self.stored!r}, les événements donnent {self.expected!r}"
        )


def verify_tickets() -> Iterator[Difference]:
    """Every difference between the rows and the events, over all tickets of all partners."""
    yield from _readings()
    rows = db.session.execute(
        select(
            Ticket.id,
            Event.sequence,
            Event.type,
            Event.payload,
            Event.occurred_at,
            Event.recorded_at,
            Event.actor_id,
            Event.corrects,
        )
        .outerjoin(Event, Event.subject_id == Ticket.id)
        .order_by(Ticket.id, Event.sequence)
        .execution_options(yield_per=BATCH)
    )
    groups, alerted = _Groups(), alerted_thresholds()
    identified = set(db.session.scalars(select(ProtectedIdentifier.ticket_id)))
    for ticket_id, group in groupby(rows, key=lambda row: row.id):
        ticket = db.session.get_one(Ticket, ticket_id)
        events = [row[1:] for row in group if row.sequence is not None]
        yield from _differences(
            ticket, events, groups, alerted.get(ticket_id, {}), has_identifier=ticket_id in identified
        )
        db.session.expunge_all()
    yield from groups.differences()
    yield from _strays()
    yield from _strangers()


def _readings() -> Iterator[Difference]:
    """A reading is named by the digest of its content: what was edited no longer bears its name."""
    for stored in db.session.scalars(select(StoredReading)):
        try:
            digest = Reading.from_json(stored.content).digest
        except UNREADABLE as error:
            digest = f"{type(error).__name__} : {error}"
        if digest != stored.digest:
            yield Difference(f"lecture nᵒ {stored.id}", "le contenu", digest, stored.digest)


@dataclass
class _Groups:
    """What each side of the groups says: a report of its main ticket, a main ticket of its reports."""

    said: dict[tuple[str, str], ReportGrouped] = field(default_factory=dict)
    held: dict[tuple[str, str], ReportGrouped] = field(default_factory=dict)

    def note(self, reference: str, facts: Facts) -> None:
        if facts.duplicate_of:
            self.said[facts.duplicate_of, reference] = report_of(reference, facts)
        for report in facts.reports.values():
            self.held[reference, report.reference] = report

    def differences(self) -> Iterator[Difference]:
        for main, report in sorted(self.said.keys() | self.held.keys()):
            held, said = self.held.get((main, report)), self.said.get((main, report))
            if held != said:
                yield Difference(main, f"ce que {report} lui apporte", held, said)


def _differences(
    ticket: Ticket, rows: list[Any], groups: _Groups, alerted: Alerted, *, has_identifier: bool
) -> Iterator[Difference]:
    try:
        facts = fold([decode(row) for row in rows])
        clocks = projected_clocks(facts, readings_by_digest(facts.readings.values()), alerted)
        row = columns(facts, clocks)
    except UNREADABLE as error:
        yield Difference(ticket.reference, "le dossier", "illisible", f"{type(error).__name__} : {error}")
        return
    groups.note(ticket.reference, facts)
    yield from _row_differences(ticket, facts, row)
    yield from _clock_differences(ticket, clocks)
    if has_identifier and not facts.identifier_present:
        yield Difference(ticket.reference, "l’identifiant protégé", "présent", "absent")


def _row_differences(ticket: Ticket, facts: Facts, row: dict[str, Any]) -> Iterator[Difference]:
    for name, expected in row.items():
        stored = getattr(ticket, name)
        if stored != expected:
            yield Difference(ticket.reference, name, stored, expected)
    tools = stored_tools(ticket.id)
    if tools != facts.tools:
        yield Difference(ticket.reference, "tools", tools, facts.tools)
    workaround = stored_workaround(ticket.id)
    if workaround != facts.active_workaround:
        yield Difference(ticket.reference, "le contournement", workaround, facts.active_workaround)


def _clock_differences(ticket: Ticket, clocks: list[Projected]) -> Iterator[Difference]:
    stored = {row.clock: row for row in stored_clocks(ticket.id)}
    expected = {row.clock: row for row in clocks}
    for clock in sorted(stored.keys() | expected.keys()):
        ours, theirs = stored.get(clock), expected.get(clock)
        if ours is None or theirs is None:
            yield Difference(ticket.reference, f"horloge {clock}", _presence(ours), _presence(theirs))
            continue
        for item in fields(Projected):
            if getattr(ours, item.name) != getattr(theirs, item.name):
                what = f"horloge {clock}, {item.name}"
                yield Difference(ticket.reference, what, getattr(ours, item.name), getattr(theirs, item.name))


def _presence(row: Projected | None) -> str:
    return "absente" if row is None else "présente"


def _strays() -> Iterator[Difference]:
    """Chains of tickets that have lost their row, and clocks that have lost their ticket."""
    lost = select(Subject.reference).outerjoin(Ticket, Ticket.id == Subject.id)
    for reference in db.session.scalars(lost.where(Subject.kind == "ticket", Ticket.id.is_(None))):
        yield Difference(reference, "la ligne de la sollicitation", "absente", "présente")
    stray = (
        select(Deadline.id, Deadline.clock)
        .outerjoin(Subject, Subject.id == Deadline.subject_id)
        .where(Subject.id.is_(None))
    )
    for deadline_id, clock in db.session.execute(stray):
        yield Difference(f"horloge nᵒ {deadline_id}", clock, "présente", "absente")


def _strangers() -> Iterator[Difference]:
    """Rows that bear another partner, or another reference, than the chain they belong to."""
    moved = (
        select(Ticket.reference, Ticket.partner_id, Subject.reference, Subject.partner_id)
        .join(Subject, Subject.id == Ticket.id)
        .where(or_(Ticket.reference != Subject.reference, Ticket.partner_id != Subject.partner_id))
    )
    for reference, partner_id, true_reference, true_partner_id in db.session.execute(moved):
        stored, expected = (reference, partner_id), (true_reference, true_partner_id)
        yield Difference(true_reference, "la référence et le partenaire", stored, expected)
    for what, model, subject_id in (
        ("le partenaire d’une horloge", Deadline, Deadline.subject_id),
        ("le partenaire d’un outil", TicketTool, TicketTool.ticket_id),
        ("le partenaire d’un contournement", ActiveWorkaround, ActiveWorkaround.ticket_id),
    ):
        strangers = (
            select(Subject.reference, model.partner_id, Subject.partner_id)
            .join(Subject, Subject.id == subject_id)
            .where(model.partner_id != Subject.partner_id)
        )
        for reference, stored_partner, expected_partner in db.session.execute(strangers):
            yield Difference(reference, what, stored_partner, expected_partner)
