"""Between the password and the second factor: what the browser carries, encrypted, for ten minutes.

Nothing is stored: half a login opens nothing. It is bound to the password it was given with, so that a new
password ends it, and whatever it is followed by is counted as a try.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta

from app.accounts.models import Account
from app.accounts.sealing import Unreadable, seal, unseal
from app.extensions import db

LIFETIME = timedelta(minutes=10)
_PURPOSE = "half login"


def begin_half_login(account_id: int, *, secret_key: str, now: datetime) -> str:
    """What to put in the cookie of someone whose password was right."""
    content = [account_id, _stamp(account_id), now.timestamp()]
    return seal(json.dumps(content).encode(), secret_key=secret_key, purpose=_PURPOSE)


def resume_half_login(sealed: str, *, secret_key: str, now: datetime) -> int | None:
    """The account whose password was right; None when that was too long ago or holds no more."""
    try:
        account_id, stamp, at = json.loads(unseal(sealed, secret_key=secret_key, purpose=_PURPOSE))
    except Unreadable:
        return None
    too_old = now.timestamp() - at >= LIFETIME.total_seconds()
    if too_old or not stamp or stamp != _stamp(account_id):
        return None
    return int(account_id)


def _stamp(account_id: int) -> str:
    """Changes with the password; empty for an account that is closed or has none."""
    account = db.session.get(Account, account_id)
    if account is None or not account.active or account.password_hash is None:
        return ""
    return hashlib.sha256(account.password_hash.encode()).hexdigest()
