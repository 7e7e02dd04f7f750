"""Sessions live on the server: the cookie holds a random token, the database its SHA-256.

Rights are read anew at each request, so that a role withdrawn or an account closed counts at once.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from app.accounts.assurance import usable_roles
from app.accounts.models import Account, LoginSession, Membership, Method
from app.accounts.policy import Actor, Role
from app.accounts.queries import partners_of, roles_of
from app.extensions import db
from app.kernel.errors import NotAllowed, NotFound
from app.partners.models import Partner

# `last_seen_at` is written this seldom at most, for a page that is only read should not write.
SEEN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class LoggedIn:
    """Someone logged in, as Flask-Login wants its users, with what every page shows of them."""

    token: str
    actor: Actor
    partner_code: str
    partner_name: str
    time_zone: str
    several_partners: bool
    last_seen_at: datetime
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        return self.token


def open_session(
    account_id: int,
    *,
    now: datetime,
    lifetime: timedelta,
    method: Method = Method.LOCAL,
    acr: str = "",
    id_token: str | None = None,
    proven_at: datetime | None = None,
) -> str:
    """A new session, in the first partner of the account by name; returns the token for the cookie.

    `acr` and `id_token` come from ProConnect; `proven_at` is when the second factor was shown. Raises
    NotAllowed when the account belongs to no partner, or holds in none a role that `acr` is enough for.
    """
    partners = [
        partner
        for partner in partners_of(account_id)
        if usable_roles(roles_of(account_id, partner.id), by_proconnect=method is Method.PROCONNECT, acr=acr)
    ]
    if not partners:
        raise NotAllowed(
            "Votre compte n’est rattaché à aucun partenaire. Adressez-vous à l’administrateur de l’application."
        )
    token = secrets.token_urlsafe(32)
    db.session.add(
        LoginSession(
            token_digest=_digest(token),
            account_id=account_id,
            partner_id=partners[0].id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + lifetime,
            method=method,
            acr=acr,
            id_token=id_token,
            proven_at=proven_at,
        )
    )
    db.session.flush()
    return token


def load_logged_in(token: str, *, now: datetime, idle: timedelta) -> LoggedIn | None:
    """Who holds `token`, and their present rights, in one query; None when the session is over.

    It is over at `expires_at`, after `idle` without a request, or when the account or its last role is gone.
    """
    rows = db.session.execute(
        select(LoginSession, Account.name, Membership, Partner)
        .join(Account, Account.id == LoginSession.account_id)
        .join(Membership, Membership.account_id == Account.id)
        .join(Partner, Partner.id == LoginSession.partner_id)
        .where(
            LoginSession.token_digest == _digest(token),
            LoginSession.expires_at > now,
            LoginSession.last_seen_at > now - idle,
            Account.active,
        )
    ).all()
    here = [membership for session, _, membership, _ in rows if membership.partner_id == session.partner_id]
    if not here:
        return None
    session, name, _, partner = rows[0]
    roles = usable_roles(
        frozenset(Role(membership.role) for membership in here),
        by_proconnect=session.method == Method.PROCONNECT,
        acr=session.acr,
    )
    if not roles:
        return None
    actor = Actor(
        account_id=session.account_id,
        name=name,
        partner_id=partner.id,
        roles=roles,
        structure_ids=frozenset(row.structure_id for row in here if row.structure_id is not None),
    )
    return LoggedIn(
        token=token,
        actor=actor,
        partner_code=partner.code,
        partner_name=partner.name,
        time_zone=partner.time_zone,
        several_partners=any(membership.partner_id != partner.id for _, _, membership, _ in rows),
        last_seen_at=session.last_seen_at,
    )


def must_be_seen(logged_in: LoggedIn, now: datetime) -> bool:
    """Whether the presence of that person is due to be written."""
    return now - logged_in.last_seen_at >= SEEN_EVERY


def see(token: str, *, now: datetime) -> None:
    """Write that the session is in use."""
    db.session.execute(
        update(LoginSession).where(LoginSession.token_digest == _digest(token)).values(last_seen_at=now)
    )


def choose_partner(logged_in: LoggedIn, partner_code: str) -> None:
    """Go on in another partner of the same person. Raises NotFound for one they do not belong to."""
    assert logged_in.actor.account_id is not None
    for partner in partners_of(logged_in.actor.account_id):
        if partner.code == partner_code:
            db.session.execute(
                update(LoginSession)
                .where(LoginSession.token_digest == _digest(logged_in.token))
                .values(partner_id=partner.id)
            )
            return
    raise NotFound("Choisissez l’un des partenaires proposés.", field="partner")


def close_session(token: str) -> None:
    """End the session: its token is worth nothing any more."""
    db.session.execute(delete(LoginSession).where(LoginSession.token_digest == _digest(token)))


def close_sessions_of(account_id: int, *, keep: str | None = None) -> None:
    """End the sessions of an account, but the one whose token is `keep`: its password has changed."""
    query = delete(LoginSession).where(LoginSession.account_id == account_id)
    if keep is not None:
        query = query.where(LoginSession.token_digest != _digest(keep))
    db.session.execute(query)


def forget_ended_sessions(now: datetime) -> None:
    """Delete the sessions that are over, whoever held them."""
    db.session.execute(delete(LoginSession).where(LoginSession.expires_at <= now))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
