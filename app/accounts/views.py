"""Logging in and out, choosing a partner, one's own account."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, flash, g, request, session, url_for
from flask_login import current_user, login_user, logout_user
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.wrappers import Response as BaseResponse

from app.accounts import queries, service, sessions
from app.accounts.attempts import WINDOW, count_attempt
from app.accounts.forms import LoginForm, PartnerForm, PasswordForm
from app.accounts.passwords import minimum_length
from app.accounts.policy import ROLE_LABELS, Permission
from app.accounts.redirects import local_path
from app.config import Config
from app.extensions import db, login_manager
from app.infra.tx import transaction
from app.kernel.errors import DomainError, InvalidInput, NotAllowed
from app.web import urls
from app.web.access import public, requires
from app.web.context import current_actor, now
from app.web.forms import attach_error
from app.web.htmx import is_htmx, redirect_to, render

log = logging.getLogger(__name__)
blueprint = Blueprint("accounts", __name__)

NEXT = "next"
PASSWORD_FIELDS = frozenset({"current", "password", "repeated"})
WRONG_CREDENTIALS = "L’adresse électronique ou le mot de passe est incorrect."
TOO_MANY_TRIES = (
    f"Trop d’essais en peu de temps. Réessayez dans {int(WINDOW.total_seconds() // 60)}\u00a0minutes, "
    "ou demandez un nouveau mot de passe à l’administrateur de l’application."
)


@blueprint.get(urls.LOGIN)
@public
def login() -> Response | BaseResponse:
    if current_user.is_authenticated:
        return redirect_to(urls.HOME)
    return _login_page(LoginForm())


@blueprint.post(urls.LOGIN)
@public
def log_in() -> Response | BaseResponse:
    form = LoginForm()
    if not form.validate():
        return _login_page(form, 422)
    try:
        account_id = _authenticate(form.email.data or "", form.password.data or "")
        with transaction():
            token = service.log_in(
                account_id, now=now(), lifetime=_settings().session_absolute, replaces=session.get("_user_id")
            )
    except DomainError as error:
        attach_error(form, error)
        return _login_page(form, 422)
    destination = local_path(session.get(NEXT, "")) or urls.HOME
    session.clear()  # nothing of the visitor before, the CSRF secret included, survives into the session
    login_user(_load(token))
    if current_user.several_partners:
        session[NEXT] = destination
        destination = urls.PARTNER_CHOICE
    return redirect_to(destination)


@blueprint.post(urls.LOGOUT)
@public
def log_out() -> BaseResponse:
    if current_user.is_authenticated:
        with transaction():
            sessions.close_session(current_user.token)
        logout_user()
    session.clear()
    flash("Vous êtes déconnecté.", "success")
    return redirect_to(urls.LOGIN)


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
    return redirect_to(local_path(session.pop(NEXT, "")) or urls.HOME)


@blueprint.get(urls.ACCOUNT)
@requires(Permission.HOME_READ)
def account() -> Response:
    return _account_page(PasswordForm())


@blueprint.post(urls.ACCOUNT)
@requires(Permission.HOME_READ)
def change_password() -> Response | BaseResponse:
    form = PasswordForm()
    account_id = current_actor().account_id
    assert account_id is not None
    if not form.validate():
        return _account_page(form, 422)
    try:
        password_hash = service.hash_changed_password(
            account_id, current=form.current.data or "", password=form.password.data or ""
        )
        with transaction():
            service.set_password(account_id, password_hash, keep_session=current_user.token)
    except DomainError as error:
        attach_error(form, error)
        return _account_page(form, 422)
    flash("Votre mot de passe est changé. Vos autres sessions sont closes.", "success")
    return redirect_to(urls.ACCOUNT)


@login_manager.user_loader  # type: ignore[untyped-decorator]
def _load(token: str) -> sessions.LoggedIn | None:
    if g.get("session_is_unreadable"):
        return None  # the error page asks again, and must show while the database is away
    try:
        logged_in = sessions.load_logged_in(token, now=now(), idle=_settings().session_idle)
    except DBAPIError:
        g.session_is_unreadable = True
        raise
    if logged_in is not None:
        g.zone = ZoneInfo(logged_in.time_zone)
        g.logged_in = logged_in
    return logged_in


@login_manager.unauthorized_handler  # type: ignore[untyped-decorator]
def _ask_to_log_in() -> BaseResponse:
    """Keep on the server where the person wanted to go, then show the login page."""
    wanted = local_path(_page_shown())
    if wanted is not None:
        session[NEXT] = wanted
    if request.method == "POST":
        return _give_back_what_was_typed()
    if "_user_id" in session:
        flash("Votre session est terminée. Connectez-vous de nouveau pour continuer.", "info")
    return redirect_to(urls.LOGIN)


def _give_back_what_was_typed() -> Response:
    """A form sent after the end of the session: nothing was done, and nothing typed is lost."""
    prose = [
        text for name, text in request.form.items() if " " in text.strip() and name not in PASSWORD_FIELDS
    ]
    typed = [
        (f"Texte {rank}" if len(prose) > 1 else "Texte", text) for rank, text in enumerate(prose, start=1)
    ]
    return render(
        "errors/error.html",
        status=401,
        code=401,
        title="Votre session est terminée",
        message="Vous n’êtes plus connecté.",
        advice="Copiez ce que vous voulez garder, connectez-vous, puis recommencez.",
        typed=typed,
        back_url=urls.LOGIN,
        back_label="Se connecter",
    )


def _page_shown() -> str:
    """The path of the page to come back to: for a form or a fragment, the one that it is part of."""
    if request.method == "GET" and not is_htmx():
        return request.full_path.removesuffix("?")
    try:
        page = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    except ValueError:
        return ""
    return f"{page.path}?{page.query}" if page.query else page.path


@blueprint.after_app_request
def _see(response: Response) -> Response:
    """Note that the session is in use, once the request's own work has landed."""
    logged_in: sessions.LoggedIn | None = g.pop("logged_in", None)
    if logged_in is None or not sessions.must_be_seen(logged_in, now()):
        return response
    try:
        with transaction():
            sessions.see(logged_in.token, now=now())
    except OperationalError as error:
        # The answer is good whatever becomes of this note; the next request writes it again.
        log.warning("could not note the presence of a session: %s", error)
        db.session.rollback()
    return response


