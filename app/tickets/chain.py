"""One event more at the end of a ticket's chain, and all that follows from it: readings, rows, index, mails.

What may happen is decided before (`rules.py`); the verbs are in `service.py` and `grouping.py`. Nothing here commits.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from functools import cached_property

from app.accounts.policy import Actor, check
from app.deadlines.reading import Reading
from app.deadlines.service import store_reading
from app.journal.models import Subject
from app.journal.service import lock_subject, record
from app.kernel.personal_data import refuse_nir
from app.partners.resolve import NoCommitment
from app.partners.service import reading_for_ticket
from app.tickets import events as e
from app.tickets.clocks import clocks_of
from app.tickets.facts import Facts
from app.tickets.fold import fold
from app.tickets.indexing import index_ticket
from app.tickets.messages import notify
from app.tickets.models import Ticket
from app.tickets.payloads import to_payload
from app.tickets.permissions import permission_for
from app.tickets.projection import write
from app.tickets.queries import find_for_update, records_of, scope_of
from app.tickets.vocabulary import FIELD_LABELS


@dataclass(frozen=True)
class Opened:
    """A ticket held until the end of the transaction, with what happened to it so far."""

    ticket: Ticket
    subject: Subject
    records: Sequence[e.Recorded]

    @property
    def reference(self) -> str:
        return self.ticket.reference

    @cached_property
    def facts(self) -> Facts:
        return fold(self.records)


def open_ticket(reference: str, event: e.TicketEvent, actor: Actor) -> Opened:
    """The ticket, held, once the actor's right to do this is sure. Raises NotFound or NotAllowed."""
    ticket = find_for_update(actor, reference)
    check(actor, permission_for(event, ticket.kind), scope_of(ticket))
    return Opened(ticket, lock_subject(ticket.id), records_of(ticket.id))


def append(opened: Opened, attempted: e.Recorded, after: Facts, told: Collection[int] = ()) -> frozenset[int]:
    """Record the event that leads to `after`. `told` are people who know of it already.

    Returns the accounts that a mail now tells.
    """
    ticket, before = opened.ticket, opened.facts
    after = write_event(opened.subject, attempted, before, after)
    write(ticket, after)
    index_ticket(ticket, before, after, [*opened.records, attempted])
    return notify(ticket, before, after, attempted, told)


def write_event(subject: Subject, attempted: e.Recorded, before: Facts | None, after: Facts) -> Facts:
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


def refuse_personal_data(event: e.TicketEvent) -> None:
    """No social-security number enters the journal (rules.md, « NIR »). Raises InvalidInput on its field."""
    for item in fields(event):
        value = getattr(event, item.name)
        texts = value.values() if isinstance(value, dict) else [value]
        for text in texts:
            if isinstance(text, str):
                refuse_nir(text, item.name, FIELD_LABELS.get(item.name, ""))
