"""`/administration/rgc`: the account managers of the conventions, their deeds, and what the CSSI is told."""

from __future__ import annotations

from flask import Response, flash, request
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.absences import absences_in
from app.accounts.administration_forms import DeedForm, SentForm
from app.accounts.administration_queries import Wanted, last_deeds, people_in
from app.accounts.policy import Permission, Role
from app.accounts.queries import names_of
from app.accounts.rgc import (
    cssi_address,
    find_notice,
    mark_notice_sent,
    notices_of,
    reading_of_notice,
    record_deed,
    terms_of_partner,
)
from app.accounts.rgc_rules import CAUSE_LABELS, Cause, notice_subject, notice_text
from app.accounts.rights import find_account
from app.accounts.views_administration import blueprint, today
from app.accounts.views_rights import address
from app.deadlines.clocks import ClockFacts, due_at, state
from app.deadlines.explain import explain
from app.kernel.errors import DomainError
from app.partners.wording import french_period
from app.tickets.leaving import access_requests_open
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.forms import attach_error, once
from app.web.htmx import redirect_to, render

Page = Response | BaseResponse


@blueprint.get(urls.ACCOUNT_MANAGERS)
@requires(Permission.HABILITATION_MANAGE)
def account_managers() -> Response:
    partner_id = current_actor().partner_id
    people = people_in(partner_id, Wanted(role=Role.ACCOUNT_MANAGER))
    notices = notices_of(partner_id)
    return render(
        "administration/account_managers.html",
        title="Responsables de gestion de comptes",
        people=people,
        deeds=last_deeds(partner_id),
        absences=absences_in(partner_id, today(), [person.account_id for person in people]),
        notices=notices,
        names=names_of([owed.notice.account_id for owed in notices]),
        terms=terms_of_partner(partner_id),
        cssi=cssi_address(partner_id),
        requests=access_requests_open(partner_id),
        causes=CAUSE_LABELS,
        french_period=french_period,
        now=now(),
        today=today(),
    )


@blueprint.route(urls.DEED, methods=["GET", "POST"])
@requires(Permission.HABILITATION_MANAGE)
def deed(reference: str) -> Page:
    actor, moment = current_actor(), now()
    account = find_account(actor.partner_id, reference)
    known = last_deeds(actor.partner_id).get(account.id)
    form = DeedForm(data={"rank": "deputy" if known and known.deputy else "holder"})

    def act() -> str:
        record_deed(
            account,
            form.signed_on.data,
            form.document.data or "",
            deputy=form.rank.data == "deputy",
            today=today(),
            actor=actor,
            now=moment,
            address=address(),
        )
        flash(f"L’acte d’engagement de {account.name} est enregistré.", "success")
        return urls.ACCOUNT_MANAGERS

    if request.method == "POST" and form.validate():
        try:
            return redirect_to(once(form, act))
        except DomainError as error:
            attach_error(form, error)
    return render(
        "administration/deed.html",
        title=f"Acte d’engagement, {account.name}",
        name=account.name,
        form=form,
        known=known,
        status=422 if request.method == "POST" else 200,
    )


@blueprint.route(urls.CSSI_NOTICE, methods=["GET", "POST"])
@requires(Permission.HABILITATION_MANAGE)
def cssi_notice(reference: str) -> Page:
    actor, moment = current_actor(), now()
    notice = find_notice(actor, reference)
    form = SentForm(data={"sent_at": moment})

    def act() -> str:
        mark_notice_sent(find_notice(actor, reference), form.sent_at.data, actor=actor, now=moment)
        flash("L’envoi est enregistré.", "success")
        return urls.ACCOUNT_MANAGERS

    if request.method == "POST" and form.validate():
        try:
            return redirect_to(once(form, act))
        except DomainError as error:
            attach_error(form, error)
    reading = reading_of_notice(notice)
    facts = ClockFacts(notice.opened_at, stopped_at=notice.sent_at, cancelled_at=notice.cancelled_at)
    due = due_at(reading, facts)
    names = names_of([notice.account_id, notice.sent_by])
    cause = Cause(notice.cause)
    deputies = [
        row.backup for row in absences_in(actor.partner_id, today(), [notice.account_id]) if row.backup
    ]
    return render(
        "administration/cssi_notice.html",
        title=f"Avis au CSSI, {CAUSE_LABELS[cause].lower()}\u00a0: {names[notice.account_id]}",
        notice=notice,
        form=form,
        name=names[notice.account_id],
        sender=names.get(notice.sent_by or 0, ""),
        cause=CAUSE_LABELS[cause],
        due=due,
        state=state(facts, due, moment),
        explanation=explain(reading, facts),
        cssi=cssi_address(actor.partner_id),
        mail_subject=notice_subject(cause, current_user.partner_name),
        mail_text=notice_text(
            cause,
            partner=current_user.partner_name,
            convention=reading.convention,
            name=names[notice.account_id],
            effective_on=notice.effective_on,
            until=notice.until,
            deputies=list(dict.fromkeys(deputies)),
        ),
        now=moment,
        status=422 if request.method == "POST" else 200,
    )
