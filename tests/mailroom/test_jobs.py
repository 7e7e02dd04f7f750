"""From a real mailbox to the tickets: what is dealt with by itself, what waits, and that nothing is lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.policy import Role
from app.extensions import db
from app.infra.imap import MailboxAway, imap_address
from app.infra.mailer import Memory
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.mailroom import jobs, service
from app.mailroom.models import InboundMail
from app.mailroom.rules import MAX_BYTES, MOST_PER_HOUR
from app.notifications.jobs import drain
from app.notifications.models import Outbox
from app.tickets import events as e
from app.tickets.models import Ticket
from app.tickets.queries import records_of
from app.tickets.vocabulary import Kind, State
from tests.factories import World, act, file, transmitted
from tests.mailroom.post import FT, OFFICE, REPLIES, PostOffice, mail


def fetch_and_sort(post: PostOffice, now: datetime) -> list[InboundMail]:
    jobs.fetch_new(now, post.address)
    jobs.sort_stored(now, OFFICE)
    return rows()


def rows() -> list[InboundMail]:
    return list(db.session.scalars(select(InboundMail).order_by(InboundMail.id)))


def told(now: datetime, account_id: int) -> str:
    """The address that an answer to the last mail to that person goes to."""
    memory = Memory()
    drain(now, memory, "https://desk.test", REPLIES)
    email = next(one for one in reversed(memory.sent) if one.reply_to and one.to)
    assert email.reply_to is not None
    return email.reply_to


def last_event(ticket: Ticket) -> e.TicketEvent:
    return records_of(ticket.id)[-1].event


def test_an_answer_becomes_a_comment_of_its_author(
    context: Flask, world: World, clock: FrozenClock, post: PostOffice
) -> None:
    person, now = world.here.people[Role.USER], clock.now()
    ticket = file(world.here, now=now)
    address = told(now, person.account_id)
    quoted = "C’est aussi le cas chez ma collègue.\n\nLe mar. 10 mars 2026 à 9:00, Desk <d@d.test> a écrit :\n> Bonjour"
    post.put(mail(person.email, quoted, to=address))
    [row] = fetch_and_sort(post, now)
    assert (row.status, row.why, row.subject_id) == ("done", "reply", ticket.id)
    record = records_of(ticket.id)[-1]
    assert record.event == e.Commented(text="C’est aussi le cas chez ma collègue.")
    assert record.actor_id == person.account_id
    assert post.unseen() == 0


def test_an_answer_to_a_question_is_the_reply_that_was_awaited(
    context: Flask, world: World, clock: FrozenClock, post: PostOffice
) -> None:
    person, now = world.here.people[Role.USER], clock.now()
    ticket = file(world.here, now=now)
    act(world.here, ticket, e.Taken(assignee_id=world.here.people[Role.CORRESPONDENT].account_id), e.UserAsked(text="Depuis quand ?"), now=now)  # fmt: skip
    message_id = db.session.scalars(select(Outbox.message_id).where(Outbox.template == "question")).one()
    post.put(mail(person.email, "Depuis hier.", In_Reply_To=f"<{message_id}@desk.test>"))
    [row] = fetch_and_sort(post, now + timedelta(minutes=5))
    assert row.status == "done"
    assert last_event(ticket) == e.UserReplied(text="Depuis hier.")


def test_an_answer_from_another_address_waits(
    context: Flask, world: World, clock: FrozenClock, post: PostOffice
) -> None:
    now = clock.now()
    ticket = file(world.here, now=now)
    address = told(now, world.here.people[Role.USER].account_id)
    post.put(mail("someone@elsewhere.test", "Je réponds à sa place.", to=address))
    [row] = fetch_and_sort(post, now)
    assert (row.status, row.why, row.partner_id) == ("waiting", "reply-other-sender", world.here.partner_id)
    assert len(records_of(ticket.id)) == 1


def test_the_subject_alone_opens_nothing(
    context: Flask, world: World, clock: FrozenClock, post: PostOffice
) -> None:
    person, now = world.here.people[Role.USER], clock.now()
    ticket = file(world.here, now=now)
    post.put(mail(person.email, "Suite.", subject=f"Re: [{ticket.reference}]", passes="exemple.test"))
    [row] = fetch_and_sort(post, now)
    assert (row.status, row.why, row.subject_id) == ("waiting", "names-ticket", ticket.id)
    assert len(records_of(ticket.id)) == 1


def test_a_forged_reply_that_our_server_denounces_waits(
    context: Flask, world: World, clock: FrozenClock, post: PostOffice
) -> None:
    person, now = world.here.people[Role.USER], clock.now()
    file(world.here, now=now)
    address = told(now, person.account_id)
    verdict = "mx.desk.test; dmarc=fail header.from=exemple.test"
    post.put(mail(person.email, "Faux.", to=address, Authentication_Results=verdict))
    [row] = fetch_and_sort(post, now)
    assert (row.status, row.why, row.verified) == ("waiting", "unverified", "failed")


def test_what_concerns_a_case_waits_for_its_readers(
    context: Flask, world: World, clock: FrozenClock, post: PostOffice
) -> None:
    person, now = world.here.people[Role.USER], clock.now()
    case = file(world.here, now=now, kind=Kind.SECURITY, tools=())
    post.put(mail(person.email, "Autre chose.", to=told(now, person.account_id)))
    [row] = fetch_and_sort(post, now)
    assert (row.status, row.subject_id) == ("waiting", case.id)
    assert len(records_of(case.id)) == 1


def test_a_new_mail_of_a_known_person_becomes_a_ticket(
    context: Flask, world: World, clock: FrozenClock, post: PostOffice
) -> None:
    person, now = world.here.people[Role.USER], clock.now()
    files = (("capture.txt", b"erreur 500"), ("outil.exe", b"MZ"))
    post.put(
        mail(person.email, "Page blanche.\n-- \nMoi", subject="Panne", passes="exemple.test", files=files)
    )
    [row] = fetch_and_sort(post, now)
    assert (row.status, row.why) == ("done", "new-ticket")
    ticket = db.session.get_one(Ticket, row.subject_id)
    filed = records_of(ticket.id)[0].event
    assert isinstance(filed, e.Filed)
    assert (filed.kind, filed.subject, filed.text) == (Kind.QUESTION, "Panne", "Page blanche.")
    assert filed.reporter_id == person.account_id
    assert [(one["name"], bool(one["refused"])) for one in row.files] == [
        ("capture.txt", False),
        ("outil.exe", True),
    ]
    assert db.session.scalars(select(Outbox.template)).all() == ["received"]


@pytest.mark.parametrize("verdict", ["", "evil.test; dmarc=pass header.from=exemple.test"])
def test_a_known_person_whom_nothing_vouches_for_waits(
    context: Flask, world: World, clock: FrozenClock, post: PostOffice, verdict: str
) -> None:
    forged = {"Authentication_Results": verdict} if verdict else {}
    post.put(mail(world.here.people[Role.USER].email, "Page blanche.", **forged))
    [row] = fetch_and_sort(post, clock.now())
    assert (row.status, row.why) == ("waiting", "unverified")
    assert db.session.scalar(select(func.count()).select_from(Ticket)) == 0


def test_a_receipt_of_france_travail_waits_and_is_no_take_up(
    context: Flask, world: World, clock: FrozenClock, post: PostOffice
) -> None:
    now = clock.now()
    ticket = transmitted(world.here, now=now - timedelta(minutes=10))
    text = f"Nous avons bien reçu votre demande {ticket.reference}. Elle sera prise en charge. Ticket INC0012345."
    post.put(
        mail(
            FT,
            text,
            subject="Accusé de réception",
            passes="francetravail.fr",
            Auto_Submitted="auto-generated",
        )
    )
    [row] = fetch_and_sort(post, now)
    assert (row.status, row.why, row.ft_kind) == ("waiting", "ft-answer", "accuse-reception")
    assert row.ft_reference == "INC0012345"
    assert row.received_at == datetime.fromisoformat("2026-03-10T08:58:00+01:00")
    assert db.session.get_one(Ticket, ticket.id).state == State.TRANSMITTED


def test_a_receipt_is_recorded_by_itself_where_the_channel_says_that_it_is_the_take_up(
    context: Flask, world: World, clock: FrozenClock, post: PostOffice
) -> None:
    now = clock.now()
    ticket = file(world.here, now=now - timedelta(minutes=20))
    sent = e.Transmitted(channel="Formulaire", text="…", receipt_is_take_up=True)
    act(world.here, ticket, sent, now=now - timedelta(minutes=10))
    text = f"Accusé de réception de votre demande {ticket.reference}."
    post.put(mail(FT, text, passes="francetravail.fr"), mail(FT, text + " Bis.", subject="Faux"))
    first, second = fetch_and_sort(post, now)
    assert (first.status, first.why) == ("done", "ft-recorded")
    assert (second.status, second.why) == ("waiting", "ft-unverified")
    record = records_of(ticket.id)[-1]
    assert isinstance(record.event, e.ReceiptReceived)
    assert record.occurred_at == datetime.fromisoformat("2026-03-10T08:58:00+01:00")
    assert db.session.get_one(Ticket, ticket.id).state == State.TAKEN_UP


def test_machines_are_set_aside_and_bounces_mark_the_mail_that_came_back(
    context: Flask, world: World, clock: FrozenClock, post: PostOffice
) -> None:
    person, now = world.here.people[Role.USER], clock.now()
    file(world.here, now=now)
    address = told(now, person.account_id)
    sent = db.session.scalars(select(Outbox)).one().message_id
    notice = (
        b"From: mailer-daemon@exemple.test\r\nTo: desk@desk.test\r\nSubject: Undelivered\r\nMessage-ID: <b@x.test>\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nSorry\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        b"Reporting-MTA: dns; x.test\r\n\r\nFinal-Recipient: rfc822; a@exemple.test\r\nAction: failed\r\n"
        b"Status: 5.1.1\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <"
        + sent.encode()
        + b"@desk.test>\r\n\r\n--b--\r\n"
    )
    post.put(
        mail(person.email, "Je suis absente.", to=address, subject="Réponse automatique : absence"),
        mail(person.email, "Ok", to=address, Auto_Submitted="auto-replied"),
        mail("desk@desk.test", "Boucle", to=address),
        notice,
    )
    assert [(row.status, row.why) for row in fetch_and_sort(post, now)] == [
        ("set-aside", "automatic"),
        ("set-aside", "automatic"),
        ("set-aside", "loop"),
        ("set-aside", "bounce"),
    ]
    assert db.session.scalars(select(Outbox)).one().bounced_at == now


def test_too_many_mails_of_one_sender_wait(
    context: Flask, world: World, clock: FrozenClock, post: PostOffice
) -> None:
    person = world.here.people[Role.USER]
    post.put(*(mail(person.email, f"Panne {n}", passes="exemple.test") for n in range(MOST_PER_HOUR + 2)))
    found = fetch_and_sort(post, clock.now())
    assert [row.why for row in found].count("new-ticket") == MOST_PER_HOUR
    assert [row.why for row in found].count("too-many") == 2


def test_a_mail_too_big_leaves_a_row_without_content(
    context: Flask, world: World, clock: FrozenClock, post: PostOffice
) -> None:
    person = world.here.people[Role.USER]
    post.put(mail(person.email, "x", subject="Énorme") + b"x" * MAX_BYTES)
    [row] = fetch_and_sort(post, clock.now())
    assert (row.status, row.why, row.raw, row.title) == ("waiting", "too-big", None, "Énorme")
    assert row.partner_id == world.here.partner_id
    assert post.unseen() == 0


def test_what_holds_a_number_or_a_secret_is_masked(
    context: Flask, world: World, clock: FrozenClock, post: PostOffice
) -> None:
    person = world.here.people[Role.USER]
    post.put(
        mail(person.email, "NIR 1 85 05 78 006 084 91 et mot de passe : S3cret!9", passes="exemple.test")
    )
    [row] = fetch_and_sort(post, clock.now())
    assert "078" not in row.text.replace(" ", "")
    assert "[NIR masqué]" in row.text
    assert "S3cret" not in row.text
    assert row.status == "done"


def test_a_crash_before_the_mailbox_hears_of_it_loses_and_doubles_nothing(
    context: Flask, world: World, clock: FrozenClock, post: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, now = world.here.people[Role.USER], clock.now()
    post.put(mail(person.email, "Page blanche.", passes="exemple.test"))

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr("app.infra.imap._Imap.mark_seen", crash)
        jobs.fetch_new(now, post.address)
    assert post.unseen() == 1
    assert len(rows()) == 1
    found = fetch_and_sort(post, now)
    assert [row.why for row in found] == ["new-ticket"]


def test_a_mail_that_someone_read_in_the_mailbox_is_fetched_all_the_same(
    context: Flask, world: World, clock: FrozenClock, post: PostOffice
) -> None:
    post.put(mail("unknown@elsewhere.test", "Bonjour"))
    post.mark_all_seen()
    jobs.fetch_new(clock.now(), post.address)
    assert len(rows()) == 1


def test_the_same_mail_delivered_twice_counts_once(
    context: Flask, world: World, clock: FrozenClock, post: PostOffice
) -> None:
    person = world.here.people[Role.USER]
    once = mail(person.email, "Page blanche.", passes="exemple.test")
    post.put(once, b"Received: from alias.test by mx.desk.test; Tue, 10 Mar 2026 08:59:00 +0100\r\n" + once)
    assert [row.status for row in fetch_and_sort(post, clock.now())] == ["done", "duplicate"]
    assert db.session.scalar(select(func.count()).select_from(Ticket)) == 1


def test_two_workers_at_once_do_not_double(
    app: Flask, world: World, clock: FrozenClock, post: PostOffice
) -> None:
    person, now = world.here.people[Role.USER], clock.now()
    post.put(*(mail(person.email, f"Panne {n}", passes="exemple.test") for n in range(6)))
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with app.app_context():
                fetch_and_sort(post, now)
        except Exception as error:  # noqa: BLE001 - told to the test
            failures.append(error)

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Ticket)) == 6
        assert [row.status for row in rows()] == ["done"] * 6


def test_a_mail_that_stops_its_worker_ends_before_a_person(
    context: Flask, world: World, clock: FrozenClock, post: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.put(mail("unknown@elsewhere.test", "Bonjour"))
    jobs.fetch_new(clock.now(), post.address)

    def crash(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(service, "read", crash)
        for _ in range(3):
            with pytest.raises(RuntimeError):
                jobs.sort_stored(clock.now(), OFFICE)
    # Two partners are served here: nothing says whose it is.
    jobs.sort_stored(clock.now(), OFFICE)
    assert [(row.status, row.why) for row in rows()] == [("nobodys", "broken")]


def test_a_mail_that_names_no_partner_waits_until_one_sorts_it(
    context: Flask, world: World, clock: FrozenClock, post: PostOffice
) -> None:
    post.put(mail("unknown@elsewhere.test", "Bonjour"))
    [row] = fetch_and_sort(post, clock.now())
    assert (row.status, row.partner_id) == ("nobodys", None)
    jobs.sort_stored(clock.now(), service.Office(REPLIES, partner=world.there.code))
    [row] = rows()
    assert (row.status, row.why, row.partner_id) == ("waiting", "unknown-sender", world.there.partner_id)


def test_what_was_dealt_with_is_forgotten_in_time(
    context: Flask, world: World, clock: FrozenClock, post: PostOffice
) -> None:
    person, now = world.here.people[Role.USER], clock.now()
    post.put(mail(person.email, "Panne.", passes="exemple.test"), mail(person.email, "Sans preuve."))
    fetch_and_sort(post, now)
    jobs.forget(now + timedelta(days=31))
    done, waiting = rows()
    assert (done.raw, done.text, done.sender) == (None, "", "")
    assert waiting.raw is not None
    jobs.forget(now + timedelta(days=366))
    assert [row.status for row in rows()] == ["waiting"]


def test_the_mailbox_away_is_told_without_its_password(
    context: Flask, clock: FrozenClock, post: PostOffice
) -> None:
    for url in ("imap://desk:Wr0ng@127.0.0.1:1/INBOX", post.url.replace("secret", "Wr0ng")):
        with pytest.raises(MailboxAway) as told_why:
            jobs.fetch_new(clock.now(), imap_address(url))
        assert "Wr0ng" not in str(told_why.value)


def test_without_a_mailbox_nothing_is_read(context: Flask, clock: FrozenClock) -> None:
    jobs.read_mail(clock.now(), context.extensions["settings"])
    with transaction():
        assert rows() == []
