"""How a person wishes to be told: mail or not, and the secret link by which their programs read the announcements."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from app.accounts.models import Account, Membership
from app.accounts.policy import Actor, Permission, Role, actor_holding, can
from app.accounts.queries import IN_FORCE
from app.announcements.models import AnnouncementPreference, FeedLink
from app.announcements.vocabulary import MailChoice
from app.extensions import db
from app.journal.technical import Trace, note
from app.kernel.errors import NotFound
from app.partners.models import Partner

WHAT = "feed-link"


def mail_choice(account_id: int) -> MailChoice:
    chosen = db.session.scalar(
        select(AnnouncementPreference.mail).where(AnnouncementPreference.account_id == account_id)
    )
    return MailChoice(chosen) if chosen else MailChoice.AT_ONCE


def choose_mail(actor: Actor, choice: MailChoice) -> None:
    assert actor.account_id is not None
    db.session.merge(AnnouncementPreference(account_id=actor.account_id, mail=choice))


def link_since(actor: Actor) -> datetime | None:
    """Since when the person has had their present link; None without one."""
    return db.session.scalar(
        select(FeedLink.created_at).where(
            FeedLink.account_id == actor.account_id, FeedLink.partner_id == actor.partner_id
        )
    )


def renew_link(actor: Actor, *, now: datetime, address: str = "") -> str:
    """A new secret, shown this once; the former link opens nothing any more."""
    assert actor.account_id is not None
    token = secrets.token_urlsafe(32)
    db.session.merge(
        FeedLink(
            account_id=actor.account_id,
            partner_id=actor.partner_id,
            token_digest=_digest(token),
            created_at=now,
        )
    )
    _note(actor, now, address, "created")
    return token


def revoke_link(actor: Actor, *, now: datetime, address: str = "") -> None:
    """The link opens nothing any more."""
    db.session.execute(
        delete(FeedLink).where(
            FeedLink.account_id == actor.account_id, FeedLink.partner_id == actor.partner_id
        )
    )
    _note(actor, now, address, "revoked")


@dataclass(frozen=True)
class Reader:
    """Whose link it is, with the rights that they hold today; `since` is when the link was made."""

    actor: Actor
    partner: Partner
    since: datetime


def reader_of(token: str) -> Reader:
    """Raises NotFound for a link that opens nothing."""
    rows = db.session.execute(
        select(FeedLink, Account.name, Membership.role, Membership.structure_id, Partner)
        .join(Account, Account.id == FeedLink.account_id)
        .join(Partner, Partner.id == FeedLink.partner_id)
        .join(
            Membership,
            (Membership.account_id == FeedLink.account_id) & (Membership.partner_id == FeedLink.partner_id),
        )
        .where(FeedLink.token_digest == _digest(token), Account.active, IN_FORCE)
    ).all()
    if not rows:
        raise NotFound
    link, name, _, _, partner = rows[0]
    held = [(Role(row.role), row.structure_id) for row in rows]
    actor = actor_holding(held, account_id=link.account_id, name=name, partner_id=link.partner_id)
    if not can(actor, Permission.ANNOUNCEMENT_READ):
        raise NotFound
    return Reader(actor, partner, link.created_at)


def _note(actor: Actor, now: datetime, address: str, what: str) -> None:
    note(
        Trace.SETTINGS_CHANGED,
        now=now,
        partner_id=actor.partner_id,
        account_id=actor.account_id,
        address=address,
        what=WHAT,
        details={"link": what},
    )


def _digest(token: str) -> str:
    # A token of 256 random bits needs no slow hash.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
