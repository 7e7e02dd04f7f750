"""The page of the jobs: what runs beside the pages, when it last ran, and how that ended."""

from __future__ import annotations

from flask import Blueprint, Response

from app.accounts.policy import Permission
from app.infra.mailer import Console
from app.notifications.queries import outbox_counts
from app.web import urls
from app.web.access import requires
from app.web.context import now
from app.web.htmx import render
from app.worker.jobs import jobs
from app.worker.queries import SILENCE, job_rows, worker_last_seen

blueprint = Blueprint("worker", __name__)


@blueprint.get(urls.JOBS)
@requires(Permission.ACCOUNT_MANAGE)
def index() -> Response:
    seen_at = worker_last_seen()
    return render(
        "worker/jobs.html",
        title="Tâches de fond",
        rows=job_rows(jobs(Console(), public_url="")),  # their names and times: nothing is run here
        seen_at=seen_at,
        mails=outbox_counts(),
        silent=seen_at is None or now() - seen_at > SILENCE,
    )
