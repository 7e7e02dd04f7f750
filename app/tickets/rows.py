"""The rows of tickets that lists show: light columns, and one clock each. Two queries for any number of rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, String, and_, cast, func, literal, select
from sqlalchemy.orm import aliased

from app.accounts.models import Account
from app.accounts.policy import Actor, Permission, Reach, reaches
from app.deadlines.clocks import ClockFacts, ClockState, Suspension, state
from app.deadlines.models import Deadline
from app.extensions import db
from app.partners.models import Structure
from app.tickets.models import Ticket, TicketTool
from app.tickets.queries import visible
from app.tickets.vocabulary import (
    CLOCK_LABELS,
    GROUPED_LABEL,
    KIND_LABELS,
    STATE_LABELS,
    TYPE_LABELS,
    USER_STATE_LABELS,
    IncidentType,
    Kind,
    State,
)

SUSPENDED = "suspended"
# As the screens name them (templates/components/clock.html).
CLOCK_STATE_LABELS: Mapping[str, str] = {
    ClockState.RUNNING: "En cours",
    ClockState.OVERDUE: "Dépassée",
    ClockState.MET: "Tenue",
    ClockState.MISSED: "Non tenue",
    ClockState.TO_VERIFY: "À vérifier",
    SUSPENDED: "Suspendue",
    ClockState.CANCELLED: "Annulée",
    ClockState.INDETERMINATE: "Indéterminée",
}
HIDDEN_SUBJECT = "Signalement de sécurité"
_BETWEEN_TOOLS = ","
_AFTER_RANK = ":"


# The main ticket of a row that is followed under another one.
MAIN = aliased(Ticket)


@dataclass(frozen=True, slots=True)
class ClockCell:
    """The clock of a row, as `clock_cell` of templates/components/clock.html shows it.

    `state` is a `ClockState` or « suspended »; `reference`: measured by a reference objective only.
    """

    clock: str
    name: str
    state: str
    started_at: datetime | None
    due_at: datetime | None
    stopped_at: datetime | None
    reference: bool


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One line of a list. Who may not see inside the ticket gets its plain state, and no clock.

    `state_label` is what this reader is told, `plain_label` one of the four states of users; `tools` are codes;
    `at` is what the list is sorted by.
    """

    id: int
    reference: str
    version: int
    subject: str
    nature: str
    state: State
    state_label: str
    plain_label: str
    inside: bool
    restricted: bool
    tools: tuple[str, ...]
    structure: str
    assignee_id: int | None
    assignee: str
    plus_ones: int
    reports_count: int
    duplicate_of: str
    filed_at: datetime
    closed_at: datetime | None
    at: datetime
    clock: ClockCell | None = None


def select_rows(actor: Actor, at: SQLColumnExpression[datetime]) -> Select[Any]:
    """The columns of rows, before any condition: the caller adds `visible(…)`, an order and a limit."""
    assignee = aliased(Account)
    return (
        select(
            Ticket.id,
            Ticket.reference,
            Ticket.version,
            Ticket.subject,
            Ticket.kind,
            Ticket.incident_type,
            Ticket.state,
            Ticket.restricted,
            Ticket.plus_ones,
            Ticket.reports_count,
            Ticket.duplicate_of,
            MAIN.state.label("main_state"),
            Ticket.filed_at,
            Ticket.closed_at,
            Ticket.assignee_id,
            at.label("at"),
            Structure.name.label("structure"),
            assignee.name.label("assignee"),
            _tools().label("tools"),
            _sees(actor, Permission.TICKET_READ).label("readable"),
            _sees(actor, Permission.TICKET_READ_INTERNAL).label("inside"),
        )
        .outerjoin(Structure, Structure.id == Ticket.structure_id)
        .outerjoin(assignee, assignee.id == Ticket.assignee_id)
        .outerjoin(MAIN, and_(MAIN.partner_id == Ticket.partner_id, MAIN.reference == Ticket.duplicate_of))
    )


def fetch(statement: Select[Any], now: datetime) -> list[TicketRow]:
    """The rows of `select_rows(…)`, each with its clock."""
    found = db.session.execute(statement).all()
    clocks = _clocks([row.id for row in found if row.inside])
    return [_row(row, nearest_clock(clocks.get(row.id, ()), now)) for row in found]


