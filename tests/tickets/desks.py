"""A person before one ticket, in a test: they open an act, type, send, and read what is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.policy import Role
from app.tickets import events as e
from app.tickets.queries import records_of
from tests.factories import World, log_in


def as_role(app: Flask, world: World, role: Role) -> FlaskClient:
    return log_in(app, app.test_client(), world.here.people[role])


def words(node: Tag | BeautifulSoup | None) -> str:
    """The text of a node, each run of spaces made one ordinary space."""
    assert node is not None
    return " ".join(node.get_text(" ").split())


class Desk:
    """A person before one ticket: they open an act, type, and send."""

    def __init__(self, app: Flask, client: FlaskClient, reference: str, ticket_id: int) -> None:
        self.app, self.client, self.reference, self.ticket_id = app, client, reference, ticket_id

    def url(self, slug: str) -> str:
        return f"/sollicitations/{self.reference}/actes/{slug}"

    def form(self, url: str) -> dict[str, Any]:
        """What the form holds when it is shown, typed by nobody."""
        answer = self.client.get(url)
        assert answer.status_code == 200, answer.text
        form = BeautifulSoup(answer.text, "html5lib").select_one("#act-form form")
        assert form is not None
        values: dict[str, Any] = {}
        for field in form.select("input, textarea, select"):
            if field.get("type") in ("checkbox", "radio") and not field.has_attr("checked"):
                continue
            if field.name == "select":
                chosen = field.select_one("option[selected]")
                values[str(field["name"])] = str(chosen["value"]) if chosen else ""
            elif field.get("type") != "file":
                values[str(field["name"])] = (
                    field.text.lstrip("\n") if field.name == "textarea" else field.get("value", "")
                )
        return values

    def send(self, slug: str, **typed: Any) -> TestResponse:
        url = self.url(slug)
        return self.client.post(url, data=self.form(url) | typed)

    def records(self) -> list[e.Recorded]:
        with self.app.app_context():
            return records_of(self.ticket_id)

    def last(self) -> e.Recorded:
        return self.records()[-1]

    def flash(self) -> str:
        page = BeautifulSoup(self.client.get(f"/sollicitations/{self.reference}").text, "html5lib")
        return words(page.select_one("#messages"))


def errors(answer: TestResponse) -> dict[str, str]:
    """The message beside each field, by the label of the field."""
    page = BeautifulSoup(answer.text, "html5lib")
    found = {}
    for field in page.select(".has-error"):
        name, message = field.select_one("label, legend"), field.select_one(".field-error")
        found[words(name).removesuffix(" (obligatoire)")] = words(message).removeprefix("Erreur : ")
    return found


Open = Callable[..., Desk]
