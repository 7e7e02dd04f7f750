"""A real IMAP server (pymap) with one mailbox, and the mails that are put into it."""

from __future__ import annotations

import imaplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP

from app.infra.imap import ImapAddress, imap_address
from app.mailroom.service import Office
from app.notifications.replies import ReplyAddresses

KEY = "for the tests only, forty characters or so"
REPLIES = ReplyAddresses("desk@desk.test", KEY)
OFFICE = Office(REPLIES, authserv_id="mx.desk.test")
FT = "support-si@francetravail.fr"


@dataclass(frozen=True)
class PostOffice:
    """The server: where it is, and how to put a mail into its only mailbox."""

    port: int

    @property
    def url(self) -> str:
        return f"imap://desk:secret@127.0.0.1:{self.port}/INBOX"

    @property
    def address(self) -> ImapAddress:
        return imap_address(self.url)

    def put(self, *mails: bytes) -> None:
        with self._opened() as server:
            for mail in mails:
                assert server.append("INBOX", "", "", mail)[0] == "OK"

    def empty(self) -> None:
        with self._opened() as server:
            server.uid("STORE", "1:*", "+FLAGS.SILENT", "(\\Deleted)")
            server.expunge()

    def unseen(self) -> int:
        with self._opened() as server:
            return len(server.uid("SEARCH", "UNSEEN")[1][0].split())

    def mark_all_seen(self) -> None:
        with self._opened() as server:
            server.uid("STORE", "1:*", "+FLAGS.SILENT", "(\\Seen)")

    @contextmanager
    def _opened(self) -> Iterator[imaplib.IMAP4]:
        server = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        try:
            server.login("desk", "secret")
            server.select("INBOX")
            yield server
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                server.logout()


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """The server in its own process, on the loopback, until the end of the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-c",
        "from pymap.main import main; main()",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    command += ["--no-tls", "--no-service", "admin", "--no-service", "managesieve"]
    command += ["dict", "--demo-user", "desk", "--demo-password", "secret"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(400):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            assert server.poll() is None, "pymap did not start"
            time.sleep(0.05)
        yield PostOffice(port)
    finally:
        server.terminate()
        server.wait(10)


def mail(
    sender: str,
    text: str,
    *,
    subject: str = "Bonjour",
    to: str = "desk@desk.test",
    passes: str = "",
    at: str = "Tue, 10 Mar 2026 08:58:00 +0100",
    html: str = "",
    files: tuple[tuple[str, bytes], ...] = (),
    number: int = 0,
    **headers: str,
) -> bytes:
    """A mail as our server delivers it; `passes` is the domain that it vouches for. Headers are named with « _ »."""
    message = EmailMessage(policy=SMTP)
    message["Received"] = f"from out.example by mx.desk.test with ESMTPS id 1; {at}"
    if passes:
        message["Authentication-Results"] = f"mx.desk.test; dmarc=pass header.from={passes}"
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = "Mon, 09 Mar 2026 12:00:00 +0100"
    message["Message-ID"] = f"<{abs(hash((sender, text, subject, to, number)))}@out.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text or "\n")
    if html:
        message.add_alternative(html, subtype="html")
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()
