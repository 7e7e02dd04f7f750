"""`/mon-compte/absences`: one's own absences, and who stands in."""

from __future__ import annotations

from datetime import datetime

from flask import Response, flash, request
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.absences import absences_in, backups_for, call_off_absence, declare_absence
from app.accounts.administration_forms import AbsenceForm
from app.accounts.jobs_letters import tell_of_notices_of
from app.accounts.models import Account
from app.accounts.policy import Actor, Permission, Role
from app.accounts.rights import account_of
from app.accounts.views_administration import blueprint, today
from app.infra.tx import transaction
from app.kernel.errors import DomainError
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.filters import current_zone
from app.web.forms import attach_error, once
from app.web.htmx import redirect_to, render

Page = Response | BaseResponse


@blueprint.route(urls.OWN_ABSENCES, methods=["GET", "POST"])
@requires(Permission.HOME_READ)
def own_absences() -> Page:
    actor, moment = current_actor(), now()
    account: Account = account_of(actor)
    backups = backups_for(actor.partner_id, account.id)
    form = AbsenceForm(
        backups,
        account_manager=Role.ACCOUNT_MANAGER in actor.roles,
        data={"first_day": today(), "tell_cssi": True},
    )

    def act() -> str:
        declare(form, account, actor, moment)
        flash("Votre absence est enregistrée.", "success")
        return urls.OWN_ABSENCES

    if request.method == "POST" and form.validate():
        try:
            return redirect_to(once(form, act))
        except DomainError as error:
            attach_error(form, error)
    return render(
        "administration/own_absences.html",
        title="Mes absences",
        form=form,
        absences=absences_in(actor.partner_id, today(), [account.id]),
        backups=backups,
        status=422 if request.method == "POST" else 200,
    )


@blueprint.post(urls.OWN_ABSENCE_OFF)
@requires(Permission.HOME_READ)
def call_off_own(absence: str) -> Page:
    actor, moment = current_actor(), now()
    with transaction():
        call_off_absence(absence, account_id=account_of(actor).id, actor=actor, now=moment)
    flash("Votre absence est annulée.", "success")
    return redirect_to(urls.OWN_ABSENCES)


def declare(form: AbsenceForm, account: Account, actor: Actor, moment: datetime) -> None:
    """Record the absence that a form describes, and tell who must tell France Travail's CSSI."""
    declare_absence(
        account,
        form.first_day.data,
        form.last_day.data,
        form.backup_id,
        tell_cssi=form.cssi_is_to_be_told,
        today=today(),
        actor=actor,
        now=moment,
    )
    tell_of_notices_of(account.id, actor.partner_id, zone=current_zone(), now=moment)
