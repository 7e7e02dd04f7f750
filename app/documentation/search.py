"""Articles by relevance: a bounded set of candidates from the index, weighed in Python (`ranking.py`).

Both databases give the same order. What is shown of an article is asked of `queries` at each search.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, String, cast, func, select

from app.accounts.policy import Actor
from app.documentation.models import Article, ArticleTool, Helped
from app.documentation.prose import plain_text
from app.documentation.queries import ArticleHit, hits, visible_articles
from app.documentation.ranking import NEAR, Sheet, rarity, telling, weigh
from app.documentation.vocabulary import SHOWN_STATES, Kind
from app.extensions import db
from app.infra import search as index
from app.kernel.excerpt import Piece, excerpt, highlighted
from app.kernel.words import Term, Wanted, words_of
from app.partners.queries import tools_of

SHOWN_AT_MOST = 20
SUGGESTED_AT_MOST = 4
# Looked at by title and tools, then by text: beyond, an article has little to say.
_CANDIDATES, _READ = 80, 20
# A question has some words that matter; a whole page pasted in has no more.
_MOST_TERMS = 10
_MOST_NOTED = 8
_ABOUT_THE_TOOL, _ABOUT_ANOTHER = 1.5, 0.4
# Beside an article that holds what was asked, those that hold less than half as much are only in the way.
_WORTH_A_LOOK = 0.5
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class FoundArticle:
    """An article that answers, with its hits in its title and in an excerpt of its text."""

    article: ArticleHit
    title: tuple[Piece, ...]
    excerpt: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class _Telling:
    """What of a search is worth marking in the texts."""

    terms: tuple[Term, ...]
    sequences: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The articles that answer, the best first. `complete`: they hold every word; else they come near."""

    found: tuple[FoundArticle, ...]
    complete: bool


def search(
    actor: Actor, wanted: Wanted, *, tools: Collection[str] = (), limit: int = SHOWN_AT_MOST
) -> Answer:
    """The articles that hold everything that is wanted; where none does, those that come near.

    `tools` keeps those about one of these tools. Words that say nothing are not asked of them. Ten queries at
    most, and one for each word. Raises ValueError when nothing is wanted.
    """
    if not wanted:
        raise ValueError("nothing is wanted")
    candidates = _candidates(actor, wanted)
    if tools:
        candidates = [row for row in candidates if not row.tools.isdisjoint(tools)]
    complete = [row for row in candidates if row.share > 1 - _ROUNDING]
    near = [row for row in candidates if row.share >= NEAR]
    return Answer(_best(actor, complete or near, wanted, lambda row: 1.0, limit), bool(complete))


def suggest(
    actor: Actor, wanted: Wanted, *, tool: str | None = None, limit: int = SUGGESTED_AT_MOST
) -> tuple[FoundArticle, ...]:
    """The articles that may answer what someone is writing, those about the tool before the others.

    Canned answers are for answering, not for reading. As many queries as `search`.
    """

    def aim(row: _Candidate) -> float:
        if tool is None or not row.tools:
            return 1.0
        return _ABOUT_THE_TOOL if tool in row.tools else _ABOUT_ANOTHER

    if not wanted:
        return ()
    candidates = [row for row in _candidates(actor, wanted) if row.kind is not Kind.CANNED]
    least = max(NEAR, _WORTH_A_LOOK * max((row.share for row in candidates), default=0.0))
    return _best(actor, [row for row in candidates if row.share >= least], wanted, aim, limit)


def words_to_note(wanted: Wanted) -> list[str]:
    """What may be kept of a search that found nothing: its folded words, none with a digit, in no one's name."""
    words = (term.surface for term in telling(Wanted((*wanted.words, *wanted.phrases, wanted.typing)).terms))
    return [word for word in words if not any(character.isdigit() for character in word)][:_MOST_NOTED]


@dataclass(frozen=True, eq=False, slots=True)
class _Candidate:
    """An article that holds a share of what is wanted, by the weight of the words: 1 for all of it."""

    id: int
    kind: Kind
    title: str
    tools: frozenset[str]
    tool_names: str
    helped: int
    share: float
    weights: Mapping[Term, float]

    def score(self, body: str = "") -> float:
        return weigh(Sheet(self.title, self.tool_names, body, self.helped), self.weights)


