"""The mails about clocks: what each person reads, written with what caused it. Commits nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from app.deadlines.models import Deadline
from app.deadlines.thresholds import DUE
from app.deadlines.wording import say_moment
from app.extensions import db
from app.notifications.service import enqueue, enqueue_letter
from app.partners.models import Partner
from app.partners.queries import contacts_of
from app.tickets.alert_queries import tools_named
from app.tickets.alert_wording import Line, of_many, of_one
from app.tickets.fold import fold
from app.tickets.models import Ticket
from app.tickets.queries import records_of_all
from app.tickets.relance import next_contact, relances_sent
from app.tickets.steps import RELANCE, next_action

FRANCE_TRAVAIL = "France Travail"


class AlertMail(StrEnum):
    """The mails about clocks: folders of `templates/mail/`."""

    ALERT = "alert"
    ALERTS = "alerts"
    RESTRICTED = "alert-restricted"
    DIGEST = "alert-digest"


@dataclass(frozen=True)
class Pages:
    """Where the mails lead: the page of a ticket, with « <reference> » in it, and the list of all of them."""

    ticket: str
    queue: str


@dataclass(frozen=True)
class Reached:
    """A running clock of a ticket, when it is due, and the furthest threshold it reached, if any."""

    ticket: Ticket
    clock: Deadline
    due_at: datetime
    threshold: int | None


def lines_of(partner_id: int, reached: Sequence[Reached], now: datetime) -> list[Line]:
    """The same clocks, in the same order, as mails tell them."""
    zone = ZoneInfo(db.session.get_one(Partner, partner_id).time_zone)
    tools = tools_named([item.ticket.id for item in reached])
    relances = _relances(partner_id, [item for item in reached if item.threshold == DUE], now, zone)
    return [
        Line(
            reference=item.ticket.reference,
            restricted=item.ticket.restricted,
            clock=item.clock.clock,
            tools=tools.get(item.ticket.id, ""),
            threshold=item.threshold,
            due_at=item.due_at,
            due=say_moment(item.due_at.astimezone(zone)),
            owed_by=item.clock.owed_by,
            contractual=item.clock.contractual,
            relance=relances.get(item.clock.id, ""),
        )
        for item in reached
    ]


def _relances(partner_id: int, late: Sequence[Reached], now: datetime, zone: ZoneInfo) -> Mapping[int, str]:
    """Whom to send a relance to, for each clock that asks for one: as the page of the ticket proposes it."""
    unrestricted = [item for item in late if not item.ticket.restricted]
    records = records_of_all({item.ticket.id for item in unrestricted})
    today = now.astimezone(zone).date()
    contacts: dict[int, list[str]] = {}
    found: dict[int, str] = {}
    for item in unrestricted:
        facts = fold(records[item.ticket.id])
        following = next_action(facts, {item.clock.clock: item.due_at})
        if following is None or following.slug != RELANCE or facts.convention_id is None:
            continue
        if facts.convention_id not in contacts:
            rows = contacts_of(partner_id, facts.convention_id, today)
            contacts[facts.convention_id] = [row.label for row in rows if row.rank]
        labels = contacts[facts.convention_id] or [FRANCE_TRAVAIL]
        found[item.clock.id] = next_contact(labels, relances_sent(records[item.ticket.id]))
    return found


def write(
    partner_id: int,
    account_id: int,
    reached: Sequence[Reached],
    lines: Sequence[Line],
    pages: Pages,
    now: datetime,
) -> None:
    """Owe someone one mail for all that was reached; a restricted ticket has its own, which says nothing of it."""
    open_ones = [(item, line) for item, line in zip(reached, lines, strict=True) if not line.restricted]
    for ticket_id in {item.ticket.id for item in reached if item.ticket.restricted}:
        _about_ticket(partner_id, ticket_id, account_id, AlertMail.RESTRICTED, {}, now)
    if len(open_ones) == 1:
        ((item, line),) = open_ones
        _about_ticket(partner_id, item.ticket.id, account_id, AlertMail.ALERT, of_one(line), now)
    elif open_ones:
        context = of_many([line for _, line in open_ones])
        _letter(partner_id, account_id, AlertMail.ALERTS, context, pages, now)


def write_digest(
    partner_id: int, account_id: int, lines: Sequence[Line], pages: Pages, now: datetime
) -> None:
    """Owe someone the morning's list."""
    _letter(partner_id, account_id, AlertMail.DIGEST, of_many(lines), pages, now)


def _about_ticket(
    partner_id: int,
    ticket_id: int,
    account_id: int,
    mail: AlertMail,
    context: Mapping[str, Any],
    now: datetime,
) -> None:
    enqueue(
        partner_id=partner_id,
        subject_id=ticket_id,
        sequence=None,
        account_id=account_id,
        template=mail,
        context=context,
        now=now,
    )


def _letter(
    partner_id: int, account_id: int, mail: AlertMail, context: Mapping[str, Any], pages: Pages, now: datetime
) -> None:
    enqueue_letter(
        partner_id=partner_id,
        account_id=account_id,
        template=mail,
        context={**context, "page": pages.ticket},
        path=pages.queue,
        now=now,
    )
