"""`make demo`: load the demonstration if it is not there, then serve it with its worker until told to stop.

Everything stands in the folder DEMO_DIR: the database, and the key that signs the sessions. PORT changes
the port. Deleting the folder starts over.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import click

from app.accounts.policy import ROLE_LABELS, Role
from app.config import ROOT
from app.demo.people import JALLE, NORD, PlaceSpec
from app.demo.world import PASSWORD
from app.infra.console import BadInput

HOST, PORT = "127.0.0.1", 8000
FOLDER = "var/demo"
BLOCKING_THREADS = min(8, 2 * (os.cpu_count() or 1) + 1)  # as many as granian finds reasonable
STARTS_WITHIN_S, STOPS_WITHIN_S = 60, 15
LOOK_EVERY_S = 0.2


@dataclass(frozen=True)
class Site:
    """Where the demonstration stands and answers."""

    folder: Path
    port: int

    @property
    def database(self) -> Path:
        return self.folder / "demo.db"

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Site:
        """Raises BadInput when PORT is no port."""
        typed = environ.get("PORT", "").strip() or str(PORT)
        if not typed.isdecimal() or not 1 <= int(typed) <= 65_535:
            raise BadInput(f"PORT : un nombre entre 1 et 65535 est attendu, « {typed} » reçu.")
        return cls((ROOT / environ.get("DEMO_DIR", FOLDER)).resolve(), int(typed))

    def settings(self, database: Path, environ: Mapping[str, str]) -> dict[str, str]:
        """The environment of the server, the worker and the commands. No mail ever leaves a demonstration."""
        return {
            **environ,
            "SECRET_KEY": _secret_key(self.folder),
            "DATABASE_URL": f"sqlite:///{database}",
            "PUBLIC_URL": self.url,
            "DEMO": "1",
            "SECURE_COOKIES": "0",
            "SMTP_URL": "",
            "FLASK_SKIP_DOTENV": "1",
        }


def main() -> None:
    """Load, serve, and stop everything on Ctrl-C or SIGTERM. Exits with 2 when it cannot start."""
    try:
        site = Site.from_env(os.environ)
        site.folder.mkdir(parents=True, exist_ok=True)
        with _alone(site.folder):
            check_port_is_free(site.port)
            make_ready(site)
            raise SystemExit(serve(site))
    except BadInput as refusal:
        refusal.show()
        raise SystemExit(refusal.exit_code) from None
    except KeyboardInterrupt:
        click.echo("\nArrêté.", err=True)
        raise SystemExit(130) from None


def check_port_is_free(port: int) -> None:
    """Raises BadInput when something answers there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise BadInput(
                f"le port {port} est déjà pris. Arrêtez ce qui l’occupe, ou choisissez-en un autre : "
                f"PORT={port + 1 if port < 65_535 else PORT} make demo"
            ) from None


def make_ready(site: Site) -> None:
    """A database up to date that holds the demonstration. What an interrupted loading left is thrown away."""
    if not site.database.exists():
        loading = site.folder / "loading.db"
        for remnant in site.folder.glob("loading.db*"):
            remnant.unlink()
        _flask(site, loading, "db", "upgrade")
        _flask(site, loading, "demo")
        _fold_in_one_file(loading)
        loading.rename(site.database)
    _flask(site, site.database, "db", "upgrade")


def serve(site: Site) -> int:
    """Run the server and the worker until told to stop; 0, or 1 when one of them ended by itself."""
    stop = Event()
    former = {
        number: signal.signal(number, lambda _number, _frame: stop.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    processes: list[subprocess.Popen[bytes]] = []
    try:
        processes += [_start(site, command) for command in (_server(site.port), _worker())]
        if _wait_for_answer(site.port, processes, stop):
            click.echo(welcome(site))
        while not stop.wait(LOOK_EVERY_S):
            if any(process.poll() is not None for process in processes):
                click.echo(
                    "Le serveur ou son auxiliaire s’est arrêté de lui-même : voir ci-dessus.", err=True
                )
                return 1
        click.echo("\nArrêt en cours…", err=True)
        return 0
    finally:
        _stop(processes)
        for number, handler in former.items():
            signal.signal(number, handler)


def welcome(site: Site) -> str:
    """What the person reads once it answers."""
    return "\n".join(
        (
            "",
            f"La démonstration est ouverte : {site.url}",
            f"Mot de passe de tous les comptes : {PASSWORD}",
            "",
            *_accounts("Département du Nord", NORD),
            *_accounts("Communauté de communes Jalle-Eau Bourde", JALLE),
            f"Pour repartir à neuf, supprimez le dossier {site.folder}. Ctrl-C pour arrêter.",
            "",
        )
    )


def _accounts(name: str, place: PlaceSpec) -> Iterator[str]:
    """The first account of each role."""
    yield name
    for role in Role:
        seat = next((seat for seat in place.seats if role in seat.roles), None)
        if seat is not None:
            yield f"  {ROLE_LABELS[role]:<42} {seat.email}"
    yield ""


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two demonstrations in one folder would load it together."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BadInput(f"une démonstration est déjà ouverte dans {folder}.") from None
        yield


def _secret_key(folder: Path) -> str:
    """The key of this folder, made at its first use and readable by its owner only."""
    path = folder / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii")


def _flask(site: Site, database: Path, *command: str) -> None:
    """Run a command of the house. Raises BadInput when it fails: it has said why."""
    environ = site.settings(database, os.environ)
    done = subprocess.run(  # noqa: S603 - our own commands
        [sys.executable, "-m", "flask", "--app", "wsgi", *command], cwd=ROOT, env=environ, check=False
    )
    if done.returncode:
        raise BadInput(f"« flask {' '.join(command)} » a échoué.")


def _fold_in_one_file(database: Path) -> None:
    """Bring what stands in the write-ahead log into the file itself, which can then be renamed."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _server(port: int) -> list[str]:
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port),
        "--workers", "1", "--blocking-threads", str(BLOCKING_THREADS), "--log-level", "warning", "wsgi:app",
    ]  # fmt: skip


def _worker() -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]


def _start(site: Site, command: Sequence[str]) -> subprocess.Popen[bytes]:
    """In a group of its own: Ctrl-C reaches this process only, which stops the others in order."""
    environ = site.settings(site.database, os.environ)
    return subprocess.Popen(command, cwd=ROOT, env=environ, process_group=0)  # noqa: S603 - our own commands


def _wait_for_answer(port: int, processes: Sequence[subprocess.Popen[bytes]], stop: Event) -> bool:
    """Whether the server answers before it is too late, one process ends, or we are told to stop."""
    for _ in range(int(STARTS_WITHIN_S / LOOK_EVERY_S)):
        try:
            socket.create_connection((HOST, port), timeout=1).close()
            return True
        except OSError:
            if stop.wait(LOOK_EVERY_S) or any(process.poll() is not None for process in processes):
                return False
    return False


def _stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    for process in processes:
        try:
            process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


if __name__ == "__main__":
    main()