def _clocks(ticket_ids: Sequence[int]) -> dict[int, list[Any]]:
    """The stored clocks of these tickets. One query, none without tickets."""
    clocks: dict[int, list[Any]] = defaultdict(list)
    if ticket_ids:
        rows = select(
            Deadline.subject_id,
            Deadline.clock,
            Deadline.contractual,
            Deadline.running,
            Deadline.started_at,
            Deadline.due_at,
            Deadline.stopped_at,
            Deadline.to_verify_at,
            Deadline.cancelled_at,
            Deadline.suspended_at,
        ).where(Deadline.subject_id.in_(ticket_ids))
        for row in db.session.execute(rows):
            clocks[row.subject_id].append(row)
    return clocks


def works_the_desk(actor: Actor) -> bool:
    """Whether some tickets besides those opened to this person by name show them their machinery."""
    return bool(reaches(actor, Permission.TICKET_READ_INTERNAL) - {Reach.NAMED_RESTRICTED})


def _tools() -> ColumnElement[str]:
    """« 0:ouiform,1:portail-emploi »: the ranks go along, since an aggregate promises no order."""
    piece = cast(TicketTool.rank, String) + _AFTER_RANK + TicketTool.tool_code
    return (
        select(func.aggregate_strings(piece, _BETWEEN_TOOLS))
        .where(TicketTool.ticket_id == Ticket.id)
        .correlate(Ticket)
        .scalar_subquery()
    )


def _sees(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    """Whether the permission holds on the row; a constant for whoever reads every unrestricted ticket."""
    if Reach.UNRESTRICTED in reaches(actor, permission) and Reach.RESTRICTED in reaches(actor, permission):
        return literal(True)
    return visible(actor, permission)


def _row(row: Any, clock: ClockCell | None) -> TicketRow:
    own_state = State(row.state)
    return TicketRow(
        id=row.id,
        reference=row.reference,
        version=row.version,
        subject=row.subject if row.readable else HIDDEN_SUBJECT,
        nature=_nature(row.kind, row.incident_type),
        state=own_state,
        state_label=_state_label(row),
        plain_label=_plain_label(row),
        inside=bool(row.inside),
        restricted=row.restricted,
        tools=_tool_codes(row.tools) if row.readable else (),
        structure=row.structure or "",
        assignee_id=row.assignee_id,
        assignee=row.assignee or "",
        plus_ones=row.plus_ones,
        reports_count=row.reports_count,
        duplicate_of=row.duplicate_of or "",
        filed_at=row.filed_at,
        closed_at=row.closed_at,
        at=row.at,
        clock=clock,
    )


def _state_label(row: Any) -> str:
    if not row.inside:
        return _plain_label(row)
    return GROUPED_LABEL if row.duplicate_of else STATE_LABELS[State(row.state)]


def _plain_label(row: Any) -> str:
    """For its reporter, a grouped ticket stands where its main one does."""
    return USER_STATE_LABELS[State(row.main_state or row.state)]


def _nature(kind: str, incident_type: str | None) -> str:
    return TYPE_LABELS[IncidentType(incident_type)] if incident_type else KIND_LABELS[Kind(kind)]


def _tool_codes(aggregated: str | None) -> tuple[str, ...]:
    pieces = [piece.partition(_AFTER_RANK) for piece in (aggregated or "").split(_BETWEEN_TOOLS) if piece]
    return tuple(code for _, _, code in sorted(pieces, key=lambda piece: int(piece[0])))


# --- The clock of a row ----------------------------------------------------------------------------------

# What runs comes before what waits, and what waits before what ended badly, then well.
_RANK: Mapping[str, int] = {
    ClockState.OVERDUE: 0,
    ClockState.RUNNING: 0,
    ClockState.TO_VERIFY: 1,
    SUSPENDED: 2,
    ClockState.MISSED: 3,
    ClockState.MET: 4,
    ClockState.INDETERMINATE: 5,
    ClockState.CANCELLED: 6,
}


def nearest_clock(clocks: Iterable[Any], now: datetime) -> ClockCell | None:
    """The clock to show for a ticket: the one that runs out first, else the one that says most."""
    cells = [_cell(row, now) for row in clocks]
    return min(cells, key=lambda cell: (_RANK[cell.state], cell.due_at or now), default=None)


def _cell(row: Any, now: datetime) -> ClockCell:
    facts = ClockFacts(
        started_at=row.started_at,
        stopped_at=row.stopped_at,
        to_verify_at=row.to_verify_at,
        cancelled_at=row.cancelled_at,
        suspensions=(Suspension(row.suspended_at, None),) if row.suspended_at else (),
    )
    return ClockCell(
        clock=row.clock,
        name=CLOCK_LABELS.get(row.clock, row.clock),
        state=SUSPENDED if row.suspended_at else state(facts, row.due_at, now).value,
        started_at=row.started_at,
        due_at=row.due_at,
        stopped_at=row.stopped_at,
        reference=not row.contractual,
    )
