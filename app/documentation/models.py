"""Articles, their revisions, and what becomes of them: who was helped, which tickets used them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.documentation.vocabulary import Audience, Kind, State, Use
from app.infra.base import BigId, Model, UTCDateTime

SLUG_LENGTH = 80
TITLE_LENGTH = 160
URL_LENGTH = 500
WORDS_LENGTH = 120


class Article(Model):
    """An article as it reads now. It is a subject of the journal, which owns its images and tells its states.

    `version` is the number of its last revision. `reminded_for` is the review date that its owner was last
    reminded of.
    """

    __tablename__ = "article"
    __table_args__ = (
        UniqueConstraint("partner_id", "slug"),
        Index("ix_article_state", "partner_id", "state", "kind"),
        Index("ix_article_review", "review_on"),
    )

    id: Mapped[int] = mapped_column(ForeignKey("subject.id"), primary_key=True, autoincrement=False)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    slug: Mapped[str] = mapped_column(String(SLUG_LENGTH))
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    kind: Mapped[Kind] = mapped_column(String(16))
    state: Mapped[State] = mapped_column(String(16))
    audience: Mapped[Audience] = mapped_column(String(16))
    body: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(String(URL_LENGTH), default="")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    review_on: Mapped[date | None]
    reminded_for: Mapped[date | None]
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ArticleTool(Model):
    """A tool that the article is about; none: it is about all of them."""

    __tablename__ = "article_tool"
    __table_args__ = (Index("ix_article_tool_tool", "tool_code", "article_id"),)

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), primary_key=True)
    tool_code: Mapped[str] = mapped_column(String(64), primary_key=True)


class Revision(Model):
    """The text of an article as it stood; `note` says why it changed. Rows are only ever added."""

    __tablename__ = "article_revision"

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    body: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(String(200), default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    written_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ArticleUse(Model):
    """What an article was to a ticket, the ticket being known here as a subject of the journal."""

    __tablename__ = "article_use"
    __table_args__ = (Index("ix_article_use_subject", "partner_id", "subject_id"),)

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), primary_key=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id"), primary_key=True)
    use: Mapped[Use] = mapped_column(String(16), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    used_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Helped(Model):
    """« Cet article m’a aidé », once per person."""

    __tablename__ = "article_helped"

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class SearchMiss(Model):
    """Words that were searched without result, folded; who searched is not kept.

    `words` are in alphabetical order, which makes them one search; `asked` is how they were last typed.
    """

    __tablename__ = "search_miss"
    __table_args__ = (UniqueConstraint("partner_id", "words"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    words: Mapped[str] = mapped_column(String(WORDS_LENGTH))
    asked: Mapped[str] = mapped_column(String(WORDS_LENGTH))
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(UTCDateTime)
