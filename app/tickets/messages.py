"""Who is told what when something happens to a ticket.

`notices` decides, from facts alone; `notify` puts the mails in the outbox. A mail says in one sentence what
happened and where to read it; of the ticket's own words it repeats only what was written to be sent.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.notifications.service import enqueue
from app.notifications.vocabulary import Family
from app.tickets import events as e
from app.tickets.facts import Facts
from app.tickets.models import Ticket
from app.tickets.vocabulary import BEFORE_FT, ENDED, News, State, WorkaroundScope


class Template(StrEnum):
    """The mails about a ticket: folders of `templates/mail/`."""

    # to the reporter
    RECEIVED = "received"
    RECEIVED_RESTRICTED = "received-restricted"
    QUESTION = "question"
    ANSWERED = "answered"
    WITH_FT = "with-france-travail"
    WORKAROUND = "workaround"
    WORKAROUND_WITHDRAWN = "workaround-withdrawn"
    SERVICE_BACK = "service-back"
    NOT_BACK = "not-back"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    DUPLICATE = "duplicate"
    DETACHED = "detached"
    REOPENED = "reopened"
    # to the assignee
    ASSIGNED = "assigned"
    USER_REPLIED = "user-replied"
    VERDICT = "verdict"
    # to both
    COMMENTED = "commented"


# What waits for the person, or must stop them at once, whatever they chose about their mails.
PRESSING = frozenset({Template.QUESTION, Template.SERVICE_BACK, Template.WORKAROUND_WITHDRAWN})


@dataclass(frozen=True)
class Notice:
    """Someone must be told: `template` says what, `context` holds what the sentence needs."""

    account_id: int
    template: Template
    context: Mapping[str, Any] = field(default_factory=dict)


def notify(
    ticket: Ticket, before: Facts | None, after: Facts, record: e.Recorded, told: Collection[int] = ()
) -> frozenset[int]:
    """Queue the mails that this event owes to the people it matters to, less those `told` of it already.

    Returns those whom it tells.
    """
    if after.duplicate_of:
        after = replace(after, assignee_id=_in_charge_of(ticket.partner_id, after.duplicate_of))
    owed = [notice for notice in notices(before, after, record) if notice.account_id not in told]
    for notice in owed:
        enqueue(
            partner_id=ticket.partner_id,
            subject_id=ticket.id,
            sequence=record.sequence,
            account_id=notice.account_id,
            template=notice.template,
            context=notice.context,
            now=record.recorded_at,
            family=None if after.restricted or notice.template in PRESSING else Family.TICKETS,
        )
    return frozenset(notice.account_id for notice in owed)


def _in_charge_of(partner_id: int, reference: str) -> int | None:
    """Who follows the main ticket: what a grouped reporter says is for them."""
    main = select(Ticket.assignee_id).where(Ticket.partner_id == partner_id, Ticket.reference == reference)
    return db.session.scalar(main)


def notices(before: Facts | None, after: Facts, record: e.Recorded) -> list[Notice]:
    """Who is told what about this event. Nobody is told of their own act, nor twice of the same."""
    if before is None:
        return list(_received(after))
    # What happens to a restricted ticket travels by no mail: its reporter has had a receipt, and that is all.
    table = _TOLD_WHEN_RESTRICTED if after.restricted else _TOLD
    decide = table.get(type(record.event), _nobody)
    told = {notice.account_id: notice for notice in decide(before, after, record.event)}
    return [notice for notice in told.values() if notice.account_id != record.actor_id]


def _to_reporter(facts: Facts, template: Template, **context: Any) -> Iterator[Notice]:
    if facts.reporter_id is not None:
        yield Notice(facts.reporter_id, template, context)


def _to_assignee(facts: Facts, template: Template, **context: Any) -> Iterator[Notice]:
    if facts.assignee_id is not None:
        yield Notice(facts.assignee_id, template, context)


def _nobody(_before: Facts, _after: Facts, _event: Any) -> Iterator[Notice]:
    return iter(())


def _received(after: Facts) -> Iterator[Notice]:
    """The receipt is the desk's answer: whoever filed keeps it, even for their own filing."""
    return _to_reporter(after, Template.RECEIVED_RESTRICTED if after.restricted else Template.RECEIVED)


def _assigned(before: Facts, after: Facts, _event: Any) -> Iterator[Notice]:
    if after.assignee_id != before.assignee_id:
        yield from _to_assignee(after, Template.ASSIGNED)


