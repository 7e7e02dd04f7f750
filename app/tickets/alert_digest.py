"""The morning digest: to each person one mail with the clocks that run late and those about to. Commits nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.deadlines.calendar import DAY
from app.deadlines.models import Alert, AlertDigest, AlertNotice
from app.deadlines.service import alerted_thresholds
from app.deadlines.thresholds import DUE
from app.extensions import db
from app.partners.models import Partner
from app.partners.opening import ClosedDays, next_day_of_work
from app.partners.settings import closed_days
from app.tickets.alert_look import Look, look_at
from app.tickets.alert_mails import Pages, Reached, lines_of, write_digest
from app.tickets.alert_queries import clocks_until, digest_sent, untold_notices, waiting_alerts
from app.tickets.alert_rules import DIGEST_FROM, digest_is_due


def send_digest(partner_id: int, pages: Pages, now: datetime) -> None:
    """Write the digest of the day, if it is due and was not written yet: nothing to who has nothing to do.

    It tells what was waiting for the morning as well: nobody reads of it again when the partner opens.
    """
    # Held so that of two workers one writes; another's new ticket of the same partner does not wait.
    db.session.execute(select(Partner.id).where(Partner.id == partner_id).with_for_update(key_share=True))
    days = closed_days(partner_id)
    wall = now.astimezone(ZoneInfo(days.zone))
    if not digest_is_due(days, wall) or digest_sent(partner_id, wall.date()):
        return
    db.session.add(AlertDigest(partner_id=partner_id, day=wall.date(), sent_at=now))
    waiting, notices = waiting_alerts(partner_id), untold_notices(partner_id)
    alerts = [*waiting, *(alert for _, alert in notices)]
    soon = clocks_until(partner_id, _next_digest(days, wall.date()))
    ticket_ids = {clock.subject_id for clock in soon} | {alert.subject_id for alert in alerts}
    look = look_at(partner_id, ticket_ids, days, now)
    listed = _listed(look, {row.id for row in soon}, alerts)
    for account_id, reached in _by_reader(look, listed).items():
        write_digest(partner_id, account_id, lines_of(partner_id, reached, now), pages, now)
    _settle(look, listed, waiting, notices)


def _next_digest(days: ClosedDays, today: date) -> datetime:
    """Until when what is coming is told today: on a Friday, until Monday."""
    following = next_day_of_work(days, today) or today + DAY
    return datetime.combine(following, DIGEST_FROM, ZoneInfo(days.zone))


def _listed(look: Look, soon: Collection[int], alerts: Iterable[Alert]) -> dict[int, Reached]:
    """The clocks that the digest tells of, by their keys, each with the furthest threshold it reached."""
    alerted = alerted_thresholds(look.tickets)
    waiting = {(alert.subject_id, alert.clock, alert.applies_to) for alert in alerts}
    found = {}
    for key, clock in look.clocks.items():
        if clock.due_at is None or (clock.id not in soon and key not in waiting):
            continue
        share = alerted.get(clock.subject_id, {}).get((clock.clock, clock.applies_to))
        threshold = DUE if look.is_late(clock.due_at) else share if share != DUE else None
        found[clock.id] = Reached(look.tickets[clock.subject_id], clock, clock.due_at, threshold)
    return found


def _by_reader(look: Look, listed: Mapping[int, Reached]) -> dict[int, list[Reached]]:
    """As for the alerts: those to come are for whoever is in charge, late ones for all who answer for them."""
    found: dict[int, list[Reached]] = defaultdict(list)
    for reached in listed.values():
        for account_id in look.whom(reached, reached.threshold or 0):
            found[account_id].append(reached)
    return found


def _settle(
    look: Look,
    listed: Mapping[int, Reached],
    waiting: Iterable[Alert],
    notices: Iterable[tuple[AlertNotice, Alert]],
) -> None:
    """What waited is told by now."""
    for alert in waiting:
        if look.holds(alert):
            alert.tell_at = None
            for account_id in _readers(look, listed, alert):
                db.session.add(
                    AlertNotice(
                        alert_id=alert.id, account_id=account_id, partner_id=look.partner_id, told_at=look.now
                    )
                )
    for notice, alert in notices:
        if look.holds(alert) and notice.account_id in _readers(look, listed, alert):
            notice.told_at = look.now


def _readers(look: Look, listed: Mapping[int, Reached], alert: Alert) -> frozenset[int]:
    reached = look.reached(alert)
    if reached is None or reached.clock.id not in listed:
        return frozenset()
    return look.whom(reached, listed[reached.clock.id].threshold or 0)
