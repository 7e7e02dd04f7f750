"""From the event to the letter box: what is owed, what leaves, what is tried again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update

from app.accounts.models import Account, Membership
from app.accounts.policy import Role
from app.extensions import db
from app.infra.mailer import Mail, Memory, ServerAway, TryLater, Undeliverable
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.notifications.jobs import MAILS_PER_RUN, drain, forget
from app.notifications.models import Outbox
from app.notifications.service import enqueue
from app.tickets.models import Ticket
from tests.factories import Place, World, file

URL = "https://desk.test"


class Failing(Memory):
    """A mailer that raises what `fault` finds wrong with a mail."""

    def __init__(self, fault: Callable[[Mail], Exception | None]) -> None:
        super().__init__()
        self.fault = fault
        self.tries = 0

    def send(self, mail: Mail) -> None:
        self.tries += 1
        error = self.fault(mail)
        if error is not None:
            raise error
        super().send(mail)


@pytest.fixture
def here(world: World) -> Place:
    return world.here


@pytest.fixture
def ticket(context: Flask, here: Place, clock: FrozenClock) -> Ticket:
    """A ticket whose receipt has left already."""
    ticket = file(here, now=clock.now())
    with transaction():
        db.session.execute(delete(Outbox))
    return ticket


def owe(
    place: Place,
    ticket: Ticket,
    *roles: Role,
    now: datetime,
    sequence: int = 1,
    template: str = "commented",
    partner: Place | None = None,
) -> None:
    with transaction():
        for role in roles or (Role.USER,):
            enqueue(
                partner_id=(partner or place).partner_id,
                subject_id=ticket.id,
                sequence=sequence,
                account_id=place.people[role].account_id,
                template=template,
                context={},
                now=now,
            )


def rows() -> list[Outbox]:
    db.session.rollback()
    return list(db.session.scalars(select(Outbox).order_by(Outbox.id)))


def test_a_filing_sends_its_receipt(context: Flask, here: Place, clock: FrozenClock) -> None:
    ticket = file(here, now=clock.now())
    post = Memory()
    drain(clock.now(), post, URL)
    [mail] = post.sent
    assert mail.to == here.people[Role.USER].email
    assert mail.subject == f"[{ticket.reference}] Votre sollicitation est bien reçue"
    assert f"{URL}/sollicitations/{ticket.reference}" in mail.text
    assert mail.thread_id == f"<{ticket.reference}@desk.test>"
    assert ticket.subject not in mail.text + mail.html, "what was typed stays on the page"


def test_a_mail_leaves_once(here: Place, ticket: Ticket, clock: FrozenClock) -> None:
    owe(here, ticket, now=clock.now())
    post = Memory()
    for _ in range(3):
        drain(clock.now(), post, URL)
        clock.advance(timedelta(days=1))
    assert len(post.sent) == 1
    [row] = rows()
    assert (row.attempts, row.next_attempt_at, row.last_error) == (1, None, "")
    assert row.sent_at is not None


def test_a_refused_act_owes_no_mail(here: Place, ticket: Ticket, clock: FrozenClock) -> None:
    with pytest.raises(RuntimeError), transaction():
        enqueue(
            partner_id=here.partner_id,
            subject_id=ticket.id,
            sequence=1,
            account_id=here.people[Role.USER].account_id,
            template="commented",
            context={},
            now=clock.now(),
        )
        raise RuntimeError
    assert rows() == []


def test_a_bad_address_is_given_up_and_holds_up_nobody(
    here: Place, ticket: Ticket, clock: FrozenClock
) -> None:
    bad = here.people[Role.USER].email
    owe(here, ticket, Role.USER, Role.CORRESPONDENT, Role.MANAGER, now=clock.now())
    post = Failing(lambda mail: Undeliverable("550 no such mailbox") if mail.to == bad else None)
    drain(clock.now(), post, URL)
    assert {mail.to for mail in post.sent} == {
        here.people[Role.CORRESPONDENT].email,
        here.people[Role.MANAGER].email,
    }
    refused = rows()[0]
    assert (refused.sent_at, refused.next_attempt_at) == (None, None)
    assert refused.last_error == "550 no such mailbox"


def test_a_mail_put_off_is_tried_again_later_each_time_under_the_same_identity(
    here: Place, ticket: Ticket, clock: FrozenClock
) -> None:
    owe(here, ticket, now=clock.now())
    seen: list[str] = []
    post = Failing(lambda mail: TryLater("450 greylisted") if len(seen) < 3 else None)

    def run() -> None:
        before = post.tries
        drain(clock.now(), post, URL)
        seen.extend([rows()[0].message_id] * (post.tries - before))

    run()
    for wait in (timedelta(minutes=1), timedelta(minutes=4), timedelta(minutes=16)):
        clock.advance(wait - timedelta(seconds=1))
        tries = post.tries
        run()
        assert post.tries == tries, "too early"
        clock.advance(timedelta(seconds=1))
        run()
    [mail] = post.sent
    assert set(seen) == {rows()[0].message_id}
    assert mail.message_id == f"<{seen[0]}@desk.test>"
    assert rows()[0].attempts == 4


def test_when_the_server_is_away_one_mail_tries_and_none_fails(
    here: Place, ticket: Ticket, clock: FrozenClock
) -> None:
    owe(here, ticket, Role.USER, Role.CORRESPONDENT, Role.MANAGER, now=clock.now())
    away = Failing(lambda _: ServerAway("connection refused"))
    drain(clock.now(), away, URL)
    assert away.tries == 1
    assert [row.attempts for row in rows()] == [0, 0, 0]
    clock.advance(timedelta(minutes=2))
    post = Memory()
    drain(clock.now(), post, URL)
    assert len(post.sent) == 3


def test_a_broken_template_waits_for_its_repair_and_holds_up_nobody(
    here: Place, ticket: Ticket, clock: FrozenClock
) -> None:
    owe(here, ticket, now=clock.now(), template="question")
    owe(here, ticket, now=clock.now(), template="commented")
    post = Memory()
    drain(clock.now(), post, URL)
    assert len(post.sent) == 1
    broken = rows()[0]
    assert "text" in broken.last_error
    assert broken.next_attempt_at == clock.now() + timedelta(minutes=1)


def test_a_mail_whose_worker_died_is_taken_up_again(here: Place, ticket: Ticket, clock: FrozenClock) -> None:
    owe(here, ticket, now=clock.now())
    dying = Failing(lambda _: KeyError("the process was killed"))
    with pytest.raises(KeyError):
        drain(clock.now(), dying, URL)
    post = Memory()
    drain(clock.now(), post, URL)
    assert post.sent == [], "somebody may still be sending it"
    clock.advance(timedelta(minutes=10))
    drain(clock.now(), post, URL)
    assert len(post.sent) == 1


def test_news_a_week_old_is_not_sent(here: Place, ticket: Ticket, clock: FrozenClock) -> None:
    owe(here, ticket, now=clock.now())
    clock.advance(timedelta(days=7, seconds=1))
    owe(here, ticket, now=clock.now(), sequence=2)
    post = Memory()
    drain(clock.now(), post, URL)
    assert len(post.sent) == 1
    assert [row.sent_at is None for row in rows()] == [True, False]


def test_a_run_is_bounded(here: Place, ticket: Ticket, clock: FrozenClock) -> None:
    for sequence in range(MAILS_PER_RUN + 1):
        owe(here, ticket, now=clock.now(), sequence=sequence)
    post = Memory()
    drain(clock.now(), post, URL)
    assert len(post.sent) == MAILS_PER_RUN
    drain(clock.now(), post, URL)
    assert len(post.sent) == MAILS_PER_RUN + 1


def test_nothing_is_owed_to_who_cannot_be_written_to(
    here: Place, world: World, ticket: Ticket, clock: FrozenClock
) -> None:
    with transaction():
        db.session.execute(
            update(Account).where(Account.id == here.people[Role.USER].account_id).values(active=False)
        )
        db.session.execute(
            update(Account).where(Account.id == here.people[Role.MANAGER].account_id).values(email=None)
        )
    owe(here, ticket, Role.USER, Role.MANAGER, now=clock.now())
    owe(world.there, ticket, Role.CORRESPONDENT, now=clock.now(), partner=here)
    assert rows() == []


def test_who_left_in_the_meantime_is_not_written_to(here: Place, ticket: Ticket, clock: FrozenClock) -> None:
    owe(here, ticket, now=clock.now())
    with transaction():
        db.session.execute(
            delete(Membership).where(Membership.account_id == here.people[Role.USER].account_id)
        )
    post = Memory()
    drain(clock.now(), post, URL)
    assert post.sent == []
    [row] = rows()
    assert row.next_attempt_at is None
    assert "has left" in row.last_error


def test_old_rows_are_forgotten(here: Place, ticket: Ticket, clock: FrozenClock) -> None:
    owe(here, ticket, now=clock.now())
    clock.advance(timedelta(days=60))
    owe(here, ticket, now=clock.now(), sequence=2)
    clock.advance(timedelta(days=31))
    forget(clock.now())
    assert [row.sequence for row in rows()] == [2]


def test_no_row_is_locked_while_a_mail_is_being_sent(
    context: Flask, here: Place, ticket: Ticket, clock: FrozenClock
) -> None:
    owe(here, ticket, Role.USER, Role.CORRESPONDENT, now=clock.now())
    moment = clock.now()
    other = Memory()

    def another_worker(mail: Mail) -> None:
        with context.app_context():
            drain(moment, other, URL)

    post = Failing(another_worker)  # type: ignore[arg-type]
    drain(moment, post, URL)
    assert {mail.to for mail in post.sent} & {mail.to for mail in other.sent} == set()
    assert len(post.sent) + len(other.sent) == 2
    assert db.session.scalar(select(func.count()).where(Outbox.sent_at.is_(None))) == 0
