"""The outbox: what the desk owes by mail, written in the transaction of the event that caused it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.base import BigId, JSONValue, Model, UTCDateTime
from app.notifications.vocabulary import Family, Pace

TEMPLATE_LENGTH = 40
ERROR_LENGTH = 300


class Outbox(Model):
    """One mail to one person: about one event of a subject, or a letter about nothing but them (no subject).

    `path` is the page that a letter leads to; a mail about a subject leads to that subject's page.

    `next_attempt_at` is None once nothing more will be tried: the mail has left (`sent_at`) or was given up.
    `bounced_at`: it left, and came back undelivered. `message_id` is the left part of the Message-ID, the same at
    each attempt; the right part is the desk's host.

    `family` is None for what no preference holds up. A row that waits for a digest is `held_until` its hour; then
    it names the digest that tells it, a row like any other, and nothing is tried for the row itself. One that its
    person wants by no mail is `unwanted`. Whatever is chosen, each event has its row.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("subject_id", "sequence", "account_id", "template"),
        # The worker serves every partner in one pass: this index alone does not begin with the partner.
        Index("ix_outbox_due", "next_attempt_at", "id"),
        Index("ix_outbox_held", "held_until"),
        Index("ix_outbox_digest", "digest_id"),
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
    bounced_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str] = mapped_column(String(ERROR_LENGTH), default="")
    family: Mapped[Family | None] = mapped_column(String(16))
    held_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    digest_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"))
    unwanted: Mapped[bool] = mapped_column(default=False, server_default=false())


class Preference(Model):
    """How a person wishes to read the news of tickets. No row: at once. `hours` are those of their digests."""

    __tablename__ = "mail_preference"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)
    pace: Mapped[Pace] = mapped_column(String(16))
    hours: Mapped[list[int]] = mapped_column(JSONValue)
