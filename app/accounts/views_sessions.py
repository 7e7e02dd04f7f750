"""« Mes sessions », and how long the present one still lasts."""

from __future__ import annotations

from flask import Response, flash, jsonify, request
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.accounts import sessions
from app.accounts.blueprint import blueprint
from app.accounts.forms import SessionForm
from app.accounts.models import Method
from app.accounts.policy import Permission
from app.accounts.views_common import leave_trace_of_account, load, settings
from app.infra.tx import transaction
from app.journal.technical import Trace
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.filters import plural
from app.web.htmx import redirect_to, render

METHOD_LABELS = {Method.LOCAL: "Mot de passe", Method.PROCONNECT: "ProConnect"}


@blueprint.get(urls.SESSIONS)
@requires(Permission.HOME_READ)
def list_sessions() -> Response:
    rows = sessions.sessions_of(
        _account_id(), now=now(), idle=settings().session_idle, current=current_user.token
    )
    return render(
        "accounts/sessions.html",
        title="Mes sessions",
        rows=rows,
        form=SessionForm(),
        method_labels=METHOD_LABELS,
    )


@blueprint.post(urls.SESSION_END)
@requires(Permission.HOME_READ)
def end_sessions() -> BaseResponse:
    """Close one session, or all but this one when none is named."""
    handle, account_id = SessionForm().session.data or "", _account_id()
    with transaction():
        if handle:
            sessions.revoke(account_id, handle)
            closed = 1
        else:
            closed = sessions.close_sessions_of(account_id, keep=current_user.token)
        leave_trace_of_account(Trace.SESSION_REVOKED, account_id, what="one" if handle else "all others")
    flash(f"{plural(closed, 'session close', 'sessions closes')}.", "success")
    return redirect_to(urls.SESSIONS)


@blueprint.get(urls.SESSION)
@requires(Permission.HOME_READ)
def session_state() -> Response:
    """For the script that warns before the end (static/js/session.js), which says that it is polling."""
    return _state(current_user)


@blueprint.post(urls.SESSION)
@requires(Permission.HOME_READ)
def extend() -> Response | BaseResponse:
    """« Rester connecté »."""
    with transaction():
        sessions.see(current_user.token, now=now())
    if request.accept_mimetypes.best == "application/json":
        return _state(load(current_user.token) or current_user)
    return redirect_to(urls.HOME)


def _state(logged_in: sessions.LoggedIn) -> Response:
    moment, life = now(), logged_in.life
    return jsonify(
        ends_in=int((life.end - moment).total_seconds()),
        warned_in=int((life.warned_at - moment).total_seconds()),
        can_be_extended=life.can_be_extended,
    )


def _account_id() -> int:
    account_id = current_actor().account_id
    assert account_id is not None
    return account_id
