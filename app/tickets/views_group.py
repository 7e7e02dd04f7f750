"""`/sollicitations/regroupement`: several tickets chosen in the queue, followed under one of them."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, flash, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import RadioField

from app.accounts.policy import Permission
from app.kernel.errors import InvalidInput
from app.tickets.blueprint import blueprint
from app.tickets.bulk import Outcome, Selected, group_each, parse_selection
from app.tickets.group_forms import in_words
from app.tickets.group_queries import Candidate, chosen
from app.tickets.vocabulary import STATE_LABELS
from app.tickets.wording import Names
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.filters import current_zone, plural
from app.web.forms import BaseForm, MultiCheckboxField, Required, options
from app.web.htmx import redirect_to, render

PAGE = "tickets/group.html"
HANDLING = (Permission.TICKET_HANDLE, Permission.TICKET_HANDLE_ACCESS)


class SelectionForm(BaseForm):
    """Which of the tickets that were ticked are grouped, and under which."""

    of = RadioField("Sous quelle sollicitation\u00a0?", [Required("Choisissez la sollicitation principale.")])
    selection = MultiCheckboxField(
        "Sollicitations à regrouper", [Required("Cochez au moins une sollicitation.")]
    )

    def __init__(self, found: Sequence[Candidate], selection: Sequence[Selected]) -> None:
        super().__init__()
        names = Names(zone=current_zone())
        seen = {selected.reference: selected.seen for selected in selection}
        self.of.choices = options(
            (ticket.reference, in_words(ticket, names)) for ticket in found if not ticket.duplicate_of
        )
        rows = [
            (str(Selected(ticket.reference, seen.get(ticket.reference) or ticket.version)), _row(ticket))
            for ticket in found
        ]
        self.selection.choices = options(rows)
        if not self.is_submitted():
            self.of.data = next((ticket.reference for ticket in found if not ticket.duplicate_of), None)
            self.selection.data = [value for value, _ in rows]


def _row(ticket: Candidate) -> str:
    """« 7F3K-M2QX · Page blanche · Camille · Accueil · Nouvelle »."""
    state = f"Regroupée sous {ticket.duplicate_of}" if ticket.duplicate_of else STATE_LABELS[ticket.state]
    words = (ticket.reference, ticket.subject, ticket.reporter, ticket.structure, state)
    return " · ".join(filter(None, words))


@blueprint.get(urls.GROUP_TICKETS)
@requires(*HANDLING)
def choose_group() -> Response:
    return _page(parse_selection(request.args.getlist("s")))


@blueprint.post(urls.GROUP_TICKETS)
@requires(*HANDLING)
def group() -> Response | BaseResponse:
    """From the queue: the page that asks under which. From that page: the grouping itself."""
    if "of" not in request.form and "s" not in request.args:
        selection = parse_selection(request.form.getlist("selection"))
        return redirect_to(url_for("tickets.choose_group", s=[str(selected) for selected in selection]))
    actor, moment = current_actor(), now()
    selection = parse_selection(request.args.getlist("s"))
    form = _form(selection)
    if not form.validate():
        return _page(selection, form, status=422)
    main = form.of.data
    reports = [one for one in parse_selection(form.selection.data or []) if one.reference != main]
    if not reports:
        form.selection.errors = ["Cochez au moins une sollicitation à regrouper sous la principale."]
        return _page(selection, form, status=422)
    _tell(group_each(reports, main, actor=actor, now=moment), main)
    return redirect_to(url_for("tickets.page", reference=main))


def _form(selection: Sequence[Selected]) -> SelectionForm:
    found = chosen(current_actor(), [selected.reference for selected in selection])
    if len(found) < 2:
        raise InvalidInput("Cochez au moins deux sollicitations à regrouper.")
    return SelectionForm(found, selection)


def _page(selection: Sequence[Selected], form: SelectionForm | None = None, status: int = 200) -> Response:
    return render(
        PAGE,
        PAGE,
        status=status,
        title="Regrouper des sollicitations",
        form=form or _form(selection),
        action=url_for("tickets.group", s=[str(selected) for selected in selection]),
    )


def _tell(outcomes: Sequence[Outcome], main: str) -> None:
    done = [outcome.reference for outcome in outcomes if not outcome.refusal]
    if done:
        grouped = plural(len(done), "sollicitation regroupée", "sollicitations regroupées")
        flash(
            f"{grouped} sous {main}\u00a0: {', '.join(done)}. Les délais partent de la première transmission.",
            "success",
        )
    for outcome in outcomes:
        if outcome.refusal:
            flash(f"{outcome.reference} n’a pas été regroupée. {outcome.refusal}", "warning")
