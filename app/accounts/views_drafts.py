"""Forms that could not be received: held, shown to their owner once they are back, and sent as they were."""

from __future__ import annotations

from flask import Response, current_app, flash, request, session, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError, generate_csrf
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response as BaseResponse

from app.accounts import queries, sessions
from app.accounts.blueprint import blueprint
from app.accounts.form_drafts import ADDRESS_LENGTH, Draft, drop_draft, find_draft, keep_draft
from app.accounts.policy import Permission
from app.accounts.views_common import BROWSER, PASSWORD_FIELDS, browser
from app.extensions import login_manager
from app.infra.tx import transaction
from app.kernel.errors import NotFound
from app.web import errors, urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.htmx import redirect_to, render

# Forms that hold nothing typed, or that are a way in or out themselves.
_NEVER_HELD = frozenset({"accounts.log_out", "accounts.send_draft", "accounts.extend", "accounts.check_code"})
_HIDDEN = frozenset({"csrf_token", "token", "version"})


@blueprint.get(urls.DRAFT)
@requires(Permission.HOME_READ)
def draft(draft: str) -> Response | BaseResponse:
    try:
        held = find_draft(draft, browser=browser(), now=now())
    except NotFound:
        return _nothing_waits()
    if held.account_id != current_actor().account_id:
        return _of_someone_else()
    return render(
        "accounts/draft.html",
        title="Envoi de votre saisie",
        held=held,
        typed=_typed(held),
        action=url_for("accounts.send_draft", draft=held.token),
    )


@blueprint.post(urls.DRAFT)
@requires(Permission.HOME_READ)
def send_draft(draft: str) -> Response | BaseResponse:
    try:
        held = find_draft(draft, browser=browser(), now=now())
    except NotFound:
        return _nothing_waits()
    if held.account_id != current_actor().account_id:
        return _of_someone_else()
    if held.partner_id != current_actor().partner_id:
        with transaction():
            sessions.choose_partner(current_user, _partner_code(held))
    answer = _send(held)
    if answer.status_code < 500:
        with transaction():
            drop_draft(held.token)
    return answer


@blueprint.app_errorhandler(CSRFError)
def _older_than_the_session(error: CSRFError) -> Response | BaseResponse:
    """A form of a page shown before the last sign-in, sent from our own pages: its owner may send it after all.

    The browser itself says where the form comes from. Another site's form is refused as ever.
    """
    if request.method != "POST" or not _comes_from_here() or not can_be_held():
        return errors.expired_form(error)
    if not current_user.is_authenticated:
        return login_manager.unauthorized()  # type: ignore[no-any-return]
    actor = current_actor()
    assert actor.account_id is not None
    token = hold(actor.account_id, actor.partner_id, asks=True)
    return redirect_to(url_for("accounts.draft", draft=token))


def can_be_held() -> bool:
    """Whether this request is a form that may wait. One that carries a password is never kept."""
    return (
        request.endpoint is not None
        and request.endpoint not in _NEVER_HELD
        and len(request.full_path) <= ADDRESS_LENGTH
        and not PASSWORD_FIELDS & request.form.keys()
    )


def hold(account_id: int, partner_id: int, *, asks: bool = False) -> str:
    """Keep the form of this request for the account; the token of the draft.

    `asks`: it is sent only when its owner says so again. The CSRF token is left out: it will be renewed.
    """
    fields = request.form.copy()
    fields.poplist("csrf_token")
    keys = browser()
    session[BROWSER] = keys.secret
    with transaction():
        return keep_draft(
            fields,
            request.files,
            account_id=account_id,
            partner_id=partner_id,
            address=request.full_path.removesuffix("?"),
            browser=keys,
            now=now(),
            asks=asks,
        )


def owner_of(token: str) -> str:
    """The address of the person whose draft waits in this browser, to fill the login page in; else empty."""
    if not token:
        return ""
    try:
        held = find_draft(token, browser=browser(), now=now())
    except NotFound:
        return ""
    return queries.email_of(held.account_id) or ""


def _send(held: Draft) -> Response:
    """What the form would have been answered: the application serves it to itself, as the person who is here now."""
    environ = EnvironBuilder(
        path=held.address,
        base_url=request.url_root,
        method="POST",
        data=held.body,
        content_type=held.media_type,
        headers=[
            ("Cookie", request.headers.get("Cookie", "")),
            ("Referer", request.url_root),
            ("User-Agent", request.user_agent.string),
            ("X-CSRFToken", generate_csrf()),
        ],
        environ_overrides={"REMOTE_ADDR": request.remote_addr or ""},
    ).get_environ()
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    with app.app_context():  # another request: another `g`, another database session
        answer: Response = app.response_class.from_app(app, environ, buffered=True)
    return answer


def _comes_from_here() -> bool:
    if "Sec-Fetch-Site" in request.headers:
        return request.headers["Sec-Fetch-Site"] == "same-origin"
    return request.headers.get("Origin", "") == request.host_url.rstrip("/")


def _partner_code(held: Draft) -> str:
    partners = queries.partners_of(held.account_id)
    return next((partner.code for partner in partners if partner.id == held.partner_id), "")


def _typed(held: Draft) -> list[str]:
    """The sentences among what was typed: enough to recognise it, without field names nor codes."""
    return [
        text for name, text in held.fields.items(multi=True) if name not in _HIDDEN and " " in text.strip()
    ]


def _nothing_waits() -> BaseResponse:
    flash("Cette saisie a déjà été envoyée, ou n’est plus gardée.", "info")
    return redirect_to(urls.HOME)


def _of_someone_else() -> Response:
    return render(
        "errors/error.html",
        status=403,
        code=403,
        title="Cette saisie est celle d’une autre personne",
        message="Elle a été écrite avec un autre compte que le vôtre.",
        kept="Rien n’a été envoyé.",
        advice="Déconnectez-vous, puis connectez-vous avec le compte qui l’a écrite.",
        back_url=urls.ACCOUNT,
        back_label="Mon compte",
    )
