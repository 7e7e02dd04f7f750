"""Giving, withdrawing, moving, suspending and restoring roles. Commits nothing.

Each act holds the partner until the end of the transaction, so that two administrators who withdraw each other
follow one another; each leaves a line in the history of the account, and one in the technical journal.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update

from app.accounts.life import (
    Act,
    Held,
    check_administrator_remains,
    check_not_to_oneself,
    check_one_remains,
    check_staff,
)
from app.accounts.life_models import REASON_LENGTH, ReviewCampaign, ReviewLine, RightsChange, Stay
from app.accounts.models import Account, LoginSession, Membership
from app.accounts.policy import Actor, Permission, Role, Scope, check
from app.accounts.queries import IN_FORCE
from app.accounts.review_rules import Decision
from app.accounts.service import add_membership
from app.extensions import db
from app.journal.technical import Trace, note
from app.kernel.errors import Impossible, InvalidInput, NotFound
from app.kernel.text import clean_line
from app.partners.models import Partner, Structure


def lock(actor: Actor) -> None:
    """Check the right to manage accounts, and hold the partner's rights until the end of the transaction."""
    check(actor, Permission.ACCOUNT_MANAGE, Scope(partner_id=actor.partner_id))
    hold(actor.partner_id)


def hold(partner_id: int) -> None:
    """Decisions about the rights of one partner follow one another: SQLite writes one at a time anyway.

    Not a lock of the key, which whatever is filed meanwhile refers to: rights hold up nobody's ticket.
    """
    db.session.execute(select(Partner.id).where(Partner.id == partner_id).with_for_update(key_share=True))


def find_account(partner_id: int, reference: str) -> Account:
    """Someone who holds, or held, a role in the partner. Raises NotFound for anyone else."""
    known = select(Membership.account_id).where(Membership.partner_id == partner_id)
    stayed = select(Stay.account_id).where(Stay.partner_id == partner_id)
    account = None
    if reference.isprintable():
        account = db.session.scalar(
            select(Account).where(
                Account.reference == reference, Account.id.in_(known) | Account.id.in_(stayed)
            )
        )
    if account is None:
        raise NotFound
    return account


def account_of(actor: Actor) -> Account:
    """The account of the person who acts."""
    assert actor.account_id is not None, "the desk itself has no account"
    return db.session.get_one(Account, actor.account_id)


def memberships_in(partner_id: int, account_id: int) -> list[tuple[Membership, Structure | None]]:
    """The roles of someone in the partner, suspended ones included, in the order in which they were given."""
    query = (
        select(Membership, Structure)
        .outerjoin(Structure, Structure.id == Membership.structure_id)
        .where(Membership.partner_id == partner_id, Membership.account_id == account_id)
        .order_by(Membership.id)
    )
    return [(membership, structure) for membership, structure in db.session.execute(query)]


def right_key(role: str, structure_code: str | None) -> str:
    """How addresses name a right of someone: « user@accueil », « correspondent »."""
    return f"{role}@{structure_code}" if structure_code else role


def find_right(partner_id: int, account_id: int, key: str) -> tuple[Membership, Structure | None]:
    """Raises NotFound for a right that the person does not hold in the partner."""
    for membership, structure in memberships_in(partner_id, account_id):
        if right_key(membership.role, structure.code if structure else None) == key:
            return membership, structure
    raise NotFound


def administrators_of(partner_id: int) -> frozenset[int]:
    """Who may administer the partner today: the role in force, the account open."""
    return frozenset(
        db.session.scalars(
            select(Membership.account_id)
            .join(Account, Account.id == Membership.account_id)
            .where(
                Membership.partner_id == partner_id,
                Membership.role == Role.ADMINISTRATOR.value,
                IN_FORCE,
                Account.active,
            )
        )
    )


def required_reason(reason: str) -> str:
    """Why a right is given or withdrawn, cleaned. Raises InvalidInput when nothing is said."""
    cleaned = clean_line(reason, field="reason", label="Motif", max_length=REASON_LENGTH)
    if not cleaned:
        raise InvalidInput("Indiquez le motif\u00a0: il reste avec le compte.", field="reason")
    return cleaned


