"""What a link received by mail opens: a new password, an invitation. Reading the page uses nothing up."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, flash, request, session
from flask_login import logout_user
from werkzeug.wrappers import Response as BaseResponse

from app.accounts import queries, service
from app.accounts.attempts import WINDOW, count_link, forget_attempts
from app.accounts.blueprint import blueprint
from app.accounts.forms import EmailForm, NewPasswordForm
from app.accounts.one_time_links import (
    PASSWORD_LIFETIME,
    DeadLink,
    Guest,
    Purpose,
    guest_of,
    use_link,
)
from app.accounts.passwords import minimum_length
from app.accounts.views_common import begin, leave_trace_of_account, settings
from app.accounts.views_letters import pretend_password_link, send_password_link, tell_password_changed
from app.infra.tx import transaction
from app.journal.technical import Trace
from app.kernel.errors import DomainError
from app.web import urls
from app.web.access import public
from app.web.context import now
from app.web.forms import attach_error
from app.web.htmx import redirect_to, render

_MINUTES = int(WINDOW.total_seconds() // 60)


@blueprint.get(urls.FORGOTTEN_PASSWORD)
@public
def forgotten_password() -> Response:
    return _forgotten_page(EmailForm())


@blueprint.post(urls.FORGOTTEN_PASSWORD)
@public
def ask_for_link() -> Response:
    """The same answer, in the same time, whoever asks and for whatever address.

    An account that enters by ProConnect alone, or that waits for its invitation to be accepted, gets none: a
    mailbox must not be enough to give it a password.
    """
    form = EmailForm()
    if not form.validate():
        return _forgotten_page(form, 422)
    email = form.email.data or ""
    with transaction():
        in_time = count_link(email, request.remote_addr or "", now=now())
        account = queries.account_by_email(email)
        if in_time and account is not None and account.active and account.password_hash is not None:
            send_password_link(account.id, now())
        else:
            pretend_password_link(now())
    return render("accounts/link_sent.html", title="Consultez votre messagerie", email=email, wait=_MINUTES)


@blueprint.get(urls.NEW_PASSWORD)
@public
def new_password(token: str) -> Response:
    return _show(token, Purpose.PASSWORD, NewPasswordForm())


@blueprint.post(urls.NEW_PASSWORD)
@public
def choose_new_password(token: str) -> Response | BaseResponse:
    def arrived(_guest: Guest) -> str:
        flash("Votre mot de passe est changé. Connectez-vous avec le nouveau.", "success")
        return urls.LOGIN

    return _choose(token, Purpose.PASSWORD, arrived)


@blueprint.get(urls.INVITATION)
@public
def invitation(token: str) -> Response:
    return _show(token, Purpose.INVITATION, NewPasswordForm())


@blueprint.post(urls.INVITATION)
@public
def accept_invitation(token: str) -> Response | BaseResponse:
    """A password, then at once the second factor: one comes in by the same way as ever."""
    return _choose(token, Purpose.INVITATION, lambda guest: begin(guest.account_id))


def _choose(token: str, purpose: Purpose, arrived: Callable[[Guest], str]) -> Response | BaseResponse:
    form, moment = NewPasswordForm(), now()
    if not form.validate():
        return _show(token, purpose, form, 422)
    try:
        guest = guest_of(token, purpose, moment)
        password_hash = service.hash_new_password(guest.account_id, form.password.data or "")
        with transaction():
            use_link(token, purpose, moment)
            service.set_password(guest.account_id, password_hash)
            forget_attempts(guest.email)
            leave_trace_of_account(Trace.PASSWORD_CHANGED, guest.account_id, what=f"link: {purpose}")
            if purpose is Purpose.PASSWORD:
                tell_password_changed(guest.account_id, moment)
        logout_user()
        session.clear()
        return redirect_to(arrived(guest))
    except DeadLink:
        return _dead_link()
    except DomainError as error:
        attach_error(form, error)
        return _show(token, purpose, form, 422)


def _show(token: str, purpose: Purpose, form: NewPasswordForm, status: int = 200) -> Response:
    try:
        guest = guest_of(token, purpose, now())
    except DeadLink:
        return _dead_link()
    invited = purpose is Purpose.INVITATION
    return render(
        "accounts/new_password.html",
        title="Bienvenue" if invited else "Nouveau mot de passe",
        form=form,
        guest=guest,
        invited=invited,
        minimum=minimum_length(queries.roles_of(guest.account_id)),
        second_factor=settings().second_factor,
        action=request.path,
        status=status,
    )


def _dead_link() -> Response:
    """Gone: the same page for a link that was used, that expired, and that never was."""
    return render(
        "errors/error.html",
        status=410,
        code=410,
        title="Ce lien ne sert plus",
        message=DeadLink.default_message,
        kept="Rien n’a été modifié.",
        advice="Demandez-en un nouveau, ou connectez-vous si vous avez déjà choisi votre mot de passe.",
        back_url=urls.FORGOTTEN_PASSWORD,
        back_label="Demander un lien",
    )


def _forgotten_page(form: EmailForm, status: int = 200) -> Response:
    return render(
        "accounts/forgotten_password.html",
        title="Mot de passe oublié",
        form=form,
        lifetime=PASSWORD_LIFETIME,
        status=status,
    )
