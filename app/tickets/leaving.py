"""What someone had in hand when they lose a right or leave: their tickets wait for somebody again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select

from app.accounts.policy import Actor, Permission, can, system_actor
from app.accounts.queries import roles_of
from app.extensions import db
from app.tickets import events as e
from app.tickets.models import Ticket, TicketGrant
from app.tickets.queries import scope_of
from app.tickets.service import perform
from app.tickets.vocabulary import OPEN, Kind

_HANDLING = (Permission.TICKET_HANDLE, Permission.TICKET_HANDLE_ACCESS)
_OPEN_STATES = sorted(state.value for state in OPEN)


def free_tickets(partner_id: int, account_id: int, *, now: datetime) -> int:
    """Take from someone the open tickets that their roles let them handle no more; how many there were.

    Each is an event of its ticket, by the desk itself. Without any role left, the restricted tickets that were
    opened to them by name are closed to them too.
    """
    roles = roles_of(account_id, partner_id)
    person = Actor(account_id=account_id, name="", partner_id=partner_id, roles=roles)
    freed = 0
    for ticket in db.session.scalars(
        select(Ticket)
        .where(
            Ticket.partner_id == partner_id,
            Ticket.assignee_id == account_id,
            Ticket.state.in_(_OPEN_STATES),
        )
        .order_by(Ticket.id)
    ).all():
        scope = scope_of(ticket)
        if not any(can(person, permission, scope) for permission in _HANDLING):
            perform(ticket.reference, e.Assigned(assignee_id=None), actor=system_actor(partner_id), now=now)
            freed += 1
    if not roles:
        of_partner = select(Ticket.id).where(Ticket.partner_id == partner_id)
        db.session.execute(
            delete(TicketGrant).where(
                TicketGrant.account_id == account_id, TicketGrant.ticket_id.in_(of_partner)
            )
        )
    return freed


def tickets_in_hand(partner_id: int, account_id: int) -> int:
    """How many open tickets someone is responsible for in the partner."""
    query = select(func.count()).where(
        Ticket.partner_id == partner_id, Ticket.assignee_id == account_id, Ticket.state.in_(_OPEN_STATES)
    )
    return db.session.scalar(query) or 0


def access_requests_open(partner_id: int) -> int:
    """How many requests of access of the partner are not ended: the queue of the account managers."""
    query = select(func.count()).where(
        Ticket.partner_id == partner_id,
        Ticket.kind == Kind.ACCESS.value,
        ~Ticket.restricted,
        Ticket.state.in_(_OPEN_STATES),
    )
    return db.session.scalar(query) or 0
