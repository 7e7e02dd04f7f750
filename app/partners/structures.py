"""The structures of a partner: their list, and what is done with one of them. Commits nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select

from app.extensions import db
from app.kernel.errors import NotFound
from app.kernel.siret import parse_siret
from app.kernel.text import fold
from app.partners.checks import check_required, check_word
from app.partners.descriptions import Subject, structure_subject
from app.partners.models import Structure, StructureTool, Tool
from app.partners.queries import StructureRow, structures_of
from app.partners.service import add_structure, narrow_tools
from app.partners.terms import STRUCTURE_KINDS, code_from


@dataclass(frozen=True, slots=True)
class StructureLine:
    """A structure with the codes of the tools it is narrowed to; none means all those of the partner."""

    row: StructureRow
    tools: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StructureQuery:
    """What is looked for in the list: words of the name or code, a kind, active or not. Empty is everything."""

    words: str = ""
    kind: str = ""
    state: str = ""
    sort: str = "name"


_NUMBER = re.compile(r"([0-9]+)")
SORTS: Mapping[str, str] = {"name": "Structure", "code": "Code", "kind": "Nature"}
STATES: Mapping[str, str] = {"active": "Actives", "closed": "Fermées"}


def structure_lines(partner_id: int, asked: StructureQuery | None = None) -> list[StructureLine]:
    """The structures that answer the query. Two database queries, however many there are."""
    asked = asked or StructureQuery()
    tools = _tools_by_structure(partner_id)
    words = fold(asked.words).split()
    lines = [
        StructureLine(row, tools.get(row.id, ()))
        for row in structures_of(partner_id, active_only=False)
        if all(word in fold(f"{row.name} {row.code}") for word in words)
        and asked.kind in ("", row.kind)
        and asked.state in ("", "active" if row.active else "closed")
    ]
    return sorted(lines, key=lambda line: (_order(getattr(line.row, asked.sort)), _order(line.row.name)))


def structure_by_code(partner_id: int, code: str) -> StructureLine:
    """Raises NotFound for one that is not the partner's."""
    for line in structure_lines(partner_id):
        if line.row.code == code:
            return line
    raise NotFound


def using_tools(partner_id: int, tools: Select[tuple[str]] | Collection[str]) -> Select[tuple[int]]:
    """The keys of the structures that use one of these tools: those that named it, and those that use them all."""
    chosen = select(StructureTool.structure_id)
    naming = chosen.join(Tool, Tool.id == StructureTool.tool_id).where(Tool.code.in_(tools))
    using = Structure.id.in_(naming) | Structure.id.not_in(chosen)
    return select(Structure.id).where(Structure.partner_id == partner_id, Structure.active, using)


def structures_using(partner_id: int, tools: Collection[str]) -> tuple[int, ...]:
    """The same, read."""
    return tuple(db.session.scalars(using_tools(partner_id, tools).order_by(Structure.id)))


def new_structure(
    partner_id: int,
    *,
    name: str,
    kind: str,
    siret: str | None,
    shares_tickets: bool,
    active: bool,
    tool_codes: Sequence[str],
) -> Subject:
    """Add a structure, whose code is made of its name. Raises InvalidInput."""
    taken = {row.code for row in structures_of(partner_id, active_only=False)}
    structure = add_structure(
        partner_id,
        code=code_from(name, taken),
        name=name,
        kind=kind,
        shares_tickets=shares_tickets,
        tool_codes=tool_codes,
    )
    structure.siret = parse_siret(siret) if siret else None
    structure.active = active
    db.session.flush()
    return structure_subject(structure.id)


def edit_structure(
    partner_id: int,
    structure_id: int,
    *,
    name: str,
    kind: str,
    siret: str | None,
    shares_tickets: bool,
    active: bool,
    tool_codes: Sequence[str],
) -> None:
    """Change a structure. Its code stays: addresses and files name it. Raises NotFound, InvalidInput."""
    row = db.session.scalar(
        select(Structure).where(Structure.partner_id == partner_id, Structure.id == structure_id)
    )
    if row is None:
        raise NotFound
    check_word("kind", kind, STRUCTURE_KINDS)
    row.name = check_required("name", name)
    row.kind = kind
    row.siret = parse_siret(siret) if siret else None
    row.shares_tickets = shares_tickets
    row.active = active
    narrow_tools(partner_id, structure_id, tool_codes)


def _order(text: str) -> list[tuple[int, str]]:
    """As people sort: accents and case apart, « Centre 2 » before « Centre 10 »."""
    parts = _NUMBER.split(fold(text))
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _tools_by_structure(partner_id: int) -> dict[int, tuple[str, ...]]:
    query = (
        select(StructureTool.structure_id, Tool.code)
        .join(Tool, Tool.id == StructureTool.tool_id)
        .join(Structure, Structure.id == StructureTool.structure_id)
        .where(Structure.partner_id == partner_id)
        .order_by(Tool.code)
    )
    found: dict[int, tuple[str, ...]] = {}
    for structure_id, code in db.session.execute(query):
        found[structure_id] = (*found.get(structure_id, ()), code)
    return found
