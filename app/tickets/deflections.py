"""Answering before a ticket is filed: what may answer someone who is typing, and what did. Commits nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.accounts.policy import Actor, Permission, can
from app.documentation.models import Helped
from app.documentation.queries import article_by_slug
from app.documentation.search import FoundArticle, suggest
from app.documentation.service import mark_helped
from app.extensions import db
from app.kernel.errors import NotFound
from app.kernel.text import tokens
from app.kernel.words import Wanted
from app.tickets.deflection_models import Deflection
from app.tickets.incidents import OngoingIncident, ongoing_incidents
from app.tickets.models import Ticket
from app.tickets.workarounds import WorkaroundRow, active_workarounds

# Two words say too little of what happens.
FEWEST_WORDS = 3
_LOOKED_AT = 1_000
# Before a tool is chosen, those that hit most people.
_INCIDENTS_OF_ALL_TOOLS = 3
_CAN_BE_TAKEN_BACK = timedelta(hours=1)


@dataclass(frozen=True)
class Answers:
    """What may answer: the incidents under way and the workarounds of the tools, the articles for the words.

    `asked`: enough was typed to look for articles.
    """

    incidents: tuple[OngoingIncident, ...]
    workarounds: tuple[WorkaroundRow, ...]
    articles: tuple[FoundArticle, ...]
    asked: bool

    def __bool__(self) -> bool:
        return bool(self.incidents or self.workarounds or self.articles)


def answers_for(actor: Actor, typed: str, tool_codes: Collection[str], tool: str | None) -> Answers:
    """What may answer someone of these tools who types this, having chosen `tool` or none yet.

    What is typed serves this search and is forgotten.
    """
    typed = typed[:_LOOKED_AT]
    asked = len(tokens(typed)) >= FEWEST_WORDS and can(actor, Permission.DOCUMENTATION_READ)
    concerned = {tool} if tool else set(tool_codes)
    return Answers(
        incidents=ongoing_incidents(actor, concerned)[: None if tool else _INCIDENTS_OF_ALL_TOOLS],
        workarounds=active_workarounds(actor, concerned),
        articles=suggest(actor, Wanted(typing=typed), tool=tool) if asked else (),
        asked=asked,
    )


def found_in_article(slug: str, *, tool: str | None, actor: Actor, now: datetime) -> Deflection:
    """Count that an article answered, and that it helped this person. Raises NotFound."""
    article = article_by_slug(actor, slug)
    mark_helped(slug, actor=actor, now=now)
    return _count(actor, now, tool, article_id=article.id)


def found_in_workaround(
    reference: str, tool_codes: Collection[str], *, tool: str | None, actor: Actor, now: datetime
) -> Deflection:
    """Count that the workaround of an incident under way answered. Raises NotFound."""
    if reference not in {row.reference for row in active_workarounds(actor, tool_codes)}:
        raise NotFound
    ticket_id = db.session.scalars(select(Ticket.id).where(Ticket.reference == reference)).one()
    return _count(actor, now, tool, ticket_id=ticket_id)


def take_back(actor: Actor, now: datetime) -> None:
    """« Finalement non »: the last answer that the person said to have found, not long ago, was none."""
    last = db.session.scalar(
        select(Deflection)
        .where(
            Deflection.partner_id == actor.partner_id,
            Deflection.account_id == actor.account_id,
            Deflection.at > now - _CAN_BE_TAKEN_BACK,
        )
        .order_by(Deflection.at.desc(), Deflection.id.desc())
        .limit(1)
    )
    if last is None:
        return
    helped = db.session.get(Helped, (last.article_id, actor.account_id)) if last.article_id else None
    if helped is not None and helped.at == last.at:
        db.session.delete(helped)
    db.session.delete(last)


def _count(
    actor: Actor,
    now: datetime,
    tool: str | None,
    *,
    article_id: int | None = None,
    ticket_id: int | None = None,
) -> Deflection:
    assert actor.account_id is not None, "the desk itself has no question"
    counted = Deflection(
        partner_id=actor.partner_id,
        account_id=actor.account_id,
        article_id=article_id,
        ticket_id=ticket_id,
        tool_code=tool,
        at=now,
    )
    db.session.add(counted)
    db.session.flush()
    return counted
