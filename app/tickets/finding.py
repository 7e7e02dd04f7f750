"""What the one search page shows of tickets: the newest that answer, each with the words that answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.accounts.policy import Actor
from app.extensions import db
from app.journal.models import Event
from app.kernel.excerpt import Piece, excerpt, highlighted
from app.tickets.events import Recorded
from app.tickets.indexing import readable_texts
from app.tickets.listing import ALL, QUEUE_LABELS, Choices, ask, counts, page
from app.tickets.queries import decode
from app.tickets.query_box import Query
from app.tickets.rows import TicketRow

SHOWN_AT_MOST = 8


@dataclass(frozen=True, slots=True)
class FoundTicket:
    """A ticket that answers, with its hits in its subject and in an excerpt of what the reader may read of it."""

    row: TicketRow
    subject: tuple[Piece, ...]
    excerpt: tuple[Piece, ...]


@dataclass(frozen=True)
class TicketAnswer:
    """The newest tickets that answer; how many there are by tab of the queue, COUNTED_AT_MOST + 1 for more.

    `counts` is empty when too many hold the words. `problems` say what of the query was not understood.
    """

    found: tuple[FoundTicket, ...]
    counts: Mapping[str, int]
    problems: tuple[str, ...]
    plain: bool

    @property
    def total(self) -> int | None:
        return self.counts.get(ALL)


def find_tickets(actor: Actor, query: Query, choices: Choices, *, now: datetime) -> TicketAnswer:
    """The tickets that the reader may see and that answer the words and filters of the query. Six queries at most."""
    listing = ask(actor, ALL, query, choices.known, now=now)
    rows = page(listing).rows[:SHOWN_AT_MOST]
    readable = [row for row in rows if row.inside or not row.restricted]
    records = _records([row.id for row in readable])
    found = []
    for row in rows:
        texts = readable_texts(records[row.id], internal=row.inside) if records[row.id] else []
        said = excerpt([text for text in texts if text != row.subject], query.wanted)
        found.append(FoundTicket(row, highlighted(row.subject, query.wanted), said))
    some = counts(listing)
    kept = {tab: some[tab] for tab in QUEUE_LABELS if some.get(tab)}
    return TicketAnswer(tuple(found), kept, listing.problems, listing.plain)


def _records(ticket_ids: Sequence[int]) -> dict[int, list[Recorded]]:
    records: dict[int, list[Recorded]] = defaultdict(list)
    if ticket_ids:
        for key, *event in db.session.execute(
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
            records[key].append(decode(event))
    return records
