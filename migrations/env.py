"""How Alembic reaches the database: through the application, online only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from app.infra import search
from app.infra.base import UTCDateTime


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """The search index keeps its own tables (app/infra/search.py): Alembic must not see them as strays."""
    return not (kind == "table" and name is not None and search.is_search_table(name))


def render_item(kind: str, value: object, _context: object) -> str | bool:
    """A migration stands alone: our own column type is written as what it stores."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(value, UTCDateTime) else False


@contextmanager
def without_foreign_keys(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by making it anew: for that moment, what refers to it refers to nothing.

    Before they are enforced again, every reference is looked at.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.dbapi_connection
    assert driver is not None, "the connection was just opened"
    driver.execute("PRAGMA foreign_keys = OFF")  # without effect inside a transaction: none is open yet
    try:
        yield
        broken = driver.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"references to rows that do not exist: {broken[:5]}")
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


def run() -> None:
    migrate = current_app.extensions["migrate"]
    database = migrate.db
    with database.engine.connect() as connection, without_foreign_keys(connection):
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            include_name=include_name,
            render_item=render_item,
            **migrate.configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
