"""Backups that can be trusted: made while the desk serves, read back, restored into an empty place.

A backup is one file of the database beside a manifest (`FILE.json`) that says what it holds: when it was taken,
of which engine, at which migration, its SHA-256, how many tickets and events. SQLite is copied with its online
backup, PostgreSQL with `pg_dump`; both see one instant of the database, whatever is written meanwhile.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from sqlalchemy import URL, Engine, Inspector, inspect, make_url, text

from app.kernel.errors import Impossible, InvalidInput

SUFFIXES = {"sqlite": ".sqlite", "postgresql": ".dump"}
PAGES_PER_STEP = 2_000  # some 8 MB: between two steps, writers pass
COUNTED = ("ticket", "event", "account")
TOOL_TIMEOUT_SECONDS = 4 * 3600
Held = tuple[str, dict[str, int]]  # the migration, and the rows of each counted table


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself. `rows` counts the tables of `COUNTED`; `revision` is the migration."""

    engine: str
    taken_at: str
    revision: str
    size: int
    sha256: str
    rows: dict[str, int]

    @classmethod
    def beside(cls, file: Path) -> Self:
        """The manifest of a backup. Raises InvalidInput when there is none, or it cannot be read."""
        try:
            return cls(**json.loads(manifest_path(file).read_text("utf-8")))
        except FileNotFoundError:
            raise InvalidInput(
                f"{manifest_path(file)}\u00a0: ce fichier manque à côté de la sauvegarde."
            ) from None
        except (ValueError, TypeError):
            raise InvalidInput(
                f"{manifest_path(file)}\u00a0: ce fichier n’est pas celui d’une sauvegarde."
            ) from None


def manifest_path(file: Path) -> Path:
    return file.with_name(file.name + ".json")


def create(engine: Engine, folder: Path, now: datetime) -> Path:
    """Back the database up into a new file of `folder`; returns its path.

    The file gets its name once it is whole: what bears the name of a backup is one. Raises Impossible.
    """
    kind = engine.dialect.name
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"desk-{now:%Y%m%dT%H%M%SZ}{SUFFIXES[kind]}"
    if file.exists():
        raise Impossible(f"{file} existe déjà.")
    unfinished = file.with_name(file.name + ".part")
    try:
        copy = _copy_sqlite if kind == "sqlite" else _dump_postgresql
        revision, rows = copy(engine, unfinished)
        unfinished.chmod(0o600)  # it holds everything that the desk knows of people
        manifest = Manifest(
            engine=kind,
            taken_at=now.isoformat(),
            revision=revision,
            size=unfinished.stat().st_size,
            sha256=sha256_of(unfinished),
            rows=rows,
        )
        manifest_path(file).write_text(json.dumps(asdict(manifest), indent=2) + "\n", "utf-8")
        unfinished.rename(file)
    finally:
        unfinished.unlink(missing_ok=True)
    return file


def check_file(file: Path) -> Manifest:
    """The manifest of a backup whose file is what it says. Raises InvalidInput."""
    if not file.is_file():
        raise InvalidInput(f"{file}\u00a0: cette sauvegarde n’existe pas.")
    manifest = Manifest.beside(file)
    if file.stat().st_size != manifest.size or sha256_of(file) != manifest.sha256:
        raise InvalidInput(
            f"{file}\u00a0: le fichier n’est plus celui qui a été sauvegardé (taille ou SHA-256)."
        )
    if manifest.engine == "sqlite":
        _check_sqlite(file)
    return manifest


def restore(file: Path, url: str, manifest: Manifest) -> None:
    """Put a checked backup into the database of `url`, which must hold nothing. Raises Impossible."""
    target = make_url(url)
    if target.get_backend_name() != manifest.engine:
        raise Impossible(
            f"Cette sauvegarde vient de {manifest.engine}, et la base de destination est {target.get_backend_name()}."
        )
    if manifest.engine == "sqlite":
        _restore_sqlite(file, target)
    else:
        _restore_postgresql(file, target)


