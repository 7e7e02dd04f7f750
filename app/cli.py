"""Every command of the house, gathered from the features."""

from __future__ import annotations

from flask import Flask

from app.accounts.cli import accounts_cli
from app.deadlines.cli import deadlines_cli
from app.demo.cli import demo
from app.journal.cli import journal_cli
from app.operations.cli import backup_cli
from app.partners.cli import partner_cli
from app.tickets.cli import tickets_cli
from app.worker.cli import worker


def install(app: Flask) -> None:
    """Register the commands: `flask --app wsgi …`."""
    for command in (
        accounts_cli,
        deadlines_cli,
        journal_cli,
        partner_cli,
        tickets_cli,
        worker,
        backup_cli,
        demo,
    ):
        app.cli.add_command(command)
