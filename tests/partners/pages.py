"""Reading the pages of the administration, and filling in their forms, as a browser without JavaScript does."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PAGE = "/administration/conventions/pas-de-calais-2024"


ICONS = re.compile("<svg.*?</svg>", re.DOTALL)


def soup(answer: TestResponse) -> BeautifulSoup:
    """The page, its icons left out: they are half of its elements, and nobody reads them."""
    return BeautifulSoup(ICONS.sub("", answer.text), "html.parser")


def words(answer: TestResponse) -> str:
    """What is read; every space, breaking or not, is a plain one."""
    return " ".join(soup(answer).get_text(" ").split())


def rows(answer: TestResponse, caption: str) -> list[dict[str, str]]:
    """The rows of a table as heading → text."""
    for table in soup(answer).select("table"):
        if table.caption is not None and table.caption.get_text() == caption:
            return [
                {
                    str(cell["data-label"]): " ".join(cell.get_text(" ").split())
                    for cell in line.select("td[data-label]")
                }
                for line in table.select("tbody tr")
            ]
    raise AssertionError(f"no table « {caption} »")


def filled(client: FlaskClient, url: str) -> dict[str, str | list[str]]:
    """What a browser would send from the form of a page, had nobody typed anything."""
    form = soup(client.get(url)).select_one("main form")
    assert form is not None
    sent: dict[str, str | list[str]] = {}
    for field in form.select("input[name], textarea[name]"):
        name, value = str(field["name"]), str(field.get("value", field.get_text()))
        if field.get("type") != "checkbox":
            sent[name] = value
        elif field.has_attr("checked"):
            sent[name] = [*sent.get(name, []), value]
    for choice in form.select("select[name]"):
        chosen = choice.select_one("option[selected]") or choice.select_one("option")
        assert chosen is not None
        sent[str(choice["name"])] = str(chosen["value"])
    return sent


def save(client: FlaskClient, url: str, /, **changes: str | list[str]) -> TestResponse:
    """Change the form of a page and send it, as a browser without JavaScript does."""
    return client.post(url, data={**filled(client, url), **changes})
