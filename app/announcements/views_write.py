"""Writing announcements: a new one, in one click from an incident, its edition, and what becomes of it."""

from __future__ import annotations

from flask import Response, flash, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.policy import Permission
from app.announcements import queries
from app.announcements.acts import Act, act_of, offered
from app.announcements.blueprint import blueprint
from app.announcements.forms import ContentForm, NewForm
from app.announcements.models import Announcement
from app.announcements.rules import fold
from app.announcements.service import announce_ticket, draft, edit, perform, publish
from app.announcements.views_read import canonical
from app.kernel.errors import Impossible, InvalidInput
from app.partners.queries import structures_of, tools_of
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.errors import status_of
from app.web.forms import ActForm, BaseForm, attach_error, once
from app.web.htmx import redirect_to, render


@blueprint.post(urls.ANNOUNCE_TICKET)
@requires(Permission.ANNOUNCEMENT_WRITE)
def from_ticket(reference: str) -> BaseResponse:
    """One click on the page of an incident: those concerned read it, and follow what becomes of it."""
    actor, moment = current_actor(), now()
    form = BaseForm()

    def act() -> str:
        row = announce_ticket(canonical(reference), actor=actor, now=moment)
        flash(
            "L’annonce est publiée\u00a0: elle suivra la sollicitation et se terminera avec elle.", "success"
        )
        return url_for("announcements.page", reference=row.reference)

    return redirect_to(once(form, act))


@blueprint.route(urls.NEW_ANNOUNCEMENT, methods=["GET", "POST"])
@requires(Permission.ANNOUNCEMENT_WRITE)
def new() -> Response | BaseResponse:
    actor, moment = current_actor(), now()
    form = NewForm()
    _offer(form)
    if request.method == "GET":
        return _show(form)
    if not form.validate():
        return _show(form, status=422)

    def act() -> str:
        row = draft(form.content, actor=actor, now=moment)
        if form.publishes:
            publish(row.reference, actor=actor, now=moment, at=form.publishes_at)
        flash("L’annonce est enregistrée.", "success")
        return url_for("announcements.page", reference=row.reference)

    try:
        return redirect_to(once(form, act))
    except (InvalidInput, Impossible) as refusal:
        attach_error(form, refusal)
        return _show(form, status=status_of(refusal))


@blueprint.route(urls.ANNOUNCEMENT_EDITION, methods=["GET", "POST"])
@requires(Permission.ANNOUNCEMENT_WRITE)
def edition(reference: str) -> Response | BaseResponse:
    actor, moment = current_actor(), now()
    row = queries.find(actor, canonical(reference), moment)
    facts = fold(queries.records_of(row.id))
    form = ContentForm()
    _offer(form)
    if request.method == "GET":
        form.show(facts.content, facts.version)
        return _show(form, row)
    if not form.validate():
        return _show(form, row, status=422)

    def act() -> str:
        edit(row.reference, form.content, actor=actor, now=moment, seen=form.seen)
        flash("L’annonce est modifiée. Ce qu’elle disait reste dans son histoire.", "success")
        return url_for("announcements.page", reference=row.reference)

    try:
        return redirect_to(once(form, act))
    except (InvalidInput, Impossible) as refusal:
        attach_error(form, refusal)
        form.version.data = str(facts.version)
        return _show(form, row, status=status_of(refusal))


@blueprint.route(urls.ANNOUNCEMENT_ACT, methods=["GET", "POST"])
@requires(Permission.ANNOUNCEMENT_WRITE)
def act(reference: str, slug: str) -> Response | BaseResponse:
    chosen, actor, moment = act_of(slug), current_actor(), now()
    row = queries.find(actor, canonical(reference), moment)
    facts = fold(queries.records_of(row.id))
    form = chosen.form()
    if chosen not in offered(facts, moment):
        raise Impossible("Cette action n’est pas possible dans l’état actuel de l’annonce.")
    if request.method == "GET":
        form.version.data = str(facts.version)
        return _show_act(chosen, row, form)
    if not form.validate():
        return _show_act(chosen, row, form, status=422)

    def record() -> str:
        perform(row.reference, chosen.build(form, moment), actor=actor, now=moment, seen=form.seen)
        flash(chosen.done, "success")
        return url_for("announcements.page", reference=row.reference)

    try:
        return redirect_to(once(form, record))
    except (InvalidInput, Impossible) as refusal:
        attach_error(form, refusal)
        form.version.data = str(facts.version)
        return _show_act(chosen, row, form, status=status_of(refusal))


def _offer(form: ContentForm) -> None:
    partner_id = current_actor().partner_id
    form.offer(tools_of(partner_id), structures_of(partner_id))


def _show(form: ContentForm, row: Announcement | None = None, status: int = 200) -> Response:
    label = f"Modifier «\u00a0{row.title}\u00a0»" if row else "Nouvelle annonce"
    return render("announcements/edit.html", status=status, title=label, row=row, form=form)


def _show_act(chosen: Act, row: Announcement, form: ActForm, status: int = 200) -> Response:
    return render(
        "announcements/act.html",
        status=status,
        title=f"{chosen.label}\u00a0: {row.title}",
        act=chosen,
        row=row,
        form=form,
    )
