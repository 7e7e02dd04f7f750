"""One-time tokens of forms: a double click, or a page sent again, does the thing once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from app.accounts.models import FormToken
from app.extensions import db
from app.kernel.errors import InvalidInput

REMEMBERED_FOR = timedelta(days=2)
SHORTEST, LONGEST = 16, 64


def new_form_token() -> str:
    """The token that a form carries hidden. Nothing is stored until the form is sent."""
    return secrets.token_urlsafe(24)


def spend_form_token(token: str, account_id: int, *, now: datetime) -> FormToken | None:
    """The record of this first sending: set its `result_url` before the commit. None when already sent.

    Raises InvalidInput when the form carries no proper token.
    """
    if not SHORTEST <= len(token) <= LONGEST:
        raise InvalidInput("Le formulaire a expiré. Rechargez la page, puis envoyez de nouveau.")
    if result_of(token, account_id) is not None:
        return None
    spent = FormToken(token_digest=_digest(token, account_id), account_id=account_id, created_at=now)
    try:
        # Of two sendings at once, the second waits here on PostgreSQL until the first has landed.
        with db.session.begin_nested():
            db.session.add(spent)
    except IntegrityError:
        return None
    return spent


def result_of(token: str, account_id: int) -> str | None:
    """Where the first sending of this form led; None when it was never sent."""
    spent = db.session.get(FormToken, _digest(token, account_id))
    return spent.result_url if spent else None


def forget_old_forms(now: datetime) -> None:
    """Delete the record of forms that nobody can still have open."""
    db.session.execute(delete(FormToken).where(FormToken.created_at <= now - REMEMBERED_FOR))


def _digest(token: str, account_id: int) -> str:
    """What is stored of the token, bound to the account: nobody can replay another's form."""
    return hashlib.sha256(f"{account_id}:{token}".encode("utf-8", "replace")).hexdigest()
