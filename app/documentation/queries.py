"""Reading the documentation base. Who may see which article is decided here, partner first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, false, func, select

from app.accounts.policy import Actor, Permission, can, system_actor
from app.accounts.queries import PersonRow, people_of
from app.documentation.models import Article, ArticleTool, ArticleUse, Helped, Revision
from app.documentation.prose import excerpt
from app.documentation.vocabulary import KIND_LABELS, SHOWN_STATES, Audience, Kind, State, Use
from app.extensions import db
from app.kernel.errors import NotFound
from app.partners.models import Tool

API = "api"


@dataclass(frozen=True, slots=True)
class ArticleHit:
    """An article as lists show it. `tools` are codes; `helped` counts the persons it helped."""

    id: int
    slug: str
    title: str
    kind: Kind
    state: State
    audience: Audience
    excerpt: str
    url: str
    tools: tuple[str, ...]
    helped: int
    review_on: date | None
    updated_at: datetime

    @property
    def kind_label(self) -> str:
        return KIND_LABELS[self.kind]


@dataclass(frozen=True, slots=True)
class Usage:
    """What an article was to a ticket, known here by its key in the journal."""

    article: ArticleHit
    subject_id: int
    use: Use
    used_at: datetime


def visible_articles(actor: Actor) -> ColumnElement[bool]:
    """The rows of `Article` that the actor may read: always those of one partner only.

    Writers see every state. An integrator sees what is written for everyone about an API.
    """
    own = Article.partner_id == actor.partner_id
    if actor.is_system or can(actor, Permission.DOCUMENTATION_WRITE):
        return own
    shown = and_(own, Article.state.in_(SHOWN_STATES))
    if can(actor, Permission.DOCUMENTATION_READ_DESK):
        return shown
    everyone = and_(shown, Article.audience == Audience.EVERYONE)
    if can(actor, Permission.DOCUMENTATION_READ_TOOLS):
        return everyone
    return and_(everyone, _about_an_api()) if can(actor, Permission.DOCUMENTATION_READ) else false()


def _about_an_api() -> ColumnElement[bool]:
    return exists().where(
        ArticleTool.article_id == Article.id, ArticleTool.tool_code == Tool.code, Tool.kind == API
    )


def article_by_slug(actor: Actor, slug: str) -> Article:
    """The article of that address. Raises NotFound when there is none, or the actor may not know of it."""
    query = select(Article).where(visible_articles(actor), Article.slug == slug)
    # PostgreSQL does not even compare with a text that holds NUL.
    article = db.session.scalar(query) if slug.isprintable() else None
    if article is None:
        raise NotFound
    return article


def article_for_update(actor: Actor, slug: str) -> Article:
    """The same for someone about to change it: the row is held, and read as it is now. Raises NotFound."""
    query = select(Article).where(visible_articles(actor), Article.slug == slug)
    held = query.with_for_update().execution_options(populate_existing=True)
    article = db.session.scalar(held) if slug.isprintable() else None
    if article is None:
        raise NotFound
    return article


def hits(actor: Actor, article_ids: Sequence[int]) -> list[ArticleHit]:
    """These articles, in this order, less those that the actor may not see. Three queries, none without any."""
    if not article_ids:
        return []
    rows = db.session.scalars(select(Article).where(visible_articles(actor), Article.id.in_(article_ids)))
    by_id = {hit.id: hit for hit in _as_hits(rows.all())}
    return [by_id[key] for key in article_ids if key in by_id]


def listing(
    actor: Actor,
    *,
    tool: str | None = None,
    kind: Kind | None = None,
    states: frozenset[State] = SHOWN_STATES,
    limit: int = 500,
) -> list[ArticleHit]:
    """The articles that the actor may see, by title; narrowed to a tool (its own first) or a kind."""
    query = select(Article).where(visible_articles(actor), Article.state.in_(states))
    if kind is not None:
        query = query.where(Article.kind == kind)
    if tool is not None:
        query = query.where(
            exists().where(ArticleTool.article_id == Article.id, ArticleTool.tool_code == tool)
        )
    return _as_hits(db.session.scalars(query.order_by(Article.title, Article.id).limit(limit)).all())


def uses_of(actor: Actor, subject_id: int) -> list[Usage]:
    """The articles that served a ticket, the last one first, that the actor may see."""
    query = (
        select(ArticleUse)
        .where(ArticleUse.partner_id == actor.partner_id, ArticleUse.subject_id == subject_id)
        .order_by(ArticleUse.used_at.desc(), ArticleUse.article_id)
    )
    rows = db.session.scalars(query).all()
    found = {hit.id: hit for hit in hits(actor, [row.article_id for row in rows])}
    return [
        Usage(found[row.article_id], row.subject_id, Use(row.use), row.used_at)
        for row in rows
        if row.article_id in found
    ]


def tools_of_article(article_id: int) -> tuple[str, ...]:
    """The codes of the tools that the article is about."""
    query = select(ArticleTool.tool_code).where(ArticleTool.article_id == article_id)
    return tuple(sorted(db.session.scalars(query)))


def helped_count(article_id: int) -> int:
    query = select(func.count()).select_from(Helped).where(Helped.article_id == article_id)
    return db.session.scalar(query) or 0


def has_helped(article_id: int, account_id: int | None) -> bool:
    """Whether that person said that the article helped."""
    query = select(Helped.article_id).where(Helped.article_id == article_id, Helped.account_id == account_id)
    return db.session.scalar(query) is not None


def revisions_of(article_id: int) -> Sequence[Revision]:
    """The revisions of an article that the caller has checked, the last one first."""
    query = select(Revision).where(Revision.article_id == article_id).order_by(Revision.number.desc())
    return db.session.scalars(query).all()


def revision(article_id: int, number: int) -> Revision:
    """Raises NotFound."""
    found = db.session.get(Revision, (article_id, number))
    if found is None:
        raise NotFound
    return found


def owners(actor: Actor, present: int | None = None) -> list[tuple[int, str]]:
    """Who may own an article: the active writers of the partner, and its present owner, by name."""
    return [
        (person.account_id, person.name)
        for person in people_of(actor.partner_id)
        if person.account_id == present or (person.active and _writes(actor, person))
    ]


def reviewers(article: Article) -> list[int]:
    """Who is told that the article must be read again: its owner if they still write here, else every writer."""
    actor = system_actor(article.partner_id)
    writers = [account_id for account_id, _ in owners(actor)]
    return [article.owner_id] if article.owner_id in writers else writers


def _writes(actor: Actor, person: PersonRow) -> bool:
    as_them = replace(actor, is_system=False, account_id=person.account_id, roles=frozenset(person.roles))
    return can(as_them, Permission.DOCUMENTATION_WRITE)


def tools_by_article(article_ids: Sequence[int]) -> Mapping[int, list[str]]:
    """The codes of the tools of each article, in order."""
    tools: dict[int, list[str]] = defaultdict(list)
    query = (
        select(ArticleTool.article_id, ArticleTool.tool_code)
        .where(ArticleTool.article_id.in_(article_ids))
        .order_by(ArticleTool.tool_code)
    )
    for article_id, code in db.session.execute(query):
        tools[article_id].append(code)
    return tools


def _as_hits(articles: Sequence[Article]) -> list[ArticleHit]:
    ids = [article.id for article in articles]
    tools = tools_by_article(ids)
    helped = dict(
        db.session.execute(
            select(Helped.article_id, func.count())
            .where(Helped.article_id.in_(ids))
            .group_by(Helped.article_id)
        )
        .tuples()
        .all()
    )
    return [
        ArticleHit(
            id=article.id,
            slug=article.slug,
            title=article.title,
            kind=Kind(article.kind),
            state=State(article.state),
            audience=Audience(article.audience),
            excerpt=excerpt(article.body),
            url=article.url,
            tools=tuple(tools.get(article.id, ())),
            helped=helped.get(article.id, 0),
            review_on=article.review_on,
            updated_at=article.updated_at,
        )
        for article in articles
    ]
