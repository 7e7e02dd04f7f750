"""Articles in the answers to tickets: canned answers to insert, articles to point to, and what was used."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from app.accounts.policy import Actor
from app.documentation.models import Article
from app.documentation.queries import tools_by_article, visible_articles
from app.documentation.rules import fill
from app.documentation.service import link_to_subject
from app.documentation.vocabulary import SHOWN_STATES, Audience, Kind, Use
from app.extensions import db
from app.kernel.errors import InvalidInput
from app.partners.models import Partner

ARTICLE_PATH = "/documentation/"
MOST_OFFERED = 500
_NAMED = re.compile(rf"{ARTICLE_PATH}([a-z0-9]+(?:-[a-z0-9]+)*)(?![\w/-])")


@dataclass(frozen=True, slots=True)
class Choice:
    """An article that may be inserted."""

    slug: str
    title: str


@dataclass(frozen=True)
class Choices:
    """What may be inserted in an answer: canned answers, and articles that its reader may open."""

    canned: tuple[Choice, ...]
    articles: tuple[Choice, ...]

    def __bool__(self) -> bool:
        return bool(self.canned or self.articles)


def choices(actor: Actor, tools: Collection[str]) -> Choices:
    """Those about the tools of the ticket first, then those about all of them, then the others. Two queries."""
    rows = db.session.execute(
        select(Article.id, Article.slug, Article.title, Article.kind)
        .where(
            visible_articles(actor),
            Article.state.in_(SHOWN_STATES),
            or_(Article.kind == Kind.CANNED, Article.audience == Audience.EVERYONE),
        )
        .order_by(Article.title, Article.id)
        .limit(MOST_OFFERED)
    ).all()
    about = tools_by_article([row.id for row in rows])

    def distance(article_id: int) -> int:
        if article_id not in about:
            return 1
        return 0 if set(about[article_id]) & set(tools) else 2

    nearest = sorted(rows, key=lambda row: distance(row.id))
    return Choices(
        canned=tuple(Choice(row.slug, row.title) for row in nearest if row.kind == Kind.CANNED),
        articles=tuple(Choice(row.slug, row.title) for row in nearest if row.kind != Kind.CANNED),
    )


def insertion(actor: Actor, slug: str, values: Mapping[str, str], *, public_url: str) -> str:
    """The text that the chosen article brings to an answer: a canned answer filled in, or a link to the article.

    `values` are those of the placeholders that the ticket knows (rules.PLACEHOLDERS).
    Raises InvalidInput for one that is not there.
    """
    article = _shown(actor, [slug]).get(slug)
    if article is None:
        raise InvalidInput("Choisissez une réponse type ou un article de la liste.", field="inserted")
    if article.kind == Kind.CANNED:
        partner = db.session.get_one(Partner, actor.partner_id)
        return fill(article.body, {**values, "partenaire": partner.name})
    return f"Voir l’article «\u00a0{article.title}\u00a0»\u00a0: {public_url}{ARTICLE_PATH}{article.slug}"


def note_uses(actor: Actor, subject_id: int, text: str, inserted: Iterable[str], *, now: datetime) -> None:
    """Count, for a ticket, the articles that an answer points to and the canned answers that it was made of."""
    pointed, canned = set(_NAMED.findall(text)), set(inserted)
    for slug, article in _shown(actor, pointed | canned).items():
        if slug in canned and article.kind == Kind.CANNED:
            link_to_subject(article, subject_id, Use.INSERTED, actor=actor, now=now)
        elif slug in pointed:
            link_to_subject(article, subject_id, Use.POINTED, actor=actor, now=now)


def _shown(actor: Actor, slugs: Collection[str]) -> dict[str, Article]:
    wanted = [slug for slug in slugs if slug.isprintable()]
    rows = db.session.scalars(
        select(Article).where(
            visible_articles(actor), Article.state.in_(SHOWN_STATES), Article.slug.in_(wanted)
        )
    )
    return {article.slug: article for article in rows}
