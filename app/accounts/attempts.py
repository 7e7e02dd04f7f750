"""Throttling of the login page, by account and by network address.

A try is counted before the password is looked at, so that many sent at once count as many. What was typed
as an address is counted whether or not it names an account: the answer must not tell.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select

from app.accounts.models import LoginAttempt
from app.accounts.queries import normalised_email
from app.extensions import db

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 10
PER_ADDRESS = 100  # a whole town hall may share one address


def count_attempt(email: str, address: str, *, now: datetime) -> bool:
    """Count one more try; False when there were too many of late for that account or that address.

    A refused try is not counted: whoever waits `WINDOW` gets in again.
    """
    forget_old_attempts(now)
    identifier_digest, address_digest = _digest(normalised_email(email)), _digest(address)
    if (
        _tries(LoginAttempt.identifier_digest == identifier_digest) >= PER_ACCOUNT
        or _tries(LoginAttempt.address_digest == address_digest) >= PER_ADDRESS
    ):
        return False
    db.session.add(
        LoginAttempt(identifier_digest=identifier_digest, address_digest=address_digest, attempted_at=now)
    )
    db.session.flush()
    return True


def forget_attempts(email: str) -> None:
    """The account's owner got in: earlier tries no longer count against it."""
    db.session.execute(
        delete(LoginAttempt).where(LoginAttempt.identifier_digest == _digest(normalised_email(email)))
    )


def forget_old_attempts(now: datetime) -> None:
    """Delete the tries that no longer count."""
    db.session.execute(delete(LoginAttempt).where(LoginAttempt.attempted_at <= now - WINDOW))


def _tries(those: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(LoginAttempt).where(those)) or 0


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
