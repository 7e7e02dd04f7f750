"""`/echeances`: the due time of any delay, explained. Its address holds the question."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from flask import Blueprint, Response, g, request

from app.accounts.policy import Permission, can
from app.deadlines.calculator import Reckoned, reckon
from app.deadlines.calendar import find_zone
from app.deadlines.delays import format_delay
from app.deadlines.forms import CalculatorForm, Choices, parse_measure
from app.deadlines.wording import capitalised
from app.kernel.errors import InvalidInput
from app.partners.listing import known_measures
from app.partners.profiles import load_catalogue, load_shipped_profiles
from app.partners.queries import tools_of
from app.partners.resolve import NoCommitment, Rulebook
from app.partners.rulebooks import rulebook, terms_of
from app.partners.terms import CLOCKS, OWED_BY, TYPES, ConventionTerms
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.filters import french_datetime
from app.web.forms import attach_error
from app.web.htmx import announce, render

blueprint = Blueprint("deadlines", __name__)

PAGE = "deadlines/calculator.html"
FRAGMENT = "deadlines/_calculator.html"


@blueprint.get(urls.DEADLINES)
@requires(Permission.DEADLINE_CALCULATE)
def calculator() -> Response:
    actor, moment = current_actor(), now()
    own = tuple(terms_of(actor.partner_id).values())
    others = _shipped(own) if can(actor, Permission.CONVENTION_READ) else ()
    _speak_the_zone_of((*own, *others))
    form = CalculatorForm(
        conventions=_convention_choices(own, others),
        measures=known_measures(own),
        tools=_tool_choices(actor.partner_id, with_catalogue=bool(others)),
        formdata=request.args or None,
        data={"start": moment},
    )
    reckoned = _answer(form, rulebook(own), moment) if request.args and form.validate() else None
    if reckoned:
        announce(f"Échéance\u00a0: {french_datetime(reckoned.due_at, g.zone)}.")
    return render(
        PAGE,
        FRAGMENT,
        title="Calculer une échéance",
        form=form,
        reckoned=reckoned,
        labels=_labels(reckoned) if reckoned else {},
        status=422 if request.args and reckoned is None else 200,
    )


def _answer(form: CalculatorForm, rules: Rulebook, moment: datetime) -> Reckoned | None:
    """The due time, or None once its refusal is on the form."""
    clock, applies_to = parse_measure(form.clock.data)
    try:
        reading = rules.reading_for(
            form.convention.data, clock, applies_to, form.start.data, form.tool.data or None
        )
    except NoCommitment:
        attach_error(
            form,
            InvalidInput(
                "Ni cette convention, ni la loi, ni un objectif de référence ne fixe ce délai à cette date.",
                field="clock",
            ),
        )
        return None
    return reckon(reading, form.start.data, moment)


def _labels(reckoned: Reckoned) -> dict[str, str]:
    reading = reckoned.reading
    return {
        "clock": capitalised(CLOCKS[reading.clock]),
        "applies_to": TYPES[reading.applies_to],
        "delay": format_delay(reading.delay),
        "owed_by": OWED_BY[reading.owed_by],
    }


def _speak_the_zone_of(offered: Iterable[ConventionTerms]) -> None:
    """Read and write the times of this page on the walls of the convention that is asked about."""
    asked = request.args.get("convention")
    for terms in offered:
        if terms.code == asked:
            g.zone = find_zone(terms.time_zone)


# --- What the lists hold ---------------------------------------------------------------------------------


def _shipped(own: Iterable[ConventionTerms]) -> tuple[ConventionTerms, ...]:
    """The conventions of the project, less those that the partner has and may have edited."""
    known = {terms.code for terms in own}
    return tuple(profile.terms for code, profile in load_shipped_profiles().items() if code not in known)


def _convention_choices(
    own: Iterable[ConventionTerms], others: Iterable[ConventionTerms]
) -> dict[str, Choices]:
    groups = {"Vos conventions": own, "Autres conventions connues": others}
    return {label: [(terms.code, terms.code) for terms in group] for label, group in groups.items() if group}


def _tool_choices(partner_id: int, *, with_catalogue: bool) -> dict[str, Choices]:
    """Tools by platform: the partner's, and those of the catalogue for who may ask about other conventions."""
    names = {(tool.platform_name, tool.code): tool.name for tool in tools_of(partner_id)}
    if with_catalogue:
        catalogue = load_catalogue()
        for code, tool in catalogue.tools.items():
            names.setdefault((catalogue.platforms[tool.platform].name, code), tool.name)
    ordered = sorted((platform, name, code) for (platform, code), name in names.items())
    return {
        platform: [(code, name) for _, name, code in tools]
        for platform, tools in groupby(ordered, key=lambda row: row[0])
    }
