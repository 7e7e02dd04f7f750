"""Giving a workaround: its article, those it is sent to, and the event that says so. Commits nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Account, Membership
from app.accounts.policy import Permission, can
from app.accounts.queries import IN_FORCE
from app.extensions import db
from app.kernel.errors import InvalidInput, NotAllowed
from app.notifications.service import enqueue_letter
from app.notifications.vocabulary import Family
from app.tickets import events as e
from app.tickets import workaround_articles as articles
from app.tickets.desk import Desk
from app.tickets.group_queries import facts_under
from app.tickets.service import perform
from app.tickets.vocabulary import WorkaroundScope
from app.tickets.workaround_articles import Source

TEMPLATE = "workaround-known"


@dataclass(frozen=True)
class Offer:
    """A workaround as it is typed: `article` is the slug of an existing one, `new_title` that of one to write."""

    scope: WorkaroundScope
    text: str
    article: str = ""
    new_title: str = ""
    structures: tuple[int, ...] = ()


def give_workaround(
    desk: Desk,
    offer: Offer,
    *,
    at: datetime | None,
    seen: int | None,
    inform_group: bool,
    path_of: Callable[[str], str],
) -> e.WorkaroundGiven:
    """Record the workaround and send it once to each person concerned: the reporters, those who said « moi aussi »,
    the people of the structures that were chosen.

    `path_of` gives the page of an article by its slug, and that of the state of the tools for an empty one.

    Raises as `service.perform` does, and InvalidInput for an article that may not be used.
    """
    actor, now = desk.actor, desk.now
    source = _source(desk, offer)
    reporters, others = _concerned(desk, offer, inform_group=inform_group)
    event = e.WorkaroundGiven(
        scope=offer.scope,
        text=offer.text,
        article=source.slug if source else "",
        article_title=source.title if source else "",
        structures=offer.structures,
        told=len(reporters | others),
    )
    perform(desk.reference, event, actor=actor, now=now, occurred_at=at, seen=seen, inform_group=inform_group)
    if source is not None:
        articles.note_use(actor, source, desk.ticket.id, now=now)
    _send(desk, event, others, path_of(event.article))
    return event


def _source(desk: Desk, offer: Offer) -> Source | None:
    if offer.article and offer.new_title:
        raise InvalidInput(
            "Choisissez un article, ou faites-en un de ce texte\u00a0: pas les deux.", field="article"
        )
    if offer.article:
        return articles.existing(desk.actor, offer.article)
    if not offer.new_title:
        return None
    if not can(desk.actor, Permission.DOCUMENTATION_WRITE):
        raise NotAllowed
    return articles.written(desk.actor, offer.new_title, offer.text, desk.facts.tools, now=desk.now)


# --- Those concerned -------------------------------------------------------------------------------------


def touched_structures(desk: Desk) -> list[int]:
    """The structures of the ticket, of its reports and of those who called or joined."""
    reports = facts_under(desk.actor, desk.reference)
    called = [record.event.structure_id for record in desk.records if isinstance(record.event, e.PlusOne)]
    found = [desk.facts.structure_id, *(report.structure_id for report in reports), *called]
    return list(dict.fromkeys(key for key in found if key is not None))


def _concerned(desk: Desk, offer: Offer, *, inform_group: bool) -> tuple[frozenset[int], frozenset[int]]:
    """The reporters, whom their own ticket tells; then the others. All can be written to; never who acts."""
    reports = facts_under(desk.actor, desk.reference) if inform_group else []
    reporters = {desk.facts.reporter_id, *(report.reporter_id for report in reports)}
    others = desk.facts.everyone_joined | _people_of(desk.ticket.partner_id, offer.structures)
    written = _reachable(desk.ticket.partner_id, {*reporters, *others})
    known = written - {desk.actor.account_id}
    return frozenset(known & reporters), frozenset(known - reporters)


def _people_of(partner_id: int, structures: Collection[int]) -> set[int]:
    if not structures:
        return set()
    people = select(Membership.account_id).where(
        Membership.partner_id == partner_id, Membership.structure_id.in_(structures), IN_FORCE
    )
    return set(db.session.scalars(people))


def _reachable(partner_id: int, accounts: Iterable[int | None]) -> set[int]:
    """Those of them who have an address and still belong to the partner."""
    member = select(Membership.account_id).where(Membership.partner_id == partner_id)
    query = select(Account.id).where(
        Account.id.in_([key for key in accounts if key is not None]),
        Account.active,
        Account.email.is_not(None),
        Account.id.in_(member),
    )
    return set(db.session.scalars(query))


def _send(desk: Desk, event: e.WorkaroundGiven, accounts: Collection[int], path: str) -> None:
    names = desk.names()
    context = {
        "tools": ", ".join(names.tool(code) for code in desk.facts.tools),
        "text": event.text,
        "total": event.scope is WorkaroundScope.TOTAL,
        "article": event.article_title,
    }
    for account_id in sorted(accounts):
        enqueue_letter(
            account_id=account_id,
            template=TEMPLATE,
            context=context,
            path=path,
            now=desk.now,
            partner_id=desk.ticket.partner_id,
            family=Family.TICKETS,
        )
