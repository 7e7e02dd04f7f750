"""Digests: what was held for an hour that someone chose, told in one mail. Nothing here commits."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.extensions import db
from app.journal.models import Subject
from app.kernel.errors import InvalidInput
from app.notifications.models import Outbox, Preference
from app.notifications.queries import Wish
from app.notifications.service import settle
from app.notifications.vocabulary import HOURS, USUAL_HOURS, Family, Pace

DIGEST = "digest"


@dataclass(frozen=True)
class Told:
    """One event that a digest tells: which mail would have told it. `path` is that of a letter."""

    subject_id: int | None
    reference: str | None
    template: str
    context: dict[str, object]
    path: str
    at: datetime


def choose(account_id: int, pace: Pace, hours: Collection[int], *, now: datetime) -> None:
    """Take note of how someone wishes to read the news of tickets; what is held for them follows.

    Raises InvalidInput for a digest without an hour, or at an hour that is not offered.
    """
    chosen = sorted(set(hours))
    if pace is Pace.DIGEST and not chosen:
        raise InvalidInput("Choisissez au moins une heure pour le résumé.", field="hours")
    if not set(chosen) <= set(HOURS):
        raise InvalidInput("Une des heures n’est pas proposée.", field="hours")
    wish = Wish(pace, tuple(chosen) or USUAL_HOURS)
    db.session.merge(Preference(account_id=account_id, pace=wish.pace, hours=list(wish.hours)))
    held = select(Outbox).where(Outbox.held_until.is_not(None), Outbox.account_id == account_id)
    for row in db.session.scalars(held.with_for_update()):
        settle(row, wish, now)


def due(now: datetime) -> list[tuple[int, int]]:
    """For whom a digest is due: keys of a partner and of an account."""
    rows = select(Outbox.partner_id, Outbox.account_id).where(Outbox.held_until <= now).distinct()
    ordered = rows.order_by(Outbox.partner_id, Outbox.account_id)
    return [(partner_id or 0, account_id) for partner_id, account_id in db.session.execute(ordered)]


def gather(partner_id: int, account_id: int, path: str, now: datetime) -> None:
    """Owe someone one mail for all that was held until now: its row enters with those that it tells.

    `path` is where it leads. Whoever tries at the same time, or again, finds nothing left to gather.
    """
    db.session.scalar(select(Preference).where(Preference.account_id == account_id).with_for_update())
    rows = db.session.scalars(
        select(Outbox)
        .where(Outbox.held_until <= now, Outbox.partner_id == partner_id, Outbox.account_id == account_id)
        .order_by(Outbox.id)
        .with_for_update()
    ).all()
    if not rows:
        return
    digest = Outbox(
        partner_id=partner_id,
        account_id=account_id,
        template=DIGEST,
        context={},
        path=path,
        message_id=secrets.token_hex(16),
        created_at=now,
        next_attempt_at=now,
        family=Family.TICKETS,
    )
    db.session.add(digest)
    db.session.flush()
    for row in rows:
        row.held_until, row.digest_id = None, digest.id


def told_by(digest_id: int) -> list[Told]:
    """What a digest tells, in the order in which it happened."""
    rows = db.session.execute(
        select(Outbox, Subject.reference)
        .outerjoin(Subject, Subject.id == Outbox.subject_id)
        .where(Outbox.digest_id == digest_id)
        .order_by(Outbox.created_at, Outbox.id)
    )
    return [
        Told(row.subject_id, reference, row.template, row.context, row.path, row.created_at)
        for row, reference in rows
    ]
