"""Setting up the second factor, at the first sign-in or later; recovery codes; taking it away."""

from __future__ import annotations

import json

import segno
from flask import Response, flash, request, session
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from app.accounts import queries, second_factor
from app.accounts.blueprint import blueprint
from app.accounts.forms import ActionForm, CodeForm
from app.accounts.models import Method
from app.accounts.policy import Permission
from app.accounts.sealing import Unreadable, seal, unseal
from app.accounts.totp import address_of, in_groups, new_secret
from app.accounts.views_common import enter, leave_trace_of_account, settings
from app.accounts.views_letters import tell_factor_changed
from app.accounts.views_login import begin_again, half_logged_in
from app.infra.tx import transaction
from app.journal.technical import Trace
from app.kernel.errors import DomainError, Impossible, InvalidInput
from app.web import urls
from app.web.access import public, requires
from app.web.context import current_actor, now
from app.web.forms import attach_error
from app.web.htmx import redirect_to, render

# The secret that is being set up stays in the cookie, sealed: nothing is stored before its first right code.
_NEW_SECRET = "new secret"  # noqa: S105 - the name of a place in the cookie


@blueprint.get(urls.LOGIN_ENROLMENT)
@public
def first_enrolment() -> Response | BaseResponse:
    account_id = half_logged_in()
    if account_id is None or second_factor.has_second_factor(account_id):
        return begin_again() if account_id is None else redirect_to(urls.LOGIN_CODE)
    return _enrolment_page(CodeForm(), account_id)


@blueprint.post(urls.LOGIN_ENROLMENT)
@public
def enrol_first() -> Response | BaseResponse:
    """The first sign-in of an account that must have a second factor: set it up, and go in."""
    account_id = half_logged_in()
    if account_id is None:
        return begin_again()
    if second_factor.has_second_factor(account_id):
        return redirect_to(urls.LOGIN_CODE)
    form = CodeForm()
    if not form.validate():
        return _enrolment_page(form, account_id, 422)
    try:
        codes = _enrol(account_id, form)
        return _codes_page(codes, enter(account_id, how="password, second factor set up"))
    except DomainError as error:
        attach_error(form, error)
        return _enrolment_page(form, account_id, 422)


@blueprint.get(urls.SECOND_FACTOR)
@requires(Permission.HOME_READ, proof=True)
def second_factor_page() -> Response:
    return _enrolment_page(CodeForm(), _account_id())


@blueprint.post(urls.SECOND_FACTOR)
@requires(Permission.HOME_READ, proof=True)
def change_second_factor() -> Response | BaseResponse:
    form, account_id = CodeForm(), _account_id()
    if not form.validate():
        return _enrolment_page(form, account_id, 422)
    try:
        return _codes_page(_enrol(account_id, form), urls.SECOND_FACTOR)
    except DomainError as error:
        attach_error(form, error)
        return _enrolment_page(form, account_id, 422)


@blueprint.post(urls.RECOVERY_CODES)
@requires(Permission.HOME_READ, proof=True)
def renew_codes() -> Response:
    account_id = _account_id()
    if not second_factor.has_second_factor(account_id):
        raise Impossible("Sans second facteur, il n’y a pas de code de secours.")
    with transaction():
        codes = second_factor.renew_recovery_codes(account_id, secret_key=settings().secret_key)
        leave_trace_of_account(Trace.FACTOR_CHANGED, account_id, what="recovery codes renewed")
        tell_factor_changed(account_id, now(), removed=False)
    return _codes_page(codes, urls.SECOND_FACTOR)


@blueprint.post(urls.SECOND_FACTOR_REMOVAL)
@requires(Permission.HOME_READ, proof=True)
def remove_second_factor() -> BaseResponse:
    if settings().second_factor:
        raise Impossible("Le second facteur est obligatoire ici. Vous pouvez en changer, pas vous en passer.")
    account_id = _account_id()
    with transaction():
        second_factor.remove(account_id)
        leave_trace_of_account(Trace.FACTOR_CHANGED, account_id, what="removed")
        tell_factor_changed(account_id, now(), removed=True)
    flash("Votre second facteur est retiré\u00a0: le mot de passe suffit désormais.", "warning")
    return redirect_to(urls.ACCOUNT)


def _enrol(account_id: int, form: CodeForm) -> list[str]:
    """Set up the secret that the page showed. Raises InvalidInput when the code is not its own."""
    secret = _secret_shown(account_id)
    if secret is None:
        raise InvalidInput("La page avait expiré. Scannez le code ci-dessous, puis tapez le code affiché.")
    with transaction():
        codes = second_factor.enrol(
            account_id, secret, form.code.data or "", secret_key=settings().secret_key, now=now()
        )
        leave_trace_of_account(Trace.FACTOR_CHANGED, account_id, what="set up")
        tell_factor_changed(account_id, now(), removed=False)
    session.pop(_NEW_SECRET, None)
    return codes


def _secret_shown(account_id: int) -> str | None:
    try:
        content = unseal(session.get(_NEW_SECRET, ""), secret_key=settings().secret_key, purpose=_NEW_SECRET)
    except Unreadable:
        return None
    owner, secret = json.loads(content)
    return str(secret) if owner == account_id else None


def _secret_to_show(account_id: int) -> str:
    """The same each time the page is shown, until it serves: the application may have it already."""
    secret = _secret_shown(account_id)
    if secret is None:
        secret = new_secret()
        content = json.dumps([account_id, secret]).encode()
        session[_NEW_SECRET] = seal(content, secret_key=settings().secret_key, purpose=_NEW_SECRET)
    return secret


def _account_id() -> int:
    account_id = current_actor().account_id
    assert account_id is not None
    return account_id


def _enrolment_page(form: CodeForm, account_id: int, status: int = 200) -> Response:
    first = not current_user.is_authenticated
    secret = _secret_to_show(account_id)
    address = address_of(secret, queries.email_of(account_id) or "")
    return render(
        "accounts/enrolment.html",
        title="Protéger votre compte" if first else "Second facteur",
        form=form,
        first=first,
        factor=second_factor.status_of(account_id),
        required=settings().second_factor,
        local=first or current_user.method is Method.LOCAL,
        qr=_qr_code(address),
        secret=in_groups(secret),
        address=address,
        action=request.path if first else urls.SECOND_FACTOR,
        action_form=ActionForm(),
        status=status,
    )


def _qr_code(address: str) -> Markup:
    drawing = segno.make(address, error="m", micro=False)
    svg = drawing.svg_inline(border=4, omitsize=True, light="#fff", svgclass="qr-code", lineclass=None)
    return Markup(svg)  # noqa: S704 - drawn by the library, which writes nothing of the address into it


def _codes_page(codes: list[str], destination: str) -> Response:
    """Shown once: only digests are stored."""
    return render("accounts/codes.html", title="Vos codes de secours", codes=codes, destination=destination)
