"""The outbox: what the desk owes by mail, written in the transaction of the event that caused it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.base import BigId, JSONValue, Model, UTCDateTime

TEMPLATE_LENGTH = 40
ERROR_LENGTH = 300


class Outbox(Model):
    """One mail to one person: about one event of a subject, or a letter about nothing but them (no subject).

    `path` is the page that a letter leads to; a mail about a subject leads to that subject's page.

    `next_attempt_at` is None once nothing more will be tried: the mail has left (`sent_at`) or was given up.
    `message_id` is the left part of the Message-ID, the same at each attempt; the right part is the desk's host.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("subject_id", "sequence", "account_id", "template"),
        # The worker serves every partner in one pass: this index alone does not begin with the partner.
        Index("ix_outbox_due", "next_attempt_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("subject.id"))
    sequence: Mapped[int | None]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    template: Mapped[str] = mapped_column(String(TEMPLATE_LENGTH))
    path: Mapped[str] = mapped_column(String(500), default="")
    context: Mapped[dict[str, Any]] = mapped_column(JSONValue)
    message_id: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str] = mapped_column(String(ERROR_LENGTH), default="")
