"""`/sollicitations`: the queue, its saved filters, its export, and what is done to several rows at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, flash, make_response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.policy import Actor, Permission, can
from app.infra.search import MAX_HITS
from app.infra.tx import transaction
from app.journal.technical import Trace
from app.kernel.errors import DomainError, InvalidInput
from app.tickets import listing as queue_listing
from app.tickets.blueprint import blueprint
from app.tickets.bulk import Outcome, assign_each, parse_selection
from app.tickets.listing import ALL, COUNTED_AT_MOST, QUEUE_LABELS, Choices, Listing, parse_position
from app.tickets.query_box import Query, parse, same_word, split_filters, with_filters
from app.tickets.rows import CLOCK_STATE_LABELS, TicketRow, works_the_desk
from app.tickets.saved_filters import delete_filter, save_filter
from app.tickets.search import CLOCKS, KINDS, PLAIN_STATES
from app.tickets.vocabulary import Tab
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.csv_file import csv_text
from app.web.filters import current_zone, plural
from app.web.htmx import announce, redirect_to, render
from app.web.traces import leave_trace

PAGE = "tickets/queue.html"
LIST = "tickets/_queue_list.html"
# The filters that the form offers without a word to write, by the names of the query.
FORM_FILTERS = ("outil", "nature", "a", "horloge")
PLAIN_FORM_FILTERS = ("outil", "etat")
ME = "moi"
HANDLING = (Permission.TICKET_HANDLE, Permission.TICKET_HANDLE_ACCESS)


@dataclass(frozen=True)
class Request:
    """What the address asks for: `problem` says why its query was left out, if it was."""

    tab: str
    query: Query
    typed: str
    problem: str = ""

    def url(self, endpoint: str = "tickets.queue", **more: Any) -> str:
        """An address of the queue that keeps the tab and the query."""
        return url_for(endpoint, onglet=self.tab, q=self.query.text or None, **more)


@blueprint.get(urls.TICKETS)
@requires(Permission.QUEUE_READ)
def queue() -> Response | BaseResponse:
    actor, moment = current_actor(), now()
    asked = _request(actor)
    reference = queue_listing.straight_to(actor, asked.query)
    if reference is not None:
        return redirect_to(url_for("tickets.page", reference=reference))
    choices = queue_listing.choices_of(actor, asked.query)
    listing = queue_listing.ask(actor, asked.tab, asked.query, choices.known, now=moment)
    shown = queue_listing.page(
        listing,
        after=parse_position(request.args.get("apres", "")),
        before=parse_position(request.args.get("avant", "")),
    )
    announce(plural(len(shown.rows), "sollicitation affichée", "sollicitations affichées"))
    may_assign = any(can(actor, permission) for permission in HANDLING)
    names = PLAIN_FORM_FILTERS if listing.plain else FORM_FILTERS
    chosen, rest = split_filters(asked.query, names)
    return render(
        PAGE,
        LIST,
        title="Mes demandes" if listing.plain else "Sollicitations",
        asked=asked,
        listing=listing,
        shown=shown,
        tabs=[] if listing.plain else _tabs(asked, listing),
        heading="Mes demandes" if listing.plain else QUEUE_LABELS[asked.tab],
        choices=choices,
        rest=rest,
        form_filters=_form_filters(choices, names, chosen),
        problems=[problem for problem in (asked.problem, *listing.problems) if problem],
        columns=_columns(listing, may_assign=may_assign),
        may_assign=may_assign,
        max_hits=MAX_HITS,
        now=moment,
    )


@blueprint.get(urls.EXPORT_TICKETS)
@requires(Permission.QUEUE_READ, proof=True)
def export() -> Response:
    actor, moment = current_actor(), now()
    asked = _request(actor)
    choices = queue_listing.choices_of(actor, asked.query)
    listing = queue_listing.ask(actor, asked.tab, asked.query, choices.known, now=moment)
    content = csv_text(_HEADS, _cells(queue_listing.export(listing), choices))
    with transaction():
        leave_trace(Trace.EXPORTED, what="tickets", details={"lines": content.count("\r\n") - 1})
    answer = make_response(content)
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    day = moment.astimezone(current_zone()).date().isoformat()
    answer.headers["Content-Disposition"] = f'attachment; filename="sollicitations-{day}.csv"'
    return answer


@blueprint.post(urls.ASSIGN_TICKETS)
@requires(*HANDLING)
def assign() -> BaseResponse:
    actor, moment = current_actor(), now()
    asked = _request(actor)
    selection = parse_selection(request.form.getlist("selection"))
    assignee_id, name = _assignee(actor)
    outcomes = assign_each(selection, assignee_id, actor=actor, now=moment, zone=current_zone())
    _tell(outcomes, name)
    return redirect_to(asked.url())


@blueprint.post(urls.SAVED_FILTERS)
@requires(Permission.QUEUE_READ)
def filters() -> BaseResponse:
    actor = current_actor()
    asked = _request(actor)
    try:
        with transaction():
            saved = save_filter(request.form.get("name", ""), request.form.get("q", ""), actor=actor)
            name, query = saved.name, saved.query
    except DomainError as error:
        flash(error.message, "error")
        return redirect_to(asked.url())
    flash(f"Le filtre « {name} » est enregistré.", "success")
    return redirect_to(url_for("tickets.queue", onglet=asked.tab, q=query))


@blueprint.post(urls.DELETED_FILTER)
@requires(Permission.QUEUE_READ)
def delete_saved_filter() -> BaseResponse:
    actor = current_actor()
    asked = _request(actor)
    name = request.form.get("name", "")
    with transaction():
        delete_filter(name, actor=actor)
    flash(f"Le filtre « {name} » est supprimé.", "success")
    return redirect_to(asked.url())


# --- What was asked --------------------------------------------------------------------------------------


def _request(actor: Actor) -> Request:
    typed = request.args.get("q", "")
    tab = request.args.get("onglet", "")
    names = FORM_FILTERS if works_the_desk(actor) else PLAIN_FORM_FILTERS
    try:
        query = parse(typed)
        chosen = {name: request.args.get(name, "") for name in names}
        query = parse(with_filters(query, chosen))
        problem = ""
    except InvalidInput as error:
        query, problem = Query(), f"{error.message} Elle n’a pas été prise en compte."
    return Request(
        tab if tab in QUEUE_LABELS else _first_tab(actor, query), query, query.text or typed, problem
    )


def _first_tab(actor: Actor, query: Query) -> str:
    """A user's own requests are few; a search is for all of them. The desk begins with what is to be done."""
    return Tab.TO_DO.value if works_the_desk(actor) and not query else ALL


