"""Markdown read as plain text: for excerpts, for search, for what is said of an article elsewhere. Pure."""

from __future__ import annotations

import re

EXCERPT_LENGTH = 180

_FENCE = re.compile(r"^[ \t]{0,3}(?:```|~~~)[^\n]*$", re.MULTILINE)
_IMAGE = re.compile(r"!\[([^\]\n]*)\]\([^)\n]*\)")
_LINK = re.compile(r"\[([^\]\n]+)\]\([^)\n]*\)")
_BARE_LINK = re.compile(r"<(https?://[^>\s]+)>")
_TAG = re.compile(r"<[^>\n]{0,500}>")
_TABLE_RULE = re.compile(r"^[ \t]*\|?[ \t:|-]*-{3}[ \t:|-]*$\n?", re.MULTILINE)
_LINE_MARK = re.compile(
    r"^[ \t]{0,3}(?:#{1,6}\s+|>\s?(?:\[![^\]\n]*\])?|[-*+]\s+|\d{1,3}[.)]\s+)", re.MULTILINE
)
_EMPHASIS = re.compile(r"(\*{1,3}|(?<!\w)_{1,3}|_{1,3}(?!\w)|`+)")
_BLANK = re.compile(r"\n\s*\n")
_BEFORE_MARK = re.compile(r" (?=[:;!?%»](?:\s|$))")
_AFTER_QUOTE = re.compile("«[ ]")
_HEADING = re.compile(r"[ ]{0,3}#")


def plain_text(markdown: str) -> str:
    """The words of a Markdown text without its marks, paragraph after paragraph, code included."""
    text = _FENCE.sub("", markdown)
    text = _LINK.sub(r"\1", _IMAGE.sub(r"\1", text))
    text = _TAG.sub(" ", _BARE_LINK.sub(r"\1", text))
    text = _LINE_MARK.sub("", _TABLE_RULE.sub("", text))
    text = _EMPHASIS.sub("", text.replace("|", " "))
    paragraphs = (" ".join(paragraph.split()) for paragraph in _BLANK.split(text))
    return "\n".join(paragraph for paragraph in paragraphs if paragraph)


def excerpt(markdown: str, length: int = EXCERPT_LENGTH) -> str:
    """The first paragraph that is no heading, cut at a word after `length` characters at most."""
    blocks = [block for block in _BLANK.split(markdown) if block.strip()]
    prose = [block for block in blocks if not _HEADING.match(block)]
    return shortened(plain_text((prose or blocks or [""])[0]).replace("\n", " "), length)


def typeset(line: str) -> str:
    """A line as French printers set it: no-break spaces inside « » and before : ; ! ? %."""
    return _BEFORE_MARK.sub("\u00a0", _AFTER_QUOTE.sub("«\u00a0", line))


def shortened(text: str, length: int) -> str:
    """`text`, cut at the last word that ends within `length` characters, with « … » when it was cut."""
    if len(text) <= length:
        return text
    cut = text[:length].rpartition(" ")[0] or text[:length]
    return cut.rstrip(" ,;:.\u00a0") + "…"
