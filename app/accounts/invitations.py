"""How people come: invited by an administrator, or let in after ProConnect brought them. Commits nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, select

from app.accounts.life import Act
from app.accounts.life_models import Stay
from app.accounts.models import Account, Membership
from app.accounts.newcomers import accept_arrival
from app.accounts.policy import Actor, Role
from app.accounts.queries import account_by_email
from app.accounts.rights import grant, lock, memberships_in, remember, structure_of
from app.accounts.service import create_account
from app.extensions import db
from app.kernel.errors import Impossible, InvalidInput


def stay_of(partner_id: int, account_id: int) -> Stay | None:
    return db.session.get(Stay, (partner_id, account_id))


def stay_in(partner_id: int, account_id: int) -> Stay:
    """The stay of someone in the partner; a new one when there was none."""
    stay = stay_of(partner_id, account_id)
    if stay is None:
        stay = Stay(partner_id=partner_id, account_id=account_id)
        db.session.add(stay)
    return stay


def begin_stay(partner_id: int, account_id: int) -> Stay:
    """The stay of someone who holds a role again: neither gone nor about to leave."""
    stay = stay_in(partner_id, account_id)
    stay.leaves_on = stay.left_at = None
    return stay


def invite(
    name: str,
    email: str,
    role: Role,
    structure_id: int | None,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    address: str = "",
) -> Account:
    """Give a role to someone new. An address that is known elsewhere is the same person, under their own name.

    Raises InvalidInput when they hold a role here already, or have left: their account is then reopened.
    """
    lock(actor)
    if not email:
        raise InvalidInput("Indiquez l’adresse à laquelle envoyer l’invitation.", field="email")
    account = account_by_email(email)
    if account is None:
        account = create_account(name, email, now=now)
    else:
        _check_new_here(actor.partner_id, account.id)
        account.active = True
    grant(
        account.id,
        role,
        structure_id,
        reason=reason,
        actor=actor,
        now=now,
        address=address,
        act=Act.INVITED,
    )
    begin_stay(actor.partner_id, account.id).invited_at = now
    db.session.flush()
    return account


def invite_again(account: Account, *, actor: Actor, now: datetime, address: str = "") -> None:
    """The invitation starts anew. Raises Impossible for someone who has come already, or was never invited."""
    lock(actor)
    stay = stay_of(actor.partner_id, account.id)
    invited = stay is not None and stay.invited_at is not None and stay.left_at is None
    if stay is None or not invited or account.last_login_at is not None:
        raise Impossible("Cette personne n’attend pas d’invitation\u00a0: elle s’est déjà connectée.")
    stay.invited_at = now
    remember(account.id, Act.INVITED, actor=actor, now=now, address=address)


def let_in(
    reference: str,
    role: Role,
    structure_id: int | None,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    address: str = "",
) -> Account:
    """Give their first role to someone whom ProConnect brought. Raises NotFound, InvalidInput."""
    lock(actor)
    account_id = accept_arrival(reference, role=role, structure_id=structure_id, actor=actor, now=now)
    for membership, _ in memberships_in(actor.partner_id, account_id):
        membership.in_force_since = now
    begin_stay(actor.partner_id, account_id)
    structure = structure_of(actor.partner_id, structure_id)
    remember(
        account_id,
        Act.ACCEPTED,
        actor=actor,
        now=now,
        address=address,
        role=role,
        structure=structure,
        reason=reason,
    )
    return db.session.get_one(Account, account_id)


def _check_new_here(partner_id: int, account_id: int) -> None:
    held = exists().where(Membership.partner_id == partner_id, Membership.account_id == account_id)
    if db.session.scalar(select(held)):
        raise InvalidInput("Cette personne a déjà un compte ici\u00a0: ajoutez-lui un rôle.", field="email")
    stay = stay_of(partner_id, account_id)
    if stay is not None and stay.left_at is not None:
        raise InvalidInput(
            "Cette personne est partie\u00a0: rouvrez son compte, que la liste des comptes partis donne.",
            field="email",
        )
