"""The database locked, full or restarted: a 503 page in French, nothing half written, and it recovers by itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.policy import Role
from app.config import Config
from app.extensions import db
from app.factory import create_app
from app.infra import search
from app.infra.engines import database_url
from app.kernel.clock import FrozenClock
from app.tickets.models import Ticket
from tests.conftest import START
from tests.factories import log_in, make_place
from tests.servers import own_postgresql

NEW = "/sollicitations/nouvelle"
LONG = "Page blanche. " * 600  # enough to need new pages of the database


def desk_on(url: str) -> tuple[Flask, FlaskClient]:
    config = Config(secret_key="x" * 40, database_url=database_url(url), secure_cookies=False, testing=True)
    app = create_app(config, clock=FrozenClock(START))
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        db.create_all()
        with db.engine.begin() as connection:
            search.create(connection)
        person = make_place("pas-de-calais-2024", "pas-de-calais").people[Role.USER]
        db.session.remove()
    return app, log_in(app, app.test_client(), person)


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    return tmp_path / "desk.db"


@pytest.fixture
def sqlite_desk(sqlite_file: Path) -> Iterator[tuple[Flask, FlaskClient]]:
    app, client = desk_on(f"sqlite:///{sqlite_file}")
    yield app, client
    with app.app_context():
        db.engine.dispose()


def send(client: FlaskClient) -> TestResponse:
    values = {"tools": "suivi-de-parcours", "kind": "panne", "subject": "Page blanche", "text": LONG}
    return client.post(NEW, data=values)


def filed(app: Flask) -> int:
    with app.app_context():
        count = db.session.scalar(select(func.count()).select_from(Ticket)) or 0
        db.session.remove()
    return count


def check_refused(answer: TestResponse) -> None:
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    words = BeautifulSoup(answer.text, "html5lib").main.get_text(" ", strip=True)  # type: ignore[union-attr]
    assert "La base de données ne répond pas. Rien n’a été enregistré" in words


def test_a_database_locked_for_too_long(
    sqlite_desk: tuple[Flask, FlaskClient], sqlite_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, client = sqlite_desk
    monkeypatch.setattr("app.infra.engines.SQLITE_BUSY_TIMEOUT_MS", 50)
    with app.app_context():
        db.engine.dispose()  # the next connection waits less
    with closing(sqlite3.connect(sqlite_file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        check_refused(send(client))
        assert client.get("/sollicitations").status_code == 200, "what is only read is still served"
    assert send(client).status_code == 303
    assert filed(app) == 1


def test_a_full_disk(sqlite_desk: tuple[Flask, FlaskClient]) -> None:
    app, client = sqlite_desk
    assert send(client).status_code == 303
    with app.app_context():
        # What SQLite answers when the file may not grow is what it answers when the disk is full.
        pages = db.session.connection().exec_driver_sql("PRAGMA page_count").scalar()
        db.session.remove()
        with db.engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    before = filed(app)
    answers = [send(client) for _ in range(5)]
    check_refused(answers[-1])
    accepted = sum(answer.status_code == 303 for answer in answers)
    assert filed(app) == before + accepted, "what was refused left nothing behind"
    with app.app_context():
        db.engine.dispose()  # room was made: a new connection may grow the file again
    assert send(client).status_code == 303


def test_postgresql_restarted(tmp_path: Path) -> None:
    server = own_postgresql(tmp_path)
    app, client = desk_on(server.get_uri())
    assert send(client).status_code == 303
    server.stop()
    for answer in (send(client), client.get("/sollicitations")):
        check_refused(answer)
    server.ensure_postgres_running()
    assert send(client).status_code == 303
    assert filed(app) == 2
    with app.app_context():
        db.engine.dispose()
    server.cleanup()
