"""The morning digest, and the week-end of an outage that stops everything on a Friday evening."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Account
from app.accounts.policy import Role
from app.deadlines.models import AlertDigest
from app.extensions import db
from app.infra.tx import transaction
from app.notifications.models import Outbox
from app.partners.models import Partner
from app.partners.settings import add_closure
from app.tickets import events as e
from app.tickets.jobs import send_digests, watch_clocks
from app.tickets.verify import verify_tickets
from app.tickets.vocabulary import IncidentType, Kind
from tests.factories import Place, World, act, make_person, transmitted
from tests.tickets.stories import at

MINUTE = timedelta(minutes=1)
APPLICATION = {"incident_type": IncidentType.APPLICATION, "severity": None}


@pytest.fixture
def here(context: Flask, world: World) -> Iterator[Place]:
    """A partner with two correspondents; every row still follows its events at the end."""
    with transaction():
        make_person(db.session.get_one(Partner, world.here.partner_id), Role.CORRESPONDENT, name="seconde")
    yield world.here
    assert [str(difference) for difference in verify_tickets()] == []


def digests() -> dict[str, Outbox]:
    """The digests, by the first word of their reader's name."""
    rows = db.session.execute(
        select(Account.name, Outbox)
        .join(Outbox, Outbox.account_id == Account.id)
        .where(Outbox.template == "alert-digest")
    )
    return {name.split()[0]: mail for name, mail in rows.tuples()}


def told_of(mail: Outbox) -> list[str]:
    return [line["reference"] for line in (*mail.context["late"], *mail.context["coming"])]


def test_late_and_nearly_due_clocks_are_listed_at_eight_to_whoever_answers_for_them(here: Place) -> None:
    mine = here.people[Role.CORRESPONDENT].account_id
    late = transmitted(here, now=at("2026-03-09 14:00"))
    act(here, late, e.Taken(assignee_id=mine), e.TakenUp(), now=at("2026-03-09 14:05"))
    old = transmitted(here, now=at("2026-03-03 10:00"), **APPLICATION)
    act(here, old, e.Taken(assignee_id=mine), now=at("2026-03-03 10:00"))
    transmitted(here, now=at("2026-03-09 16:00"), **APPLICATION)
    send_digests(at("2026-03-10 07:59"))
    assert digests() == {}
    send_digests(at("2026-03-10 08:00"))
    told = digests()
    assert set(told) == {"correspondent", "seconde", "manager"}, "late: the team and the manager as well"
    assert told_of(told["correspondent"]) == [old.reference, late.reference]
    assert told_of(told["manager"]) == [old.reference]
    assert told["correspondent"].context["late_count"] == told["correspondent"].context["coming_count"] == 1


def test_it_leaves_once_a_day_and_says_nothing_when_there_is_nothing(here: Place, world: World) -> None:
    old = transmitted(here, now=at("2026-03-03 10:00"), **APPLICATION)
    for minute in (0, 5, 60):
        send_digests(at("2026-03-10 08:00") + minute * MINUTE)
    assert Counter(name for name in digests()) == {"correspondent": 1, "seconde": 1, "manager": 1}
    assert len(db.session.scalars(select(Outbox).where(Outbox.template == "alert-digest")).all()) == 3
    assert db.session.get(AlertDigest, (world.there.partner_id, date(2026, 3, 10))) is not None, (
        "empty, not sent"
    )
    act(here, old, e.TakenUp(), e.ReturnObserved(), e.ReturnConfirmed(), now=at("2026-03-10 10:00"))
    send_digests(at("2026-03-11 08:00"))
    assert len(db.session.scalars(select(Outbox).where(Outbox.template == "alert-digest")).all()) == 3


def test_it_leaves_on_days_of_work_only_and_on_the_partner_s_wall(here: Place) -> None:
    transmitted(here, now=at("2026-03-03 10:00"), **APPLICATION)
    with transaction():
        add_closure(here.partner_id, first_day=date(2026, 3, 16), last_day=date(2026, 3, 16), label="Pont")
    for day in (14, 15, 16):
        send_digests(datetime(2026, 3, day, 8, tzinfo=UTC))
    assert digests() == {}
    with transaction():
        db.session.get_one(Partner, here.partner_id).time_zone = "Indian/Reunion"
    send_digests(datetime(2026, 3, 17, 4, 0, tzinfo=UTC))
    assert "correspondent" in digests()


