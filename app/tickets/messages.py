"""Who is told what when something happens to a ticket."""

from __future__ import annotations

from app.tickets.events import Recorded
from app.tickets.facts import Facts
from app.tickets.models import Ticket


def notify(ticket: Ticket, before: Facts | None, after: Facts, record: Recorded) -> None:
    """Queue the mails that this event owes to the people it matters to."""
