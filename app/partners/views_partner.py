"""`/administration/partenaire`: setting a partner up, step by step; its identity, hours, closures, and security part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import Response, current_app, url_for

from app.accounts.form_tokens import new_form_token
from app.accounts.policy import ROLE_LABELS, Permission, Role
from app.accounts.queries import PersonRow, people_of
from app.deadlines.calendar import parse_week
from app.deadlines.wording import join_words, say_week
from app.kernel.errors import Impossible, NotFound
from app.partners.blueprint import blueprint
from app.partners.descriptions import HOURS, IDENTITY, SECURITY, Subject, closure_subject
from app.partners.history import is_noted_open, last_change, note_opening, version_of
from app.partners.listing import incomplete_channels
from app.partners.notices import notices_of
from app.partners.opening import opening
from app.partners.queries import conventions_of, partner_of, structures_of
from app.partners.settings import (
    ClosureRow,
    add_closure,
    closed_days,
    closures_of,
    edit_closure,
    edit_hours,
    edit_identity,
    remove_closure,
)
from app.partners.settings_forms import ClosureForm, HoursForm, IdentityForm, PlainForm
from app.partners.setup_rules import SetupFacts, setup_steps
from app.partners.views_ask import SETUP, Act, Page, Trail, act_once, administration_trail, ask, author, today
from app.partners.wording import ZONE_LABELS
from app.tickets.queries import security_is_open
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.htmx import render

ACCOUNTS_PAGE = "administration_accounts.accounts"
OFFICERS = {Role.SECURITY_OFFICER, Role.DATA_PROTECTION_OFFICER}


@blueprint.get(urls.ADMINISTRATION)
@requires(Permission.CONVENTION_READ)
def index() -> Response:
    partner_id = current_actor().partner_id
    steps = setup_steps(_facts(partner_id))
    return render(
        "partners/administration.html",
        title="Administration",
        notices=notices_of(partner_id, waiting=True),
        missing=[step for step in steps if step.lacks and not step.optional],
    )


@blueprint.get(urls.PARTNER)
@requires(Permission.CONVENTION_READ)
def partner_setup() -> Response:
    partner_id = current_actor().partner_id
    steps = setup_steps(_facts(partner_id))
    return render(
        "partners/setup.html",
        title="Mise en place",
        steps=steps,
        current=next((step.code for step in steps if step.lacks), None),
        done=sum(step.is_done for step in steps),
        addresses=_addresses(partner_id),
        notices=notices_of(partner_id, waiting=True),
        trail=administration_trail(),
    )


@blueprint.route(urls.PARTNER_IDENTITY, methods=["GET", "POST"])
@requires(Permission.CONVENTION_EDIT)
def identity() -> Page:
    partner = partner_of(current_actor().partner_id)
    form = IdentityForm(data={"name": partner.name, "siret": partner.siret or ""})

    def act() -> None:
        edit_identity(partner.id, name=form.name.data or "", siret=form.siret.data or None)

    return ask(
        form,
        act,
        title="Identité du partenaire",
        fields="_identity_form.html",
        trail=_trail(),
        destination=url_for("administration.partner_setup"),
        subject=IDENTITY,
        code=partner.code,
    )


@blueprint.route(urls.PARTNER_HOURS, methods=["GET", "POST"])
@requires(Permission.CONVENTION_EDIT)
def hours() -> Page:
    partner = partner_of(current_actor().partner_id)
    form = HoursForm(
        data={
            "time_zone": partner.time_zone,
            "service_hours": partner.service_hours,
            "holiday_zone": partner.holiday_zone,
            "good_friday": partner.good_friday,
        }
    )

    def act() -> None:
        edit_hours(partner.id, **form.details())

    return ask(
        form,
        act,
        title="Heures de service",
        fields="_hours_form.html",
        trail=_trail(),
        destination=url_for("administration.schedule"),
        subject=HOURS,
        checking=True,
        week=say_week(parse_week(partner.service_hours)),
    )


@blueprint.get(urls.SCHEDULE)
@requires(Permission.CONVENTION_READ)
def schedule() -> Response:
    partner = partner_of(current_actor().partner_id)
    days, day = closed_days(partner.id), today()
    holidays = {
        when: name for when, name in days.holidays(range(day.year, day.year + 2)).items() if when >= day
    }
    return render(
        "partners/schedule.html",
        title="Heures et fermetures",
        settings=partner,
        week=say_week(days.week),
        zones=ZONE_LABELS,
        opening=opening(days, now()),
        closures=closures_of(partner.id),
        holidays=dict(list(holidays.items())[:12]),
        today=day,
        fresh_token=new_form_token,
        trail=administration_trail(),
    )


@blueprint.route(urls.NEW_CLOSURE, methods=["GET", "POST"])
@requires(Permission.CONVENTION_EDIT)
def new_closure() -> Page:
    partner_id = current_actor().partner_id
    form = ClosureForm()

    def act() -> Subject:
        return add_closure(partner_id, **form.details())

    return _ask_closure(form, act, None, "Nouvelle fermeture")


@blueprint.route(urls.CLOSURE, methods=["GET", "POST"])
@requires(Permission.CONVENTION_EDIT)
def closure(number: int) -> Page:
    partner_id = current_actor().partner_id
    row = _closure(partner_id, number)
    form = ClosureForm(obj=row)

    def act() -> None:
        edit_closure(partner_id, row.id, **form.details())

    return _ask_closure(form, act, closure_subject(row.id), f"Fermeture\u00a0: {row.label}")


@blueprint.post(urls.REMOVED_CLOSURE)
@requires(Permission.CONVENTION_EDIT)
def removed_closure(number: int) -> Page:
    partner_id, moment = current_actor().partner_id, now()
    row = _closure(partner_id, number)

    def act() -> None:
        remove_closure(partner_id, row.id, now=moment)

    return act_once(
        PlainForm(),
        act,
        said=f"Suppression de la fermeture {row.label}",
        destination=url_for("administration.schedule"),
        subject=closure_subject(row.id),
    )


@blueprint.get(urls.SECURITY_OPENING)
@requires(Permission.CONVENTION_READ)
def security_opening() -> Response:
    """Who is named, what is missing, since when it is open. Naming itself is done among the accounts."""
    partner_id = current_actor().partner_id
    is_open = security_is_open(partner_id)
    officers = _officers(partner_id)
    return render(
        "partners/security_opening.html",
        title="Partie sécurité",
        is_open=is_open,
        officers=officers,
        lacks=() if is_open else _lacking(officers),
        opened=last_change(partner_id, SECURITY),
        accounts_url=_accounts_url(),
        role_labels=_role_labels,
        fresh_token=new_form_token,
        trail=administration_trail(("Mise en place", url_for("administration.partner_setup"))),
    )


@blueprint.post(urls.SECURITY_OPENED)
@requires(Permission.CONVENTION_EDIT)
def security_opened() -> Page:
    """Open the security part, that is, note since when it has whom it needs. Refused with what is missing."""
    partner_id = current_actor().partner_id

    def act() -> None:
        if not security_is_open(partner_id):
            missing = join_words(list(_lacking(_officers(partner_id))))
            raise Impossible(f"La partie sécurité ne peut pas s’ouvrir\u00a0: il manque {missing}.")
        if not is_noted_open(partner_id):
            note_opening(author(), is_open=True)

    return act_once(
        PlainForm(),
        act,
        said="Ouverture de la partie sécurité",
        destination=url_for("administration.security_opening"),
    )


def _role_labels(roles: Iterable[Role]) -> str:
    return ", ".join(ROLE_LABELS[role] for role in roles)


def _officers(partner_id: int) -> list[PersonRow]:
    """Those who may be responsible for security, or deputy."""
    return [person for person in people_of(partner_id) if person.active and OFFICERS & set(person.roles)]


def _lacking(officers: list[PersonRow]) -> tuple[str, ...]:
    """What keeps the security part closed, in words; `security_is_open` alone decides that it does."""
    has_officer = any(Role.SECURITY_OFFICER in person.roles for person in officers)
    lacks = () if has_officer else ("un responsable de la sécurité (RSSI)",)
    if len(officers) < (2 if has_officer else 1):
        lacks = (*lacks, "un suppléant, RSSI ou DPD")
    return lacks or ("un compte en activité pour chacun des deux",)


def _facts(partner_id: int) -> SetupFacts:
    people, conventions, day = people_of(partner_id), conventions_of(partner_id), today()
    roles = [role for person in people if person.active for role in person.roles]
    return SetupFacts(
        has_siret=partner_of(partner_id).siret is not None,
        hours_checked=version_of(partner_id, HOURS) > 0,
        conventions=len(conventions),
        current_conventions=sum(row.in_term(day) for row in conventions),
        incomplete_channels=len(incomplete_channels(partner_id)),
        structures=len(structures_of(partner_id)),
        correspondents=roles.count(Role.CORRESPONDENT),
        users=roles.count(Role.USER),
        security_is_open=security_is_open(partner_id),
    )


def _addresses(partner_id: int) -> Mapping[str, str]:
    """Where each step is done; a form so reached leads back to the steps."""
    conventions, incomplete = conventions_of(partner_id), incomplete_channels(partner_id)
    new_convention = url_for("administration.new_convention", suite=SETUP)
    if incomplete:
        code, number = incomplete[0]
        channels = url_for("administration.channel", code=code, number=number, suite=SETUP)
    elif conventions:
        channels = url_for("administration.convention", code=conventions[0].code, _anchor="canaux")
    else:
        channels = new_convention
    return {
        "identity": url_for("administration.identity", suite=SETUP),
        "hours": url_for("administration.hours", suite=SETUP),
        "conventions": url_for("administration.conventions") if conventions else new_convention,
        "channels": channels,
        "structures": url_for("administration.structures"),
        "people": _accounts_url() or "",
        "security": url_for("administration.security_opening"),
    }


def _accounts_url() -> str | None:
    """The page of the accounts, when the application has one."""
    return url_for(ACCOUNTS_PAGE) if ACCOUNTS_PAGE in current_app.view_functions else None


def _ask_closure(form: ClosureForm, act: Act, subject: Subject | None, title: str) -> Page:
    url = url_for("administration.schedule")
    return ask(
        form,
        act,
        title=title,
        fields="_closure_form.html",
        trail=administration_trail(("Heures et fermetures", url)),
        destination=url,
        subject=subject,
    )


def _closure(partner_id: int, number: int) -> ClosureRow:
    for row in closures_of(partner_id):
        if row.number == number:
            return row
    raise NotFound


def _trail() -> Trail:
    return administration_trail(("Mise en place", url_for("administration.partner_setup")))
