"""The second factor of a local account: an authenticator application, and ten codes for the day it is lost.

The secret is stored encrypted, the recovery codes as keyed digests. Of two requests that show the same code at
the same time one is accepted: each acceptance is an update that the other finds done.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CursorResult, delete, func, select, update

from app.accounts.models import RecoveryCode, SecondFactor
from app.accounts.sealing import Unreadable, keyed_digest, seal, unseal
from app.accounts.totp import digits_of, step_of
from app.extensions import db
from app.kernel.errors import InvalidInput
from app.kernel.reference import ALPHABET

RECOVERY_CODES = 10
_GROUPS, _GROUP_LENGTH = 3, 4  # 60 random bits
_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0"})
_SECRET_PURPOSE, _CODE_PURPOSE = "second factor", "recovery code"


@dataclass(frozen=True)
class FactorStatus:
    """What its owner may know of their second factor."""

    confirmed_at: datetime
    codes_left: int


def has_second_factor(account_id: int) -> bool:
    return db.session.get(SecondFactor, account_id) is not None


def status_of(account_id: int) -> FactorStatus | None:
    """None for an account without second factor."""
    factor = db.session.get(SecondFactor, account_id)
    if factor is None or factor.confirmed_at is None:
        return None
    left = select(func.count()).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    return FactorStatus(factor.confirmed_at, db.session.scalar(left) or 0)


def enrol(account_id: int, secret: str, typed: str, *, secret_key: str, now: datetime) -> list[str]:
    """Make `secret` the second factor of the account, in place of the former one; returns new recovery codes.

    Raises InvalidInput when `typed` is not the code that the application shows: it would lock its owner out.
    """
    step = step_of(secret, typed, now)
    if step is None:
        raise InvalidInput(
            "Ce n’est pas le code attendu. Vérifiez que l’heure du téléphone est réglée automatiquement, "
            "puis tapez le code affiché.",
            field="code",
        )
    factor = db.session.get(SecondFactor, account_id) or SecondFactor(account_id=account_id)
    factor.sealed_secret = seal(secret.encode(), secret_key=secret_key, purpose=_purpose(account_id))
    factor.confirmed_at, factor.last_step = now, step
    db.session.add(factor)
    db.session.flush()
    return renew_recovery_codes(account_id, secret_key=secret_key)


def accept(account_id: int, typed: str, *, secret_key: str, now: datetime) -> bool:
    """Whether `typed` proves the second factor: the application's code or a recovery code, each good once.

    Writes that it was used: to be called in a transaction, the try having been counted before.
    """
    if digits_of(typed):
        return _accept_step(account_id, typed, secret_key=secret_key, now=now)
    return _accept_recovery_code(account_id, typed, secret_key=secret_key, now=now)


def renew_recovery_codes(account_id: int, *, secret_key: str) -> list[str]:
    """Ten new codes, the former ones being worth nothing any more. They are shown once: only digests stay."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    db.session.add_all(
        RecoveryCode(account_id=account_id, code_digest=_digest(account_id, code, secret_key))
        for code in codes
    )
    db.session.flush()
    return codes


def remove(account_id: int) -> None:
    """The account has no second factor any more, nor recovery codes."""
    for table in (RecoveryCode, SecondFactor):
        db.session.execute(delete(table).where(table.account_id == account_id))


def _accept_step(account_id: int, typed: str, *, secret_key: str, now: datetime) -> bool:
    factor = db.session.get(SecondFactor, account_id)
    if factor is None:
        return False
    try:
        secret = unseal(factor.sealed_secret, secret_key=secret_key, purpose=_purpose(account_id)).decode()
    except Unreadable:
        return False
    step = step_of(secret, typed, now)
    if step is None:
        return False
    used = update(SecondFactor).where(SecondFactor.account_id == account_id, SecondFactor.last_step < step)
    return _changes_one(db.session.execute(used.values(last_step=step)))


def _accept_recovery_code(account_id: int, typed: str, *, secret_key: str, now: datetime) -> bool:
    used = update(RecoveryCode).where(
        RecoveryCode.account_id == account_id,
        RecoveryCode.code_digest == _digest(account_id, typed, secret_key),
        RecoveryCode.used_at.is_(None),
    )
    return _changes_one(db.session.execute(used.values(used_at=now)))


def _changes_one(result: object) -> bool:
    assert isinstance(result, CursorResult)
    return bool(result.rowcount == 1)


def _new_code() -> str:
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)


def _digest(account_id: int, code: str, secret_key: str) -> str:
    plain = "".join(character for character in code.upper() if character.isalnum()).translate(_READ_AS)
    return keyed_digest(f"{account_id}:{plain}", secret_key=secret_key, purpose=_CODE_PURPOSE)


def _purpose(account_id: int) -> str:
    """Bound to its account: the sealed secret of one is worth nothing in the row of another."""
    return f"{_SECRET_PURPOSE} {account_id}"
