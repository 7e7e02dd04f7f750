"""Logging in, in one or two steps, logging out, choosing a partner."""

from __future__ import annotations

import re

from flask import Response, flash, request, session, url_for
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response as BaseResponse

from app.accounts import queries, second_factor, service, sessions
from app.accounts.attempts import WINDOW, count_attempt, count_code, forget_codes
from app.accounts.blueprint import blueprint
from app.accounts.forms import CodeForm, LoginForm, PartnerForm
from app.accounts.half_logins import resume_half_login
from app.accounts.policy import ROLE_LABELS, Permission
from app.accounts.redirects import local_path
from app.accounts.views_common import (
    HALF,
    NEXT,
    begin,
    enter,
    leave_trace,
    leave_trace_of_account,
    remember_seat,
    settings,
)
from app.accounts.views_drafts import owner_of
from app.accounts.views_farewell import farewell
from app.infra.tx import transaction
from app.journal.technical import Trace
from app.kernel.errors import DomainError, InvalidInput, NotAllowed
from app.web import urls
from app.web.access import public, requires
from app.web.context import current_actor, now
from app.web.forms import attach_error
from app.web.htmx import redirect_to, render

WRONG_CREDENTIALS = "L’adresse électronique ou le mot de passe est incorrect."
_MINUTES = int(WINDOW.total_seconds() // 60)
TOO_MANY_TRIES = (
    f"Trop d’essais en peu de temps. Réessayez dans {_MINUTES}\u00a0minutes, ou demandez un lien avec "
    "«\u00a0Mot de passe oublié\u00a0»."
)
TOO_MANY_CODES = f"Trop de codes refusés en peu de temps. Réessayez dans {_MINUTES}\u00a0minutes."
WRONG_CODE = "Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant, puis tapez-le."
_DRAFT = re.compile(r"[\w-]{16,40}", re.ASCII)


@blueprint.get(urls.LOGIN)
@public
def login() -> Response | BaseResponse:
    if current_user.is_authenticated:
        return redirect_to(
            url_for("accounts.draft", draft=draft) if (draft := awaited_draft()) else urls.HOME
        )
    return _login_page(LoginForm(data={"email": owner_of(awaited_draft())}))


@blueprint.post(urls.LOGIN)
@public
def log_in() -> Response | BaseResponse:
    form = LoginForm()
    if not form.validate():
        return _login_page(form, 422)
    if draft := awaited_draft():
        session[NEXT] = url_for("accounts.draft", draft=draft)
    try:
        return redirect_to(begin(_authenticate(form.email.data or "", form.password.data or "")))
    except DomainError as error:
        attach_error(form, error)
        return _login_page(form, 422)


@blueprint.get(urls.LOGIN_CODE)
@public
def code() -> Response | BaseResponse:
    if half_logged_in() is None:
        return begin_again()
    return _code_page(CodeForm())


@blueprint.post(urls.LOGIN_CODE)
@public
def check_code() -> Response | BaseResponse:
    account_id = half_logged_in()
    if account_id is None:
        return begin_again()
    form = CodeForm()
    if not form.validate():
        return _code_page(form, 422)
    try:
        check_second_factor(account_id, form.code.data or "")
        return redirect_to(enter(account_id, how="password and second factor"))
    except DomainError as error:
        attach_error(form, error)
        return _code_page(form, 422)


@blueprint.post(urls.LOGOUT)
@public
def log_out() -> BaseResponse:
    id_token = None
    if current_user.is_authenticated:
        actor = current_actor()
        with transaction():
            id_token = sessions.id_token_of(current_user.token)
            sessions.close_session(current_user.token)
            leave_trace(Trace.LOGGED_OUT, account_id=actor.account_id, partner_id=actor.partner_id)
        logout_user()
    session.clear()
    return redirect_to(farewell(id_token), also=settings().proconnect_issuer)


@blueprint.get(urls.PARTNER_CHOICE)
@requires(Permission.HOME_READ)
def partner() -> Response:
    return _partner_page(PartnerForm(data={"partner": current_user.partner_code}))


@blueprint.post(urls.PARTNER_CHOICE)
@requires(Permission.HOME_READ)
def choose_partner() -> Response | BaseResponse:
    form = PartnerForm()
    if not form.validate():
        return _partner_page(form, 422)
    try:
        with transaction():
            sessions.choose_partner(current_user, form.partner.data)
    except DomainError as error:
        attach_error(form, error)
        return _partner_page(form, 422)
    remember_seat(form.partner.data)
    return redirect_to(local_path(session.pop(NEXT, "")) or urls.HOME)


def half_logged_in() -> int | None:
    """The account whose password this browser has just given, None when it has to be given again."""
    return resume_half_login(session.get(HALF, ""), secret_key=settings().secret_key, now=now())


def begin_again() -> BaseResponse:
    """There is no first step to continue: someone signed in already, or who waited too long."""
    if not current_user.is_authenticated and HALF in session:
        flash("La connexion a pris trop de temps. Recommencez.", "info")
        session.pop(HALF)
    return redirect_to(urls.HOME if current_user.is_authenticated else urls.LOGIN)


def check_second_factor(account_id: int, typed: str) -> None:
    """Count the try, then take the code. Raises NotAllowed after too many, InvalidInput for a wrong one."""
    moment, address = now(), request.remote_addr or ""
    with transaction():
        in_time = count_code(account_id, address, now=moment)
    if not in_time:
        raise NotAllowed(TOO_MANY_CODES, field="code")
    with transaction():
        accepted = second_factor.accept(account_id, typed, secret_key=settings().secret_key, now=moment)
        if accepted:
            forget_codes(account_id)
        leave_trace_of_account(Trace.FACTOR_PROVEN if accepted else Trace.FACTOR_REFUSED, account_id)
    if not accepted:
        raise InvalidInput(WRONG_CODE, field="code")


def _authenticate(email: str, password: str) -> int:
    """The account behind the credentials. Raises the same refusal whether or not the account exists."""
    with transaction():
        in_time = count_attempt(email, request.remote_addr or "", now=now())
    account_id = service.check_credentials(email, password) if in_time else None
    if account_id is not None:
        return account_id
    with transaction():
        known = queries.account_by_email(email)
        leave_trace_of_account(
            Trace.LOGIN_REFUSED, known.id if known else None, what="password" if in_time else "throttled"
        )
    if in_time:
        raise InvalidInput(WRONG_CREDENTIALS)
    raise NotAllowed(TOO_MANY_TRIES)


def awaited_draft() -> str:
    """The form that waits for this sign-in, by its address; empty when none does."""
    asked = request.args.get("reprise", "")
    return asked if _DRAFT.fullmatch(asked) else ""


def _login_page(form: LoginForm, status: int = 200) -> Response:
    people = queries.demonstration_accounts() if settings().demo else []
    draft = awaited_draft()
    return render(
        "accounts/login.html",
        title="Votre session est terminée" if draft else "Connexion",
        form=form,
        draft=draft,
        people=people,
        role_labels=ROLE_LABELS,
        second_factor=settings().second_factor,
        status=status,
    )


def _code_page(form: CodeForm, status: int = 200) -> Response:
    return render(
        "accounts/code.html",
        title="Second facteur",
        form=form,
        recovery="secours" in request.args,
        status=status,
    )


def _partner_page(form: PartnerForm, status: int = 200) -> Response:
    account_id = current_actor().account_id
    assert account_id is not None
    form.partner.choices = [(row.code, row.name) for row in queries.partners_of(account_id)]
    return render("accounts/partner.html", title="Choisir un partenaire", form=form, status=status)
