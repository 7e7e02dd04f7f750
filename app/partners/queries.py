"""What is known of a partner, read partner first and handed out as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select

from app.extensions import db
from app.kernel.errors import NotFound
from app.partners.models import (
    Channel,
    Contact,
    Convention,
    ConventionTool,
    Partner,
    Platform,
    Retirement,
    Structure,
    StructureTool,
    Tool,
)
from app.partners.terms import (
    OPEN_SECTION,
    first_end,
    holds,
    term_end,
)


@dataclass(frozen=True, slots=True)
class ToolRow:
    """A tool as people choose it. `is_open`: access itself, which every convention covers."""

    id: int
    code: str
    name: str
    kind: str
    section: str
    platform_code: str
    platform_name: str
    modules: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        return self.section == OPEN_SECTION


@dataclass(frozen=True, slots=True)
class StructureRow:
    id: int
    code: str
    name: str
    kind: str
    shares_tickets: bool
    active: bool
    siret: str | None = None


@dataclass(frozen=True, slots=True)
class ConventionRow:
    """A convention and its term. `term_to` counts one tacit renewal."""

    id: int
    code: str
    counterpart: str
    zone: str
    starts_on: date | None
    ends_on: date | None
    term_to: date | None
    service_levels_from: str | None
    tools: frozenset[str]

    def in_term(self, day: date) -> bool:
        return holds(self.starts_on, self.term_to, day)


@dataclass(frozen=True, slots=True)
class ConventionChoice:
    """A convention offered for some tools on a day: `covers` all of them, `in_term` that day."""

    convention: ConventionRow
    covers: bool
    in_term: bool


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """Where to tell France Travail: an `address` for mail, a `url` for a form; both may be missing."""

    id: int
    name: str
    kind: str
    address: str | None
    url: str | None
    receipt_is_take_up: bool
    platform_code: str | None
    tool_code: str | None


@dataclass(frozen=True, slots=True)
class ContactRow:
    id: int
    rank: int | None
    role: str
    label: str
    email: str | None
    phone: str | None


def partner_by_code(code: str) -> Partner:
    """Raises NotFound when no partner has this code."""
    partner = db.session.scalar(select(Partner).where(Partner.code == code))
    if partner is None:
        raise NotFound(f"Partenaire inconnu : « {code} ».", field="partner")
    return partner


def partner_of(partner_id: int) -> Partner:
    return db.session.get_one(Partner, partner_id)


def find_convention(partner_id: int, convention_id: int) -> Convention:
    """Raises NotFound when it is not one of the partner's."""
    convention = db.session.scalar(
        select(Convention).where(Convention.partner_id == partner_id, Convention.id == convention_id)
    )
    if convention is None:
        raise NotFound("Convention inconnue.", field="convention")
    return convention


def partners() -> Sequence[Partner]:
    return db.session.scalars(select(Partner).order_by(Partner.name)).all()


def ids_by_code(kind: type[Tool] | type[Platform], partner_id: int | None = None) -> dict[str, int]:
    """The keys of the catalogue's tools, or platforms, by code; with those that a partner added of its own."""
    return dict(
        db.session.execute(select(kind.code, kind.id).where(known_to(kind, partner_id))).tuples().all()
    )


def known_to(kind: type[Tool] | type[Platform], partner_id: int | None) -> ColumnElement[bool]:
    """The rows of the catalogue, common to all, and those of that partner."""
    return or_(kind.partner_id.is_(None), kind.partner_id == partner_id)


def not_retired(partner_id: int) -> ColumnElement[bool]:
    """The tools that the partner still proposes, those of a platform it has retired left out."""
    gone = select(Retirement.code).where(Retirement.partner_id == partner_id)
    return and_(
        Tool.code.not_in(gone.where(Retirement.kind == "tool")),
        Platform.code.not_in(gone.where(Retirement.kind == "platform")),
    )


def structures_of(partner_id: int, *, active_only: bool = True) -> tuple[StructureRow, ...]:
    """The structures of a partner by name."""
    query = select(Structure).where(Structure.partner_id == partner_id).order_by(Structure.name)
    if active_only:
        query = query.where(Structure.active)
    return tuple(
        StructureRow(row.id, row.code, row.name, row.kind, row.shares_tickets, row.active, row.siret)
        for row in db.session.scalars(query)
    )


def tools_of(partner_id: int, structure_id: int | None = None) -> tuple[ToolRow, ...]:
    """The tools that people of a structure may name, by platform then name: those of the partner's
    conventions, current or not, narrowed to the structure's if it has some; access tools in any case.
    What the partner has retired is no longer among them.
    """
    subscribed = (
        select(ConventionTool.tool_id)
        .join(Convention, Convention.id == ConventionTool.convention_id)
        .where(Convention.partner_id == partner_id)
    )
    query = (
        select(Tool, Platform)
        .join(Platform)
        .where(
            or_(Tool.section == OPEN_SECTION, Tool.id.in_(subscribed)),
            known_to(Tool, partner_id),
            or_(Tool.section == OPEN_SECTION, not_retired(partner_id)),
        )
        .order_by(Platform.name, Tool.name)
    )
    narrowed = _narrowing(partner_id, structure_id)
    return tuple(
        _tool_row(tool, platform)
        for tool, platform in db.session.execute(query)
        if not narrowed or tool.id in narrowed or tool.section == OPEN_SECTION
    )


