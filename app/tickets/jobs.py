"""What the worker does about the clocks of tickets: notice what they reached, and tell people of it."""

from __future__ import annotations

from datetime import datetime

from app.infra.tx import transaction
from app.partners.queries import partners
from app.tickets.alert_digest import send_digest
from app.tickets.alert_mails import Pages
from app.tickets.alert_queries import partners_to_tell, reached_by
from app.tickets.alerts import raise_alerts, tell_partner
from app.web import urls

# A batch is short enough for whoever files a ticket meanwhile not to notice.
BATCH = 100
PAGES = Pages(ticket=urls.TICKET, queue=urls.TICKETS)


def watch_clocks(now: datetime) -> None:
    """Write the alerts that clocks call for by now, then the mails that people may receive."""
    while ticket_ids := reached_by(now, BATCH):
        with transaction():
            raised = raise_alerts(ticket_ids, now)
        if not raised:  # those that are left are being acted on: the next sweep takes them
            break
    for partner_id in partners_to_tell(now):
        with transaction():
            tell_partner(partner_id, PAGES, now)


def send_digests(now: datetime) -> None:
    """Write the morning digest of each partner whose day begins."""
    for partner_id in [partner.id for partner in partners()]:
        with transaction():
            send_digest(partner_id, PAGES, now)
