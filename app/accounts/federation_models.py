"""Signing in by ProConnect, while it lasts, and those who came without being expected."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.base import BigId, Model, UTCDateTime


class ProConnectExchange(Model):
    """Someone sent to ProConnect, until they are back: serves once, and only the browser that left.

    `id_token` is kept when no session was opened, to let the person leave ProConnect all the same.
    """

    __tablename__ = "proconnect_exchange"

    state_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    browser_digest: Mapped[str] = mapped_column(String(64), index=True)
    nonce: Mapped[str] = mapped_column(String(64))
    verifier: Mapped[str] = mapped_column(String(64))
    next_path: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    id_token: Mapped[str | None] = mapped_column(Text)


class Arrival(Model):
    """An account that ProConnect brought and that waits for an administrator, with what ProConnect said of it.

    The address stays here until then: an account owns none that nobody has confirmed. `is_new`: the account
    exists for this arrival alone.
    """

    __tablename__ = "arrival"
    __table_args__ = (UniqueConstraint("reference"), UniqueConstraint("account_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    reference: Mapped[str] = mapped_column(String(9))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    siret: Mapped[str] = mapped_column(String(14), index=True)
    email: Mapped[str | None] = mapped_column(String(254))
    organization: Mapped[str] = mapped_column(String(120))
    is_new: Mapped[bool]
    arrived_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
