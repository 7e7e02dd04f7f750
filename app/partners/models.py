"""Partners, their conventions, and the catalogue of the installation.

`edited_at` is None as long as a row says what its profile says: loading the profile again may then
bring it up to date, and never touches what a person has changed.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.infra.base import BigId, JSONValue, Model, UTCDateTime
from app.partners.terms import CODE_LENGTH

Code = String(CODE_LENGTH)
Name = String(200)


class Partner(Model):
    """A tenant. `service_hours` is the settings text of `parse_week`; `good_friday` tells whether it holds."""

    __tablename__ = "partner"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(Code)
    name: Mapped[str] = mapped_column(Name)
    siret: Mapped[str | None] = mapped_column(String(14))
    time_zone: Mapped[str] = mapped_column(String(60))
    holiday_zone: Mapped[str] = mapped_column(String(40))
    good_friday: Mapped[bool] = mapped_column(default=True)
    service_hours: Mapped[str] = mapped_column(String(400))


class Structure(Model):
    """A service, délégataire or prestataire. `shares_tickets`: its people see one another's sollicitations.

    `siret` is its establishment's, when it is not the partner's; several may share one. Not trusted to give
    any right: it only says which partner someone who arrives by ProConnect belongs to.
    """

    __tablename__ = "structure"
    __table_args__ = (UniqueConstraint("partner_id", "code"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    code: Mapped[str] = mapped_column(Code)
    name: Mapped[str] = mapped_column(Name)
    kind: Mapped[str] = mapped_column(String(20))
    siret: Mapped[str | None] = mapped_column(String(14), index=True)
    shares_tickets: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)


class Platform(Model):
    """Where people sign in at France Travail; part of the catalogue, common to all partners."""

    __tablename__ = "platform"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(Code)
    name: Mapped[str] = mapped_column(Name)
    login: Mapped[str | None] = mapped_column(Name)
    channel: Mapped[str] = mapped_column(Name)
    channel_url: Mapped[str | None] = mapped_column(String(500))


class Tool(Model):
    """A tool or API of the catalogue; `needs` are the codes of those subscribed with it."""

    __tablename__ = "tool"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    code: Mapped[str] = mapped_column(Code)
    name: Mapped[str] = mapped_column(Name)
    kind: Mapped[str] = mapped_column(String(20))
    section: Mapped[str] = mapped_column(String(20))
    modules: Mapped[list[str]] = mapped_column(JSONValue)
    needs: Mapped[list[str]] = mapped_column(JSONValue)

    platform: Mapped[Platform] = relationship()


class StructureTool(Model):
    """The tools of a structure that does not use them all. No row: it uses all those of its partner."""

    __tablename__ = "structure_tool"

    structure_id: Mapped[int] = mapped_column(ForeignKey("structure.id"), primary_key=True)
    tool_id: Mapped[int] = mapped_column(ForeignKey("tool.id"), primary_key=True)


class Convention(Model):
    """A convention of a partner. Periods keep the wording of `add_period`; `settings` the sections of the profile.

    `service_levels_from` is the code of a convention of the partner, else of a shipped profile.
    """

    __tablename__ = "convention"
    __table_args__ = (UniqueConstraint("partner_id", "code"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    code: Mapped[str] = mapped_column(Code)
    profile: Mapped[str] = mapped_column(Code)
    counterpart: Mapped[str] = mapped_column(Name)
    zone: Mapped[str] = mapped_column(String(40))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    duration: Mapped[str | None] = mapped_column(String(40))
    renewal: Mapped[str | None] = mapped_column(Text)
    tacit_renewal: Mapped[str | None] = mapped_column(String(40))
    denunciation_notice: Mapped[str | None] = mapped_column(String(40))
    declaration_channel: Mapped[str | None] = mapped_column(Text)
    service_levels_from: Mapped[str | None] = mapped_column(Code)
    settings: Mapped[dict[str, object]] = mapped_column(JSONValue)
    edited_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ConventionTool(Model):
    __tablename__ = "convention_tool"

    convention_id: Mapped[int] = mapped_column(ForeignKey("convention.id"), primary_key=True)
    tool_id: Mapped[int] = mapped_column(ForeignKey("tool.id"), primary_key=True)


class Commitment(Model):
    """A version of a figure. A clock may start under it from `valid_from` to `valid_to`, both included."""

    __tablename__ = "commitment"
    __table_args__ = (Index("ix_commitment_convention", "partner_id", "convention_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    convention_id: Mapped[int] = mapped_column(ForeignKey("convention.id"))
    tool_id: Mapped[int | None] = mapped_column(ForeignKey("tool.id"))
    code: Mapped[str] = mapped_column(Code)
    clock: Mapped[str] = mapped_column(String(32))
    applies_to: Mapped[str] = mapped_column(String(32))
    amount: Mapped[int]
    unit: Mapped[str] = mapped_column(String(20))
    starts: Mapped[str] = mapped_column(Text)
    stops: Mapped[str] = mapped_column(Text)
    owed_by: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(Text)
    condition: Mapped[str | None] = mapped_column(Text)
    plannable: Mapped[bool] = mapped_column(default=False)
    suspendable: Mapped[bool] = mapped_column(default=False)
    carry_over: Mapped[bool] = mapped_column(default=False)
    week: Mapped[str | None] = mapped_column(String(400))
    holiday_zone: Mapped[str | None] = mapped_column(String(40))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    edited_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Channel(Model):
    """Where France Travail is told, for a tool, for a platform, or for whatever has no channel of its own.

    `receipt_is_take_up`: its receipt is the prise en compte (pas-de-calais-2024, annexe 2, §5).
    """

    __tablename__ = "channel"
    __table_args__ = (Index("ix_channel_convention", "partner_id", "convention_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    convention_id: Mapped[int] = mapped_column(ForeignKey("convention.id"))
    platform_id: Mapped[int | None] = mapped_column(ForeignKey("platform.id"))
    tool_id: Mapped[int | None] = mapped_column(ForeignKey("tool.id"))
    name: Mapped[str] = mapped_column(Name)
    kind: Mapped[str] = mapped_column(String(20))
    address: Mapped[str | None] = mapped_column(String(320))
    url: Mapped[str | None] = mapped_column(String(500))
    receipt_is_take_up: Mapped[bool] = mapped_column(default=False)
    edited_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Contact(Model):
    """Whom to reach at France Travail: a function, never a person. `rank` orders the relances (annexe 2 bis)."""

    __tablename__ = "contact"
    __table_args__ = (Index("ix_contact_convention", "partner_id", "convention_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    convention_id: Mapped[int] = mapped_column(ForeignKey("convention.id"))
    rank: Mapped[int | None]
    role: Mapped[str] = mapped_column(String(40))
    label: Mapped[str] = mapped_column(Name)
    email: Mapped[str | None] = mapped_column(String(320))
    phone: Mapped[str | None] = mapped_column(String(40))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    edited_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
