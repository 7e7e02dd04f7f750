"""Two people of the demonstration read the news of their tickets otherwise than at once."""

from __future__ import annotations

from datetime import datetime

from app.accounts.policy import Role
from app.demo.world import World
from app.infra.tx import transaction
from app.notifications.digests import choose
from app.notifications.vocabulary import USUAL_HOURS, Pace


def choose_mails(world: World, now: datetime) -> None:
    """In each place one who handles accounts reads a digest twice a day, and one user has no mail."""
    for place in world.places:
        for role, pace in ((Role.ACCOUNT_MANAGER, Pace.DIGEST), (Role.USER, Pace.NONE)):
            *_, person = place.with_role(role)
            with transaction():
                choose(person.account_id, pace, USUAL_HOURS, now=now)
