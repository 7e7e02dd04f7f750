"""The figures that Prometheus reads: what this process served, and where the desk stands.

Requests are counted by endpoint, never by address: references stay out of the figures. What concerns the desk
as a whole is read from the database at each visit, so that any process tells the same.
"""

from __future__ import annotations

from datetime import datetime
from time import perf_counter

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from sqlalchemy import case, func, select

from app.deadlines.models import Deadline
from app.extensions import db
from app.notifications.queries import outbox_counts
from app.worker.models import JobRun, Outcome

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Meters:
    """The counters of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "desk_requests", "Requests answered", ("method", "endpoint", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "desk_request_seconds",
            "Time to answer, in seconds",
            ("endpoint",),
            buckets=SECONDS,
            registry=self.registry,
        )


def install(app: Flask) -> None:
    """Count and time every request of the application."""
    meters = app.extensions["meters"] = Meters()

    @app.before_request
    def start() -> None:
        g.started = perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        meters.requests.labels(request.method, endpoint, str(response.status_code)).inc()
        if "started" in g:
            meters.seconds.labels(endpoint).observe(perf_counter() - g.started)
        return response


def desk_figures(now: datetime) -> CollectorRegistry:
    """Clocks by state, mails by state, jobs by last outcome: read now, in four queries."""
    registry = CollectorRegistry()
    _clocks(registry, now)
    _mails(registry, now)
    _jobs(registry)
    return registry


def _clocks(registry: CollectorRegistry, now: datetime) -> None:
    gauge = Gauge("desk_clocks", "Clocks that run, by clock and state", ("clock", "state"), registry=registry)
    late = case((Deadline.due_at < now, "overdue"), else_="running")
    rows = select(Deadline.clock, late, func.count()).where(Deadline.running).group_by(Deadline.clock, late)
    for clock, state, count in db.session.execute(rows):
        gauge.labels(clock, state).set(count)


def _mails(registry: CollectorRegistry, now: datetime) -> None:
    counts = outbox_counts()
    mails = Gauge("desk_mails", "Mails of the outbox, by state", ("state",), registry=registry)
    mails.labels("waiting").set(counts.waiting)
    mails.labels("held").set(counts.held)
    mails.labels("given-up").set(counts.given_up)
    oldest = Gauge("desk_oldest_mail_seconds", "Age of the oldest mail that waits", registry=registry)
    oldest.set((now - counts.oldest).total_seconds() if counts.oldest else 0)


def _jobs(registry: CollectorRegistry) -> None:
    ended = Gauge(
        "desk_job_last_success_timestamp_seconds",
        "When each job last ended well, in Unix time",
        ("job",),
        registry=registry,
    )
    failures = Gauge("desk_job_failures", "Failed runs still remembered", ("job",), registry=registry)
    last_success = func.max(case((JobRun.outcome == Outcome.DONE, JobRun.finished_at)))
    failed = func.count(case((JobRun.outcome == Outcome.FAILED, 1)))
    for job, success, count in db.session.execute(
        select(JobRun.job, last_success, failed).group_by(JobRun.job)
    ):
        failures.labels(job).set(count)
        if success is not None:
            ended.labels(job).set(success.timestamp())