def test_a_worker_that_was_stopped_makes_up_for_the_morning_not_for_the_evening(here: Place) -> None:
    transmitted(here, now=at("2026-03-03 10:00"), **APPLICATION)
    send_digests(at("2026-03-10 18:00"))
    assert digests() == {}
    send_digests(at("2026-03-11 11:00"))
    assert "correspondent" in digests()


def test_a_worker_that_dies_in_the_middle_sends_it_whole_and_once(
    here: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    transmitted(here, now=at("2026-03-03 10:00"), **APPLICATION)

    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr("app.tickets.alert_digest._settle", die)
        with pytest.raises(Killed):
            send_digests(at("2026-03-10 08:00"))
    assert digests() == {}
    send_digests(at("2026-03-10 08:01"))
    assert len(digests()) == 3


def test_what_waited_for_the_opening_is_told_by_the_digest_and_not_again(here: Place) -> None:
    ticket = transmitted(here, now=at("2026-03-02 20:00"), **APPLICATION)
    watch_clocks(at("2026-03-05 20:00"))
    send_digests(at("2026-03-06 08:00"))
    assert told_of(digests()["correspondent"]) == [ticket.reference]
    assert "50\u00a0% du délai écoulé" in digests()["correspondent"].context["coming"][0]["words"]
    for minute in range(3):
        watch_clocks(at("2026-03-06 09:00") + minute * MINUTE)
    assert db.session.scalars(select(Outbox).where(Outbox.template.in_(["alert", "alerts"]))).all() == []


def test_a_restricted_ticket_is_a_link_and_nothing_else_for_its_readers_only(here: Place) -> None:
    with transaction():
        make_person(db.session.get_one(Partner, here.partner_id), Role.SECURITY_OFFICER, name="adjointe")
    ticket = transmitted(here, now=at("2026-03-09 09:00"))
    secret = e.Classified(reason="Intrusion", kind=Kind.SECURITY, tools=("suivi-de-parcours",))
    act(here, ticket, secret, now=at("2026-03-09 09:01"))
    send_digests(at("2026-03-10 08:00"))
    told = digests()
    assert set(told) == {"security_officer", "adjointe"}
    assert all(mail.context["restricted"] == [ticket.reference] for mail in told.values())
    assert all(told_of(mail) == [] for mail in told.values())


def test_a_friday_evening_outage_of_sixty_clocks_is_a_handful_of_mails_by_monday(here: Place) -> None:
    """Sixty interruptions within an hour, on a Friday after closing time: 180 thresholds that same evening."""
    fell = at("2026-03-13 17:30")
    mine = here.people[Role.CORRESPONDENT].account_id
    for number in range(60):
        ticket = transmitted(here, now=fell + number * MINUTE)
        if number % 5 == 0:
            act(here, ticket, e.Taken(assignee_id=mine), now=fell + number * MINUTE)
    moment = fell
    while moment < at("2026-03-16 09:05"):
        watch_clocks(moment)
        if moment >= at("2026-03-16 07:30"):
            send_digests(moment)
        # Minute after minute while things happen, then now and then.
        moment += MINUTE if moment < at("2026-03-13 19:00") else 30 * MINUTE
    mails = db.session.execute(
        select(Account.name, Outbox.template, Outbox.created_at)
        .join(Outbox, Outbox.account_id == Account.id)
        .where(Outbox.template.like("alert%"))
    ).all()
    per_person = Counter(name.split()[0] for name, _, _ in mails)
    assert set(per_person) == {"correspondent", "seconde", "manager"}
    assert max(per_person.values()) <= 6, per_person
    by_template = Counter((name.split()[0], template) for name, template, _ in mails)
    assert all(by_template[name, "alert-digest"] == 1 for name in per_person)
    week_end = [when for _, _, when in mails if at("2026-03-14 06:00") <= when < at("2026-03-16 08:00")]
    assert week_end == []
    assert digests()["manager"].context["late_count"] == 60
    assert min(when for _, _, when in mails) == fell + 8 * MINUTE, "the first one did not wait"
