"""What leaves the desk about a ticket that is full of personal data, or restricted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from app.accounts.policy import Role
from app.extensions import db
from app.infra.mailer import Mail, Memory
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.notifications.jobs import drain
from app.notifications.service import enqueue
from app.tickets import events as e
from app.tickets.jobs import send_digests, watch_clocks
from app.tickets.models import Ticket
from app.tickets.vocabulary import Kind
from tests.factories import Place, World, act, file
from tests.notifications.every_mail import SAMPLES, Sample
from tests.notifications.test_outbox import URL

MARK = "Zébulon"


@pytest.fixture
def here(context: Flask, world: World) -> Place:
    return world.here


def left(clock: FrozenClock) -> list[Mail]:
    post = Memory()
    drain(clock.now(), post, URL)
    return post.sent


@pytest.mark.parametrize("kind", [Kind.QUESTION, Kind.SECURITY])
def test_what_is_typed_in_a_ticket_stays_there_but_for_the_answers(
    here: Place, clock: FrozenClock, kind: Kind
) -> None:
    officer = Role.SECURITY_OFFICER if kind is Kind.SECURITY else Role.CORRESPONDENT
    ticket = file(here, now=clock.now(), kind=kind, subject=f"{MARK} est bloqué", text=f"{MARK} ne peut rien")
    steps = (
        (e.Taken(assignee_id=here.people[officer].account_id), officer),
        (e.Commented(text=f"{MARK} écrit"), Role.USER),
        (e.Commented(text=f"{MARK} en secret", internal=True), officer),
        (e.UserAsked(text="Depuis quand\u00a0?"), officer),
        (e.UserReplied(text=f"Depuis {MARK}"), Role.USER),
        (e.Cancelled(reason=f"{MARK} est parti"), officer),
    )
    if kind is Kind.SECURITY:  # of which the user reads no more than the receipt
        steps = tuple(
            step for step in steps if step[1] is not Role.USER and not isinstance(step[0], e.UserAsked)
        )
    for event, role in steps:
        clock.advance(timedelta(minutes=1))
        act(here, ticket, event, now=clock.now(), role=role)
    clock.advance(timedelta(days=1))
    watch_clocks(clock.now())
    send_digests(clock.now())
    sent = [mail for mail in left(clock) if ticket.reference in mail.text]
    assert sent
    assert all(MARK not in mail.subject + mail.text + mail.html for mail in sent)
    names = {person.actor.name for person in here.people.values()}
    assert not [name for name in names for mail in sent if name in mail.subject + mail.text]
    if kind is Kind.SECURITY:
        assert len([mail for mail in sent if mail.to == here.people[Role.USER].email]) == 1, "the receipt"
        assert not [mail for mail in sent if "sécurité" in (mail.subject + mail.text).lower()]


@pytest.mark.parametrize("sample", [sample for sample in SAMPLES if sample.about_ticket], ids=str)
def test_of_a_restricted_ticket_no_mail_says_more_than_its_reference(
    here: Place, clock: FrozenClock, sample: Sample
) -> None:
    ticket = file(here, now=clock.now())
    left(clock)
    with transaction():
        db.session.execute(update(Ticket).where(Ticket.id == ticket.id).values(restricted=True))
        enqueue(
            partner_id=here.partner_id,
            subject_id=ticket.id,
            sequence=2,
            account_id=here.people[Role.USER].account_id,
            template=sample.template,
            context=sample.context,
            now=clock.now(),
        )
    (mail,) = left(clock)
    assert mail.subject in {
        f"[{ticket.reference}] {words}"
        for words in (
            "Votre sollicitation est bien reçue",
            "Une sollicitation vous est confiée",
            "Une sollicitation demande votre attention",
        )
    }
    for value in sample.context.values():
        assert not isinstance(value, str) or not value or value not in mail.text + mail.html
