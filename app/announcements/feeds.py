"""Announcements for other programs: an Atom feed (RFC 4287) and an iCalendar file (RFC 5545). Pure.

The same announcements give the same bytes: nothing here depends on when it is asked, so that a reader who has
them already is answered in three words (304).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

ATOM = "http://www.w3.org/2005/Atom"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# The names of our own: an entry keeps its identity wherever the desk is moved.
_NAMESPACE = uuid.UUID("6f0a3c0e-6c35-5a0e-9f0b-3d6f1b7f8a51")
_LINE_OCTETS = 75
PRODUCT = "-//Correspondant SI//Annonces//FR"


# A calendar holds one component at least (RFC 5545, 3.6), even when nothing is announced.
_UTC = (
    "BEGIN:VTIMEZONE",
    "TZID:UTC",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0000",
    "END:STANDARD",
    "END:VTIMEZONE",
)


@dataclass(frozen=True)
class FeedEntry:
    """An announcement as feeds hold it. Times are aware; `html` is harmless markup, `text` what was typed."""

    reference: str
    title: str
    html: str
    text: str
    category: str
    url: str
    published_at: datetime
    updated_at: datetime
    version: int
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True)
class Channel:
    """What the feed is: its name, whose it is, the page that shows the same, and its own address."""

    name: str
    author: str
    page_url: str
    own_url: str
    since: datetime


def identity(name: str) -> uuid.UUID:
    """The lasting identity of something that has a reference."""
    return uuid.uuid5(_NAMESPACE, name)


# --- Atom ------------------------------------------------------------------------------------------------


def atom(channel: Channel, entries: Sequence[FeedEntry]) -> bytes:
    """The feed, the entry changed last first."""
    feed = Element("feed", {"xmlns": ATOM, XML_LANG: "fr"})
    _text(feed, "title", channel.name)
    _text(feed, "id", identity(channel.page_url + channel.author).urn)
    _text(feed, "updated", _instant(max([channel.since, *(entry.updated_at for entry in entries)])))
    SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": channel.own_url})
    SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": channel.page_url})
    author = SubElement(feed, "author")
    _text(author, "name", channel.author)
    for entry in sorted(entries, key=lambda entry: (entry.updated_at, entry.reference), reverse=True):
        _add_entry(feed, entry)
    document: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return document


def _add_entry(feed: Element, entry: FeedEntry) -> None:
    node = SubElement(feed, "entry")
    _text(node, "title", entry.title)
    _text(node, "id", identity(entry.reference).urn)
    _text(node, "published", _instant(entry.published_at))
    _text(node, "updated", _instant(entry.updated_at))
    SubElement(node, "link", {"rel": "alternate", "type": "text/html", "href": entry.url})
    SubElement(node, "category", {"term": entry.category})
    content = SubElement(node, "content", {"type": "html"})
    content.text = str(entry.html)  # plain text to this library, which escapes it


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


# --- iCalendar -------------------------------------------------------------------------------------------


def icalendar(channel: Channel, entries: Iterable[FeedEntry]) -> bytes:
    """The entries that have a date. Times are in UTC, which every program reads alike across seasons."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{escape(channel.name)}",
        f"X-WR-CALNAME:{escape(channel.name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        *_UTC,
    ]
    dated = [entry for entry in entries if entry.starts_at is not None]
    for entry in sorted(dated, key=lambda entry: (str(entry.starts_at), entry.reference)):
        lines += _event(entry)
    lines.append("END:VCALENDAR")
    return "".join(f"{fold_line(line)}\r\n" for line in lines).encode()


def _event(entry: FeedEntry) -> Iterable[str]:
    assert entry.starts_at is not None
    yield "BEGIN:VEVENT"
    yield f"UID:{identity(entry.reference)}"
    yield f"DTSTAMP:{_stamp(entry.updated_at)}"
    yield f"LAST-MODIFIED:{_stamp(entry.updated_at)}"
    yield f"SEQUENCE:{entry.version}"
    yield f"DTSTART:{_stamp(entry.starts_at)}"
    if entry.ends_at is not None:
        yield f"DTEND:{_stamp(entry.ends_at)}"
    yield f"SUMMARY:{escape(f'{entry.category} : {entry.title}')}"
    if entry.text:
        yield f"DESCRIPTION:{escape(entry.text)}"
    yield f"CATEGORIES:{escape(entry.category)}"
    yield f"URL:{entry.url}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def escape(text: str) -> str:
    """A value of type TEXT (RFC 5545, 3.3.11)."""
    for character, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(character, written)
    return text


def fold_line(line: str) -> str:
    """The line in pieces of 75 octets at most, none cut inside a character (RFC 5545, 3.1)."""
    pieces, piece, size = [], "", 0
    for character in line:
        octets = len(character.encode())
        if size + octets > _LINE_OCTETS:
            pieces.append(piece)
            piece, size = " ", 1
        piece += character
        size += octets
    return "\r\n".join([*pieces, piece])
