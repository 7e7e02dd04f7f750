"""Signing in as a person does, and reading what the pages of accounts show."""

from __future__ import annotations

from datetime import timedelta

import pyotp
from argon2 import PasswordHasher
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.extensions import db
from app.journal.technical import TraceRow
from tests.factories import Person

PASSWORD = "trois chaises bleues"
# Verified as cheaply as it was made: people sign in a hundred times in these tests.
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def page(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html5lib")


def csrf_token(client: FlaskClient, url: str) -> str:
    field = page(client.get(url)).find("input", {"name": "csrf_token"})
    assert field is not None
    return str(field["value"])


def send(client: FlaskClient, url: str, **fields: str) -> TestResponse:
    """The form of the page at `url`, filled in and sent."""
    return client.post(url, data={"csrf_token": csrf_token(client, url), **fields})


def sign_in(client: FlaskClient, person: Person, password: str = PASSWORD, **fields: str) -> TestResponse:
    return send(client, "/connexion", email=person.email, password=password, **fields)


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/mon-compte").status_code == 200


def errors_of(answer: TestResponse) -> list[str]:
    assert answer.status_code == 422
    summary = page(answer).find(id="erreurs")
    assert summary is not None
    return [" ".join(item.get_text().split()) for item in summary.find_all("li")]


def heading(answer: TestResponse) -> str:
    found = page(answer).find("h1")
    assert found is not None
    return found.get_text(strip=True)


def traces(app: Flask) -> list[tuple[str, str]]:
    """What the technical journal holds, in order: the trace and the word that goes with it."""
    with app.app_context():
        rows = db.session.execute(select(TraceRow.trace, TraceRow.what).order_by(TraceRow.id)).all()
    return [(str(trace), what) for trace, what in rows]


class Phone:
    """An authenticator application, which reads what the page of the setting up shows."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.secret = ""
        self.recovery_codes: list[str] = []

    def scan(self, answer: TestResponse) -> None:
        soup = page(answer)
        assert soup.select_one(".qr svg path") is not None
        key = soup.select_one("code.secret")
        assert key is not None
        self.secret = key.get_text().replace(" ", "")

    def code(self, later: int = 0) -> str:
        """The code shown now, or so many steps later."""
        now = self.app.extensions["clock"].now()
        return pyotp.TOTP(self.secret).at(now, counter_offset=later)

    def keep_codes(self, answer: TestResponse) -> None:
        box = page(answer).find("textarea", id="codes")
        assert box is not None, answer.text
        self.recovery_codes = box.get_text().split()

    def next_step(self) -> None:
        self.app.extensions["clock"].advance(timedelta(seconds=30))


def enrol(app: Flask, client: FlaskClient, url: str = "/mon-compte/second-facteur") -> Phone:
    """Set a second factor up on the page at `url`; the phone is then at its next code."""
    phone = Phone(app)
    phone.scan(client.get(url))
    phone.keep_codes(send(client, url, code=phone.code()))
    phone.next_step()
    return phone
