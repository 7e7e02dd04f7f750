"""Queue, ticket page, filing and transmission against the floor: `make bench`.

Options: --tickets 10000 100000 (sizes), --rounds 200, --json FILE. SQLite, in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from app.accounts.policy import Role
from app.accounts.sessions import open_session
from app.config import Config
from app.extensions import db
from app.factory import create_app
from app.infra import search
from app.infra.tx import transaction
from app.tickets.models import Ticket
from benchmarks.load import Desk, load
from benchmarks.servers import Browser, cookie_of, form_of, served
from tests.factories import make_place

SECRET = "for the benchmark only, forty characters"
WARM_UP = 10


@dataclass
class Measure:
    """Times of one page and of its floor, in milliseconds, taken in turn."""

    name: str
    ours: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)

    def row(self, tickets: int) -> dict[str, object]:
        def figures(times: list[float]) -> tuple[float, float]:
            ordered = sorted(times)
            return statistics.median(ordered), ordered[int(len(ordered) * 0.95) - 1]

        (median, p95), (floor_median, floor_p95) = figures(self.ours), figures(self.floor)
        return {
            "tickets": tickets,
            "page": self.name,
            "median_ms": round(median, 2),
            "p95_ms": round(p95, 2),
            "floor_median_ms": round(floor_median, 2),
            "floor_p95_ms": round(floor_p95, 2),
            "ratio_median": round(median / floor_median, 2),
            "ratio_p95": round(p95 / floor_p95, 2),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = [row for size in options.tickets for row in measure(size, options.rounds)]
    print(table(rows))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")


def measure(tickets: int, rounds: int) -> list[dict[str, object]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "desk.db"
        url = f"sqlite:///{path}"
        app = create_app(Config(secret_key=SECRET, database_url=url, secure_cookies=False))
        with app.app_context():
            desk, cookie, long_ticket = prepare(app, tickets)
            db.engine.dispose()
        env = {"SECRET_KEY": SECRET, "DATABASE_URL": url, "SECURE_COOKIES": "0", "FLOOR_DATABASE": str(path)}
        with served("wsgi:app", env) as port, served("benchmarks.floor:app", env) as floor_port:
            ours, floor = Browser(port, cookie), Browser(floor_port)
            measures = [
                read(rounds, "queue", ours, "/sollicitations", floor, f"/queue?partner={desk.partner_id}"),
                read(
                    rounds,
                    "ticket",
                    ours,
                    f"/sollicitations/{long_ticket.reference}",
                    floor,
                    f"/ticket?id={long_ticket.id}",
                ),
                file(rounds, ours, floor),
                transmit(rounds, ours, floor, app),
            ]
    return [measure.row(tickets) for measure in measures]


def empty_desk() -> Desk:
    """The tables, a partner with its people, and no ticket."""
    db.create_all()
    with db.engine.begin() as connection:
        for kind in search.KINDS:
            search.create(connection, kind)
    place = make_place("pas-de-calais-2024", "pas-de-calais")
    return Desk(
        place.partner_id,
        place.code,
        place.convention_id,
        place.structures["accueil"],
        place.people[Role.USER].account_id,
        place.people[Role.CORRESPONDENT].account_id,
    )


def prepare(app: Flask, tickets: int) -> tuple[Desk, str, Ticket]:
    """The database with its tickets, a correspondent's cookie, and a ticket with some thirty events."""
    desk = empty_desk()
    load(desk, tickets)
    with transaction():
        token = open_session(desk.correspondent_id, now=datetime.now(UTC), lifetime=timedelta(hours=12))
    cookie = cookie_of(app, token)
    long_ticket = db.session.scalars(
        select(Ticket)
        .where(Ticket.state == "closed", Ticket.version > 25)
        .order_by(Ticket.id.desc())
        .limit(1)
    ).one()
    return desk, cookie, long_ticket


def read(rounds: int, name: str, ours: Browser, path: str, floor: Browser, floor_path: str) -> Measure:
    size = len(ours.get(path).encode())
    return in_turn(name, rounds, lambda: ours.get(path), lambda: floor.get(f"{floor_path}&bytes={size}"))


def file(rounds: int, ours: Browser, floor: Browser) -> Measure:
    measure = Measure("filing")
    for turn in range(rounds + WARM_UP):
        values = form_of(ours.get("/sollicitations/nouvelle"), "/sollicitations/nouvelle")
        values |= {
            "tools": "suivi-de-parcours",
            "kind": "panne",
            "subject": f"Page blanche {turn}",
            "text": "Le portail affiche une page blanche depuis ce matin.",
        }
        record(
            measure,
            turn,
            partial(ours.post, "/sollicitations/nouvelle", values),
            partial(floor.post, "/file", {}),
        )
    return measure


def transmit(rounds: int, ours: Browser, floor: Browser, app: Flask) -> Measure:
    measure = Measure("transmission")
    with app.app_context():
        ready = db.session.execute(
            select(Ticket.reference, Ticket.id)
            .where(Ticket.incident_type == "availability", Ticket.state == "new")
            .order_by(Ticket.id.desc())
            .limit(rounds + WARM_UP)
        ).all()
    assert len(ready) == rounds + WARM_UP, "too few tickets to transmit: ask for fewer rounds"
    for turn, (reference, key) in enumerate(ready):
        path = f"/sollicitations/{reference}/transmission"
        values = form_of(ours.get(path), path)
        record(
            measure, turn, partial(ours.post, path, values), partial(floor.post, f"/transmit?id={key}", {})
        )
    with app.app_context():
        states = set(
            db.session.scalars(
                select(Ticket.state).where(Ticket.reference.in_([reference for reference, _ in ready]))
            )
        )
    assert states == {"transmitted"}, states
    return measure


def in_turn(name: str, rounds: int, ours: Callable[[], object], floor: Callable[[], object]) -> Measure:
    measure = Measure(name)
    for turn in range(rounds + WARM_UP):
        record(measure, turn, ours, floor)
    return measure


def record(measure: Measure, turn: int, ours: Callable[[], object], floor: Callable[[], object]) -> None:
    for act, times in ((ours, measure.ours), (floor, measure.floor)):
        start = time.perf_counter()
        act()
        if turn >= WARM_UP:
            times.append((time.perf_counter() - start) * 1000)


def table(rows: list[dict[str, object]]) -> str:
    head = "| tickets | page | median | p95 | floor median | floor p95 | ratio (median) | ratio (p95) |"
    lines = [head, "|---:|---|---:|---:|---:|---:|---:|---:|"]
    lines += [
        "| {tickets:,} | {page} | {median_ms} ms | {p95_ms} ms | {floor_median_ms} ms | {floor_p95_ms} ms "
        "| {ratio_median} | {ratio_p95} |".format(**row)
        for row in rows
    ]
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    return "\n".join([*lines, "", machine])


if __name__ == "__main__":
    main()
