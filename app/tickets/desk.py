"""A ticket opened by someone: its events and facts, and what its forms offer to choose from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo

from sqlalchemy import String, cast, literal, select, union_all

from app.accounts.models import Account
from app.accounts.policy import Actor, Permission, can
from app.accounts.queries import people_of
from app.extensions import db
from app.partners.models import Convention, Structure, Tool
from app.partners.queries import (
    ContactRow,
    ConventionChoice,
    StructureRow,
    ToolRow,
    contacts_of,
    conventions_covering,
    structures_of,
    tools_of,
)
from app.tickets import events as e
from app.tickets.facts import Facts
from app.tickets.fold import fold
from app.tickets.models import Ticket
from app.tickets.permissions import permission_for
from app.tickets.queries import TicketScope, find, records_of, scope_of
from app.tickets.relance import relances_sent
from app.tickets.rules import is_possible
from app.tickets.wording import Names


@dataclass(frozen=True)
class Desk:
    """A ticket as one person has it before them, at one instant. The queries are made when they are asked for."""

    ticket: Ticket
    scope: TicketScope
    records: Sequence[e.Recorded]
    facts: Facts
    actor: Actor
    now: datetime
    zone: tzinfo

    @property
    def reference(self) -> str:
        return self.ticket.reference

    @property
    def filed(self) -> e.Filed:
        event = self.records[0].event
        assert isinstance(event, e.Filed)
        return event

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def may(self, permission: Permission) -> bool:
        """Whether this person holds the permission on this ticket."""
        return can(self.actor, permission, self.scope)

    def may_record(self, event_type: type[e.TicketEvent]) -> bool:
        """Whether the ticket's state and this person's rights allow such an event."""
        return self.may(permission_for(event_type, self.ticket.kind)) and is_possible(self.facts, event_type)

    def may_correct(self) -> bool:
        """Whether this person may correct what was recorded."""
        return self.may(permission_for(e.Corrected, self.ticket.kind))

    def names(self) -> Names:
        """Every name that the events tell. One query."""
        return names_in(self.records, self.facts, self.zone)

    def people(self) -> list[tuple[int, str]]:
        """Those who may be given this ticket, by name."""
        needed = permission_for(e.Taken, self.ticket.kind)
        return [
            (person.account_id, person.name)
            for person in people_of(self.ticket.partner_id)
            if person.active
            and can(
                replace(
                    self.actor,
                    account_id=person.account_id,
                    roles=frozenset(person.roles),
                    structure_ids=frozenset(),
                ),
                needed,
                self.scope,
            )
        ]

    def conventions(self) -> tuple[ConventionChoice, ...]:
        """The partner's conventions, the one that speaks best for the ticket's tools first."""
        filed_on = self.facts.filed_at.astimezone(self.zone).date()
        return conventions_covering(self.ticket.partner_id, self.facts.tools, filed_on)

    def contacts(self) -> tuple[ContactRow, ...]:
        """Whom to reach at France Travail under the ticket's convention, in the order of the relances."""
        if self.facts.convention_id is None:
            return ()
        return contacts_of(self.ticket.partner_id, self.facts.convention_id, self.today)

    def relance_contacts(self) -> list[str]:
        """Those of them that relances go to, one step up each time, as one line each."""
        ranked = [row for row in self.contacts() if row.rank]
        return [", ".join(filter(None, (row.label, row.email, row.phone))) for row in ranked]

    def structures(self) -> tuple[StructureRow, ...]:
        return structures_of(self.ticket.partner_id)

    def tools(self) -> tuple[ToolRow, ...]:
        return tools_of(self.ticket.partner_id)

    def relances(self) -> int:
        """How many relances are in force."""
        return relances_sent(self.records)


def open_desk(actor: Actor, reference: str, *, now: datetime, zone: tzinfo) -> Desk:
    """Raises NotFound when the person must not know of the ticket. What they may read of it is still to be asked."""
    ticket = find(actor, reference, Permission.TICKET_RECEIPT)
    records = records_of(ticket.id)
    return Desk(ticket, scope_of(ticket), records, fold(records), actor, now, zone)


def names_in(records: Sequence[e.Recorded], facts: Facts, zone: tzinfo) -> Names:
    """The names of the people, structures, conventions and tools that the events name. One query."""
    events = [record.event for record in records]
    accounts = {record.actor_id for record in records} | {facts.reporter_id, facts.assignee_id}
    accounts |= {event.assignee_id for event in events if isinstance(event, e.Taken | e.Assigned)}
    structures = {facts.structure_id}
    structures |= {event.structure_id for event in events if isinstance(event, e.PlusOne)}
    conventions = {facts.convention_id}
    conventions |= {event.convention_id for event in events if isinstance(event, e.ConventionChosen)}
    tools = {code for event in events if isinstance(event, e.Filed | e.Classified) for code in event.tools}
    found: dict[str, dict[str, str]] = {"account": {}, "structure": {}, "convention": {}, "tool": {}}
    query = union_all(
        select(literal("account"), cast(Account.id, String), Account.name).where(
            Account.id.in_(_known(accounts))
        ),
        select(literal("structure"), cast(Structure.id, String), Structure.name).where(
            Structure.id.in_(_known(structures))
        ),
        select(literal("convention"), cast(Convention.id, String), Convention.code).where(
            Convention.id.in_(_known(conventions))
        ),
        select(literal("tool"), Tool.code, Tool.name).where(Tool.code.in_(tools)),
    )
    for kind, key, name in db.session.execute(query):
        found[kind][key] = name
    return Names(
        zone=zone,
        accounts=_by_number(found["account"]),
        structures=_by_number(found["structure"]),
        conventions=_by_number(found["convention"]),
        tools=found["tool"],
    )


def _known(keys: Iterable[int | None]) -> Collection[int]:
    return {key for key in keys if key is not None}


def _by_number(names: dict[str, str]) -> dict[int, str]:
    return {int(key): name for key, name in names.items()}
