"""Sending mail: by SMTP, to the console where no server is set, or to memory for the tests.

Every mailer takes a `Mail` and raises nothing but `Undeliverable`, `TryLater` and `ServerAway`.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, parseaddr
from typing import Protocol
from urllib.parse import unquote, urlsplit

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 20
SENDER_NAME = "Correspondant SI"
DEFAULT_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
CLOSING = 421  # « service not available, closing transmission channel », RFC 5321 §4.2.3
# Wider than the usual 78: a folded Message-ID of a long host name would be encoded, and match no other.
_POLICY = SMTP.clone(max_line_length=400)
# One address, nothing that could end a line or start a second one. The server judges the rest.
_ADDRESS = re.compile(r"[^\s@<>(),;:\"\\\x00-\x1f\x7f]+@[^\s@<>(),;:\"\\\x00-\x1f\x7f]+")


class MailError(Exception):
    """A mail did not leave. The message says why, for the technical journal."""


class Undeliverable(MailError):
    """This mail will never be accepted: its address is wrong, or the server refuses it for good."""


class TryLater(MailError):
    """This mail was not accepted now and may be later."""


class ServerAway(TryLater):
    """No mail can leave at all: the server does not answer, or does not let the desk in."""


@dataclass(frozen=True)
class Mail:
    """One mail to one person. `message_id` and `thread_id` are whole, with their angle brackets;
    a letter that belongs to no thread has no `thread_id`. `choices_url` is the page where the person says which
    mails they wish for, empty for one that cannot be refused."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    thread_id: str | None
    date: datetime
    reply_to: str | None = None
    choices_url: str = ""


class Mailer(Protocol):
    def send(self, mail: Mail) -> None:
        """Hand the mail over. Raises Undeliverable, TryLater or ServerAway."""
        ...


class Smtp:
    """One connection per mail: the relay stands near, and a refused mail leaves nothing behind for the next."""

    def __init__(self, connect: Callable[[], smtplib.SMTP], sender: str) -> None:
        self._connect = connect
        self._sender = sender

    def send(self, mail: Mail) -> None:
        message = to_message(mail, self._sender)
        server = self._open()
        try:
            with _refusals():
                server.send_message(message, parseaddr(self._sender)[1], [mail.to])
            # The mail has left: a server that is slow to say goodbye must not have it sent twice.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
        finally:
            server.close()

    def _open(self) -> smtplib.SMTP:
        try:
            return self._connect()
        except (smtplib.SMTPException, OSError) as error:
            raise _away(error) from error


class Console:
    """For a desk without a mail server. The text stays out of the log: it may be about someone."""

    def send(self, mail: Mail) -> None:
        _check_address(mail.to)
        log.info("mail to %s: %s", mail.to, mail.subject)


class Memory:
    """Keeps what it is given, for the tests."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []

    def send(self, mail: Mail) -> None:
        _check_address(mail.to)
        self.sent.append(mail)


def mailer_for(smtp_url: str, mail_from: str) -> Mailer:
    """The mailer that the settings SMTP_URL and MAIL_FROM ask for; without SMTP_URL, the console.

    `smtp://HOST:PORT` is clear text for a relay of the house, `smtp+starttls://` and `smtps://` are encrypted
    and may carry `USER:PASSWORD@`, percent-encoded. Raises ValueError with a message in French.
    """
    if not smtp_url:
        return Console()
    sender = parseaddr(mail_from)[1]
    if not _ADDRESS.fullmatch(sender):
        raise ValueError("MAIL_FROM : une adresse d’expéditeur est attendue, puisque SMTP_URL est réglé.")
    return Smtp(_connection(smtp_url), formataddr((parseaddr(mail_from)[0] or SENDER_NAME, sender)))


def to_message(mail: Mail, sender: str) -> EmailMessage:
    """The mail as RFC 5322 writes it: plain text first, HTML beside it, in the thread of its ticket."""
    _check_address(mail.to)
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = mail.to
    if mail.reply_to is not None:
        message["Reply-To"] = mail.reply_to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.date)
    message["Message-ID"] = mail.message_id
    if mail.thread_id is not None:
        message["In-Reply-To"] = mail.thread_id
        message["References"] = mail.thread_id
        message["Thread-Index"] = _thread_index(mail.thread_id)
    if mail.choices_url:
        message["List-Unsubscribe"] = f"<{mail.choices_url}>"
    # So that no out-of-office message answers (RFC 3834; the second one is for Exchange).
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["Content-Language"] = "fr"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def _thread_index(thread_id: str) -> str:
    """The conversation as Outlook knows it, which does not look at References ([MS-OXOMSG] 2.2.1.3).

    One reserved byte, five of a date, sixteen that name the conversation: the date is left at zero, so that all
    mails of a thread say the same.
    """
    name = hashlib.sha256(thread_id.encode()).digest()[:16]
    return base64.b64encode(b"\x01" + bytes(5) + name).decode()


def _check_address(address: str) -> None:
    if not _ADDRESS.fullmatch(address):
        raise Undeliverable("the address is malformed")


def _connection(smtp_url: str) -> Callable[[], smtplib.SMTP]:
    """How to open a connection ready to send, from a URL that is checked here, once."""
    try:
        url = urlsplit(smtp_url)
        port = url.port or DEFAULT_PORTS.get(url.scheme, 0)
    except ValueError:
        raise ValueError("SMTP_URL : l’adresse est mal formée.") from None
    host, user, password = url.hostname or "", unquote(url.username or ""), unquote(url.password or "")
    if not port or not host:
        raise ValueError("SMTP_URL : smtp://, smtp+starttls:// ou smtps:// puis le serveur sont attendus.")
    if user and url.scheme == "smtp":
        raise ValueError(
            "SMTP_URL : un mot de passe ne part pas en clair ; utilisez smtp+starttls:// ou smtps://."
        )
    tls = ssl.create_default_context()

    def connect() -> smtplib.SMTP:
        if url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=tls)
        else:
            server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
        try:
            if url.scheme == "smtp+starttls":
                server.starttls(context=tls)
            if user:
                server.login(user, password)
        except (smtplib.SMTPException, OSError):
            server.close()
            raise
        return server

    return connect


@contextmanager
def _refusals() -> Iterator[None]:
    """What smtplib raises on a mail, in our words: the fault of its address, of the moment, of the server."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        [(code, reason)] = error.recipients.values()
        raise _refusal(code, reason) from error
    except smtplib.SMTPDataError as error:
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Undeliverable(str(error)) from error  # an accented address, and a server that takes none
    except (smtplib.SMTPException, OSError) as error:
        raise _away(error) from error


def _refusal(code: int, reason: bytes | str) -> MailError:
    words = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
    if code == CLOSING:
        return ServerAway(f"{code} {words}")
    return (Undeliverable if code >= 500 else TryLater)(f"{code} {words}")


def _away(error: Exception) -> ServerAway:
    return ServerAway(f"{type(error).__name__}: {error}")
