"""The import of structures by CSV: a file, its preview, its confirmation; and the export, which it reads back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing

from flask import Response, flash, request, url_for
from werkzeug.datastructures import FileStorage

from app.accounts.policy import Permission
from app.infra.tx import transaction
from app.journal.technical import Trace
from app.kernel.errors import DomainError, InvalidInput
from app.kernel.text import clean_line
from app.partners.blueprint import blueprint
from app.partners.descriptions import ALL_TOOLS
from app.partners.history import ChangedMeanwhile
from app.partners.settings_forms import ConfirmImportForm, StructureFileForm
from app.partners.structure_file import FAULT_HEADS, HEADS, MAX_BYTES, Known, Plan
from app.partners.structure_import import (
    confirm_import,
    give_up_import,
    keep_file,
    known_structures,
    tool_names,
    waiting_import,
)
from app.partners.terms import STRUCTURE_KINDS
from app.partners.views_ask import Page, administration_trail, author, today
from app.partners.wording import yes_or_no
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.csv_file import csv_text
from app.web.forms import attach_error, once
from app.web.htmx import redirect_to, render
from app.web.traces import leave_trace

EXAMPLES = (
    Known("maison-de-l-insertion", "Maison de l’insertion", "service", shares=True),
    Known("association-exemple", "Association exemple", "delegataire"),
    Known("editeur-exemple", "Éditeur exemple", "prestataire", active=False),
)


@blueprint.route(urls.STRUCTURE_IMPORT, methods=["GET", "POST"])
@requires(Permission.CONVENTION_EDIT, proof=True)
def import_structures() -> Page:
    actor, moment = current_actor(), now()
    form = StructureFileForm()

    def act() -> str:
        name, content = _read(form.file.data)
        assert actor.account_id is not None
        public_id = keep_file(actor.partner_id, actor.account_id, name, content, now=moment)
        return url_for("administration.waiting_structures", public_id=public_id)

    if request.method == "POST" and form.validate():
        try:
            return redirect_to(once(form, act))
        except DomainError as error:
            attach_error(form, error)
    return render(
        "partners/structure_import.html",
        status=422 if request.method == "POST" else 200,
        title="Importer des structures",
        form=form,
        heads=HEADS,
        trail=_trail(),
    )


@blueprint.route(urls.WAITING_STRUCTURES, methods=["GET", "POST"])
@requires(Permission.CONVENTION_EDIT, proof=True)
def waiting_structures(public_id: str) -> Page:
    actor = current_actor()
    assert actor.account_id is not None
    account_id = actor.account_id
    form = ConfirmImportForm()
    stale = False

    def act() -> str:
        if form.give_up.data:
            give_up_import(actor.partner_id, account_id, public_id)
            flash("Import abandonné\u00a0: rien n’a changé.", "success")
            return url_for("administration.structures")
        plan = confirm_import(author(), public_id, form.digest.data or "")
        flash(_said(plan), "warning" if plan.faults else "success")
        here = url_for("administration.waiting_structures", public_id=public_id)
        return here if plan.faults else url_for("administration.structures")

    waiting = waiting_import(actor.partner_id, account_id, public_id)
    if request.method == "POST" and form.validate():
        try:
            return redirect_to(once(form, act))
        except ChangedMeanwhile:
            stale = True
            waiting = waiting_import(actor.partner_id, account_id, public_id)
        except InvalidInput as error:
            attach_error(form, error)
    form.digest.data = waiting.plan.digest
    return render(
        "partners/structure_preview.html",
        status=409 if stale else 422 if request.method == "POST" else 200,
        title="Vérifier avant d’importer" if waiting.plan.changes else "Fichier vérifié",
        form=form,
        waiting=waiting,
        plan=waiting.plan,
        stale=stale,
        kinds=STRUCTURE_KINDS,
        tool_names=tool_names(actor.partner_id),
        trail=[*_trail(), ("Importer", url_for("administration.import_structures"))],
        public_id=public_id,
        differences=_differences,
    )


@blueprint.get(urls.STRUCTURE_FAULTS)
@requires(Permission.CONVENTION_EDIT)
def structure_faults(public_id: str) -> Response:
    """The refused lines as they came, each with its fault: corrected, the file comes back as it is."""
    actor = current_actor()
    assert actor.account_id is not None
    plan = waiting_import(actor.partner_id, actor.account_id, public_id).plan
    width = len(plan.headings)
    return _csv(
        "structures-erreurs.csv",
        [*plan.headings, *FAULT_HEADS],
        ([*(list(fault.cells) + [""] * width)[:width], fault.line, fault.message] for fault in plan.faults),
    )


@blueprint.get(urls.STRUCTURE_MODEL)
@requires(Permission.CONVENTION_EDIT)
def structure_model() -> Response:
    return _csv("structures-modele.csv", HEADS, map(_cells, EXAMPLES))


@blueprint.get(urls.STRUCTURE_EXPORT)
@requires(Permission.CONVENTION_EDIT, proof=True)
def export_structures() -> Response:
    actor = current_actor()
    lines = known_structures(actor.partner_id)
    with transaction():
        leave_trace(Trace.EXPORTED, what="structures.csv", details={"lines": len(lines)})
    return _csv(f"structures-{today():%Y-%m-%d}.csv", HEADS, map(_cells, lines))


def _read(file: FileStorage | None) -> tuple[str, bytes]:
    """The name and content of what was sent; one byte more than is accepted is enough to refuse."""
    if file is None or not file.filename:
        raise InvalidInput("Choisissez un fichier.", field="file")
    name = clean_line(file.filename, field="file", label="Nom du fichier", max_length=200)
    with closing(file):
        return name or "structures.csv", file.stream.read(MAX_BYTES + 1)


def _cells(one: Known) -> Sequence[object]:
    """As `HEADS`: what the import reads back to the same structure."""
    return (
        one.code,
        one.name,
        STRUCTURE_KINDS[one.kind],
        one.siret or "",
        yes_or_no(one.shares),
        yes_or_no(one.active),
        ", ".join(one.tools) or ALL_TOOLS,
    )


def _csv(name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    answer = Response(csv_text(heads, rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _said(plan: Plan) -> str:
    """« Import terminé : 147 structures créées. 3 lignes en erreur… »"""
    created, changed, faults = len(plan.created), len(plan.changed), len(plan.faults)
    counts = ((created, "créée"), (changed, "modifiée"))
    parts = [
        f"{count} structure{'s' * (count > 1)} {word}{'s' * (count > 1)}" for count, word in counts if count
    ]
    told = f"Import terminé\u00a0: {', '.join(parts) or 'rien n’a changé'}."
    if faults:
        told += f" {faults} ligne{'s' * (faults > 1)} en erreur, non importée{'s' * (faults > 1)}\u00a0: "
        told += "téléchargez-les, corrigez-les, puis importez ce fichier."
    return told


def _differences(before: Known, after: Known) -> list[tuple[str, object, object]]:
    """(column, before, after) of what a line would change."""
    pairs = zip(HEADS, _cells(before), _cells(after), strict=True)
    return [(label, old, new) for label, old, new in pairs if old != new]


def _trail() -> Sequence[tuple[str, str]]:
    return administration_trail(("Structures", url_for("administration.structures")))
