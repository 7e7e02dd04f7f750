"""What the administrator of a partner reads of its people. Each query is of one partner, and of it alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, or_, select

from app.accounts.life import Act, Standing, standing
from app.accounts.life_models import Deed, RightsChange, Stay
from app.accounts.models import Account, Membership
from app.accounts.one_time_links import INVITATION_LIFETIME
from app.accounts.policy import Role
from app.accounts.queries import names_of
from app.accounts.rights import right_key
from app.extensions import db
from app.kernel.text import fold
from app.partners.models import Structure

PAGE_SIZE = 50
HISTORY_SHOWN = 50
THE_DESK = "Le service"


@dataclass(frozen=True, slots=True)
class RightRow:
    """A role of someone. `key` names it in addresses; `structure` is empty for the whole partner."""

    key: str
    role: Role
    structure: str
    structure_code: str | None
    suspended_at: datetime | None


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Someone who holds, or held, a role in the partner. `invitation_ends_at` is set while it is awaited."""

    account_id: int
    reference: str
    name: str
    email: str
    standing: Standing
    rights: tuple[RightRow, ...]
    created_at: datetime
    last_login_at: datetime | None
    invitation_ends_at: datetime | None
    leaves_on: date | None
    left_at: datetime | None

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(right.role for right in self.rights)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to; an empty word narrows nothing. `structure` is a code."""

    text: str = ""
    role: str = ""
    structure: str = ""
    standing: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the list: its lines, its number from 1, how many pages and how many people there are."""

    lines: Sequence[PersonLine]
    number: int
    last: int
    found: int


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One act on someone's rights, for their history."""

    at: datetime
    act: Act
    role: Role | None
    structure: str
    reason: str
    by: str


def people_in(partner_id: int, wanted: Wanted = Wanted()) -> list[PersonLine]:
    """Everyone who holds or held a role in the partner and answers to `wanted`, by name. Two queries.

    A search finds every word in the name or the address, whatever its accents.
    """
    lines = [_line(account, stay, rights) for account, stay, rights in _people(partner_id)]
    kept = [line for line in lines if _answers(line, wanted)]
    return sorted(kept, key=lambda line: (fold(line.name), line.account_id))


def page_of(lines: Sequence[PersonLine], number: int) -> Page:
    """The page of that number, or the nearest that exists."""
    last = max(1, -(-len(lines) // PAGE_SIZE))
    number = min(max(number, 1), last)
    start = (number - 1) * PAGE_SIZE
    return Page(lines[start : start + PAGE_SIZE], number, last, len(lines))


def person_line(partner_id: int, account_id: int) -> PersonLine:
    """One of them. The caller has checked that they are the partner's."""
    ((account, stay, rights),) = _people(partner_id, account_id)
    return _line(account, stay, rights)


def history_of(partner_id: int, account_id: int) -> list[ChangeLine]:
    """What was done to someone's rights in the partner, the latest first."""
    changes = db.session.scalars(
        select(RightsChange)
        .where(RightsChange.partner_id == partner_id, RightsChange.account_id == account_id)
        .order_by(RightsChange.id.desc())
        .limit(HISTORY_SHOWN)
    ).all()
    names = names_of([change.by_id for change in changes])
    return [
        ChangeLine(
            at=change.at,
            act=Act(change.act),
            role=Role(change.role) if change.role else None,
            structure=change.structure_name,
            reason=change.reason,
            by=names.get(change.by_id or 0, THE_DESK),
        )
        for change in changes
    ]


def last_deeds(partner_id: int) -> Mapping[int, Deed]:
    """The deed of commitment that counts for each account."""
    deeds = db.session.scalars(select(Deed).where(Deed.partner_id == partner_id).order_by(Deed.id))
    return {deed.account_id: deed for deed in deeds}


def _people(
    partner_id: int, account_id: int | None = None
) -> list[tuple[Account, Stay | None, list[RightRow]]]:
    held = select(Membership.account_id).where(Membership.partner_id == partner_id)
    accounts = (
        select(Account, Stay)
        .outerjoin(Stay, and_(Stay.account_id == Account.id, Stay.partner_id == partner_id))
        .where(or_(Account.id.in_(held), Stay.left_at.is_not(None)))
    )
    rights = (
        select(Membership, Structure.code, Structure.name)
        .outerjoin(Structure, Structure.id == Membership.structure_id)
        .where(Membership.partner_id == partner_id)
        .order_by(Membership.id)
    )
    if account_id is not None:
        accounts = accounts.where(Account.id == account_id)
        rights = rights.where(Membership.account_id == account_id)
    by_account: dict[int, list[RightRow]] = defaultdict(list)
    for membership, code, name in db.session.execute(rights):
        key = right_key(membership.role, code)
        row = RightRow(key, Role(membership.role), name or "", code, membership.suspended_at)
        by_account[membership.account_id].append(row)
    return [(account, stay, by_account[account.id]) for account, stay in db.session.execute(accounts)]


def _line(account: Account, stay: Stay | None, rights: Sequence[RightRow]) -> PersonLine:
    invited_at = stay.invited_at if stay else None
    stands = standing(
        has_role=bool(rights),
        suspended=any(right.suspended_at for right in rights),
        active=account.active,
        invited_at=invited_at,
        last_login_at=account.last_login_at,
    )
    awaited = stands is Standing.INVITED and invited_at is not None
    return PersonLine(
        account_id=account.id,
        reference=account.reference,
        name=account.name,
        email=account.email or "",
        standing=stands,
        rights=tuple(rights),
        created_at=account.created_at,
        last_login_at=account.last_login_at,
        invitation_ends_at=invited_at + INVITATION_LIFETIME if awaited and invited_at else None,
        leaves_on=stay.leaves_on if stay else None,
        left_at=stay.left_at if stay else None,
    )


def _answers(line: PersonLine, wanted: Wanted) -> bool:
    where = fold(f"{line.name} {line.email}")
    return (
        all(word in where for word in fold(wanted.text).split())
        and (not wanted.role or wanted.role in line.roles)
        and (not wanted.structure or wanted.structure in {right.structure_code for right in line.rights})
        and (not wanted.standing or wanted.standing == line.standing)
    )
