"""Acting on tickets: file one, record what happens to it, correct a wrong time.

Each verb decides with the pure rules, records events, and brings the rows up to date. None commits.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from app.accounts.policy import Actor, Permission, check
from app.accounts.policy import Scope as PolicyScope
from app.accounts.queries import check_member
from app.deadlines.reading import Reading
from app.deadlines.service import store_reading
from app.extensions import db
from app.journal.models import Subject
from app.journal.service import lock_subject, open_subject, record
from app.kernel.clock import to_minute
from app.kernel.errors import InvalidInput, Stale
from app.kernel.personal_data import refuse_nir
from app.kernel.reference import new_reference
from app.partners.models import Partner
from app.partners.queries import find_convention, tools_by_code
from app.partners.resolve import NoCommitment
from app.partners.service import choose_convention, reading_for_ticket
from app.tickets import events as e
from app.tickets.clocks import clocks_of
from app.tickets.facts import Facts
from app.tickets.fold import apply, fold
from app.tickets.indexing import index_ticket
from app.tickets.messages import notify
from app.tickets.models import ProtectedIdentifier, Ticket
from app.tickets.payloads import to_payload
from app.tickets.permissions import permission_for
from app.tickets.projection import write
from app.tickets.queries import find, find_for_update, records_of, scope_of, security_is_open
from app.tickets.rules import check as check_rules
from app.tickets.rules import check_correction, check_not_in_future
from app.tickets.vocabulary import FIELD_LABELS, Kind, State

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
    _refuse_personal_data(filing)
    _check_belongings(actor, filing)
    partner = db.session.get_one(Partner, actor.partner_id)
    if filing.convention_id is None:
        local_day = filed_at.astimezone(ZoneInfo(partner.time_zone)).date()
        chosen = choose_convention(partner.id, filing.tools, local_day)
        filing = replace(filing, convention_id=chosen.convention_id if chosen else None)
    subject = open_subject(partner.id, partner.code, "ticket", new_reference())
    ticket = Ticket(id=subject.id, partner_id=partner.id, reference=subject.reference)
    attempted = e.Recorded(1, filing, filed_at, now, actor.account_id)
    facts = _record(subject, attempted, None, apply(None, attempted))
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
) -> Ticket:
    """Record that `event` happened to the ticket, at `occurred_at` or now.

    `seen` is the version that the person had before their eyes. Raises NotFound, NotAllowed, Stale when
    someone acted since, Impossible when the state forbids it, InvalidInput when what was typed is wrong.
    """
    ticket, subject, records = _open(reference, event, actor)
    facts = fold(records)
    if seen is not None and seen != facts.version and not isinstance(event, _ALWAYS_WELCOME):
        raise Stale
    at = to_minute(occurred_at) if occurred_at else now
    _refuse_personal_data(event)
    _check_security(actor.partner_id, event)
    _check_belongings(actor, event, reference)
    check_rules(facts, event, at, now)
    attempted = e.Recorded(facts.version + 1, event, at, now, actor.account_id)
    after = _record(subject, attempted, facts, apply(facts, attempted))
    write(ticket, after)
    index_ticket(ticket, facts, after, [*records, attempted])
    notify(ticket, facts, after, attempted)
    return ticket


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
    ticket, subject, records = _open(reference, correction, actor)
    if seen is not None and seen != records[-1].sequence:
        raise Stale
    if not correction.reason.strip():
        raise InvalidInput("Donnez le motif de la correction.", field="reason")
    _refuse_personal_data(correction)
    if correction.occurred_at is not None:
        correction = replace(correction, occurred_at=to_minute(correction.occurred_at))
    attempted = e.Recorded(
        records[-1].sequence + 1, correction, now, now, actor.account_id, corrects=sequence
    )
    before, after = fold(records), check_correction(records, attempted)
    after = _record(subject, attempted, before, after)
    write(ticket, after)
    index_ticket(ticket, before, after, [*records, attempted])
    notify(ticket, before, after, attempted)
    return ticket


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


def _open(reference: str, event: e.TicketEvent, actor: Actor) -> tuple[Ticket, Subject, list[e.Recorded]]:
    """The ticket, held until the end of the transaction, once the actor's right to do this is sure."""
    ticket = find_for_update(actor, reference)
    check(actor, permission_for(event, ticket.kind), scope_of(ticket))
    return ticket, lock_subject(ticket.id), records_of(ticket.id)


def _record(subject: Subject, attempted: e.Recorded, before: Facts | None, after: Facts) -> Facts:
    """Write the event with the readings of the clocks it starts; the facts with those readings."""
    readings = _new_readings(subject.partner_id, before, after)
    for reading in readings.values():
        store_reading(reading)
    digests = {key: reading.digest for key, reading in readings.items()}
    record(
        subject,
        attempted.event.type,
        to_payload(attempted.event, digests),
        actor_id=attempted.actor_id,
        occurred_at=attempted.occurred_at,
        now=attempted.recorded_at,
        corrects=attempted.corrects,
    )
    return replace(after, readings={**after.readings, **digests})


def _new_readings(partner_id: int, before: Facts | None, after: Facts) -> dict[str, Reading]:
    """How the clocks without a reading are read; all of them when the convention or the first tool changed.

    A clock for which nothing sets a figure gets none: it is not measured, and holds nobody up.
    """
    if after.convention_id is None:
        return {}
    anew = before is not None and _measured_by(before) != _measured_by(after)
    readings = {}
    for clock in clocks_of(after):
        if anew or clock.key not in after.readings:
            with suppress(NoCommitment):
                readings[clock.key] = reading_for_ticket(
                    partner_id,
                    after.convention_id,
                    clock.clock,
                    clock.applies_to,
                    clock.reckoned_from,
                    after.tools[0] if after.tools else None,
                )
    return readings


def _measured_by(facts: Facts) -> tuple[int | None, tuple[str, ...]]:
    return facts.convention_id, facts.tools[:1]


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
        tools_by_code(event.tools)
    if isinstance(event, e.Taken | e.Assigned) and event.assignee_id is not None:
        check_member(actor.partner_id, event.assignee_id)
    if isinstance(event, e.DuplicateMarked):
        kept = find(actor, event.of)
        if kept.reference == reference or kept.state == State.CANCELLED:
            raise InvalidInput("Une sollicitation annulée ne peut pas en remplacer une autre.", field="of")


def _refuse_personal_data(event: e.TicketEvent) -> None:
    """No social-security number enters the journal (rules.md, « NIR »)."""
    for item in fields(event):
        value = getattr(event, item.name)
        texts = value.values() if isinstance(value, dict) else [value]
        for text in texts:
            if isinstance(text, str):
                refuse_nir(text, item.name, FIELD_LABELS.get(item.name, ""))
