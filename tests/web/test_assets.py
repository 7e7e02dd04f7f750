from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from app.config import ROOT
from app.web.assets import STYLESHEETS, load

STATIC = ROOT / "static"
PAGE = "/composants/"


def first_visit(browser: FlaskClient) -> dict[str, int]:
    """The address and compressed size of each thing that the page makes a browser fetch."""
    page = browser.get(PAGE, headers={"Accept-Encoding": "gzip"})
    soup = BeautifulSoup(gzip.decompress(page.data), "html5lib")
    addresses = {str(tag["src"]) for tag in soup.select("script[src], img[src]")}
    addresses |= {str(tag["href"]) for tag in soup.select("link[href]")}
    fetched = {address for address in addresses if not address.startswith("data:")}
    sizes = {PAGE: len(page.data)}
    for address in fetched:
        response = browser.get(address, headers={"Accept-Encoding": "gzip"})
        assert response.status_code == 200, address
        sizes[address] = len(response.data)
    return sizes


def test_a_first_visit_asks_for_five_things_at_most(browser: FlaskClient) -> None:
    assert len(first_visit(browser)) <= 5


def test_all_but_the_page_leaves_it_room_in_sixty_kilobytes(browser: FlaskClient) -> None:
    shared = sum(size for address, size in first_visit(browser).items() if address != PAGE)
    assert shared <= 55_000, f"{shared} octets before the page itself: the budget is 60 kB in all"


def test_the_stylesheet_asks_for_nothing_but_the_preloaded_font(browser: FlaskClient) -> None:
    css = load(STATIC)["css/app.css"].content.decode()
    fonts = re.findall(r'url\("\.\./([^"]+)"\)', css)
    assert [f"/static/{path}" for path in fonts] == [a for a in first_visit(browser) if a.endswith(".woff2")]
    assert "http" not in css.replace('[href^="http"]', "")


def test_every_stylesheet_is_in_the_bundle() -> None:
    assert {path.stem for path in (STATIC / "css").glob("*.css")} == set(STYLESHEETS)


def test_assets_are_kept_for_ever_and_named_by_their_content(bare_app: Flask, browser: FlaskClient) -> None:
    address = bare_app.jinja_env.globals["asset"]("js/app.js")  # type: ignore[operator]
    digest = hashlib.sha256((STATIC / "js/app.js").read_bytes()).hexdigest()[:12]
    assert address == f"/static/js/app.js?v={digest}"
    response = browser.get(address)
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.mimetype == "text/javascript"
    assert response.content_encoding is None
    assert browser.get(address, headers={"If-None-Match": response.headers["ETag"]}).status_code == 304


def test_a_browser_that_accepts_it_gets_the_compressed_form(browser: FlaskClient) -> None:
    response = browser.get("/static/css/app.css", headers={"Accept-Encoding": "gzip"})
    assert response.content_encoding == "gzip"
    assert "Accept-Encoding" in response.vary
    assert gzip.decompress(response.data) == browser.get("/static/css/app.css").data


def test_an_asset_that_does_not_exist(bare_app: Flask, browser: FlaskClient) -> None:
    assert browser.get("/static/css/absent.css").status_code == 404
    assert browser.get("/static/../app/config.py").status_code == 404
    with pytest.raises(KeyError):
        bare_app.jinja_env.globals["asset"]("absent.css")  # type: ignore[operator]


@pytest.mark.parametrize("note", sorted(STATIC.glob("vendor/*/SOURCE.md")), ids=lambda path: path.parent.name)
def test_vendored_files_are_those_of_their_note(note: Path) -> None:
    assert (note.parent / "LICENSE").is_file()
    for name, digest in re.findall(r"\| (\S+) \| ([0-9a-f]{64}) \|", note.read_text("utf-8")):
        assert hashlib.sha256((note.parent / name).read_bytes()).hexdigest() == digest
