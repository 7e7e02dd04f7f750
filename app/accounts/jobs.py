"""What the worker does with accounts: forget sessions, forms and tries to log in that no longer count."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from app.accounts.attempts import WINDOW
from app.accounts.models import LoginAttempt
from app.accounts.sessions import sweep
from app.extensions import db
from app.infra.tx import transaction


def forget_expired(now: datetime) -> None:
    """Delete what has expired. The pages do it too as they go: this is for the quiet days."""
    with transaction():
        sweep(now)
        db.session.execute(delete(LoginAttempt).where(LoginAttempt.attempted_at <= now - WINDOW))