def tools_by_code(codes: Sequence[str], partner_id: int | None = None) -> tuple[ToolRow, ...]:
    """The tools of these codes, in the same order, retired or not: common ones, and those of the partner.

    Raises NotFound for the first unknown one.
    """
    query = select(Tool, Platform).join(Platform).where(Tool.code.in_(codes), known_to(Tool, partner_id))
    found = {tool.code: _tool_row(tool, platform) for tool, platform in db.session.execute(query)}
    for code in codes:
        if code not in found:
            raise NotFound(f"Outil inconnu : « {code} ».", field="tool")
    return tuple(found[code] for code in codes)


def conventions_of(partner_id: int) -> tuple[ConventionRow, ...]:
    """The conventions of a partner, the most recent first."""
    rows = db.session.scalars(
        select(Convention).where(Convention.partner_id == partner_id).order_by(Convention.code)
    ).all()
    listed: dict[int, set[str]] = {row.id: set() for row in rows}
    for convention_id, code in db.session.execute(
        select(ConventionTool.convention_id, Tool.code)
        .join(Tool, Tool.id == ConventionTool.tool_id)
        .join(Convention, Convention.id == ConventionTool.convention_id)
        .where(Convention.partner_id == partner_id)
    ):
        listed[convention_id].add(code)
    conventions = [_convention_row(row, frozenset(listed[row.id])) for row in rows]
    return tuple(sorted(conventions, key=lambda row: row.starts_on or date.min, reverse=True))


def conventions_covering(
    partner_id: int, tool_codes: Sequence[str], on: date
) -> tuple[ConventionChoice, ...]:
    """Every convention of the partner, the one that speaks best for these tools on that day first.

    In term before out of term; then those that list all the tools, the narrowest first (a convention for
    two tools says more about them than one for thirty). Where none lists them, as for access or a tool
    not known yet, the broadest speaks for the partner. Ties go to the most recent.
    """
    open_codes = frozenset(
        db.session.scalars(select(Tool.code).where(Tool.code.in_(tool_codes), Tool.section == OPEN_SECTION))
    )
    asked = frozenset(tool_codes) - open_codes

    def best_first(choice: ConventionChoice) -> tuple[bool, bool, int]:
        breadth = len(choice.convention.tools)
        return not choice.in_term, not choice.covers, breadth if asked and choice.covers else -breadth

    choices = [
        ConventionChoice(row, covers=asked <= row.tools, in_term=row.in_term(on))
        for row in conventions_of(partner_id)
    ]
    return tuple(sorted(choices, key=best_first))


def channel_for(partner_id: int, convention_id: int, tool_code: str | None) -> ChannelRow | None:
    """The channel of a convention for a tool: the tool's own, else its platform's, else the one for all."""
    query = (
        select(Channel, Platform.code, Tool.code)
        .outerjoin(Platform, Platform.id == Channel.platform_id)
        .outerjoin(Tool, Tool.id == Channel.tool_id)
        .where(
            Channel.partner_id == partner_id,
            Channel.convention_id == convention_id,
            Channel.removed_at.is_(None),
        )
        .order_by(Channel.id)
    )
    platform_code = tools_by_code([tool_code], partner_id)[0].platform_code if tool_code else None
    channels = [
        ChannelRow(
            row.id, row.name, row.kind, row.address, row.url, row.receipt_is_take_up, on_platform, for_tool
        )
        for row, on_platform, for_tool in db.session.execute(query)
        if for_tool in (None, tool_code) and on_platform in (None, platform_code)
    ]
    return max(
        channels, key=lambda row: (row.tool_code is not None, row.platform_code is not None), default=None
    )


def contacts_of(partner_id: int, convention_id: int, on: date) -> tuple[ContactRow, ...]:
    """France Travail's contacts in force on a day: those of the relances by rank, then the others by role."""
    query = (
        select(Contact)
        .where(
            Contact.partner_id == partner_id,
            Contact.convention_id == convention_id,
            Contact.side.is_(None),
            or_(Contact.valid_from.is_(None), Contact.valid_from <= on),
            or_(Contact.valid_to.is_(None), Contact.valid_to >= on),
        )
        .order_by(Contact.rank.is_(None), Contact.rank, Contact.role, Contact.id)
    )
    return tuple(
        ContactRow(row.id, row.rank, row.role, row.label, row.email, row.phone)
        for row in db.session.scalars(query)
    )


def _narrowing(partner_id: int, structure_id: int | None) -> frozenset[int]:
    """The tools a structure is narrowed to; none for one that uses them all."""
    query = (
        select(StructureTool.tool_id)
        .join(Structure, Structure.id == StructureTool.structure_id)
        .where(Structure.partner_id == partner_id, Structure.id == structure_id)
    )
    return frozenset(db.session.scalars(query)) if structure_id is not None else frozenset()


def _tool_row(tool: Tool, platform: Platform) -> ToolRow:
    return ToolRow(
        tool.id,
        tool.code,
        tool.name,
        tool.kind,
        tool.section,
        platform.code,
        platform.name,
        tuple(tool.modules),
    )


def _convention_row(row: Convention, tools: frozenset[str]) -> ConventionRow:
    last_day = first_end(row.starts_on, row.ends_on, row.duration)
    return ConventionRow(
        id=row.id,
        code=row.code,
        counterpart=row.counterpart,
        zone=row.zone,
        starts_on=row.starts_on,
        ends_on=last_day,
        term_to=term_end(last_day, row.tacit_renewal),
        service_levels_from=row.service_levels_from,
        tools=tools,
    )
