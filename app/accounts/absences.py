"""Who is away, and who stands in for them. Commits nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import aliased

from app.accounts.life_models import Absence
from app.accounts.models import Account, Membership
from app.accounts.policy import Actor, Permission, Scope, check
from app.accounts.queries import IN_FORCE, roles_of
from app.accounts.rgc import cancel_absence_notice, open_absence_notice
from app.extensions import db
from app.kernel.errors import InvalidInput, NotFound
from app.kernel.reference import new_reference


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    """An absence as it is listed. `backup` is empty when nobody stands in, or when they are no longer there."""

    reference: str
    account_id: int
    name: str
    first_day: date
    last_day: date | None
    backup: str


@dataclass(frozen=True, slots=True)
class Backup:
    """Someone who may stand in for another."""

    account_id: int
    reference: str
    name: str


def declare_absence(
    account: Account,
    first_day: date,
    last_day: date | None,
    backup_id: int | None,
    *,
    tell_cssi: bool,
    today: date,
    actor: Actor,
    now: datetime,
) -> Absence:
    """Someone will be away, or is. One's own absence needs no right; another's, that of managing accounts.

    Raises InvalidInput for days in the wrong order, and for a backup who does not hold one of their roles.
    """
    _check_may_tell(account.id, actor)
    if last_day is not None and last_day < first_day:
        raise InvalidInput("Le dernier jour précède le premier.", field="last_day")
    if last_day is not None and last_day < today:
        raise InvalidInput("Cette absence est déjà finie.", field="last_day")
    standing_in = {backup.account_id for backup in backups_for(actor.partner_id, account.id)}
    if backup_id is not None and backup_id not in standing_in:
        raise InvalidInput("Le suppléant doit avoir le même rôle chez ce partenaire.", field="backup")
    absence = Absence(
        partner_id=actor.partner_id,
        account_id=account.id,
        reference=new_reference(),
        first_day=first_day,
        last_day=last_day,
        backup_id=backup_id,
        created_at=now,
    )
    db.session.add(absence)
    db.session.flush()
    open_absence_notice(account, absence, asked=tell_cssi, today=today, actor=actor, now=now)
    return absence


def call_off_absence(reference: str, *, account_id: int, actor: Actor, now: datetime) -> None:
    """The person is not away after all, or is back: nothing of the absence stays. Raises NotFound."""
    _check_may_tell(account_id, actor)
    absence = db.session.scalar(
        select(Absence).where(
            Absence.partner_id == actor.partner_id,
            Absence.account_id == account_id,
            Absence.reference == reference,
        )
    )
    if absence is None:
        raise NotFound
    cancel_absence_notice(absence.id, actor=actor, now=now)
    db.session.delete(absence)


def backups_for(partner_id: int, account_id: int) -> list[Backup]:
    """Who may stand in for someone: the others who hold one of their roles, by name."""
    rows = db.session.execute(
        select(Account.id, Account.reference, Account.name)
        .join(Membership, Membership.account_id == Account.id)
        .where(
            Membership.partner_id == partner_id,
            Membership.role.in_([role.value for role in roles_of(account_id, partner_id)]),
            Account.id != account_id,
            Account.active,
            IN_FORCE,
        )
        .distinct()
        .order_by(Account.name, Account.id)
    )
    return [Backup(*row) for row in rows.tuples()]


def absences_in(partner_id: int, today: date, account_ids: Collection[int] | None = None) -> list[AbsenceRow]:
    """The absences of the partner that are not over, of these people or of all, by first day."""
    backup = aliased(Account)
    query = (
        select(Absence, Account.name, backup.name)
        .join(Account, Account.id == Absence.account_id)
        .outerjoin(backup, and_(backup.id == Absence.backup_id, _still_there(partner_id)))
        .where(Absence.partner_id == partner_id, or_(Absence.last_day.is_(None), Absence.last_day >= today))
        .order_by(Absence.first_day, Absence.id)
    )
    if account_ids is not None:
        query = query.where(Absence.account_id.in_(account_ids))
    return [
        AbsenceRow(row.reference, row.account_id, name, row.first_day, row.last_day, backup_name or "")
        for row, name, backup_name in db.session.execute(query)
    ]


def backups_on(partner_id: int, day: date, account_ids: Sequence[int]) -> dict[int, int]:
    """Who stands in on `day` for those of `account_ids` who are away: whoever is told in their place."""
    rows = db.session.execute(
        select(Absence.account_id, Absence.backup_id)
        .where(
            Absence.partner_id == partner_id,
            Absence.account_id.in_(account_ids),
            Absence.first_day <= day,
            or_(Absence.last_day.is_(None), Absence.last_day >= day),
            Absence.backup_id.is_not(None),
            _still_there(partner_id),
        )
        .order_by(Absence.id)
    )
    return {account_id: backup_id for account_id, backup_id in rows if backup_id is not None}


def _still_there(partner_id: int) -> ColumnElement[bool]:
    return Absence.backup_id.in_(
        select(Membership.account_id).where(Membership.partner_id == partner_id, IN_FORCE)
    )


def _check_may_tell(account_id: int, actor: Actor) -> None:
    if account_id != actor.account_id:
        check(actor, Permission.ACCOUNT_MANAGE, Scope(partner_id=actor.partner_id))
