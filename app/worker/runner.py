"""Running a job at most once a slot, whatever the number of workers, and outliving whatever it raises."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import Clock
from app.worker.models import JobRun, Outcome
from app.worker.slots import Schedule

log = logging.getLogger(__name__)

RUNS_KEPT = timedelta(days=7)


@dataclass(frozen=True)
class Job:
    """A sweep that may be run at any time and as often as one likes. `label` names it in French."""

    name: str
    label: str
    schedule: Schedule
    run: Callable[[datetime], None]


def run_if_due(job: Job, clock: Clock) -> Outcome | None:
    """Run the job if nobody has claimed its last slot; None when somebody has.

    A job that raises is logged, its run marked as failed, and nothing else suffers.
    """
    started_at = clock.now()
    slot = job.schedule.slot(started_at)
    if not _claim(job, slot, started_at):
        return None
    log.info("%s: started", job.name)
    try:
        job.run(started_at)
        outcome = Outcome.DONE
    except Exception:
        log.exception("%s: failed", job.name)
        outcome = Outcome.FAILED
    finished_at = clock.now()
    with transaction():
        run = db.session.get_one(JobRun, (job.name, slot))
        run.finished_at, run.outcome = finished_at, outcome
    log.info("%s: %s in %.1f s", job.name, outcome, (finished_at - started_at).total_seconds())
    return outcome


def forget_runs(now: datetime) -> None:
    """Delete the runs of former days."""
    with transaction():
        db.session.execute(delete(JobRun).where(JobRun.started_at < now - RUNS_KEPT))


def _claim(job: Job, slot: datetime, now: datetime) -> bool:
    """Whether the slot is ours. Most looks find it taken: they only read."""
    if db.session.get(JobRun, (job.name, slot)) is not None:
        return False
    try:
        with transaction():
            db.session.add(JobRun(job=job.name, slot=slot, started_at=now, outcome=Outcome.RUNNING))
    except IntegrityError:
        return False
    return True
