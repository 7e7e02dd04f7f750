"""Typed Markdown as harmless HTML: converted, then kept to a list of allowed elements, whatever was typed.

A page has one h1, its own: the headings of a text begin at h2. Callouts are quotations that begin with a mark:

    > [!À savoir]
    > L’habilitation est suspendue après deux mois sans connexion.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from xml.etree.ElementTree import Element, SubElement

import nh3
from markdown import Markdown
from markdown.extensions import Extension
from markdown.extensions.fenced_code import FencedBlockPreprocessor
from markdown.treeprocessors import Treeprocessor
from markupsafe import Markup

from app.kernel.text import fold
from app.web.filters import paragraphs

ID_PREFIX = "s-"
_TOP_HEADING = 2
_BEFORE_INLINE = 25  # words are still as typed; the inline processor has priority 20
_AFTER_INLINE = 4
# Beyond these a text is no prose, and would make the converter run for minutes or out of stack.
_DEEPEST_QUOTE = 6
_DEEPEST_INDENT = 40
_LONGEST_RUN = 12
_MOST_STEPS = 500_000

# What follows « [! » at the head of a quotation: the word shown, and how it looks (static/css/components.css).
CALLOUTS = {
    "a savoir": ("À savoir", "info"),
    "astuce": ("Astuce", "success"),
    "attention": ("Attention", "warning"),
    "a verifier": ("À vérifier", "warning"),
    "danger": ("Danger", "alarm"),
}
_CODE = FencedBlockPreprocessor.FENCED_BLOCK_RE
_CALLOUT_MARK = re.compile(r"\s*\[!([^\]\n]{1,20})\][ \t]*\n?")
_CAPTION = re.compile(r"Tableau\s*:\s*")
_IMAGE = re.compile(r"/documentation/images/[\w-]{1,32}(?:#([1-9]\d{0,4})x([1-9]\d{0,4}))?")
_LINK = re.compile(r"(?:https?://|mailto:|tel:|/(?![/\\])|#)[^\s\x00-\x1f]*", re.IGNORECASE)
_HEADING_TAG = re.compile(r"h([1-6])")
_STASHED = re.compile(r"\x02[^\x03]*\x03")  # what the converter puts aside until the end
_NUMBER = re.compile(r"\d{1,5}")

_TAGS = frozenset(
    {
        "a", "abbr", "b", "blockquote", "br", "caption", "code", "dd", "del", "details", "div",
        "dl", "dt", "em", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li",
        "mark", "ol", "p", "pre", "s", "samp", "strong", "sub", "summary", "sup", "table", "tbody",
        "td", "th", "thead", "tr", "ul"
    }
)  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    **{f"h{level}": {"id"} for level in range(_TOP_HEADING, 7)},
}
_CLASSES = {
    "div": {"table-frame", "callout", "callout-body", *(f"callout-{kind}" for _, kind in CALLOUTS.values())},
    "p": {"callout-title"},
    "td": {"numeric"},
    "th": {"numeric"},
}
_REMOVED_WITH_CONTENT = {
    "script",
    "style",
    "template",
    "iframe",
    "object",
    "svg",
    "math",
    "noscript",
    "title",
}


@dataclass(frozen=True)
class Heading:
    """A heading of a text, for its table of contents: `id` is its anchor."""

    id: str
    title: str


@dataclass(frozen=True)
class Rendered:
    """A text as HTML, and its headings of the first level."""

    html: Markup
    headings: tuple[Heading, ...]


def render_markdown(text: str) -> Markup:
    """Typed Markdown as HTML that can do no harm; its headings begin at h2."""
    return render_with_headings(text).html


@lru_cache(maxsize=128)
def render_with_headings(text: str) -> Rendered:
    """The same with the headings, for a page that lists them."""
    style = _HouseStyle()
    converter = Markdown(
        extensions=["fenced_code", "sane_lists", "tables", style],
        extension_configs={"tables": {"use_align_attribute": True}},
        output_format="html",
    )
    try:
        html = converter.convert(_tamed(text))
    except RecursionError:
        return Rendered(paragraphs(text), ())
    return Rendered(_harmless(html), tuple(style.headings))


def _tamed(text: str) -> str:
    """The text without what only a hostile one holds: endless nesting, endless marks. Code stays as it is."""
    text = text.replace("\r\n", "\n")
    parts, end = [], 0
    for code in _CODE.finditer(text):
        parts += [_tamed_prose(text[end : code.start()]), code[0]]
        end = code.end()
    return "".join([*parts, _tamed_prose(text[end:])])


def _tamed_prose(text: str) -> str:
    # A heading is a block by itself: the converter would copy the rest of its block for each.
    text = re.sub(r"^(?=#)", "\n", text, flags=re.MULTILINE)
    lines = "\n".join(_shallow(line) for line in text.split("\n"))
    return "\n\n".join(_few_marks(block) for block in lines.split("\n\n"))


def _few_marks(block: str) -> str:
    """The block with what could open a link or a tag taken as plain signs beyond a number that no prose reaches.

    For each of them the converter may read the block to its end: the longer it is, the fewer it may hold.
    """
    most = max(1, _MOST_STEPS // max(1, len(block)))
    for mark, plain in (("[", "\\["), ("<", "&lt;")):
        head, *rest = block.split(mark, most)
        if len(rest) == most:
            block = mark.join([head, *rest[:-1], rest[-1].replace(mark, plain)])
    return block


def _shallow(line: str) -> str:
    indent = len(line) - len(line.lstrip(" \t"))
    line = line[max(0, indent - _DEEPEST_INDENT) :]
    if line.lstrip().startswith(">" * (_DEEPEST_QUOTE + 1)) or line.count(">") > _DEEPEST_QUOTE:
        line = re.sub(r"^([\s>]*)", lambda quotes: quotes[0].replace(">", "", _excess(quotes[0])), line)
    return re.sub(rf"([\[\]!*_`<&]){{{_LONGEST_RUN},}}", lambda run: run[0][:_LONGEST_RUN], line)


def _excess(quotes: str) -> int:
    return max(0, quotes.count(">") - _DEEPEST_QUOTE)


# --- What the house adds to Markdown ---------------------------------------------------------------------


class _HouseStyle(Extension):
    def __init__(self) -> None:
        super().__init__()
        self.headings: list[Heading] = []

    def extendMarkdown(self, md: Markdown) -> None:
        md.treeprocessors.register(_Dress(md), "house-dress", _BEFORE_INLINE)
        md.treeprocessors.register(_Anchors(md, self.headings), "house-anchors", _AFTER_INLINE)
        md.treeprocessors.register(_Images(md), "house-images", _AFTER_INLINE - 1)


class _Dress(Treeprocessor):
    """Quotations that are callouts, tables in their frame with their caption, headings without a gap."""

    def run(self, root: Element) -> None:
        _level_headings(root)
        for parent in list(root.iter()):
            for child in list(parent):
                place = list(parent).index(child) if child.tag in {"blockquote", "table"} else 0
                if child.tag == "blockquote":
                    parent[place : place + 1] = _with_callouts(child)
                elif child.tag == "table":
                    parent[place] = _framed(child)
            _take_captions(parent)


def _level_headings(root: Element) -> None:
    """The highest heading of the text is an h2, and none is more than one step below the one before."""
    headings = [element for element in root.iter() if _HEADING_TAG.fullmatch(element.tag)]
    levels = [int(heading.tag[1]) for heading in headings]
    shift, before = _TOP_HEADING - min(levels, default=_TOP_HEADING), _TOP_HEADING - 1
    for heading, level in zip(headings, levels, strict=True):
        before = min(level + shift, before + 1, 6)
        heading.tag = f"h{before}"


def _with_callouts(quote: Element) -> list[Element]:
    """The quotation parted at each mark: quotations that follow each other arrive here as one."""
    parts, current = [], quote
    for child in list(quote):
        mark = _CALLOUT_MARK.match(child.text or "") if child.tag == "p" else None
        known = CALLOUTS.get(fold(mark[1]).strip()) if mark else None
        if mark and known:
            quote_of_callout, current = _callout(*known)
            parts.append(quote_of_callout)
            child.text = (child.text or "")[mark.end() :]
        if current is not quote:
            quote.remove(child)
            if child.tag != "p" or len(child) or (child.text or "").strip():
                current.append(child)
    return [quote, *parts] if len(quote) else parts


def _callout(word: str, kind: str) -> tuple[Element, Element]:
    """The frame of a callout that says `word`, and the element that receives its content."""
    frame = Element("div", {"class": f"callout callout-{kind}"})
    body = SubElement(frame, "div", {"class": "callout-body"})
    SubElement(body, "p", {"class": "callout-title"}).text = word
    return frame, body


def _framed(table: Element) -> Element:
    for cell in table.iter():
        if cell.tag == "th":
            cell.set("scope", "col")
        if cell.tag in {"td", "th"} and cell.attrib.pop("align", "") == "right":
            cell.set("class", "numeric")
    frame = Element("div", {"class": "table-frame"})
    frame.tail, table.tail = table.tail, None
    frame.append(table)
    return frame


def _take_captions(parent: Element) -> None:
    """« Tableau : … », alone in the paragraph before a table, is its caption."""
    children = list(parent)
    for before, frame in pairwise(children):
        words = _CAPTION.match(before.text or "") if before.tag == "p" else None
        if words and frame.get("class") == "table-frame":
            caption = Element("caption")
            caption.text = (before.text or "")[words.end() :]
            frame[0].insert(0, caption)
            parent.remove(before)


class _Anchors(Treeprocessor):
    """Each heading has an address, made of its words."""

    def __init__(self, md: Markdown, headings: list[Heading]) -> None:
        super().__init__(md)
        self.headings = headings

    def run(self, root: Element) -> None:
        seen: Counter[str] = Counter()
        for element in root.iter():
            if _HEADING_TAG.fullmatch(element.tag):
                title = _STASHED.sub("", "".join(element.itertext())).strip()
                name = re.sub(r"[^a-z0-9]+", "-", fold(title)).strip("-")[:60] or "titre"
                seen[name] += 1
                anchor = f"{ID_PREFIX}{name}" + (f"--{seen[name]}" if seen[name] > 1 else "")
                element.set("id", anchor)
                if element.tag == f"h{_TOP_HEADING}":
                    self.headings.append(Heading(anchor, title))


class _Images(Treeprocessor):
    """An image leaves its room before it is loaded, since its address tells its size; one from elsewhere
    is a link, for a page shows nothing that others could watch being read."""

    def run(self, root: Element) -> None:
        for image in list(root.iter("img")):
            source, words = image.get("src", ""), image.get("alt", "")
            address = _IMAGE.fullmatch(source)
            if address is None:
                image.tag, image.text, image.attrib = "a", words or source, {"href": source}
            elif address[1]:
                image.set("width", address[1])
                image.set("height", address[2])


# --- What may remain -------------------------------------------------------------------------------------


def _harmless(html: str) -> Markup:
    return Markup(_CLEANER.clean(html))  # noqa: S704 - cleaned just now


def _kept_attribute(tag: str, name: str, value: str) -> str | None:
    """The value of an attribute, or None to leave the attribute out."""
    if name == "id":
        return value if value.startswith(ID_PREFIX) else None
    if name == "src":
        return value if _IMAGE.fullmatch(value) else None
    if name == "href":
        return value if _LINK.fullmatch(value) else None
    if name in {"width", "height", "colspan", "rowspan", "start"}:
        return value if _NUMBER.fullmatch(value) else None
    return value


_CLEANER = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags=_REMOVED_WITH_CONTENT,
    attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
    allowed_classes={tag: set(names) for tag, names in _CLASSES.items()},
    attribute_filter=_kept_attribute,
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel="noopener noreferrer",
    strip_comments=True,
)
