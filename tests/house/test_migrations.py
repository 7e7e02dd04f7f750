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

INSTANT = "'2026-01-05 08:00:00.000000'"
WRITTEN_BY_THE_FIRST_VERSION = (
    "INSERT INTO partner (id, code, name, time_zone, holiday_zone, good_friday, service_hours) "
    "VALUES (1, 'nord', 'Nord', 'Europe/Paris', 'metropole', (1 = 1), 'lun-ven 9h-17h')",
    f"INSERT INTO account (id, email, name, active, created_at) VALUES (1, 'a@x.test', 'A', (1 = 1), {INSTANT})",
    f"INSERT INTO account (id, email, name, active, created_at) VALUES (2, NULL, 'B', (1 = 1), {INSTANT})",
    "INSERT INTO membership (id, partner_id, account_id, role) VALUES (1, 1, 1, 'administrator')",
    "INSERT INTO login_session (token_digest, account_id, partner_id, created_at, last_seen_at, expires_at) "
    f"VALUES ('x', 1, 1, {INSTANT}, {INSTANT}, {INSTANT})",
    f"INSERT INTO job_run (job, slot, started_at, outcome) VALUES ('drain', {INSTANT}, {INSTANT}, 'done')",
)


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


def test_a_desk_in_use_is_brought_up_to_date(empty_app: Flask) -> None:
    """What the first version wrote is still there, and has what the next ones ask of every row."""
    with empty_app.app_context():
        upgrade(revision="0001")
        with db.engine.begin() as connection:
            for statement in WRITTEN_BY_THE_FIRST_VERSION:
                connection.execute(text(statement))
        upgrade()
        with db.engine.connect() as connection:
            references = connection.execute(text("SELECT reference FROM account")).scalars().all()
            method = connection.execute(text("SELECT method FROM login_session")).scalar()
        assert len(set(references)) == 2 and all(references)
        assert method == "local"
        db.engine.dispose()
