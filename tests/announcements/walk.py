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
    """An announcement for those who work at « accueil », and the secret link of one of them."""
    content = e.Content(
        kind=Kind.INFORMATION, title="Pour l’accueil", structures=(place.structures["accueil"],)
    )
    with transaction():
        row = draft(content, actor=place.actor(), now=now)
        publish(row.reference, actor=place.actor(), now=now)
        token = renew_link(place.actor(Role.USER), now=now)
    return {"announcement": row.reference, "feed": token}
