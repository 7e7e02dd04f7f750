"""Reading tickets. Who may see which row is decided here, partner first, so that no caller can forget it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from app.accounts.models import Account, Membership
from app.accounts.policy import Actor, Permission, Reach, Role, reaches
from app.accounts.queries import IN_FORCE
from app.extensions import db
from app.journal.models import Event
from app.kernel.errors import NotFound
from app.partners.models import Structure
from app.partners.structures import using_tools
from app.tickets.events import Recorded
from app.tickets.models import ProtectedIdentifier, Ticket, TicketGrant, TicketTool
from app.tickets.payloads import from_payload
from app.tickets.vocabulary import Kind


@dataclass(frozen=True)
class TicketScope:
    """What the policy looks at (`accounts.policy.Scoped`)."""

    partner_id: int
    kind: str
    restricted: bool
    reporter_id: int | None
    structure_id: int | None
    structure_shares: bool
    shared_with_integrators: bool
    publisher_ids: frozenset[int]
    granted_account_ids: frozenset[int]
    personal_data: bool = False


def _looked_after(actor: Actor) -> ColumnElement[bool]:
    """The tickets that touch a tool of the structures for which the actor is an integrator."""
    if actor.publisher_ids is None:
        return true()
    its_tools = select(TicketTool.tool_code).where(TicketTool.ticket_id == Ticket.id).correlate(Ticket)
    using = using_tools(actor.partner_id, its_tools).where(Structure.id.in_(actor.publisher_ids))
    return using.correlate(Ticket).exists()


_SHARING_STRUCTURES = select(Structure.id).where(Structure.shares_tickets)
_ROWS: Mapping[Reach, Callable[[Actor], ColumnElement[bool]]] = {
    Reach.OWN: lambda actor: and_(~Ticket.restricted, Ticket.reporter_id == actor.account_id),
    Reach.OWN_RESTRICTED: lambda actor: and_(Ticket.restricted, Ticket.reporter_id == actor.account_id),
    Reach.SHARING_STRUCTURE: lambda actor: and_(
        ~Ticket.restricted,
        Ticket.structure_id.in_(actor.structure_ids),
        Ticket.structure_id.in_(_SHARING_STRUCTURES),
    ),
    Reach.SHARED_WITH_INTEGRATORS: lambda actor: and_(
        ~Ticket.restricted, Ticket.integrators_shared, _looked_after(actor)
    ),
    Reach.ACCESS_REQUESTS: lambda actor: and_(~Ticket.restricted, Ticket.kind == Kind.ACCESS.value),
    Reach.DATA_SUBJECT_REQUESTS: lambda actor: and_(
        ~Ticket.restricted, Ticket.kind == Kind.DATA_SUBJECT_REQUEST.value
    ),
    Reach.UNRESTRICTED: lambda actor: ~Ticket.restricted,
    Reach.RESTRICTED: lambda actor: Ticket.restricted.is_(True),
    # No case carries its qualification yet: until it does, none is known to be about personal data.
    Reach.RESTRICTED_PERSONAL_DATA: lambda actor: false(),
    Reach.NAMED_RESTRICTED: lambda actor: and_(
        Ticket.restricted,
        Ticket.id.in_(select(TicketGrant.ticket_id).where(TicketGrant.account_id == actor.account_id)),
    ),
}


def visible(actor: Actor, permission: Permission = Permission.TICKET_READ) -> ColumnElement[bool]:
    """The rows of `Ticket` on which the actor holds the permission: always those of one partner only."""
    own_partner = Ticket.partner_id == actor.partner_id
    if actor.is_system:
        return own_partner
    reached = reaches(actor, permission) & _ROWS.keys()
    if Reach.UNRESTRICTED in reached:
        # What stays inside the unrestricted rows adds nothing, and an OR would cost the index.
        reached &= {Reach.UNRESTRICTED, Reach.OWN_RESTRICTED, Reach.RESTRICTED, Reach.NAMED_RESTRICTED}
    return and_(own_partner, or_(false(), *(_ROWS[reach](actor) for reach in sorted(reached))))


def find(actor: Actor, reference: str, permission: Permission = Permission.TICKET_READ) -> Ticket:
    """The ticket of that reference. Raises NotFound when it does not exist or must not be known to exist."""
    ticket = db.session.scalar(
        select(Ticket).where(Ticket.reference == reference, visible(actor, permission))
    )
    if ticket is None:
        raise NotFound
    return ticket


def find_for_update(actor: Actor, reference: str) -> Ticket:
    """The same for someone about to act: the row is held, and read as it is now. Raises NotFound."""
    ticket = db.session.scalar(
        select(Ticket)
        .where(Ticket.reference == reference, visible(actor, Permission.TICKET_RECEIPT))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if ticket is None:
        raise NotFound
    return ticket


def security_is_open(partner_id: int) -> bool:
    """Whether a security officer is named, and a deputy, who may be the data-protection officer.

    domain.md, « Who »; one of them at least must be able to read every case.
    """
    named = db.session.execute(
        select(Membership.account_id, Membership.role)
        .join(Account, Account.id == Membership.account_id)
        .where(
            Membership.partner_id == partner_id,
            Membership.role.in_([Role.SECURITY_OFFICER, Role.DATA_PROTECTION_OFFICER]),
            Account.active,
            IN_FORCE,
        )
    ).all()
    readers = {account_id for account_id, role in named if role == Role.SECURITY_OFFICER}
    return bool(readers) and len({account_id for account_id, _ in named}) > 1


def scope_of(ticket: Ticket) -> TicketScope:
    """What the policy needs to know of the ticket."""
    shares = ticket.structure_id is not None and db.session.scalar(
        select(Structure.shares_tickets).where(Structure.id == ticket.structure_id)
    )
    granted: frozenset[int] = frozenset()
    if ticket.restricted:
        granted = frozenset(
            db.session.scalars(select(TicketGrant.account_id).where(TicketGrant.ticket_id == ticket.id))
        )
    return TicketScope(
        partner_id=ticket.partner_id,
        kind=ticket.kind,
        restricted=ticket.restricted,
        reporter_id=ticket.reporter_id,
        structure_id=ticket.structure_id,
        structure_shares=bool(shares),
        shared_with_integrators=ticket.integrators_shared,
        publisher_ids=_publishers_of(ticket),
        granted_account_ids=granted,
    )


def _publishers_of(ticket: Ticket) -> frozenset[int]:
    if not ticket.integrators_shared:
        return frozenset()
    its_tools = select(TicketTool.tool_code).where(TicketTool.ticket_id == ticket.id)
    return frozenset(db.session.scalars(using_tools(ticket.partner_id, its_tools)))


def scope_of_subject(actor: Actor, subject_id: int) -> TicketScope:
    """The same for what hangs on a ticket, such as a file. Raises NotFound as `find` does."""
    ticket = db.session.scalar(
        select(Ticket).where(Ticket.id == subject_id, visible(actor, Permission.TICKET_RECEIPT))
    )
    if ticket is None:
        raise NotFound
    return scope_of(ticket)


def records_of(ticket_id: int) -> list[Recorded]:
    """The events of a ticket, decoded, in their order of recording. The caller has checked the ticket."""
    return records_of_all([ticket_id])[ticket_id]


def tools_of_tickets(ticket_ids: Collection[int]) -> dict[int, list[str]]:
    """The codes of the tools of each of these tickets, in the order they were named. One query."""
    tools: dict[int, list[str]] = {ticket_id: [] for ticket_id in ticket_ids}
    if ticket_ids:
        for ticket_id, code in db.session.execute(
            select(TicketTool.ticket_id, TicketTool.tool_code)
            .where(TicketTool.ticket_id.in_(ticket_ids))
            .order_by(TicketTool.rank)
        ):
            tools[ticket_id].append(code)
    return tools


def records_of_all(ticket_ids: Collection[int]) -> dict[int, list[Recorded]]:
    """The same for several tickets. One query."""
    records: dict[int, list[Recorded]] = {ticket_id: [] for ticket_id in ticket_ids}
    for row in db.session.execute(
        select(
            Event.subject_id,
            Event.sequence,
            Event.type,
            Event.payload,
            Event.occurred_at,
            Event.recorded_at,
            Event.actor_id,
            Event.corrects,
        )
        .where(Event.subject_id.in_(ticket_ids))
        .order_by(Event.subject_id, Event.sequence)
    ):
        records[row.subject_id].append(decode(row[1:]))
    return records


def restricted_among(subject_ids: Collection[int]) -> frozenset[int]:
    """Which of these subjects are tickets that are restricted now, for the desk's own use."""
    if not subject_ids:
        return frozenset()
    rows = select(Ticket.id).where(Ticket.id.in_(subject_ids), Ticket.restricted)
    return frozenset(db.session.scalars(rows))


def decode(row: Sequence[object]) -> Recorded:
    """An event row (sequence, type, payload, occurred_at, recorded_at, actor_id, corrects) as a `Recorded`."""
    sequence, event_type, payload, occurred_at, recorded_at, actor_id, corrects = row
    event, readings = from_payload(event_type, payload or {})  # type: ignore[arg-type]
    return Recorded(
        sequence=sequence,  # type: ignore[arg-type]
        event=event,
        occurred_at=occurred_at,  # type: ignore[arg-type]
        recorded_at=recorded_at,  # type: ignore[arg-type]
        actor_id=actor_id,  # type: ignore[arg-type]
        corrects=corrects,  # type: ignore[arg-type]
        readings=readings,
    )


def protected_identifier(ticket_id: int) -> str | None:
    """FT's identifier of the person, for those who hold `protected-field:read` on the ticket."""
    return db.session.scalar(
        select(ProtectedIdentifier.value).where(ProtectedIdentifier.ticket_id == ticket_id)
    )
