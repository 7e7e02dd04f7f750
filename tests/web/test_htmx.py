from __future__ import annotations

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from jinja2 import ChoiceLoader, DictLoader
from werkzeug.wrappers import Response as BaseResponse

from app.web.htmx import announce, redirect_to, render, root_id

PAGES = {
    "list.html": "<main>{% include '_queue_rows.html' %}</main>",
    "_queue_rows.html": '<div id="queue-rows">{{ rows }}</div>',
}


@pytest.fixture
def client(bare_app: Flask) -> FlaskClient:
    loader = bare_app.jinja_env.loader
    assert loader is not None
    bare_app.jinja_env.loader = ChoiceLoader([DictLoader(PAGES), loader])

    @bare_app.get("/liste")
    def show() -> Response:
        announce("12 résultats")
        return render("list.html", "_queue_rows.html", status=422, title="File <2>", rows="a & b")

    @bare_app.get("/silence")
    def show_silently() -> Response:
        return render("list.html", "_queue_rows.html", rows="")

    @bare_app.get("/acte")
    def act() -> BaseResponse:
        return redirect_to("/liste")

    return bare_app.test_client()


def asked(target: str, **more: str) -> dict[str, str]:
    return {"HX-Request": "true", "HX-Target": target, **more}


def test_a_browser_alone_gets_the_page(client: FlaskClient) -> None:
    assert client.get("/liste").text == '<main><div id="queue-rows">a &amp; b</div></main>'


def test_htmx_gets_the_fragment_with_the_title_and_the_voice(client: FlaskClient) -> None:
    response = client.get("/liste", headers=asked("queue-rows"))
    assert response.status_code == 422
    title, fragment, voice = response.text.splitlines()
    assert title == "<title>File &lt;2&gt; — Correspondant SI</title>"
    assert fragment == '<div id="queue-rows">a &amp; b</div>'
    assert voice == '<div hx-swap-oob="innerHTML:#annonce">12 résultats</div>'


def test_a_fragment_without_title_or_voice_comes_alone(client: FlaskClient) -> None:
    assert client.get("/silence", headers=asked("queue-rows")).text.strip() == '<div id="queue-rows"></div>'


def test_htmx_that_targets_something_else_gets_the_page(client: FlaskClient) -> None:
    assert "<main>" in client.get("/liste", headers=asked("contenu")).text


def test_history_is_restored_from_the_page(client: FlaskClient) -> None:
    restored = asked("queue-rows", **{"HX-History-Restore-Request": "true"})
    assert "<main>" in client.get("/liste", headers=restored).text


def test_after_a_post_one_goes_and_reads(client: FlaskClient) -> None:
    response = client.get("/acte")
    assert (response.status_code, response.headers["Location"]) == (303, "/liste")
    response = client.get("/acte", headers=asked("queue-rows"))
    assert (response.status_code, response.headers["HX-Redirect"]) == (204, "/liste")


def test_a_fragment_is_addressed_by_the_name_of_its_file() -> None:
    assert root_id("tickets/_queue_rows.html") == "queue-rows"
