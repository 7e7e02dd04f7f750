"""Sessions live on the server: the cookie holds a random token, the database its SHA-256.

Rights are read anew at each request, so that a role withdrawn or an account closed counts at once.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete, select, update

from app.accounts.assurance import usable_roles
from app.accounts.limits import Life, Limits, is_fresh, life_of, limits_of
from app.accounts.models import Account, LoginSession, Membership, Method
from app.accounts.policy import Actor, Role, actor_holding
from app.accounts.queries import IN_FORCE, memberships_of, partners_of, roles_of
from app.extensions import db
from app.kernel.errors import NotAllowed, NotFound
from app.partners.models import Partner

# `last_seen_at` is written this seldom at most, for a page that is only read should not write.
SEEN_EVERY = timedelta(minutes=5)
# A session that is over opens nothing, yet tells for a while whose form is sent from a page left open.
KEPT_AFTER_THE_END = timedelta(days=1)
HANDLE_LENGTH = 16
DEVICE_LENGTH = 120


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
    method: Method
    proven_at: datetime | None
    life: Life
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        return self.token

    def has_proven(self, now: datetime, kept: timedelta) -> bool:
        """Whether the second factor was shown less than `kept` ago."""
        return is_fresh(self.proven_at, now, kept)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session of an account, for its owner. `handle` names it without opening it."""

    handle: str
    device: str
    method: Method
    opened_at: datetime
    last_seen_at: datetime
    ends_at: datetime
    current: bool


@dataclass(frozen=True, slots=True)
class Holder:
    """Who held a session, over or not, and in which partner they were."""

    account_id: int
    partner_id: int


def open_session(
    account_id: int,
    *,
    now: datetime,
    lifetime: timedelta,
    method: Method = Method.LOCAL,
    acr: str = "",
    id_token: str | None = None,
    proven_at: datetime | None = None,
    device: str = "",
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
    if not partners and any(membership.suspended for membership in memberships_of(account_id)):
        raise NotAllowed(
            "Vos droits sont suspendus, faute d’avoir servi depuis longtemps. Un administrateur de votre "
            "organisme peut les rétablir."
        )
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
            device=device[:DEVICE_LENGTH],
        )
    )
    db.session.flush()
    return token


def load_logged_in(token: str, *, now: datetime, idle: timedelta) -> LoggedIn | None:
    """Who holds `token`, and their present rights, in one query; None when the session is over.

    It is over at `expires_at`, after `idle` without a request (or less: `limits.py`), or when the account or
    its last role is gone.
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
            IN_FORCE,
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
    life = _life(session, roles, idle)
    if not roles or life.end <= now:
        return None
    held = [(Role(row.role), row.structure_id) for row in here if Role(row.role) in roles]
    actor = actor_holding(held, account_id=session.account_id, name=name, partner_id=partner.id)
    return LoggedIn(
        token=token,
        actor=actor,
        partner_code=partner.code,
        partner_name=partner.name,
        time_zone=partner.time_zone,
        several_partners=any(membership.partner_id != partner.id for _, _, membership, _ in rows),
        last_seen_at=session.last_seen_at,
        method=Method(session.method),
        proven_at=session.proven_at,
        life=life,
    )


def sessions_of(account_id: int, *, now: datetime, idle: timedelta, current: str) -> list[SessionRow]:
    """The sessions of the account that are not over, the latest used first; `current` is the token of one."""
    sessions = db.session.scalars(
        select(LoginSession)
        .where(LoginSession.account_id == account_id, LoginSession.expires_at > now)
        .order_by(LoginSession.last_seen_at.desc(), LoginSession.token_digest)
    ).all()
    roles = {row.partner_id: roles_of(account_id, row.partner_id) for row in sessions}
    rows = [
        SessionRow(
            handle=row.token_digest[:HANDLE_LENGTH],
            device=row.device,
            method=Method(row.method),
            opened_at=row.created_at,
            last_seen_at=row.last_seen_at,
            ends_at=_life(row, roles[row.partner_id], idle).end,
            current=row.token_digest == _digest(current),
        )
        for row in sessions
    ]
    return [row for row in rows if row.ends_at > now]


def former_holder(token: str) -> Holder | None:
    """Who held this session, over or not; None when it was closed on purpose, or too long ago."""
    row = db.session.get(LoginSession, _digest(token))
    return Holder(row.account_id, row.partner_id) if row is not None else None


def must_be_seen(logged_in: LoggedIn, now: datetime) -> bool:
    """Whether the presence of that person is due to be written."""
    return now - logged_in.last_seen_at >= SEEN_EVERY


def see(token: str, *, now: datetime) -> None:
    """Write that the session is in use."""
    db.session.execute(
        update(LoginSession).where(LoginSession.token_digest == _digest(token)).values(last_seen_at=now)
    )


def prove(token: str, *, now: datetime) -> str:
    """Write that the second factor was shown just now, and change the token; returns the new one.

    Raises NotFound when the session was closed meanwhile.
    """
    new = secrets.token_urlsafe(32)
    proven = update(LoginSession).where(LoginSession.token_digest == _digest(token))
    result = db.session.execute(proven.values(token_digest=_digest(new), proven_at=now, last_seen_at=now))
    if not _rows(result):
        raise NotFound("Votre session est terminée.")
    return new


def revoke(account_id: int, handle: str) -> None:
    """Close one session of the account. Raises NotFound when it has none of that name."""
    query = delete(LoginSession).where(
        LoginSession.account_id == account_id,
        LoginSession.token_digest.startswith(handle, autoescape=True),
    )
    if len(handle) != HANDLE_LENGTH or not handle.isalnum() or not _rows(db.session.execute(query)):
        raise NotFound("Cette session est déjà close.")


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


def id_token_of(token: str) -> str | None:
    """What ProConnect wants back at logout; None for a session that it did not open."""
    query = select(LoginSession.id_token).where(LoginSession.token_digest == _digest(token))
    return db.session.scalar(query)


def close_session(token: str) -> None:
    """End the session: its token is worth nothing any more."""
    db.session.execute(delete(LoginSession).where(LoginSession.token_digest == _digest(token)))


def close_sessions_of(account_id: int, *, keep: str | None = None) -> int:
    """End the sessions of an account, but the one whose token is `keep`; returns how many were closed."""
    query = delete(LoginSession).where(LoginSession.account_id == account_id)
    if keep is not None:
        query = query.where(LoginSession.token_digest != _digest(keep))
    return _rows(db.session.execute(query))


def forget_ended_sessions(now: datetime) -> None:
    """Delete the sessions that were over a day ago, whoever held them."""
    over = LoginSession.expires_at <= now - KEPT_AFTER_THE_END
    db.session.execute(delete(LoginSession).where(over))


def _life(session: LoginSession, roles: frozenset[Role], idle: timedelta) -> Life:
    cap = Limits(idle, session.expires_at - session.created_at)
    return life_of(session.created_at, session.last_seen_at, session.expires_at, limits_of(roles, cap))


def _rows(result: object) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
