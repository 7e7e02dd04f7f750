"""What a supervisor and Prometheus read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import stamp
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from app.accounts.policy import Role
from app.config import Config
from app.extensions import db
from app.factory import create_app
from app.kernel.clock import FrozenClock
from tests.factories import World, log_in, transmitted

TOKEN = "a token for the tests, forty characters long"


@pytest.fixture
def with_token(app: Flask) -> Iterator[Flask]:
    former: Config = app.extensions["settings"]
    app.extensions["settings"] = replace(former, metrics_token=TOKEN)
    yield app
    app.extensions["settings"] = former


@pytest.fixture
def migrated(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        stamp()
    yield app
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))


def figures(client: FlaskClient) -> dict[tuple[str, ...], float]:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_ready_once_the_database_is_at_the_migration_of_the_code(app: Flask, client: FlaskClient) -> None:
    assert client.get("/health/live").status_code == 200
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.text) == (503, "migration needed\n")


def test_ready(migrated: Flask, client: FlaskClient) -> None:
    assert client.get("/health/ready").status_code == 200


def test_alive_but_not_ready_without_a_database() -> None:
    away = "postgresql+psycopg://nobody@127.0.0.1:9/nothing"
    lost = create_app(Config(secret_key="x" * 40, database_url=away, testing=True)).test_client()
    assert lost.get("/health/live").status_code == 200
    answer = lost.get("/health/ready")
    assert (answer.status_code, answer.text) == (503, "database away\n")


@pytest.mark.parametrize("sent", [None, "Bearer wrong", f"Basic {TOKEN}", "Bearer é"])
def test_figures_are_for_who_bears_the_token(
    with_token: Flask, client: FlaskClient, sent: str | None
) -> None:
    headers = {"Authorization": sent} if sent else {}
    assert client.get("/metrics", headers=headers).status_code == 401


def test_without_a_token_set_there_is_no_such_page(client: FlaskClient) -> None:
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_the_desk_in_figures(
    with_token: Flask, client: FlaskClient, world: World, clock: FrozenClock
) -> None:
    with with_token.app_context():
        transmitted(world.here, now=clock.now())
    clock.advance(timedelta(minutes=20))
    with_token.test_cli_runner().invoke(args=["worker", "--once"])
    log_in(with_token, client, world.here.people[Role.USER]).get("/sollicitations")

    read = figures(client)

    assert read["desk_clocks", "take-up", "overdue"] == 1
    assert read["desk_clocks", "return-to-service", "running"] == 1
    assert read["desk_mails", "waiting"] == 0
    assert read["desk_job_last_success_timestamp_seconds", "drain-outbox"] == clock.now().timestamp()
    assert read["desk_requests_total", "tickets.queue", "GET", "200"] >= 1
    assert read["desk_request_seconds_count", "tickets.queue"] >= 1
