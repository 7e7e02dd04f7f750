"""Telling the administrators that a job does not get through."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Account, Membership
from app.accounts.policy import Role
from app.extensions import db
from app.notifications.service import enqueue_letter
from app.web.urls import JOBS
from app.worker.runner import Job


def tell_administrators(job: Job, now: datetime) -> None:
    """Owe each administrator of the installation a mail about a job that failed twice in a row."""
    administrators = (
        select(Account.id)
        .where(
            Account.active,
            Account.id.in_(select(Membership.account_id).where(Membership.role == Role.ADMINISTRATOR)),
        )
        .order_by(Account.id)
    )
    for account_id in db.session.scalars(administrators).all():
        enqueue_letter(
            account_id=account_id, template="job-failed", context={"job": job.label}, path=JOBS, now=now
        )
