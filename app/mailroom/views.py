"""`/courrier`: the mails that wait for a person, and what becomes of each."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, send_file, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.form_tokens import new_form_token
from app.accounts.policy import Permission
from app.infra.tx import transaction
from app.journal.technical import Trace
from app.kernel.errors import DomainError, Impossible, InvalidInput, NotFound
from app.kernel.personal_data import mask
from app.mailroom import dealing, queries
from app.mailroom.forms import CommentForm, DiscardForm, FtAnswerForm, TicketForm
from app.mailroom.parsing import read
from app.mailroom.queries import MailRow
from app.mailroom.vocabulary import FT_KIND_LABELS, VERIFIED_LABELS, WHY_LABELS, Status, Verified, Why
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.errors import status_of
from app.web.filters import current_zone
from app.web.forms import BaseForm, attach_error, once
from app.web.headers import NOT_KEPT
from app.web.htmx import redirect_to, render
from app.web.traces import leave_trace

blueprint = Blueprint("mailroom", __name__)

LABELS = {"why": WHY_LABELS, "verified": VERIFIED_LABELS, "ft_kind": FT_KIND_LABELS}


@dataclass
class Forms:
    """The four ways to deal with a mail."""

    ft_answer: FtAnswerForm
    comment: CommentForm
    ticket: TicketForm
    discard: DiscardForm


@blueprint.get(urls.MAIL)
@requires(Permission.MAILROOM_HANDLE)
def index() -> Response:
    rows = queries.waiting(current_actor())
    return render(
        "mailroom/index.html",
        title="Courrier à trier",
        rows=rows,
        is_waiting=True,
        one_click=[row.mail.reference for row in rows if _is_sure(row)],
        new_token=new_form_token,
        arrived={row.mail.reference: _local(row.mail.received_at) for row in rows},
        labels=LABELS,
    )


@blueprint.get(urls.MAIL_DEALT)
@requires(Permission.MAILROOM_HANDLE)
def dealt() -> Response:
    return render(
        "mailroom/index.html",
        title="Courrier traité",
        rows=queries.dealt_with(current_actor()),
        is_waiting=False,
        one_click=[],
        labels=LABELS,
    )


@blueprint.get(urls.ONE_MAIL)
@requires(Permission.MAILROOM_HANDLE)
def page(reference: str) -> Response:
    row = queries.find_mail(current_actor(), reference)
    return _show(row, _forms(row))


@blueprint.get(urls.MAIL_ORIGINAL)
@requires(Permission.MAILROOM_HANDLE)
def original(reference: str) -> Response:
    """The mail as it came, saved rather than shown; who fetched it stays written."""
    row, raw = dealing.original(reference, current_actor())
    with transaction():
        leave_trace(Trace.EXPORTED, what=f"courrier {row.mail.reference}")
    response = send_file(
        io.BytesIO(raw),
        mimetype="message/rfc822",
        as_attachment=True,
        download_name="courriel.eml",
        etag=False,
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    response.headers["Cache-Control"] = NOT_KEPT
    return response


@blueprint.post(urls.MAIL_FT_ANSWER)
@requires(Permission.MAILROOM_HANDLE)
def ft_answer(reference: str) -> Response | BaseResponse:
    form = FtAnswerForm()

    def act() -> str:
        ticket = dealing.record_answer(reference, form.answer, actor=current_actor(), now=now())
        flash(f"«\u00a0{FT_KIND_LABELS[form.answer.kind]}\u00a0» est enregistré.", "success")
        return url_for("tickets.page", reference=ticket.reference)

    return _deal(reference, form, "ft_answer", act)


@blueprint.post(urls.MAIL_COMMENT)
@requires(Permission.MAILROOM_HANDLE)
def comment(reference: str) -> Response | BaseResponse:
    form = CommentForm()

    def act() -> str:
        ticket = dealing.attach_as_comment(
            reference,
            form.ticket.data or "",
            internal=form.internal.data,
            text=form.text.data or "",
            actor=current_actor(),
            now=now(),
        )
        flash("Le courriel est ajouté à la sollicitation.", "success")
        return url_for("tickets.page", reference=ticket.reference)

    return _deal(reference, form, "comment", act)


@blueprint.post(urls.MAIL_TICKET)
@requires(Permission.MAILROOM_HANDLE)
def ticket(reference: str) -> Response | BaseResponse:
    form = TicketForm()

    def act() -> str:
        filed = dealing.make_ticket(
            reference,
            subject=form.subject.data or "",
            text=form.text.data or "",
            actor=current_actor(),
            now=now(),
        )
        flash("La sollicitation est déposée\u00a0: classez-la et complétez-la.", "success")
        return url_for("tickets.page", reference=filed.reference)

    return _deal(reference, form, "ticket", act)


@blueprint.post(urls.MAIL_DISCARD)
@requires(Permission.MAILROOM_HANDLE)
def discard(reference: str) -> Response | BaseResponse:
    form = DiscardForm()

    def act() -> str:
        dealing.discard(reference, form.reason.data or "", actor=current_actor(), now=now())
        flash("Le courriel est écarté.", "success")
        return url_for("mailroom.index")

    return _deal(reference, form, "discard", act)


def _deal(reference: str, form: BaseForm, name: str, act: Callable[[], str]) -> Response | BaseResponse:
    row = queries.find_mail(current_actor(), reference)
    if not form.validate():
        return _show(row, _forms(row, **{name: form}), status=422)
    try:
        return redirect_to(once(form, act))
    except (InvalidInput, Impossible, NotFound) as refusal:
        row = queries.find_mail(current_actor(), reference)
        if row.mail.status != Status.WAITING:
            raise  # somebody was quicker: the page has no form left to say it on
        attach_error(form, _on_its_field(refusal, form))
        return _show(row, _forms(row, **{name: form}), status=_status(refusal))


def _on_its_field(refusal: DomainError, form: BaseForm) -> DomainError:
    """A ticket that cannot be found was typed wrong, or is not this person's to know."""
    if isinstance(refusal, NotFound) and "ticket" in form:
        return InvalidInput("Aucune sollicitation que vous suivez ne porte cette référence.", field="ticket")
    return refusal