@blueprint.app_context_processor
def _frame() -> dict[str, Any]:
    """What the frame of every page shows of the person (templates/layouts/base.html)."""
    logged_in: sessions.LoggedIn | None = current_user if current_user.is_authenticated else None
    if logged_in is None:
        return {"viewer": None, "partner": None}
    return {
        "viewer": {"name": logged_in.actor.name, "roles": _labels(logged_in)},
        "partner": {"name": logged_in.partner_name},
        "profile_url": url_for("accounts.account"),
        "logout_url": url_for("accounts.log_out"),
    }


def _labels(logged_in: sessions.LoggedIn) -> list[str]:
    return [label for role, label in ROLE_LABELS.items() if role in logged_in.actor.roles]


def _authenticate(email: str, password: str) -> int:
    """The account behind the credentials. Raises the same refusal whether or not the account exists."""
    with transaction():
        in_time = count_attempt(email, request.remote_addr or "", now=now())
    if not in_time:
        raise NotAllowed(TOO_MANY_TRIES)
    account_id = service.check_credentials(email, password)
    if account_id is None:
        raise InvalidInput(WRONG_CREDENTIALS)
    return account_id


def _login_page(form: LoginForm, status: int = 200) -> Response:
    people = queries.demonstration_accounts() if _settings().demo else []
    return render(
        "accounts/login.html",
        title="Connexion",
        form=form,
        people=people,
        role_labels=ROLE_LABELS,
        status=status,
    )


def _partner_page(form: PartnerForm, status: int = 200) -> Response:
    account_id = current_actor().account_id
    assert account_id is not None
    form.partner.choices = [(row.code, row.name) for row in queries.partners_of(account_id)]
    return render("accounts/partner.html", title="Choisir un partenaire", form=form, status=status)


def _account_page(form: PasswordForm, status: int = 200) -> Response:
    account_id = current_actor().account_id
    assert account_id is not None
    return render(
        "accounts/account.html",
        title="Mon compte",
        form=form,
        email=queries.email_of(account_id),
        memberships=queries.memberships_of(account_id),
        role_labels=ROLE_LABELS,
        minimum=minimum_length(queries.roles_of(account_id)),
        status=status,
    )


def _settings() -> Config:
    settings: Config = current_app.extensions["settings"]
    return settings
