"""What the worker does with accounts: forget sessions, forms, links and tries to log in that no longer count."""

from __future__ import annotations

from datetime import datetime

from app.accounts.attempts import forget_old_attempts
from app.accounts.exchanges import forget_old_exchanges
from app.accounts.form_drafts import forget_old_drafts
from app.accounts.form_tokens import forget_old_forms
from app.accounts.newcomers import forget_old_arrivals
from app.accounts.one_time_links import forget_old_links
from app.accounts.sessions import forget_ended_sessions
from app.infra.tx import transaction


def forget_expired(now: datetime) -> None:
    """Delete what has expired. Nothing relies on it: what has expired counts for nothing already."""
    with transaction():
        forget_ended_sessions(now)
        forget_old_forms(now)
        forget_old_arrivals(now)
        forget_old_drafts(now)
        forget_old_exchanges(now)
        forget_old_links(now)
        forget_old_attempts(now)
