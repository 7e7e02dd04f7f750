"""Those whom ProConnect brought and whom nobody expected: who may see them, let them in, or set them aside.

An administrator sees the arrivals whose SIRET is their partner's own, one of its structures', or of the same
legal unit. Where the installation serves a single partner, they see all. Where it serves several, someone whose
SIRET says nothing is shown to none of them: the person tells the code of their page to the right one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, delete, false, func, not_, or_, select, true

from app.accounts.federation_models import Arrival
from app.accounts.life_models import RightsChange, Stay
from app.accounts.models import Account, FederatedIdentity, Membership
from app.accounts.openid import Person
from app.accounts.policy import Actor, Permission, Role, check
from app.accounts.queries import account_by_email
from app.accounts.service import add_membership
from app.extensions import db
from app.journal.technical import Trace, note
from app.kernel.errors import InvalidInput, NotFound
from app.kernel.reference import new_reference, parse_reference
from app.kernel.siret import siren_of
from app.partners.models import Partner, Structure

KEPT = timedelta(days=90)
NO_SUCH_ARRIVAL = "Cette arrivée n’existe pas, ou a déjà été traitée. Vérifiez le code."


@dataclass(frozen=True, slots=True)
class ArrivalRow:
    """Someone who waits. `structures` are the partner's of that SIRET; `email_is_taken`: another account has
    the address already. `former_siret` is set for someone whose structure changed, and who had rights before.
    """

    reference: str
    account_id: int
    name: str
    email: str | None
    email_is_taken: bool
    siret: str
    organization: str
    structures: tuple[tuple[int, str], ...]
    former_siret: str | None
    arrived_at: datetime
    last_seen_at: datetime


def pending_arrivals(partner_id: int) -> list[ArrivalRow]:
    """The arrivals that the administrators of this partner may decide upon, the oldest first."""
    query = _pending(partner_id).order_by(Arrival.arrived_at, Arrival.id)
    return [_row(partner_id, *found) for found in db.session.execute(query).tuples()]


def arrival_named(partner_id: int, reference: str) -> ArrivalRow:
    """The arrival whose code the person told an administrator of this partner, wherever they come from.

    Raises InvalidInput for what is no code, NotFound when nobody waits under it, or had rights elsewhere.
    """
    return _row(partner_id, *_found(partner_id, reference))


def accept_arrival(
    reference: str, *, role: Role, structure_id: int | None, actor: Actor, now: datetime
) -> int:
    """Give the person a first role, in the actor's partner, and the address they came with if nobody has it;
    returns the account. Raises NotAllowed, NotFound, InvalidInput.
    """
    check(actor, Permission.ACCOUNT_MANAGE)
    arrival, account, former = _found(actor.partner_id, reference)
    if former is not None:
        raise InvalidInput("Cette personne a déjà des droits\u00a0: confirmez son changement de structure.")
    add_membership(account.id, actor.partner_id, role, structure_id)
    if account.email is None and arrival.email is not None and account_by_email(arrival.email) is None:
        account.email = arrival.email
    _conclude(arrival, "arrival-accepted", actor=actor, now=now)
    return account.id


def confirm_move(reference: str, *, actor: Actor, now: datetime) -> int:
    """Let someone who has rights in the actor's partner keep them under their new SIRET; returns the account.

    Raises NotAllowed, NotFound, InvalidInput.
    """
    check(actor, Permission.ACCOUNT_MANAGE)
    arrival, account, former = _found(actor.partner_id, reference)
    if former is None:
        raise InvalidInput("Cette personne n’a encore aucun droit\u00a0: choisissez d’abord son rôle.")
    identities = select(FederatedIdentity).where(FederatedIdentity.account_id == account.id)
    for identity in db.session.scalars(identities).all():
        identity.siret = arrival.siret
    _conclude(arrival, "move-confirmed", actor=actor, now=now)
    return account.id


def set_arrival_aside(reference: str, *, actor: Actor, now: datetime) -> None:
    """Take the arrival off the list, with the account that was made for it alone: the person who comes again
    waits again. Raises NotAllowed, NotFound, InvalidInput.
    """
    check(actor, Permission.ACCOUNT_MANAGE)
    arrival, _, _ = _found(actor.partner_id, reference)
    _note(arrival, "arrival-set-aside", actor=actor, now=now)
    _forget(arrival)


def note_arrival(account_id: int, person: Person, *, is_new: bool, now: datetime) -> str:
    """Write that the person waits, or waits still; returns the code that names the arrival."""
    arrival = db.session.scalar(select(Arrival).where(Arrival.account_id == account_id))
    if arrival is None:
        arrival = Arrival(reference=new_reference(), account_id=account_id, is_new=is_new, arrived_at=now)
        db.session.add(arrival)
    arrival.siret, arrival.email = person.siret, person.email
    arrival.organization, arrival.last_seen_at = person.organization, now
    db.session.flush()
    return arrival.reference


def forget_arrival_of(account_id: int) -> None:
    """The person has another account, to which they were invited."""
    for arrival in db.session.scalars(select(Arrival).where(Arrival.account_id == account_id)).all():
        _forget(arrival)


def forget_old_arrivals(now: datetime) -> None:
    """Delete those who have not come back for `KEPT`: nobody let them in, nothing of them is needed."""
    for arrival in db.session.scalars(select(Arrival).where(Arrival.last_seen_at <= now - KEPT)).all():
        _forget(arrival)


Found = tuple[Arrival, Account, str | None]


def _pending(partner_id: int) -> Select[tuple[Arrival, Account, str | None]]:
    return _waiting(partner_id).where(or_(_has_moved_from(partner_id), _comes_to(partner_id)))


def _waiting(partner_id: int) -> Select[tuple[Arrival, Account, str | None]]:
    """Everyone who waits, with the SIRET that their rights here were given for, if they have some here."""
    former = (
        select(func.max(FederatedIdentity.siret))
        .where(FederatedIdentity.account_id == Account.id, _has_moved_from(partner_id))
        .scalar_subquery()
    )
    unsettled = or_(not_(_has_rights()), _has_moved_from(partner_id))
    return (
        select(Arrival, Account, former)
        .join(Account, Account.id == Arrival.account_id)
        .where(Account.active, unsettled)
    )


def _has_rights() -> ColumnElement[bool]:
    return select(Membership.id).where(Membership.account_id == Arrival.account_id).exists()


def _has_moved_from(partner_id: int) -> ColumnElement[bool]:
    here = select(Membership.id).where(
        Membership.account_id == Arrival.account_id, Membership.partner_id == partner_id
    )
    elsewhere = select(FederatedIdentity.sub).where(
        FederatedIdentity.account_id == Arrival.account_id,
        FederatedIdentity.siret.is_distinct_from(Arrival.siret),
    )
    return and_(here.exists(), elsewhere.exists())


def _comes_to(partner_id: int) -> ColumnElement[bool]:
    """The arrivals without rights whose SIRET leads to this partner."""
    partner = db.session.get_one(Partner, partner_id)
    own = select(Structure.siret).where(Structure.partner_id == partner_id, Structure.siret.is_not(None))
    legal_unit = Arrival.siret.startswith(siren_of(partner.siret)) if partner.siret else false()
    is_alone = db.session.scalar(select(func.count()).select_from(Partner)) == 1
    return and_(not_(_has_rights()), or_(Arrival.siret.in_(own), legal_unit, true() if is_alone else false()))


def _found(partner_id: int, reference: str) -> Found:
    named = _waiting(partner_id).where(Arrival.reference == parse_reference(reference, field="reference"))
    found = db.session.execute(named).tuples().first()
    if found is None:
        raise NotFound(NO_SUCH_ARRIVAL, field="reference")
    return found


def _row(partner_id: int, arrival: Arrival, account: Account, former: str | None) -> ArrivalRow:
    structures = select(Structure.id, Structure.name).where(
        Structure.partner_id == partner_id, Structure.siret == arrival.siret, Structure.active
    )
    owner = account_by_email(arrival.email) if arrival.email else None
    return ArrivalRow(
        reference=arrival.reference,
        account_id=account.id,
        name=account.name,
        email=arrival.email,
        email_is_taken=owner is not None and owner.id != account.id,
        siret=arrival.siret,
        organization=arrival.organization,
        structures=tuple(db.session.execute(structures.order_by(Structure.name)).tuples()),
        former_siret=former,
        arrived_at=arrival.arrived_at,
        last_seen_at=arrival.last_seen_at,
    )


def _conclude(arrival: Arrival, what: str, *, actor: Actor, now: datetime) -> None:
    _note(arrival, what, actor=actor, now=now)
    db.session.delete(arrival)
    db.session.flush()


def _note(arrival: Arrival, what: str, *, actor: Actor, now: datetime) -> None:
    note(
        Trace.RIGHTS_CHANGED,
        now=now,
        partner_id=actor.partner_id,
        account_id=actor.account_id,
        what=what,
        details={"account": arrival.account_id, "arrival": arrival.reference, "siret": arrival.siret},
    )


def _forget(arrival: Arrival) -> None:
    account_id = arrival.account_id
    traces = (Membership.account_id, Stay.account_id, RightsChange.account_id)
    is_known = any(
        db.session.scalar(select(column).where(column == account_id).limit(1)) is not None
        for column in traces
    )
    db.session.delete(arrival)
    db.session.flush()
    if arrival.is_new and not is_known:
        db.session.execute(delete(FederatedIdentity).where(FederatedIdentity.account_id == account_id))
        db.session.execute(delete(Account).where(Account.id == account_id))
