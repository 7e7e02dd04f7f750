"""How people leave a partner, today or on a day to come, and come back. Commits nothing.

What they had in hand is freed by whoever calls (`tickets/leaving.py`): tickets are to the right of accounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, select

from app.accounts.invitations import begin_stay, stay_in
from app.accounts.life import Act, check_departure_day, roles_without_holder
from app.accounts.life_models import Stay
from app.accounts.models import Account, Membership
from app.accounts.one_time_links import void_links_of
from app.accounts.policy import Actor, Role, system_actor
from app.accounts.queries import IN_FORCE
from app.accounts.rgc import cancel_departure_notice, open_departure_notice
from app.accounts.rights import (
    check_leaves_an_administrator,
    close_sessions_in,
    grant,
    hold,
    lock,
    memberships_in,
    remember,
    remove,
    required_reason,
)
from app.accounts.sessions import close_sessions_of
from app.extensions import db
from app.kernel.errors import Impossible


@dataclass(frozen=True, slots=True)
class Due:
    """A departure whose day has come."""

    partner_id: int
    account_id: int


def plan_departure(
    account: Account, day: date, *, today: date, reason: str, actor: Actor, now: datetime, address: str = ""
) -> bool:
    """Let someone go on `day`, in the partner's calendar; True when that is today: they are gone.

    Raises InvalidInput for a past day, Impossible for the last administrator or oneself.
    """
    lock(actor)
    reason = required_reason(reason)
    check_departure_day(day, today)
    if not memberships_in(actor.partner_id, account.id):
        raise Impossible("Cette personne est déjà partie.")
    check_leaves_an_administrator(account.id, actor)
    open_departure_notice(account, day, today=today, actor=actor, now=now)
    if day == today:
        _leave(account, reason, actor=actor, now=now, address=address)
        return True
    stay_in(actor.partner_id, account.id).leaves_on = day
    planned = f"{day:%d/%m/%Y}\u00a0: {reason}"[:300]
    remember(account.id, Act.DEPARTURE_PLANNED, actor=actor, now=now, address=address, reason=planned)
    return False


def cancel_departure(account: Account, *, actor: Actor, now: datetime, address: str = "") -> None:
    """The person stays after all. Raises Impossible when no departure is planned."""
    lock(actor)
    stay = stay_in(actor.partner_id, account.id)
    if stay.leaves_on is None:
        raise Impossible("Aucun départ n’est prévu.")
    stay.leaves_on = None
    cancel_departure_notice(account.id, actor=actor, now=now)
    remember(account.id, Act.DEPARTURE_CANCELLED, actor=actor, now=now, address=address)


def departures_due(partner_id: int, today: date) -> list[Due]:
    """Those of the partner whose planned day has come, or has gone by."""
    rows = db.session.execute(
        select(Stay.partner_id, Stay.account_id)
        .where(Stay.partner_id == partner_id, Stay.leaves_on <= today)
        .order_by(Stay.account_id)
    )
    return [Due(partner_id, account_id) for partner_id, account_id in rows]


def leave_as_planned(due: Due, *, now: datetime) -> None:
    """The planned day has come. Raises Impossible when the partner would be left without administrator."""
    actor = system_actor(due.partner_id)
    hold(due.partner_id)
    check_leaves_an_administrator(due.account_id, actor)
    _leave(db.session.get_one(Account, due.account_id), "départ prévu", actor=actor, now=now)


def come_back(
    account: Account,
    role: Role,
    structure_id: int | None,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    address: str = "",
) -> None:
    """Reopen the account of someone who had left, with one role. Raises Impossible when they have not left."""
    lock(actor)
    if memberships_in(actor.partner_id, account.id):
        raise Impossible("Cette personne n’est pas partie\u00a0: ajoutez-lui un rôle.")
    grant(
        account.id,
        role,
        structure_id,
        reason=reason,
        actor=actor,
        now=now,
        address=address,
        act=Act.RETURNED,
    )
    account.active = True
    begin_stay(actor.partner_id, account.id)


def left_without_holder(partner_id: int, account_id: int) -> tuple[Role, ...]:
    """The privileged roles of someone that nobody else in the partner holds today."""
    rows = db.session.execute(
        select(Membership.account_id, Membership.role)
        .join(Account, Account.id == Membership.account_id)
        .where(Membership.partner_id == partner_id, IN_FORCE, Account.active)
    ).all()
    own = {Role(role) for holder, role in rows if holder == account_id}
    return roles_without_holder(own, {Role(role) for holder, role in rows if holder != account_id})


def _leave(account: Account, reason: str, *, actor: Actor, now: datetime, address: str = "") -> None:
    for membership, _ in memberships_in(actor.partner_id, account.id):
        remove(membership, reason=reason, actor=actor, now=now)
    stay = stay_in(actor.partner_id, account.id)
    stay.leaves_on, stay.left_at = None, now
    close_sessions_in(actor.partner_id, account.id)
    remember(account.id, Act.LEFT, actor=actor, now=now, address=address, reason=reason)
    db.session.flush()
    if not db.session.scalar(select(exists().where(Membership.account_id == account.id))):
        account.active = False
        close_sessions_of(account.id)
        void_links_of(account.id)
