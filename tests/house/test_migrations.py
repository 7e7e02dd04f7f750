"""One head, four-digit names, upgraded from nothing to what the models say, and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from app.config import Config
from app.extensions import db
from app.factory import create_app
from app.infra import search
from app.infra.engines import database_url
from tests.house.source import ROOT
from tests.servers import postgresql_url


@pytest.fixture
def empty_app(engine_name: str, tmp_path: Path) -> Flask:
    """The application on a database without any table."""
    url = f"sqlite:///{tmp_path / 'new.db'}" if engine_name == "sqlite" else postgresql_url(tmp_path)
    return create_app(Config(secret_key="x" * 40, database_url=database_url(url), testing=True))


def test_names_and_single_head() -> None:
    names = sorted(path.name for path in (ROOT / "migrations" / "versions").glob("*.py"))
    assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]


def test_from_nothing_to_the_models_and_back(empty_app: Flask) -> None:
    with empty_app.app_context():
        upgrade()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(
                connection,
                opts={
                    "include_name": lambda name, kind, _: (
                        not (kind == "table" and search.is_search_table(name or ""))
                    )
                },
            )
            assert compare_metadata(context, db.metadata) == []
            assert connection.execute(text(f"SELECT count(*) FROM {search.TABLES[0]}")).scalar() == 0
        downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        db.engine.dispose()
