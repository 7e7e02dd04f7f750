"""The documentation as its first page shows it: the most useful, by tool, by kind, and what awaits its writers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, or_, select

from app.accounts.policy import Actor, Permission, can
from app.documentation.models import Article, ArticleTool, ArticleUse, Helped, SearchMiss
from app.documentation.queries import API, ArticleHit, hits, visible_articles
from app.documentation.vocabulary import KIND_LABELS, SHOWN_STATES, Kind, State
from app.extensions import db
from app.kernel.text import fold
from app.partners.queries import tools_of

MOST_USEFUL = 6
MOST_MISSES = 200


@dataclass(frozen=True, slots=True)
class Shelf:
    """A tool or a kind, and how many articles stand there."""

    code: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Awaiting:
    """What awaits the writers of the base, by number."""

    drafts: int
    to_review: int
    misses: int
    archived: int


def most_useful(actor: Actor, limit: int = MOST_USEFUL) -> list[ArticleHit]:
    """The articles that helped and served the most, the latest first among equals; never a canned answer."""
    helped = select(func.count()).where(Helped.article_id == Article.id).scalar_subquery()
    served = select(func.count()).where(ArticleUse.article_id == Article.id).scalar_subquery()
    query = (
        select(Article.id)
        .where(visible_articles(actor), Article.state.in_(SHOWN_STATES), Article.kind != Kind.CANNED)
        .order_by((helped + served).desc(), Article.updated_at.desc(), Article.id.desc())
        .limit(limit)
    )
    return hits(actor, db.session.scalars(query).all())


def shelves_by_tool(actor: Actor) -> list[Shelf]:
    """The tools of the partner that articles are about, by name, the API after what people open."""
    counts = dict(
        db.session.execute(
            select(ArticleTool.tool_code, func.count())
            .join(Article, Article.id == ArticleTool.article_id)
            .where(visible_articles(actor), Article.state.in_(SHOWN_STATES))
            .group_by(ArticleTool.tool_code)
        )
        .tuples()
        .all()
    )
    known = [
        (tool.kind == API, fold(tool.name), Shelf(tool.code, tool.name, counts[tool.code]))
        for tool in tools_of(actor.partner_id)
        if tool.code in counts
    ]
    return [shelf for _, _, shelf in sorted(known, key=lambda known: known[:2])]


def shelves_by_kind(actor: Actor) -> list[Shelf]:
    """The kinds of articles that there are, in the order of the vocabulary."""
    rows = db.session.scalars(
        select(Article.kind).where(visible_articles(actor), Article.state.in_(SHOWN_STATES))
    )
    counts = Counter(Kind(kind) for kind in rows)
    return [Shelf(kind.value, label, counts[kind]) for kind, label in KIND_LABELS.items() if counts[kind]]


def awaiting(actor: Actor, today: date) -> Awaiting | None:
    """None for who does not write."""
    if not can(actor, Permission.DOCUMENTATION_WRITE):
        return None
    own = Article.partner_id == actor.partner_id
    by_state = Counter(State(state) for state in db.session.scalars(select(Article.state).where(own)))
    return Awaiting(
        drafts=by_state[State.DRAFT],
        to_review=len(ids_to_review(actor, today)),
        misses=_count(select(func.count()).where(SearchMiss.partner_id == actor.partner_id)),
        archived=by_state[State.ARCHIVED],
    )


def to_review(actor: Actor, today: date) -> list[ArticleHit]:
    """The published articles whose review is due, or that were flagged, the longest overdue first."""
    return hits(actor, ids_to_review(actor, today))


def ids_to_review(actor: Actor, today: date) -> Sequence[int]:
    query = (
        select(Article.id)
        .where(
            visible_articles(actor),
            Article.state.in_(SHOWN_STATES),
            or_(Article.state == State.TO_REVIEW, Article.review_on <= today),
        )
        .order_by(Article.review_on.is_(None), Article.review_on, Article.id)
    )
    return db.session.scalars(query).all()


def ids_to_remind(partner_id: int, today: date) -> Sequence[int]:
    """The published articles whose review day has come, and nobody was told."""
    query = (
        select(Article.id)
        .where(
            Article.partner_id == partner_id,
            Article.state.in_(SHOWN_STATES),
            Article.review_on <= today,
            or_(Article.reminded_for.is_(None), Article.reminded_for != Article.review_on),
        )
        .order_by(Article.id)
    )
    return db.session.scalars(query).all()


def misses_of(actor: Actor) -> Sequence[SearchMiss]:
    """What was searched without result, the most often first."""
    query = (
        select(SearchMiss)
        .where(SearchMiss.partner_id == actor.partner_id)
        .order_by(SearchMiss.count.desc(), SearchMiss.last_at.desc())
        .limit(MOST_MISSES)
    )
    return db.session.scalars(query).all()


def subjects_served(actor: Actor, article_id: int) -> list[int]:
    """The tickets, by their key in the journal, that the article served, the last one first."""
    query = (
        select(ArticleUse.subject_id)
        .where(ArticleUse.partner_id == actor.partner_id, ArticleUse.article_id == article_id)
        .order_by(ArticleUse.used_at.desc())
    )
    return list(dict.fromkeys(db.session.scalars(query)))


def _count(query: Select[tuple[int]]) -> int:
    return db.session.scalar(query) or 0
