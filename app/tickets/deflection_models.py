"""What was answered before it became a ticket."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.base import BigId, Model, UTCDateTime


class Deflection(Model):
    """« J’ai ma réponse »: an article, or the workaround of an incident, answered someone who was filing a ticket.

    Nothing of what they had typed is kept. `tool_code` is the tool that they had chosen, if any.
    """

    __tablename__ = "deflection"
    __table_args__ = (
        CheckConstraint("(article_id IS NULL) <> (ticket_id IS NULL)", name="one_answer"),
        Index("ix_deflection_at", "partner_id", "at"),
        Index("ix_deflection_account_id", "account_id", "at"),
        Index("ix_deflection_article_id", "article_id"),
        Index("ix_deflection_ticket_id", "ticket_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    article_id: Mapped[int | None] = mapped_column(ForeignKey("article.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    tool_code: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
