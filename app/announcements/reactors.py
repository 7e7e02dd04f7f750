"""What announcements do when something happens elsewhere. `factory.py` registers these with the journal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select

from app.announcements import events as e
from app.announcements.following import following
from app.announcements.models import Announcement
from app.announcements.queries import of_ticket, records_of
from app.announcements.rules import fold
from app.announcements.service import follow
from app.announcements.vocabulary import State
from app.extensions import db
from app.journal.models import Event, Subject
from app.tickets import events as t
from app.tickets.models import Ticket
from app.tickets.queries import records_of as records_of_ticket

TICKET = "ticket"


def follow_ticket(subject: Subject, event: Event) -> None:
    """Repeat in its announcement, if it has one, what just happened to a ticket: in the same transaction."""
    if subject.kind != TICKET or event.sequence == 1:
        return
    announcement = of_ticket(subject.partner_id, subject.id)
    if announcement is None:
        return
    facts, records = fold(records_of(announcement.id)), records_of_ticket(subject.id)
    for source, consequence in (*_grouped(announcement, records), *following(facts, records)):
        follow(
            announcement, consequence, at=source.occurred_at, actor_id=event.actor_id, now=event.recorded_at
        )


def _grouped(
    announcement: Announcement, records: Sequence[t.Recorded]
) -> Iterator[tuple[t.Recorded, e.AnnouncementEvent]]:
    """A ticket grouped under another leaves its announcement to that one, unless that one has its own."""
    last = records[-1]
    if not isinstance(last.event, t.DuplicateMarked) or announcement.state != State.PUBLISHED.value:
        return
    main = db.session.execute(
        select(Ticket.id, Ticket.restricted).where(
            Ticket.partner_id == announcement.partner_id, Ticket.reference == last.event.of
        )
    ).one()
    if main.restricted:
        yield last, e.Withdrawn()
    elif of_ticket(announcement.partner_id, main.id) is not None:
        yield last, e.Ended()
    else:
        yield last, e.Entrusted(ticket_id=main.id)
