"""One row per clock, never columns on what it belongs to. No stored column depends on the present."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.base import BigId, JSONValue, Model, UTCDateTime

_STOPPED_LATE = "stopped_at > due_at AND cancelled_at IS NULL"


class StoredReading(Model):
    """An immutable `Reading`, shared by every clock that was started with it. `digest` names it in events."""

    __tablename__ = "reading"
    __table_args__ = (UniqueConstraint("digest"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[dict[str, Any]] = mapped_column(JSONValue)


class Deadline(Model):
    """A clock of a subject, projected from its events. Which state it is in is derived when it is read.

    `due_at` is the agreed date where there is one; `first_due_at` stays the reckoned one. `running` says
    that nothing stopped, suspended or cancelled it: the queue looks at running rows only. `next_alert_at` is
    when the next threshold of a running clock is reached that nobody was told of: the sweep looks at nothing else.
    """

    __tablename__ = "deadline"
    __table_args__ = (
        UniqueConstraint("subject_id", "clock"),
        Index("ix_deadline_running", "partner_id", "running", "due_at"),
        Index(
            "ix_deadline_missed",
            "partner_id",
            "subject_id",
            sqlite_where=text(_STOPPED_LATE),
            postgresql_where=text(_STOPPED_LATE),
        ),
        # The worker serves every partner in one pass: this index does not begin with the partner.
        Index(
            "ix_deadline_next_alert",
            "next_alert_at",
            sqlite_where=text("next_alert_at IS NOT NULL"),
            postgresql_where=text("next_alert_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id"))
    clock: Mapped[str] = mapped_column(String(32))
    applies_to: Mapped[str] = mapped_column(String(32))
    reading_id: Mapped[int] = mapped_column(ForeignKey("reading.id"))
    contractual: Mapped[bool]
    owed_by: Mapped[str] = mapped_column(String(16))
    running: Mapped[bool]
    contested: Mapped[bool]
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    first_due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    stopped_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    to_verify_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    suspended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    next_alert_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Alert(Model):
    """A threshold that a clock reached, once and for all: a worker that dies in between writes no second one.

    `tell_at` is the instant from which people may be told; None once it is settled whom to tell (`AlertNotice`),
    or that nobody needs to know any more.
    """

    __tablename__ = "alert"
    __table_args__ = (
        UniqueConstraint("subject_id", "clock", "applies_to", "threshold"),
        Index(
            "ix_alert_to_tell",
            "tell_at",
            sqlite_where=text("tell_at IS NOT NULL"),
            postgresql_where=text("tell_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id"))
    clock: Mapped[str] = mapped_column(String(32))
    applies_to: Mapped[str] = mapped_column(String(32))
    threshold: Mapped[int]
    reached_at: Mapped[datetime] = mapped_column(UTCDateTime)
    raised_at: Mapped[datetime] = mapped_column(UTCDateTime)
    tell_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class AlertNotice(Model):
    """Someone is to be told of an alert; `told_at` is when the mail that tells them was written."""

    __tablename__ = "alert_notice"
    __table_args__ = (
        Index("ix_alert_notice_told", "account_id", "told_at"),
        Index(
            "ix_alert_notice_waiting",
            "partner_id",
            "account_id",
            sqlite_where=text("told_at IS NULL"),
            postgresql_where=text("told_at IS NULL"),
        ),
    )

    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    told_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class AlertDigest(Model):
    """The morning digest of a partner on a day of its zone: written with the mails, so that it leaves once."""

    __tablename__ = "alert_digest"

    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime)