def _candidates(actor: Actor, wanted: Wanted) -> list[_Candidate]:
    """The articles that the actor may read and that hold most of it, by the weight of its words."""
    terms = telling(Wanted((*wanted.words, *wanted.phrases), typing=wanted.typing).terms)[:_MOST_TERMS]
    names = {tool.code: tool.name for tool in tools_of(actor.partner_id)}
    holders = _holders(actor.partner_id, terms, names)
    everything = select(func.count()).select_from(Article).where(Article.partner_id == actor.partner_id)
    total = db.session.scalar(everything) or 0
    weights = {term: rarity(len(ids), total) for term, ids in holders.items() if ids}
    # A word that no article holds says nothing of them: it is asked for like the mean of the others.
    asked = sum(weights.values()) * len(terms) / max(1, len(weights))
    held: dict[int, float] = defaultdict(float)
    for term, weight in weights.items():
        for article_id in holders[term]:
            held[article_id] += weight
    if wanted.sequences:
        said = index.matching(index.ARTICLES, actor.partner_id, Wanted(phrases=wanted.phrases))
        held = {article_id: held[article_id] for article_id in said}
    first = sorted(held, key=lambda article_id: (-held[article_id], -article_id))[:_CANDIDATES]
    tools, helped = _tools(first), _helped(first)
    return [
        _Candidate(
            id=row.id,
            kind=Kind(row.kind),
            title=row.title,
            tools=frozenset(tools[row.id]),
            tool_names=" ".join(names.get(code, "") for code in tools[row.id]),
            helped=helped.get(row.id, 0),
            share=held[row.id] / asked,
            weights=weights,
        )
        for row in db.session.execute(_readable(actor, first, Article.title, Article.kind))
    ]


def _best(
    actor: Actor,
    candidates: Sequence[_Candidate],
    wanted: Wanted,
    aim: Callable[[_Candidate], float],
    limit: int,
) -> tuple[FoundArticle, ...]:
    """The best of them, by their titles first, then by the texts of those that remain."""

    def best_first(scores: Mapping[_Candidate, float]) -> list[_Candidate]:
        return sorted(scores, key=lambda row: (-scores[row] * aim(row), -row.id))

    by_title = best_first({row: row.score() + row.share for row in candidates})[:_READ]
    bodies = {
        row.id: row.body
        for row in db.session.execute(_readable(actor, [row.id for row in by_title], Article.body))
    }
    ranked = best_first({row: row.score(bodies[row.id]) for row in by_title})[:limit]
    marked = _Telling(telling(wanted.terms), wanted.sequences)
    shown = hits(actor, [row.id for row in ranked])
    return tuple(
        FoundArticle(
            article=article,
            title=highlighted(article.title, marked),
            excerpt=excerpt([plain_text(bodies[article.id])], marked),
        )
        for article in shown
    )


# --- Queries ---------------------------------------------------------------------------------------------


def _holders(partner_id: int, terms: Sequence[Term], names: Mapping[str, str]) -> dict[Term, frozenset[int]]:
    """The articles whose words, or whose tools' names, answer each term."""
    words = {code: [word.forms for word in words_of(name)] for code, name in names.items()}
    named = {
        term: [code for code, forms in words.items() if any(map(term.is_met_by, forms))] for term in terms
    }
    about = _about(partner_id, {code for codes in named.values() for code in codes})
    holding = index.holding(index.ARTICLES, partner_id, terms)
    return {
        term: ids.union(*(about.get(code, frozenset()) for code in named[term]))
        for term, ids in zip(terms, holding, strict=True)
    }


def _about(partner_id: int, tool_codes: Collection[str]) -> dict[str, frozenset[int]]:
    """The articles about each of these tools, each list as one row."""
    if not tool_codes:
        return {}
    keys = func.aggregate_strings(cast(ArticleTool.article_id, String), ",")
    rows = db.session.execute(
        select(ArticleTool.tool_code, keys)
        .join(Article, Article.id == ArticleTool.article_id)
        .where(Article.partner_id == partner_id, ArticleTool.tool_code.in_(sorted(tool_codes)))
        .group_by(ArticleTool.tool_code)
    )
    return {code: frozenset(map(int, found.split(","))) for code, found in rows}


def _readable(actor: Actor, article_ids: Sequence[int], *columns: Any) -> Select[Any]:
    """The key and these columns of those of the articles that are published, and that the actor may read."""
    return select(Article.id, *columns).where(
        visible_articles(actor), Article.state.in_(SHOWN_STATES), Article.id.in_(article_ids)
    )


def _tools(article_ids: Sequence[int]) -> dict[int, list[str]]:
    tools: dict[int, list[str]] = defaultdict(list)
    rows = select(ArticleTool.article_id, ArticleTool.tool_code).where(
        ArticleTool.article_id.in_(article_ids)
    )
    for article_id, code in db.session.execute(rows):
        tools[article_id].append(code)
    return tools


def _helped(article_ids: Sequence[int]) -> dict[int, int]:
    counted = (
        select(Helped.article_id, func.count())
        .where(Helped.article_id.in_(article_ids))
        .group_by(Helped.article_id)
    )
    return dict(db.session.execute(counted).tuples().all())
