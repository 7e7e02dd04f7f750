"""Alerts on the clocks of tickets: written once per threshold, told to those who work on them. Commits nothing.

Two steps, which may be as far apart as a night: `raise_alerts` writes that a threshold was reached, `tell_partner`
writes the mails when their readers may be told. Whatever dies in between, each is done once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from app.deadlines.alerting import alert_times, latest_reached, next_alert
from app.deadlines.models import Alert, AlertNotice, Deadline
from app.deadlines.service import alerted_thresholds, readings_by_digest
from app.extensions import db
from app.partners.opening import ClosedDays
from app.partners.settings import closed_days
from app.tickets.alert_look import Look, furthest, look_at
from app.tickets.alert_mails import Pages, Reached, lines_of, write
from app.tickets.alert_queries import hold, running_clocks, to_tell, told_lately, untold_notices
from app.tickets.alert_rules import REMEMBERED, is_urgent, may_leave, tell_at
from app.tickets.clocks import measured_clocks
from app.tickets.facts import Facts
from app.tickets.fold import fold
from app.tickets.models import Ticket
from app.tickets.queries import records_of_all, restricted_among


def raise_alerts(ticket_ids: Collection[int], now: datetime) -> int:
    """Write the furthest threshold that each clock of these tickets has reached; how many were written.

    The tickets are held meanwhile: a clock that was stopped since they were looked for wakes nobody, and one
    that is being acted on is left for the next sweep.
    """
    held = hold(ticket_ids)
    alerted, records = alerted_thresholds(held), records_of_all(held)
    days = {partner_id: closed_days(partner_id) for partner_id in {item.partner_id for item in held.values()}}
    raised = 0
    for clock in running_clocks(held).values():
        if clock.next_alert_at is None or clock.next_alert_at > now:
            continue
        ticket = held[clock.subject_id]
        before = alerted.get(ticket.id, {}).get((clock.clock, clock.applies_to), 0)
        raised += _raise(clock, ticket, fold(records[ticket.id]), before, days[ticket.partner_id], now)
    db.session.flush()
    return raised


def _raise(
    clock: Deadline, ticket: Ticket, facts: Facts, before: int, days: ClosedDays, now: datetime
) -> bool:
    measured = next(item for item in measured_clocks(facts) if item.clock == clock.clock)
    digest = facts.readings[measured.key]
    times = alert_times(readings_by_digest([digest])[digest], measured.facts)
    latest = latest_reached(times, before, now)
    clock.next_alert_at = next_alert(times, latest[0] if latest else before)
    if latest is None:
        return False
    threshold, reached_at = latest
    urgent = is_urgent(clock.applies_to, restricted=ticket.restricted)
    db.session.add(
        Alert(
            partner_id=ticket.partner_id,
            subject_id=ticket.id,
            clock=clock.clock,
            applies_to=clock.applies_to,
            threshold=threshold,
            reached_at=reached_at,
            raised_at=now,
            tell_at=tell_at(days, now, urgent=urgent),
        )
    )
    return True


def tell_partner(partner_id: int, pages: Pages, now: datetime) -> None:
    """Write the mails that the people of a partner may receive by now: one at most for each person and ticket."""
    days = closed_days(partner_id)
    waiting = to_tell(partner_id, now)
    look = look_at(partner_id, {alert.subject_id for alert in waiting}, days, now)
    for alert in waiting:
        if look.holds(alert):
            _settle(alert, look)
    db.session.flush()
    ready = _ready(untold_notices(partner_id), partner_id, days, now)
    look = look_at(partner_id, {alert.subject_id for _, alert in ready}, days, now)
    for account_id, notices in _by_person(look, ready).items():
        _tell(account_id, notices, look, pages)


def _settle(alert: Alert, look: Look) -> None:
    """Decide whom an alert is for, now that they may be told; nobody, when what it says is no longer so."""
    reached = look.reached(alert)
    if reached is not None:
        urgent = is_urgent(alert.applies_to, restricted=reached.ticket.restricted)
        opens_at = tell_at(look.days, look.now, urgent=urgent)
        if opens_at > look.now:  # a closure was decided meanwhile
            alert.tell_at = opens_at
            return
        for account_id in look.whom(reached, alert.threshold):
            db.session.add(AlertNotice(alert_id=alert.id, account_id=account_id, partner_id=alert.partner_id))
    alert.tell_at = None


def _ready(
    notices: list[tuple[AlertNotice, Alert]], partner_id: int, days: ClosedDays, now: datetime
) -> list[tuple[AlertNotice, Alert]]:
    """Those that may leave now: all of them to who received few mails, else what cannot wait for the next one."""
    readers = {notice.account_id for notice, _ in notices}
    free = {
        account_id
        for account_id in readers
        if may_leave(told_lately(partner_id, account_id, now - REMEMBERED), days, now)
    }
    at_once = restricted_among({alert.subject_id for _, alert in notices})
    return [
        (notice, alert)
        for notice, alert in notices
        if notice.account_id in free or alert.subject_id in at_once
    ]


Untold = list[tuple[AlertNotice, Reached]]


def _by_person(look: Look, notices: Iterable[tuple[AlertNotice, Alert]]) -> dict[int, Untold]:
    """The notices of held tickets by reader; what is no longer so is told to nobody."""
    found: dict[int, Untold] = defaultdict(list)
    for notice, alert in notices:
        if not look.holds(alert):
            continue
        reached = look.reached(alert)
        if reached is None:
            db.session.delete(notice)
        else:
            found[notice.account_id].append((notice, reached))
    return found


def _tell(account_id: int, notices: Untold, look: Look, pages: Pages) -> None:
    for notice, _ in notices:
        notice.told_at = look.now
    reached = furthest([reached for _, reached in notices])
    write(look.partner_id, account_id, reached, lines_of(look.partner_id, reached, look.now), pages, look.now)
