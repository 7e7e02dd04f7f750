"""`flask worker`, as its operator sees it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.attempts import count_attempt
from app.accounts.models import FormToken, LoginAttempt, LoginSession
from app.accounts.policy import Role
from app.accounts.sessions import open_session
from app.config import ROOT, Config
from app.extensions import db
from app.files.models import Attachment
from app.files.service import examine, keep
from app.infra.mailer import Memory
from app.infra.tx import transaction
from app.journal.models import Seal
from app.kernel.clock import FrozenClock
from app.notifications.models import Outbox
from app.tickets.models import Ticket
from app.worker.jobs import jobs
from app.worker.models import JobRun
from tests.factories import World, file

LABELS = [job.label for job in jobs(Memory(), "")]
EVERY_TABLE_OF_A_LOGIN = (LoginSession, LoginAttempt, FormToken)


def once(app: Flask) -> list[str]:
    result = app.test_cli_runner().invoke(args=["worker", "--once"])
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def count(app: Flask, model: type[db.Model]) -> int:  # type: ignore[name-defined]
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def settings(app: Flask) -> Iterator[Config]:
    """The settings, put back after a test that changes them."""
    former: Config = app.extensions["settings"]
    yield former
    app.extensions["settings"] = former


def test_every_job_that_is_due_runs_once(app: Flask) -> None:
    assert {"Scellé quotidien du journal", "Envoi des messages"} <= set(LABELS)
    assert once(app) == [f"{label}\u00a0: fait" for label in LABELS]
    assert once(app) == [f"{label}\u00a0: déjà fait pour cette échéance" for label in LABELS]


def test_the_mails_leave_and_the_journals_are_sealed(app: Flask, world: World, clock: FrozenClock) -> None:
    with app.app_context():
        file(world.here, now=clock.now())
        file(world.there, now=clock.now(), tools=("oscar",))
    once(app)
    with app.app_context():
        # The people of the tests have not signed in for two months: they are warned, and that leaves next time.
        sent = select(Outbox.sent_at).where(Outbox.template != "rights-warning")
        assert db.session.scalars(sent).all() == [clock.now()] * 4
        sealed = db.session.execute(select(Seal.partner_id, Seal.number)).all()
    assert {tuple(row) for row in sealed} == {(world.here.partner_id, 1), (world.there.partner_id, 1)}


def test_the_seal_waits_for_the_next_day(app: Flask, world: World, clock: FrozenClock) -> None:
    once(app)
    with app.app_context():
        file(world.here, now=clock.now())
    clock.advance(timedelta(hours=16))
    once(app)
    assert count(app, Seal) == 0, "it is one in the morning in Paris"
    clock.advance(timedelta(hours=1))
    once(app)
    assert count(app, Seal) == 1


def test_what_has_expired_is_forgotten_and_the_rest_kept(
    app: Flask, world: World, clock: FrozenClock
) -> None:
    user = world.here.people[Role.USER]

    def leave_traces(name: str) -> None:
        now = clock.now()
        with transaction():
            open_session(user.account_id, now=now, lifetime=timedelta(hours=12))
            count_attempt(user.email, "192.0.2.1", now=now)
            db.session.add(FormToken(token_digest=name, account_id=user.account_id, created_at=now))
            keep(examine("journal.txt", b"erreur 500"), actor=user.actor, now=now)

    with app.app_context():
        leave_traces("old")
        clock.advance(timedelta(days=3))
        leave_traces("recent")
    once(app)
    assert [count(app, model) for model in EVERY_TABLE_OF_A_LOGIN] == [1, 1, 1]
    assert count(app, Attachment) == 1


def test_the_files_of_a_ticket_are_never_dropped(app: Flask, world: World, clock: FrozenClock) -> None:
    with app.app_context():
        ticket: Ticket = file(world.here, now=clock.now())
        with transaction():
            actor = world.here.actor(Role.USER)
            keep(examine("a.txt", b"erreur"), actor=actor, now=clock.now(), subject_id=ticket.id, sequence=1)
    clock.advance(timedelta(days=400))
    once(app)
    assert count(app, Attachment) == 1


def test_a_failure_is_said_and_the_other_jobs_run(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the seal broke")

    monkeypatch.setattr("app.journal.jobs.seal", broken)
    result = app.test_cli_runner().invoke(args=["worker", "--once"])
    assert result.exit_code == 1
    assert "Scellé quotidien du journal\u00a0: échec, voir le journal technique" in result.output
    assert result.output.count("\u00a0: fait") == len(LABELS) - 1


def test_a_wrong_mail_setting_stops_the_worker_by_name(app: Flask, settings: Config) -> None:
    app.extensions["settings"] = replace(settings, smtp_url="smtp://relais.test", mail_from="")
    result = app.test_cli_runner().invoke(args=["worker", "--once"])
    assert result.exit_code == 2
    assert "MAIL_FROM" in result.output
    assert count(app, JobRun) == 0


def test_the_worker_ends_cleanly_when_told_to(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "SECRET_KEY": "for the tests only, forty characters or so",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'desk.db'}",
        "PYTHONUNBUFFERED": "1",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "worker"],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as worker:
        try:
            assert worker.stderr is not None
            assert "started: seal-journals" in worker.stderr.readline()
            worker.send_signal(signal.SIGTERM)
            worker.send_signal(signal.SIGTERM)
            _, rest = worker.communicate(timeout=30)
        finally:
            worker.kill()  # a failure must not wait for a worker that nobody stops
    assert worker.returncode == 0, rest
    assert rest.splitlines()[-1].endswith("app.infra.scheduler: stopped")
