"""One's own account: who one is, with which roles, and a new password."""

from __future__ import annotations

from flask import Response, flash
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.accounts import queries, second_factor, service
from app.accounts.blueprint import blueprint
from app.accounts.forms import PasswordForm
from app.accounts.models import Method
from app.accounts.passwords import minimum_length
from app.accounts.policy import ROLE_LABELS, Permission
from app.accounts.views_common import leave_trace_of_account, settings
from app.accounts.views_letters import tell_password_changed
from app.infra.tx import transaction
from app.journal.technical import Trace
from app.kernel.errors import DomainError
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.forms import attach_error
from app.web.htmx import redirect_to, render


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
            leave_trace_of_account(Trace.PASSWORD_CHANGED, account_id)
            tell_password_changed(account_id, now())
    except DomainError as error:
        attach_error(form, error)
        return _account_page(form, 422)
    flash("Votre mot de passe est changé. Vos autres sessions sont closes.", "success")
    return redirect_to(urls.ACCOUNT)


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
        factor=second_factor.status_of(account_id),
        local=current_user.method is Method.LOCAL,
        demo=settings().demo,
        status=status,
    )
