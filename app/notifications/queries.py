"""Who can be written to and how they wish to be; how the outbox is doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from sqlalchemy import and_, case, exists, func, select

from app.accounts.models import Account, Membership
from app.extensions import db
from app.notifications.models import Outbox, Preference
from app.notifications.rules import next_digest
from app.notifications.vocabulary import USUAL_HOURS, Pace
from app.partners.models import Partner

WAITING = Outbox.next_attempt_at.is_not(None)
HELD = Outbox.held_until.is_not(None)
GIVEN_UP = and_(
    Outbox.next_attempt_at.is_(None),
    Outbox.sent_at.is_(None),
    Outbox.held_until.is_(None),
    Outbox.digest_id.is_(None),
    ~Outbox.unwanted,
)


@dataclass(frozen=True)
class Wish:
    """How someone wishes to read the news of tickets; `hours` are those of their digests, in order."""

    pace: Pace
    hours: tuple[int, ...]

    def held_until(self, now: datetime, zone: tzinfo) -> datetime | None:
        """When what happens now will be told; None when no digest is wished for."""
        return next_digest(self.hours, now, zone) if self.pace is Pace.DIGEST else None


@dataclass(frozen=True)
class OutboxCounts:
    """How many mails wait to leave, are held for a digest, and were given up among the rows still kept."""

    waiting: int
    held: int
    given_up: int
    oldest: datetime | None


def address_of(partner_id: int | None, account_id: int) -> str | None:
    """Where to write to someone; None without an address, once closed, or once they have left the partner.

    Without a partner the letter is about the account itself: its password, its arrival.
    """
    query = select(Account.email).where(Account.id == account_id, Account.active)
    if partner_id is not None:
        query = query.where(
            exists().where(Membership.partner_id == partner_id, Membership.account_id == Account.id)
        )
    return db.session.scalar(query)


def wish_of(account_id: int) -> Wish:
    """How this person wishes to read the news of tickets: at once unless they have chosen."""
    row = db.session.get(Preference, account_id)
    return Wish(Pace(row.pace), tuple(row.hours)) if row else Wish(Pace.AT_ONCE, USUAL_HOURS)


def zone_of(partner_id: int) -> tzinfo:
    """The zone of the partner's walls."""
    return ZoneInfo(db.session.get_one(Partner, partner_id).time_zone)


def outbox_counts() -> OutboxCounts:
    """How the outbox is doing. One query."""
    counted = select(
        *(func.count(case((condition, 1))) for condition in (WAITING, HELD, GIVEN_UP)),
        func.min(case((WAITING, Outbox.created_at))),
    )
    return OutboxCounts(*db.session.execute(counted).one())
