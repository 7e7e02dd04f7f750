"""What of a ticket the search finds, and for whom.

A restricted ticket has no row in the shared index. The protected identifier never enters an event, hence
never the index.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from enum import Enum

from app.infra import search
from app.tickets import events as e
from app.tickets.corrections import effective
from app.tickets.facts import Facts
from app.tickets.models import Ticket

# What the reporter and those of a sharing structure read too; the rest is the desk's.
_PUBLIC: dict[type[e.TicketEvent], frozenset[str]] = {
    e.Filed: frozenset({"subject", "text"}),
    e.Commented: frozenset({"text"}),
    e.UserAsked: frozenset({"text"}),
    e.UserReplied: frozenset({"text"}),
    e.UserVerdict: frozenset({"text"}),
    e.Answered: frozenset({"text"}),
    e.WorkaroundGiven: frozenset({"text", "article_title"}),
    e.Relayed: frozenset({"text", "article_title"}),
    e.FileAttached: frozenset({"name"}),
}
# Codes and keys: nobody looks for these as words.
_NOT_PROSE = frozenset({"clock", "sha256", "public_id", "article"})


def index_ticket(ticket: Ticket, before: Facts | None, after: Facts, records: Sequence[e.Recorded]) -> None:
    """Bring the index up to the events of the ticket, the last of which made `after` of `before`.

    Events are taken as corrected: a voided comment is found no more.
    """
    if after.restricted:
        if before is None or not before.restricted:
            search.remove(search.TICKETS, ticket.id)
    elif before is None or before.restricted or _is_worth_indexing(records[-1].event):
        public, internal = searchable_texts(ticket.reference, records)
        search.index(search.TICKETS, ticket.id, ticket.partner_id, public, internal)


def searchable_texts(reference: str, records: Sequence[e.Recorded]) -> tuple[list[str], list[str]]:
    """What everyone who reads the ticket may find it by, then what only the desk may."""
    public: list[str] = [reference]
    internal: list[str] = []
    for record in effective(records):
        for name, text in _texts(record.event):
            (public if _is_public(record.event, name) else internal).append(text)
    return public, internal


def _is_worth_indexing(event: e.TicketEvent) -> bool:
    """Most events say nothing, and cost the index nothing. A correction may take back what was said."""
    return isinstance(event, e.Corrected) or any(True for _ in _texts(event))


def readable_texts(records: Sequence[e.Recorded], *, internal: bool) -> list[str]:
    """The sentences of the ticket after its subject, for an excerpt: with those of the desk when `internal`."""
    return [
        text
        for record in effective(records)
        for name, text in _texts(record.event)
        if name == "text" and (internal or _is_public(record.event, name))
    ]


def _texts(event: e.TicketEvent) -> Iterable[tuple[str, str]]:
    """The names and values of what was typed in the event."""
    for item in fields(event):
        value = getattr(event, item.name)
        if item.name in _NOT_PROSE or not value:
            continue
        if isinstance(value, dict):
            yield item.name, "\n".join(str(answer) for answer in value.values())
        elif isinstance(value, str) and not isinstance(value, Enum):
            yield item.name, value


def _is_public(event: e.TicketEvent, name: str) -> bool:
    return not getattr(event, "internal", False) and name in _PUBLIC.get(type(event), ())
