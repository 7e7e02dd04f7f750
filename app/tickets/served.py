"""The rows of given tickets, for a page that knows them by their key in the journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.accounts.policy import Actor
from app.tickets.models import Ticket
from app.tickets.queries import visible
from app.tickets.rows import TicketRow, fetch, select_rows


def rows_of(actor: Actor, ticket_ids: Sequence[int], now: datetime, *, limit: int = 50) -> list[TicketRow]:
    """Those of these tickets that the actor may read, the last filed first. No query without tickets."""
    if not ticket_ids:
        return []
    query = select_rows(actor, Ticket.filed_at).where(visible(actor), Ticket.id.in_(ticket_ids))
    return fetch(query.order_by(Ticket.filed_at.desc(), Ticket.id.desc()).limit(limit), now)
