"""Which account someone opens whom ProConnect vouches for, and whether it opens.

An account is known by (issuer, sub). The address is looked at once, at the first sign-in, to find the invited
account of the partner that the SIRET names; whoever nobody invited gets an account without any right.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from app.accounts.assurance import Verdict, may_be_linked_by_email, usable_roles, verdict
from app.accounts.models import Account, FederatedIdentity, Membership, SecondFactor
from app.accounts.newcomers import forget_arrival_of, note_arrival
from app.accounts.openid import Person
from app.accounts.policy import Role
from app.accounts.proconnect import Identity
from app.accounts.service import create_account
from app.extensions import db
from app.partners.models import Partner, Structure


@dataclass(frozen=True)
class Settled:
    """What becomes of a sign-in. `set_aside`: roles of the account that it is not sure enough for.

    `reference` names the arrival that an administrator has to decide upon, if one is awaited.
    """

    account_id: int
    verdict: Verdict
    set_aside: frozenset[Role] = frozenset()
    reference: str | None = None


def settle(identity: Identity, *, now: datetime) -> Settled:
    """Find or make the account of `identity`, and say what becomes of it. Opens no session."""
    person, acr = identity.person, identity.proof.acr
    known = db.session.get(FederatedIdentity, (identity.issuer, identity.proof.sub))
    roles = _every_role(known.account_id) if known is not None else frozenset()
    is_new = False
    if not roles:
        # Nobody knew them, or nobody yet: an invitation may have come since.
        known, is_new = _first_known(identity, known, now)
        roles = _every_role(known.account_id)
    assert known is not None
    account = db.session.get_one(Account, known.account_id)
    decided = verdict(
        active=account.active, roles=roles, known_siret=known.siret, siret=person.siret, acr=acr
    )
    awaited = decided in {Verdict.PENDING, Verdict.MOVED}
    return Settled(
        account_id=account.id,
        verdict=decided,
        set_aside=roles - usable_roles(roles, by_proconnect=True, acr=acr),
        reference=note_arrival(account.id, person, is_new=is_new, now=now) if awaited else None,
    )


def _first_known(
    identity: Identity, known: FederatedIdentity | None, now: datetime
) -> tuple[FederatedIdentity, bool]:
    """The link of someone without rights, to the account that awaits them if there is one; and whether an
    account was made for them just now.
    """
    person = identity.person
    is_closed = known is not None and not db.session.get_one(Account, known.account_id).active
    invited = None if is_closed else _invited(person, identity.proof.acr)
    if known is None:
        account = invited or create_account(person.name, None, now=now)
        return _link(identity, account, now), invited is None
    known.siret = person.siret  # no right depends on it any more
    if invited is not None:
        former, known.account_id = known.account_id, invited.id
        db.session.flush()
        forget_arrival_of(former)
    return known, False


def _invited(person: Person, acr: str) -> Account | None:
    """The account that an administrator prepared for this address, in a partner that the SIRET names."""
    if person.email is None:
        return None
    own = select(Partner.id).where(Partner.siret == person.siret)
    of_structures = select(Structure.partner_id).where(Structure.siret == person.siret, Structure.active)
    # The row is held until the link is written: of two who come at once with one address, one is linked.
    account = db.session.scalar(
        select(Account)
        .where(
            Account.email == person.email,
            Account.active,
            Account.id.in_(
                select(Membership.account_id).where(
                    or_(Membership.partner_id.in_(own), Membership.partner_id.in_(of_structures))
                )
            ),
        )
        .with_for_update()
    )
    if account is None or _is_linked(account.id):
        return None
    is_local = account.password_hash is not None or db.session.get(SecondFactor, account.id) is not None
    roles = _every_role(account.id)
    return account if may_be_linked_by_email(is_local=is_local, roles=roles, acr=acr) else None


def _link(identity: Identity, account: Account, now: datetime) -> FederatedIdentity:
    link = FederatedIdentity(
        issuer=identity.issuer,
        sub=identity.proof.sub,
        account_id=account.id,
        siret=identity.person.siret,
        linked_at=now,
    )
    db.session.add(link)
    db.session.flush()
    return link


def _is_linked(account_id: int) -> bool:
    linked = select(FederatedIdentity.sub).where(FederatedIdentity.account_id == account_id).limit(1)
    return db.session.scalar(linked) is not None


def _every_role(account_id: int) -> frozenset[Role]:
    """Suspended ones too: what they give is decided elsewhere, that they exist matters here."""
    rows = db.session.scalars(select(Membership.role).where(Membership.account_id == account_id))
    return frozenset(Role(role) for role in rows)
