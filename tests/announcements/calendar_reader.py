"""A strict reader of iCalendar (RFC 5545), for tests: it refuses what the standard does."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

_NAME = re.compile(r"[A-Z0-9-]+")
_MULTIPLE = {"CATEGORIES"}


@dataclass
class Component:
    name: str
    properties: dict[str, str] = field(default_factory=dict)
    parts: list[Component] = field(default_factory=list)

    def text(self, name: str) -> str:
        return unescape(self.properties[name])

    def moment(self, name: str) -> datetime:
        return datetime.strptime(self.properties[name], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def read_calendar(content: bytes) -> Component:
    """The VCALENDAR. Asserts line ends, line lengths, folding inside characters, nesting and what must be there."""
    assert content.endswith(b"\r\n"), "every line ends with CRLF"
    assert b"\n" not in content.replace(b"\r\n", b""), "no bare line end"
    assert b"\r" not in content.replace(b"\r\n", b"")
    lines: list[str] = []
    for raw in content.removesuffix(b"\r\n").split(b"\r\n"):
        assert len(raw) <= 75, "a line has 75 octets at most"
        line = raw.decode("utf-8")  # a character cut in two would not decode
        if line.startswith((" ", "\t")):
            lines[-1] += line[1:]
        else:
            lines.append(line)
    stack = [Component("")]
    for line in lines:
        head, _, value = line.partition(":")
        name, *parameters = head.split(";")
        assert _NAME.fullmatch(name), line
        assert all("=" in parameter for parameter in parameters)
        if name == "BEGIN":
            stack.append(Component(value))
        elif name == "END":
            done = stack.pop()
            assert done.name == value
            stack[-1].parts.append(done)
        else:
            assert name not in stack[-1].properties or name in _MULTIPLE, f"{name} twice"
            stack[-1].properties[name] = value
    (calendar,) = stack.pop().parts
    assert calendar.name == "VCALENDAR"
    assert calendar.properties["VERSION"] == "2.0"
    assert calendar.properties["PRODID"]
    assert calendar.parts, "one component at least"
    for event in events(calendar):
        assert {"UID", "DTSTAMP", "DTSTART"} <= event.properties.keys()
        if "DTEND" in event.properties:
            assert event.moment("DTEND") > event.moment("DTSTART")
        for name in ("SUMMARY", "DESCRIPTION", "CATEGORIES"):
            assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", event.properties.get(name, "")), "escaped"
    return calendar


def events(calendar: Component) -> list[Component]:
    return [part for part in calendar.parts if part.name == "VEVENT"]


def unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] in "nN" else match[1], text)
