from __future__ import annotations

from flask import Flask, Response
from flask.testing import FlaskClient


def test_pages_may_load_only_from_here_and_run_nothing_inline(browser: FlaskClient) -> None:
    policy = browser.get("/composants/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_pages_are_not_kept_and_depend_on_what_htmx_asks(browser: FlaskClient) -> None:
    response = browser.get("/composants/")
    assert response.headers["Cache-Control"] == "private, no-store"
    assert {"HX-Request", "HX-Target"} <= set(response.vary)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in response.headers["Permissions-Policy"]


def test_https_is_required_once_it_was_used(browser: FlaskClient) -> None:
    name = "Strict-Transport-Security"
    assert name not in browser.get("/composants/").headers
    assert "max-age=31536000" in browser.get("/composants/", base_url="https://localhost").headers[name]


def test_errors_carry_the_headers_too(browser: FlaskClient) -> None:
    assert "Content-Security-Policy" in browser.get("/absent").headers


def test_a_view_keeps_the_caching_that_it_chose(bare_app: Flask) -> None:
    @bare_app.get("/flux")
    def feed() -> Response:
        return Response("", headers={"Cache-Control": "public, max-age=60"})

    assert bare_app.test_client().get("/flux").headers["Cache-Control"] == "public, max-age=60"


def test_pages_travel_compressed_when_it_helps(bare_app: Flask) -> None:
    bare_app.add_url_rule("/court", "short", lambda: "court")
    bare_app.add_url_rule("/long", "long", lambda: "long " * 1000)
    client = bare_app.test_client()
    accept = {"Accept-Encoding": "gzip"}
    assert client.get("/long", headers=accept).content_encoding == "gzip"
    assert "Accept-Encoding" in client.get("/long").vary
    assert client.get("/long").content_encoding is None
    assert client.get("/long", headers={"Accept-Encoding": "gzip;q=0"}).content_encoding is None
    assert client.get("/court", headers=accept).content_encoding is None
