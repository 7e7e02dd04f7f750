"""Links that serve once: a new password, an invitation. Only the digest of their token is stored.

Reading the page of a link uses nothing up, for mail scanners open every link: the form that it shows does.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import CursorResult, delete, select, update

from app.accounts.models import Account, OneTimeLink
from app.extensions import db
from app.kernel.errors import Impossible

PASSWORD_LIFETIME = timedelta(hours=1)
INVITATION_LIFETIME = timedelta(days=7)
_KEPT_AFTER_THE_END = timedelta(days=1)


class Purpose(StrEnum):
    """What a link is for; one link never serves for the other."""

    PASSWORD = "password"  # noqa: S105 - the name of a purpose
    INVITATION = "invitation"


@dataclass(frozen=True)
class Guest:
    """Whoever holds a link that is still good."""

    account_id: int
    name: str
    email: str


class DeadLink(Impossible):
    """The link was used, has expired, was replaced, or never was: all look alike."""

    default_message = (
        "Ce lien ne sert plus\u00a0: il a déjà servi, il est trop ancien ou un autre l’a remplacé."
    )


def make_link(account_id: int, purpose: Purpose, lifetime: timedelta, now: datetime) -> str:
    """The token of a new link; the links for the same purpose that the account had before are worth nothing."""
    db.session.execute(
        delete(OneTimeLink).where(
            OneTimeLink.account_id == account_id,
            OneTimeLink.purpose == purpose,
            OneTimeLink.used_at.is_(None),
        )
    )
    token = secrets.token_urlsafe(32)
    db.session.add(
        OneTimeLink(
            token_digest=_digest(token),
            account_id=account_id,
            purpose=purpose,
            created_at=now,
            expires_at=now + lifetime,
        )
    )
    db.session.flush()
    return token


def guest_of(token: str, purpose: Purpose, now: datetime) -> Guest:
    """Whom the link is for; changes nothing. Raises DeadLink."""
    row = db.session.execute(
        select(Account.id, Account.name, Account.email)
        .join(OneTimeLink, OneTimeLink.account_id == Account.id)
        .where(
            OneTimeLink.token_digest == _digest(token),
            OneTimeLink.purpose == purpose,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now,
            Account.active,
            Account.email.is_not(None),
        )
    ).one_or_none()
    if row is None:
        raise DeadLink
    account_id, name, email = row
    return Guest(account_id, name, email)


def use_link(token: str, purpose: Purpose, now: datetime) -> None:
    """Use the link up. Raises DeadLink, also for the second of two requests at once."""
    used = update(OneTimeLink).where(
        OneTimeLink.token_digest == _digest(token),
        OneTimeLink.purpose == purpose,
        OneTimeLink.used_at.is_(None),
        OneTimeLink.expires_at > now,
    )
    result = db.session.execute(used.values(used_at=now))
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise DeadLink


def void_links_of(account_id: int) -> None:
    """No link of the account serves any more: its password has changed."""
    db.session.execute(
        delete(OneTimeLink).where(OneTimeLink.account_id == account_id, OneTimeLink.used_at.is_(None))
    )


def forget_old_links(now: datetime) -> None:
    """Delete the links that nobody can use any more."""
    db.session.execute(delete(OneTimeLink).where(OneTimeLink.expires_at <= now - _KEPT_AFTER_THE_END))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
