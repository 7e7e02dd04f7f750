"""Signing in as a person does, and reading what the pages of accounts show."""

from __future__ import annotations

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.passwords import hash_password
from tests.factories import Person

PASSWORD = "trois chaises bleues"
HASH = hash_password(PASSWORD)


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
