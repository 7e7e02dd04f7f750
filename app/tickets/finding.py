"""What the one search page shows of tickets: the newest that answer, each with the words that answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.accounts.policy import Actor
from app.kernel.excerpt import Piece, excerpt, highlighted
from app.tickets.indexing import readable_texts
from app.tickets.listing import ALL, QUEUE_LABELS, Choices, ask, counts, page
from app.tickets.queries import records_of_all
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
    records = records_of_all([row.id for row in readable])
    found = []
    for row in rows:
        texts = readable_texts(records[row.id], internal=row.inside) if row.id in records else []
        said = excerpt([text for text in texts if text != row.subject], query.wanted)
        found.append(FoundTicket(row, highlighted(row.subject, query.wanted), said))
    some = counts(listing)
    kept = {tab: some[tab] for tab in QUEUE_LABELS if some.get(tab)}
    return TicketAnswer(tuple(found), kept, listing.problems, listing.plain)
