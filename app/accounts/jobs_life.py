"""What the worker does about people: planned departures, rights that sleep, reviews and notices that are owed."""

from __future__ import annotations

import logging
from datetime import datetime
from zoneinfo import ZoneInfo

from app.accounts.departures import departures_due, leave_as_planned
from app.accounts.idleness import suspend_what_sleeps
from app.accounts.jobs_letters import remind_of_review, tell_of_notice, tell_sleeper
from app.accounts.life_models import ReviewCampaign
from app.accounts.reviews import review_to_remind_of, undecided_in
from app.accounts.rgc import notices_to_remind_of
from app.accounts.rights import administrators_of
from app.infra.tx import transaction
from app.kernel.errors import DomainError
from app.partners.queries import partners
from app.tickets.leaving import free_tickets

log = logging.getLogger(__name__)


def keep_accounts(now: datetime) -> None:
    """Do what the day asks for in each partner, by its own calendar; done once, however often it is asked."""
    for partner_id, zone in [(partner.id, ZoneInfo(partner.time_zone)) for partner in partners()]:
        _let_go(partner_id, zone, now)
        with transaction():
            for sleeper in suspend_what_sleeps(partner_id, zone=zone, now=now):
                tell_sleeper(sleeper, partner_id, now)
        with transaction():
            _remind(partner_id, zone, now)


def _let_go(partner_id: int, zone: ZoneInfo, now: datetime) -> None:
    for due in departures_due(partner_id, now.astimezone(zone).date()):
        try:
            with transaction():
                leave_as_planned(due, now=now)
                free_tickets(due.partner_id, due.account_id, now=now)
        except DomainError as error:
            # The last administrator does not leave: the page of the account says so until another is named.
            log.warning("planned departure of account %d put off: %s", due.account_id, error)


def _remind(partner_id: int, zone: ZoneInfo, now: datetime) -> None:
    owed = review_to_remind_of(partner_id, zone=zone, now=now)
    if isinstance(owed, ReviewCampaign):
        remind_of_review(
            sorted(administrators_of(partner_id)), partner_id, due=None, left=undecided_in(owed), now=now
        )
    elif owed is not None:
        remind_of_review(sorted(administrators_of(partner_id)), partner_id, due=owed, left=0, now=now)
    for notice in notices_to_remind_of(partner_id, now=now):
        tell_of_notice(notice, zone=zone, now=now)
