"""The worker of the house on a clock that runs faster than the wall.

`python -m benchmarks.fast_worker SPEED SINCE`: at the instant SINCE (ISO 8601) both clocks told the same time.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from flask import Flask

from app.config import Config
from app.factory import create_app
from app.infra.mailer import mailer_for
from app.infra.scheduler import Task, run_until_stopped
from app.worker.alarm import tell_administrators
from app.worker.jobs import jobs
from app.worker.runner import Job, run_if_due

SHORTEST = timedelta(seconds=1)  # what the scheduler can do


@dataclass(frozen=True)
class FastClock:
    """Processes with the same speed and start tell the same time, ahead of the wall's."""

    speed: int
    since: datetime

    def now(self) -> datetime:
        wall = datetime.now(UTC)
        return self.since + (wall - self.since) * self.speed


def main(speed: int, since: datetime) -> None:
    settings = Config.from_env()
    app = create_app(settings, clock=FastClock(speed, since))
    todo = jobs(mailer_for(settings.smtp_url, settings.mail_from), settings.public_url)
    run_until_stopped(
        [
            Task(job.name, max(job.schedule.look_every / speed, SHORTEST), partial(_look, app, job))
            for job in todo
        ]
    )


def _look(app: Flask, job: Job) -> None:
    with app.app_context():
        run_if_due(job, app.extensions["clock"], tell_administrators)


if __name__ == "__main__":
    main(int(sys.argv[1]), datetime.fromisoformat(sys.argv[2]))
