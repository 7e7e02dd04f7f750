"""A raw mail made a `Letter`: who, to whom, when, what was written. Pure, and never surprised.

Mail arrives broken in every way: what cannot be read is left out, and `broken` says so.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime

from app.mailroom.quoting import new_words, text_of_html

TEXT_LENGTH = 10_000
LINE_LENGTH = 200
MOST_PARTS = 200
MOST_FILES = 20
_RECIPIENTS = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")
_ADDRESS = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,250}")
_FAULTS = (
    MessageError, ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError, OverflowError,
)  # fmt: skip
_HEADERS = BytesParser(policy=policy.compat32)


@dataclass(frozen=True)
class File:
    """A file that came along."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Bounce:
    """A delivery status notification (RFC 3464): the Message-ID of the mail, where it went, and why not."""

    message_ids: tuple[str, ...]
    recipient: str
    failed: bool
    reason: str


@dataclass(frozen=True)
class Letter:
    """A mail as the rules read it. `sender` is empty when the mail names none, or several.

    `text` is all that was written, `words` what is new in it. `received_at` is when our own server took it in,
    or else what the sender's clock said; None when neither is legible.
    """

    sender: str = ""
    sender_name: str = ""
    recipients: tuple[str, ...] = ()
    subject: str = ""
    message_id: str = ""
    answers_to: tuple[str, ...] = ()
    received_at: datetime | None = None
    results: tuple[str, ...] = ()
    text: str = ""
    words: str = ""
    files: tuple[File, ...] = ()
    bounce: Bounce | None = None
    headers: dict[str, str] = field(default_factory=dict)
    broken: bool = False


def fingerprint(raw: bytes) -> str:
    """The same for a mail delivered twice: its Message-ID with the digest of its content, whatever servers added."""
    for end in (b"\r\n\r\n", b"\n\n"):
        head, separator, body = raw.partition(end)
        if separator:
            break
    message_id = _line(_HEADERS.parsebytes(head, headersonly=True), "Message-ID")
    return hashlib.sha256(f"{message_id}\0{hashlib.sha256(body).hexdigest()}".encode()).hexdigest()


def read(raw: bytes) -> Letter:
    """The letter in these bytes; what is not legible is empty, and the letter is then `broken`."""
    try:
        message = _HEADERS.parsebytes(raw)
    except _FAULTS:
        return Letter(broken=True)
    senders = _addresses(message, "From")
    text, files, faults = _content(message)
    return Letter(
        sender=senders[0][1] if len(senders) == 1 else "",
        sender_name=senders[0][0][:LINE_LENGTH] if len(senders) == 1 else "",
        recipients=tuple(address for name in _RECIPIENTS for _, address in _addresses(message, name)),
        subject=_line(message, "Subject")[:LINE_LENGTH],
        message_id="".join(_MESSAGE_ID.findall(_line(message, "Message-ID"))[:1]),
        answers_to=tuple(
            _MESSAGE_ID.findall(f"{_line(message, 'In-Reply-To')} {_line(message, 'References')}")
        )[:50],
        received_at=_received_at(message),
        results=tuple(_headers(message, "Authentication-Results")),
        text=text[:TEXT_LENGTH],
        words=new_words(text[: 5 * TEXT_LENGTH])[:TEXT_LENGTH],
        files=files,
        bounce=_bounce(message),
        headers={name: _line(message, name).lower() for name in _TELLING},
        broken=faults,
    )


# The headers by which a machine says that it is one.
_TELLING = (
    "Auto-Submitted", "Precedence", "X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress", "List-Id",
)  # fmt: skip


def _headers(message: Message, name: str) -> list[str]:
    """Each value of a header as one line, decoded as far as it can be."""
    return [_decoded(value) for value in message.get_all(name, [])]


def _line(message: Message, name: str) -> str:
    return next(iter(_headers(message, name)), "")


def _decoded(value: object) -> str:
    text = str(value)
    with suppress(*_FAULTS):
        text = str(make_header(decode_header(text)))
    # Bytes that no header may hold come as lone surrogates.
    return " ".join(text.encode("utf-8", "replace").decode().split())


