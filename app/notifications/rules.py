"""When a mail leaves, when it is tried again or given up, and how long its row is kept. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta, tzinfo

FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=6)
# Whoever claimed a mail has this long to say what became of it; then another worker may try.
CLAIM = timedelta(minutes=10)
SERVER_RETRY = timedelta(minutes=2)
# News a week old informs nobody: the page of the ticket says more by then.
WORTH_SENDING = timedelta(days=7)
KEPT = timedelta(days=90)


def next_attempt(attempts: int, now: datetime) -> datetime:
    """When to try again after `attempts` failures of this mail: 1, 4, 16, 64 minutes…, then every six hours."""
    # Beyond the sixth failure the longest delay rules: the power need not grow any further.
    growth: int = 4 ** min(attempts - 1, 5)
    return now + min(FIRST_RETRY * growth, LONGEST_RETRY)


def too_old_before(now: datetime) -> datetime:
    """Mails created before this instant are not sent any more."""
    return now - WORTH_SENDING


def forgotten_before(now: datetime) -> datetime:
    """Mails created before this instant leave the outbox: they hold answers, which live on in the ticket."""
    return now - KEPT


def next_digest(hours: Collection[int], now: datetime, zone: tzinfo) -> datetime:
    """The first of these hours of the day, on the walls of `zone`, that is still to come, in UTC."""
    today = now.astimezone(zone).date()
    return min(
        moment
        for day in (today, today + timedelta(days=1))
        for hour in hours
        if (moment := datetime.combine(day, time(hour), zone).astimezone(UTC)) > now
    )
