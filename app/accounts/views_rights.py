"""`/administration/comptes/…`: inviting people, and changing what they may do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, flash, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.absences import backups_for, call_off_absence
from app.accounts.administration_forms import (
    AbsenceForm,
    DepartureForm,
    InvitationForm,
    MoveForm,
    ReasonForm,
    RightForm,
    right_label,
)
from app.accounts.administration_queries import person_line
from app.accounts.departures import cancel_departure, come_back, left_without_holder, plan_departure
from app.accounts.invitations import invite, invite_again
from app.accounts.jobs_letters import send_invitation, tell_of_notices_of, tell_rights_granted
from app.accounts.models import Account
from app.accounts.policy import ROLE_LABELS, Permission, Role
from app.accounts.rights import (
    find_account,
    find_right,
    grant,
    memberships_in,
    move,
    restore,
    right_key,
    structure_of,
    withdraw,
)
from app.accounts.views_absences import declare
from app.accounts.views_administration import blueprint, today
from app.infra.tx import transaction
from app.kernel.errors import DomainError
from app.partners.queries import structures_of
from app.tickets.leaving import free_tickets, tickets_in_hand
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.filters import current_zone, french_date, plural
from app.web.forms import BaseForm, attach_error, once
from app.web.htmx import redirect_to, render

Page = Response | BaseResponse


# --- People ----------------------------------------------------------------------------------------------


@blueprint.route(urls.NEW_ACCOUNT, methods=["GET", "POST"])
@requires(Permission.ACCOUNT_MANAGE, proof=True)
def new_account() -> Page:
    actor, moment = current_actor(), now()
    form = InvitationForm(structures_of(actor.partner_id))

    def act() -> str:
        account = invite(
            form.name.data or "",
            form.email.data or "",
            form.wanted_role,
            form.structure_id,
            reason=form.reason.data or "",
            actor=actor,
            now=moment,
            address=address(),
        )
        greet(account, form.wanted_role, form.structure_id)
        flash(f"{account.name}\u00a0: l’invitation part à l’adresse {account.email}.", "success")
        return page_of(account)

    return ask(form, act, "Inviter une personne", "_invitation_form.html", verb="Envoyer l’invitation")


@blueprint.post(urls.PERSON_INVITATION)
@requires(Permission.ACCOUNT_MANAGE, proof=True)
def send_invitation_again(reference: str) -> Page:
    actor, moment = current_actor(), now()
    with transaction():
        account = find_account(actor.partner_id, reference)
        invite_again(account, actor=actor, now=moment, address=address())
        _send_link(account)
    flash("L’invitation part de nouveau. Le lien envoyé avant ne sert plus.", "success")
    return redirect_to(page_of(account))


# --- Roles -----------------------------------------------------------------------------------------------


@blueprint.route(urls.PERSON_RIGHT, methods=["GET", "POST"])
@requires(Permission.ACCOUNT_MANAGE, proof=True)
def new_right(reference: str) -> Page:
    actor, moment = current_actor(), now()
    account = find_account(actor.partner_id, reference)
    form = RightForm(structures_of(actor.partner_id))

    def act() -> str:
        grant(
            account.id,
            form.wanted_role,
            form.structure_id,
            reason=form.reason.data or "",
            actor=actor,
            now=moment,
            address=address(),
        )
        _tell_of_role(account, form.wanted_role, form.structure_id)
        flash(
            f"{account.name}\u00a0: le rôle «\u00a0{ROLE_LABELS[form.wanted_role]}\u00a0» est ajouté.",
            "success",
        )
        return page_of(account)

    return ask(form, act, "Ajouter un rôle", "_right_form.html", account)


@blueprint.route(urls.PERSON_RIGHT_LOST, methods=["GET", "POST"])
@requires(Permission.ACCOUNT_MANAGE, proof=True)
def lose_right(reference: str, key: str) -> Page:
    actor, moment = current_actor(), now()
    account = find_account(actor.partner_id, reference)
    membership, structure = find_right(actor.partner_id, account.id, key)
    label = right_label(Role(membership.role), structure.name if structure else "")
    form = ReasonForm()

    def act() -> str:
        held, _ = find_right(actor.partner_id, account.id, key)
        withdraw(held, reason=form.reason.data or "", actor=actor, now=moment, address=address())
        freed = free_tickets(actor.partner_id, account.id, now=moment)
        flash(f"{account.name}\u00a0: le rôle «\u00a0{label}\u00a0» est retiré.{_freed(freed)}", "success")
        return page_of(account)

    return ask(
        form,
        act,
        f"Retirer le rôle\u00a0: {label}",
        "_reason_form.html",
        account,
        verb="Retirer le rôle",
        danger=True,
    )


@blueprint.post(urls.PERSON_RIGHT_RESTORED)
@requires(Permission.ACCOUNT_MANAGE, proof=True)
def restore_right(reference: str, key: str) -> Page:
    actor, moment = current_actor(), now()
    with transaction():
        account = find_account(actor.partner_id, reference)
        membership, _ = find_right(actor.partner_id, account.id, key)
        restore(membership, actor=actor, now=moment, address=address())
    flash(
        f"{account.name}\u00a0: le rôle «\u00a0{ROLE_LABELS[Role(membership.role)]}\u00a0» est rétabli.",
        "success",
    )
    return redirect_to(page_of(account))


@blueprint.route(urls.PERSON_MOVE, methods=["GET", "POST"])
@requires(Permission.ACCOUNT_MANAGE, proof=True)
def change_structure(reference: str) -> Page:
    actor, moment = current_actor(), now()
    account = find_account(actor.partner_id, reference)
    held = memberships_in(actor.partner_id, account.id)
    rights = [
        (
            right_key(one.role, place.code if place else None),
            right_label(Role(one.role), place.name if place else ""),
        )
        for one, place in held
    ]
    form = MoveForm(structures_of(actor.partner_id), rights, data={"kept": [key for key, _ in rights]})

    def act() -> str:
        move(
            account.id,
            form.structure_id,
            form.kept.data or [],
            reason=form.reason.data or "",
            actor=actor,
            now=moment,
            address=address(),
        )
        freed = free_tickets(actor.partner_id, account.id, now=moment)
        flash(f"{account.name} a changé de structure.{_freed(freed)}", "success")
        return page_of(account)

    return ask(form, act, "Changer de structure", "_move_form.html", account)


# --- Leaving and coming back -----------------------------------------------------------------------------


@blueprint.route(urls.PERSON_DEPARTURE, methods=["GET", "POST"])
@requires(Permission.ACCOUNT_MANAGE, proof=True)
def departure(reference: str) -> Page:
    actor, moment = current_actor(), now()
    account = find_account(actor.partner_id, reference)
    form = DepartureForm(data={"day": today()})

    def act() -> str:
        gone = plan_departure(
            account,
            form.day.data,
            today=today(),
            reason=form.reason.data or "",
            actor=actor,
            now=moment,
            address=address(),
        )
        tell_of_notices_of(account.id, actor.partner_id, zone=current_zone(), now=moment)
        freed = free_tickets(actor.partner_id, account.id, now=moment) if gone else 0
        if gone:
            flash(
                f"{account.name} est parti\u00a0: ses droits et ses sessions sont fermés.{_freed(freed)}",
                "success",
            )
        else:
            flash(
                f"{account.name} partira le {french_date(form.day.data)}. D’ici là, rien ne change.",
                "success",
            )
        return page_of(account)

    return ask(
        form,
        act,
        "Enregistrer un départ",
        "_departure_form.html",
        account,
        verb="Enregistrer le départ",
        danger=True,
        tickets=tickets_in_hand(actor.partner_id, account.id),
        without_holder=[ROLE_LABELS[role] for role in left_without_holder(actor.partner_id, account.id)],
    )


@blueprint.post(urls.PERSON_DEPARTURE_OFF)
@requires(Permission.ACCOUNT_MANAGE, proof=True)
def call_off_departure(reference: str) -> Page:
    actor, moment = current_actor(), now()
    with transaction():
        account = find_account(actor.partner_id, reference)
        cancel_departure(account, actor=actor, now=moment, address=address())
    flash(f"Le départ de {account.name} est annulé.", "success")
    return redirect_to(page_of(account))


@blueprint.route(urls.PERSON_RETURN, methods=["GET", "POST"])
@requires(Permission.ACCOUNT_MANAGE, proof=True)
def coming_back(reference: str) -> Page:
    actor, moment = current_actor(), now()
    account = find_account(actor.partner_id, reference)
    form = RightForm(structures_of(actor.partner_id))

    def act() -> str:
        come_back(
            account,
            form.wanted_role,
            form.structure_id,
            reason=form.reason.data or "",
            actor=actor,
            now=moment,
            address=address(),
        )
        greet(account, form.wanted_role, form.structure_id)
        flash(f"Le compte de {account.name} est rouvert.", "success")
        return page_of(account)

    return ask(form, act, "Rouvrir le compte", "_right_form.html", account)


# --- Absences --------------------------------------------------------------------------------------------


@blueprint.route(urls.PERSON_ABSENCE, methods=["GET", "POST"])
@requires(Permission.ACCOUNT_MANAGE, proof=True)
def absence(reference: str) -> Page:
    actor, moment = current_actor(), now()
    account = find_account(actor.partner_id, reference)
    line = person_line(actor.partner_id, account.id)
    form = AbsenceForm(
        backups_for(actor.partner_id, account.id),
        account_manager=Role.ACCOUNT_MANAGER in line.roles,
        data={"first_day": today(), "tell_cssi": True},
    )

    def act() -> str:
        declare(form, account, actor, moment)
        flash(f"L’absence de {account.name} est enregistrée.", "success")
        return page_of(account)

    return ask(form, act, "Déclarer une absence", "_absence_form.html", account)


@blueprint.post(urls.PERSON_ABSENCE_OFF)
@requires(Permission.ACCOUNT_MANAGE, proof=True)
def call_off(reference: str, absence: str) -> Page:
    actor, moment = current_actor(), now()
    with transaction():
        account = find_account(actor.partner_id, reference)
        call_off_absence(absence, account_id=account.id, actor=actor, now=moment)
    flash(f"L’absence de {account.name} est annulée.", "success")
    return redirect_to(page_of(account))


# --- Shared ----------------------------------------------------------------------------------------------


def ask(
    form: BaseForm,
    act: Callable[[], str],
    title: str,
    fields: str,
    account: Account | None = None,
    *,
    verb: str = "Enregistrer",
    **context: Any,
) -> Page:
    """Show the form, or act once on what was sent and go where `act` says."""
    destination = page_of(account) if account else urls.ACCOUNTS
    name = account.name if account else ""
    if request.method == "POST" and form.validate():
        try:
            return redirect_to(once(form, act))
        except DomainError as error:
            attach_error(form, error)
    return render(
        "administration/act.html",
        title=f"{title}, {name}" if name else title,
        heading=title,
        form=form,
        fields=f"administration/{fields}",
        name=name,
        verb=verb,
        destination=destination,
        status=422 if request.method == "POST" else 200,
        **context,
    )


def page_of(account: Account) -> str:
    return url_for("administration_accounts.person", reference=account.reference)


def address() -> str:
    """The network address of the request, for the technical journal."""
    return request.remote_addr or ""


def greet(account: Account, role: Role, structure_id: int | None) -> None:
    """Owe a link to someone who has never signed in, a word to who can already."""
    if account.last_login_at is None:
        _send_link(account)
    else:
        _tell_of_role(account, role, structure_id)


def _send_link(account: Account) -> None:
    send_invitation(account.id, current_actor().partner_id, zone=current_zone(), now=now())


def _tell_of_role(account: Account, role: Role, structure_id: int | None) -> None:
    partner_id = current_actor().partner_id
    structure = structure_of(partner_id, structure_id)
    tell_rights_granted(account.id, partner_id, role, structure.name if structure else "", now())


def _freed(tickets: int) -> str:
    if not tickets:
        return ""
    freed = plural(tickets, "sollicitation attend", "sollicitations attendent")
    return f" {freed} de nouveau un responsable."
