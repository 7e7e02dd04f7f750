"""`/sollicitations/REFERENCE/moi-aussi`: joining an incident under way, and what becomes of it for who joined."""

from __future__ import annotations

from datetime import datetime

from flask import Response, flash, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.policy import Actor, Permission, can
from app.kernel.errors import DomainError, InvalidInput
from app.partners.queries import structures_of
from app.tickets.blueprint import blueprint
from app.tickets.filing import add_to_incident, join_incident, tools_for
from app.tickets.filing_forms import JoinForm, MoreForm
from app.tickets.incidents import incident_of, workaround_of
from app.tickets.vocabulary import SEVERITY_LABELS, USER_STATE_LABELS
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.forms import attach_error, once
from app.web.htmx import redirect_to, render

PAGE = "tickets/joined.html"


@blueprint.get(urls.JOIN_INCIDENT)
@requires(Permission.TICKET_FILE)
def joined(reference: str) -> Response:
    actor = current_actor()
    return _page(_join_form(reference, actor), MoreForm(), actor)


@blueprint.post(urls.JOIN_INCIDENT)
@requires(Permission.TICKET_FILE)
def join(reference: str) -> Response | BaseResponse:
    actor, moment = current_actor(), now()
    form = _join_form(reference, actor)
    counts_callers = can(actor, Permission.TICKET_FILE_FOR_OTHER)
    try:
        if form.validate():
            act = _count_call if counts_callers else _join
            return redirect_to(once(form, lambda: act(form, actor, moment)))
    except InvalidInput as error:
        if counts_callers:
            raise
        attach_error(form, error)
    if counts_callers:
        raise InvalidInput(" ".join(message for messages in form.errors.values() for message in messages))
    return _page(form, MoreForm(), actor, status=422)


@blueprint.post(urls.MORE_ON_INCIDENT)
@requires(Permission.TICKET_FILE)
def more(reference: str) -> Response | BaseResponse:
    actor, moment = current_actor(), now()
    form = MoreForm()
    if form.validate():
        try:
            return redirect_to(once(form, lambda: _add(form, reference, actor, moment)))
        except DomainError as error:
            attach_error(form, error)
    return _page(_join_form(reference, actor), form, actor, status=422)


def _join(form: JoinForm, actor: Actor, moment: datetime) -> str:
    join_incident(form.reference, actor=actor, now=moment, structure_id=form.structure_id)
    if form.more.data:
        add_to_incident(form.reference, form.more.data, actor=actor, now=moment)
    return url_for("tickets.joined", reference=form.reference)


def _count_call(form: JoinForm, actor: Actor, moment: datetime) -> str:
    join_incident(
        form.reference,
        actor=actor,
        now=moment,
        caller=form.caller.data or "",
        structure_id=form.structure_id,
        once=False,
    )
    flash("Un appel de plus est compté dans cet incident.", "success")
    return url_for("tickets.page", reference=form.reference)


def _add(form: MoreForm, reference: str, actor: Actor, moment: datetime) -> str:
    add_to_incident(reference, form.more.data or "", actor=actor, now=moment)
    flash("Votre précision est transmise à ceux qui suivent l’incident.", "success")
    return url_for("tickets.joined", reference=reference)


def _join_form(reference: str, actor: Actor) -> JoinForm:
    """The structure is asked only of someone who has several."""
    own = [row for row in structures_of(actor.partner_id) if row.id in actor.structure_ids]
    return JoinForm(reference, own)


def _page(form: JoinForm, more_form: MoreForm, actor: Actor, status: int = 200) -> Response:
    tools = {tool.code: tool.name for tool in tools_for(actor)}
    incident = incident_of(form.reference, actor, tools.keys())
    return render(
        PAGE,
        status=status,
        title="Incident en cours",
        form=form,
        more_form=more_form,
        incident=incident,
        workaround=workaround_of(incident, actor),
        asks_structure=len(actor.structure_ids) > 1,
        tool_names=tools,
        severity_labels=SEVERITY_LABELS,
        state_labels=USER_STATE_LABELS,
    )
