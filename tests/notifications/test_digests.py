"""News held for the hours that someone chose, and told in one mail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from app.accounts.models import Membership
from app.accounts.policy import Role
from app.extensions import db
from app.infra.mailer import Mail, Memory, TryLater, Undeliverable
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.kernel.errors import InvalidInput
from app.notifications.digests import choose
from app.notifications.jobs import drain, gather_digests
from app.notifications.models import Outbox
from app.notifications.queries import outbox_counts
from app.notifications.vocabulary import Pace
from app.tickets import events as e
from app.tickets.models import Ticket
from app.tickets.vocabulary import Kind
from tests.factories import Place, World, act, file
from tests.notifications.test_outbox import URL, Failing, rows

HOUR = timedelta(hours=1)
ANSWER = "Essayez une autre porte."


@pytest.fixture
def here(context: Flask, world: World) -> Place:
    """It is 9 in the morning there."""
    return world.here


def wish(place: Place, pace: Pace, *hours: int, clock: FrozenClock, role: Role = Role.USER) -> None:
    with transaction():
        choose(place.people[role].account_id, pace, hours, now=clock.now())


def answered(place: Place, clock: FrozenClock, **details: object) -> Ticket:
    """A ticket of the user, received and answered: two mails for them."""
    ticket = file(place, now=clock.now(), **details)  # type: ignore[arg-type]
    act(place, ticket, e.Answered(text=ANSWER), now=clock.now())
    return ticket


def work(clock: FrozenClock, post: Memory) -> Memory:
    """What the worker does in a minute."""
    gather_digests(clock.now())
    drain(clock.now(), post, URL)
    return post


def lines(mail: Mail) -> list[str]:
    """Those of the digest, with breaking spaces."""
    return [
        line.removeprefix("- ").replace("\u00a0", " ")
        for line in mail.text.splitlines()
        if line.startswith("- ")
    ]


def test_nothing_leaves_before_the_hour_then_one_mail_tells_all(here: Place, clock: FrozenClock) -> None:
    wish(here, Pace.DIGEST, 8, 14, clock=clock)
    first, second = answered(here, clock), file(here, now=clock.now())
    assert work(clock, Memory()).sent == []
    clock.advance(5 * HOUR - timedelta(seconds=1))
    assert work(clock, Memory()).sent == []
    clock.advance(timedelta(seconds=1))
    (mail,) = work(clock, Memory()).sent
    assert mail.to == here.people[Role.USER].email
    assert mail.subject == "Résumé\u00a0: 3 nouvelles"
    assert lines(mail) == [
        f"Votre sollicitation est bien reçue ({first.reference}), le 10/03/2026 à 9 h 00",
        f"Une réponse vous est donnée ({first.reference}), le 10/03/2026 à 9 h 00",
        f"Votre sollicitation est bien reçue ({second.reference}), le 10/03/2026 à 9 h 00",
    ]
    assert f"  {URL}/sollicitations/{first.reference}\n" in mail.text
    assert ANSWER not in mail.text + mail.html
    assert mail.thread_id is None, "a digest stands alone"
    assert mail.choices_url == f"{URL}/mon-compte/messages"
    told = [row for row in rows() if row.template != "digest"]
    assert [row.sent_at for row in told] == [clock.now()] * 3
    assert [row.context for row in told].count({"text": ANSWER}) == 1, "each event keeps its row"


def test_what_comes_after_waits_for_the_next_hour(here: Place, clock: FrozenClock) -> None:
    wish(here, Pace.DIGEST, 14, 8, clock=clock)
    file(here, now=clock.now())
    clock.advance(5 * HOUR)
    assert len(work(clock, Memory()).sent) == 1
    file(here, now=clock.now())
    assert work(clock, Memory()).sent == []
    clock.advance(18 * HOUR)
    assert len(work(clock, Memory()).sent) == 1
    clock.advance(24 * HOUR)
    assert work(clock, Memory()).sent == [], "no digest of nothing"


def test_what_happens_often_is_told_once_with_its_count(here: Place, clock: FrozenClock) -> None:
    wish(here, Pace.DIGEST, 14, clock=clock)
    ticket = file(here, now=clock.now())
    for _ in range(3):
        clock.advance(timedelta(minutes=1))
        act(here, ticket, e.Commented(text="Encore un mot"), now=clock.now())
    clock.advance(5 * HOUR)
    (mail,) = work(clock, Memory()).sent
    assert lines(mail)[1] == f"Un nouveau message ({ticket.reference}), le 10/03/2026 à 9 h 03 (3 fois)"
    assert mail.subject == "Résumé\u00a0: 2 nouvelles"


def test_a_question_and_a_case_do_not_wait(here: Place, clock: FrozenClock) -> None:
    for pace in (Pace.DIGEST, Pace.NONE):
        wish(here, pace, 14, clock=clock)
        ticket = file(here, now=clock.now())
        act(here, ticket, e.UserAsked(text="Depuis quand ?"), now=clock.now())
        case = file(here, now=clock.now(), kind=Kind.SECURITY)
        subjects = [mail.subject for mail in work(clock, Memory()).sent]
        assert subjects == [
            f"[{ticket.reference}] Une précision vous est demandée",
            f"[{case.reference}] Votre sollicitation est bien reçue",
        ]


def test_who_wants_no_mail_has_none_and_each_event_has_its_row(here: Place, clock: FrozenClock) -> None:
    wish(here, Pace.NONE, clock=clock)
    answered(here, clock)
    clock.advance(48 * HOUR)
    assert work(clock, Memory()).sent == []
    assert [(row.unwanted, row.sent_at) for row in rows()] == [(True, None)] * 2
    assert outbox_counts().given_up == 0


def test_of_a_ticket_that_has_become_restricted_nothing_is_told(here: Place, clock: FrozenClock) -> None:
    wish(here, Pace.DIGEST, 14, clock=clock)
    ticket, other = answered(here, clock), file(here, now=clock.now())
    with transaction():
        db.session.execute(update(Ticket).where(Ticket.id == ticket.id).values(restricted=True))
    clock.advance(5 * HOUR)
    (mail,) = work(clock, Memory()).sent
    assert lines(mail) == [
        "Un dossier restreint, le 10/03/2026 à 9 h 00 (2 fois)",
        f"Votre sollicitation est bien reçue ({other.reference}), le 10/03/2026 à 9 h 00",
    ]
    assert mail.text.count(ticket.reference) == 1, "in the link alone"
    assert "réponse" not in mail.text + mail.html


def test_a_mail_that_waits_says_nothing_either_once_its_ticket_is_restricted(
    here: Place, clock: FrozenClock
) -> None:
    ticket = answered(here, clock)
    with transaction():
        db.session.execute(update(Ticket).where(Ticket.id == ticket.id).values(restricted=True))
    post = work(clock, Memory())
    assert {mail.subject for mail in post.sent} == {
        f"[{ticket.reference}] Une sollicitation demande votre attention"
    }
    assert all(ANSWER not in mail.text + mail.html for mail in post.sent)


def test_a_digest_whose_worker_died_leaves_again_under_the_same_identity(
    here: Place, clock: FrozenClock
) -> None:
    wish(here, Pace.DIGEST, 14, clock=clock)
    answered(here, clock)
    clock.advance(5 * HOUR)
    seen: list[str] = []

    def dies(mail: object) -> Exception:
        seen.append(mail.message_id)  # type: ignore[attr-defined]
        return KeyError("the process was killed")

    with pytest.raises(KeyError):
        work(clock, Failing(dies))
    assert work(clock, Memory()).sent == [], "somebody may still be sending it"
    clock.advance(timedelta(minutes=10))
    (mail,) = work(clock, Memory()).sent
    assert [mail.message_id] == seen
    assert mail.subject == "Résumé\u00a0: 2 nouvelles"
    assert work(clock, Memory()).sent == []
    assert [row.sent_at for row in rows()] == [clock.now()] * 3


def test_gathering_twice_makes_one_digest(here: Place, clock: FrozenClock) -> None:
    wish(here, Pace.DIGEST, 14, clock=clock)
    answered(here, clock)
    clock.advance(5 * HOUR)
    for _ in range(2):
        gather_digests(clock.now())
    assert [row.template for row in rows()].count("digest") == 1


def test_a_digest_is_tried_again_or_given_up_like_any_mail(here: Place, clock: FrozenClock) -> None:
    wish(here, Pace.DIGEST, 14, clock=clock)
    answered(here, clock)
    clock.advance(5 * HOUR)
    work(clock, Failing(lambda _: TryLater("450 greylisted")))
    assert outbox_counts().waiting == 1
    clock.advance(timedelta(minutes=1))
    work(clock, Failing(lambda _: Undeliverable("550 no such mailbox")))
    counts = outbox_counts()
    assert (counts.waiting, counts.held, counts.given_up) == (0, 0, 1)


def test_a_line_that_cannot_be_written_holds_up_no_digest(here: Place, clock: FrozenClock) -> None:
    wish(here, Pace.DIGEST, 14, clock=clock)
    ticket = answered(here, clock)
    with transaction():
        db.session.execute(
            update(Outbox).where(Outbox.template == "answered").values(template="template-of-tomorrow")
        )
    clock.advance(5 * HOUR)
    (mail,) = work(clock, Memory()).sent
    assert f"Il y a du nouveau ({ticket.reference})" in mail.text


def test_who_left_in_the_meantime_is_told_nothing(here: Place, clock: FrozenClock) -> None:
    wish(here, Pace.DIGEST, 14, clock=clock)
    answered(here, clock)
    with transaction():
        db.session.execute(
            delete(Membership).where(Membership.account_id == here.people[Role.USER].account_id)
        )
    clock.advance(5 * HOUR)
    assert work(clock, Memory()).sent == []


def test_changing_ones_mind_moves_what_is_held(here: Place, clock: FrozenClock) -> None:
    wish(here, Pace.DIGEST, 14, clock=clock)
    file(here, now=clock.now())
    wish(here, Pace.DIGEST, 10, clock=clock)
    clock.advance(HOUR)
    assert len(work(clock, Memory()).sent) == 1
    file(here, now=clock.now())
    wish(here, Pace.AT_ONCE, clock=clock)
    (mail,) = work(clock, Memory()).sent
    assert "bien reçue" in mail.subject
    wish(here, Pace.DIGEST, 14, clock=clock)
    file(here, now=clock.now())
    wish(here, Pace.NONE, clock=clock)
    clock.advance(24 * HOUR)
    assert work(clock, Memory()).sent == []


def test_each_person_chooses_for_themselves(here: Place, world: World, clock: FrozenClock) -> None:
    wish(here, Pace.DIGEST, 14, clock=clock)
    file(world.there, now=clock.now())
    ticket = file(here, now=clock.now())
    act(here, ticket, e.Taken(assignee_id=here.people[Role.CORRESPONDENT].account_id), now=clock.now())
    act(here, ticket, e.Commented(text="Un mot"), now=clock.now(), role=Role.USER)
    assert {mail.to for mail in work(clock, Memory()).sent} == {
        world.there.people[Role.USER].email,
        here.people[Role.CORRESPONDENT].email,
    }


@pytest.mark.parametrize("hours", [(), (3,), (8, 25), (-1,)])
def test_a_digest_needs_an_hour_among_those_offered(
    here: Place, clock: FrozenClock, hours: tuple[int, ...]
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        wish(here, Pace.DIGEST, *hours, clock=clock)
    assert refusal.value.field == "hours"
    assert db.session.scalar(select(Outbox)) is None
