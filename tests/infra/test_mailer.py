"""One contract for every mailer, then what only a real server can say. The server is real: loopback, in process."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.infra.mailer import (
    Console,
    Mail,
    Mailer,
    MailError,
    Memory,
    ServerAway,
    Smtp,
    TryLater,
    Undeliverable,
    mailer_for,
    to_message,
)

MAIL = Mail(
    to="agent@exemple.test",
    subject="[7F3K-M2QX] Une précision vous est demandée",
    text="Bonjour,\n\nÀ quelle heure l’écran s’est-il figé\u00a0?\n",
    html='<!DOCTYPE html><html lang="fr"><body><p>À quelle heure&nbsp;?</p></body></html>',
    message_id="<0123456789abcdef@desk.test>",
    thread_id="<7F3K-M2QX@desk.test>",
    date=datetime(2026, 3, 10, 8, 0, tzinfo=UTC),
)
SENDER = "desk@exemple.test"


class Inbox:
    """What the server received; `refuse` holds its answers to some recipients, `answer` the one to the data."""

    def __init__(self) -> None:
        self.received: list[tuple[str, EmailMessage]] = []
        self.refuse: dict[str, str] = {}
        self.answer = "250 OK"
        self.refused_senders: set[str] = set()

    async def handle_MAIL(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.refused_senders:
            return "553 5.1.8 this sender may not"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            message = message_from_bytes(envelope.content, policy=default)
            self.received.append((envelope.rcpt_tos[0], message))
        return self.answer


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def smtp_url(inbox: Inbox) -> Iterator[str]:
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


Delivered = Callable[[], list[tuple[str, str]]]


@pytest.fixture(params=["smtp", "console", "memory"])
def mailer(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> tuple[Mailer, Delivered]:
    """A mailer, and what was delivered through it so far as (to, subject)."""
    if request.param == "smtp":
        inbox: Inbox = request.getfixturevalue("inbox")
        url: str = request.getfixturevalue("smtp_url")
        return mailer_for(url, SENDER), lambda: [(to, message["Subject"]) for to, message in inbox.received]
    if request.param == "console":
        caplog.set_level(logging.INFO, "app.infra.mailer")
        return Console(), lambda: [
            (str(record.args[0]), str(record.args[1]))
            for record in caplog.records
            if record.name == "app.infra.mailer" and isinstance(record.args, tuple)
        ]
    memory = Memory()
    return memory, lambda: [(mail.to, mail.subject) for mail in memory.sent]


def test_a_mail_is_delivered(mailer: tuple[Mailer, Delivered]) -> None:
    post, delivered = mailer
    post.send(MAIL)
    post.send(replace(MAIL, to="autre@exemple.test"))
    assert delivered() == [("agent@exemple.test", MAIL.subject), ("autre@exemple.test", MAIL.subject)]


@pytest.mark.parametrize(
    "address",
    ["", "agent", "agent@", "@exemple.test", "a b@exemple.test", "a@exemple.test, b@exemple.test",
     "a@exemple.test\nBcc: b@exemple.test", "Agent <a@exemple.test>", "a@b@exemple.test"],
)  # fmt: skip
def test_a_malformed_address_is_refused_and_holds_up_nobody(
    mailer: tuple[Mailer, Delivered], address: str
) -> None:
    post, delivered = mailer
    with pytest.raises(Undeliverable):
        post.send(replace(MAIL, to=address))
    post.send(MAIL)
    assert delivered() == [("agent@exemple.test", MAIL.subject)]


def test_the_console_does_not_show_what_the_mail_says(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    Console().send(MAIL)
    assert "7F3K-M2QX" in caplog.text
    assert "écran" not in caplog.text
    assert "heure" not in caplog.text


def test_what_arrives_is_what_was_sent(inbox: Inbox, smtp_url: str) -> None:
    mailer_for(smtp_url, SENDER).send(MAIL)
    [(_, message)] = inbox.received
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert rich is not None
    assert plain.get_content().splitlines() == MAIL.text.splitlines()
    assert rich.get_content().strip() == MAIL.html
    assert message["Subject"] == MAIL.subject
    assert message["From"] == "Correspondant SI <desk@exemple.test>"
    assert message["Message-ID"] == MAIL.message_id
    assert message["References"] == message["In-Reply-To"] == MAIL.thread_id
    assert message["Date"].datetime == MAIL.date
    assert message["Auto-Submitted"] == "auto-generated"


def test_the_sender_may_have_a_name_of_its_own(inbox: Inbox, smtp_url: str) -> None:
    mailer_for(smtp_url, "Guichet numérique <guichet@exemple.test>").send(MAIL)
    assert inbox.received[0][1]["From"] == "Guichet numérique <guichet@exemple.test>"


def test_a_long_host_name_leaves_the_thread_intact() -> None:
    host = "correspondant-si." + "tres-long-service." * 8 + "exemple.test"
    message = to_message(
        replace(MAIL, thread_id=f"<7F3K-M2QX@{host}>", message_id=f"<{'0' * 32}@{host}>"), SENDER
    )
    assert f"References: <7F3K-M2QX@{host}>" in message.as_string()
    assert f"Message-ID: <{'0' * 32}@{host}>" in message.as_string()


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        ("550 5.1.1 no such mailbox", Undeliverable),
        ("450 4.2.0 greylisted", TryLater),
        ("421 closing", ServerAway),
    ],
)
def test_a_refused_recipient(inbox: Inbox, smtp_url: str, answer: str, refusal: type[MailError]) -> None:
    inbox.refuse["agent@exemple.test"] = answer
    post = mailer_for(smtp_url, SENDER)
    with pytest.raises(MailError, match=answer[4:]) as caught:
        post.send(MAIL)
    assert type(caught.value) is refusal
    post.send(replace(MAIL, to="autre@exemple.test"))
    assert [to for to, _ in inbox.received] == ["autre@exemple.test"]


@pytest.mark.parametrize(
    ("answer", "refusal"), [("554 5.7.1 rejected", Undeliverable), ("452 4.3.1 disk full", TryLater)]
)
def test_a_refused_text(inbox: Inbox, smtp_url: str, answer: str, refusal: type[MailError]) -> None:
    inbox.answer = answer
    with pytest.raises(MailError) as caught:
        mailer_for(smtp_url, SENDER).send(MAIL)
    assert type(caught.value) is refusal


@pytest.mark.parametrize("accepted", [True, False])
def test_an_accented_address_needs_a_server_that_takes_it(inbox: Inbox, accepted: bool) -> None:
    mail = replace(MAIL, to="élu@exemple.test")
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port(), enable_SMTPUTF8=accepted)
    controller.start()
    post = mailer_for(f"smtp://127.0.0.1:{controller.port}", SENDER)
    try:
        if accepted:
            post.send(mail)
        else:
            with pytest.raises(Undeliverable):
                post.send(mail)
    finally:
        controller.stop()
    assert [to for to, _ in inbox.received] == (["élu@exemple.test"] if accepted else [])


@pytest.mark.parametrize("scheme", ["smtp", "smtps", "smtp+starttls"])
def test_a_silent_server_is_away(scheme: str) -> None:
    with pytest.raises(ServerAway):
        mailer_for(f"{scheme}://127.0.0.1:{free_port()}", SENDER).send(MAIL)


def test_encryption_that_is_asked_for_is_not_given_up(inbox: Inbox, smtp_url: str) -> None:
    with pytest.raises(ServerAway):
        mailer_for(smtp_url.replace("smtp:", "smtp+starttls:"), SENDER).send(MAIL)
    assert inbox.received == []


def test_a_refused_sender_is_the_fault_of_the_desk_not_of_the_mail(inbox: Inbox, smtp_url: str) -> None:
    inbox.refused_senders.add(SENDER)
    with pytest.raises(ServerAway, match="this sender may not"):
        mailer_for(smtp_url, SENDER).send(MAIL)


@pytest.mark.parametrize(
    ("url", "address", "steps"),
    [
        ("smtps://desk:p%40ss@relais.test", ("relais.test", 465), [("desk", "p@ss")]),
        ("smtps://relais.test:4465", ("relais.test", 4465), []),
        ("smtp+starttls://desk:p%40ss@relais.test", ("relais.test", 587), ["starttls", ("desk", "p@ss")]),
        ("smtp+starttls://relais.test", ("relais.test", 587), ["starttls"]),
        ("smtp://relais.test", ("relais.test", 25), []),
    ],
)
def test_encryption_comes_before_the_password(
    monkeypatch: pytest.MonkeyPatch, url: str, address: tuple[str, int], steps: list[object]
) -> None:
    done: list[object] = []

    class Relay:
        def __init__(self, host: str, port: int, **_: object) -> None:
            done.append((host, port))

        def starttls(self, **_: object) -> None:
            done.append("starttls")

        def login(self, user: str, password: str) -> None:
            done.append((user, password))

        def send_message(self, *_: object) -> None:
            done.append("sent")

        def quit(self) -> None: ...
        def close(self) -> None: ...

    monkeypatch.setattr("smtplib.SMTP_SSL" if url.startswith("smtps") else "smtplib.SMTP", Relay)
    mailer_for(url, SENDER).send(MAIL)
    assert done == [address, *steps, "sent"]


def test_without_a_server_mails_go_to_the_console() -> None:
    assert isinstance(mailer_for("", ""), Console)


@pytest.mark.parametrize(
    "url", ["smtps://u:p%40ss@relais.test", "smtp+starttls://u:p@relais.test:2587", "smtp://[::1]"]
)
def test_good_settings(url: str) -> None:
    assert isinstance(mailer_for(url, SENDER), Smtp)


@pytest.mark.parametrize(
    ("url", "sender", "setting"),
    [
        ("smtp://relais.test", "", "MAIL_FROM"),
        ("smtp://relais.test", "pas une adresse", "MAIL_FROM"),
        ("relais.test", SENDER, "SMTP_URL"),
        ("http://relais.test", SENDER, "SMTP_URL"),
        ("smtp://", SENDER, "SMTP_URL"),
        ("smtp://relais.test:port", SENDER, "SMTP_URL"),
        ("smtp://[relais", SENDER, "SMTP_URL"),
        ("smtp://user:secret@relais.test", SENDER, "SMTP_URL"),
    ],
)
def test_a_wrong_setting_is_named(url: str, sender: str, setting: str) -> None:
    with pytest.raises(ValueError, match=rf"^{setting}\u00a0: ") as caught:
        mailer_for(url, sender)
    assert "secret" not in str(caught.value)


@given(
    address=st.text(max_size=40) | st.text('ab.@<>,;:\\"é\r\n ', max_size=12),
    text=st.text(),
    subject=st.text(),
)
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_no_address_and_no_text_breaks_the_message(address: str, text: str, subject: str) -> None:
    try:
        message = to_message(replace(MAIL, to=address, text=text, subject=" ".join(subject.split())), SENDER)
    except Undeliverable:
        return
    headers = message.as_bytes().partition(b"\r\n\r\n")[0]
    assert headers.count(b"\r\nTo: ") == 1
    assert b"\nBcc:" not in headers
