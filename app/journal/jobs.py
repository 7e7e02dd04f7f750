"""Sealing the day and sending the seal away; forgetting the technical journal in time."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from app.accounts.policy import Role
from app.accounts.queries import people_of
from app.extensions import db
from app.infra.tx import transaction
from app.journal.models import Seal, SealHead
from app.journal.service import seal
from app.journal.technical import Trace, delete_traces, note
from app.notifications.service import enqueue_letter
from app.partners.models import Partner
from app.web.filters import french_datetime
from app.web.urls import HOME

TRACES_KEPT = timedelta(days=365)  # CNIL, recommendation 2021-122: six months to a year


def seal_journals(now: datetime) -> None:
    """Seal what was added to the journal of each partner since its last seal, one transaction each.

    The seal leaves the machine by mail to the security officers: whoever could rewrite the whole database could
    not rewrite what they received.
    """
    for partner_id, code, zone in db.session.execute(
        select(Partner.id, Partner.code, Partner.time_zone).order_by(Partner.code)
    ).all():
        with transaction():
            made = seal(partner_id, code, now)
            if made is not None:
                _tell_the_officers(made, code, ZoneInfo(zone))


def _tell_the_officers(made: Seal, code: str, zone: ZoneInfo) -> None:
    heads = db.session.scalar(select(func.count()).where(SealHead.seal_id == made.id)) or 0
    context = {
        "code": code,
        "number": made.number,
        "digest": made.digest,
        "sealed_on": french_datetime(made.sealed_at, zone),
        "chains": "un dossier" if heads == 1 else f"{heads} dossiers",
    }
    for person in people_of(made.partner_id):
        if Role.SECURITY_OFFICER in person.roles:
            enqueue_letter(
                partner_id=made.partner_id,
                account_id=person.account_id,
                template="seal",
                context=context,
                path=HOME,
                now=made.sealed_at,
            )


def forget_traces(now: datetime) -> None:
    """Delete the lines of the technical journal that are a year old, and write there that it was done."""
    with transaction():
        deleted = delete_traces(now - TRACES_KEPT)
        for partner_id, count in deleted.items():
            note(
                Trace.PURGED,
                now=now,
                partner_id=partner_id,
                what="technical journal",
                details={"lines": count, "before": (now - TRACES_KEPT).date().isoformat()},
            )
