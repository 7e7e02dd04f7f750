"""Acting on tickets: file one, record what happens to it, correct a wrong time.

Each verb decides with the pure rules, records events (`chain.py`), and brings a group up to them (`grouping.py`).
None commits.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from app.accounts.policy import Actor, Permission, check
from app.accounts.policy import Scope as PolicyScope
from app.accounts.queries import check_member
from app.extensions import db
from app.journal.service import open_subject
from app.kernel.clock import to_minute
from app.kernel.errors import InvalidInput, Stale
from app.kernel.personal_data import refuse_nir
from app.kernel.reference import new_reference
from app.partners.models import Partner
from app.partners.queries import find_convention, tools_by_code
from app.partners.service import choose_convention
from app.tickets import events as e
from app.tickets import grouping
from app.tickets.chain import append, open_ticket, refuse_personal_data, write_event
from app.tickets.fold import apply
from app.tickets.indexing import index_ticket
from app.tickets.messages import notify
from app.tickets.models import ProtectedIdentifier, Ticket
from app.tickets.projection import write
from app.tickets.queries import find, scope_of, security_is_open
from app.tickets.rules import check as check_rules
from app.tickets.rules import check_correction, check_not_in_future
from app.tickets.vocabulary import Kind
from app.tickets.workaround_articles import retire

# These never rest on what the page showed: whoever acted in between, they still mean the same.
_ALWAYS_WELCOME = (e.Commented, e.UserReplied, e.PlusOne, e.FileAttached, e.ReferenceNoted)


def file_ticket(
    filing: e.Filed, *, actor: Actor, now: datetime, occurred_at: datetime | None = None
) -> Ticket:
    """File a ticket, for oneself or for a caller. Without a choice, its tools and date choose the convention.

    Raises NotAllowed, or InvalidInput on the field that is wrong.
    """
    for_other = filing.reporter_id != actor.account_id
    permission = Permission.TICKET_FILE_FOR_OTHER if for_other else Permission.TICKET_FILE
    check(actor, permission, PolicyScope(partner_id=actor.partner_id))
    filed_at = to_minute(occurred_at) if occurred_at else now
    check_not_in_future(filed_at, now)
    if filing.since is not None and to_minute(filing.since) > to_minute(now):
        raise InvalidInput("Le début est dans le futur.", field="since")
    _check_security(actor.partner_id, filing)
    refuse_personal_data(filing)
    _check_belongings(actor, filing)
    partner = db.session.get_one(Partner, actor.partner_id)
    if filing.convention_id is None:
        local_day = filed_at.astimezone(ZoneInfo(partner.time_zone)).date()
        chosen = choose_convention(partner.id, filing.tools, local_day)
        filing = replace(filing, convention_id=chosen.convention_id if chosen else None)
    subject = open_subject(partner.id, partner.code, "ticket", new_reference())
    ticket = Ticket(id=subject.id, partner_id=partner.id, reference=subject.reference)
    attempted = e.Recorded(1, filing, filed_at, now, actor.account_id)
    facts = write_event(subject, attempted, None, apply(None, attempted))
    write(ticket, facts)
    index_ticket(ticket, None, facts, [attempted])
    notify(ticket, None, facts, attempted)
    return ticket


def perform(
    reference: str,
    event: e.TicketEvent,
    *,
    actor: Actor,
    now: datetime,
    occurred_at: datetime | None = None,
    seen: int | None = None,
    inform_group: bool = False,
) -> Ticket:
    """Record that `event` happened to the ticket, at `occurred_at` or now.

    `seen` is the version that the person had before their eyes; `inform_group` relays the event to the reporters
    grouped under the ticket. Raises NotFound, NotAllowed, Stale when someone acted since, Impossible when the
    state forbids it, InvalidInput when what was typed is wrong.
    """
    held = grouping.hold_for(actor, reference, event, inform_group=inform_group)
    opened = open_ticket(reference, event, actor)
    facts = opened.facts
    if seen is not None and seen != facts.version and not isinstance(event, _ALWAYS_WELCOME):
        raise Stale
    at = to_minute(occurred_at) if occurred_at else now
    refuse_personal_data(event)
    _check_security(actor.partner_id, event)
    _check_belongings(actor, event, reference)
    check_rules(facts, event, at, now)
    attempted = e.Recorded(facts.version + 1, event, at, now, actor.account_id)
    after = apply(facts, attempted)
    told = append(opened, attempted, after)
    retire(facts, after, actor=actor, now=now)
    if isinstance(event, e.DuplicateMarked | e.Detached):
        grouping.tell_main(opened, after, attempted, actor=actor, reason=getattr(event, "reason", ""))
    if inform_group:
        told = grouping.inform(opened, after, attempted, told, actor=actor, held=held)
    grouping.tell_joined(opened, after, attempted, told)
    if after.restricted and not facts.restricted:
        grouping.release_all(opened, attempted, actor=actor, held=held)
    return opened.ticket


def correct(
    reference: str,
    sequence: int,
    correction: e.Corrected,
    *,
    actor: Actor,
    now: datetime,
    seen: int | None = None,
) -> Ticket:
    """Correct the time of an event, or void it. Every later event is checked again.

    Raises as `perform` does, and Impossible when a later event would no longer hold.
    """
    grouping.hold_for_correction(actor, reference)
    opened = open_ticket(reference, correction, actor)
    records = opened.records
    if seen is not None and seen != records[-1].sequence:
        raise Stale
    if not correction.reason.strip():
        raise InvalidInput("Donnez le motif de la correction.", field="reason")
    refuse_personal_data(correction)
    if correction.occurred_at is not None:
        correction = replace(correction, occurred_at=to_minute(correction.occurred_at))
    attempted = e.Recorded(
        records[-1].sequence + 1, correction, now, now, actor.account_id, corrects=sequence
    )
    after = check_correction(records, attempted)
    append(opened, attempted, after)
    retire(opened.facts, after, actor=actor, now=now)
    grouping.tell_main(opened, after, attempted, actor=actor, reason=correction.reason)
    return opened.ticket


def set_identifier(
    reference: str, value: str, *, actor: Actor, now: datetime, seen: int | None = None
) -> Ticket:
    """Fill or empty the protected field: FT's identifier of the person the incident is about.

    Raises InvalidInput when it is a social-security number, and as `perform` does.
    """
    value = value.strip()
    refuse_nir(value, "identifier")
    ticket = perform(reference, e.IdentifierSet(present=bool(value)), actor=actor, now=now, seen=seen)
    check(actor, Permission.PROTECTED_FIELD_READ, scope_of(ticket))
    if value:
        db.session.merge(ProtectedIdentifier(ticket_id=ticket.id, value=value))
    return ticket


def _check_security(partner_id: int, event: e.TicketEvent) -> None:
    """A security case that nobody could read must not come to be (domain.md, « Who »). Raises InvalidInput."""
    flagged = isinstance(event, e.Filed | e.Classified) and event.kind is Kind.SECURITY
    if flagged and not security_is_open(partner_id):
        raise InvalidInput(
            "Le signalement de sécurité n’est pas ouvert ici : prévenez directement, par téléphone, la personne "
            "chargée de la sécurité.",
            field="kind",
        )


def _check_belongings(actor: Actor, event: e.TicketEvent, reference: str = "") -> None:
    """What the event names must exist, and be the partner's. Raises NotFound, or InvalidInput for a duplicate."""
    if isinstance(event, e.Filed | e.ConventionChosen) and event.convention_id is not None:
        find_convention(actor.partner_id, event.convention_id)
    if isinstance(event, e.Filed | e.Classified) and event.tools:
        tools_by_code(event.tools, actor.partner_id)
    if isinstance(event, e.Taken | e.Assigned) and event.assignee_id is not None:
        check_member(actor.partner_id, event.assignee_id)
    if isinstance(event, e.DuplicateMarked) and find(actor, event.of).reference == reference:
        raise InvalidInput("Une sollicitation ne se regroupe pas sous elle-même.", field="of")
