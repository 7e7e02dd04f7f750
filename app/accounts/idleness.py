"""Privileged roles that have not served for long are suspended, with two warnings before. Commits nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from sqlalchemy import select

from app.accounts.life import (
    DEFAULT_INACTIVITY,
    PRIVILEGED,
    Act,
    Step,
    announced_day,
    is_told_again,
    last_use,
    next_step,
    shortest_period,
    suspends_on,
)
from app.accounts.models import Account, Membership
from app.accounts.policy import Role, system_actor
from app.accounts.queries import IN_FORCE
from app.accounts.rights import administrators_of, hold, remember, structure_of
from app.extensions import db
from app.partners.models import Convention


@dataclass(frozen=True, slots=True)
class Sleeper:
    """Someone to be told: `roles` will be suspended on `day`, were today, or (`kept`) would have been."""

    account_id: int
    roles: tuple[Role, ...]
    step: Step
    day: date
    kept: bool = False


def inactivity_of(partner_id: int) -> str:
    """How long a privileged role may go unused: the strictest of the partner's conventions, else two months."""
    return shortest_period(account_periods(partner_id, "suspend_after_inactivity"), DEFAULT_INACTIVITY)


def account_periods(partner_id: int, name: str) -> list[str]:
    """The values of a setting of the section « accounts » in the conventions of the partner."""
    settings = db.session.scalars(select(Convention.settings).where(Convention.partner_id == partner_id))
    sections = [section for one in settings if isinstance(section := one.get("accounts"), dict)]
    return [str(section[name]) for section in sections if name in section]


def suspend_what_sleeps(partner_id: int, *, zone: tzinfo, now: datetime) -> list[Sleeper]:
    """Do today's part for a partner; whom to tell what, each person once. Running it twice changes nothing.

    The last active administrator is told, never suspended.
    """
    hold(partner_id)
    today = now.astimezone(zone).date()
    inactivity = inactivity_of(partner_id)
    administrators = set(administrators_of(partner_id))
    sleepers: list[Sleeper] = []
    for membership, used_on in _by_last_use(partner_id, zone):
        day = suspends_on(used_on, inactivity)
        warned_on = membership.warned_at.astimezone(zone).date() if membership.warned_at else None
        step = next_step(day, used_on, warned_on, today)
        if step is Step.NOTHING:
            continue
        last_one = membership.role == Role.ADMINISTRATOR.value and administrators == {membership.account_id}
        if step is Step.SUSPEND and last_one and not is_told_again(warned_on, today):
            continue
        if step is Step.SUSPEND and not last_one:
            _suspend(membership, now)
            if membership.role == Role.ADMINISTRATOR.value:
                administrators.discard(membership.account_id)
        else:
            membership.warned_at = now
        told = Step.WARN if last_one else step
        announced = announced_day(day, today) if step is Step.WARN else today
        sleepers.append(
            Sleeper(membership.account_id, (Role(membership.role),), told, announced, kept=last_one)
        )
    db.session.flush()
    return _together(sleepers)


def _by_last_use(partner_id: int, zone: tzinfo) -> Sequence[tuple[Membership, date]]:
    """The privileged roles in force, the longest unused first: the last administrator left is the latest seen."""
    rows = db.session.execute(
        select(Membership, Account.last_login_at, Account.created_at)
        .join(Account, Account.id == Membership.account_id)
        .where(
            Membership.partner_id == partner_id,
            Membership.role.in_([role.value for role in PRIVILEGED]),
            IN_FORCE,
            Account.active,
        )
    ).all()
    used = [
        (membership, last_use(last_login_at, membership.in_force_since, created_at))
        for membership, last_login_at, created_at in rows
    ]
    used.sort(key=lambda pair: (pair[1], pair[0].id))
    return [(membership, moment.astimezone(zone).date()) for membership, moment in used]


def _suspend(membership: Membership, now: datetime) -> None:
    membership.suspended_at = now
    remember(
        membership.account_id,
        Act.SUSPENDED,
        actor=system_actor(membership.partner_id),
        now=now,
        role=Role(membership.role),
        structure=structure_of(membership.partner_id, membership.structure_id),
        reason="n’a pas servi depuis longtemps",
    )


def _together(sleepers: Iterable[Sleeper]) -> list[Sleeper]:
    """One letter a person and a message, however many roles it is about."""
    roles: dict[tuple[int, Step, date, bool], list[Role]] = defaultdict(list)
    for one in sleepers:
        roles[one.account_id, one.step, one.day, one.kept] += one.roles
    return [
        Sleeper(account_id, tuple(dict.fromkeys(held)), step, day, kept)
        for (account_id, step, day, kept), held in roles.items()
    ]