# --- Acts ------------------------------------------------------------------------------------------------


def grant(
    account_id: int,
    role: Role,
    structure_id: int | None,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    address: str = "",
    act: Act = Act.GRANTED,
) -> Membership:
    """Give a role in the partner of `actor`, for a structure or for none.

    Raises InvalidInput, NotFound, or NotAllowed for a role that nobody gives themself.
    """
    lock(actor)
    check_not_to_oneself(role, oneself=account_id == actor.account_id)
    structure = structure_of(actor.partner_id, structure_id)
    held = [
        Held(Role(membership.role), place.kind if place else None)
        for membership, place in memberships_in(actor.partner_id, account_id)
    ]
    check_staff([*held, Held(role, structure.kind if structure else None)])
    membership = add_membership(account_id, actor.partner_id, role, structure_id)
    membership.in_force_since = now
    remember(
        account_id,
        act,
        actor=actor,
        now=now,
        address=address,
        role=role,
        structure=structure,
        reason=reason,
    )
    return membership


def withdraw(membership: Membership, *, reason: str, actor: Actor, now: datetime, address: str = "") -> None:
    """Take a role back. Raises Impossible for someone's only role, and for the last administrator's."""
    lock(actor)
    reason = required_reason(reason)
    mine = memberships_in(actor.partner_id, membership.account_id)
    check_one_remains(len(mine), 1)
    structures = {held.id: place for held, place in mine}
    if membership.id not in structures:  # somebody withdrew it while we waited
        raise NotFound
    structure = structures[membership.id]
    _check_administration(membership.account_id, [membership], actor)
    remove(membership, reason=reason, actor=actor, now=now)
    remember(
        membership.account_id,
        Act.WITHDRAWN,
        actor=actor,
        now=now,
        address=address,
        role=Role(membership.role),
        structure=structure,
        reason=reason,
    )


def move(
    account_id: int,
    structure_id: int | None,
    kept: Collection[str],
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    address: str = "",
) -> None:
    """Change the structure of someone: the rights of `kept` (their keys) follow, the others are withdrawn.

    Only rights that are for a structure move; those for the whole partner stay as they are. Raises
    InvalidInput, NotFound, Impossible.
    """
    lock(actor)
    reason = required_reason(reason)
    target = structure_of(actor.partner_id, structure_id)
    if target is None:
        raise InvalidInput("Choisissez la nouvelle structure.", field="structure")
    mine = memberships_in(actor.partner_id, account_id)
    keys = {held.id: right_key(held.role, place.code if place else None) for held, place in mine}
    leaving = [held for held, _ in mine if keys[held.id] not in kept]
    staying = [(held, place) for held, place in mine if keys[held.id] in kept]
    if not any(place for _, place in staying):
        raise InvalidInput("Gardez au moins un rôle exercé pour une structure.", field="kept")
    check_staff(Held(Role(held.role), target.kind if place else None) for held, place in staying)
    _check_administration(account_id, leaving, actor)
    for held, place in mine:
        if held in leaving:
            _withdraw_on_the_way(held, place, reason, actor, now, address)
    for held, place in staying:
        if place is not None and place.id != target.id:
            _move_one(held, target, reason, actor, now, address)


def restore(membership: Membership, *, actor: Actor, now: datetime, address: str = "") -> None:
    """Lift the suspension of a role. Raises Impossible when it is in force, NotAllowed for one's own office."""
    lock(actor)
    if membership.suspended_at is None:
        raise Impossible("Ce rôle n’est pas suspendu.")
    check_not_to_oneself(Role(membership.role), oneself=membership.account_id == actor.account_id)
    membership.suspended_at = None
    membership.in_force_since = now
    remember(
        membership.account_id,
        Act.RESTORED,
        actor=actor,
        now=now,
        address=address,
        role=Role(membership.role),
        structure=structure_of(actor.partner_id, membership.structure_id),
    )


