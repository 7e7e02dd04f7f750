"""The catalogue as a partner has it: what is common to all, what it added of its own, what it retired.

What is common comes with the application and is nobody's to edit from a partner's pages, since other partners may be
hosted beside; a partner may retire it for itself, and add what is missing. Commits nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.extensions import db
from app.kernel.errors import Impossible, InvalidInput, NotFound
from app.kernel.text import fold
from app.partners.checks import check_required, check_text, check_word
from app.partners.descriptions import Subject, platform_subject, tool_subject
from app.partners.models import Partner, Platform, Retirement, Tool
from app.partners.queries import ids_by_code, known_to
from app.partners.terms import OPEN_SECTION, TOOL_KINDS, code_from, parse_url

OWN_SECTION = "propre"  # where annexe 4 of the conventions says nothing
TOOL, PLATFORM = "tool", "platform"


@dataclass(frozen=True, slots=True)
class CatalogueTool:
    code: str
    name: str
    kind: str
    platform_code: str
    is_own: bool
    is_open: bool
    is_retired: bool


@dataclass(frozen=True, slots=True)
class CataloguePlatform:
    """A platform and its tools, by name."""

    code: str
    name: str
    login: str | None
    channel: str
    channel_url: str | None
    is_own: bool
    is_retired: bool
    tools: tuple[CatalogueTool, ...]


def catalogue_of(partner_id: int) -> tuple[CataloguePlatform, ...]:
    """Every platform by name, with its tools. Three queries."""
    gone = {
        (kind, code)
        for kind, code in db.session.execute(
            select(Retirement.kind, Retirement.code).where(Retirement.partner_id == partner_id)
        )
    }
    tools: dict[int, list[CatalogueTool]] = {}
    platforms = sorted(
        db.session.scalars(select(Platform).where(known_to(Platform, partner_id))),
        key=lambda row: fold(row.name),
    )
    codes = {platform.id: platform.code for platform in platforms}
    listed = db.session.scalars(select(Tool).where(known_to(Tool, partner_id)))
    for tool in sorted(listed, key=lambda row: fold(row.name)):
        tools.setdefault(tool.platform_id, []).append(
            CatalogueTool(
                code=tool.code,
                name=tool.name,
                kind=tool.kind,
                platform_code=codes[tool.platform_id],
                is_own=tool.partner_id is not None,
                is_open=tool.section == OPEN_SECTION,
                is_retired=(TOOL, tool.code) in gone,
            )
        )
    return tuple(
        CataloguePlatform(
            code=row.code,
            name=row.name,
            login=row.login,
            channel=row.channel,
            channel_url=row.channel_url,
            is_own=row.partner_id is not None,
            is_retired=(PLATFORM, row.code) in gone,
            tools=tuple(tools.get(row.id, ())),
        )
        for row in platforms
    )


def find_platform(partner_id: int, code: str) -> CataloguePlatform:
    """Raises NotFound for one that is neither common nor the partner's."""
    for platform in catalogue_of(partner_id):
        if platform.code == code:
            return platform
    raise NotFound


def find_tool(partner_id: int, code: str) -> CatalogueTool:
    """Raises NotFound for one that is neither common nor the partner's."""
    for platform in catalogue_of(partner_id):
        for tool in platform.tools:
            if tool.code == code:
                return tool
    raise NotFound


def add_platform(
    partner_id: int, *, name: str, login: str | None, channel: str, channel_url: str | None
) -> Subject:
    """A platform of the partner's own."""
    row = Platform(code=_own_code(partner_id, Platform, name), partner_id=partner_id)
    db.session.add(row)
    _fill_platform(row, name, login, channel, channel_url)
    return platform_subject(row.code)


def edit_platform(
    partner_id: int, code: str, *, name: str, login: str | None, channel: str, channel_url: str | None
) -> None:
    """Raises NotFound for one that the partner did not add itself."""
    row = db.session.scalar(select(Platform).where(Platform.partner_id == partner_id, Platform.code == code))
    if row is None:
        raise NotFound
    _fill_platform(row, name, login, channel, channel_url)


def add_tool(partner_id: int, *, name: str, kind: str, platform: str) -> Subject:
    """A tool of the partner's own, on a platform of the catalogue or of its own."""
    row = Tool(
        code=_own_code(partner_id, Tool, name),
        partner_id=partner_id,
        section=OWN_SECTION,
        modules=[],
        needs=[],
    )
    _fill_tool(partner_id, row, name, kind, platform)
    db.session.add(row)
    db.session.flush()
    return tool_subject(row.code)


def edit_tool(partner_id: int, code: str, *, name: str, kind: str, platform: str) -> None:
    """Raises NotFound for one that the partner did not add itself."""
    row = db.session.scalar(select(Tool).where(Tool.partner_id == partner_id, Tool.code == code))
    if row is None:
        raise NotFound
    _fill_tool(partner_id, row, name, kind, platform)
    db.session.flush()


def retire(partner_id: int, kind: str, code: str, *, now: datetime) -> None:
    """Propose it no more. Tickets, conventions and structures that name it keep it.

    Raises Impossible for access itself, which everyone must be able to name when they cannot sign in.
    """
    _check_known(partner_id, kind, code)
    if kind == TOOL and find_tool(partner_id, code).is_open:
        raise Impossible("L’accès fait partie de toute convention\u00a0: il reste proposé.")
    if db.session.get(Retirement, (partner_id, kind, code)) is None:
        db.session.add(Retirement(partner_id=partner_id, kind=kind, code=code, retired_at=now))
        db.session.flush()


def put_back(partner_id: int, kind: str, code: str) -> None:
    """Propose it again."""
    _check_known(partner_id, kind, code)
    row = db.session.get(Retirement, (partner_id, kind, code))
    if row is not None:
        db.session.delete(row)
        db.session.flush()


def _check_known(partner_id: int, kind: str, code: str) -> None:
    if code not in ids_by_code(Tool if kind == TOOL else Platform, partner_id):
        raise NotFound


def _fill_platform(
    row: Platform, name: str, login: str | None, channel: str, channel_url: str | None
) -> None:
    row.name = check_required("name", name)
    row.login = login
    row.channel = check_required("channel", channel)
    check_text("channel_url", channel_url, parse_url)
    row.channel_url = channel_url
    db.session.flush()


def _fill_tool(partner_id: int, row: Tool, name: str, kind: str, platform: str) -> None:
    check_word("kind", kind, TOOL_KINDS)
    platforms = ids_by_code(Platform, partner_id)
    if platform not in platforms:
        raise InvalidInput("Plateforme inconnue.", field="platform")
    row.name = check_required("name", name)
    row.kind = kind
    row.platform_id = platforms[platform]


def _own_code(partner_id: int, kind: type[Tool] | type[Platform], name: str) -> str:
    """A code that begins with the partner's: two partners that add the same tool never meet."""
    partner = db.session.get_one(Partner, partner_id)
    taken = set(db.session.scalars(select(kind.code)))
    return code_from(f"{partner.code} {name}", taken)