def _addresses(message: Message, name: str) -> list[tuple[str, str]]:
    """Pairs of a name and an address in lower case. The address is read before its name is decoded: an encoded
    word must not become an address."""
    try:
        pairs = getaddresses([str(value) for value in message.get_all(name, [])])
    except _FAULTS:
        return []
    return [(_decoded(shown), address.lower()) for shown, address in pairs if _ADDRESS.fullmatch(address)]


def _received_at(message: Message) -> datetime | None:
    """The time of the topmost « Received », which our own server wrote; else the Date of the sender."""
    stamps = [value.rpartition(";")[2] for value in _headers(message, "Received")[:1]]
    for stamp in (*stamps, _line(message, "Date")):
        try:
            moment = parsedate_to_datetime(stamp)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except _FAULTS:
            continue
    return None


def _content(message: Message) -> tuple[str, tuple[File, ...], bool]:
    """The text, plain rather than HTML, with the files; and whether a part could not be read."""
    plain: list[str] = []
    pages: list[str] = []
    files: list[File] = []
    broken = False
    for part in _parts(message):
        try:
            name, content = part.get_filename(), _bytes_of(part)
            kind = part.get_content_type()
            is_file = name or part.get_content_disposition() == "attachment" or not kind.startswith("text/")
            if is_file:
                files.append(File(_decoded(name or _unnamed(kind))[:LINE_LENGTH], content))
            elif kind == "text/html":
                pages.append(text_of_html(_text_of(part, content)))
            else:
                plain.append(_text_of(part, content))
        except _FAULTS:
            broken = True
    text = "\n\n".join(plain).strip() or "\n\n".join(pages)
    clean = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return clean.encode("utf-8", "replace").decode().strip(), tuple(files[:MOST_FILES]), broken


def _parts(message: Message) -> Iterator[Message]:
    """The leaves of the mail. A mail inside it is one file, and a report of delivery is read apart."""
    waiting, seen = [message], 0
    while waiting and seen < MOST_PARTS:
        part = waiting.pop()
        seen += 1
        inside = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inside, list):
            waiting += [one for one in reversed(inside) if isinstance(one, Message)]
        else:
            yield part


def _bytes_of(part: Message) -> bytes:
    inside = part.get_payload()
    if isinstance(inside, list):
        return b"\n".join(one.as_bytes() for one in inside if isinstance(one, Message))
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _text_of(part: Message, content: bytes) -> str:
    """The text in the charset that it names, or in those that programs use without saying so."""
    for charset in (part.get_content_charset() or "utf-8", "utf-8", "cp1252"):
        try:
            return content.decode(charset)
        except (LookupError, ValueError):
            continue
    return content.decode("latin-1")


def _unnamed(kind: str) -> str:
    return (
        "courriel.eml"
        if kind == "message/rfc822"
        else "fichier." + kind.rpartition("/")[2].rpartition("+")[2]
    )


def _bounce(message: Message) -> Bounce | None:
    if message.get_content_type() != "multipart/report":
        return None
    if str(message.get_param("report-type", "")).lower() != "delivery-status":
        return None
    said: dict[str, str] = {}
    about: list[str] = []
    for part in message.walk():
        for name in ("Action", "Status", "Final-Recipient", "Diagnostic-Code"):
            said[name] = said.get(name) or _line(part, name)
        inside = part.get_payload()
        if part.get_content_type() == "text/rfc822-headers" and isinstance(inside, str):
            part = _HEADERS.parsebytes(_bytes_of(part), headersonly=True)
        if part is not message:
            about += _MESSAGE_ID.findall(_line(part, "Message-ID"))
    return Bounce(
        message_ids=tuple(about),
        recipient=said["Final-Recipient"].rpartition(";")[2].strip(),
        failed=said["Action"].lower() == "failed" or said["Status"].startswith("5"),
        reason=f"{said['Status']} {said['Diagnostic-Code']}".strip()[:LINE_LENGTH],
    )
