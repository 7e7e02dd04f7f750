"""`/documentation` and `/documentation/SLUG`: finding and reading articles, and saying that one helped."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Response, flash, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.policy import Permission, can
from app.accounts.queries import names_of
from app.documentation import queries, service, shelves
from app.documentation.blueprint import blueprint
from app.documentation.forms import ActOnlyForm, StateForm
from app.documentation.models import Article
from app.documentation.rules import NEXT_STATES
from app.documentation.search import Answer, search
from app.documentation.vocabulary import (
    AUDIENCE_LABELS,
    KIND_LABELS,
    SHOWN_STATES,
    STATE_LABELS,
    Audience,
    Kind,
    State,
)
from app.infra.tx import transaction
from app.kernel.errors import InvalidInput
from app.kernel.personal_data import find_personal_data
from app.kernel.text import tokens
from app.partners.queries import tools_by_code, tools_of
from app.tickets.query_box import Query, parse
from app.tickets.served import rows_of
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.filters import current_zone
from app.web.htmx import announce, redirect_to, render
from app.web.markdown import render_with_headings

REVIEW_AFTER = timedelta(days=180)
# A number of so many digits is rather somebody's than a word.
_LONG_NUMBER = 5


@blueprint.get(urls.DOCUMENTATION)
@requires(Permission.DOCUMENTATION_READ)
def index() -> Response:
    actor = current_actor()
    typed = request.args.get("q", "")
    tool, kind, state = _chosen()
    query, answer = _search(typed, tool)
    names = {row.code: row.name for row in tools_of(actor.partner_id)}
    narrowed = bool(tool or kind or state)
    return render(
        "documentation/index.html",
        title=f"«\u00a0{typed[:60]}\u00a0», documentation" if typed else "Documentation",
        typed=typed,
        query=query,
        answer=answer,
        tool=tool,
        kind=kind,
        state=state,
        tool_names=names,
        kind_labels=KIND_LABELS,
        state_labels=STATE_LABELS,
        listed=_listed(tool, kind, state) if narrowed and not typed else [],
        useful=[] if narrowed or typed else shelves.most_useful(actor),
        by_tool=shelves.shelves_by_tool(actor),
        by_kind=shelves.shelves_by_kind(actor),
        awaiting=shelves.awaiting(actor, today()),
        export_form=ActOnlyForm(formdata=None),
    )


@blueprint.get(urls.ARTICLE)
@requires(Permission.DOCUMENTATION_READ)
def article(slug: str) -> Response:
    actor = current_actor()
    return article_page(queries.article_by_slug(actor, slug))


@blueprint.post(urls.ARTICLE_HELPED)
@requires(Permission.DOCUMENTATION_READ)
def helped(slug: str) -> Response | BaseResponse:
    actor, moment = current_actor(), now()
    with transaction():
        if request.form.get("utile") == "non":
            service.unmark_helped(slug, actor=actor)
        else:
            service.mark_helped(slug, actor=actor, now=moment)
    found = queries.article_by_slug(actor, slug)
    marked = queries.has_helped(found.id, actor.account_id)
    said = "Merci\u00a0: votre avis est compté." if marked else "Votre avis est retiré."
    announce(said)
    if request.headers.get("HX-Request") == "true":
        return render("documentation/_helped.html", "documentation/_helped.html", **_opinion(found))
    flash(said, "success")
    return redirect_to(url_for("documentation.article", slug=slug))


def article_page(found: Article, form: StateForm | None = None, status: int = 200) -> Response:
    """The page of an article, its form of states refused perhaps."""
    actor = current_actor()
    may_write = can(actor, Permission.DOCUMENTATION_WRITE)
    rendered = render_with_headings(found.body)
    codes = queries.tools_of_article(found.id)
    tickets = []
    if can(actor, Permission.DOCUMENTATION_READ_DESK):
        tickets = rows_of(actor, shelves.subjects_served(actor, found.id), now())
    return render(
        "documentation/article.html",
        status=status,
        title=found.title,
        article=found,
        rendered=rendered,
        tools=tools_by_code(codes),
        kind_label=KIND_LABELS[Kind(found.kind)],
        state_label=STATE_LABELS[State(found.state)],
        audience_label=AUDIENCE_LABELS[Audience(found.audience)],
        shown=found.state in SHOWN_STATES,
        owner=names_of([found.owner_id]).get(found.owner_id or 0, ""),
        may_write=may_write,
        moves=[
            (to.value, _MOVE_LABELS[to])
            for to in NEXT_STATES[State(found.state)]
            if to is not State.PUBLISHED
        ],
        form=form or state_form(found),
        tickets=tickets,
        **_opinion(found),
    )


def state_form(found: Article) -> StateForm:
    """The form of states of an article, with the date that its next review could have."""
    form = StateForm(formdata=None)
    form.version.data = str(found.version)
    fresh = found.review_on if found.review_on and found.review_on > today() else None
    form.review_on.data = fresh or today() + REVIEW_AFTER
    return form


def today() -> date:
    """The day on the partner's walls."""
    return now().astimezone(current_zone()).date()


_MOVE_LABELS = {
    State.TO_REVIEW: "Marquer «\u00a0à relire\u00a0»",
    State.DRAFT: "Remettre en brouillon",
    State.ARCHIVED: "Archiver",
}


def _opinion(found: Article) -> dict[str, Any]:
    return {
        "slug": found.slug,
        "helped_count": queries.helped_count(found.id),
        "has_helped": queries.has_helped(found.id, current_actor().account_id),
        "helped_form": ActOnlyForm(formdata=None),
    }


def _chosen() -> tuple[str, Kind | None, State | None]:
    """The shelf that the address names; what it names wrong is ignored."""
    tool, kind, state = (request.args.get(name, "") for name in ("outil", "nature", "etat"))
    known = tool if tool.isprintable() else ""
    return (
        known,
        Kind(kind) if kind in set(Kind) else None,
        State(state) if state in set(State) else None,
    )


def _listed(tool: str, kind: Kind | None, state: State | None) -> list[queries.ArticleHit]:
    states = frozenset({state}) if state else SHOWN_STATES
    return queries.listing(current_actor(), tool=tool or None, kind=kind, states=states)


def _search(typed: str, tool: str) -> tuple[Query | None, Answer | None]:
    """What was typed, understood, and the articles that answer; what finds nothing is noted for the writers."""
    actor = current_actor()
    try:
        query = parse(typed)
    except InvalidInput:
        return None, Answer((), complete=True)
    if not query.wanted:
        return query, None
    answer = search(actor, query.wanted, tools=[tool] if tool else ())
    if not answer.found and not can(actor, Permission.DOCUMENTATION_WRITE):
        _note_miss(typed)
    return query, answer


def _note_miss(typed: str) -> None:
    words = [token.surface for token in tokens(typed)]
    kept = [word for word in words if not (word.isdigit() and len(word) >= _LONG_NUMBER)]
    if kept and not find_personal_data(typed):
        with transaction():
            service.note_search_miss(current_actor().partner_id, kept, now())
