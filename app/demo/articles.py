"""The documentation of the demonstration: the articles of `articles/`, and fourteen months of their use.

The files have the format of the base's own export (app/documentation/front_matter.py).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from app.accounts.policy import Actor, Role
from app.config import ROOT
from app.demo.world import Place, World
from app.documentation import service
from app.documentation.front_matter import ArticleFile, read
from app.documentation.models import Article
from app.documentation.queries import tools_of_article
from app.documentation.vocabulary import SHOWN_STATES, Audience, Kind, State, Use
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.text import tokens
from app.partners.queries import tools_of
from app.tickets.models import Ticket, TicketTool
from app.tickets.vocabulary import State as TicketState

OLDEST = timedelta(days=400)
FOLDER = ROOT / "app" / "demo" / "articles"
# Counted again and again without an answer: what the base still lacks.
MISSES = (
    ("changer mon numéro de téléphone", 7),
    ("double authentification perdue", 5),
    ("imprimer la synthèse", 4),
    ("planning des formations", 2),
    ("contrat d’engagement signature", 2),
)
# What was added to an article once it had been read: article, words sought, words put there, why.
REWORDED = (
    (
        "habilitation-suspendue-apres-deux-mois",
        "- Votre mot de passe est accepté.",
        "- Votre mot de passe est accepté : ProConnect, lui, n’est pas en cause.",
        "Précision demandée par l’accueil",
    ),
    (
        "page-blanche-apres-la-connexion",
        "3. Essayez un **autre navigateur**, à jour.",
        "3. Essayez un **autre navigateur**, à jour, sans extension.",
        "Les extensions étaient en cause trois fois ce mois-ci",
    ),
    (
        "api-429-trop-d-appels",
        "1. Attendre le temps donné par `Retry-After`, puis reprendre.",
        "1. Attendre le temps donné par `Retry-After`, en secondes, puis reprendre au même endroit.",
        "Retour de l’éditeur",
    ),
)
SERVED_AT_MOST, HELPED_AT_MOST = 4, 9
REVIEW_EVERY = timedelta(days=180)


def write_documentation(world: World, until: datetime) -> None:
    """Write the articles of each partner, and live with them until the end of the tale."""
    files = {path.stem: read(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.md"))}
    rng = Random(len(files))  # noqa: S311 - a tale, the same each time
    with transaction():
        for place in world.places:
            known = {tool.code for tool in tools_of(place.partner_id)}
            first = (until - OLDEST).replace(hour=8, minute=20)
            for number, (slug, file) in enumerate(files.items()):
                _write(place, slug, file, known, first + timedelta(days=2 * number, minutes=number))
            _reword(place, until, rng)
            for article in db.session.scalars(
                select(Article).where(Article.partner_id == place.partner_id).order_by(Article.id)
            ).all():
                _live(article, place, until, rng)
            _search_in_vain(place, until, rng)


def _reword(place: Place, until: datetime, rng: Random) -> None:
    for slug, sought, put, why in REWORDED:
        article = _article(place, slug)
        if article is not None:
            text = service.text_of(article, body=article.body.replace(sought, put))
            now = until - timedelta(days=rng.randint(5, 90))
            service.change(slug, text, actor=_writer(place), now=now, note=why)


def _search_in_vain(place: Place, until: datetime, rng: Random) -> None:
    for words, count in MISSES:
        folded = [token.surface for token in tokens(words)]
        for day in sorted((rng.randint(0, 30) for _ in range(count)), reverse=True):
            service.note_search_miss(place.partner_id, folded, until - timedelta(days=day))


def _write(place: Place, slug: str, file: ArticleFile, known: set[str], now: datetime) -> None:
    tools = tuple(code for code in file.text.tools if code in known)
    if file.text.tools and not tools:
        return  # nothing of it is in the partner's conventions
    text = replace(file.text, tools=tools)
    article = service.create(text, actor=_writer(place), now=now, slug=slug)
    service.place(article, file.state, actor=_writer(place), now=now)


def _live(article: Article, place: Place, until: datetime, rng: Random) -> None:
    if article.state not in SHOWN_STATES:
        return
    article.review_on = (until + timedelta(days=rng.randint(-20, 170))).date()
    article.reminded_for = None
    if rng.random() < 0.06:
        service.move(article.slug, State.TO_REVIEW, actor=_writer(place), now=until - timedelta(days=2))
    if article.audience == Audience.EVERYONE:
        readers = [person.actor for person in place.with_role(Role.USER)]
        for reader in rng.sample(readers, min(len(readers), rng.randint(0, HELPED_AT_MOST))):
            service.mark_helped(article.slug, actor=reader, now=until - timedelta(days=rng.randint(1, 300)))
    use = Use.INSERTED if article.kind == Kind.CANNED else Use.POINTED
    for ticket_id, closed_at in _served(article, rng):
        service.link_to_subject(article, ticket_id, use, actor=_writer(place), now=closed_at)


def _served(article: Article, rng: Random) -> list[tuple[int, datetime]]:
    """Some closed tickets about the tools of the article."""
    tools = tools_of_article(article.id)
    query = (
        select(Ticket.id, Ticket.closed_at)
        .where(
            Ticket.partner_id == article.partner_id,
            Ticket.state == TicketState.CLOSED,
            Ticket.closed_at.is_not(None),
            ~Ticket.restricted,
            Ticket.id.in_(select(TicketTool.ticket_id).where(TicketTool.tool_code.in_(tools))),
        )
        .order_by(Ticket.id)
    )
    rows = [(ticket_id, closed_at) for ticket_id, closed_at in db.session.execute(query) if closed_at]
    return rng.sample(rows, min(len(rows), rng.randint(0, SERVED_AT_MOST)))


def _article(place: Place, slug: str) -> Article | None:
    query = select(Article).where(Article.partner_id == place.partner_id, Article.slug == slug)
    return db.session.scalar(query)


def _writer(place: Place) -> Actor:
    return place.with_role(Role.CORRESPONDENT)[0].actor
