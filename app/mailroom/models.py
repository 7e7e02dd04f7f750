"""What arrives by mail, kept until it has been dealt with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.base import BigId, JSONValue, Model, UTCDateTime
from app.kernel.reference import new_reference


class InboundMail(Model):
    """One mail of the mailbox `mailbox`, which numbers it by `uid` under `uid_validity` (RFC 3501 §2.3.1.1).

    `raw` is the mail as it came; None for one that was too big, or once it is forgotten. `fingerprint` is None for
    a mail that was stored already under another number. What is shown of it (`sender_name`, `title`, `text`) holds
    neither NIR nor secret. `partner_id` is None while nothing says whose it is. `subject_id` is the ticket that it
    is about, whose readers alone may read it; `account_id` the person of the partner who sent it. `event_sequence`
    is the event of the ticket that it became.
    """

    __tablename__ = "inbound_mail"
    __table_args__ = (
        UniqueConstraint("mailbox", "uid_validity", "uid"),
        UniqueConstraint("fingerprint"),
        UniqueConstraint("reference"),
        Index("ix_inbound_mail_partner", "partner_id", "status", "received_at"),
        # The worker serves every partner in one pass.
        Index("ix_inbound_mail_status", "status", "attempts", "id"),
        Index("ix_inbound_mail_sender", "sender", "fetched_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    reference: Mapped[str] = mapped_column(String(16), default=new_reference)
    mailbox: Mapped[str] = mapped_column(String(200))
    uid_validity: Mapped[int] = mapped_column(BigId)
    uid: Mapped[int] = mapped_column(BigId)
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int]
    raw: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    fetched_at: Mapped[datetime] = mapped_column(UTCDateTime)
    status: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("subject.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    sender: Mapped[str] = mapped_column(String(320), default="")
    sender_name: Mapped[str] = mapped_column(String(200), default="")
    title: Mapped[str] = mapped_column(String(400), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    verified: Mapped[str] = mapped_column(String(16), default="unknown")
    why: Mapped[str] = mapped_column(String(32), default="")
    ft_kind: Mapped[str | None] = mapped_column(String(32))
    ft_reference: Mapped[str] = mapped_column(String(80), default="")
    files: Mapped[list[dict[str, Any]]] = mapped_column(JSONValue, default=list)
    dealt_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    dealt_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    event_sequence: Mapped[int | None]
