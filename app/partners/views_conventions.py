"""`/administration`: the conventions of the partner, read by the desk and edited by the administrator."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask import Response, request, url_for

from app.accounts.form_tokens import new_form_token
from app.accounts.policy import Permission
from app.accounts.queries import names_of
from app.deadlines.delays import format_delay
from app.deadlines.reading import Reading
from app.deadlines.thresholds import DEFAULT_THRESHOLDS, format_thresholds
from app.deadlines.wording import capitalised, say_week
from app.partners.blueprint import blueprint
from app.partners.descriptions import Subject, commitments_subject, convention_subject
from app.partners.forms import (
    CommitmentForm,
    ConventionForm,
    commitment_values,
    convention_values,
)
from app.partners.history import latest_changes
from app.partners.listing import (
    ToolChoice,
    channels_of,
    contacts_ever,
    convention_by_code,
    conventions_with_figures,
    known_measures,
    subscribable_tools,
)
from app.partners.notices import notices_of
from app.partners.partner_file import EMPTY_MODEL
from app.partners.profiles import load_shipped_profiles
from app.partners.queries import ConventionRow, conventions_of, find_convention, partner_of
from app.partners.resolve import NoCommitment
from app.partners.rulebooks import rulebook, terms_of
from app.partners.service import add_commitment_version, edit_convention
from app.partners.settings import create_convention
from app.partners.settings_forms import NewConventionForm
from app.partners.terms import (
    CHANNEL_KINDS,
    CLOCKS,
    CONTACT_ROLES,
    LAW,
    OWED_BY,
    OWN_CONTACT_ROLES,
    TYPES,
    CommitmentTerms,
    ConventionTerms,
)
from app.partners.views_ask import Act, Page, Trail, administration_trail, ask, today
from app.partners.wording import ZONE_LABELS, french_period
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.forms import BaseForm
from app.web.htmx import render

RECENT = 3  # changes told on the page itself
COMMON_MODEL = "nord-2025"
WORDS: dict[str, Any] = {
    "clocks": CLOCKS,
    "types": TYPES,
    "owed_by": OWED_BY,
    "zones": ZONE_LABELS,
    "channel_kinds": CHANNEL_KINDS,
    "contact_roles": {**CONTACT_ROLES, **OWN_CONTACT_ROLES},
    "law": LAW,
    "format_delay": format_delay,
    "format_thresholds": format_thresholds,
    "usual_alerts": DEFAULT_THRESHOLDS,
    "capitalised": capitalised,
    "say_week": say_week,
    "french_period": french_period,
}


# --- Reading ---------------------------------------------------------------------------------------------


@blueprint.get(urls.CONVENTIONS)
@requires(Permission.CONVENTION_READ)
def conventions() -> Response:
    actor = current_actor()
    return render(
        "partners/conventions.html",
        title="Conventions",
        conventions=conventions_of(actor.partner_id),
        with_figures=conventions_with_figures(actor.partner_id),
        today=today(),
    )


@blueprint.get(urls.CONVENTION)
@requires(Permission.CONVENTION_READ)
def convention(code: str) -> Response:
    partner_id = current_actor().partner_id
    row = convention_by_code(partner_id, code)
    terms = terms_of(partner_id)
    tools = subscribable_tools(partner_id, retired_too=True)
    recent, _ = latest_changes(partner_id, convention_id=row.id, length=RECENT)
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
        today=today(),
        notices=notices_of(partner_id, convention_id=row.id),
        recent=recent,
        who=names_of([change.account_id for change in recent]),
        fresh_token=new_form_token,
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


@blueprint.route(urls.NEW_CONVENTION, methods=["GET", "POST"])
@requires(Permission.CONVENTION_EDIT)
def new_convention() -> Page:
    partner_id, moment = current_actor().partner_id, now()
    profiles = load_shipped_profiles()
    form = NewConventionForm(profiles, data={"model": _likely_model(partner_id)})

    def act() -> Subject:
        return create_convention(partner_id, now=moment, **form.details())

    return ask(
        form,
        act,
        title="Nouvelle convention",
        fields="_new_convention_form.html",
        trail=_trail(),
        destination=lambda: url_for("administration.convention", code=form.code.data),
        note="Vous pourrez ensuite modifier tout ce que le modèle propose.",
        profiles=sorted(profiles.values(), key=lambda profile: profile.code),
        empty_model=EMPTY_MODEL,
        **WORDS,
    )


@blueprint.route(urls.CONVENTION_TERMS, methods=["GET", "POST"])
@requires(Permission.CONVENTION_EDIT)
def edit_terms(code: str) -> Page:
    partner_id, moment = current_actor().partner_id, now()
    row = convention_by_code(partner_id, code)
    own = {other.code for other in conventions_of(partner_id)}
    form = ConventionForm(
        _choices(partner_id, row),
        sorted((own | load_shipped_profiles().keys()) - {row.code}),
        data=convention_values(find_convention(partner_id, row.id), row.tools),
    )

    def act() -> None:
        edit_convention(partner_id, row.id, now=moment, tool_codes=form.tools.data, **form.changes())

    return ask_in_convention(
        form, act, row, convention_subject(row.id), "Modifier la convention", "_convention_form.html"
    )


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
        [tool for tool in subscribable_tools(partner_id, retired_too=True) if tool.code in row.tools],
        data=commitment_values(commitments[model - 1]) if known and model else None,
    )

    def act() -> None:
        add_commitment_version(partner_id, row.id, form.terms(commitments), now=moment)

    title = "Nouvelle version d’un engagement" if known else "Nouvel engagement"
    return ask_in_convention(form, act, row, commitments_subject(row.id), title, "_commitment_form.html")


def ask_in_convention(
    form: BaseForm,
    act: Act,
    row: ConventionRow,
    subject: Subject | None,
    title: str,
    fields: str,
    **context: Any,
) -> Page:
    """As `ask`, on a page of the convention, to which the person then comes back."""
    destination = url_for("administration.convention", code=row.code)
    return ask(
        form,
        act,
        title=title,
        fields=fields,
        trail=[*_trail(), (row.code, destination)],
        destination=destination,
        subject=subject,
        note=f"{row.code}, {row.counterpart}",
        **context,
    )


def _likely_model(partner_id: int) -> str:
    """The convention that the project ships for this very partner, else the most common one."""
    code = partner_of(partner_id).code
    own = (profile.code for profile in load_shipped_profiles().values() if profile.partner_code == code)
    return next(own, COMMON_MODEL)


def _choices(partner_id: int, row: ConventionRow) -> list[ToolChoice]:
    """What may be listed: what is proposed, and what the convention lists already."""
    proposed = {tool.code for tool in subscribable_tools(partner_id)}
    known = subscribable_tools(partner_id, retired_too=True)
    return [tool for tool in known if tool.code in proposed or tool.code in row.tools]


def _trail() -> Trail:
    return administration_trail(("Conventions", url_for("administration.conventions")))
