"""What was answered before it became a ticket, and who joined what goes on: the demonstration's last touch."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from app.accounts.policy import Role
from app.demo.world import Place, World
from app.documentation.models import Article
from app.documentation.queries import tools_of_article
from app.documentation.vocabulary import SHOWN_STATES, Audience
from app.extensions import db
from app.infra.tx import transaction
from app.tickets.deflections import found_in_article
from app.tickets.filing import join_incident, tools_for
from app.tickets.incidents import ongoing_incidents

_MONTHS = timedelta(days=180)
_ANSWERED_AT_MOST = 5
_JOINING = 2


def answer_beforehand(world: World, until: datetime) -> None:
    """Some articles spared a ticket now and then; some colleagues are hit by what goes on too."""
    rng = Random(len(world.places))  # noqa: S311 - a tale, the same each time
    with transaction():
        for place in world.places:
            _find_answers(place, until, rng)
            _join(place, until)


def _find_answers(place: Place, until: datetime, rng: Random) -> None:
    users = place.with_role(Role.USER)
    articles = db.session.scalars(
        select(Article)
        .where(
            Article.partner_id == place.partner_id,
            Article.state.in_(SHOWN_STATES),
            Article.audience == Audience.EVERYONE,
        )
        .order_by(Article.id)
    ).all()
    for article in articles:
        tool = next(iter(tools_of_article(article.id)), None)
        for _ in range(rng.randint(0, _ANSWERED_AT_MOST)):
            at = until - _MONTHS * rng.random()
            found_in_article(article.slug, tool=tool, actor=rng.choice(users).actor, now=at)


def _join(place: Place, until: datetime) -> None:
    """The incident that hits most people hits some more."""
    joined = 0
    for person in place.with_role(Role.USER):
        incidents = ongoing_incidents(person.actor, {tool.code for tool in tools_for(person.actor)})
        free = [one for one in incidents if not one.own and not one.joined and one.filed_at <= until]
        if free and joined < _JOINING and len(person.actor.structure_ids) < 2:
            join_incident(free[0].reference, actor=person.actor, now=until)
            joined += 1
