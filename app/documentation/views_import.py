"""Taking the whole base out as a ZIP of Markdown files, and bringing one in: shown first, done after."""

from __future__ import annotations

import io
from collections import Counter

from flask import Response, flash, request, send_file
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.policy import Permission
from app.documentation import exchange
from app.documentation.blueprint import blueprint
from app.documentation.exchange import Planned, What
from app.documentation.forms import ActOnlyForm, ImportForm
from app.documentation.views_read import today
from app.files import service as files
from app.files.rules import AcceptedFile
from app.infra.tx import transaction
from app.kernel.errors import InvalidInput, NotFound
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.filters import plural
from app.web.forms import attach_error, once
from app.web.headers import NOT_KEPT
from app.web.htmx import redirect_to, render

ZIP = "application/zip"
WHAT_LABELS = {
    What.CREATED: "Créé",
    What.CHANGED: "Modifié",
    What.UNCHANGED: "Inchangé",
    What.REFUSED: "Refusé",
}


@blueprint.post(urls.EXPORT_ARTICLES)
@requires(Permission.DOCUMENTATION_WRITE)
def export() -> Response:
    actor, moment = current_actor(), now()
    with transaction():
        content = exchange.export(actor, now=moment, address=request.remote_addr or "")
    response = send_file(
        io.BytesIO(content),
        mimetype=ZIP,
        as_attachment=True,
        download_name=f"documentation-{today():%Y-%m-%d}.zip",
        etag=False,
    )
    response.headers["Cache-Control"] = NOT_KEPT
    return response


@blueprint.route(urls.IMPORT_ARTICLES, methods=["GET", "POST"])
@requires(Permission.DOCUMENTATION_WRITE)
def bring() -> Response | BaseResponse:
    """Ask for an archive, then show what it would do: it is kept meanwhile as a draft of its sender."""
    form = ImportForm()
    if request.method == "GET":
        return _ask(form)
    if not form.validate():
        return _ask(form, 422)
    actor, moment, content = current_actor(), now(), form.archive.data.read()
    try:
        imported = exchange.examine(content)
        planned = exchange.plan(actor, imported)
        with transaction():
            kept = files.keep(AcceptedFile("documentation.zip", ZIP, content), actor=actor, now=moment)
    except InvalidInput as refusal:
        attach_error(form, refusal)
        return _ask(form, 422)
    return _show(planned, kept.public_id)


@blueprint.post(urls.CONFIRM_IMPORT)
@requires(Permission.DOCUMENTATION_WRITE)
def confirm(public_id: str) -> BaseResponse:
    return redirect_to(once(ActOnlyForm(), lambda: _bring_in(public_id)))


def _bring_in(public_id: str) -> str:
    actor = current_actor()
    archive = next(iter(files.drafts_of(actor, [public_id])), None) if public_id.isprintable() else None
    if archive is None or archive.media_type != ZIP:
        raise NotFound
    planned = exchange.bring_in(actor, exchange.examine(archive.content), now=now())
    counts = Counter(line.what for line in planned)
    flash(
        f"Import terminé\u00a0: {plural(counts[What.CREATED], 'article créé', 'articles créés')}, "
        f"{plural(counts[What.CHANGED], 'modifié', 'modifiés')}, "
        f"{plural(counts[What.UNCHANGED], 'inchangé', 'inchangés')}, "
        f"{plural(counts[What.REFUSED], 'refusé', 'refusés')}.",
        "success",
    )
    return urls.DOCUMENTATION


def _ask(form: ImportForm, status: int = 200) -> Response:
    return render(
        "documentation/import.html", status=status, title="Importer des articles", form=form, planned=None
    )


def _show(planned: list[Planned], public_id: str) -> Response:
    return render(
        "documentation/import.html",
        title="Vérifier l’import",
        form=ImportForm(formdata=None),
        planned=planned,
        what_labels=WHAT_LABELS,
        counts=Counter(line.what for line in planned),
        worth_it=any(line.what in {What.CREATED, What.CHANGED} for line in planned),
        confirm_form=ActOnlyForm(formdata=None),
        public_id=public_id,
    )