def _commented(_before: Facts, after: Facts, event: e.Commented) -> Iterator[Notice]:
    if not event.internal:
        yield from _to_assignee(after, Template.COMMENTED)
        yield from _to_reporter(after, Template.COMMENTED)


def _asked(_before: Facts, after: Facts, event: e.UserAsked) -> Iterator[Notice]:
    return _to_reporter(after, Template.QUESTION, text=event.text)


def _replied(_before: Facts, after: Facts, _event: e.UserReplied) -> Iterator[Notice]:
    return _to_assignee(after, Template.USER_REPLIED)


def _verdict(_before: Facts, after: Facts, event: e.UserVerdict) -> Iterator[Notice]:
    return _to_assignee(after, Template.VERDICT, works=event.works)


def _answered(_before: Facts, after: Facts, event: e.Answered) -> Iterator[Notice]:
    return _to_reporter(after, Template.ANSWERED, text=event.text)


def _with_ft(before: Facts, after: Facts, _event: Any) -> Iterator[Notice]:
    if before.state in BEFORE_FT:
        yield from _to_reporter(after, Template.WITH_FT)


def _workaround(_before: Facts, after: Facts, event: e.WorkaroundGiven | e.Relayed) -> Iterator[Notice]:
    total = event.scope is WorkaroundScope.TOTAL
    return _to_reporter(after, Template.WORKAROUND, text=event.text, total=total, article=event.article_title)


def _grouped(before: Facts, after: Facts, _event: Any) -> Iterator[Notice]:
    """Who was told that it is over is not told that it goes on elsewhere."""
    if before.state not in ENDED:
        yield from _to_reporter(after, Template.DUPLICATE)


def _detached(before: Facts, after: Facts, _event: Any) -> Iterator[Notice]:
    if after.state not in ENDED:
        yield from _to_reporter(after, Template.DETACHED)


def _relayed(before: Facts, after: Facts, event: e.Relayed) -> Iterator[Notice]:
    """What the main ticket's own reporter is told, to this one."""
    match event.news:
        case News.WORKAROUND:
            yield from _workaround(before, after, event)
        case News.ANSWERED:
            yield from _to_reporter(after, Template.ANSWERED, text=event.text)
        case news:
            yield from _to_reporter(after, _RELAYED[news])


def _service_back(before: Facts, after: Facts, _event: Any) -> Iterator[Notice]:
    """Announced, then observed: the reporter is asked to try once."""
    if after.state is State.RESTORED and before.state is not State.RESTORED:
        yield from _to_reporter(after, Template.SERVICE_BACK)


def _always(template: Template) -> Decider:
    return lambda _before, after, _event: _to_reporter(after, template)


Decider = Callable[[Facts, Facts, Any], Iterator[Notice]]

# What is not here is told to nobody: the page says it to whoever follows the ticket.
_RELAYED: Mapping[News, Template] = {
    News.MESSAGE: Template.COMMENTED,
    News.WORKAROUND_WITHDRAWN: Template.WORKAROUND_WITHDRAWN,
    News.SERVICE_BACK: Template.SERVICE_BACK,
    News.NOT_BACK: Template.NOT_BACK,
    News.RESOLVED: Template.RESOLVED,
    News.CLOSED: Template.CLOSED,
    News.CANCELLED: Template.CANCELLED,
    News.REOPENED: Template.REOPENED,
}
_TOLD: Mapping[type[e.TicketEvent], Decider] = {
    e.Taken: _assigned,
    e.Assigned: _assigned,
    e.Commented: _commented,
    e.UserAsked: _asked,
    e.UserReplied: _replied,
    e.UserVerdict: _verdict,
    e.Answered: _answered,
    e.Transmitted: _with_ft,
    e.FtInformed: _with_ft,
    e.WorkaroundGiven: _workaround,
    e.WorkaroundWithdrawn: _always(Template.WORKAROUND_WITHDRAWN),
    e.ReturnAnnounced: _service_back,
    e.ReturnObserved: _service_back,
    e.FtClosed: _service_back,
    e.ReturnRefused: _always(Template.NOT_BACK),
    e.ReturnConfirmed: _always(Template.RESOLVED),
    e.Closed: _always(Template.CLOSED),
    e.Cancelled: _always(Template.CANCELLED),
    e.DuplicateMarked: _grouped,
    e.Detached: _detached,
    e.Relayed: _relayed,
    e.Reopened: _always(Template.REOPENED),
}
_TOLD_WHEN_RESTRICTED: Mapping[type[e.TicketEvent], Decider] = {e.Taken: _assigned, e.Assigned: _assigned}
