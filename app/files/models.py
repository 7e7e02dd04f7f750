"""Attachments are rows: one backup, one transaction, and every node sees them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.base import BigId, Model, UTCDateTime


class Attachment(Model):
    """A file, of a subject of the journal, or of nobody yet while its form is being filled in.

    `sequence` is the event that it came with. `internal`: only for those who read internal comments.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        UniqueConstraint("public_id"),
        Index("ix_attachment_subject", "partner_id", "subject_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("subject.id"))
    sequence: Mapped[int | None]
    public_id: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    internal: Mapped[bool] = mapped_column(default=False)
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
