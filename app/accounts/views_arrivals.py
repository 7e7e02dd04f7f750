"""`/administration/comptes/arrivees`: those whom ProConnect brought and whom nobody expected."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.administration_forms import RightForm
from app.accounts.invitations import let_in
from app.accounts.jobs_letters import tell_rights_granted
from app.accounts.newcomers import arrival_named, confirm_move, pending_arrivals, set_arrival_aside
from app.accounts.policy import Permission
from app.accounts.rights import lock, structure_of
from app.accounts.views_administration import blueprint
from app.accounts.views_rights import address, page_of
from app.infra.tx import transaction
from app.kernel.errors import DomainError
from app.partners.queries import structures_of
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.forms import attach_error, once
from app.web.htmx import redirect_to, render

Page = Response | BaseResponse


@blueprint.get(urls.ARRIVALS)
@requires(Permission.ACCOUNT_MANAGE)
def arrivals() -> Page:
    code = request.args.get("code", "").strip()
    if code:
        return redirect_to(url_for("administration_accounts.arrival", reference=code[:20]))
    return render(
        "administration/arrivals.html",
        title="Arrivées par ProConnect",
        arrivals=pending_arrivals(current_actor().partner_id),
    )


@blueprint.route(urls.ARRIVAL, methods=["GET", "POST"])
@requires(Permission.ACCOUNT_MANAGE, proof=True)
def arrival(reference: str) -> Page:
    actor, moment = current_actor(), now()
    row = arrival_named(actor.partner_id, reference)
    structures = structures_of(actor.partner_id)
    suggested = {key for key, _ in row.structures}
    first = next((structure.code for structure in structures if structure.id in suggested), "")
    form = RightForm(structures, data={"structure": first})

    def act() -> str:
        account = let_in(
            reference,
            form.wanted_role,
            form.structure_id,
            reason=form.reason.data or "",
            actor=actor,
            now=moment,
            address=address(),
        )
        structure = structure_of(actor.partner_id, form.structure_id)
        tell_rights_granted(
            account.id, actor.partner_id, form.wanted_role, structure.name if structure else "", moment
        )
        flash(f"{account.name} peut désormais se connecter.", "success")
        return page_of(account)

    if request.method == "POST" and form.validate():
        try:
            return redirect_to(once(form, act))
        except DomainError as error:
            attach_error(form, error)
    context: dict[str, Any] = {"title": f"Arrivée de {row.name}", "row": row, "form": form}
    return render("administration/arrival.html", status=422 if request.method == "POST" else 200, **context)


@blueprint.post(urls.ARRIVAL_MOVE)
@requires(Permission.ACCOUNT_MANAGE, proof=True)
def keep_rights(reference: str) -> Page:
    actor, moment = current_actor(), now()
    with transaction():
        lock(actor)
        confirm_move(reference, actor=actor, now=moment)
    flash("La personne garde ses droits, sous son nouveau SIRET.", "success")
    return redirect_to(urls.ARRIVALS)


@blueprint.post(urls.ARRIVAL_ASIDE)
@requires(Permission.ACCOUNT_MANAGE, proof=True)
def refuse(reference: str) -> Page:
    actor, moment = current_actor(), now()
    with transaction():
        lock(actor)
        set_arrival_aside(reference, actor=actor, now=moment)
    flash("L’arrivée est refusée. La personne qui se présente de nouveau attend de nouveau.", "success")
    return redirect_to(urls.ARRIVALS)
