"""A small demonstration, played for good: everything happens in it, and every check of the house holds."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import Account
from app.accounts.passwords import ADMINISTRATOR_MINIMUM, check_password, verify_password
from app.accounts.policy import Role
from app.accounts.queries import demonstration_accounts, people_of
from app.announcements.models import Announcement
from app.announcements.vocabulary import Kind as AnnouncementKind
from app.deadlines.clocks import ClockFacts, ClockState, state
from app.deadlines.models import Deadline
from app.demo.cli import demo, load
from app.demo.world import PASSWORD
from app.extensions import db
from app.infra.console import BadInput
from app.journal.models import Event, Seal
from app.journal.verify import verify_journal
from app.notifications.models import Outbox
from app.partners.queries import conventions_of, partner_by_code, partners
from app.tickets.events import EVENT_TYPES
from app.tickets.models import ProtectedIdentifier, Ticket
from app.tickets.queries import security_is_open
from app.tickets.verify import verify_tickets
from app.tickets.vocabulary import Kind, Origin, State

PARIS = ZoneInfo("Europe/Paris")
UNTIL = datetime(2026, 11, 20, 15, 20, tzinfo=PARIS)


def clock_states(until: datetime) -> dict[str, set[ClockState]]:
    """The states in which each clock is found at the end."""
    found: dict[str, set[ClockState]] = {}
    for row in db.session.scalars(select(Deadline)):
        facts = ClockFacts(
            started_at=row.started_at,
            stopped_at=row.stopped_at,
            to_verify_at=row.to_verify_at,
            cancelled_at=row.cancelled_at,
        )
        frozen = row.suspended_at is not None
        found.setdefault(row.clock, set()).add(
            ClockState.RUNNING if frozen else state(facts, row.due_at, until)
        )
    return found


def test_a_small_demonstration(context: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    usual = context.extensions["clock"]
    played = load(context, seed=7, tickets=60, until=UNTIL)

    assert (played.tickets, played.people) == (60, 40)
    assert context.extensions["clock"] is usual
    assert "Démonstration" in capsys.readouterr().err

    # Everything happens once at least.
    assert set(db.session.scalars(select(Event.type))) >= set(EVENT_TYPES)
    announced = db.session.scalars(select(Announcement)).all()
    assert {row.kind for row in announced} == {kind.value for kind in AnnouncementKind}
    assert {row.notice_kept for row in announced} == {True, False, None}
    assert any(row.ticket_id is not None and row.over_at is not None for row in announced)
    assert not any(row.mail_sequence for row in announced)
    tickets = db.session.scalars(select(Ticket)).all()
    assert {ticket.state for ticket in tickets} == {state.value for state in State}
    assert {ticket.kind for ticket in tickets} == {kind.value for kind in Kind}
    assert {ticket.origin for ticket in tickets} == {origin.value for origin in Origin}
    assert any(ticket.integrators_shared for ticket in tickets)
    assert max(ticket.plus_ones for ticket in tickets) == 40
    assert db.session.scalar(select(func.count()).select_from(ProtectedIdentifier))

    found = clock_states(UNTIL)
    alive = {ClockState.MET, ClockState.MISSED, ClockState.RUNNING, ClockState.OVERDUE, ClockState.CANCELLED}
    assert found["take-up"] >= alive
    assert found["return-to-service"] >= alive | {ClockState.TO_VERIFY}
    assert found["information"] >= {ClockState.MET, ClockState.MISSED, ClockState.INDETERMINATE}
    assert found["answer"] >= {ClockState.MET, ClockState.RUNNING, ClockState.OVERDUE}
    clocks = db.session.scalars(select(Deadline)).all()
    assert any(clock.contested for clock in clocks)
    assert any(clock.suspended_at for clock in clocks)
    assert {clock.contractual for clock in clocks} == {True, False}
    planned = [clock for clock in clocks if clock.due_at != clock.first_due_at]
    assert any(clock.stopped_at and clock.due_at and clock.stopped_at <= clock.due_at for clock in planned)

    # The rows follow the events, the chains hold, a seal was set each day that something happened.
    assert list(verify_tickets()) == []
    assert list(verify_journal()) == []
    seals = Counter(db.session.scalars(select(Seal.partner_id)))
    assert len(seals) == 2
    assert max(seals.values()) > 60
    assert not db.session.scalar(select(func.count()).where(Outbox.next_attempt_at.is_not(None)))

    # Nothing is recorded after the end.
    assert db.session.scalar(select(func.max(Event.recorded_at))) <= UNTIL

    _check_world()
    with pytest.raises(BadInput, match="déjà des partenaires"):
        load(context, seed=7, tickets=60, until=UNTIL)


def _check_world() -> None:
    assert [partner.code for partner in partners()] == ["jalle-eau-bourde", "nord"]
    nord = partner_by_code("nord")
    assert {row.code for row in conventions_of(nord.id)} == {"nord-2025", "nord-employeurs-2026"}
    for partner in partners():
        roles = {role for person in people_of(partner.id) for role in person.roles}
        assert roles == set(Role)
        assert security_is_open(partner.id)
    assert {person.roles[0] for person in demonstration_accounts()} == set(Role)
    hashes = set(db.session.scalars(select(Account.password_hash).where(Account.password_hash.is_not(None))))
    assert len(hashes) == 1
    assert verify_password(hashes.pop(), PASSWORD)
    assert all(email.endswith(".example") for email in db.session.scalars(select(Account.email)) if email)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--seed", "abc"], "--seed"),
        (["--tickets", "beaucoup"], "--tickets"),
        (["--tickets", "3"], "au moins"),
        (["--until", "hier"], "n’est pas une date"),
        (["--until", "2025-01-01"], "pas avant"),
        (["--until", "2999-01-01"], "dans le futur"),
        (["--nonsense"], "n’existe pas"),
    ],
)
def test_misuse_is_answered_in_french(app: Flask, arguments: list[str], words: str) -> None:
    with app.app_context():
        result = app.test_cli_runner().invoke(demo, arguments)
        assert partners() == []
    assert result.exit_code == 2
    assert words in result.output


def test_the_password_suits_an_administrator() -> None:
    check_password(PASSWORD, minimum=ADMINISTRATOR_MINIMUM)
