"""`/recherche`: one box for articles, announcements and tickets; its words filter as those of the queue do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.policy import Actor, Permission
from app.announcements.lists import Line, search_hits
from app.documentation.search import Answer, words_to_note
from app.documentation.search import search as search_articles
from app.documentation.service import note_search_miss
from app.infra import search as index
from app.infra.tx import transaction
from app.kernel.errors import InvalidInput
from app.kernel.excerpt import Piece, excerpt, highlighted
from app.tickets.finding import TicketAnswer, find_tickets
from app.tickets.listing import COUNTED_AT_MOST, QUEUE_LABELS, Choices, choices_of, straight_to
from app.tickets.query_box import Query, key_of, parse
from app.tickets.rows import works_the_desk
from app.tickets.search import tools_named
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.filters import plural
from app.web.forms import BaseForm
from app.web.htmx import announce, is_htmx, redirect_to, render

PAGE = "search/index.html"
RESULTS = "search/_search_results.html"
ARTICLES, ANNOUNCEMENTS, TICKETS = "articles", "annonces", "sollicitations"
LABELS = {"": "Tout", ARTICLES: "Articles", ANNOUNCEMENTS: "Annonces", TICKETS: "Sollicitations"}
# With everything on one page, each part shows its first ones.
FIRST = {ARTICLES: 5, ANNOUNCEMENTS: 3}
SHOWN_AT_MOST = 20
_CANDIDATES = 200

blueprint = Blueprint("search", __name__)


@dataclass(frozen=True, slots=True)
class FoundAnnouncement:
    """An announcement that answers, with its hits."""

    line: Line
    title: tuple[Piece, ...]
    excerpt: tuple[Piece, ...]


@dataclass(frozen=True)
class Results:
    """What each part found; None for a part that was not searched, since the filters are about the others."""

    articles: Answer | None
    announcements: tuple[FoundAnnouncement, ...] | None
    tickets: TicketAnswer | None

    @property
    def counts(self) -> dict[str, int]:
        """How many each part found; tickets are counted up to COUNTED_AT_MOST, one more standing for more."""
        found = {}
        if self.articles is not None:
            found[ARTICLES] = len(self.articles.found)
        if self.announcements is not None:
            found[ANNOUNCEMENTS] = len(self.announcements)
        if self.tickets is not None:
            total = self.tickets.total
            # None: so many that they were not counted.
            found[TICKETS] = COUNTED_AT_MOST + 1 if total is None and self.tickets.found else total or 0
        return found

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def missed(self) -> bool:
        """Whether no article held everything that was wanted."""
        return self.articles is not None and not self.articles.complete


@blueprint.get(urls.SEARCH)
@requires(Permission.HOME_READ)
def index_page() -> Response | BaseResponse:
    actor, moment = current_actor(), now()
    typed, typing = request.args.get("q", ""), is_htmx()
    query, problem = _parsed(typed)
    reference = None if typing else straight_to(actor, query)
    if reference is not None:
        return redirect_to(url_for("tickets.page", reference=reference))
    part = request.args.get("dans", "")
    choices = choices_of(actor, query)
    results = _search(actor, query, choices, moment) if query else None
    if results and results.missed and not typing:
        with transaction():
            note_search_miss(actor.partner_id, words_to_note(query.wanted), moment)
    if results:
        announce(_said(results))
    return render(
        PAGE,
        RESULTS,
        title="Recherche",
        typed=typed,
        query=query,
        problem=problem,
        part=part if part in LABELS else "",
        parts=_parts(typed, part, results),
        results=results,
        first=FIRST,
        tool_names=choices.known.tools,
        queue_labels=QUEUE_LABELS,
        miss_form=BaseForm() if typing else None,
        works_the_desk=works_the_desk(actor),
    )


@blueprint.post(urls.SEARCH_MISSED)
@requires(Permission.HOME_READ)
def missed() -> Response:
    """A search that stood for a while without any article: only its folded words are kept."""
    actor, moment = current_actor(), now()
    query, _ = _parsed(request.form.get("q", ""))
    with transaction():
        note_search_miss(actor.partner_id, words_to_note(query.wanted), moment)
    return Response(status=204)


def _parsed(typed: str) -> tuple[Query, str]:
    try:
        return parse(typed, typing=True), ""
    except InvalidInput as error:
        return Query(), error.message


def _search(actor: Actor, query: Query, choices: Choices, moment: datetime) -> Results:
    """Articles and announcements know tools only: any other filter is about tickets, and leaves them out."""
    tools = tools_named(query, choices.known)
    about_tickets = any(key_of(item.name) != "outil" for item in query.filters)
    lost = query.names("outil") and not tools
    everything = bool(query.wanted) and not about_tickets and not lost
    return Results(
        articles=search_articles(actor, query.wanted, tools=tools) if everything else None,
        announcements=_announcements(actor, query, tools, moment) if everything else None,
        tickets=find_tickets(actor, query, choices, now=moment),
    )


def _announcements(
    actor: Actor, query: Query, tools: frozenset[str], moment: datetime
) -> tuple[FoundAnnouncement, ...]:
    ids = index.matching(index.ANNOUNCEMENTS, actor.partner_id, query.wanted, limit=_CANDIDATES)
    lines = [
        line
        for line in search_hits(actor, ids, moment)
        if not tools or not line.tools or not tools.isdisjoint(line.tools)
    ]
    return tuple(
        FoundAnnouncement(line, highlighted(line.title, query.wanted), excerpt([line.text], query.wanted))
        for line in lines[:SHOWN_AT_MOST]
    )


def _said(results: Results) -> str:
    if not results.total:
        return "Aucun résultat."
    counts = results.counts
    words = {ARTICLES: ("article", "articles"), ANNOUNCEMENTS: ("annonce", "annonces")}
    said = [plural(counts[part], *names) for part, names in words.items() if counts.get(part)]
    tickets = counts.get(TICKETS, 0)
    if tickets > COUNTED_AT_MOST:
        said.append(f"plus de {COUNTED_AT_MOST} sollicitations")
    elif tickets:
        said.append(plural(tickets, "sollicitation", "sollicitations"))
    return ", ".join(said) + "."


def _parts(typed: str, part: str, results: Results | None) -> list[dict[str, object]]:
    if results is None:
        return []
    counts = {"": results.total, **results.counts}
    return [
        {
            "label": label,
            "url": url_for("search.index_page", q=typed, dans=name or None),
            "current": name == (part if part in LABELS else ""),
            "count": f"{COUNTED_AT_MOST}+" if counts[name] > COUNTED_AT_MOST else str(counts[name]),
        }
        for name, label in LABELS.items()
        if name in counts
    ]
