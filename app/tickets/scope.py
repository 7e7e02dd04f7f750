"""The tickets that a list may show: `queries.visible`, with a hint that keeps it quick.

Who reads everything walks an index in order. For anyone else that walk would look at every ticket to find a
few, and the databases give up their indexes on the alternatives of `visible`: naming the few first spares it.
The hint only ever narrows; what may be seen is decided by `visible` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Select, case, false, select, true, union

from app.accounts.policy import Actor, Permission, Reach, reaches
from app.partners.models import Structure
from app.tickets.models import Ticket, TicketGrant
from app.tickets.queries import visible
from app.tickets.vocabulary import Kind


def only_listed(
    statement: Select[Any], actor: Actor, permission: Permission = Permission.TICKET_READ
) -> Select[Any]:
    """The statement on `Ticket` kept to the rows on which the actor holds the permission."""
    allowed = visible(actor, permission)
    reached = reaches(actor, permission)
    if actor.is_system or not reached or not reached <= _CANDIDATES.keys():
        return statement.where(allowed)
    candidates = union(*(_CANDIDATES[reach](actor) for reach in sorted(reached)))
    # Inside a CASE no term offers an index of the whole partner: the candidates' keys are what is left.
    return statement.where(Ticket.id.in_(candidates), case((allowed, true()), else_=false()))


Candidates = Select[tuple[int]]


def _of_partner(actor: Actor) -> Candidates:
    return select(Ticket.id).where(Ticket.partner_id == actor.partner_id).correlate(None)


def _of_kind(kind: Kind) -> Callable[[Actor], Candidates]:
    return lambda actor: _of_partner(actor).where(Ticket.kind == kind.value)


# Not UNRESTRICTED: there, every ticket is a candidate.
_CANDIDATES: Mapping[Reach, Callable[[Actor], Candidates]] = {
    Reach.OWN: lambda actor: _of_partner(actor).where(Ticket.reporter_id == actor.account_id),
    Reach.OWN_RESTRICTED: lambda actor: _of_partner(actor).where(Ticket.reporter_id == actor.account_id),
    Reach.SHARING_STRUCTURE: lambda actor: _of_partner(actor).where(
        Ticket.structure_id.in_(
            select(Structure.id).where(Structure.id.in_(actor.structure_ids), Structure.shares_tickets)
        )
    ),
    Reach.SHARED_WITH_INTEGRATORS: lambda actor: _of_partner(actor).where(Ticket.integrators_shared),
    Reach.ACCESS_REQUESTS: _of_kind(Kind.ACCESS),
    Reach.DATA_SUBJECT_REQUESTS: _of_kind(Kind.DATA_SUBJECT_REQUEST),
    Reach.RESTRICTED: lambda actor: _of_partner(actor).where(Ticket.restricted),
    Reach.RESTRICTED_PERSONAL_DATA: lambda actor: _of_partner(actor).where(Ticket.restricted),
    Reach.NAMED_RESTRICTED: lambda actor: select(TicketGrant.ticket_id).where(
        TicketGrant.account_id == actor.account_id
    ),
}