def _assignee(actor: Actor) -> tuple[int, str]:
    """The person that the form names, and their name. Raises InvalidInput for anyone else."""
    people = queue_listing.choices_of(actor, Query()).known.people
    typed = request.form.get("assignee", "")
    if typed == ME and actor.account_id is not None:
        return actor.account_id, actor.name
    if typed.isascii() and typed.isdecimal() and len(typed) < 16 and int(typed) in people:
        return int(typed), people[int(typed)]
    raise InvalidInput("Choisissez à qui attribuer les sollicitations cochées.", field="assignee")


def _tell(outcomes: Sequence[Outcome], name: str) -> None:
    done = [outcome for outcome in outcomes if not outcome.refusal]
    if done:
        given = plural(len(done), "sollicitation attribuée", "sollicitations attribuées")
        flash(f"{given} à {name} : {', '.join(outcome.reference for outcome in done)}.", "success")
    for outcome in outcomes:
        if outcome.refusal:
            flash(f"{outcome.reference} n’a pas été attribuée. {outcome.refusal}", "warning")


# --- What the page shows ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class FormFilter:
    """A filter of the form. `options` are pairs (value of the word, label), the chosen one always among them."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]
    chosen: str


def _form_filters(
    choices: Choices, names: Sequence[str], chosen: Mapping[str, str]
) -> tuple[FormFilter, ...]:
    people = [("moi", "moi"), ("personne", "personne")]
    offered = {
        "outil": ("Outil", list(choices.known.tools.items())),
        "nature": ("Nature", [(word, _capitalised(word)) for word in KINDS]),
        "a": ("Responsable", people + [(name, name) for name in choices.known.people.values()]),
        "horloge": ("Horloge", [(word, _capitalised(word)) for word in CLOCKS]),
        "etat": ("État", [(word, word) for word in PLAIN_STATES]),
    }
    filters = []
    for name in names:
        label, options = offered[name]
        typed = chosen.get(name, "")
        value = next((value for value, _ in options if same_word(value, typed)), typed)
        if value and value not in dict(options):
            options.append((value, value))
        filters.append(FormFilter(name, label, tuple(options), value))
    return tuple(filters)


def _tabs(asked: Request, listing: Listing) -> list[dict[str, object]]:
    counts = queue_listing.counts(listing)
    return [
        {
            "label": label,
            "url": url_for("tickets.queue", onglet=tab, q=asked.query.text or None),
            "current": tab == asked.tab,
            "count": _count(counts.get(tab)),
        }
        for tab, label in QUEUE_LABELS.items()
    ]


def _count(found: int | None) -> str:
    if found is None:
        return ""
    return f"{COUNTED_AT_MOST}+" if found > COUNTED_AT_MOST else str(found)


def _columns(listing: Listing, *, may_assign: bool) -> list[dict[str, object]]:
    if listing.plain:
        return [{"label": label} for label in ("Référence", "Objet", "État", "Déposée")]
    labels = ("Référence", "Objet", "État", "Échéance la plus proche", "Responsable")
    columns: list[dict[str, object]] = [{"label": label} for label in labels]
    return [{"label": "Sélection", "hidden": True}, *columns] if may_assign else columns


def _capitalised(word: str) -> str:
    return word[:1].upper() + word[1:]


# --- The export ------------------------------------------------------------------------------------------

_HEADS = (
    "Référence", "Objet", "Nature", "Outils", "Structure", "État", "Responsable", "Personnes touchées en plus",
    "Déposée le", "Terminée le", "Horloge", "État de l’horloge", "Échéance", "Contractuelle", "Signalements", "Regroupée sous",
)  # fmt: skip


def _cells(rows: Iterable[TicketRow], choices: Choices) -> Iterator[Sequence[object]]:
    zone = current_zone()

    def told(moment: datetime | None) -> str:
        return f"{moment.astimezone(zone):%d/%m/%Y %H:%M}" if moment else ""

    for row in rows:
        clock = row.clock
        yield (
            row.reference,
            row.subject,
            row.nature,
            ", ".join(choices.known.tools.get(code, code) for code in row.tools),
            row.structure,
            row.state_label,
            row.assignee if row.inside else "",
            row.plus_ones,
            told(row.filed_at),
            told(row.closed_at),
            clock.name if clock else "",
            CLOCK_STATE_LABELS[clock.state] if clock else "",
            told(clock.due_at) if clock else "",
            ("non" if clock.reference else "oui") if clock else "",
            row.reports_count,
            row.duplicate_of,
        )
