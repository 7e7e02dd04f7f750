"""Partners, their conventions, and the catalogue of the installation.

`edited_at` is None as long as a row says what its profile says: loading the profile again may then
bring it up to date, and never touches what a person has changed.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
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
    """Where people sign in at France Travail. Without `partner_id` it is of the catalogue, common to all partners."""

    __tablename__ = "platform"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(Code)
    name: Mapped[str] = mapped_column(Name)
    login: Mapped[str | None] = mapped_column(Name)
    channel: Mapped[str] = mapped_column(Name)
    channel_url: Mapped[str | None] = mapped_column(String(500))
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id", name="fk_platform_partner_id"))


class Tool(Model):
    """A tool or API; `needs` are the codes of those subscribed with it. A partner may add some of its own:
    the others have no `partner_id`, and are common to all."""

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
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id", name="fk_tool_partner_id"))

    platform: Mapped[Platform] = relationship()


class Retirement(Model):
    """A tool or a platform that a partner proposes no more; what names it already keeps it. `kind`: tool, platform."""

    __tablename__ = "catalogue_retirement"

    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    code: Mapped[str] = mapped_column(Code, primary_key=True)
    retired_at: Mapped[datetime] = mapped_column(UTCDateTime)


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
    """A version of a figure. A clock may start under it from `valid_from` to `valid_to`, both included.

    `alerts` is the settings text of `parse_thresholds`; None means the usual ones.
    """

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
    alerts: Mapped[str | None] = mapped_column(String(60))
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
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Contact(Model):
    """A contact of annexes 2 and 2 bis: a function, never a person. `rank` orders the relances.

    `side` is None for France Travail's, « partner » for the partner's own, which no relance ever goes to.
    """

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
    side: Mapped[str | None] = mapped_column(String(16))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    edited_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Closure(Model):
    """Days on which the partner's people do not work, both included. It never moves a clock of France Travail."""

    __tablename__ = "closure"
    __table_args__ = (Index("ix_closure_partner", "partner_id", "first_day"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    label: Mapped[str] = mapped_column(Name)
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ConfigurationChange(Model):
    """One change of the settings, as people read it again. `changes`: label, before, after.

    `UNIQUE(partner, subject, sequence)` is the lock: the sequence is the version that a form was shown with.
    `account_id` is not a foreign key: the line outlives the account.
    """

    __tablename__ = "configuration_change"
    __table_args__ = (
        UniqueConstraint("partner_id", "subject", "sequence"),
        Index("ix_configuration_change_convention", "partner_id", "convention_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    subject: Mapped[str] = mapped_column(String(80))
    sequence: Mapped[int]
    convention_id: Mapped[int | None] = mapped_column(ForeignKey("convention.id"))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    account_id: Mapped[int | None] = mapped_column(BigId)
    title: Mapped[str] = mapped_column(String(300))
    changes: Mapped[list[dict[str, str]]] = mapped_column(JSONValue)


class ContactNotice(Model):
    """The mail that a convention owes to France Travail's governance when a contact changes.

    One waits at a time per convention and gathers `changes` until it is sent, or set aside with a reason;
    `text` is then what it said.
    """

    __tablename__ = "contact_notice"
    __table_args__ = (UniqueConstraint("convention_id", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    convention_id: Mapped[int] = mapped_column(ForeignKey("convention.id"))
    number: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSONValue)
    sent_on: Mapped[date | None]
    set_aside: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_by: Mapped[int | None] = mapped_column(BigId)
    text: Mapped[str | None] = mapped_column(Text)


class StructureImport(Model):
    """A file of structures that waits between its preview and its confirmation, one per account."""

    __tablename__ = "structure_import"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("partner_id", "account_id"),
        Index("ix_structure_import_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    account_id: Mapped[int] = mapped_column(BigId)
    public_id: Mapped[str] = mapped_column(String(40))
    file_name: Mapped[str] = mapped_column(Name)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
