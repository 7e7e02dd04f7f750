"""What is known of people and their rights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.accounts.models import Account, Membership
from app.accounts.policy import Role
from app.extensions import db
from app.kernel.errors import NotFound
from app.partners.models import Partner, Structure

# A suspended role gives no right, as if it were not held.
IN_FORCE = Membership.suspended_at.is_(None)


@dataclass(frozen=True, slots=True)
class MembershipRow:
    """A role of a person: where, and for which structure if any."""

    partner_code: str
    partner_name: str
    role: Role
    structure_name: str | None
    suspended: bool


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Someone of a partner, with all their roles there."""

    account_id: int
    name: str
    email: str | None
    active: bool
    roles: tuple[Role, ...]


def normalised_email(email: str) -> str:
    """The address as accounts are keyed: without surrounding spaces, in lower case."""
    return email.strip().lower()


def account_by_email(email: str) -> Account | None:
    return db.session.scalar(select(Account).where(Account.email == normalised_email(email)))


def any_account_id() -> int | None:
    """Some account that can be written to; None where there is none."""
    query = select(Account.id).where(Account.active, Account.email.is_not(None)).order_by(Account.id)
    return db.session.scalar(query.limit(1))


def account_named(email: str) -> Account:
    """Raises NotFound when nobody has this address."""
    account = account_by_email(email)
    if account is None:
        raise NotFound(f"Aucun compte n’a l’adresse «\u00a0{email}\u00a0».", field="email")
    return account


def roles_of(account_id: int, partner_id: int | None = None) -> frozenset[Role]:
    """Every role of the account that is in force, in one partner or whatever the partner."""
    query = select(Membership.role).where(Membership.account_id == account_id, IN_FORCE)
    if partner_id is not None:
        query = query.where(Membership.partner_id == partner_id)
    return frozenset(Role(role) for role in db.session.scalars(query))


def partners_of(account_id: int) -> Sequence[Partner]:
    """The partners in which the account holds a role in force, by name."""
    held = select(Membership.partner_id).where(Membership.account_id == account_id, IN_FORCE)
    query = select(Partner).where(Partner.id.in_(held)).order_by(Partner.name)
    return db.session.scalars(query).all()


def memberships_of(account_id: int) -> list[MembershipRow]:
    """The roles of the account, by partner."""
    query = (
        select(Partner.code, Partner.name, Membership.role, Structure.name, Membership.suspended_at)
        .join(Partner, Partner.id == Membership.partner_id)
        .outerjoin(Structure, Structure.id == Membership.structure_id)
        .where(Membership.account_id == account_id)
        .order_by(Partner.name, Membership.id)
    )
    return [
        MembershipRow(code, name, Role(role), structure, suspended_at is not None)
        for code, name, role, structure, suspended_at in db.session.execute(query)
    ]


def check_member(partner_id: int, account_id: int) -> None:
    """Raise NotFound for someone who holds no role in force in the partner."""
    held = select(Membership.id).where(
        Membership.partner_id == partner_id, Membership.account_id == account_id, IN_FORCE
    )
    if db.session.scalar(held.limit(1)) is None:
        raise NotFound("Cette personne n’appartient pas au partenaire.", field="assignee")


def people_of(partner_id: int) -> list[PersonRow]:
    """Everyone with a role in force in the partner, by name."""
    query = (
        select(Account, Membership.role)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.partner_id == partner_id, IN_FORCE)
        .order_by(Account.name, Account.id, Membership.id)
    )
    accounts: dict[int, Account] = {}
    roles: dict[int, dict[Role, None]] = {}
    for account, role in db.session.execute(query):
        accounts[account.id] = account
        roles.setdefault(account.id, {})[Role(role)] = None
    return [
        PersonRow(account.id, account.name, account.email, account.active, tuple(roles[account.id]))
        for account in accounts.values()
    ]


def demonstration_accounts() -> list[PersonRow]:
    """One account per role that may log in: what the login page of the demonstration offers."""
    query = (
        select(Account, Membership.role)
        .join(Membership, Membership.account_id == Account.id)
        .where(Account.active, Account.email.is_not(None), Account.password_hash.is_not(None))
        .order_by(Account.id, Membership.id)
    )
    first: dict[Role, PersonRow] = {}
    for account, role in db.session.execute(query):
        first.setdefault(
            Role(role), PersonRow(account.id, account.name, account.email, account.active, (Role(role),))
        )
    return [first[role] for role in Role if role in first]


def email_of(account_id: int) -> str | None:
    return db.session.scalar(select(Account.email).where(Account.id == account_id))


def names_of(account_ids: Sequence[int | None]) -> dict[int, str]:
    """The name to show for each of these accounts."""
    wanted = {account_id for account_id in account_ids if account_id is not None}
    rows = db.session.execute(select(Account.id, Account.name).where(Account.id.in_(wanted)))
    return dict(rows.tuples().all())
