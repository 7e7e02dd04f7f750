"""Running a job at most once a slot, whatever the number of workers, and outliving whatever it raises."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from traceback import extract_tb

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import Clock
from app.worker.models import ERROR_LENGTH, JobRun, Outcome
from app.worker.slots import Schedule

log = logging.getLogger(__name__)

RUNS_KEPT = timedelta(days=7)
# A run that has not ended by then is its worker's last: another worker starts it again. A sweep that really
# lasts longer is run twice, which harms nothing.
LEASE = timedelta(minutes=15)


@dataclass(frozen=True)
class Job:
    """A sweep that may be run at any time and as often as one likes. `label` names it in French."""

    name: str
    label: str
    schedule: Schedule
    run: Callable[[datetime], None]


Alarm = Callable[[Job, datetime], None]


def run_if_due(job: Job, clock: Clock, on_second_failure: Alarm | None = None) -> Outcome | None:
    """Run the job if nobody has claimed its last slot; None when somebody has.

    A job that raises is logged, its run marked as failed, and nothing else suffers. The second failure in a row
    is told to `on_second_failure`, in the transaction that marks it.
    """
    started_at = clock.now()
    slot = job.schedule.slot(started_at)
    if not _claim(job, slot, started_at):
        return None
    log.info("%s: started", job.name)
    outcome, error = _outcome(job, started_at)
    finished_at = clock.now()
    with transaction():
        run = db.session.get_one(JobRun, (job.name, slot))
        run.finished_at, run.outcome, run.error = finished_at, outcome, error
        if outcome is Outcome.FAILED and on_second_failure is not None and _failed_just_twice(run):
            on_second_failure(job, finished_at)
    log.info("%s: %s in %.1f s", job.name, outcome, (finished_at - started_at).total_seconds())
    return outcome


def _outcome(job: Job, now: datetime) -> tuple[Outcome, str]:
    try:
        job.run(now)
    except Exception as error:
        log.exception("%s: failed", job.name)
        return Outcome.FAILED, _where(error)
    return Outcome.DONE, ""


def _where(error: Exception) -> str:
    """The kind of the error and the line of ours where it came up: enough to look it up in the log."""
    ours = [frame for frame in extract_tb(error.__traceback__) if "/app/" in frame.filename]
    place = f", {ours[-1].filename.rpartition('/app/')[2]}:{ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{place}"[:ERROR_LENGTH]


def _failed_just_twice(run: JobRun) -> bool:
    """Whether this failure is the second in a row: the first may be a hiccup, the third tells nothing new."""
    db.session.flush()
    before = db.session.scalars(
        select(JobRun.outcome)
        .where(JobRun.job == run.job, JobRun.slot < run.slot)
        .order_by(JobRun.slot.desc())
        .limit(2)
    ).all()
    return before[:1] == [Outcome.FAILED] and before[1:] != [Outcome.FAILED]


def forget_runs(now: datetime) -> None:
    """Delete the runs of former days."""
    with transaction():
        db.session.execute(delete(JobRun).where(JobRun.started_at < now - RUNS_KEPT))


def _claim(job: Job, slot: datetime, now: datetime) -> bool:
    """Whether the slot is ours. Most looks find it taken: they only read."""
    run = db.session.get(JobRun, (job.name, slot))
    if run is not None:
        lost = run.outcome == Outcome.RUNNING and run.started_at <= now - LEASE
        return lost and _take_over(job, slot, run.started_at, now)
    try:
        with transaction():
            db.session.add(JobRun(job=job.name, slot=slot, started_at=now, outcome=Outcome.RUNNING))
    except IntegrityError:
        return False
    return True


def _take_over(job: Job, slot: datetime, lost_since: datetime, now: datetime) -> bool:
    """Whether the run that a dead worker left is ours: of several that see it lost, one changes the row."""
    with transaction():
        taken = db.session.execute(
            update(JobRun)
            .where(JobRun.job == job.name, JobRun.slot == slot, JobRun.started_at == lost_since)
            .values(started_at=now)
        )
    log.warning("%s: taken over from a worker that died", job.name)
    return bool(taken.rowcount)  # type: ignore[attr-defined]
