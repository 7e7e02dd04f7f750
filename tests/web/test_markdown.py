"""Markdown as harmless HTML, whatever is typed."""

from __future__ import annotations

from collections.abc import Iterator
from time import process_time

import pytest
from bs4 import BeautifulSoup, Tag

from app.web.markdown import Heading, render_markdown, render_with_headings
from tests.web.hostile_markdown import ENDLESS, PAYLOADS

ELEMENTS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "blockquote",
        "br",
        "caption",
        "code",
        "dd",
        "del",
        "details",
        "div",
        "dl",
        "dt",
        "em",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "mark",
        "ol",
        "p",
        "pre",
        "s",
        "samp",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
ATTRIBUTES = frozenset(
    {
        "href",
        "rel",
        "title",
        "src",
        "alt",
        "width",
        "height",
        "start",
        "colspan",
        "rowspan",
        "scope",
        "id",
        "class",
    }
)
CLASSES = frozenset(
    [
        "table-frame",
        "callout",
        "callout-body",
        "callout-title",
        "callout-info",
        "callout-success",
        "callout-warning",
        "callout-alarm",
        "numeric",
    ]
)


def body_of(html: str) -> Tag:
    """The fragment as a browser reads it."""
    body = BeautifulSoup(f"<!DOCTYPE html><title>x</title><body>{html}", "html5lib").body
    assert body is not None
    return body


def elements(html: str) -> Iterator[Tag]:
    yield from (element for element in body_of(html).descendants if isinstance(element, Tag))


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_hostile_text_comes_out_harmless(payload: str) -> None:
    html = str(render_markdown(payload))
    for element in elements(html):
        assert element.name in ELEMENTS, f"<{element.name}> in {html}"
        assert set(element.attrs) <= ATTRIBUTES, f"{element.attrs} in {html}"
        assert set(element.get("class", [])) <= CLASSES, html
        assert element.get("id", "s-").startswith("s-"), html
        check_addresses(element, html)


def check_addresses(element: Tag, html: str) -> None:
    source = element.get("src")
    assert source is None or str(source).startswith("/documentation/images/"), html
    assert ".." not in str(source), html
    target = element.get("href")
    if target is not None:
        assert str(target).startswith(("https://", "http://", "mailto:", "tel:", "/", "#")), html
        assert not str(target).startswith(("//", "/\\")), html
        assert not any(character.isspace() or ord(character) < 32 for character in str(target)), html
        assert {"noopener", "noreferrer"} <= set(element.get("rel", [])), html


def test_there_are_a_hundred_payloads_and_they_are_all_different() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 100


@pytest.mark.parametrize("text", ENDLESS, ids=range(len(ENDLESS)))
def test_no_text_keeps_the_server_busy(text: str) -> None:
    start = process_time()
    render_markdown(text)
    assert process_time() - start < 6


# --- What people write -----------------------------------------------------------------------------------


def test_the_page_keeps_its_one_title_and_headings_follow_in_order() -> None:
    html = render_markdown("# Un\n\n#### Deux\n\n# Trois\n\n## Quatre")
    assert [(element.name, element.get_text()) for element in elements(html)] == [
        ("h2", "Un"),
        ("h3", "Deux"),
        ("h2", "Trois"),
        ("h3", "Quatre"),
    ]


def test_headings_have_an_address_each_and_are_listed() -> None:
    rendered = render_with_headings("## Que faire ?\n\n## Que *faire* ?\n\n### À côté")
    assert rendered.headings == (
        Heading("s-que-faire", "Que faire ?"),
        Heading("s-que-faire--2", "Que faire ?"),
    )
    assert [element["id"] for element in elements(rendered.html) if element.get("id")] == [
        "s-que-faire",
        "s-que-faire--2",
        "s-a-cote",
    ]


def test_quotations_that_begin_with_a_mark_are_callouts() -> None:
    html = render_markdown(
        "> [!À savoir]\n> Deux **mois**.\n\n> [!ATTENTION]\n>\n> - un\n\n> [!Inconnu]\n> reste\n\nFin."
    )
    frames = body_of(html).select("div.callout")
    assert [frame["class"] for frame in frames] == [
        ["callout", "callout-info"],
        ["callout", "callout-warning"],
    ]
    assert [frame.select_one(".callout-title").get_text() for frame in frames] == ["À savoir", "Attention"]  # type: ignore[union-attr]
    assert frames[0].select_one("strong").get_text() == "mois"  # type: ignore[union-attr]
    assert "[!Inconnu]" in frames[1].get_text()


def test_a_quotation_stays_one() -> None:
    body = body_of(render_markdown("> Une phrase.\n>\n> [!Astuce]\n> Une aide."))
    assert body.blockquote is not None
    assert body.blockquote.get_text().strip() == "Une phrase."
    assert body.select_one("div.callout-success") is not None


def test_tables_have_their_frame_their_caption_and_headed_columns() -> None:
    body = body_of(render_markdown("Tableau : Codes\n\n| Code | N |\n|---|---:|\n| S001 | 2 |"))
    table = body.select_one("div.table-frame > table")
    assert table is not None
    assert table.caption is not None
    assert table.caption.get_text() == "Codes"
    assert [cell["scope"] for cell in table.select("th")] == ["col", "col"]
    assert [cell.get("class") for cell in table.select("td")] == [None, ["numeric"]]
    assert "Tableau" not in body.get_text()


def test_a_table_without_caption_keeps_the_paragraph_before_it() -> None:
    body = body_of(render_markdown("Les codes :\n\n| a |\n|---|\n| b |"))
    assert body.caption is None
    assert body.p is not None
    assert body.p.get_text() == "Les codes :"


def test_code_stays_as_typed() -> None:
    body = body_of(render_markdown('```json\n# [[[[[[[[[[[[[[[[\n{"a": "<b>"}\n```'))
    assert body.code is not None
    assert body.code.get_text() == '# [[[[[[[[[[[[[[[[\n{"a": "<b>"}\n'


def test_an_image_of_the_base_leaves_its_room_and_one_from_elsewhere_is_a_link() -> None:
    body = body_of(
        render_markdown(
            "![Écran](/documentation/images/abc#640x480) ![Autre](https://exemple.test/a.png) ![](https://exemple.test/b.png)"
        )
    )
    (image,) = body.select("img")
    assert (image["alt"], image["width"], image["height"]) == ("Écran", "640", "480")
    assert [(link["href"], link.get_text()) for link in body.select("a")] == [
        ("https://exemple.test/a.png", "Autre"),
        ("https://exemple.test/b.png", "https://exemple.test/b.png"),
    ]


def test_a_text_that_exhausts_the_converter_is_shown_as_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(_self: object, _text: str) -> str:
        raise RecursionError

    monkeypatch.setattr("markdown.Markdown.convert", exhausted)
    assert render_markdown("<b>trop profond</b> ?") == "<p>&lt;b&gt;trop profond&lt;/b&gt; ?</p>"


def test_a_long_table_with_many_links_keeps_them() -> None:
    rows = "\n".join(f"| [n{n}](https://exemple.test/{n}) | b<br>c |" for n in range(40))
    body = body_of(render_markdown(f"| a | b |\n|---|---|\n{rows}"))
    assert len(body.select("a")) == 40
    assert len(body.select("br")) == 40
