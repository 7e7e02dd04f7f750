"""What the worker does with accounts: forget sessions, forms and tries to log in that no longer count."""

from __future__ import annotations

from datetime import datetime

from app.accounts.attempts import forget_old_attempts
from app.accounts.form_tokens import forget_old_forms
from app.accounts.sessions import forget_ended_sessions
from app.infra.tx import transaction


def forget_expired(now: datetime) -> None:
    """Delete what has expired. Nothing relies on it: what has expired counts for nothing already."""
    with transaction():
        forget_ended_sessions(now)
        forget_old_forms(now)
        forget_old_attempts(now)
