"""`flask worker`: the process that does what no page waits for."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.config import Config
from app.infra.console import BadInput, FrenchCommand
from app.infra.mailer import mailer_for
from app.infra.scheduler import Task, run_until_stopped
from app.worker.alarm import tell_administrators
from app.worker.jobs import jobs
from app.worker.models import Outcome
from app.worker.runner import Job, run_if_due

SAID = {
    Outcome.DONE: "fait",
    Outcome.FAILED: "échec, voir le journal technique",
    None: "déjà fait pour cette échéance",
}


@click.command("worker", cls=FrenchCommand)
@click.option("--once", is_flag=True, help="Fait une fois ce qui est dû, puis s’arrête.")
@with_appcontext
def worker(once: bool) -> None:
    """Envoie les messages, scelle les journaux et fait le ménage, jusqu’à ce qu’on l’arrête."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    settings: Config = app.extensions["settings"]
    try:
        mailer = mailer_for(settings.smtp_url, settings.mail_from)
    except ValueError as error:
        raise BadInput(str(error)) from None
    todo = jobs(mailer, settings.public_url, settings)
    if once:
        run_once(app, todo)
        return
    run_until_stopped([Task(job.name, job.schedule.look_every, partial(_look, app, job)) for job in todo])


def run_once(app: Flask, todo: Sequence[Job]) -> None:
    """Run each job that is due, and say so. Exits with 1 when one failed."""
    outcomes = []
    for job in todo:
        outcome = run_if_due(job, app.extensions["clock"], tell_administrators)
        click.echo(f"{job.label} : {SAID[outcome]}")
        outcomes.append(outcome)
    if Outcome.FAILED in outcomes:
        raise SystemExit(1)


def _look(app: Flask, job: Job) -> None:
    """In a thread of the scheduler: its own context, hence its own database session."""
    with app.app_context():
        run_if_due(job, app.extensions["clock"], tell_administrators)