def remove(membership: Membership, *, reason: str, actor: Actor, now: datetime) -> None:
    """Delete a role whose loss was checked; an open review takes it for withdrawn."""
    open_campaigns = select(ReviewCampaign.id).where(
        ReviewCampaign.partner_id == actor.partner_id, ReviewCampaign.closed_at.is_(None)
    )
    db.session.execute(
        update(ReviewLine)
        .where(
            ReviewLine.membership_id == membership.id,
            ReviewLine.campaign_id.in_(open_campaigns),
            ReviewLine.decision.is_distinct_from(Decision.WITHDRAWN.value),
        )
        .values(decision=Decision.WITHDRAWN, decided_at=now, decided_by=actor.account_id, reason=reason)
    )
    db.session.delete(membership)
    db.session.flush()


def check_leaves_an_administrator(account_id: int, actor: Actor) -> None:
    """Raise Impossible when the partner, or oneself, would be without the right of administration."""
    check_administrator_remains(
        account_id, administrators_of(actor.partner_id), oneself=account_id == actor.account_id
    )


def close_sessions_in(partner_id: int, account_id: int) -> None:
    """End the sessions that someone has in the partner; those in another partner go on."""
    db.session.execute(
        delete(LoginSession).where(
            LoginSession.account_id == account_id, LoginSession.partner_id == partner_id
        )
    )


def remember(
    account_id: int,
    act: Act,
    *,
    actor: Actor,
    now: datetime,
    address: str = "",
    role: Role | None = None,
    structure: Structure | None = None,
    reason: str = "",
) -> None:
    """Write what was done to someone's rights: in words with the account, by keys in the technical journal."""
    db.session.add(
        RightsChange(
            partner_id=actor.partner_id,
            account_id=account_id,
            at=now,
            by_id=actor.account_id,
            act=act,
            role=role,
            structure_name=structure.name if structure else "",
            reason=reason,
        )
    )
    note(
        Trace.RIGHTS_CHANGED,
        now=now,
        partner_id=actor.partner_id,
        account_id=actor.account_id,
        address=address,
        what=act.value,
        details={
            "account": account_id,
            "role": role.value if role else None,
            "structure": structure.code if structure else None,
        },
    )


def structure_of(partner_id: int, structure_id: int | None) -> Structure | None:
    """Raises NotFound for a structure of another partner."""
    if structure_id is None:
        return None
    structure = db.session.scalar(
        select(Structure).where(Structure.partner_id == partner_id, Structure.id == structure_id)
    )
    if structure is None:
        raise NotFound("Cette structure n’existe pas chez ce partenaire.", field="structure")
    return structure


def _check_administration(account_id: int, leaving: Sequence[Membership], actor: Actor) -> None:
    lost = [held for held in leaving if held.role == Role.ADMINISTRATOR.value and held.suspended_at is None]
    kept = [
        held
        for held, _ in memberships_in(actor.partner_id, account_id)
        if held.role == Role.ADMINISTRATOR.value and held.suspended_at is None and held not in lost
    ]
    if lost and not kept:
        check_leaves_an_administrator(account_id, actor)


def _withdraw_on_the_way(
    held: Membership, place: Structure | None, reason: str, actor: Actor, now: datetime, address: str
) -> None:
    remove(held, reason=reason, actor=actor, now=now)
    remember(
        held.account_id,
        Act.WITHDRAWN,
        actor=actor,
        now=now,
        address=address,
        role=Role(held.role),
        structure=place,
        reason=reason,
    )


def _move_one(
    held: Membership, target: Structure, reason: str, actor: Actor, now: datetime, address: str
) -> None:
    twin = db.session.scalar(
        select(Membership.id).where(
            Membership.partner_id == actor.partner_id,
            Membership.account_id == held.account_id,
            Membership.role == held.role,
            Membership.structure_id == target.id,
        )
    )
    if twin is not None:  # the role is held there already: the one left behind goes
        remove(held, reason=reason, actor=actor, now=now)
    else:
        held.structure_id = target.id
        db.session.flush()
    remember(
        held.account_id,
        Act.MOVED,
        actor=actor,
        now=now,
        address=address,
        role=Role(held.role),
        structure=target,
        reason=reason,
    )
