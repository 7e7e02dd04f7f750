"""Throttling of passwords, codes and requests for a link, by account and by network address.

A try is counted before the password is looked at, so that many sent at once count as many. What was typed
as an address is counted whether or not it names an account: the answer must not tell.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select

from app.accounts.models import Account, LoginAttempt
from app.accounts.queries import normalised_email
from app.extensions import db

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 10
PER_ADDRESS = 100  # a whole town hall may share one address
CODES_PER_ACCOUNT = 5  # a code has six digits only
LINKS_PER_ACCOUNT = 3  # nobody's mailbox is filled from here
# Control characters are cleaned away from what is typed: nobody counts as one thing while trying another.
_NEVER_TYPED = "\x1f"


def count_attempt(email: str, address: str, *, now: datetime) -> bool:
    """Count one more try of a password; False when there were too many of late for that account or that address.

    A refused try is not counted: whoever waits `WINDOW` gets in again.
    """
    return _count(normalised_email(email), address, PER_ACCOUNT, now)


def count_code(account_id: int, address: str, *, now: datetime) -> bool:
    """As `count_attempt`, for a code of the second factor or a password asked again.

    The account's row is locked meanwhile: a code has few digits, and many tries sent at once count one by one.
    """
    db.session.execute(select(Account.id).where(Account.id == account_id).with_for_update())
    return _count(_code_identifier(account_id), address, CODES_PER_ACCOUNT, now)


def count_link(email: str, address: str, *, now: datetime) -> bool:
    """As `count_attempt`, for a link asked by mail."""
    return _count(f"{_NEVER_TYPED}link {normalised_email(email)}", address, LINKS_PER_ACCOUNT, now)


def forget_codes(account_id: int) -> None:
    """The owner has proven themselves: earlier codes no longer count against them."""
    _forget(_code_identifier(account_id))


def _count(identifier: str, address: str, per_account: int, now: datetime) -> bool:
    forget_old_attempts(now)
    identifier_digest, address_digest = _digest(identifier), _digest(address)
    if (
        _tries(LoginAttempt.identifier_digest == identifier_digest) >= per_account
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
    _forget(normalised_email(email))


def forget_old_attempts(now: datetime) -> None:
    """Delete the tries that no longer count."""
    db.session.execute(delete(LoginAttempt).where(LoginAttempt.attempted_at <= now - WINDOW))


def _forget(identifier: str) -> None:
    db.session.execute(delete(LoginAttempt).where(LoginAttempt.identifier_digest == _digest(identifier)))


def _code_identifier(account_id: int) -> str:
    return f"{_NEVER_TYPED}code {account_id}"


def _tries(those: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(LoginAttempt).where(those)) or 0


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
