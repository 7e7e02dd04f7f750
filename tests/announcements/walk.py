"""What the walk of every route needs of the announcements (tests/house/test_access.py)."""

from __future__ import annotations

from datetime import datetime

from app.accounts.policy import Role
from app.announcements import events as e
from app.announcements.service import draft, publish
from app.announcements.subscription import renew_link
from app.announcements.vocabulary import Kind
from app.infra.tx import transaction
from tests.factories import Place


def announcements_to_walk(place: Place, *, now: datetime) -> dict[str, str]:
    """An announcement for « accueil », one for « délégataire », one not published, someone’s secret link."""
    with transaction():
        row = draft(_content(place, "accueil"), actor=place.actor(), now=now)
        other = draft(_content(place, "delegataire"), actor=place.actor(), now=now)
        for announcement in (row, other):
            publish(announcement.reference, actor=place.actor(), now=now)
        waiting = draft(_content(place, "accueil"), actor=place.actor(), now=now)
        token = renew_link(place.actor(Role.USER), now=now)
    return {
        "announcement": row.reference,
        "other_announcement": other.reference,
        "draft_announcement": waiting.reference,
        "feed": token,
    }


def _content(place: Place, structure: str) -> e.Content:
    return e.Content(
        kind=Kind.INFORMATION, title=f"Pour {structure}", structures=(place.structures[structure],)
    )