def check_empty(engine: Engine) -> None:
    """Raise Impossible when the database holds a table: a restoration never writes over anything."""
    reader: Inspector = inspect(engine)
    if reader.get_table_names():
        raise Impossible(
            "La base de destination contient déjà des tables. Restaurez dans une base vide, vérifiez-la, "
            "puis faites pointer DATABASE_URL vers elle."
        )


def _held(first_row: Callable[[str], Any]) -> Held:
    """The migration and the rows that a database holds, asked through `first_row(query)`."""
    revision = first_row("SELECT version_num FROM alembic_version")
    return (revision[0] if revision else ""), {
        table: int(first_row(f"SELECT count(*) FROM {table}")[0])  # noqa: S608 - the names are ours
        for table in COUNTED
    }


def count_rows(engine: Engine) -> dict[str, int]:
    """The rows of each counted table, as the manifest gives them."""
    with engine.connect() as connection:
        return _held(lambda query: connection.execute(text(query)).fetchone())[1]


def older_than_the_last(folder: Path, keep: int) -> list[Path]:
    """The backups of a folder but the `keep` most recent, by the instant in their names."""
    found = [file for suffix in SUFFIXES.values() for file in folder.glob(f"desk-*{suffix}")]
    return sorted(found, key=lambda file: file.stem)[:-keep]


def remove(file: Path) -> None:
    """Delete a backup and its manifest."""
    file.unlink()
    manifest_path(file).unlink(missing_ok=True)


def sha256_of(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


# --- SQLite ----------------------------------------------------------------------------------------------


def _copy_sqlite(engine: Engine, to: Path) -> Held:
    with closing(sqlite3.connect(str(engine.url.database))) as live, closing(sqlite3.connect(to)) as copy:
        live.backup(copy, pages=PAGES_PER_STEP, sleep=0.01)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, complete by itself
        held = _held(lambda query: copy.execute(query).fetchone())
    _flush(to)
    return held


def _check_sqlite(file: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{file.absolute()}?mode=ro&immutable=1", uri=True)) as copy:
            faults = [row[0] for row in copy.execute("PRAGMA integrity_check(1)") if row[0] != "ok"]
            faults += [f"{row[0]}" for row in copy.execute("PRAGMA foreign_key_check")]
    except sqlite3.DatabaseError as error:
        faults = [str(error)]
    if faults:
        raise InvalidInput(f"{file}\u00a0: la base sauvegardée est abîmée ({faults[0]}).")


def _restore_sqlite(file: Path, target: URL) -> None:
    place = Path(str(target.database))
    place.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file)) as copy, closing(sqlite3.connect(place)) as live:
        copy.backup(live)
    _flush(place)


def _flush(file: Path) -> None:
    """Wait until the disk holds it: a backup that a power cut takes away is none."""
    with file.open("rb+") as content:
        os.fsync(content.fileno())


# --- PostgreSQL ------------------------------------------------------------------------------------------


def _dump_postgresql(engine: Engine, to: Path) -> Held:
    """Dump and count in one snapshot: the manifest says what the file holds, to the row."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as live:
        snapshot = live.scalar(text("SELECT pg_export_snapshot()"))
        held = _held(lambda query: live.execute(text(query)).fetchone())
        options = [
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={snapshot}",
            f"--file={to}",
        ]
        _run(["pg_dump", *options], engine.url)
    return held


def _restore_postgresql(file: Path, target: URL) -> None:
    _run(
        ["pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", str(file)],
        target,
    )


def _run(command: Sequence[str], url: URL) -> None:
    """Run a tool of PostgreSQL on a database. The password travels by the environment, not by the arguments."""
    tool = command[0]
    address = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    try:
        done = subprocess.run(  # noqa: S603 - the arguments are ours, and no shell reads them
            [*command, f"--dbname={address}"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=TOOL_TIMEOUT_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise Impossible(
            f"{tool} est introuvable\u00a0: installez le client PostgreSQL de la version du serveur."
        ) from None
    except subprocess.TimeoutExpired:
        raise Impossible(f"{tool} n’a pas fini dans les temps.") from None
    if done.returncode:
        reason = done.stderr.strip().splitlines()
        raise Impossible(f"{tool} a échoué\u00a0: {reason[0] if reason else 'sans dire pourquoi'}")
