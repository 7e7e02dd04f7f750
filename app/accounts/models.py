"""One account per person, a membership per partner, role and structure; sessions live here, on the server."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.policy import Role
from app.infra.base import BigId, Model, UTCDateTime
from app.kernel.reference import new_reference


class Method(StrEnum):
    """How a session was opened."""

    LOCAL = "local"
    PROCONNECT = "proconnect"


class Account(Model):
    """A person, or a shared function such as « Agent d’accueil 12 ». Without an address they cannot log in.

    `reference` names the account in the addresses of the administration.
    """

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("email"),
        UniqueConstraint("reference"),
        CheckConstraint("email = lower(email)", name="email_lower"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    email: Mapped[str | None] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_login_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reference: Mapped[str] = mapped_column(String(16), default=new_reference, nullable=True)


class Membership(Model):
    """A role of an account in a partner, and the structure the person works for, if any.

    A suspended role gives no right. `in_force_since` is when it was given, or its suspension lifted; `warned_at`
    when the person was last told that it is about to be suspended.
    """

    __tablename__ = "membership"
    # Two rows without a structure would both pass a plain unique constraint: NULL differs from NULL.
    __table_args__ = (
        UniqueConstraint("partner_id", "account_id", "role", "structure_id"),
        Index(
            "uq_membership_without_structure",
            "partner_id",
            "account_id",
            "role",
            unique=True,
            sqlite_where=text("structure_id IS NULL"),
            postgresql_where=text("structure_id IS NULL"),
        ),
        Index("ix_membership_account_id", "account_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    role: Mapped[Role] = mapped_column(String(32))
    structure_id: Mapped[int | None] = mapped_column(ForeignKey("structure.id"))
    suspended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    in_force_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    warned_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SecondFactor(Model):
    """The secret that an authenticator application shares with the desk (RFC 6238), encrypted.

    `last_step` is the last 30-second step whose code was accepted: no code opens twice.
    """

    __tablename__ = "second_factor"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    sealed_secret: Mapped[str] = mapped_column(String(300))
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_step: Mapped[int] = mapped_column(default=0)


class RecoveryCode(Model):
    """One of the ten codes that each replace the second factor once."""

    __tablename__ = "recovery_code"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    code_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class FederatedIdentity(Model):
    """Who an account is for an identity provider: (issuer, sub) never changes, the address may."""

    __tablename__ = "federated_identity"
    __table_args__ = (Index("ix_federated_identity_account_id", "account_id"),)

    issuer: Mapped[str] = mapped_column(String(255), primary_key=True)
    sub: Mapped[str] = mapped_column(String(255), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    siret: Mapped[str | None] = mapped_column(String(14))
    linked_at: Mapped[datetime] = mapped_column(UTCDateTime)


class OneTimeLink(Model):
    """A link sent by mail that serves once: invitation, new password. Only the digest of its token is here."""

    __tablename__ = "one_time_link"
    __table_args__ = (Index("ix_one_time_link_account_id", "account_id"),)

    token_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    purpose: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class LoginSession(Model):
    """A login under way. The cookie holds a random token; only its SHA-256 is here.

    `proven_at` is when the second factor was last shown, None when it never was; `device` says in words which
    browser it is, `id_token` is what ProConnect wants back at logout.
    """

    __tablename__ = "login_session"
    __table_args__ = (Index("ix_login_session_account_id", "account_id"),)

    token_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    method: Mapped[Method] = mapped_column(String(20), default=Method.LOCAL)
    acr: Mapped[str] = mapped_column(String(40), default="")
    proven_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    id_token: Mapped[str | None] = mapped_column(Text)
    device: Mapped[str] = mapped_column(String(120), default="")


class FormToken(Model):
    """A form that was sent, and where its result is: sent again, it leads there and does nothing."""

    __tablename__ = "form_token"

    token_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    result_url: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class FormDraft(Model):
    """A form that was sent when it could not be received: the session was over, or proof was due. It waits.

    `sealed` is the request's body, encrypted under a key that only the browser which sent it holds in full:
    what was typed has not been examined yet, and may hold what must never be stored in clear. `asks`: its owner
    must say again that it is to be sent.
    """

    __tablename__ = "form_draft"
    __table_args__ = (Index("ix_form_draft_account_id", "account_id"),)

    token_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    address: Mapped[str] = mapped_column(String(2000))
    media_type: Mapped[str] = mapped_column(String(200))
    sealed: Mapped[str] = mapped_column(Text, deferred=True)
    asks: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class LoginAttempt(Model):
    """A try to log in, kept as long as it counts. Digests: people type passwords in the address field."""

    __tablename__ = "login_attempt"
    __table_args__ = (
        Index("ix_login_attempt_identifier", "identifier_digest", "attempted_at"),
        Index("ix_login_attempt_address", "address_digest", "attempted_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    identifier_digest: Mapped[str] = mapped_column(String(64))
    address_digest: Mapped[str] = mapped_column(String(64))
    attempted_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
