"""How each database is opened. SQLite and PostgreSQL behave alike for the rest of the house."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event

SQLITE_BUSY_TIMEOUT_MS = 10_000
WRITES = "writes"  # execution option that asks for a writing transaction from its first statement


def database_url(url: str) -> str:
    """The URL as SQLAlchemy 2.0 wants it: `postgres://` and `postgresql://` go through psycopg 3."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def engine_options(url: str) -> dict[str, Any]:
    """Options of the engine for `url`."""
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": SQLITE_BUSY_TIMEOUT_MS / 1000}}
    return {"pool_pre_ping": True, "connect_args": {"options": "-c timezone=UTC"}}


def prepare(engine: Engine) -> None:
    """Put SQLite in the mode the house relies on: WAL, full durability, foreign keys, honest transactions.

    The driver's own transaction handling is switched off: it would open none before a SELECT,
    and a deferred one before a write fails at once when another writer came between.
    """
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            f"busy_timeout = {SQLITE_BUSY_TIMEOUT_MS}",
            "cache_size = -32000",
            "temp_store = MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
