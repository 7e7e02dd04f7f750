"""`/mon-compte/messages`: which mails a person receives."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.policy import Role
from app.announcements.models import AnnouncementPreference
from app.extensions import db
from app.notifications.models import Preference
from tests.factories import World, log_in
from tests.tickets.screens import hidden

PAGE = "/mon-compte/messages"


@pytest.fixture
def user(app: Flask, world: World) -> FlaskClient:
    return log_in(app, app.test_client(), world.here.people[Role.USER])


def read(client: FlaskClient) -> BeautifulSoup:
    return BeautifulSoup(client.get(PAGE).text, "html5lib")


def chosen(page: BeautifulSoup) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for box in page.select("main form input[checked]"):
        found.setdefault(str(box["name"]), []).append(str(box["value"]))
    return found


def send(client: FlaskClient, **fields: object) -> tuple[int, BeautifulSoup]:
    form = read(client).select("main form")[0]
    answer = client.post(PAGE, data={**hidden(form), **fields})
    return answer.status_code, BeautifulSoup(answer.text, "html5lib")


def test_before_any_choice_mails_leave_at_once(user: FlaskClient) -> None:
    assert chosen(read(user)) == {"pace": ["at-once"], "hours": ["8", "14"], "announcements": ["at-once"]}


def test_a_choice_is_kept(app: Flask, user: FlaskClient) -> None:
    status, _ = send(user, pace="digest", hours=["18", "7"], announcements="none")
    assert status == 303
    assert chosen(read(user)) == {"pace": ["digest"], "hours": ["7", "18"], "announcements": ["none"]}
    with app.app_context():
        assert db.session.scalars(select(AnnouncementPreference.mail)).one() == "none"


@pytest.mark.parametrize(
    "fields",
    [
        {"pace": "digest", "announcements": "none"},
        {"pace": "digest", "hours": ["3"], "announcements": "none"},
        {"pace": "digest", "hours": ["midi"], "announcements": "none"},
        {"pace": "parfois", "hours": ["8"], "announcements": "none"},
        {"pace": "none", "hours": ["8"], "announcements": "parfois"},
    ],
)
def test_what_is_not_offered_changes_nothing(
    app: Flask, user: FlaskClient, fields: dict[str, object]
) -> None:
    status, page = send(user, **fields)
    assert status == 422
    assert page.select_one("#erreurs") is not None
    with app.app_context():
        assert db.session.scalar(select(Preference)) is None
        assert db.session.scalar(select(AnnouncementPreference)) is None


def test_one_finds_it_from_the_account_and_from_announcements(user: FlaskClient) -> None:
    for page in ("/mon-compte", "/annonces", "/mon-compte/annonces"):
        assert BeautifulSoup(user.get(page).text, "html5lib").select_one(f'main a[href="{PAGE}"]'), page
