"""Between the moment when a person leaves for ProConnect and the moment when they are back.

Everything that ties the two stands here and not in the cookie: used once, it is used up, whatever copy of the
cookie comes back; and abandoned sign-ins do not make the cookie grow.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from app.accounts.federation_models import ProConnectExchange
from app.accounts.proconnect import Secrets
from app.extensions import db

LIFETIME = timedelta(minutes=15)


@dataclass(frozen=True)
class Begun:
    """A sign-in that comes back: its secrets, and where the person wanted to go."""

    tied: Secrets
    next_path: str


def begin(tied: Secrets, *, browser: str, next_path: str, now: datetime) -> None:
    """Remember that this browser leaves for ProConnect."""
    forget_old_exchanges(now)
    db.session.add(
        ProConnectExchange(
            state_digest=_digest(tied.state),
            browser_digest=_digest(browser),
            nonce=tied.nonce,
            verifier=tied.verifier,
            next_path=next_path,
            created_at=now,
        )
    )


def take(state: str, *, browser: str, now: datetime) -> Begun | None:
    """The sign-in of this browser and state, used up by this call; None when there is none, or no more."""
    mine = (
        ProConnectExchange.state_digest == _digest(state),
        ProConnectExchange.browser_digest == _digest(browser),
        ProConnectExchange.created_at > now - LIFETIME,
        ProConnectExchange.used_at.is_(None),
    )
    row = db.session.scalar(select(ProConnectExchange).where(*mine).with_for_update())
    if row is None:
        return None
    row.used_at = now
    return Begun(Secrets(state, row.nonce, row.verifier), row.next_path)


def keep_id_token(state: str, id_token: str) -> None:
    """No session was opened: remember what ProConnect wants back at logout."""
    db.session.execute(
        update(ProConnectExchange)
        .where(ProConnectExchange.state_digest == _digest(state))
        .values(id_token=id_token)
    )


def take_id_token(browser: str, *, now: datetime) -> str | None:
    """The last one kept for this browser, which is then forgotten."""
    row = db.session.scalar(
        select(ProConnectExchange)
        .where(
            ProConnectExchange.browser_digest == _digest(browser),
            ProConnectExchange.created_at > now - LIFETIME,
            ProConnectExchange.id_token.is_not(None),
        )
        .order_by(ProConnectExchange.created_at.desc())
        .limit(1)
    )
    if row is None:
        return None
    id_token, row.id_token = row.id_token, None
    return id_token


def forget_old_exchanges(now: datetime) -> None:
    """Delete the sign-ins that can come back no more."""
    db.session.execute(delete(ProConnectExchange).where(ProConnectExchange.created_at <= now - LIFETIME))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
