"""What the worker does with announcements: tell those concerned of what has come to be read."""

from __future__ import annotations

from datetime import datetime

from app.announcements.messages import owed, tell
from app.infra.tx import transaction
from app.web.urls import ANNOUNCEMENT, ANNOUNCEMENTS


def tell_announcements(now: datetime) -> None:
    """Put in the outbox the mails that announcements owe by now, one transaction for each announcement."""
    for announcement_id in owed(now):
        with transaction():
            tell(announcement_id, page=ANNOUNCEMENT, list_page=ANNOUNCEMENTS, now=now)
