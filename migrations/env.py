"""How Alembic reaches the database: through the application, online only."""

from __future__ import annotations

from alembic import context
from flask import current_app

from app.infra import search
from app.infra.base import UTCDateTime


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """The search index keeps its own tables (app/infra/search.py): Alembic must not see them as strays."""
    return not (kind == "table" and name is not None and search.is_search_table(name))


def render_item(kind: str, value: object, _context: object) -> str | bool:
    """A migration stands alone: our own column type is written as what it stores."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(value, UTCDateTime) else False


def run() -> None:
    migrate = current_app.extensions["migrate"]
    database = migrate.db
    with database.engine.connect() as connection:
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
