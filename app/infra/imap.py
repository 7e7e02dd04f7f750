"""The desk's mailbox, read by IMAP (RFC 3501). What is large comes in pieces; nothing is ever deleted there."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

TIMEOUT_SECONDS = 30
PIECE_BYTES = 1024 * 1024
HEADERS_BYTES = 64 * 1024
DEFAULT_PORTS = {"imap": 143, "imaps": 993}
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
# English whatever the locale (RFC 3501, date-month).
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class MailboxAway(Exception):
    """The mailbox cannot be read now. The message holds no password."""


class Mailbox(Protocol):
    """A mailbox open for a while; `name` tells it from others, `uid_validity` names its numbering."""

    @property
    def name(self) -> str: ...
    @property
    def uid_validity(self) -> int: ...

    def uids(self, since: date) -> list[int]:
        """The mails that nobody has read, and all of those that came since that day, in their order."""
        ...

    def size(self, uid: int) -> int | None:
        """In bytes; None when the mail is no longer there."""
        ...

    def fetch(self, uid: int, most: int) -> bytes:
        """Its first `most` bytes, as they came, without marking it as read."""
        ...

    def headers(self, uid: int) -> bytes: ...

    def mark_seen(self, uid: int) -> None: ...


@dataclass(frozen=True)
class ImapAddress:
    """Where the mailbox is. Its name, in our rows, holds neither the password nor the port."""

    tls: bool
    host: str
    port: int
    user: str
    password: str
    folder: str

    @property
    def name(self) -> str:
        return f"{self.user}@{self.host}/{self.folder}"[:200]


def imap_address(imap_url: str) -> ImapAddress:
    """What IMAP_URL says: `imaps://USER:PASSWORD@HOST/FOLDER`, percent-encoded; `imap://` for this machine only.

    Raises ValueError with a message in French that repeats no password.
    """
    try:
        url = urlsplit(imap_url)
        port = url.port or DEFAULT_PORTS.get(url.scheme, 0)
    except ValueError:
        raise ValueError("l’adresse est mal formée.") from None
    host, user, password = url.hostname or "", unquote(url.username or ""), unquote(url.password or "")
    if not (port and host and user and password):
        raise ValueError("imaps://utilisateur:motdepasse@serveur/INBOX est attendu.")
    if url.scheme == "imap" and host not in LOOPBACK:
        raise ValueError("un mot de passe ne part pas en clair\u00a0: utilisez imaps://.")
    return ImapAddress(
        url.scheme == "imaps", host, port, user, password, unquote(url.path.strip("/")) or "INBOX"
    )


@contextmanager
def open_mailbox(address: ImapAddress) -> Iterator[Mailbox]:
    """The mailbox, closed at the end. Raises MailboxAway, then as well, for whatever the server fails to do."""
    connection: imaplib.IMAP4 | None = None
    try:
        connection = _connected(address)
        yield _selected(connection, address)
    except (imaplib.IMAP4.error, OSError, EOFError) as error:
        raise MailboxAway(f"{type(error).__name__}: {error}".replace(address.password, "***")) from None
    finally:
        if connection is not None:
            with suppress(imaplib.IMAP4.error, OSError, EOFError):
                connection.logout()


def _connected(address: ImapAddress) -> imaplib.IMAP4:
    if address.tls:
        connection: imaplib.IMAP4 = imaplib.IMAP4_SSL(
            address.host, address.port, ssl_context=ssl.create_default_context(), timeout=TIMEOUT_SECONDS
        )
    else:
        connection = imaplib.IMAP4(address.host, address.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.login(address.user, address.password)
    except BaseException:
        with suppress(imaplib.IMAP4.error, OSError):
            connection.shutdown()
        raise
    return connection


def _selected(connection: imaplib.IMAP4, address: ImapAddress) -> Mailbox:
    folder = '"' + address.folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
    _answer(connection.select(folder))
    _, validity = connection.response("UIDVALIDITY")
    return _Imap(connection, address.name, int((validity or [b"0"])[0] or 0))


@dataclass(frozen=True)
class _Imap:
    connection: imaplib.IMAP4
    name: str
    uid_validity: int

    def uids(self, since: date) -> list[int]:
        day = f"{since.day:02d}-{_MONTHS[since.month - 1]}-{since.year}"
        found = _answer(self.connection.uid("SEARCH", "OR", "UNSEEN", "SINCE", day))
        return sorted(int(uid) for line in found if isinstance(line, bytes) for uid in line.split())

    def size(self, uid: int) -> int | None:
        for line in _answer(self.connection.uid("FETCH", str(uid), "(RFC822.SIZE)")):
            match = _SIZE.search(line if isinstance(line, bytes) else b"")
            if match is not None:
                return int(match[1])
        return None

    def fetch(self, uid: int, most: int) -> bytes:
        pieces: list[bytes] = []
        got = 0
        while got < most:
            piece = self._literal(uid, f"(BODY.PEEK[]<{got}.{min(PIECE_BYTES, most - got)}>)")
            pieces.append(piece)
            got += len(piece)
            if len(piece) < PIECE_BYTES:
                break
        return b"".join(pieces)

    def headers(self, uid: int) -> bytes:
        return self._literal(uid, f"(BODY.PEEK[HEADER]<0.{HEADERS_BYTES}>)")

    def mark_seen(self, uid: int) -> None:
        _answer(self.connection.uid("STORE", str(uid), "+FLAGS.SILENT", "(\\Seen)"))

    def _literal(self, uid: int, what: str) -> bytes:
        for line in _answer(self.connection.uid("FETCH", str(uid), what)):
            if isinstance(line, tuple):
                return bytes(line[1])
        return b""


def _answer(answered: tuple[str, list[Any]]) -> list[Any]:
    status, lines = answered
    if status != "OK":
        raise imaplib.IMAP4.error("the server refused a command")
    return lines
