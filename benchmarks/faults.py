"""Kill -9 under load, then count: nothing that was answered may be missing.

    python -m benchmarks.faults --seconds 60                         # SQLite: one web process, one worker
    python -m benchmarks.faults --seconds 60 --database postgresql   # two of each

Clients file tickets while web processes and workers are killed at random and started again. Afterwards: every
reference that a client was given is there, every event and clock verifies, every mail left at least once, under
one Message-ID each.
"""

from __future__ import annotations

import argparse
import http.client
import random
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from app.accounts.policy import Role
from app.accounts.sessions import open_session
from app.config import Config
from app.extensions import db
from app.factory import create_app
from app.infra import search
from app.infra.engines import database_url
from app.infra.tx import transaction
from app.journal.models import Subject
from app.journal.verify import verify_journal
from app.notifications.models import Outbox
from app.tickets.verify import verify_tickets
from benchmarks.fleet import SECRET, Fleet, PostOffice, wait_for
from benchmarks.servers import Browser, Refused, cookie_of, form_of
from tests.factories import make_place, transmitted
from tests.servers import another_database, postgresql_url

NEW = "/sollicitations/nouvelle"


@dataclass
class Client(threading.Thread):
    """Files tickets one after the other, and remembers those that were answered."""

    ports: Sequence[int]
    cookie: str
    until: threading.Event
    most: int = 1_000_000
    answered: list[str] = field(default_factory=list)
    cut: int = 0

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        turn = 0
        while not self.until.is_set() and len(self.answered) < self.most:
            turn += 1
            try:
                self.answered.append(self._file(self.ports[turn % len(self.ports)], turn))
            except (OSError, http.client.HTTPException, Refused):
                self.cut += 1
                time.sleep(0.2)  # its web process was killed: another, or the same again, will answer

    def _file(self, port: int, turn: int) -> str:
        browser = Browser(port, self.cookie)
        with closing(browser.connection):
            values = form_of(browser.get(NEW), NEW)
            values |= {
                "tools": "suivi-de-parcours",
                "kind": "panne",
                "subject": f"Page blanche {turn}",
                "text": "Le portail affiche une page blanche depuis ce matin.",
            }
            browser.post(NEW, values)
        location = browser.location
        assert location.startswith("/sollicitations/"), location
        return location.removeprefix("/sollicitations/").partition("?")[0]


@dataclass(frozen=True)
class Count:
    """What was found afterwards. Nothing may be in `lost` nor in `faults`."""

    answered: int
    cut: int
    lost: list[str]
    faults: list[str]
    mails: int
    mails_received: int
    received_twice: int


def prepared(url: str, late: int = 0) -> tuple[Flask, str]:
    """The application on `url`, its tables made, and the cookie of a user who may file.

    `late` tickets were sent to France Travail a while ago: it should have taken them up by now.
    """
    app = create_app(
        Config(secret_key=SECRET, database_url=database_url(url), secure_cookies=False, demo=True)
    )
    with app.app_context():
        db.create_all()
        with db.engine.begin() as connection:
            search.create(connection)
        place = make_place("pas-de-calais-2024", "pas-de-calais")
        with transaction():
            token = open_session(
                place.people[Role.USER].account_id, now=datetime.now(UTC), lifetime=timedelta(hours=12)
            )
        for _ in range(late):
            transmitted(place, now=datetime.now(UTC) - timedelta(minutes=20))
        db.session.remove()
    return app, cookie_of(app, token)


def count(app: Flask, clients: Sequence[Client], office: PostOffice) -> Count:
    """Compare what was answered with what is there, once every mail has left."""
    answered = [reference for client in clients for reference in client.answered]
    with app.app_context():
        wait_for(lambda: not _mails_waiting(), "the mails to leave", 90)
        kept = set(db.session.scalars(select(Subject.reference)))
        faults = [str(fault) for fault in (*verify_journal(), *verify_tickets())]
        mails = db.session.scalar(select(func.count()).select_from(Outbox)) or 0
        db.session.remove()
        db.engine.dispose()
    return Count(
        answered=len(answered),
        cut=sum(client.cut for client in clients),
        lost=[reference for reference in answered if reference not in kept],
        faults=faults,
        mails=mails,
        mails_received=len(office.received),
        received_twice=sum(times > 1 for times in office.received.values()),
    )


def _mails_waiting() -> bool:
    db.session.rollback()
    return bool(db.session.scalar(select(func.count()).where(Outbox.sent_at.is_(None))))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sqlite = asked.database == "sqlite"
        url = (
            f"sqlite:///{folder}/desk.db"
            if sqlite
            else another_database(postgresql_url(Path(folder)), "faults")
        )
        app, cookie = prepared(url)
        kills, found = rampage(app, url, cookie, asked.seconds, random.Random(asked.seed), 1 if sqlite else 2)
    print(f"{kills} processes killed in {asked.seconds} s on {asked.database}; {found}")
    raise SystemExit(1 if found.lost or found.faults or found.mails_received != found.mails else 0)


def rampage(
    app: Flask, url: str, cookie: str, seconds: int, chance: random.Random, processes: int
) -> tuple[int, Count]:
    """Load and kills for so many seconds; how many were killed, and what is left."""
    until, kills = threading.Event(), 0
    with PostOffice() as office, Fleet(url, office.url, processes, processes) as fleet:
        clients = [Client(fleet.ports, cookie, until) for _ in range(4)]
        for client in clients:
            client.start()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(chance.uniform(0.5, 4))
            victim = chance.choice(sorted(fleet.processes))
            fleet.kill(victim)
            fleet.start(victim)
            fleet.wait_until_served()
            kills += 1
        until.set()
        for client in clients:
            client.join()
        return kills, count(app, clients, office)


if __name__ == "__main__":
    main()
