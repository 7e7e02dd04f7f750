"""Telling those concerned by mail, if they wish to be."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import exists, or_, select

from app.accounts.models import Account, Membership
from app.announcements import events as e
from app.announcements.audience import concerns_membership
from app.announcements.models import Announcement, AnnouncementPreference
from app.announcements.queries import records_of
from app.announcements.rules import fold
from app.announcements.vocabulary import MailChoice, State
from app.announcements.wording import heading_of_mail, say_dates, text_of_mail
from app.extensions import db
from app.notifications.service import enqueue_letter
from app.notifications.vocabulary import Family
from app.partners.models import Partner
from app.partners.queries import tools_by_code


class Template(StrEnum):
    """The mails about announcements: folders of `templates/mail/`."""

    ANNOUNCEMENT = "announcement"


def owed(now: datetime) -> list[int]:
    """The keys of the announcements of which someone must be told by now, the oldest first."""
    return list(
        db.session.scalars(
            select(Announcement.id)
            .where(
                Announcement.mail_sequence.is_not(None),
                or_(Announcement.publish_at <= now, Announcement.state == State.WITHDRAWN.value),
            )
            .order_by(Announcement.id)
        )
    )


def tell(announcement_id: int, *, page: str, list_page: str, now: datetime) -> int:
    """Put in the outbox a mail for each person concerned; how many. Told once, whoever tries again.

    `page` is the address of the announcement with « <reference> » in it, `list_page` that of all of them, where
    one is led when the announcement is no longer to be read.
    """
    row = db.session.scalar(
        select(Announcement)
        .where(Announcement.id == announcement_id, Announcement.mail_sequence.is_not(None))
        .with_for_update()
    )
    if row is None:
        return 0
    records = records_of(row.id)
    event = next(record.event for record in records if record.sequence == row.mail_sequence)
    context = _context(row, event, fold(records).content)
    withdrawn = isinstance(event, e.Withdrawn)
    path = list_page if withdrawn else page.replace("<reference>", row.reference)
    told = 0
    for account_id in _recipients(row):
        enqueue_letter(
            account_id=account_id,
            template=Template.ANNOUNCEMENT,
            context=context,
            path=path,
            now=now,
            partner_id=row.partner_id,
            family=Family.ANNOUNCEMENTS,
        )
        told += 1
    row.mail_sequence = None
    return told


def _recipients(row: Announcement) -> Iterable[int]:
    refused = exists().where(
        AnnouncementPreference.account_id == Account.id,
        AnnouncementPreference.mail == MailChoice.NONE.value,
    )
    return db.session.scalars(
        select(Account.id)
        .select_from(Announcement)
        .join(Membership, Membership.partner_id == Announcement.partner_id)
        .join(Account, Account.id == Membership.account_id)
        .where(
            Announcement.id == row.id,
            Account.active,
            Account.email.is_not(None),
            concerns_membership(),
            ~refused,
        )
        .order_by(Account.id)
        .distinct()
    ).all()


def _context(row: Announcement, event: e.AnnouncementEvent, content: e.Content) -> dict[str, object]:
    zone = ZoneInfo(db.session.get_one(Partner, row.partner_id).time_zone)
    return {
        "reference": row.reference,
        "heading": heading_of_mail(event, content.kind),
        "title": content.title,
        "dates": say_dates(content.kind, content.starts_at, content.ends_at, zone),
        "tools": [tool.name for tool in tools_by_code(content.tools)],
        "text": text_of_mail(event, content),
    }
