"""What surrounds every page: who is signed in, until when, and what becomes of whoever is not."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, flash, g, request, session, url_for
from flask_login import current_user
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.wrappers import Response as BaseResponse

from app.accounts import sessions
from app.accounts.blueprint import blueprint
from app.accounts.limits import Life
from app.accounts.policy import ROLE_LABELS
from app.accounts.redirects import local_path
from app.accounts.views_common import NEXT, PASSWORD_FIELDS, load, page_shown
from app.accounts.views_drafts import can_be_held, hold
from app.extensions import db, login_manager
from app.infra.tx import transaction
from app.web import urls
from app.web.context import now
from app.web.htmx import is_aside, is_polling, redirect_to, render

log = logging.getLogger(__name__)


@login_manager.user_loader  # type: ignore[untyped-decorator]
def _load(token: str) -> sessions.LoggedIn | None:
    if g.get("session_is_unreadable"):
        return None  # the error page asks again, and must show while the database is away
    try:
        logged_in = load(token)
    except DBAPIError:
        g.session_is_unreadable = True
        raise
    if logged_in is not None:
        g.zone = ZoneInfo(logged_in.time_zone)
        g.logged_in = logged_in
    return logged_in


@login_manager.unauthorized_handler  # type: ignore[untyped-decorator]
def to_login() -> Response | BaseResponse:
    """Lead to the login page, and remember on the server where the person wanted to go.

    A form is kept, and sent once its owner is back. What a page asks for by itself is refused without leaving
    that page: someone may be typing in it.
    """
    if is_polling():
        return Response(status=401)
    wanted = local_path(page_shown())
    if wanted is not None:
        session[NEXT] = wanted
    if is_aside():
        return Response(status=401)
    if request.method == "POST":
        return _keep_what_was_typed()
    if "_user_id" in session:
        flash("Votre session est terminée. Connectez-vous de nouveau pour continuer.", "info")
    return redirect_to(urls.LOGIN)


def _keep_what_was_typed() -> Response | BaseResponse:
    """A form sent after the end of the session: nothing was done, and nothing typed is lost."""
    holder = sessions.former_holder(session.get("_user_id", ""))
    if holder is None or not can_be_held():
        return _give_back_what_was_typed()
    draft = hold(holder.account_id, holder.partner_id)
    return redirect_to(url_for("accounts.login", reprise=draft))


def _give_back_what_was_typed() -> Response:
    """Nobody knows whose form it is: its texts are shown, to be copied."""
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


@blueprint.after_app_request
def _see(response: Response) -> Response:
    """Note that the session is in use, once the request's own work has landed."""
    logged_in: sessions.LoggedIn | None = g.pop("logged_in", None)
    if logged_in is None or not _will_be_seen(logged_in):
        return response
    try:
        with transaction():
            sessions.see(logged_in.token, now=now())
    except OperationalError as error:
        # The answer is good whatever becomes of this note; the next request writes it again.
        log.warning("could not note the presence of a session: %s", error)
        db.session.rollback()
    return response


def _will_be_seen(logged_in: sessions.LoggedIn) -> bool:
    """Polling is no activity: a page left open does not keep its session alive."""
    return not is_polling() and sessions.must_be_seen(logged_in, now())


@blueprint.app_context_processor
def _frame() -> dict[str, Any]:
    """What the frame of every page shows of the person (templates/layouts/base.html)."""
    logged_in: sessions.LoggedIn | None = current_user if current_user.is_authenticated else None
    if logged_in is None:
        return {"viewer": None, "partner": None}
    return {
        "viewer": {"name": logged_in.actor.name, "roles": labels_of(logged_in)},
        "partner": {"name": logged_in.partner_name},
        "profile_url": url_for("accounts.account"),
        "logout_url": url_for("accounts.log_out"),
        "session_life": _life_after_this(logged_in),
    }


def _life_after_this(logged_in: sessions.LoggedIn) -> Life:
    """Until when the session will last once this request is answered."""
    life = logged_in.life
    return replace(life, idle_end=now() + life.idle) if _will_be_seen(logged_in) else life


def labels_of(logged_in: sessions.LoggedIn) -> list[str]:
    return [label for role, label in ROLE_LABELS.items() if role in logged_in.actor.roles]
