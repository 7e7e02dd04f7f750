"""What happens to accounts. Hashing is slow and stays out of transactions: hash first, then set."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlalchemy import select

from app.accounts.attempts import forget_attempts
from app.accounts.models import Account, Membership, Method
from app.accounts.one_time_links import void_links_of
from app.accounts.passwords import check_password, hash_password, length_of, minimum_length, verify_password
from app.accounts.policy import ROLE_LABELS, Role
from app.accounts.queries import account_by_email, normalised_email, roles_of
from app.accounts.sessions import close_session, close_sessions_of, open_session
from app.extensions import db
from app.kernel.errors import InvalidInput, NotAllowed, NotFound
from app.kernel.text import clean_line
from app.partners.models import Structure

NAME_LENGTH = 120
EMAIL_LENGTH = 254
_EMAIL = re.compile(r"[^@\s\"<>,;]+@[^@\s\"<>,;]+\.[^@\s\"<>,;]+")


def create_account(name: str, email: str | None, *, now: datetime) -> Account:
    """A new account, without a role nor a password yet. Without an address nobody can log in with it.

    Raises InvalidInput for a name or an address that cannot be accepted.
    """
    name = clean_line(name, field="name", label="Nom", max_length=NAME_LENGTH)
    if not name:
        raise InvalidInput("Indiquez un nom, par exemple celui de la fonction.", field="name")
    account = Account(
        name=name,
        email=_accepted_email(email) if email else None,
        password_hash=None,
        active=True,
        created_at=now,
    )
    db.session.add(account)
    db.session.flush()
    return account


def add_membership(
    account_id: int, partner_id: int, role: Role, structure_id: int | None = None
) -> Membership:
    """Give a role in a partner, for one of its structures or for none.

    Raises NotFound for a structure of another partner; InvalidInput for a role already held, and for an
    account manager who works for a contractor.
    """
    if structure_id is not None:
        _check_structure(partner_id, structure_id, role)
    held = select(Membership.id).where(
        Membership.partner_id == partner_id,
        Membership.account_id == account_id,
        Membership.role == role,
        Membership.structure_id.is_not_distinct_from(structure_id),
    )
    if db.session.scalar(held) is not None:
        raise InvalidInput(f"Ce compte a déjà le rôle «\u00a0{ROLE_LABELS[role]}\u00a0».", field="role")
    membership = Membership(
        partner_id=partner_id, account_id=account_id, role=role, structure_id=structure_id
    )
    db.session.add(membership)
    db.session.flush()
    return membership


def hash_new_password(account_id: int, password: str, *, field: str = "password") -> str:
    """The hash of a password that this account may take. To be called outside a transaction.

    Raises InvalidInput when the password is too short for the roles of the account, or common.
    """
    check_password(password, minimum=minimum_length(roles_of(account_id)), field=field)
    return hash_password(password)


def hash_changed_password(account_id: int, *, current: str, password: str) -> str:
    """As `hash_new_password`, for its owner, who proves it with the current one. Raises InvalidInput."""
    if not is_password_of(account_id, current):
        raise InvalidInput("Ce n’est pas votre mot de passe actuel.", field="current")
    return hash_new_password(account_id, password)


def set_password(account_id: int, password_hash: str, *, keep_session: str | None = None) -> None:
    """Replace the password. Every session of the account ends, but the one whose token is `keep_session`, and
    no link that was sent for an earlier password serves any more.
    """
    account = db.session.get_one(Account, account_id)
    account.password_hash = password_hash
    void_links_of(account_id)
    close_sessions_of(account_id, keep=keep_session)


def is_password_of(account_id: int, password: str) -> bool:
    """Whether it is the password of this account. To be called outside a transaction."""
    return verify_password(db.session.get_one(Account, account_id).password_hash, password)


def check_credentials(email: str, password: str) -> int | None:
    """The account that this address and password open, else None: wrong, unknown and closed look alike.

    To be called outside a transaction. Raises NotAllowed, to the owner only, when the password has become
    too short for their roles.
    """
    account = account_by_email(email)
    password_hash = account.password_hash if account and account.active else None
    if not verify_password(password_hash, password) or account is None:
        return None
    minimum = minimum_length(roles_of(account.id))
    if length_of(password) < minimum:
        raise NotAllowed(
            f"Votre rôle demande désormais un mot de passe d’au moins {minimum} caractères. "
            "Choisissez-en un nouveau avec «\u00a0Mot de passe oublié\u00a0»."
        )
    return account.id


def log_in(
    account_id: int,
    *,
    now: datetime,
    lifetime: timedelta,
    replaces: str | None,
    method: Method = Method.LOCAL,
    acr: str = "",
    id_token: str | None = None,
    proven_at: datetime | None = None,
    device: str = "",
) -> str:
    """Open a session for someone whose credentials were checked; returns its token for the cookie.

    `replaces` is the token of the session that the browser held, which ends; the rest is as for
    `open_session`. Raises NotAllowed when the account belongs to no partner.
    """
    account = db.session.get_one(Account, account_id)
    if account.email is not None:
        forget_attempts(account.email)
    account.last_login_at = now
    if replaces is not None:
        close_session(replaces)
    return open_session(
        account_id,
        now=now,
        lifetime=lifetime,
        method=method,
        acr=acr,
        id_token=id_token,
        proven_at=proven_at,
        device=device,
    )


def _accepted_email(email: str) -> str:
    email = normalised_email(email)
    if len(email) > EMAIL_LENGTH or not _EMAIL.fullmatch(email):
        raise InvalidInput(
            "Cette adresse électronique n’est pas valable\u00a0: écrivez-la sous la forme nom@exemple.fr.",
            field="email",
        )
    if account_by_email(email) is not None:
        raise InvalidInput(f"Un compte a déjà l’adresse «\u00a0{email}\u00a0».", field="email")
    return email


def _check_structure(partner_id: int, structure_id: int, role: Role) -> None:
    structure = db.session.get(Structure, structure_id)
    if structure is None or structure.partner_id != partner_id:
        raise NotFound("Cette structure n’existe pas chez ce partenaire.", field="structure")
    if role is Role.ACCOUNT_MANAGER and structure.kind == "prestataire":
        # Annexe 1 of the conventions: the account manager is staff, never a contractor.
        raise InvalidInput(
            "Le responsable de gestion de comptes ne peut pas appartenir à un prestataire.", field="role"
        )