def _status(refusal: DomainError) -> int:
    return 422 if isinstance(refusal, NotFound) else status_of(refusal)


def _forms(row: MailRow, **filled: BaseForm) -> Forms:
    """Every form of the page with what the mail proposes; the one that was sent keeps what was typed."""
    kinds = {"ft_answer": FtAnswerForm, "comment": CommentForm, "ticket": TicketForm, "discard": DiscardForm}
    made: dict[str, Any] = {}
    for name, kind in kinds.items():
        form = filled.get(name)
        if form is None:
            form = kind(formdata=None, prefix="")
            form.propose(row)
        made[name] = _apart(form, name)
    return Forms(**made)


def _apart(form: BaseForm, name: str) -> BaseForm:
    """The form with identifiers of its own: four of them stand on one page."""
    for field in form:
        field.id = f"{name}-{field.short_name}"
        field.label.field_id = field.id
    return form


def _local(moment: datetime) -> str:
    """As a field of a date and time writes it."""
    return moment.astimezone(current_zone()).strftime("%Y-%m-%dT%H:%M")


def _is_sure(row: MailRow) -> bool:
    """Whether one click is enough: France Travail verified, a ticket, and an event that it looks like."""
    mail = row.mail
    return (
        mail.why == Why.FT_ANSWER
        and mail.verified == Verified.PASSED
        and mail.ft_kind is not None
        and row.ticket is not None
    )


def _show(row: MailRow, forms: Forms, status: int = 200) -> Response:
    whole = mask(read(row.mail.raw).text) if row.mail.raw is not None else ""
    return render(
        "mailroom/mail.html",
        status=status,
        title=row.mail.title or "Courriel sans objet",
        row=row,
        forms=forms,
        whole=whole if whole != row.mail.text else "",
        is_waiting=row.mail.status == Status.WAITING,
        looks_like_ft=row.mail.why in (Why.FT_ANSWER, Why.FT_UNVERIFIED, Why.FT_WITHOUT_REFERENCE),
        labels=LABELS,
    )
