"""Fixtures: the application on each database, wiped between tests; a frozen clock; a small world to act in.

No application context stays open around a test that uses the client: a request must find its own.
Open one with `with app.app_context():`, or ask for the `context` fixture in a test without client.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from sqlalchemy import Table, event, insert, select

from app.config import Config
from app.extensions import db
from app.factory import create_app
from app.infra import search
from app.infra.engines import database_url
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from tests.factories import World, make_world
from tests.servers import postgresql_url

# The same examples on every machine: a red build can always be repeated.
settings.register_profile(
    "house", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")

DATABASES = ("sqlite", "postgresql")
START = datetime.fromisoformat("2026-03-10T09:00:00+01:00")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database", choices=(*DATABASES, "both"), default="both", help="the database(s) that tests run on"
    )
    parser.addoption(
        "--only-databases", action="store_true", help="leave out the tests that need no database"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`--only-databases`: the tests that need no database ran already, with the other database."""
    if config.getoption("--only-databases"):
        alone = [item for item in items if "engine_name" not in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=alone)
        items[:] = [item for item in items if "engine_name" in getattr(item, "fixturenames", ())]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine_name" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--database")
        metafunc.parametrize("engine_name", DATABASES if chosen == "both" else [chosen], scope="session")


@pytest.fixture(scope="session")
def served_app(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application with its tables, once per process and database."""
    folder: Path = tmp_path_factory.mktemp(engine_name)
    url = f"sqlite:///{folder / 'desk.db'}" if engine_name == "sqlite" else postgresql_url(folder)
    os.environ.pop("DATABASE_URL", None)
    app = create_app(
        Config(
            secret_key="for the tests only, forty characters or so",
            database_url=database_url(url),
            secure_cookies=False,
            testing=True,
            gallery=True,
        ),
        clock=FrozenClock(START),
    )
    with app.app_context():
        if engine_name == "sqlite":
            # Durability is not under test: the data goes with the run.
            event.listen(db.engine, "connect", lambda driver, _: driver.execute("PRAGMA synchronous = OFF"))
            db.engine.dispose()
        db.create_all()
        with db.engine.begin() as connection:
            for kind in search.KINDS:
                search.create(connection, kind)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(served_app: Flask) -> Flask:
    """The application on an empty database, its clock set to Tuesday 10 March 2026, 9:00 in Paris."""
    _wipe(served_app)
    served_app.extensions["clock"] = FrozenClock(START)
    return served_app


@pytest.fixture
def clock(app: Flask) -> FrozenClock:
    frozen: FrozenClock = app.extensions["clock"]
    return frozen


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """The application with a context open, for tests of services and queries."""
    with app.app_context():
        yield app


Rows = list[tuple[Table, list[dict[str, object]]]]
# The world of each database, as it was first made: putting its rows back is ten times quicker.
_worlds: dict[str, tuple[World, Rows]] = {}


@pytest.fixture
def world(app: Flask, engine_name: str) -> World:
    """Two partners, their conventions and structures, and one person per role in each."""
    with app.app_context():
        if engine_name not in _worlds:
            _worlds[engine_name] = make_world(), _rows()
        else:
            with transaction():
                for table, rows in _worlds[engine_name][1]:
                    db.session.execute(insert(table), rows)
        return _worlds[engine_name][0]


def _rows() -> Rows:
    found = []
    for table in db.metadata.sorted_tables:
        rows = [dict(row._mapping) for row in db.session.execute(select(table))]
        if rows:
            found.append((table, rows))
    return found


def _wipe(app: Flask) -> None:
    # Deleting from tables that hold little is much quicker than truncating them.
    names = [*search.TABLES, *(table.name for table in reversed(db.metadata.sorted_tables))]
    with app.app_context(), db.engine.begin() as connection:
        if db.engine.dialect.name == "postgresql":
            connection.exec_driver_sql("; ".join(f'DELETE FROM "{name}"' for name in names))
        else:
            for name in names:
                connection.exec_driver_sql(f'DELETE FROM "{name}"')
