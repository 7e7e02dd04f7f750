"""One row per clock, never columns on what it belongs to. No stored column depends on the present."""

from __future__ import annotations

from datetime import datetime
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
    that nothing stopped, suspended or cancelled it: the sweep and the queue look at running rows only.
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
