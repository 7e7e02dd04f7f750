from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.accounts.limits import LIMITS, Limits, is_fresh, life_of, limits_of
from app.accounts.policy import Role

NOW = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
CAP = Limits(idle=5 * HOUR, absolute=12 * HOUR)


def test_every_role_has_limits_and_a_correspondent_keeps_the_desk_open_half_a_day() -> None:
    assert LIMITS.keys() == set(Role)
    assert limits_of({Role.CORRESPONDENT}, CAP) == Limits(5 * HOUR, 12 * HOUR)
    for privileged in (Role.ADMINISTRATOR, Role.SECURITY_OFFICER, Role.DATA_PROTECTION_OFFICER):
        assert LIMITS[privileged].idle <= HOUR
    assert max(limits.absolute for limits in LIMITS.values()) <= 12 * HOUR, "rules.md: 12 h at most"


def test_of_several_roles_the_shortest_limits_hold() -> None:
    both = limits_of({Role.CORRESPONDENT, Role.ADMINISTRATOR}, CAP)
    assert both == Limits(30 * MINUTE, 8 * HOUR)


def test_the_settings_are_caps() -> None:
    assert limits_of({Role.USER}, Limits(HOUR, 2 * HOUR)) == Limits(HOUR, 2 * HOUR)
    assert limits_of(set(), CAP) == CAP


@pytest.mark.parametrize(
    ("seen_after", "end_after", "extendable"),
    [(0 * HOUR, 4 * HOUR, True), (7 * HOUR, 11 * HOUR, True), (8 * HOUR, 12 * HOUR, False), (11 * HOUR, 12 * HOUR, False)],
)  # fmt: skip
def test_a_session_ends_at_the_first_of_both_limits(
    seen_after: timedelta, end_after: timedelta, extendable: bool
) -> None:
    life = life_of(NOW, NOW + seen_after, NOW + 12 * HOUR, Limits(4 * HOUR, 12 * HOUR))
    assert life.end == NOW + end_after
    assert life.can_be_extended is extendable
    assert life.warned_at == life.end - 5 * MINUTE


def test_a_short_session_warns_in_its_last_third() -> None:
    assert life_of(NOW, NOW, NOW + HOUR, Limits(6 * MINUTE, HOUR)).warned_at == NOW + 4 * MINUTE


def test_what_was_promised_at_the_login_is_never_exceeded() -> None:
    assert life_of(NOW, NOW, NOW + HOUR, Limits(4 * HOUR, 12 * HOUR)).end == NOW + HOUR


@pytest.mark.parametrize(
    ("proven_at", "fresh"),
    [(None, False), (NOW, True), (NOW - 14 * MINUTE, True), (NOW - 15 * MINUTE, False)],
)
def test_a_proof_is_fresh_for_a_while(proven_at: datetime | None, fresh: bool) -> None:
    assert is_fresh(proven_at, NOW, 15 * MINUTE) is fresh
