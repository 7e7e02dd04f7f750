"""How Alembic reaches the database: through the application, online only."""

from __future__ import annotations

from alembic import context
from flask import current_app

from app.infra import search


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """The search index keeps its own tables (app/infra/search.py): Alembic must not see them as strays."""
    return not (kind == "table" and name is not None and search.is_search_table(name))


def run() -> None:
    migrate = current_app.extensions["migrate"]
    database = migrate.db
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            include_name=include_name,
            compare_type=False,
            **migrate.configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
