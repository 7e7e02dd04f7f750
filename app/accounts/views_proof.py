"""« Confirmez que c’est bien vous »: the second factor asked again before a privileged act."""

from __future__ import annotations

from flask import Response, current_app, request, session, url_for
from flask_login import current_user, login_user
from werkzeug.wrappers import Response as BaseResponse

from app.accounts import queries, service, sessions
from app.accounts.attempts import count_code, forget_codes
from app.accounts.blueprint import blueprint
from app.accounts.forms import CodeForm, OwnPasswordForm
from app.accounts.models import Method
from app.accounts.policy import Permission
from app.accounts.redirects import local_path
from app.accounts.second_factor import has_second_factor
from app.accounts.views_common import NEXT, leave_trace_of_account, load, page_shown, settings
from app.accounts.views_drafts import can_be_held, hold
from app.accounts.views_login import TOO_MANY_CODES, check_second_factor
from app.infra.tx import transaction
from app.journal.technical import Trace
from app.kernel.errors import DomainError, InvalidInput, NotAllowed
from app.web import urls
from app.web.access import ProofNeeded, requires
from app.web.context import current_actor, now
from app.web.forms import BaseForm, attach_error
from app.web.htmx import is_polling, redirect_to, render

PROCONNECT_LOGIN = "proconnect.leave_for_proconnect"


@blueprint.app_errorhandler(ProofNeeded)
def ask_for_proof(_needed: ProofNeeded) -> Response | BaseResponse:
    """Lead to the page that asks, and come back: to the page, or to the form, which is then sent as it was."""
    if is_polling():
        return Response(status=401)
    if request.method == "POST" and can_be_held():
        actor = current_actor()
        assert actor.account_id is not None
        session[NEXT] = url_for("accounts.draft", draft=hold(actor.account_id, actor.partner_id))
    else:
        session[NEXT] = local_path(page_shown()) or urls.HOME
    return redirect_to(urls.PROOF)


@blueprint.get(urls.PROOF)
@requires(Permission.HOME_READ)
def proof() -> Response | BaseResponse:
    if current_user.has_proven(now(), settings().proof_kept):
        return redirect_to(_destination())
    return _proof_page(_form())


@blueprint.post(urls.PROOF)
@requires(Permission.HOME_READ)
def prove() -> Response | BaseResponse:
    form = _form()
    if not form.validate():
        return _proof_page(form, 422)
    try:
        _check(form)
    except DomainError as error:
        attach_error(form, error)
        return _proof_page(form, 422)
    with transaction():
        token = sessions.prove(current_user.token, now=now())
    login_user(load(token))
    return redirect_to(_destination())


def _form() -> BaseForm:
    """The code of whoever has a second factor, else the password."""
    return CodeForm() if has_second_factor(_account_id()) else OwnPasswordForm()


def _check(form: BaseForm) -> None:
    """Raises InvalidInput or NotAllowed. A session of ProConnect is proven by ProConnect alone."""
    if current_user.method is not Method.LOCAL:
        raise NotAllowed("Connectez-vous de nouveau avec ProConnect.")
    if isinstance(form, CodeForm):
        check_second_factor(_account_id(), form.code.data or "")
    else:
        _check_password(_account_id(), form["current"].data or "")


def _check_password(account_id: int, typed: str) -> None:
    with transaction():
        in_time = count_code(account_id, request.remote_addr or "", now=now())
    if not in_time:
        raise NotAllowed(TOO_MANY_CODES, field="current")
    right = service.is_password_of(account_id, typed)
    with transaction():
        if right:
            forget_codes(account_id)
        leave_trace_of_account(
            Trace.FACTOR_PROVEN if right else Trace.FACTOR_REFUSED, account_id, what="password"
        )
    if not right:
        raise InvalidInput("Ce n’est pas votre mot de passe.", field="current")


def _destination() -> str:
    return local_path(session.pop(NEXT, "")) or urls.HOME


def _account_id() -> int:
    account_id = current_actor().account_id
    assert account_id is not None
    return account_id


def _proof_page(form: BaseForm, status: int = 200) -> Response:
    by_proconnect = current_user.method is not Method.LOCAL
    return render(
        "accounts/proof.html",
        title="Confirmez que c’est bien vous",
        form=form,
        by_proconnect=by_proconnect,
        by_code=isinstance(form, CodeForm),
        recovery="secours" in request.args,
        email=queries.email_of(_account_id()),
        waits=session.get(NEXT, "").startswith(urls.DRAFT.removesuffix("<draft>")),
        minutes=int(settings().proof_kept.total_seconds() // 60),
        proconnect_url=url_for(PROCONNECT_LOGIN)
        if by_proconnect and PROCONNECT_LOGIN in current_app.view_functions
        else None,
        status=status,
    )
