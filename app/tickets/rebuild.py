"""Writing every row again from its events: after an upgrade that added a column, or a repair."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from app.extensions import db
from app.infra.tx import transaction
from app.tickets.fold import fold
from app.tickets.indexing import index_ticket
from app.tickets.models import Ticket
from app.tickets.projection import write
from app.tickets.queries import records_of

BATCH = 200


def rebuild_tickets() -> Iterator[int]:
    """Rewrite rows, clocks and search index, `BATCH` tickets in a transaction; yields how many are done."""
    keys = db.session.scalars(select(Ticket.id).order_by(Ticket.id)).all()
    for start in range(0, len(keys), BATCH):
        with transaction():
            for key in keys[start : start + BATCH]:
                _rebuild(db.session.get_one(Ticket, key))
        yield min(start + BATCH, len(keys))


def _rebuild(ticket: Ticket) -> None:
    records = records_of(ticket.id)
    facts = fold(records)
    write(ticket, facts)
    index_ticket(ticket, None, facts, records)
