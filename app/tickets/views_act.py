"""`/sollicitations/REF/actes/…`: recording what happens to a ticket, and correcting what was recorded wrong."""

from __future__ import annotations

from datetime import datetime

from flask import Response, flash, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.policy import Permission, check
from app.kernel.errors import Impossible, InvalidInput, NotFound, Stale
from app.tickets import events as e
from app.tickets import forms
from app.tickets.acts import USER_LABELS, Act, act_of, offered
from app.tickets.blueprint import blueprint
from app.tickets.desk import Desk, open_desk
from app.tickets.outcomes import outcome, outcome_for_user
from app.tickets.permissions import permission_for
from app.tickets.recording import attach, record
from app.tickets.service import correct, set_identifier
from app.tickets.timeline import Entry, changes_since, story
from app.tickets.views_answer import help_for, insert, note_uses, wants_insertion
from app.tickets.views_page import clocks_before, desk_of
from app.tickets.workaround_forms import WorkaroundForm
from app.tickets.workaround_giving import give_workaround
from app.web import urls
from app.web.access import requires
from app.web.errors import status_of
from app.web.forms import attach_error, once
from app.web.htmx import redirect_to, render


@blueprint.route(urls.ACT, methods=["GET", "POST"])
@requires(Permission.TICKET_COMMENT)
def act(reference: str, slug: str) -> Response | BaseResponse:
    chosen, desk = act_of(slug), desk_of(reference)
    _check_right(desk, chosen)
    form = chosen.form()
    form.prepare(desk, clocks_before(desk))
    if not offered(desk, [chosen]):
        return _no_longer_possible(desk, chosen, form)
    if request.method == "GET":
        form.version.data = str(desk.facts.version)
        return _show(desk, chosen, form)
    if wants_insertion(chosen):
        return _show(desk, chosen, form, status=200 if insert(desk, form) else 422)
    if not form.validate():
        return _show(desk, chosen, form, status=422)
    try:
        return redirect_to(once(form, lambda: _record(desk, chosen, form)))
    except Stale:
        return _stale(reference, chosen, form)
    except (InvalidInput, Impossible) as refusal:
        attach_error(form, refusal)
        return _show(desk, chosen, form, status=status_of(refusal))


def _check_right(desk: Desk, chosen: Act) -> None:
    """Whoever may not read the ticket is told nothing of its acts."""
    check(desk.actor, Permission.TICKET_READ, desk.scope)
    check(desk.actor, permission_for(chosen.events[0], desk.scope.kind), desk.scope)


def _record(desk: Desk, chosen: Act, form: forms.TicketForm) -> str:
    """Record the act and say what it changed; the address of the ticket."""
    before = desk.facts, clocks_before(desk)
    at = form["occurred_at"].data if "occurred_at" in form else None
    event = _perform(desk, chosen, form, at)
    note_uses(desk, chosen, form)
    after = open_desk(desk.actor, desk.reference, now=desk.now, zone=desk.zone)
    if desk.may(Permission.TICKET_READ_INTERNAL):
        said = outcome(
            event, at or desk.now, desk.now, before, (after.facts, clocks_before(after)), after.names()
        )
    else:
        said = outcome_for_user(event, after.facts)
    flash(said, "success")
    return url_for("tickets.page", reference=desk.reference)


def _perform(desk: Desk, chosen: Act, form: forms.TicketForm, at: datetime | None) -> e.TicketEvent:
    if isinstance(form, forms.AttachmentForm):
        upload = form.files.data
        internal = bool("internal" in form and form.internal.data)
        return attach(desk, upload.filename or "", upload.read(), internal=internal, field="files")
    if isinstance(form, forms.IdentifierForm):
        value = form.identifier.data or ""
        set_identifier(desk.reference, value, actor=desk.actor, now=desk.now, seen=form.seen)
        return e.IdentifierSet(present=bool(value))
    informs = _ticked(form, "inform_group")
    if isinstance(form, WorkaroundForm):
        return give_workaround(
            desk, form.offer(desk), at=at, seen=form.seen, inform_group=informs, path_of=_article_page
        )
    event = chosen.event(form, desk)
    record(desk, event, at=at, seen=form.seen, is_take_up=_ticked(form, "is_take_up"), inform_group=informs)
    return event


def _ticked(form: forms.TicketForm, box: str) -> bool:
    return bool(box in form and form[box].data)


def _article_page(slug: str) -> str:
    return urls.ARTICLE.replace("<slug>", slug) if slug else urls.SERVICES


