"""Reading announcements one by one, inside `audience.visible` always, partner first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.accounts.policy import Actor
from app.announcements.audience import visible
from app.announcements.events import Recorded
from app.announcements.models import Announcement, AnnouncementTool
from app.announcements.payloads import from_payload
from app.announcements.rules import Facts, fold
from app.announcements.vocabulary import State
from app.extensions import db
from app.journal.models import Event
from app.kernel.errors import NotFound
from app.tickets.models import Ticket
from app.tickets.queries import visible as visible_tickets


def find(actor: Actor, reference: str, now: datetime) -> Announcement:
    """Raises NotFound when it does not exist or must not be known to exist."""
    row = db.session.scalar(
        select(Announcement).where(Announcement.reference == reference, visible(actor, now))
    )
    if row is None:
        raise NotFound
    return row


def find_for_update(actor: Actor, reference: str, now: datetime) -> Announcement:
    """The same for someone about to act: the row is held, and read as it is now. Raises NotFound."""
    row = db.session.scalar(
        select(Announcement)
        .where(Announcement.reference == reference, visible(actor, now))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound
    return row


_RECORDED = (
    Event.sequence,
    Event.type,
    Event.payload,
    Event.occurred_at,
    Event.recorded_at,
    Event.actor_id,
)


def records_of(announcement_id: int) -> list[Recorded]:
    """The events of an announcement in their order of recording. The caller has checked the announcement."""
    rows = db.session.execute(
        select(*_RECORDED).where(Event.subject_id == announcement_id).order_by(Event.sequence)
    )
    return [_decode(*row) for row in rows]


def _decode(
    sequence: int,
    event_type: str,
    payload: Mapping[str, Any] | None,
    occurred_at: datetime,
    recorded_at: datetime,
    actor_id: int | None,
) -> Recorded:
    return Recorded(sequence, from_payload(event_type, payload or {}), occurred_at, recorded_at, actor_id)


def facts_of(announcement_ids: Sequence[int]) -> dict[int, Facts]:
    """Several announcements after their events. The caller has checked them. One query."""
    records: dict[int, list[Recorded]] = {}
    for key, *rest in db.session.execute(
        select(Event.subject_id, *_RECORDED)
        .where(Event.subject_id.in_(announcement_ids))
        .order_by(Event.subject_id, Event.sequence)
    ):
        records.setdefault(key, []).append(_decode(*rest))
    return {key: fold(events) for key, events in records.items()}


def readable_ticket(actor: Actor, ticket_id: int) -> str | None:
    """The reference of the ticket that an announcement was made from, for who may read that ticket."""
    return db.session.scalar(select(Ticket.reference).where(Ticket.id == ticket_id, visible_tickets(actor)))


def of_ticket(partner_id: int, ticket_id: int) -> Announcement | None:
    """The announcement made from a ticket, if one was and stands."""
    return db.session.scalar(
        select(Announcement)
        .where(
            Announcement.partner_id == partner_id,
            Announcement.ticket_id == ticket_id,
            Announcement.state != State.WITHDRAWN.value,
        )
        .order_by(Announcement.id.desc())
        .limit(1)
    )


def tools_of(announcement_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The codes of the tools that each announcement names, in its order."""
    found: dict[int, tuple[str, ...]] = {}
    if announcement_ids:
        for key, code in db.session.execute(
            select(AnnouncementTool.announcement_id, AnnouncementTool.tool_code)
            .where(AnnouncementTool.announcement_id.in_(announcement_ids))
            .order_by(AnnouncementTool.rank)
        ):
            found[key] = (*found.get(key, ()), code)
    return found
