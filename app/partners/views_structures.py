"""`/administration/structures`: their list, and the form of one."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for

from app.accounts.policy import Permission
from app.partners.blueprint import blueprint
from app.partners.descriptions import Subject, structure_subject
from app.partners.listing import ToolChoice, subscribable_tools
from app.partners.queries import conventions_of
from app.partners.settings_forms import StructureForm
from app.partners.structures import (
    SORTS,
    STATES,
    StructureLine,
    StructureQuery,
    edit_structure,
    new_structure,
    structure_by_code,
    structure_lines,
)
from app.partners.terms import STRUCTURE_KINDS
from app.partners.views_ask import Page, administration_trail, ask
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor
from app.web.forms import LINE_LENGTH
from app.web.htmx import announce, render

PAGE_LENGTH = 50


@blueprint.get(urls.STRUCTURES)
@requires(Permission.CONVENTION_READ)
def structures() -> Response:
    partner_id = current_actor().partner_id
    asked = _asked()
    lines = structure_lines(partner_id, asked)
    last = max(1, -(-len(lines) // PAGE_LENGTH))
    page = min(max(request.args.get("page", 1, type=int), 1), last)
    announce(f"{len(lines)} structure{'s' * (len(lines) > 1)}")
    return render(
        "partners/structures.html",
        "partners/_structure_list.html",
        title="Structures",
        asked=asked,
        kinds=STRUCTURE_KINDS,
        states=STATES,
        lines=lines[(page - 1) * PAGE_LENGTH : page * PAGE_LENGTH],
        found=len(lines),
        anything=bool(lines) or asked != StructureQuery(sort=asked.sort),
        columns=_columns(asked),
        previous=_address(asked, page=page - 1) if page > 1 else None,
        next=_address(asked, page=page + 1) if page < last else None,
        trail=administration_trail(),
    )


@blueprint.route(urls.NEW_STRUCTURE, methods=["GET", "POST"])
@requires(Permission.CONVENTION_EDIT)
def new_structure_page() -> Page:
    partner_id = current_actor().partner_id
    form = StructureForm(_tools(partner_id))

    def act() -> Subject:
        return new_structure(partner_id, **form.details())

    return _ask(form, act, None, "Nouvelle structure")


@blueprint.route(urls.STRUCTURE, methods=["GET", "POST"])
@requires(Permission.CONVENTION_EDIT)
def structure(code: str) -> Page:
    partner_id = current_actor().partner_id
    line = structure_by_code(partner_id, code)
    form = StructureForm(_tools(partner_id, line), data=_values(line))

    def act() -> None:
        edit_structure(partner_id, line.row.id, **form.details())

    return _ask(form, act, structure_subject(line.row.id), line.row.name)


def _ask(form: StructureForm, act: Any, subject: Subject | None, title: str) -> Page:
    list_url = url_for("administration.structures")
    return ask(
        form,
        act,
        title=title,
        fields="_structure_form.html",
        trail=administration_trail(("Structures", list_url)),
        destination=list_url,
        subject=subject,
    )


def _values(line: StructureLine) -> dict[str, Any]:
    row = line.row
    return {
        "name": row.name,
        "kind": row.kind,
        "siret": row.siret or "",
        "shares_tickets": row.shares_tickets,
        "active": row.active,
        "tools": list(line.tools),
    }


def _tools(partner_id: int, line: StructureLine | None = None) -> list[ToolChoice]:
    """The tools of the conventions, and those that the structure has already."""
    listed = {code for row in conventions_of(partner_id) for code in row.tools}
    own = set(line.tools) if line else set()
    proposed = {tool.code for tool in subscribable_tools(partner_id)} & listed
    return [tool for tool in subscribable_tools(partner_id, retired_too=True) if tool.code in proposed | own]


def _asked() -> StructureQuery:
    """Words, kind, state and order; what is not known counts as not said."""
    kind, state, sort = (request.args.get(name, "") for name in ("nature", "etat", "tri"))
    return StructureQuery(
        words=request.args.get("q", "")[:LINE_LENGTH],
        kind=kind if kind in STRUCTURE_KINDS else "",
        state=state if state in STATES else "",
        sort=sort if sort in SORTS else "name",
    )


def _address(asked: StructureQuery, **more: Any) -> str:
    kept = {"q": asked.words, "nature": asked.kind, "etat": asked.state, "tri": asked.sort, **more}
    return url_for("administration.structures", **{name: value or None for name, value in kept.items()})


def _columns(asked: StructureQuery) -> list[dict[str, Any]]:
    def sortable(sort: str) -> dict[str, Any]:
        return {
            "label": SORTS[sort],
            "sort_url": _address(asked, tri=sort),
            "sort": "ascending" if asked.sort == sort else None,
        }

    return [sortable("name"), sortable("kind"), {"label": "Sollicitations"}, {"label": "Outils"}]
