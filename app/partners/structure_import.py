"""The import of structures: a file waits on the server between its preview and its confirmation. Commits nothing."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select

from app.extensions import db
from app.kernel.errors import NotFound
from app.partners.descriptions import (
    NOTHING,
    Description,
    Subject,
    structure_description,
    structure_subject,
)
from app.partners.history import Author, ChangedMeanwhile, record_all
from app.partners.listing import subscribable_tools
from app.partners.models import Structure, StructureImport, StructureTool, Tool
from app.partners.queries import ids_by_code
from app.partners.structure_file import Known, Plan, read_plan
from app.partners.structures import structure_lines

KEPT_FOR = timedelta(days=1)
FILE_NAME_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that waits, and what it would do to the structures as they are now."""

    public_id: str
    file_name: str
    plan: Plan


def known_structures(partner_id: int) -> list[Known]:
    """The structures of the partner, as an import compares them. Two queries."""
    return [
        Known(
            code=line.row.code,
            name=line.row.name,
            kind=line.row.kind,
            siret=line.row.siret,
            shares=line.row.shares_tickets,
            active=line.row.active,
            tools=line.tools,
        )
        for line in structure_lines(partner_id)
    ]


def keep_file(partner_id: int, account_id: int, file_name: str, content: bytes, *, now: datetime) -> str:
    """Keep the file until it is confirmed, in the place of one that the account left waiting; its public name.

    Raises InvalidInput for what is no such file.
    """
    read_plan(content, known_structures(partner_id), tool_names(partner_id))
    db.session.execute(
        delete(StructureImport).where(
            StructureImport.partner_id == partner_id, StructureImport.account_id == account_id
        )
    )
    public_id = secrets.token_urlsafe(12)
    db.session.add(
        StructureImport(
            partner_id=partner_id,
            account_id=account_id,
            public_id=public_id,
            file_name=file_name[:FILE_NAME_LENGTH],
            content=content,
            created_at=now,
        )
    )
    db.session.flush()
    return public_id


def waiting_import(partner_id: int, account_id: int, public_id: str) -> Waiting:
    """The file of that person, read again against the structures of now. Raises NotFound once it is gone."""
    row = _find(partner_id, account_id, public_id)
    plan = read_plan(row.content, known_structures(partner_id), tool_names(partner_id))
    return Waiting(row.public_id, row.file_name, plan)


def confirm_import(author: Author, public_id: str, digest: str) -> Plan:
    """Do what the preview said, and forget the file unless some of its lines are still to be corrected.

    Raises NotFound, or ChangedMeanwhile when it would no longer do what was previewed (`digest`).
    """
    assert author.account_id is not None
    row = _find(author.partner_id, author.account_id, public_id)
    plan = read_plan(row.content, known_structures(author.partner_id), tool_names(author.partner_id))
    if plan.digest != digest:
        raise ChangedMeanwhile(())
    _apply(author, plan)
    if not plan.faults:
        db.session.delete(row)
    db.session.flush()
    return plan


def give_up_import(partner_id: int, account_id: int, public_id: str) -> None:
    """Forget the file. Raises NotFound."""
    db.session.delete(_find(partner_id, account_id, public_id))
    db.session.flush()


def forget_imports(now: datetime) -> None:
    """Delete the files that nobody confirmed within a day."""
    db.session.execute(delete(StructureImport).where(StructureImport.created_at <= now - KEPT_FOR))


def tool_names(partner_id: int) -> dict[str, str]:
    """The names of the tools that a structure may be narrowed to, by code; what was retired is still understood."""
    return {tool.code: tool.name for tool in subscribable_tools(partner_id, retired_too=True)}


def _apply(author: Author, plan: Plan) -> None:
    """Write every structure in a few statements, and their history."""
    if not plan.changes:
        return
    partner_id = author.partner_id
    if plan.created:
        db.session.execute(
            insert(Structure),
            [
                {"partner_id": partner_id, "code": one.after.code, **_columns(one.after)}
                for one in plan.created
            ],
        )
    rows = {
        row.code: row
        for row in db.session.scalars(select(Structure).where(Structure.partner_id == partner_id))
    }
    for one in plan.changed:
        for name, value in _columns(one.after).items():
            setattr(rows[one.after.code], name, value)
    db.session.flush()
    _write_tools(
        [rows[one.after.code].id for one in plan.changed],
        rows,
        [one.after for one in plan.changes],
        partner_id,
    )
    record_all(
        author,
        [
            (_subject(rows, one.after), _description(one.before), _description(one.after))
            for one in plan.changes
        ],
    )


def _write_tools(
    changed: Sequence[int], rows: dict[str, Structure], wanted: Sequence[Known], partner_id: int
) -> None:
    db.session.execute(delete(StructureTool).where(StructureTool.structure_id.in_(changed)))
    keys = ids_by_code(Tool, partner_id)
    links = [
        {"structure_id": rows[one.code].id, "tool_id": keys[code]} for one in wanted for code in one.tools
    ]
    if links:
        db.session.execute(insert(StructureTool), links)


def _columns(one: Known) -> dict[str, object]:
    return {
        "name": one.name,
        "kind": one.kind,
        "siret": one.siret,
        "shares_tickets": one.shares,
        "active": one.active,
    }


def _subject(rows: dict[str, Structure], one: Known) -> Subject:
    return structure_subject(rows[one.code].id)


def _description(one: Known | None) -> Description:
    if one is None:
        return NOTHING
    return structure_description(
        one.code,
        one.name,
        one.kind,
        siret=one.siret,
        shares=one.shares,
        active=one.active,
        tools=one.tools,
    )


def _find(partner_id: int, account_id: int, public_id: str) -> StructureImport:
    row = db.session.scalar(
        select(StructureImport).where(
            StructureImport.partner_id == partner_id,
            StructureImport.account_id == account_id,
            StructureImport.public_id == public_id,
        )
    )
    if row is None:
        raise NotFound(
            "Ce fichier n’attend plus\u00a0: il a été importé, abandonné, ou remplacé par un autre."
        )
    return row
