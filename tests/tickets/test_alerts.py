"""Alerts on the clocks: one row per clock and threshold, mails to those who work on the ticket, and nobody else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.absences import declare_absence
from app.accounts.models import Account
from app.accounts.policy import Role
from app.deadlines.models import Alert, AlertNotice, Deadline
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.notifications.models import Outbox
from app.partners.models import Commitment, Partner
from app.partners.settings import add_closure
from app.tickets import alerts, jobs
from app.tickets import events as e
from app.tickets.alert_queries import reached_by
from app.tickets.jobs import watch_clocks
from app.tickets.models import Ticket
from app.tickets.verify import verify_tickets
from app.tickets.vocabulary import IncidentType, Kind
from tests.factories import Place, World, act, file, make_person, transmitted
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


def taken(place: Place, *, now: datetime, **changes: object) -> Ticket:
    """A ticket that France Travail has, in the hands of the first correspondent."""
    ticket = transmitted(place, now=now, **changes)
    act(place, ticket, e.Taken(assignee_id=place.people[Role.CORRESPONDENT].account_id), now=now)
    return ticket


def sweep(start: datetime, end: datetime, step: timedelta = MINUTE) -> None:
    moment = start
    while moment <= end:
        watch_clocks(moment)
        moment += step


def mails(*templates: str) -> list[tuple[str, str, datetime]]:
    """(template, first word of the reader's name, when) of the mails about clocks, in order."""
    rows = db.session.execute(
        select(Outbox.template, Account.name, Outbox.created_at)
        .join(Account, Account.id == Outbox.account_id)
        .where(Outbox.template.like("alert%"))
    )
    told = [(template, name.split()[0], moment) for template, name, moment in rows]
    return sorted(told, key=lambda mail: (mail[2], mail[1]))


def readers() -> Counter[str]:
    return Counter(name for _, name, _ in mails())


def alert_rows() -> list[tuple[str, int, datetime]]:
    query = select(Alert.clock, Alert.threshold, Alert.raised_at).order_by(Alert.raised_at, Alert.clock)
    return [tuple(row) for row in db.session.execute(query)]


# --- Thresholds ------------------------------------------------------------------------------------------


def test_the_assignee_then_the_team_then_the_manager(here: Place, clock: FrozenClock) -> None:
    start = clock.now()
    ticket = taken(here, now=start)
    sweep(start, start + 20 * MINUTE)
    assert alert_rows() == [
        ("take-up", 50, start + 8 * MINUTE),
        ("take-up", 80, start + 12 * MINUTE),
        ("take-up", 100, start + 16 * MINUTE),
    ]
    assert mails() == [
        ("alert", "correspondent", start + 8 * MINUTE),
        *(("alert", name, start + 12 * MINUTE) for name in ("correspondent", "seconde")),
        *(("alert", name, start + 16 * MINUTE) for name in ("correspondent", "manager", "seconde")),
    ]
    row = db.session.scalars(select(Deadline).where(Deadline.clock == "take-up")).one()
    assert row.next_alert_at is None
    last = db.session.scalars(
        select(Outbox).where(Outbox.template == "alert").order_by(Outbox.id.desc())
    ).first()
    assert last is not None
    assert last.subject_id == ticket.id
    assert last.context["to_do"].startswith("Relance à envoyer\u00a0: ")


def test_without_assignee_the_team_is_told_from_the_first(here: Place, clock: FrozenClock) -> None:
    transmitted(here, now=clock.now())
    sweep(clock.now(), clock.now() + 9 * MINUTE)
    assert readers() == {"correspondent": 1, "seconde": 1}


def test_half_of_eight_working_hours_is_four_working_hours(here: Place, clock: FrozenClock) -> None:
    start = at("2026-03-10 15:00")
    ticket = taken(here, now=start)
    act(here, ticket, e.TakenUp(), now=start + 5 * MINUTE)
    (returned,) = db.session.scalars(select(Deadline).where(Deadline.running))
    assert returned.next_alert_at == at("2026-03-11 11:00")
    sweep(at("2026-03-11 10:59"), at("2026-03-11 11:00"))
    assert alert_rows() == [("return-to-service", 50, at("2026-03-11 11:00"))]


def test_a_long_stop_of_the_worker_tells_the_last_threshold_only(here: Place, clock: FrozenClock) -> None:
    start = clock.now()
    taken(here, now=start)
    watch_clocks(start + 70 * MINUTE)
    assert alert_rows() == [("take-up", 100, start + 70 * MINUTE)]
    assert readers() == {"correspondent": 1, "seconde": 1, "manager": 1}
    sweep(start + 71 * MINUTE, start + 80 * MINUTE)
    assert len(mails()) == 3, "after the due time nothing more, but the digest"


def test_a_commitment_without_alerts_wakes_nobody_and_one_may_warn_earlier(
    here: Place, clock: FrozenClock
) -> None:
    with transaction():
        for row in db.session.scalars(select(Commitment).where(Commitment.partner_id == here.partner_id)):
            row.alerts = "20 %" if row.clock == "take-up" else "aucune"
    taken(here, now=clock.now())
    sweep(clock.now(), clock.now() + 20 * MINUTE)
    assert alert_rows() == [("take-up", 20, clock.now() + 3 * MINUTE)]
    watch_clocks(clock.now() + timedelta(days=30))
    assert len(alert_rows()) == 1


# --- Once, whatever crashes ------------------------------------------------------------------------------


def test_a_worker_that_dies_among_the_mails_leaves_one_row_and_tells_once(
    here: Place, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = clock.now()
    taken(here, now=start)
    soon = start + 13 * MINUTE

    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    for name in ("raise_alerts", "tell_partner", "write"):
        module = alerts if name == "write" else jobs
        with monkeypatch.context() as broken:
            broken.setattr(module, name, die)
            with pytest.raises(Killed):
                watch_clocks(soon)
        assert mails() == []
    watch_clocks(soon)
    watch_clocks(soon)
    watch_clocks(soon + MINUTE)
    assert [threshold for _, threshold, _ in alert_rows()] == [80]
    assert readers() == {"correspondent": 1, "seconde": 1}
    assert db.session.scalar(select(func.count()).select_from(AlertNotice)) == 2


def test_a_clock_stopped_between_the_read_and_the_write_wakes_nobody(here: Place, clock: FrozenClock) -> None:
    start = clock.now()
    ticket = taken(here, now=start)
    found = reached_by(start + 9 * MINUTE, 10)
    assert found == [ticket.id]
    act(here, ticket, e.TakenUp(), now=start + 9 * MINUTE)
    with transaction():
        assert alerts.raise_alerts(found, start + 9 * MINUTE) == 0
    assert (alert_rows(), mails()) == ([], [])


def test_a_clock_stopped_before_its_reader_may_be_told_wakes_nobody(here: Place) -> None:
    start = at("2026-03-02 20:00")
    ticket = taken(here, now=start, **APPLICATION)
    watch_clocks(at("2026-03-05 20:00"))
    assert [threshold for _, threshold, _ in alert_rows()] == [50]
    act(here, ticket, e.TakenUp(), e.ReturnObserved(), now=at("2026-03-06 07:00"))
    sweep(at("2026-03-06 08:50"), at("2026-03-06 09:10"))
    assert mails() == []


@pytest.mark.parametrize(
    "events",
    [
        (e.TakenUp(), e.ReturnObserved(), e.ReturnConfirmed()),
        (e.TakenUp(), e.ReturnAnnounced()),
        (e.Cancelled(reason="Erreur"),),
        (e.FtRefused(text="Hors périmètre"), e.RefusalAccepted()),
    ],
)
def test_what_is_stopped_to_verify_or_cancelled_wakes_nobody(
    here: Place, clock: FrozenClock, events: tuple[e.TicketEvent, ...]
) -> None:
    act(here, taken(here, now=clock.now()), *events, now=clock.now() + MINUTE)
    sweep(clock.now(), clock.now() + timedelta(days=3), timedelta(hours=1))
    assert (alert_rows(), mails()) == ([], [])


def test_a_suspended_clock_wakes_nobody_until_it_runs_again(here: Place, clock: FrozenClock) -> None:
    with transaction():
        for row in db.session.scalars(select(Commitment).where(Commitment.partner_id == here.partner_id)):
            row.suspendable = True
    start = at("2026-03-10 09:00")
    ticket = taken(here, now=start)
    act(here, ticket, e.TakenUp(), now=start + MINUTE)
    act(here, ticket, e.FtAsked(text="Quel compte ?"), now=at("2026-03-10 10:00"))
    sweep(at("2026-03-10 10:00"), at("2026-03-12 10:00"), timedelta(hours=1))
    assert alert_rows() == []
    act(here, ticket, e.FtAnswered(text="Voici"), now=at("2026-03-12 10:00"))
    sweep(at("2026-03-12 12:58"), at("2026-03-12 13:00"))
    assert alert_rows() == [("return-to-service", 50, at("2026-03-12 13:00"))]


def test_a_contested_clock_wakes_as_any_other(here: Place, clock: FrozenClock) -> None:
    ticket = taken(here, now=clock.now())
    contested = e.Contested(clock="take-up", ft_time=clock.now(), ft_position="…", our_position="…")
    act(here, ticket, contested, now=clock.now() + MINUTE)
    sweep(clock.now(), clock.now() + 9 * MINUTE)
    assert readers() == {"correspondent": 1}


def test_a_grouped_ticket_wakes_nobody_its_main_one_does(here: Place, clock: FrozenClock) -> None:
    main, other = taken(here, now=clock.now()), taken(here, now=clock.now())
    act(here, other, e.DuplicateMarked(of=main.reference), now=clock.now() + MINUTE)
    sweep(clock.now(), clock.now() + 9 * MINUTE)
    assert readers() == {"correspondent": 1}


# --- Who, and when ---------------------------------------------------------------------------------------


def test_at_night_an_application_waits_for_the_opening_merged_and_an_interruption_does_not(
    here: Place,
) -> None:
    start = at("2026-03-02 20:00")
    taken(here, now=start, **APPLICATION)
    taken(here, now=start + MINUTE, **APPLICATION)
    sweep(at("2026-03-05 19:59"), at("2026-03-05 20:10"))
    assert mails() == [], "half of six days was used in the evening"
    taken(here, now=at("2026-03-05 22:00"))
    sweep(at("2026-03-05 22:00"), at("2026-03-05 22:09"))
    assert mails() == [("alert", "correspondent", at("2026-03-05 22:08"))]
    act_on_all_interruptions(here, now=at("2026-03-05 22:10"))
    sweep(at("2026-03-06 08:58"), at("2026-03-06 09:01"))
    assert mails()[1:] == [("alerts", "correspondent", at("2026-03-06 09:00"))]


def act_on_all_interruptions(place: Place, *, now: datetime) -> None:
    query = select(Ticket.reference).where(Ticket.incident_type == "availability")
    for reference in db.session.scalars(query).all():
        act(place, reference, e.TakenUp(), e.ReturnObserved(), now=now)


def test_a_closure_of_the_partner_is_respected_even_when_it_was_decided_meanwhile(here: Place) -> None:
    taken(here, now=at("2026-03-02 20:00"), **APPLICATION)
    watch_clocks(at("2026-03-05 20:00"))
    with transaction():
        add_closure(here.partner_id, first_day=date(2026, 3, 6), last_day=date(2026, 3, 6), label="Pont")
    sweep(at("2026-03-06 09:00"), at("2026-03-09 08:59"), timedelta(hours=1))
    assert mails() == []
    watch_clocks(at("2026-03-09 09:00"))
    # By then all three thresholds have passed: one mail each, of the last.
    assert readers() == {"correspondent": 1, "seconde": 1, "manager": 1}
    assert {template for template, _, _ in mails()} == {"alert"}


def test_the_backup_is_told_when_the_assignee_is_absent(here: Place, clock: FrozenClock) -> None:
    assignee = here.people[Role.CORRESPONDENT]
    backup = db.session.scalars(select(Account).where(Account.name == "seconde")).one()
    with transaction():
        declare_absence(
            db.session.get_one(Account, assignee.account_id), date(2026, 3, 10), date(2026, 3, 10), backup.id,
            tell_cssi=False, today=date(2026, 3, 10), actor=assignee.actor, now=clock.now(),
        )  # fmt: skip
    taken(here, now=clock.now())
    sweep(clock.now(), clock.now() + 9 * MINUTE)
    assert readers() == {"seconde": 1}


def test_who_left_or_has_no_address_is_told_nothing(here: Place, clock: FrozenClock) -> None:
    taken(here, now=clock.now())
    with transaction():
        db.session.get_one(Account, here.people[Role.CORRESPONDENT].account_id).active = False
        db.session.get_one(Account, here.people[Role.MANAGER].account_id).email = None
    sweep(clock.now(), clock.now() + 16 * MINUTE)
    assert readers() == {"seconde": 3}


def test_another_partner_is_told_of_its_own_only(here: Place, world: World, clock: FrozenClock) -> None:
    transmitted(world.there, now=clock.now())
    sweep(clock.now(), clock.now() + 9 * MINUTE)
    (told,) = db.session.scalars(select(Outbox).where(Outbox.template.like("alert%")))
    assert told.partner_id == world.there.partner_id
    assert told.account_id == world.there.people[Role.CORRESPONDENT].account_id


def test_a_request_of_a_person_wakes_the_data_protection_officer_too(here: Place, clock: FrozenClock) -> None:
    file(here, now=clock.now(), kind=Kind.DATA_SUBJECT_REQUEST)
    watch_clocks(at("2026-03-26 09:00"))
    assert readers() == {"correspondent": 1, "seconde": 1, "data_protection_officer": 1}


def test_of_a_restricted_ticket_only_its_readers_learn_and_only_that_it_asks_for_them(
    here: Place, clock: FrozenClock
) -> None:
    with transaction():
        make_person(db.session.get_one(Partner, here.partner_id), Role.SECURITY_OFFICER, name="adjointe")
    ticket = taken(here, now=clock.now())
    secret = e.Classified(reason="Intrusion", kind=Kind.SECURITY, tools=("suivi-de-parcours",))
    act(here, ticket, secret, now=clock.now() + MINUTE)
    sweep(clock.now(), clock.now() + 20 * MINUTE)
    told = db.session.scalars(select(Outbox).where(Outbox.template.like("alert%"))).all()
    assert told
    assert {(row.template, tuple(row.context)) for row in told} == {("alert-restricted", ())}
    assert set(readers()) == {"security_officer", "adjointe"}


# --- Not too many ----------------------------------------------------------------------------------------


def test_what_is_reached_in_the_same_minute_is_one_mail(here: Place, clock: FrozenClock) -> None:
    for _ in range(5):
        taken(here, now=clock.now())
    sweep(clock.now(), clock.now() + 9 * MINUTE)
    assert mails() == [("alerts", "correspondent", clock.now() + 8 * MINUTE)]
    (told,) = db.session.scalars(select(Outbox).where(Outbox.template == "alerts"))
    assert told.context["coming_count"] == 5


def test_a_clock_that_is_not_due_costs_nothing(here: Place, clock: FrozenClock) -> None:
    for _ in range(3):
        taken(here, now=clock.now())
    assert reached_by(clock.now() + 7 * MINUTE, 10) == []
    assert len(reached_by(clock.now() + 8 * MINUTE, 10)) == 3
