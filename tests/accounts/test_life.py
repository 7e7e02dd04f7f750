"""Who may lose a right, and when a right that does not serve is suspended (rules.md, « Accounts »)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from app.accounts.life import (
    ACT_LABELS,
    ORDINARY,
    PRIVILEGED,
    STANDING_LABELS,
    Act,
    Held,
    Standing,
    Step,
    announced_day,
    check_administrator_remains,
    check_departure_day,
    check_not_to_oneself,
    check_one_remains,
    check_staff,
    is_told_again,
    last_use,
    next_step,
    roles_without_holder,
    shortest_period,
    standing,
    suspends_on,
)
from app.accounts.policy import Role
from app.kernel.errors import Impossible, InvalidInput, NotAllowed

TODAY = date(2026, 3, 10)
USED = date(2026, 1, 10)
SUSPENDED = date(2026, 3, 10)
DAY = timedelta(days=1)


def at(day: int, month: int = 1) -> datetime:
    return datetime(2026, month, day, 9, tzinfo=UTC)


def test_every_role_is_either_ordinary_or_privileged() -> None:
    assert set(Role) == PRIVILEGED | ORDINARY
    assert not PRIVILEGED & ORDINARY
    assert {Role.USER, Role.INTEGRATOR} == ORDINARY


def test_everything_that_is_shown_has_its_french_name() -> None:
    assert set(STANDING_LABELS) == set(Standing)
    assert set(ACT_LABELS) == set(Act)


class TestWhoMayLoseARight:
    def test_the_account_manager_is_never_a_contractor_whatever_comes_first(self) -> None:
        check_staff([Held(Role.ACCOUNT_MANAGER), Held(Role.USER, "delegataire")])
        check_staff([Held(Role.CORRESPONDENT), Held(Role.USER, "prestataire")])
        with pytest.raises(InvalidInput, match="prestataire"):
            check_staff([Held(Role.USER, "prestataire"), Held(Role.ACCOUNT_MANAGER)])
        with pytest.raises(InvalidInput, match="prestataire"):
            check_staff([Held(Role.ACCOUNT_MANAGER, "prestataire")])

    @pytest.mark.parametrize("role", Role)
    def test_nobody_gives_themself_the_administration_nor_the_reading_of_cases(self, role: Role) -> None:
        check_not_to_oneself(role, oneself=False)
        if role in {Role.ADMINISTRATOR, Role.SECURITY_OFFICER, Role.DATA_PROTECTION_OFFICER}:
            with pytest.raises(NotAllowed, match="un autre administrateur"):
                check_not_to_oneself(role, oneself=True)
        else:
            check_not_to_oneself(role, oneself=True)

    def test_an_administrator_remains(self) -> None:
        check_administrator_remains(3, {1, 2}, oneself=True)
        check_administrator_remains(1, {1, 2}, oneself=False)
        with pytest.raises(Impossible, match="votre propre droit"):
            check_administrator_remains(1, {1, 2}, oneself=True)
        with pytest.raises(Impossible, match="dernier administrateur"):
            check_administrator_remains(1, {1}, oneself=False)

    def test_the_only_role_is_not_withdrawn(self) -> None:
        check_one_remains(2, 1)
        with pytest.raises(Impossible, match="départ"):
            check_one_remains(1, 1)

    def test_a_departure_is_today_or_soon(self) -> None:
        check_departure_day(TODAY, TODAY)
        check_departure_day(TODAY + 730 * DAY, TODAY)
        with pytest.raises(InvalidInput, match="passée"):
            check_departure_day(TODAY - DAY, TODAY)
        with pytest.raises(InvalidInput, match="deux ans"):
            check_departure_day(TODAY + 731 * DAY, TODAY)

    def test_the_roles_that_nobody_else_holds(self) -> None:
        own = {Role.USER, Role.ADMINISTRATOR, Role.CORRESPONDENT, Role.ACCOUNT_MANAGER}
        assert roles_without_holder(own, {Role.CORRESPONDENT}) == (Role.ACCOUNT_MANAGER, Role.ADMINISTRATOR)


class TestSleep:
    def test_the_last_use_is_the_latest_of_login_grant_and_creation(self) -> None:
        assert last_use(None, None, at(1)) == at(1)
        assert last_use(at(5), at(9), at(1)) == at(9)
        assert last_use(at(12), at(9), at(1)) == at(12)

    def test_two_months_are_months_of_the_calendar(self) -> None:
        assert suspends_on(USED, "2 months") == SUSPENDED
        assert suspends_on(date(2025, 12, 31), "2 months") == date(2026, 2, 28)

    @pytest.mark.parametrize(
        ("today", "warned_on", "step"),
        [
            (SUSPENDED - 15 * DAY, None, Step.NOTHING),
            (SUSPENDED - 14 * DAY, None, Step.WARN),
            (SUSPENDED - 14 * DAY, SUSPENDED - 14 * DAY, Step.NOTHING),
            (SUSPENDED - 4 * DAY, SUSPENDED - 14 * DAY, Step.NOTHING),
            (SUSPENDED - 4 * DAY, None, Step.WARN),
            (SUSPENDED - 3 * DAY, SUSPENDED - 14 * DAY, Step.WARN),
            (SUSPENDED - 3 * DAY, SUSPENDED - 3 * DAY, Step.NOTHING),
            (SUSPENDED - 2 * DAY, SUSPENDED - 3 * DAY, Step.NOTHING),
            (SUSPENDED, SUSPENDED - 3 * DAY, Step.SUSPEND),
            (SUSPENDED, SUSPENDED - 2 * DAY, Step.NOTHING),
            (SUSPENDED + DAY, SUSPENDED - 2 * DAY, Step.SUSPEND),
        ],
    )
    def test_warned_fourteen_and_three_days_before_then_suspended(
        self, today: date, warned_on: date | None, step: Step
    ) -> None:
        assert next_step(SUSPENDED, USED, warned_on, today) is step

    def test_a_worker_that_was_stopped_for_long_warns_first(self) -> None:
        late = SUSPENDED + 90 * DAY
        assert next_step(SUSPENDED, USED, None, late) is Step.WARN
        assert announced_day(SUSPENDED, late) == late + 3 * DAY
        assert next_step(SUSPENDED, USED, late, late + 2 * DAY) is Step.NOTHING
        assert next_step(SUSPENDED, USED, late, late + 3 * DAY) is Step.SUSPEND

    def test_a_warning_from_before_the_last_use_counts_for_nothing(self) -> None:
        assert next_step(SUSPENDED, USED, USED - DAY, SUSPENDED) is Step.WARN

    def test_the_day_announced_is_the_planned_one_when_there_is_time(self) -> None:
        assert announced_day(SUSPENDED, SUSPENDED - 14 * DAY) == SUSPENDED

    def test_the_last_administrator_is_told_every_thirty_days(self) -> None:
        assert is_told_again(None, TODAY)
        assert not is_told_again(TODAY - 29 * DAY, TODAY)
        assert is_told_again(TODAY - 30 * DAY, TODAY)

    def test_the_strictest_convention_rules(self) -> None:
        assert shortest_period(["3 months", "8 weeks", "1 year"], "2 months") == "8 weeks"
        assert shortest_period([], "2 months") == "2 months"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, Standing.ACTIVE),
        ({"has_role": False}, Standing.LEFT),
        ({"active": False}, Standing.LEFT),
        ({"suspended": True, "invited_at": at(1)}, Standing.SUSPENDED),
        ({"invited_at": at(1)}, Standing.INVITED),
        ({"invited_at": at(1), "last_login_at": at(2)}, Standing.ACTIVE),
    ],
)
def test_how_someone_stands(facts: dict[str, object], expected: Standing) -> None:
    values: dict[str, object] = {
        "has_role": True,
        "suspended": False,
        "active": True,
        "invited_at": None,
        "last_login_at": None,
    }
    assert standing(**{**values, **facts}) is expected  # type: ignore[arg-type]