def _no_longer_possible(desk: Desk, chosen: Act, form: forms.TicketForm) -> Response:
    """What the page offered has ceased to make sense: what was typed is shown with what changed."""
    if request.method == "POST" and form.seen not in (None, desk.facts.version):
        return _stale(desk.reference, chosen, form)
    raise Impossible("Cette action n’est pas possible dans l’état actuel de la sollicitation.")


def _stale(reference: str, chosen: Act, form: forms.TicketForm) -> Response:
    """Someone acted in between: what changed, what was typed, and the form on the fresh version."""
    desk = desk_of(reference)
    changes = changes_since(desk.records, form.seen or 0, desk.names())
    form.version.data = str(desk.facts.version)
    return _show(desk, chosen, form, status=409, changes=changes, possible=bool(offered(desk, [chosen])))


def _show(
    desk: Desk,
    chosen: Act,
    form: forms.TicketForm,
    status: int = 200,
    changes: list[Entry] | None = None,
    possible: bool = True,
) -> Response:
    label = (
        chosen.label
        if desk.may(Permission.TICKET_READ_INTERNAL)
        else USER_LABELS.get(chosen.slug, chosen.label)
    )
    return render(
        "tickets/act.html",
        "tickets/_act_form.html",
        status=status,
        title=f"{label}, {desk.reference}",
        desk=desk,
        reference=desk.reference,
        label=label,
        help=chosen.help,
        danger=chosen.danger,
        action=url_for("tickets.act", reference=desk.reference, slug=chosen.slug),
        form=form,
        changes=changes or [],
        possible=possible,
        answer_help=help_for(desk, chosen),
    )


# --- Corrections -----------------------------------------------------------------------------------------


@blueprint.route(urls.CORRECTION, methods=["GET", "POST"])
@requires(Permission.TICKET_COMMENT_INTERNAL)
def correction(reference: str, sequence: int) -> Response | BaseResponse:
    desk = desk_of(reference)
    check(desk.actor, permission_for(e.Corrected, desk.scope.kind), desk.scope)
    entry = next((entry for entry in story(desk.records, desk.names()) if entry.sequence == sequence), None)
    if entry is None:
        raise NotFound
    form = forms.CorrectionForm()
    if request.method == "GET":
        form.version.data, form.occurred_at.data = str(desk.facts.version), entry.at
        return _show_correction(desk, entry, form)
    if not form.validate():
        return _show_correction(desk, entry, form, status=422)
    try:
        return redirect_to(once(form, lambda: _correct(desk, entry, form)))
    except Stale:
        return _stale_correction(reference, entry, form)
    except (InvalidInput, Impossible) as refusal:
        attach_error(form, refusal)
        return _show_correction(desk, entry, form, status=status_of(refusal))


def _correct(desk: Desk, entry: Entry, form: forms.CorrectionForm) -> str:
    void = form.void.data == "annuler"
    if not void and form.occurred_at.data is None:
        raise InvalidInput("Donnez l’heure exacte.", field="occurred_at")
    corrected = e.Corrected(
        reason=form.reason.data or "", occurred_at=None if void else form.occurred_at.data, void=void
    )
    correct(desk.reference, entry.sequence, corrected, actor=desk.actor, now=desk.now, seen=form.seen)
    done = "annulé" if void else "corrigé"
    flash(f"Événement {done} : « {entry.words.title} ». Les échéances ont été recalculées.", "success")
    return url_for("tickets.page", reference=desk.reference)


def _stale_correction(reference: str, entry: Entry, form: forms.CorrectionForm) -> Response:
    desk = desk_of(reference)
    changes = changes_since(desk.records, form.seen or 0, desk.names())
    form.version.data = str(desk.facts.version)
    return _show_correction(desk, entry, form, status=409, changes=changes)


def _show_correction(
    desk: Desk,
    entry: Entry,
    form: forms.CorrectionForm,
    status: int = 200,
    changes: list[Entry] | None = None,
) -> Response:
    return render(
        "tickets/act.html",
        "tickets/_act_form.html",
        status=status,
        title=f"Corriger un événement, {desk.reference}",
        desk=desk,
        reference=desk.reference,
        label=f"Corriger : {entry.words.title}",
        help="L’événement d’origine reste lisible, avec la correction et son motif. Les échéances sont recalculées.",
        danger=False,
        action=url_for("tickets.correction", reference=desk.reference, sequence=entry.sequence),
        form=form,
        changes=changes or [],
        possible=True,
    )
