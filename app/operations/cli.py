"""`flask backup …`: what an operator has done every night, and hopes never to need."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import click
from flask import Flask, current_app
from sqlalchemy import make_url

from app.config import ROOT, Config
from app.extensions import db
from app.infra.console import BadInput, FrenchGroup
from app.infra.engines import database_url, engine_options, prepare
from app.journal.verify import verify_journal
from app.operations import backup
from app.operations.schema import expected_revision
from app.tickets.verify import verify_tickets
from app.web.context import now

backup_cli = FrenchGroup("backup", help="Les sauvegardes\u00a0: créer, vérifier, restaurer.")
FOLDER = ROOT / "var" / "backups"


@backup_cli.command("create")
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), default=FOLDER)
@click.option("--keep", type=click.IntRange(min=1), help="Ne garde que les N sauvegardes les plus récentes.")
def create(folder: Path, keep: int | None) -> None:
    """Sauvegarde la base pendant que l’application sert ; affiche le fichier créé."""
    file = backup.create(db.engine, folder, now())
    click.echo(f"{file} ({backup.Manifest.beside(file).size} octets)")
    if keep is not None:
        for old in backup.older_than_the_last(folder, keep):
            backup.remove(old)
            click.echo(f"{old}\u00a0: supprimée")


@backup_cli.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--scratch", help="Base vide où relire une sauvegarde de PostgreSQL (postgresql://…).")
def verify(file: Path, scratch: str | None) -> None:
    """Relit une sauvegarde en entier\u00a0: empreinte, base, journal, sollicitations et horloges."""
    manifest = backup.check_file(file)
    if manifest.engine != "sqlite" and scratch is None:
        click.echo(f"{_described(manifest)} Empreinte conforme.")
        click.echo("Pour relire aussi son contenu, donnez une base vide\u00a0: --scratch postgresql://…")
        return
    with tempfile.TemporaryDirectory() as folder:
        url = database_url(scratch or f"sqlite:///{folder}/relecture.db")
        _restore_and_verify(file, url, manifest)


@backup_cli.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
def restore(file: Path) -> None:
    """Restaure une sauvegarde dans la base de DATABASE_URL, qui doit être vide, puis la vérifie."""
    settings: Config = current_app.extensions["settings"]
    _restore_and_verify(file, settings.database_url, backup.check_file(file))


def _restore_and_verify(file: Path, url: str, manifest: backup.Manifest) -> None:
    with _opened(url):
        backup.check_empty(db.engine)
    backup.restore(file, url, manifest)
    with _opened(url):
        counted = backup.count_rows(db.engine)
        if counted != manifest.rows:
            raise BadInput(
                f"la base restaurée ne compte pas les mêmes lignes\u00a0: {counted}, attendu {manifest.rows}."
            )
        faults = 0
        for fault in chain(verify_journal(), verify_tickets()):
            click.echo(str(fault))
            faults += 1
    if faults:
        raise BadInput(f"{faults} défaut(s) dans le contenu de la sauvegarde.")
    click.echo(
        f"{_described(manifest)} Tout est conforme\u00a0: empreinte, lignes, journal, sollicitations et horloges."
    )
    if manifest.revision != expected_revision():
        click.echo("Elle date d’une autre version\u00a0: lancez flask --app wsgi db upgrade avant de servir.")


def _described(manifest: backup.Manifest) -> str:
    rows = manifest.rows
    return (
        f"Sauvegarde du {manifest.taken_at}, migration {manifest.revision or 'inconnue'}\u00a0: "
        f"{rows['ticket']} sollicitations, {rows['event']} événements, {rows['account']} comptes."
    )


@contextmanager
def _opened(url: str) -> Iterator[None]:
    """The services of the house on another database than the one that the application serves."""
    other = Flask("backup")
    if make_url(url).get_backend_name() not in backup.SUFFIXES:
        raise BadInput("une adresse sqlite:/// ou postgresql:// est attendue.")
    other.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=engine_options(url))
    db.init_app(other)
    with other.app_context():
        prepare(db.engine)
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()
