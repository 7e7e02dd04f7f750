"""Which migration the code expects, and which one the database is at."""

from __future__ import annotations

from functools import cache

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from app.config import ROOT


@cache
def expected_revision() -> str:
    """The last migration of the code."""
    return ScriptDirectory(str(ROOT / "migrations")).get_current_head() or ""


def revision_of(connection: Connection) -> str:
    """The migration that the database is at; empty when it was never migrated."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.scalar(text("SELECT version_num FROM alembic_version")) or "")
