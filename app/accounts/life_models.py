"""How people come, change and go in a partner; the yearly reviews; the account managers of the conventions.

Nothing here is ever deleted but absences that are called off: it says who decided what about rights, and why.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.life import Act
from app.accounts.policy import Role
from app.infra.base import BigId, JSONValue, Model, UTCDateTime

REASON_LENGTH = 300
REFERENCE_LENGTH = 120


class Stay(Model):
    """The stay of someone in a partner, beside the roles they hold: invited, about to leave, gone."""

    __tablename__ = "stay"

    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    invited_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    leaves_on: Mapped[date | None]
    left_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class RightsChange(Model):
    """One act on the rights of someone. `by_id` is None for the desk itself; keys outlive what they name."""

    __tablename__ = "rights_change"
    __table_args__ = (Index("ix_rights_change_account", "partner_id", "account_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    by_id: Mapped[int | None] = mapped_column(BigId)
    act: Mapped[Act] = mapped_column(String(24))
    role: Mapped[Role | None] = mapped_column(String(32))
    structure_name: Mapped[str] = mapped_column(String(200), default="")
    reason: Mapped[str] = mapped_column(String(REASON_LENGTH), default="")


class Absence(Model):
    """Days when someone is away, both included, and who stands in for them. No last day: not known yet."""

    __tablename__ = "absence"
    __table_args__ = (
        Index("ix_absence_account", "partner_id", "account_id", "first_day"),
        Index("ix_absence_backup", "partner_id", "backup_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    backup_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ReviewCampaign(Model):
    """A yearly review of every right. Once closed, `content` is its record, named by its SHA-256 `digest`.

    `id` is its subject in the journal, whose last event holds the same digest.
    """

    __tablename__ = "review_campaign"
    __table_args__ = (UniqueConstraint("partner_id", "number"),)

    id: Mapped[int] = mapped_column(ForeignKey("subject.id"), primary_key=True, autoincrement=False)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    number: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    started_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    content: Mapped[dict[str, Any] | None] = mapped_column(JSONValue)
    digest: Mapped[str | None] = mapped_column(String(64))


class ReviewLine(Model):
    """A right to confirm or withdraw, as it stood when the review began. `membership_id` may be gone since."""

    __tablename__ = "review_line"
    __table_args__ = (
        UniqueConstraint("campaign_id", "number"),
        Index("ix_review_line_membership", "membership_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("review_campaign.id"))
    number: Mapped[int]
    membership_id: Mapped[int] = mapped_column(BigId)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    role: Mapped[Role] = mapped_column(String(32))
    structure_name: Mapped[str] = mapped_column(String(200))
    suspended: Mapped[bool]
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decision: Mapped[str | None] = mapped_column(String(12))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by: Mapped[int | None] = mapped_column(BigId)
    reason: Mapped[str] = mapped_column(String(REASON_LENGTH), default="")


class ReviewReminder(Model):
    """When the administrators of a partner were last reminded of a review."""

    __tablename__ = "review_reminder"

    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    reminded_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Deed(Model):
    """The deed of commitment that an account manager, or their deputy, signed. The last one counts."""

    __tablename__ = "deed"
    __table_args__ = (Index("ix_deed_account", "partner_id", "account_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    deputy: Mapped[bool]
    signed_on: Mapped[date]
    document: Mapped[str] = mapped_column(String(REFERENCE_LENGTH))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by: Mapped[int] = mapped_column(ForeignKey("account.id"))


class CssiNotice(Model):
    """What the conventions have the partner tell France Travail's CSSI: an account manager is away, or leaves.

    `id` is its subject in the journal, which bears the deadline; `reference` names both.
    """

    __tablename__ = "cssi_notice"
    __table_args__ = (Index("ix_cssi_notice_partner", "partner_id", "account_id"),)

    id: Mapped[int] = mapped_column(ForeignKey("subject.id"), primary_key=True, autoincrement=False)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reference: Mapped[str] = mapped_column(String(16))
    cause: Mapped[str] = mapped_column(String(12))
    effective_on: Mapped[date]
    until: Mapped[date | None]
    absence_id: Mapped[int | None] = mapped_column(BigId)
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    sent_by: Mapped[int | None] = mapped_column(BigId)
    cancelled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reminded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
