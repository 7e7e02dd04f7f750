"""The alerts that the clocks still running at the end of the tale have sent by then, and the last morning's digest."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update

from app.deadlines.models import Alert, Deadline
from app.demo.plan import PARIS
from app.extensions import db
from app.infra.tx import transaction
from app.notifications.models import Outbox
from app.tickets.alert_mails import AlertMail
from app.tickets.alert_rules import DIGEST_FROM
from app.tickets.jobs import send_digests, watch_clocks


def wake_people(until: datetime) -> None:
    """Sweep the clocks at each instant when the worker would have had something to do."""
    while (moment := _next_alert()) is not None and moment <= until:
        watch_clocks(moment)
    morning = datetime.combine(until.astimezone(PARIS).date(), DIGEST_FROM, PARIS)
    if morning <= until:
        send_digests(morning)
    watch_clocks(until)
    with transaction():
        mails = update(Outbox).where(Outbox.template.in_([mail.value for mail in AlertMail]))
        db.session.execute(mails.values(sent_at=Outbox.created_at, next_attempt_at=None, attempts=1))


def _next_alert() -> datetime | None:
    """The next instant at which a threshold is reached, or an opening waited for."""
    first = [
        db.session.scalar(select(func.min(column))) for column in (Deadline.next_alert_at, Alert.tell_at)
    ]
    return min((moment for moment in first if moment is not None), default=None)
