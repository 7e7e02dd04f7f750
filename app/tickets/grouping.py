"""One incident, several reports: keeping both sides of a group in step, and telling its reporters once.

Every consequence lands in the transaction of the act that caused it. Nothing here commits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from sqlalchemy import select

from app.accounts.policy import Actor, check
from app.extensions import db
from app.journal.models import Event, Subject
from app.kernel.errors import Stale
from app.notifications.service import enqueue_letter
from app.notifications.vocabulary import Family
from app.partners.queries import tools_by_code
from app.tickets import events as e
from app.tickets.chain import Opened, append, open_ticket
from app.tickets.facts import Facts
from app.tickets.fold import fold
from app.tickets.groups import check_grouping, report_of
from app.tickets.models import Ticket
from app.tickets.news import relayed
from app.tickets.permissions import permission_for
from app.tickets.queries import scope_of
from app.tickets.rules import check_report
from app.tickets.vocabulary import Kind

SERVICE_RESTORED = "service-restored"
# A neutral reason: nothing tells the reporters that the main ticket became a restricted one.
FOLLOWED_APART = "Suivie à part."


def hold(actor: Actor, references: Iterable[str]) -> frozenset[str]:
    """Hold these tickets until the end of the transaction, always in one order: no two acts wait for each other."""
    wanted = frozenset(references)
    tickets = select(Ticket.id).where(Ticket.partner_id == actor.partner_id, Ticket.reference.in_(wanted))
    held = db.session.scalars(tickets.order_by(Ticket.id).with_for_update()).all()
    # The journal is sealed in the order of the references.
    chains = select(Subject.id).where(Subject.id.in_(held)).order_by(Subject.reference)
    db.session.scalars(chains.with_for_update()).all()
    return wanted


def hold_for(actor: Actor, reference: str, event: e.TicketEvent, *, inform_group: bool) -> frozenset[str]:
    """Hold every ticket that the act reaches besides its own, if there are any; their references."""
    if isinstance(event, e.DuplicateMarked | e.Detached):
        return hold(actor, [reference, event.of])
    if inform_group or _hides(event):
        return hold(actor, [reference, *references_under(actor.partner_id, reference)])
    return frozenset()


def hold_for_correction(actor: Actor, reference: str) -> None:
    """The same for a correction, which may move what a report brought, or undo a grouping."""
    marked = (
        select(Event.payload["of"].as_string())
        .join(Ticket, Ticket.id == Event.subject_id)
        .where(
            Ticket.partner_id == actor.partner_id,
            Ticket.reference == reference,
            Event.type == e.DuplicateMarked.type,
        )
    )
    mains = [main for main in db.session.scalars(marked) if main]
    if mains:
        hold(actor, [reference, *mains])


def references_under(partner_id: int, reference: str) -> list[str]:
    """The tickets that are followed under this one."""
    under = select(Ticket.reference).where(Ticket.partner_id == partner_id, Ticket.duplicate_of == reference)
    return list(db.session.scalars(under.order_by(Ticket.filed_at, Ticket.id)))


def tell_main(report: Opened, after: Facts, attempted: e.Recorded, *, actor: Actor, reason: str = "") -> None:
    """Bring the main ticket up to what became of one of its reports.

    Raises NotFound, NotAllowed, InvalidInput on the field `of`, or Impossible when the main ticket rests on what
    the report had brought.
    """
    former, current = report.facts.duplicate_of, after.duplicate_of
    desk = _with_the_rights_of_the_desk(actor)
    if former and former != current:
        gone = e.ReportDetached(reference=report.reference, reason=reason)
        _record_on(open_ticket(former, gone, desk), gone, attempted)
    if current:
        told = report_of(report.reference, after)
        # Whoever groups must be allowed to act on both; what follows later is a mere consequence.
        main = open_ticket(current, told, desk if former == current else actor)
        if main.facts.reports.get(report.reference) != told:
            check_grouping(after, main.facts)
            _record_on(main, told, attempted)


def inform(
    main: Opened,
    after: Facts,
    attempted: e.Recorded,
    told: Collection[int],
    *,
    actor: Actor,
    held: Collection[str],
) -> frozenset[int]:
    """Relay what happened on the main ticket to the reporters grouped under it, each person once.

    `told` are those that know of it already; all that know are returned. Raises NotAllowed, or Stale when a report
    joined in between.
    """
    known = frozenset(told)
    news = relayed(main.reference, main.facts, after, attempted.event)
    if news is None:
        return known
    check(actor, permission_for(news, main.ticket.kind), scope_of(main.ticket))
    for report in _reports_under(main, held, actor):
        known |= _record_on(report, news, attempted, known)
    return known


def tell_joined(opened: Opened, after: Facts, attempted: e.Recorded, told: Collection[int]) -> None:
    """Those who said « moi aussi » have no ticket to read: a letter tells them that the service is back."""
    if not isinstance(attempted.event, e.ReturnConfirmed) or after.restricted:
        return
    people = after.everyone_joined - {attempted.actor_id, *told}
    if not people:
        return
    names = [tool.name for tool in tools_by_code(after.tools, opened.ticket.partner_id)]
    for account_id in sorted(people):
        enqueue_letter(
            account_id=account_id,
            template=SERVICE_RESTORED,
            context={"tools": ", ".join(names)},
            path="/",
            family=Family.TICKETS,
            now=attempted.recorded_at,
            partner_id=opened.ticket.partner_id,
        )


def release_all(main: Opened, attempted: e.Recorded, *, actor: Actor, held: Collection[str]) -> None:
    """A ticket that becomes restricted is followed alone: its reports stand again by themselves."""
    for report in _reports_under(main, held, actor):
        _record_on(report, e.Detached(of=main.reference, reason=FOLLOWED_APART), attempted)
        gone = e.ReportDetached(reference=report.reference, reason=FOLLOWED_APART)
        _record_on(open_ticket(main.reference, gone, _with_the_rights_of_the_desk(actor)), gone, attempted)


def _reports_under(main: Opened, held: Collection[str], actor: Actor) -> list[Opened]:
    references = references_under(main.ticket.partner_id, main.reference)
    if not set(references) <= set(held):
        raise Stale
    desk = _with_the_rights_of_the_desk(actor)
    of_the_desk = e.Detached(of=main.reference, reason=FOLLOWED_APART)
    return [open_ticket(reference, of_the_desk, desk) for reference in references]


def _with_the_rights_of_the_desk(actor: Actor) -> Actor:
    """The same person in the journal, past the policy: for the consequences of what they may do."""
    return replace(actor, is_system=True)


def _record_on(
    opened: Opened, event: e.TicketEvent, attempted: e.Recorded, told: Collection[int] = ()
) -> frozenset[int]:
    record = _next(opened, event, attempted)
    if isinstance(event, e.ReportGrouped | e.ReportDetached):
        after = check_report(opened.records, record)
    else:
        after = fold([*opened.records, record])
    return append(opened, record, after, told)


def _next(opened: Opened, event: e.TicketEvent, attempted: e.Recorded) -> e.Recorded:
    """The event that follows on another ticket, at the same moment, by the same person."""
    return e.Recorded(
        opened.records[-1].sequence + 1,
        event,
        attempted.occurred_at,
        attempted.recorded_at,
        attempted.actor_id,
    )


def _hides(event: e.TicketEvent) -> bool:
    return isinstance(event, e.Classified) and event.kind is Kind.SECURITY
