"""What an administrator reads of the jobs, and the mail that a failing one sends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.policy import Role
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.notifications.digests import choose
from app.notifications.models import Outbox
from app.notifications.vocabulary import Pace
from tests.factories import World, file, log_in


def visit(client: FlaskClient) -> BeautifulSoup:
    answer = client.get("/administration/taches")
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html5lib")


def rows(soup: BeautifulSoup) -> dict[str, dict[str, str]]:
    return {
        row.th.get_text(" ", strip=True): {
            cell["data-label"]: cell.get_text(" ", strip=True) for cell in row.find_all("td")
        }
        for row in soup.select("tbody tr")
    }


@pytest.fixture
def administrator(app: Flask, client: FlaskClient, world: World) -> FlaskClient:
    return log_in(app, client, world.here.people[Role.ADMINISTRATOR])


def worker_once(app: Flask) -> int:
    return app.test_cli_runner().invoke(args=["worker", "--once"]).exit_code


def test_a_desk_without_a_worker_says_so(administrator: FlaskClient) -> None:
    assert "Aucune n’a encore tourné" in visit(administrator).get_text(" ", strip=True)


def test_each_job_says_when_it_runs_and_how_it_ended(
    app: Flask, administrator: FlaskClient, clock: FrozenClock
) -> None:
    assert worker_once(app) == 0
    soup = visit(administrator)
    assert "Aucune tâche ne tourne" not in soup.get_text()
    mails = rows(soup)["Envoi des messages"]
    assert mails["Quand"] == "toutes les 30\u00a0secondes"
    assert mails["Résultat"] == "Faite"
    clock.advance(timedelta(minutes=6))
    assert "Aucune tâche ne tourne" in visit(administrator).get_text()


def test_the_state_of_the_outbox_is_told(
    app: Flask, administrator: FlaskClient, world: World, clock: FrozenClock
) -> None:
    def told() -> list[str]:
        return [tile.get_text(" ", strip=True) for tile in visit(administrator).select("dd.tile-value")]

    assert told() == ["0", "0", "0"]
    with app.app_context():
        for pace in (Pace.AT_ONCE, Pace.DIGEST):
            with transaction():
                choose(world.here.people[Role.USER].account_id, pace, (14,), now=clock.now())
            file(world.here, now=clock.now())
        file(world.there, now=clock.now())
        with transaction():
            lost = update(Outbox).where(Outbox.partner_id == world.there.partner_id)
            db.session.execute(lost.values(next_attempt_at=None))
    assert told() == ["1", "1", "1"]


def test_a_job_that_fails_twice_is_told_once_to_the_administrators(
    app: Flask, administrator: FlaskClient, world: World, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("postmaster@secret.example")

    monkeypatch.setattr("app.notifications.service.give_up_what_is_old", broken)
    for _ in range(3):
        assert worker_once(app) == 1
        clock.advance(timedelta(seconds=30))
    with app.app_context():
        told = db.session.execute(
            select(Outbox.account_id, Outbox.context).where(Outbox.template == "job-failed")
        ).all()
    assert {row.account_id for row in told} == {
        place.people[Role.ADMINISTRATOR].account_id for place in (world.here, world.there)
    }
    assert len(told) == 2
    mails = rows(visit(administrator))["Envoi des messages"]
    assert mails["Échecs en 7 jours"] == "3"
    assert mails["Résultat"].startswith("Échec RuntimeError")
    assert "secret" not in mails["Résultat"]
