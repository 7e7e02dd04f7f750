"""The pré-diagnostic, and the text to paste for France Travail."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, flash, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.policy import Permission, check
from app.kernel.errors import DomainError, InvalidInput, Stale
from app.partners.queries import ChannelRow, tools_by_code
from app.tickets import events as e
from app.tickets import prediagnosis as pre
from app.tickets import transmission as tx
from app.tickets.blueprint import blueprint
from app.tickets.desk import Desk, open_desk
from app.tickets.dossiers import Prepared, prepare
from app.tickets.permissions import permission_for
from app.tickets.service import perform
from app.tickets.timeline import changes_since
from app.tickets.transmission_forms import NO_CHANNEL, PrediagnosisForm, TransmissionForm, form_for
from app.tickets.vocabulary import OPEN, Conclusion
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.filters import current_zone
from app.web.forms import ActForm, attach_error, once
from app.web.htmx import announce, redirect_to, render, targets

PREDIAGNOSIS_PAGE = "tickets/prediagnosis.html"
PREDIAGNOSIS_FORM = "tickets/_prediagnosis_form.html"
TRANSMISSION_PAGE = "tickets/transmission.html"
TRANSMISSION_FORM = "tickets/_transmission_form.html"
EXPRESS, FULL = "express", "complet"
FINISH, CHECK = "terminer", "relire"
STALE = 409


# --- Pré-diagnostic --------------------------------------------------------------------------------------


@blueprint.get(urls.PREDIAGNOSIS)
@requires(Permission.TICKET_READ_INTERNAL)
def prediagnosis(reference: str) -> Response:
    desk = _open(reference, e.Diagnosed)
    return _prediagnosis_page(desk, _prediagnosis_form(desk))


@blueprint.post(urls.PREDIAGNOSIS)
@requires(Permission.TICKET_READ_INTERNAL)
def save_prediagnosis(reference: str) -> Response | BaseResponse:
    """Save what is answered so far: one event, which holds what changed only."""
    desk = _open(reference, e.Diagnosed)
    form = _prediagnosis_form(desk)
    status = 422
    if form.validate():
        try:
            following = once(form, lambda: _diagnose(desk, form))
        except Stale as error:
            attach_error(form, error)
            status = STALE
        except DomainError as error:
            attach_error(form, error)
        else:
            return _saved(reference, form, following)
    return _prediagnosis_page(desk, form, status)


def _diagnose(desk: Desk, form: PrediagnosisForm) -> str:
    answers = pre.changed_answers(desk.facts, form.answers())
    conclusion = Conclusion(form.conclusion.data)
    if answers or conclusion is not desk.facts.conclusion:
        if not desk.facts.diagnosis and not any(answers.values()):
            raise InvalidInput("Répondez au moins à une question.")
        event = e.Diagnosed(express=_express(desk), conclusion=conclusion, answers=answers)
        perform(desk.reference, event, actor=desk.actor, now=desk.now, seen=form.seen)
    if request.form.get("save") != FINISH:
        return _prediagnosis_url(desk)
    page = "tickets.transmission" if conclusion is Conclusion.FRANCE_TRAVAIL else "tickets.page"
    return url_for(page, reference=desk.reference)


def _saved(reference: str, form: PrediagnosisForm, following: str) -> Response | BaseResponse:
    hidden = (
        f" Un secret a été masqué avant l’enregistrement ({', '.join(form.hidden_in)})."
        if form.hidden_in
        else ""
    )
    if targets(PREDIAGNOSIS_FORM) and request.form.get("save") != FINISH:
        desk = _open(reference, e.Diagnosed)
        fresh = _prediagnosis_form(desk, sent=False)
        announce(f"Enregistré.{hidden}")
        return _prediagnosis_page(desk, fresh, saved=True, hidden=hidden)
    flash(f"Pré-diagnostic enregistré.{hidden}", "warning" if hidden else "success")
    return redirect_to(following)


def _express(desk: Desk) -> bool:
    """The form asked for; by default the express one for an interruption that nobody examined yet."""
    asked = request.args.get("forme")
    if asked in (EXPRESS, FULL):
        return asked == EXPRESS
    return pre.is_interruption(desk.facts) and desk.facts.diagnosed_at is None


def _prediagnosis_form(desk: Desk, *, sent: bool = True) -> PrediagnosisForm:
    kinds = {tool.kind for tool in tools_by_code(desk.facts.tools, desk.ticket.partner_id)}
    sections = (pre.EXPRESS,) if _express(desk) else pre.sections_for(kinds)
    conclusion = desk.facts.conclusion or (
        Conclusion.FRANCE_TRAVAIL if _express(desk) else Conclusion.UNKNOWN
    )
    form = form_for(sections, pre.known_answers(desk.facts), conclusion, sent=sent)
    if not sent or not form.is_submitted():
        form.version.data = str(desk.facts.version)
    return form


def _prediagnosis_url(desk: Desk) -> str:
    forme = EXPRESS if _express(desk) else FULL
    return url_for("tickets.prediagnosis", reference=desk.reference, forme=forme)


def _prediagnosis_page(
    desk: Desk, form: PrediagnosisForm, status: int = 200, *, saved: bool = False, hidden: str = ""
) -> Response:
    express = _express(desk)
    return render(
        PREDIAGNOSIS_PAGE,
        PREDIAGNOSIS_FORM,
        status,
        title=f"Pré-diagnostic {desk.reference}",
        form=form,
        action=_prediagnosis_url(desk),
        express=express,
        possible=desk.may_record(e.Diagnosed),
        after_transmission=desk.facts.transmitted_at is not None,
        said=pre.said(desk.facts.diagnosis, desk.zone),
        reference=desk.reference,
        subject=desk.facts.subject,
        forms=[
            {"label": "Complet", "url": _form_url(desk, FULL), "current": not express},
            {"label": "Express", "url": _form_url(desk, EXPRESS), "current": express},
        ],
        **_after_refusal(desk, form, status),
        saved=saved,
        hidden=hidden,
    )


def _form_url(desk: Desk, forme: str) -> str:
    return url_for("tickets.prediagnosis", reference=desk.reference, forme=forme)


# --- Transmission ----------------------------------------------------------------------------------------


@blueprint.get(urls.TRANSMISSION)
@requires(Permission.TICKET_READ_INTERNAL)
def transmission(reference: str) -> Response:
    desk = _open(reference, e.Transmitted)
    prepared = _prepare(desk)
    form = TransmissionForm(prepared.channels)
    form.version.data = str(desk.facts.version)
    form.channel.data = form.first_channel
    form.text.data = tx.packet(prepared.dossier)
    form.occurred_at.data = desk.now
    return _transmission_page(desk, prepared, form)


@blueprint.post(urls.TRANSMISSION)
@requires(Permission.TICKET_READ_INTERNAL)
def transmit(reference: str) -> Response | BaseResponse:
    """Record that the text was sent; or, when only asked to read it again, show it with its checks."""
    desk = _open(reference, e.Transmitted)
    prepared = _prepare(desk)
    form = TransmissionForm(prepared.channels)
    valid = form.validate()
    if request.form.get("save") == CHECK:
        if not form.text.errors:
            for field in form:
                field.errors = []
        return _transmission_page(desk, prepared, form, 422 if form.text.errors else 200)
    status = 422
    if valid:
        try:
            return redirect_to(once(form, lambda: _transmit(desk, prepared, form)))
        except Stale as error:
            attach_error(form, error)
            status = STALE
        except DomainError as error:
            attach_error(form, error)
    return _transmission_page(desk, prepared, form, status)


def _transmit(desk: Desk, prepared: Prepared, form: TransmissionForm) -> str:
    text = form.text.data or ""
    reason = tx.refusal(prepared.dossier, text)
    if reason is not None:
        raise InvalidInput(reason, field="text")
    channel = _chosen(prepared, form)
    event = e.Transmitted(
        channel=channel.name if channel else NO_CHANNEL,
        text=text,
        ft_reference=form.ft_reference.data or "",
        receipt_is_take_up=bool(channel and channel.receipt_is_take_up),
    )
    sent_at = form.occurred_at.data
    perform(desk.reference, event, actor=desk.actor, now=desk.now, occurred_at=sent_at, seen=form.seen)
    flash(_what_follows(channel), "success")
    return url_for("tickets.page", reference=desk.reference)


def _what_follows(channel: ChannelRow | None) -> str:
    if channel and channel.receipt_is_take_up:
        return "Transmission enregistrée. Sur ce canal, l’accusé de réception de France Travail vaut prise en charge."
    return "Transmission enregistrée. Notez ici chaque réponse de France Travail."


def _prepare(desk: Desk) -> Prepared:
    return prepare(desk, current_user.partner_name)


def _chosen(prepared: Prepared, form: TransmissionForm) -> ChannelRow | None:
    return next((row for row in prepared.channels if str(row.id) == form.channel.data), None)


def _transmission_page(desk: Desk, prepared: Prepared, form: TransmissionForm, status: int = 200) -> Response:
    dossier = prepared.dossier
    return render(
        TRANSMISSION_PAGE,
        TRANSMISSION_FORM,
        status,
        title=f"Transmission {desk.reference}",
        form=form,
        reference=desk.reference,
        subject=desk.facts.subject,
        action=url_for("tickets.transmission", reference=desk.reference),
        points=tx.points(dossier, form.text.data or ""),
        fixes=_fixes(desk),
        edited=(form.text.data or "") != tx.packet(dossier),
        channels=prepared.channels,
        first_channel=form.first_channel,
        mail_to={row.id: _mail_to(row, dossier) for row in prepared.channels if row.address},
        sent=prepared.sent,
        possible=desk.may_record(e.Transmitted),
        open=desk.facts.state in OPEN,
        refused=desk.facts.refused_at is not None,
        **_after_refusal(desk, form, status),
    )


def _fixes(desk: Desk) -> dict[tx.Fix, tuple[str, str]]:
    """Where each point is mended: (label, address)."""

    def act(slug: str) -> str:
        return url_for("tickets.act", reference=desk.reference, slug=slug)

    return {
        tx.Fix.PREDIAGNOSIS: ("Pré-diagnostic", url_for("tickets.prediagnosis", reference=desk.reference)),
        tx.Fix.CLASSIFICATION: ("Classer", act("classement")),
        tx.Fix.CONVENTION: ("Choisir la convention", act("convention")),
        tx.Fix.TEXT: ("Modifier le texte", "#text"),
    }


def _mail_to(channel: ChannelRow, dossier: tx.Dossier) -> str:
    """Only the subject: mail programs cut a long body short, so the text is pasted."""
    return f"mailto:{quote(channel.address or '', safe='@')}?subject={quote(tx.subject_line(dossier))}"


# --- Both ------------------------------------------------------------------------------------------------


def _open(reference: str, event_type: type[e.TicketEvent]) -> Desk:
    """The ticket on the desk of someone who may record such an event on it. Raises NotFound or NotAllowed."""
    desk = open_desk(current_actor(), reference, now=now(), zone=current_zone())
    check(desk.actor, permission_for(event_type, desk.ticket.kind), desk.scope)
    return desk


def _after_refusal(desk: Desk, form: ActForm, status: int) -> dict[str, object]:
    """What a page refused as stale tells: what others did since it was shown; sent again, it rests on that."""
    if status != STALE:
        return {"changes": []}
    changes = changes_since(desk.records, form.seen or 0, desk.names())
    form.version.data = str(desk.facts.version)
    return {"changes": changes}
