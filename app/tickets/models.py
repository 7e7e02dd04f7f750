"""The ticket as a row: a projection of its events, made for lists and filters. `rebuild` recomputes it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.base import BigId, Model, UTCDateTime

_ONGOING = "incident_type IS NOT NULL AND closed_at IS NULL AND duplicate_of IS NULL"


class Ticket(Model):
    """What lists show and filter on; the rest is folded from the events when the page is opened.

    `queue_at` orders the queue: the nearest due time of a running clock, or, where no clock runs, the
    filing time a thousand years later, so that tickets without a clock follow in order of age.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_queue", "partner_id", "tab", "queue_at", "id"),
        Index("ix_ticket_recent", "partner_id", "updated_at", "id"),
        Index("ix_ticket_reporter", "partner_id", "reporter_id", "updated_at"),
        Index("ix_ticket_structure", "partner_id", "structure_id", "updated_at"),
        Index("ix_ticket_assignee", "partner_id", "assignee_id", "tab", "queue_at"),
        Index("ix_ticket_filed", "partner_id", "filed_at", "id"),
        Index("ix_ticket_kind", "partner_id", "kind"),
        Index(
            "ix_ticket_group",
            "partner_id",
            "duplicate_of",
            sqlite_where=text("duplicate_of IS NOT NULL"),
            postgresql_where=text("duplicate_of IS NOT NULL"),
        ),
        # What anyone may join, those that hit most people first (`incidents.py` repeats these very conditions).
        Index(
            "ix_ticket_ongoing",
            "partner_id",
            "reports_count",
            "filed_at",
            "id",
            sqlite_where=text(_ONGOING),
            postgresql_where=text(_ONGOING),
        ),
        Index(
            "ix_ticket_restricted",
            "partner_id",
            sqlite_where=text("restricted = 1"),
            postgresql_where=text("restricted"),
        ),
        Index(
            "ix_ticket_shared",
            "partner_id",
            sqlite_where=text("integrators_shared = 1"),
            postgresql_where=text("integrators_shared"),
        ),
    )

    id: Mapped[int] = mapped_column(ForeignKey("subject.id"), primary_key=True, autoincrement=False)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    version: Mapped[int]
    subject: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(24))
    incident_type: Mapped[str | None] = mapped_column(String(16))
    severity: Mapped[str | None] = mapped_column(String(16))
    origin: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    tab: Mapped[str] = mapped_column(String(24))
    restricted: Mapped[bool]
    integrators_shared: Mapped[bool]
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    structure_id: Mapped[int | None] = mapped_column(ForeignKey("structure.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    convention_id: Mapped[int | None] = mapped_column(ForeignKey("convention.id"))
    plus_ones: Mapped[int]
    # One incident, several reports: the ticket that this one is followed under; how many reports a main one counts.
    duplicate_of: Mapped[str | None] = mapped_column(String(16))
    reports_count: Mapped[int] = mapped_column(server_default="1")
    filed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    transmitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    next_due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    queue_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ft_reference: Mapped[str] = mapped_column(String(80))


class TicketTool(Model):
    """A tool that the ticket touches; the first one (`rank` 0) chooses the convention and the channel."""

    __tablename__ = "ticket_tool"
    __table_args__ = (Index("ix_ticket_tool_tool", "partner_id", "tool_code", "ticket_id"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    tool_code: Mapped[str] = mapped_column(String(64), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    rank: Mapped[int]


class ActiveWorkaround(Model):
    """How to do meanwhile, for whoever an incident under way stops. The row lives as long as the workaround serves."""

    __tablename__ = "ticket_workaround"
    __table_args__ = (Index("ix_ticket_workaround_partner", "partner_id", "since"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True, autoincrement=False)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    scope: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    article: Mapped[str] = mapped_column(String(80))
    article_title: Mapped[str] = mapped_column(String(160))
    since: Mapped[datetime] = mapped_column(UTCDateTime)


class TicketGrant(Model):
    """A restricted ticket opened to one person by name."""

    __tablename__ = "ticket_grant"
    # Every list asks what its reader was given by name.
    __table_args__ = (Index("ix_ticket_grant_account", "account_id", "ticket_id"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)


class ProtectedIdentifier(Model):
    """France Travail's identifier of the person an incident is about. Erased when the ticket ends.

    It stands apart from the journal, which keeps for ever what it is told (domain.md, « Personal data »).
    """

    __tablename__ = "protected_identifier"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True, autoincrement=False)
    value: Mapped[str] = mapped_column(String(40))


class SavedFilter(Model):
    """A query of the queue that a person keeps under a name."""

    __tablename__ = "saved_filter"
    __table_args__ = (Index("ix_saved_filter_owner", "partner_id", "account_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(String(400))
