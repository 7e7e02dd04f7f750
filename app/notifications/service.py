"""The outbox: put a mail in, take the next one out, say what became of it. Nothing here commits."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from app.extensions import db
from app.journal.models import Subject
from app.notifications.message import Parcel
from app.notifications.models import ERROR_LENGTH, Outbox
from app.notifications.queries import Wish, address_of, wish_of, zone_of
from app.notifications.replies import Addressed
from app.notifications.rules import CLAIM, SERVER_RETRY, forgotten_before, next_attempt, too_old_before
from app.notifications.vocabulary import Family, Pace
from app.partners.models import Partner

# The subjects that answers by mail may be about.
TICKET = "ticket"


def enqueue(
    *,
    partner_id: int,
    subject_id: int,
    sequence: int | None,
    account_id: int,
    template: str,
    context: Mapping[str, Any],
    now: datetime,
    family: Family | None = None,
) -> None:
    """Owe someone a mail about the event `sequence` of a subject, in the transaction of that event.

    Without `sequence` it is about the subject and no event of it, such as time that goes by.

    `template` is a folder of `templates/mail/`, `context` what it needs, as JSON values; with a `family` it leaves
    as the person wishes. Nothing is owed to someone who cannot be written to.
    """
    row = Outbox(
        partner_id=partner_id,
        subject_id=subject_id,
        sequence=sequence,
        account_id=account_id,
        template=template,
        context=dict(context),
    )
    _owe(row, family, now)


def enqueue_letter(
    *,
    account_id: int,
    template: str,
    context: Mapping[str, Any],
    path: str,
    now: datetime,
    partner_id: int | None = None,
    family: Family | None = None,
) -> None:
    """Owe someone a mail that is about no subject: their account, a review to make. `path` is where it leads.

    Without `partner_id` it is sent whether or not they belong to a partner. Nothing is owed to someone who
    cannot be written to.
    """
    row = Outbox(
        partner_id=partner_id, account_id=account_id, template=template, context=dict(context), path=path
    )
    _owe(row, family, now)


def _owe(row: Outbox, family: Family | None, now: datetime) -> None:
    if address_of(row.partner_id, row.account_id) is None:
        return
    row.message_id = secrets.token_hex(16)
    row.created_at = now
    row.family = family
    if family is Family.TICKETS and row.partner_id is not None:
        settle(row, wish_of(row.account_id), now)
    else:
        row.next_attempt_at = now
    db.session.add(row)


def settle(row: Outbox, wish: Wish, now: datetime) -> None:
    """When a mail that nobody has begun to send leaves, as its person wishes."""
    assert row.partner_id is not None, "the hours of a digest are those of a partner"
    row.next_attempt_at = now if wish.pace is Pace.AT_ONCE else None
    row.unwanted = wish.pace is Pace.NONE
    row.held_until = wish.held_until(now, zone_of(row.partner_id))


def take_next(now: datetime) -> Parcel | None:
    """The mail that has been due the longest, kept from other workers for a while; None when none is due."""
    row = db.session.scalar(
        select(Outbox)
        .where(Outbox.next_attempt_at <= now)
        .order_by(Outbox.next_attempt_at, Outbox.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if row is None:
        return None
    row.next_attempt_at = now + CLAIM
    subject = db.session.get_one(Subject, row.subject_id) if row.subject_id is not None else None
    partner = db.session.get_one(Partner, row.partner_id) if row.partner_id is not None else None
    return Parcel(
        id=row.id,
        to=address_of(row.partner_id, row.account_id),
        template=row.template,
        context=row.context,
        reference=subject.reference if subject else None,
        path=row.path,
        partner=partner.name if partner else "",
        message_id=row.message_id,
        created_at=row.created_at,
        partner_id=row.partner_id,
        subject_id=row.subject_id,
        family=Family(row.family) if row.family else None,
        addressed=Addressed(row.account_id, subject.id) if subject and subject.kind == TICKET else None,
    )


def mark_sent(parcel: Parcel, now: datetime) -> None:
    """It has left, and what it told of with it when it is a digest.

    Where a letter leads is forgotten: it may be a link that serves once, a secret.
    """
    row = _row(parcel)
    row.attempts += 1
    row.sent_at, row.next_attempt_at, row.last_error, row.path = now, None, "", ""
    db.session.execute(update(Outbox).where(Outbox.digest_id == row.id).values(sent_at=now, path=""))


def postpone(parcel: Parcel, error: str, now: datetime) -> None:
    """This mail was not accepted: try again, later each time."""
    row = _row(parcel)
    row.attempts += 1
    row.next_attempt_at, row.last_error = next_attempt(row.attempts, now), error[:ERROR_LENGTH]


def wait_for_server(parcel: Parcel, error: str, now: datetime) -> None:
    """No mail can leave: that is no failure of this one, however long it lasts."""
    row = _row(parcel)
    row.next_attempt_at, row.last_error = now + SERVER_RETRY, error[:ERROR_LENGTH]


def give_up(parcel: Parcel, error: str) -> None:
    """This mail will never be accepted."""
    row = _row(parcel)
    row.attempts += 1
    row.next_attempt_at, row.last_error, row.path = None, error[:ERROR_LENGTH], ""


def give_up_what_is_old(now: datetime) -> None:
    """What could not leave for too long is not sent any more; its last error stays beside it."""
    db.session.execute(
        update(Outbox)
        .where(Outbox.next_attempt_at.is_not(None), Outbox.created_at < too_old_before(now))
        .values(next_attempt_at=None, path="")
    )


def forget_old(now: datetime) -> None:
    """Delete the rows that have served: the answers that they repeat live in the tickets."""
    db.session.execute(delete(Outbox).where(Outbox.created_at < forgotten_before(now)))


def _row(parcel: Parcel) -> Outbox:
    return db.session.get_one(Outbox, parcel.id)
