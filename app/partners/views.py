"""`/administration`: the conventions of the partner, read by the desk and edited by the administrator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from flask import Blueprint, Response, flash, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.policy import Permission
from app.deadlines.delays import format_delay
from app.deadlines.reading import Reading
from app.deadlines.wording import capitalised, say_week
from app.kernel.errors import DomainError, NotFound
from app.partners.forms import (
    ZONE_LABELS,
    ChannelForm,
    CommitmentForm,
    ContactForm,
    ConventionForm,
    commitment_values,
    contact_values,
    convention_values,
    french_period,
)
from app.partners.interlocutors import add_contact, edit_channel, edit_contact
from app.partners.listing import (
    ChannelLine,
    ContactLine,
    channels_of,
    contacts_ever,
    convention_by_code,
    known_measures,
    subscribable_tools,
)
from app.partners.profiles import load_shipped_profiles
from app.partners.queries import ConventionRow, conventions_of, find_convention
from app.partners.resolve import NoCommitment
from app.partners.rulebooks import rulebook, terms_of
from app.partners.service import add_commitment_version, edit_convention
from app.partners.terms import (
    CHANNEL_KINDS,
    CLOCKS,
    CONTACT_ROLES,
    LAW,
    OWED_BY,
    TYPES,
    CommitmentTerms,
    ConventionTerms,
)
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.filters import current_zone
from app.web.forms import BaseForm, attach_error, once
from app.web.htmx import redirect_to, render

blueprint = Blueprint("administration", __name__)

Line = TypeVar("Line", ChannelLine, ContactLine)
Page = Response | BaseResponse
WORDS: dict[str, Any] = {
    "clocks": CLOCKS,
    "types": TYPES,
    "owed_by": OWED_BY,
    "zones": ZONE_LABELS,
    "channel_kinds": CHANNEL_KINDS,
    "contact_roles": CONTACT_ROLES,
    "law": LAW,
    "format_delay": format_delay,
    "capitalised": capitalised,
    "say_week": say_week,
    "french_period": french_period,
}


# --- Reading ---------------------------------------------------------------------------------------------


@blueprint.get(urls.ADMINISTRATION)
@requires(Permission.CONVENTION_READ)
def index() -> Response:
    return render("partners/administration.html", title="Administration")


@blueprint.get(urls.CONVENTIONS)
@requires(Permission.CONVENTION_READ)
def conventions() -> Response:
    actor = current_actor()
    return render(
        "partners/conventions.html",
        title="Conventions",
        conventions=conventions_of(actor.partner_id),
        today=_today(),
    )


@blueprint.get(urls.CONVENTION)
@requires(Permission.CONVENTION_READ)
def convention(code: str) -> Response:
    partner_id = current_actor().partner_id
    row = convention_by_code(partner_id, code)
    terms = terms_of(partner_id)
    tools = subscribable_tools()
    return render(
        "partners/convention.html",
        title=f"Convention {row.code}",
        row=row,
        details=find_convention(partner_id, row.id),
        commitments=_by_measure(terms[row.id].commitments),
        borrowed=_borrowed(row.code, tuple(terms.values()), now()),
        channels=channels_of(partner_id, row.id),
        contacts=sorted(contacts_ever(partner_id, row.id), key=lambda line: (line.rank or 99, line.number)),
        tools=[tool for tool in tools if tool.code in row.tools],
        tool_names={tool.code: tool.name for tool in tools},
        today=_today(),
        **WORDS,
    )


def _by_measure(commitments: Sequence[CommitmentTerms]) -> list[tuple[int, CommitmentTerms]]:
    """The commitments with their numbers, versions of one figure together and in order."""
    types, clocks = list(TYPES), list(CLOCKS)
    return sorted(
        enumerate(commitments, start=1),
        key=lambda pair: (
            types.index(pair[1].applies_to),
            clocks.index(pair[1].clock),
            pair[1].tool or "",
            pair[1].valid_from or date.min,
        ),
    )


def _borrowed(code: str, terms: tuple[ConventionTerms, ...], moment: datetime) -> list[Reading]:
    """What measures, today, the clocks that the convention itself does not fix: the law, or mere objectives."""
    readings = []
    for clock, applies_to in known_measures(terms):
        try:
            reading = rulebook(terms).reading_for(code, clock, applies_to, moment)
        except NoCommitment:
            continue
        if reading.measured_by != code:
            readings.append(reading)
    return readings


# --- Editing ---------------------------------------------------------------------------------------------
# The services of partners check no right: the door asks for the permission, and everything is looked for
# within the partner of the person, so that what belongs to another does not exist (404).


@blueprint.route(urls.CONVENTION_TERMS, methods=["GET", "POST"])
@requires(Permission.CONVENTION_EDIT)
def edit_terms(code: str) -> Page:
    partner_id, moment = current_actor().partner_id, now()
    row = convention_by_code(partner_id, code)
    own = {other.code for other in conventions_of(partner_id)}
    form = ConventionForm(
        subscribable_tools(),
        sorted((own | load_shipped_profiles().keys()) - {row.code}),
        data=convention_values(find_convention(partner_id, row.id), row.tools),
    )

    def act() -> None:
        edit_convention(partner_id, row.id, now=moment, tool_codes=form.tools.data, **form.changes())

    return _ask(form, act, row, "Modifier la convention", "_convention_form.html")


@blueprint.route(urls.COMMITMENT, methods=["GET", "POST"])
@requires(Permission.CONVENTION_EDIT)
def new_commitment(code: str) -> Page:
    partner_id, moment = current_actor().partner_id, now()
    row = convention_by_code(partner_id, code)
    terms = terms_of(partner_id)
    commitments = terms[row.id].commitments
    model = request.args.get("modele", type=int)
    known = model is not None and 1 <= model <= len(commitments)
    form = CommitmentForm(
        known_measures(tuple(terms.values())),
        [tool for tool in subscribable_tools() if tool.code in row.tools],
        data=commitment_values(commitments[model - 1]) if known and model else None,
    )

    def act() -> None:
        add_commitment_version(partner_id, row.id, form.terms(commitments), now=moment)

    return _ask(
        form,
        act,
        row,
        "Nouvelle version d’un engagement" if known else "Nouvel engagement",
        "_commitment_form.html",
    )


@blueprint.route(urls.CHANNEL, methods=["GET", "POST"])
@requires(Permission.CONVENTION_EDIT)
def channel(code: str, number: int) -> Page:
    partner_id, moment = current_actor().partner_id, now()
    row = convention_by_code(partner_id, code)
    line = _numbered(channels_of(partner_id, row.id), number)
    form = ChannelForm(obj=line)

    def act() -> None:
        edit_channel(partner_id, line.id, now=moment, **form.changes())

    return _ask(form, act, row, f"Canal\u00a0: {line.name}", "_channel_form.html")


@blueprint.route(urls.NEW_CONTACT, methods=["GET", "POST"])
@requires(Permission.CONVENTION_EDIT)
def new_contact(code: str) -> Page:
    partner_id, moment = current_actor().partner_id, now()
    row = convention_by_code(partner_id, code)
    form = ContactForm(data={"role": "other"})

    def act() -> None:
        add_contact(partner_id, row.id, now=moment, **form.details())

    return _ask(form, act, row, "Nouvel interlocuteur", "_contact_form.html")


@blueprint.route(urls.CONTACT, methods=["GET", "POST"])
@requires(Permission.CONVENTION_EDIT)
def contact(code: str, number: int) -> Page:
    partner_id, moment = current_actor().partner_id, now()
    row = convention_by_code(partner_id, code)
    line = _numbered(contacts_ever(partner_id, row.id), number)
    form = ContactForm(data=contact_values(line))

    def act() -> None:
        edit_contact(partner_id, line.id, now=moment, **form.details())

    return _ask(form, act, row, f"Interlocuteur\u00a0: {line.label}", "_contact_form.html")


def _ask(form: BaseForm, act: Callable[[], None], row: ConventionRow, title: str, fields: str) -> Page:
    """Show the form, or act once on what was sent and go back to the convention."""
    destination = url_for("administration.convention", code=row.code)

    def act_and_say() -> str:
        act()
        flash(f"{title}\u00a0: c’est enregistré.", "success")
        return destination

    if request.method == "POST" and form.validate():
        try:
            return redirect_to(once(form, act_and_say))
        except DomainError as error:
            attach_error(form, error)
    return render(
        "partners/edit.html",
        title=title,
        form=form,
        fields=f"partners/{fields}",
        row=row,
        destination=destination,
        status=422 if request.method == "POST" else 200,
    )


def _numbered(lines: Sequence[Line], number: int) -> Line:
    """The line of that number. Raises NotFound."""
    for line in lines:
        if line.number == number:
            return line
    raise NotFound


def _today() -> date:
    return now().astimezone(current_zone()).date()
