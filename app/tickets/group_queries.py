"""What is read of a group: the reports under a main ticket, the main ticket of a report, where a ticket might go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, or_, select

from app.accounts.models import Account
from app.accounts.policy import Actor, Permission
from app.extensions import db
from app.partners.models import Structure
from app.tickets.corrections import effective
from app.tickets.events import Commented, DuplicateMarked, Recorded, UserVerdict
from app.tickets.facts import Facts
from app.tickets.fold import fold
from app.tickets.models import Ticket, TicketTool
from app.tickets.queries import records_of, records_of_all, visible
from app.tickets.vocabulary import ENDED, Kind, State

CANDIDATES_AT_MOST = 6


@dataclass(frozen=True, slots=True)
class GroupedReport:
    """A report as the page of its main ticket shows it. `verdict`: what its reporter said of the return, if anything.

    `messages` counts what was written there since it was grouped.
    """

    reference: str
    subject: str
    reporter: str
    structure: str
    filed_at: datetime
    transmitted_at: datetime | None
    verdict: bool | None
    messages: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ticket that may be the main one. `transmitted_at` is None for what France Travail has not been sent."""

    reference: str
    version: int
    subject: str
    kind: Kind
    state: State
    reporter: str
    structure: str
    filed_at: datetime
    transmitted_at: datetime | None
    duplicate_of: str | None
    reports_count: int


def reports_under(actor: Actor, reference: str) -> tuple[GroupedReport, ...]:
    """The tickets followed under this one that the person may read, the first filed first. Two queries."""
    rows = db.session.execute(
        select(
            Ticket.id,
            Ticket.reference,
            Ticket.subject,
            Ticket.filed_at,
            Ticket.transmitted_at,
            Account.name.label("reporter"),
            Structure.name.label("structure"),
        )
        .outerjoin(Account, Account.id == Ticket.reporter_id)
        .outerjoin(Structure, Structure.id == Ticket.structure_id)
        .where(visible(actor), Ticket.duplicate_of == reference)
        .order_by(Ticket.filed_at, Ticket.id)
    ).all()
    records = records_of_all([row.id for row in rows])
    return tuple(
        GroupedReport(
            reference=row.reference,
            subject=row.subject,
            reporter=row.reporter or "",
            structure=row.structure or "",
            filed_at=row.filed_at,
            transmitted_at=row.transmitted_at,
            verdict=_since_grouped(records[row.id])[0],
            messages=_since_grouped(records[row.id])[1],
        )
        for row in rows
    )


def main_facts(actor: Actor, reference: str) -> Facts:
    """The main ticket of a report, for its state: its words are others'. The caller may read the report."""
    ticket_id = db.session.scalars(
        select(Ticket.id).where(Ticket.partner_id == actor.partner_id, Ticket.reference == reference)
    ).one()
    return fold(records_of(ticket_id))


def may_read(actor: Actor, reference: str) -> bool:
    """Whether the person may open that ticket."""
    found = select(Ticket.id).where(Ticket.reference == reference, visible(actor))
    return db.session.scalar(found) is not None


def facts_under(actor: Actor, reference: str) -> list[Facts]:
    """The facts of every report of a main ticket."""
    under = select(Ticket.id).where(Ticket.partner_id == actor.partner_id, Ticket.duplicate_of == reference)
    return [fold(records) for records in records_of_all(db.session.scalars(under).all()).values()]


def candidates_for(actor: Actor, reference: str, kind: Kind, tools: Sequence[str]) -> tuple[Candidate, ...]:
    """The tickets under way that this one might be followed under, the first transmitted first. One query."""
    alike = Ticket.kind == kind.value
    if kind is not Kind.DATA_SUBJECT_REQUEST:
        alike = or_(alike, Ticket.kind == Kind.INCIDENT.value)
    shared = select(TicketTool.ticket_id).where(
        TicketTool.partner_id == actor.partner_id, TicketTool.tool_code.in_(tools)
    )
    return _candidates(
        actor,
        and_(
            Ticket.reference != reference,
            Ticket.state.not_in([state.value for state in ENDED]),
            ~Ticket.restricted,
            alike,
            Ticket.id.in_(shared),
        ),
        CANDIDATES_AT_MOST,
    )


def chosen(actor: Actor, references: Sequence[str]) -> tuple[Candidate, ...]:
    """These tickets, as far as the person may read them, the best main one first. One query."""
    return _candidates(actor, Ticket.reference.in_(references), len(references))


def _candidates(actor: Actor, condition: ColumnElement[bool], at_most: int) -> tuple[Candidate, ...]:
    """Main tickets, then incidents, then the first transmitted, then the first filed."""
    rows = db.session.execute(
        select(
            Ticket.reference,
            Ticket.version,
            Ticket.subject,
            Ticket.kind,
            Ticket.state,
            Account.name.label("reporter"),
            Structure.name.label("structure"),
            Ticket.filed_at,
            Ticket.transmitted_at,
            Ticket.duplicate_of,
            Ticket.reports_count,
        )
        .outerjoin(Account, Account.id == Ticket.reporter_id)
        .outerjoin(Structure, Structure.id == Ticket.structure_id)
        .where(visible(actor, Permission.TICKET_READ_INTERNAL), condition)
        .order_by(
            case((Ticket.duplicate_of.is_(None), 0), else_=1),
            case((Ticket.kind == Kind.INCIDENT.value, 0), else_=1),
            case((_heads_a_group(), 0), else_=1),
            Ticket.transmitted_at.nulls_last(),
            Ticket.filed_at,
            Ticket.id,
        )
        .limit(at_most)
    )
    return tuple(
        Candidate(
            reference=row.reference,
            version=row.version,
            subject=row.subject,
            kind=Kind(row.kind),
            state=State(row.state),
            reporter=row.reporter or "",
            structure=row.structure or "",
            filed_at=row.filed_at,
            transmitted_at=row.transmitted_at,
            duplicate_of=row.duplicate_of,
            reports_count=row.reports_count,
        )
        for row in rows
    )


def _heads_a_group() -> ColumnElement[bool]:
    """A ticket that others are followed under already: what is chosen with it joins them."""
    return Ticket.reports_count - Ticket.plus_ones > 1


def _since_grouped(records: Sequence[Recorded]) -> tuple[bool | None, int]:
    """What the reporter has said of the return, and how many messages were written, since the grouping."""
    verdict, messages = None, 0
    for record in effective(records):
        match record.event:
            case DuplicateMarked():
                verdict, messages = None, 0
            case UserVerdict(works=works):
                verdict = works
            case Commented(internal=False):
                messages += 1
    return verdict, messages
