"""The article behind a workaround: one that exists, or one written in the same gesture; to be read again at its end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import exists, select

from app.accounts.policy import Actor, Permission, can
from app.documentation import service as documentation
from app.documentation.models import Article, ArticleUse
from app.documentation.queries import ArticleHit, article_by_slug, listing
from app.documentation.rules import ArticleText
from app.documentation.vocabulary import SHOWN_STATES, Audience, Kind, State, Use
from app.extensions import db
from app.kernel.errors import InvalidInput, NotFound
from app.tickets.facts import Facts
from app.tickets.models import ActiveWorkaround, Ticket

# What may tell how to do meanwhile: neither a link elsewhere nor the half of an answer.
KINDS = (Kind.WORKAROUND, Kind.KNOWN_ERROR, Kind.HOW_TO)
_FIELDS = {"body": "text", "title": "article_title", "tools": None}


@dataclass(frozen=True)
class Source:
    """The slug and title of an article."""

    slug: str
    title: str


def usable_articles(actor: Actor, tools: tuple[str, ...]) -> list[ArticleHit]:
    """Every published workaround, then the other articles about these tools, that everyone reads."""
    found = {hit.slug: hit for hit in listing(actor, kind=Kind.WORKAROUND)}
    for tool in tools:
        found |= {hit.slug: hit for hit in listing(actor, tool=tool) if hit.kind in KINDS}
    return [hit for hit in found.values() if hit.audience is Audience.EVERYONE]


def existing(actor: Actor, slug: str) -> Source:
    """Raises InvalidInput for an article that those concerned could not read."""
    try:
        article = article_by_slug(actor, slug)
    except NotFound:
        article = None
    if article is None or article.state not in SHOWN_STATES or article.audience != Audience.EVERYONE:
        raise InvalidInput("Cet article n’est pas publié pour tout le monde.", field="article")
    return Source(article.slug, article.title)


def written(actor: Actor, title: str, text: str, tools: tuple[str, ...], *, now: datetime) -> Source:
    """Write and publish a workaround. Raises NotAllowed, and InvalidInput on the field of the form that is wrong."""
    try:
        words = ArticleText(
            title=title, body=text, kind=Kind.WORKAROUND, tools=tools, owner_id=actor.account_id
        )
        article = documentation.create(words, actor=actor, now=now)
        documentation.publish(article.slug, actor=actor, now=now)
    except InvalidInput as refusal:
        raise InvalidInput(refusal.message, field=_FIELDS.get(refusal.field or "", "text")) from refusal
    return Source(article.slug, article.title)


def note_use(actor: Actor, source: Source, ticket_id: int, *, now: datetime) -> None:
    """The page of the article tells that it served this ticket, and the page of the ticket names the article."""
    article = article_by_slug(actor, source.slug)
    documentation.link_to_subject(article, ticket_id, Use.WORKAROUND, actor=actor, now=now)


def retire(before: Facts, after: Facts, *, actor: Actor, now: datetime) -> None:
    """Flag the article of a workaround that serves no more, unless another incident still rests on it."""
    served, serves = before.active_workaround, after.active_workaround
    if served is None or not served.article or (serves is not None and serves.article == served.article):
        return
    desk = replace(actor, is_system=True)
    article = db.session.scalar(
        select(Article).where(Article.partner_id == actor.partner_id, Article.slug == served.article)
    )
    if article is None or article.state != State.PUBLISHED or _serves_elsewhere(actor, served.article):
        return
    documentation.move(served.article, State.TO_REVIEW, actor=desk, now=now)


@dataclass(frozen=True, slots=True)
class ToArchive:
    """An article that served an incident now mended: to be read again, or archived."""

    slug: str
    title: str
    reference: str


def to_archive(actor: Actor) -> tuple[ToArchive, ...]:
    """The workarounds that serve no more, with the last incident of each, for those who write articles. One query."""
    if not can(actor, Permission.DOCUMENTATION_WRITE):
        return ()
    rows = db.session.execute(
        select(Article.slug, Article.title, Ticket.reference)
        .join(ArticleUse, ArticleUse.article_id == Article.id)
        .join(Ticket, Ticket.id == ArticleUse.subject_id)
        .where(
            Article.partner_id == actor.partner_id,
            Article.state == State.TO_REVIEW,
            ArticleUse.use == Use.WORKAROUND,
        )
        .order_by(Article.title, ArticleUse.used_at)
    )
    return tuple({row.slug: ToArchive(row.slug, row.title, row.reference) for row in rows}.values())


def _serves_elsewhere(actor: Actor, slug: str) -> bool:
    """The row of the ticket itself is up to date already."""
    other = exists().where(ActiveWorkaround.partner_id == actor.partner_id, ActiveWorkaround.article == slug)
    return bool(db.session.scalar(select(other)))
