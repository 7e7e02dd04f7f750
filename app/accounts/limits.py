"""How long a session lasts and how fresh a proof must be, by role. The table is the specification.

The settings `SESSION_IDLE_HOURS` and `SESSION_ABSOLUTE_HOURS` are caps over it; someone who holds several roles
in the partner shown gets the shortest of their limits (rules.md, « Logs, passwords, sessions, headers »).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.accounts.policy import Role

_HOUR = timedelta(hours=1)
# The person is warned this long before the end, or a third of the idle limit when that is shorter.
WARNED_BEFORE = timedelta(minutes=5)


@dataclass(frozen=True)
class Limits:
    """`idle`: the longest time between two requests; `absolute`: the longest life, whatever is done."""

    idle: timedelta
    absolute: timedelta

    def within(self, other: Limits) -> Limits:
        """The shorter of both, one by one."""
        return Limits(min(self.idle, other.idle), min(self.absolute, other.absolute))


LIMITS: Mapping[Role, Limits] = {
    Role.USER: Limits(4 * _HOUR, 12 * _HOUR),
    Role.CORRESPONDENT: Limits(5 * _HOUR, 12 * _HOUR),  # half a day at the desk
    Role.ACCOUNT_MANAGER: Limits(4 * _HOUR, 12 * _HOUR),
    Role.SECURITY_OFFICER: Limits(_HOUR, 10 * _HOUR),
    Role.DATA_PROTECTION_OFFICER: Limits(_HOUR, 10 * _HOUR),
    Role.MANAGER: Limits(4 * _HOUR, 12 * _HOUR),
    Role.INTEGRATOR: Limits(4 * _HOUR, 12 * _HOUR),
    Role.ADMINISTRATOR: Limits(_HOUR / 2, 8 * _HOUR),
}


@dataclass(frozen=True)
class Life:
    """When a session ends: `idle_end` unless it is used before, `absolute_end` in any case."""

    idle_end: datetime
    absolute_end: datetime
    idle: timedelta

    @property
    def end(self) -> datetime:
        return min(self.idle_end, self.absolute_end)

    @property
    def can_be_extended(self) -> bool:
        """Whether using the session now would make it last longer."""
        return self.idle_end < self.absolute_end

    @property
    def warned_at(self) -> datetime:
        return self.end - min(WARNED_BEFORE, self.idle / 3)


def limits_of(roles: Collection[Role], cap: Limits) -> Limits:
    """The limits of a session that holds `roles` in the partner shown."""
    limits = cap
    for role in roles:
        limits = limits.within(LIMITS[role])
    return limits


def life_of(opened_at: datetime, seen_at: datetime, expires_at: datetime, limits: Limits) -> Life:
    """When a session ends; `expires_at` is what was promised when it was opened."""
    return Life(seen_at + limits.idle, min(expires_at, opened_at + limits.absolute), limits.idle)


def is_fresh(proven_at: datetime | None, now: datetime, kept: timedelta) -> bool:
    """Whether the second factor was shown recently enough for a privileged act."""
    return proven_at is not None and now - proven_at < kept
