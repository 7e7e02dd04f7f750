"""A documentation base for tests: articles written in one line, and a person before its pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.policy import Role
from app.documentation.rules import ArticleText
from app.documentation.service import create, place
from app.documentation.vocabulary import State
from app.infra.tx import transaction
from tests.conftest import START
from tests.factories import Place, World, log_in

LATER = (START + timedelta(days=90)).date()


def write(place_: Place, title: str = "Page blanche", state: State = State.PUBLISHED, **changes: Any) -> str:
    """The address of an article, written by the correspondent. Needs an application context."""
    text = ArticleText(**{"title": title, "body": "Videz le cache.", "review_on": LATER, **changes})
    with transaction():
        article = create(text, actor=place_.actor(), now=START)
        place(article, state, actor=place_.actor(), now=START)
        return article.slug


class Reader:
    """Someone before the pages of the documentation, without JavaScript."""

    def __init__(
        self, app: Flask, world: World, role: Role = Role.CORRESPONDENT, *, there: bool = False
    ) -> None:
        place_ = world.there if there else world.here
        self.client: FlaskClient = log_in(app, app.test_client(), place_.people[role])

    def get(self, url: str) -> BeautifulSoup:
        answer = self.client.get(url, follow_redirects=True)
        assert answer.status_code == 200, answer.text
        return BeautifulSoup(answer.text, "html5lib")

    def send(self, page: str, action: str | None = None, /, **typed: Any) -> TestResponse:
        """Fill in and send the form of a page that posts to `action` (to the page itself if not said)."""
        action = action or page
        form = self.get(page).select_one(f'main form[method=post][action="{action}"]')
        assert form is not None, f"no form posts to {action}"
        return self.client.post(action, data={**values(form), **typed})

    def read(self, answer: TestResponse) -> str:
        """What the page says after an answer, redirected or not."""
        if answer.status_code == 303:
            return words(self.get(answer.headers["Location"]))
        return words(BeautifulSoup(answer.text, "html5lib"))


def values(form: Tag) -> dict[str, Any]:
    """What a browser would send of a form that nobody touched."""
    sent: dict[str, Any] = {}
    for field in form.select("input[name], textarea[name], select[name]"):
        name = str(field["name"])
        if field.name == "select":
            chosen = field.select_one("option[selected]") or field.select_one("option")
            sent[name] = str(chosen["value"]) if chosen else ""
        elif field.get("type") in {"checkbox", "radio"}:
            if field.has_attr("checked"):
                sent[name] = [*sent.get(name, []), str(field["value"])]
        elif field.get("type") != "file":
            sent[name] = (
                field.get_text().removeprefix("\n")
                if field.name == "textarea"
                else str(field.get("value", ""))
            )
    return sent


def words(node: Tag | None) -> str:
    """What is read; every space, breaking or not, is a plain one."""
    assert node is not None
    return " ".join(node.get_text(" ").split())
