"""A job runs once a slot, whatever the number of workers, and its fall hurts nobody."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.web.forms import parse_moment
from app.worker.models import JobRun, Outcome
from app.worker.runner import LEASE, Job, forget_runs, run_if_due
from app.worker.slots import Every

SWEEP = "sweep"


class Sweep:
    """Counts its runs; raises `error` if it has one; takes as long as `lasts` on the clock."""

    def __init__(
        self, clock: FrozenClock, *, error: Exception | None = None, lasts: timedelta = timedelta()
    ) -> None:
        self.clock = clock
        self.error = error
        self.lasts = lasts
        self.runs: list[datetime] = []

    def __call__(self, now: datetime) -> None:
        self.runs.append(now)
        self.clock.advance(self.lasts)
        if self.error is not None:
            raise self.error


def job(sweep: Sweep, name: str = SWEEP) -> Job:
    return Job(name, "Balayage", Every(timedelta(seconds=30)), sweep)


def runs() -> list[tuple[str, Outcome]]:
    db.session.rollback()
    found = db.session.scalars(select(JobRun).order_by(JobRun.slot)).all()
    return [(run.job, Outcome(run.outcome)) for run in found]


def test_a_slot_is_run_once(context: Flask, clock: FrozenClock) -> None:
    sweep = Sweep(clock)
    assert run_if_due(job(sweep), clock) is Outcome.DONE
    clock.advance(timedelta(seconds=29))
    assert run_if_due(job(sweep), clock) is None
    clock.advance(timedelta(seconds=1))
    assert run_if_due(job(sweep), clock) is Outcome.DONE
    assert len(sweep.runs) == 2
    assert runs() == [(SWEEP, Outcome.DONE), (SWEEP, Outcome.DONE)]


def test_two_jobs_do_not_take_each_other_s_slot(context: Flask, clock: FrozenClock) -> None:
    first, second = Sweep(clock), Sweep(clock)
    run_if_due(job(first), clock)
    run_if_due(job(second, "other"), clock)
    assert len(first.runs) == len(second.runs) == 1


def test_of_several_workers_one_runs_the_slot(app: Flask, clock: FrozenClock) -> None:
    sweep, workers = Sweep(clock), 4
    together = Barrier(workers)

    def work() -> Outcome | None:
        with app.app_context():
            together.wait()
            return run_if_due(job(sweep), clock)

    with ThreadPoolExecutor(workers) as pool:
        outcomes = [future.result() for future in [pool.submit(work) for _ in range(workers)]]
    assert len(sweep.runs) == 1
    assert outcomes.count(Outcome.DONE) == 1
    assert outcomes.count(None) == workers - 1


def test_a_job_that_raises_is_logged_and_the_next_slot_runs(
    context: Flask, clock: FrozenClock, caplog: pytest.LogCaptureFixture
) -> None:
    sweep = Sweep(clock, error=RuntimeError("disk full"))
    assert run_if_due(job(sweep), clock) is Outcome.FAILED
    assert runs() == [(SWEEP, Outcome.FAILED)]
    assert "sweep: failed" in caplog.text
    assert "disk full" in caplog.text
    clock.advance(timedelta(seconds=30))
    sweep.error = None
    assert run_if_due(job(sweep), clock) is Outcome.DONE


def test_what_a_failed_job_left_half_done_is_not_kept(context: Flask, clock: FrozenClock) -> None:
    def half(now: datetime) -> None:
        db.session.add(JobRun(job="stray", slot=now, started_at=now, outcome=Outcome.DONE))
        db.session.flush()
        raise RuntimeError

    run_if_due(Job(SWEEP, "Balayage", Every(timedelta(seconds=30)), half), clock)
    assert runs() == [(SWEEP, Outcome.FAILED)]


def test_the_start_the_length_and_the_outcome_are_logged(
    context: Flask, clock: FrozenClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "app.worker.runner")
    run_if_due(job(Sweep(clock, lasts=timedelta(seconds=2.5))), clock)
    assert caplog.messages == ["sweep: started", "sweep: done in 2.5 s"]


def test_runs_are_forgotten_after_a_week(context: Flask, clock: FrozenClock) -> None:
    run_if_due(job(Sweep(clock)), clock)
    clock.advance(timedelta(days=7))
    forget_runs(clock.now())
    assert len(runs()) == 1
    clock.advance(timedelta(seconds=1))
    forget_runs(clock.now())
    assert runs() == []


def test_a_run_whose_worker_died_is_taken_over_once(context: Flask, clock: FrozenClock) -> None:
    sweep = Sweep(clock)
    daily = Job(SWEEP, "Balayage", Every(timedelta(days=1)), sweep)
    with transaction():
        slot = daily.schedule.slot(clock.now())
        db.session.add(JobRun(job=SWEEP, slot=slot, started_at=clock.now(), outcome=Outcome.RUNNING))
    clock.advance(LEASE - timedelta(seconds=1))
    assert run_if_due(daily, clock) is None, "its worker may still be at it"
    clock.advance(timedelta(seconds=1))
    assert run_if_due(daily, clock) is Outcome.DONE
    assert run_if_due(daily, clock) is None
    assert len(sweep.runs) == 1


def test_a_long_series_of_failures_is_told_once(context: Flask, clock: FrozenClock) -> None:
    sweep = Sweep(clock)
    told = []

    def run(*, fails: bool) -> None:
        sweep.error = KeyError("someone’s secret") if fails else None
        run_if_due(job(sweep), clock, on_second_failure=lambda failed, now: told.append(now))
        clock.advance(timedelta(seconds=30))

    for fails in (True, False, True):
        run(fails=fails)
    assert told == [], "a hiccup is none of anybody’s business"
    for fails in (True, True, True):
        run(fails=fails)
    assert len(told) == 1
    for fails in (False, True, True):
        run(fails=fails)
    assert len(told) == 2


def test_what_it_fell_on_is_kept_without_its_words(context: Flask, clock: FrozenClock) -> None:
    def broken(_now: datetime) -> None:
        parse_moment("someone’s secret", clock.now().tzinfo or UTC, clock.now())

    run_if_due(Job(SWEEP, "Balayage", Every(timedelta(seconds=30)), broken), clock)
    (error,) = db.session.scalars(select(JobRun.error))
    assert error.startswith("InvalidInput, web/forms.py:")
    assert "secret" not in error
