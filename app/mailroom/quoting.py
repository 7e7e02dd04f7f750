"""What a person wrote in a mail: HTML made text, then quotations and signatures cut. Pure.

Nothing of the HTML survives but its words: no address is followed, no image asked for, nothing hidden is kept.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

_SKIPPED = frozenset({"script", "style", "head", "title", "template", "svg", "object", "noscript"})
_VOID = frozenset({"br", "hr", "img", "meta", "link", "input", "col", "area", "base", "wbr", "source"})
_BLOCKS = frozenset({"p", "div", "br", "hr", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "pre"})
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:px|pt)?\s*(?:;|$)", re.I
)
_QUOTED_IDS = frozenset({"divrplyfwdmsg", "appendonsend", "mail-editor-reference-message-container"})
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")

# What mail programs write above the message that they answer to.
_ATTRIBUTION = re.compile(
    r"(?:le|on)\s[^\n]{4,200}?(?:\n[^\n]{0,120})?\s(?:a écrit|wrote)\s{0,3}:\s*$", re.I | re.M
)
_ORIGINAL = re.compile(
    r"^[-_\s]*(?:message d['’]origine|message original|original message|message transféré|forwarded message)[-_\s]*$",
    re.I | re.M,
)
_OUTLOOK = re.compile(
    r"^\*?(?:de|from)\s?:\*?\s[^\n]{1,300}\n(?:[^\n]{1,300}\n){0,2}?\*?(?:envoyé|sent|date|à|to)\s?:",
    re.I | re.M,
)
_SIGNATURE = re.compile(
    r"^(?:--\s?|_{10,}|envoyé (?:de|depuis) mon .{1,60}|sent from my .{1,60}|obtenir outlook pour .{1,60})$",
    re.I | re.M,
)
_QUOTED_LINE = re.compile(r"^\s{0,3}>.*$\n?", re.M)


def text_of_html(html: str) -> str:
    """The words that a reader of the page would see, quotations left out where the page marks them."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = _SPACES.sub(" ", "".join(reader.words))
    lines = (line.strip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def new_words(text: str) -> str:
    """`text` without the quotation that it answers and without the signature; empty when nothing else is there."""
    for mark in (_ATTRIBUTION, _ORIGINAL, _OUTLOOK):
        match = mark.search(text)
        if match is not None:
            # Someone who answers between the quoted lines goes on below them.
            after = text[match.end() :] if mark is _ATTRIBUTION else ""
            answered = _without_quotation(after) if ">" in after else ""
            text = text[: match.start()] + answered
    text = _without_quotation(text)
    match = _SIGNATURE.search(text)
    if match is not None:
        text = text[: match.start()]
    return _BLANK_LINES.sub("\n\n", text).strip()


def _without_quotation(text: str) -> str:
    return _QUOTED_LINE.sub("", text)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._away: list[str] = []  # the elements open inside the one that is left out

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._away:
            if tag not in _VOID:
                self._away.append(tag)
        elif tag in _BLOCKS:
            self.words.append("\n")
        if not self._away and tag not in _VOID and _is_left_out(tag, dict(attrs)):
            self._away.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self._away and tag in _BLOCKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._away:
            # What was never closed ends with what held it.
            while self._away.pop() != tag:
                pass
        elif not self._away and tag in _BLOCKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._away:
            self.words.append(_SPACES.sub(" ", data.replace("\r", " ").replace("\n", " ")))


def _is_left_out(tag: str, attributes: dict[str, str | None]) -> bool:
    classes = (attributes.get("class") or "").lower().split()
    return (
        tag in _SKIPPED
        or tag == "blockquote"
        or "hidden" in attributes
        or "gmail_quote" in classes
        or (attributes.get("id") or "").lower() in _QUOTED_IDS
        or _HIDDEN.search(attributes.get("style") or "") is not None
    )
