"""How the jobs are doing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select

from app.extensions import db
from app.worker.models import JobRun, Outcome
from app.worker.runner import Job

# The most frequent job runs every thirty seconds: silent for so long, no worker is alive.
SILENCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as the page of the jobs shows it; the last run is None when it never ran (or long ago)."""

    label: str
    schedule: str
    started_at: datetime | None
    lasted: timedelta | None
    outcome: Outcome | None
    error: str
    failures: int


def job_rows(jobs: Sequence[Job]) -> list[JobRow]:
    """Each job with its last run and how many of the remembered ones failed, in two queries."""
    last = _last_runs()
    failures = _failures()
    return [_row(job, last.get(job.name), failures.get(job.name, 0)) for job in jobs]


def worker_last_seen() -> datetime | None:
    """When a worker last began a job; None when none did, or too long ago to be remembered."""
    return db.session.scalar(select(func.max(JobRun.started_at)))


def _row(job: Job, run: JobRun | None, failures: int) -> JobRow:
    return JobRow(
        label=job.label,
        schedule=job.schedule.words,
        started_at=run.started_at if run else None,
        lasted=run.finished_at - run.started_at if run and run.finished_at else None,
        outcome=Outcome(run.outcome) if run else None,
        error=run.error if run else "",
        failures=failures,
    )


def _last_runs() -> Mapping[str, JobRun]:
    newest = select(JobRun.job, func.max(JobRun.slot).label("slot")).group_by(JobRun.job).subquery()
    rows = db.session.scalars(
        select(JobRun).join(newest, (JobRun.job == newest.c.job) & (JobRun.slot == newest.c.slot))
    )
    return {run.job: run for run in rows}


def _failures() -> Mapping[str, int]:
    failed = func.count(case((JobRun.outcome == Outcome.FAILED, 1)))
    return dict(db.session.execute(select(JobRun.job, failed).group_by(JobRun.job)).tuples().all())
