"""Announcements as rows: a projection of their events, and what people do with them (readings, wishes, links)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.announcements.vocabulary import MailChoice
from app.infra.base import Model, UTCDateTime

TITLE_LENGTH = 200


class Announcement(Model):
    """What lists and feeds show and filter on; the thread is folded from the events when the page is opened.

    `state` is what the events say: whether it is to come or over by its dates follows from `publish_at` and
    `over_at` when it is read. `notice_kept` is None when no notice is owed or none is known.
    `mail_sequence` names the event of which those concerned are still to be told.
    """

    __tablename__ = "announcement"
    __table_args__ = (
        Index("ix_announcement_shown", "partner_id", "state", "publish_at", "id"),
        Index("ix_announcement_starts", "partner_id", "starts_at"),
        Index("ix_announcement_ticket", "ticket_id"),
        Index(
            "ix_announcement_mail",
            "id",
            sqlite_where=text("mail_sequence IS NOT NULL"),
            postgresql_where=text("mail_sequence IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(ForeignKey("subject.id"), primary_key=True, autoincrement=False)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    text: Mapped[str] = mapped_column(Text)
    severity: Mapped[str | None] = mapped_column(String(16))
    level: Mapped[str | None] = mapped_column(String(16))
    for_all_tools: Mapped[bool]
    for_all_structures: Mapped[bool]
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    starts_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    announced_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    notice_kept: Mapped[bool | None]
    drafted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    publish_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    news_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    over_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    mail_sequence: Mapped[int | None]


class AnnouncementTool(Model):
    """A tool that the announcement is about, when it is not about all of them."""

    __tablename__ = "announcement_tool"

    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcement.id"), primary_key=True)
    tool_code: Mapped[str] = mapped_column(String(64), primary_key=True)
    rank: Mapped[int]


class AnnouncementStructure(Model):
    """A structure that the announcement is for, when it is not for all of them."""

    __tablename__ = "announcement_structure"

    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcement.id"), primary_key=True)
    structure_id: Mapped[int] = mapped_column(ForeignKey("structure.id"), primary_key=True)


class AnnouncementReading(Model):
    """Someone said that they have read it; counts as long as it is not news anew (`news_since`)."""

    __tablename__ = "announcement_reading"

    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcement.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    read_at: Mapped[datetime] = mapped_column(UTCDateTime)


class AnnouncementPreference(Model):
    """How a person wishes to be told. No row: at once."""

    __tablename__ = "announcement_preference"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)
    mail: Mapped[MailChoice] = mapped_column(String(16))


class FeedLink(Model):
    """The secret link by which a person's programs read the announcements: only its digest is here."""

    __tablename__ = "feed_link"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
