"""Signing in by ProConnect: leaving for it, coming back, and leaving it for good. Registered when it is configured.

No call to ProConnect is made inside a transaction: it may take seconds.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Flask, Response, current_app, flash, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.accounts import exchanges, service
from app.accounts.assurance import Verdict
from app.accounts.devices import device_of
from app.accounts.exchanges import Begun
from app.accounts.federation import Settled, settle
from app.accounts.models import Method
from app.accounts.openid import SignInRefused, proven_at
from app.accounts.policy import ROLE_LABELS
from app.accounts.proconnect import Identity, ProConnect, ProConnectAway, Secrets
from app.accounts.redirects import local_path
from app.accounts.views_common import (
    NEXT,
    arrive,
    leave_trace,
    leave_trace_of_account,
    settings,
)
from app.accounts.views_farewell import FAREWELL, farewell
from app.accounts.views_login import awaited_draft
from app.config import Config
from app.infra.tx import transaction
from app.journal.technical import Trace
from app.kernel.errors import DomainError
from app.web import urls
from app.web.access import public
from app.web.context import now
from app.web.htmx import redirect_to, render

blueprint = Blueprint("proconnect", __name__)

TIE = "proconnect"  # what ties an answer of ProConnect to the browser that asked
ARRIVAL = "arrival"

STALE = (
    "Cette connexion a expiré, a déjà servi, ou a été commencée dans un autre navigateur. "
    "Recommencez depuis la page de connexion."
)
INTERRUPTED = "La connexion par ProConnect a été interrompue. Rien n’a été enregistré."
REFUSALS: Mapping[Verdict, str] = {
    Verdict.CLOSED: "Ce compte est fermé. S’il doit servir de nouveau, demandez-le à l’administrateur de l’application.",
    Verdict.MOVED: (
        "ProConnect vous rattache à une autre structure que celle pour laquelle vos droits ont été ouverts. "
        "L’administrateur de l’application en est informé\u00a0: il doit confirmer ce changement."
    ),
    Verdict.TOO_WEAK: (
        "Votre rôle demande une connexion plus sûre\u00a0: une carte, une clé ou une application, "
        "et non un code reçu par courriel."
    ),
}


def install(app: Flask, config: Config) -> None:
    """Open these pages where ProConnect is configured; elsewhere they do not exist."""
    app.extensions["proconnect"] = None
    if config.proconnect_issuer:
        app.extensions["proconnect"] = ProConnect(
            issuer=config.proconnect_issuer,
            client_id=config.proconnect_client_id,
            client_secret=config.proconnect_client_secret,
            redirect_uri=f"{config.public_url}{urls.PROCONNECT_RETURN}",
            farewell_uri=f"{config.public_url}{urls.PROCONNECT_FAREWELL}",
            timeout=config.proconnect_timeout,
        )
        app.register_blueprint(blueprint)


@blueprint.post(urls.PROCONNECT)
@public
def log_in() -> BaseResponse:
    """Send the person to ProConnect. Someone who is signed in already is asked to prove it again."""
    if draft := awaited_draft():
        session[NEXT] = url_for("accounts.draft", draft=draft)
    tied = Secrets.new()
    try:
        url = _proconnect().authorization_url(
            tied, strong=request.form.get("sure") == "1", again=current_user.is_authenticated
        )
    except ProConnectAway as away:
        return _back_to_login(away)
    with transaction():
        exchanges.begin(tied, browser=_tie(), next_path=local_path(session.get(NEXT, "")) or "", now=now())
    return redirect_to(url, also=settings().proconnect_issuer)


@blueprint.get(urls.PROCONNECT_RETURN)
@public
def come_back() -> Response | BaseResponse:
    """What ProConnect answered. The state comes first, errors included: nothing is believed before."""
    state = request.args.get("state", "")
    with transaction():
        begun = exchanges.take(state, browser=session.get(TIE, ""), now=now())
    try:
        identity = _identify(begun)
    except ProConnectAway as away:
        return _back_to_login(away)
    except SignInRefused as refusal:
        return _refused(refusal.reason, refusal.message)
    try:
        with transaction():
            settled = settle(identity, now=now())
            token = _open(settled, identity) if settled.verdict is Verdict.OPEN else None
            if token is None:
                exchanges.keep_id_token(state, identity.id_token)
                leave_trace_of_account(
                    Trace.LOGIN_REFUSED, settled.account_id, what=f"proconnect {settled.verdict}"
                )
    except DomainError as refusal:
        # The account has rights that do not serve, such as suspended ones.
        with transaction():
            exchanges.keep_id_token(state, identity.id_token)
        return _refused("rights", refusal.message, known=True)
    if token is not None and begun is not None:
        return _enter(token, begun, settled)
    if settled.verdict is Verdict.PENDING:
        session[ARRIVAL] = settled.reference
        return redirect_to(urls.PROCONNECT_PENDING)
    too_weak = settled.verdict is Verdict.TOO_WEAK
    return _refusal_page(REFUSALS[settled.verdict], known=True, too_weak=too_weak)


@blueprint.get(urls.PROCONNECT_PENDING)
@public
def pending() -> Response:
    return render(
        "accounts/proconnect_pending.html",
        title="Votre compte attend l’ouverture de vos droits",
        reference=session.get(ARRIVAL),
        known=True,
    )


@blueprint.post(urls.PROCONNECT_FAREWELL)
@public
def leave_proconnect() -> BaseResponse:
    """For someone whom ProConnect knows and who has no session here: try as somebody else, or just go."""
    if current_user.is_authenticated:
        return redirect_to(urls.HOME)
    with transaction():
        id_token = exchanges.take_id_token(session.get(TIE, ""), now=now())
    session.clear()
    return redirect_to(farewell(id_token), also=settings().proconnect_issuer)


@blueprint.get(urls.PROCONNECT_FAREWELL)
@public
def left_proconnect() -> BaseResponse:
    expected = session.pop(FAREWELL, "")
    if expected and hmac.compare_digest(expected.encode(), request.args.get("state", "").encode()):
        flash("Vous êtes déconnecté, de ProConnect aussi.", "success")
    return redirect_to(urls.LOGIN)


@blueprint.app_context_processor
def _offer() -> dict[str, Any]:
    """Tells the login page that ProConnect is there (templates/accounts/_proconnect.html)."""
    return {"proconnect": True}


def _identify(begun: Begun | None) -> Identity:
    """The person whom the callback is about. Raises SignInRefused, ProConnectAway."""
    if begun is None:
        raise SignInRefused("state", STALE)
    federation, iss = _proconnect(), request.args.get("iss")
    if iss is not None and iss != federation.issuer:
        raise SignInRefused("callback-iss")
    if "error" in request.args:
        # Its words are whatever the address says: they are neither shown nor kept.
        raise SignInRefused("provider-error", INTERRUPTED)
    code = request.args.get("code", "")
    if not code:
        raise SignInRefused("no-code")
    return federation.identify(code, iss=iss, tied=begun.tied, now=now())


def _open(settled: Settled, identity: Identity) -> str:
    """A new session, in the place of the one that the browser held. Raises NotAllowed when no right serves."""
    moment = now()
    token = service.log_in(
        settled.account_id,
        now=moment,
        lifetime=settings().session_absolute,
        replaces=session.get("_user_id"),
        method=Method.PROCONNECT,
        acr=identity.proof.acr,
        id_token=identity.id_token,
        proven_at=proven_at(identity.proof, moment),
        device=device_of(request.user_agent.string),
    )
    leave_trace_of_account(Trace.LOGGED_IN, settled.account_id, what=f"proconnect {identity.proof.acr}")
    return token


def _enter(token: str, begun: Begun, settled: Settled) -> BaseResponse:
    session[NEXT] = begun.next_path
    destination = arrive(token)
    if settled.set_aside:
        roles = ", ".join(label for role, label in ROLE_LABELS.items() if role in settled.set_aside)
        flash(
            "Vous êtes connecté sans ce rôle, qui demande une connexion plus sûre qu’un code reçu par "
            f"courriel\u00a0: {roles}.",
            "warning",
        )
    return redirect_to(destination)


def _back_to_login(away: ProConnectAway) -> BaseResponse:
    """The login page, where the local way in still works."""
    with transaction():
        _note_refusal("away")
    flash(away.message, "error")
    return redirect_to(urls.LOGIN)


def _refused(reason: str, message: str, *, known: bool = False) -> Response:
    with transaction():
        _note_refusal(reason)
    return _refusal_page(message, known=known)


def _note_refusal(reason: str) -> None:
    leave_trace(Trace.LOGIN_REFUSED, what=f"proconnect {reason}")


def _refusal_page(message: str, *, known: bool, too_weak: bool = False) -> Response:
    """`known`: ProConnect vouched for the person, who must leave it to come back as somebody else."""
    return render(
        "accounts/proconnect_refused.html",
        title="La connexion par ProConnect n’a pas abouti",
        status=403,
        message=message,
        known=known,
        too_weak=too_weak,
    )


def _tie() -> str:
    known: str = session.setdefault(TIE, secrets.token_urlsafe(32))
    return known


def _proconnect() -> ProConnect:
    federation: ProConnect = current_app.extensions["proconnect"]
    return federation
