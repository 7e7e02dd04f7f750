"""An announcement made from a ticket, and what becomes of it as the ticket goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.policy import Role
from app.announcements import events as e
from app.announcements.models import Announcement
from app.announcements.queries import records_of
from app.announcements.rules import Facts, fold
from app.announcements.service import announce_ticket, perform
from app.announcements.vocabulary import Milestone, State
from app.extensions import db
from app.infra.tx import transaction
from app.journal.verify import verify_journal
from app.kernel.clock import FrozenClock
from app.kernel.errors import Impossible, NotAllowed, NotFound
from app.tickets import events as t
from app.tickets.service import correct
from app.tickets.vocabulary import IncidentType, Kind, Severity
from tests.factories import World, act, file, transmitted

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def ticket(world: World, clock: FrozenClock) -> str:
    """An interruption that France Travail has had for a minute."""
    reference = transmitted(world.here, now=clock.now()).reference
    clock.advance(MINUTE)
    return reference


@pytest.fixture
def announced(ticket: str, world: World, clock: FrozenClock) -> str:
    with transaction():
        return announce_ticket(ticket, actor=world.here.actor(), now=clock.now()).reference


def facts(reference: str) -> Facts:
    key = db.session.scalars(select(Announcement.id).where(Announcement.reference == reference)).one()
    return fold(records_of(key))


def steps(reference: str) -> list[Milestone | None]:
    return [line.milestone for line in facts(reference).news]


class TestInOneClick:
    def test_it_is_published_with_the_steps_gone_through(self, announced: str, clock: FrozenClock) -> None:
        made = facts(announced)
        assert made.state is State.PUBLISHED
        assert made.content.title == "Suivi de parcours\u00a0: incident en cours"
        assert (made.content.tools, made.severity) == (("suivi-de-parcours",), Severity.INTERRUPTION)
        assert [(line.milestone, line.at) for line in made.news] == [
            (Milestone.TRANSMITTED, clock.now() - MINUTE)
        ]

    def test_nothing_that_was_typed_in_the_ticket_is_in_it(self, announced: str) -> None:
        content = facts(announced).content
        assert "ne répond plus" not in content.title
        assert content.text == ""

    def test_the_second_click_leads_to_the_first_announcement(
        self, announced: str, ticket: str, world: World, clock: FrozenClock
    ) -> None:
        with transaction():
            assert announce_ticket(ticket, actor=world.here.actor(), now=clock.now()).reference == announced
        assert db.session.scalar(select(func.count()).select_from(Announcement)) == 1

    def test_several_tools_are_named_shortly(self, world: World, clock: FrozenClock) -> None:
        tools = ("suivi-de-parcours", "api-statut-usager", "api-recherche-usager", "connexion")
        many = file(
            world.here, now=clock.now(), tools=tools, incident_type=IncidentType.APPLICATION, severity=None
        )
        with transaction():
            made = announce_ticket(many.reference, actor=world.here.actor(), now=clock.now())
        assert (
            made.title == "Suivi de parcours, API Statut usager et 2 autres outils\u00a0: anomalie en cours"
        )

    @pytest.mark.parametrize("filing", [{"kind": Kind.QUESTION}, {"tools": ()}])
    def test_only_an_incident_of_a_tool(
        self, world: World, clock: FrozenClock, filing: dict[str, object]
    ) -> None:
        other = file(world.here, now=clock.now(), **filing).reference
        with pytest.raises(Impossible), transaction():
            announce_ticket(other, actor=world.here.actor(), now=clock.now())

    def test_not_once_it_is_over(self, ticket: str, world: World, clock: FrozenClock) -> None:
        act(world.here, ticket, t.Cancelled(reason="Erreur"), now=clock.now())
        with pytest.raises(Impossible), transaction():
            announce_ticket(ticket, actor=world.here.actor(), now=clock.now())

    def test_a_security_case_never(self, world: World, clock: FrozenClock) -> None:
        case = file(world.here, now=clock.now(), kind=Kind.SECURITY, tools=("suivi-de-parcours",)).reference
        for role, refusal in ((Role.CORRESPONDENT, NotFound), (Role.SECURITY_OFFICER, NotAllowed)):
            with pytest.raises(refusal), transaction():
                announce_ticket(case, actor=world.here.actor(role), now=clock.now())

    def test_another_partners_ticket_does_not_exist(
        self, ticket: str, world: World, clock: FrozenClock
    ) -> None:
        with pytest.raises(NotFound), transaction():
            announce_ticket(ticket, actor=world.there.actor(), now=clock.now())


class TestFollowing:
    def test_its_whole_life(self, announced: str, ticket: str, world: World, clock: FrozenClock) -> None:
        now = act(world.here, ticket, t.TakenUp(), t.ReturnAnnounced(), now=clock.now() + MINUTE)
        assert steps(announced) == [Milestone.TRANSMITTED, Milestone.TAKEN_UP, Milestone.RESTORED]
        now = act(world.here, ticket, t.ReturnConfirmed(), now=now)
        assert facts(announced).state is State.ENDED
        now = act(world.here, ticket, t.Closed(), now=now)
        assert facts(announced).version == 6
        act(world.here, ticket, t.Reopened(reason="De nouveau", return_stands=False), now=now)
        assert facts(announced).state is State.PUBLISHED
        assert list(verify_journal()) == []

    def test_a_correction_of_the_ticket_reaches_the_thread(
        self, announced: str, ticket: str, world: World, clock: FrozenClock
    ) -> None:
        act(world.here, ticket, t.TakenUp(), now=clock.now() + MINUTE)
        clock.advance(timedelta(hours=1))
        with transaction():
            void = t.Corrected(reason="Ce n’était qu’un accusé de réception.", void=True)
            correct(ticket, 3, void, actor=world.here.actor(), now=clock.now())
        assert steps(announced) == [Milestone.TRANSMITTED]

    def test_what_becomes_a_security_case_is_no_longer_read(
        self, announced: str, ticket: str, world: World, clock: FrozenClock
    ) -> None:
        secret = t.Classified(kind=Kind.SECURITY, tools=("suivi-de-parcours",), reason="Intrusion")
        act(world.here, ticket, secret, now=clock.now() + MINUTE)
        made = facts(announced)
        assert (made.state, made.mail_sequence) == (State.WITHDRAWN, None)

    def test_a_withdrawn_one_follows_nothing_and_another_may_be_made(
        self, announced: str, ticket: str, world: World, clock: FrozenClock
    ) -> None:
        with transaction():
            perform(announced, e.Withdrawn(reason="Trop tôt"), actor=world.here.actor(), now=clock.now())
        act(world.here, ticket, t.TakenUp(), now=clock.now() + MINUTE)
        assert steps(announced) == [Milestone.TRANSMITTED]
        with transaction():
            again = announce_ticket(ticket, actor=world.here.actor(), now=clock.now() + 2 * MINUTE).reference
        assert steps(again) == [Milestone.TRANSMITTED, Milestone.TAKEN_UP]

    def test_what_is_refused_in_the_ticket_leaves_nothing_in_the_announcement(
        self, announced: str, ticket: str, world: World, clock: FrozenClock
    ) -> None:
        with pytest.raises(Impossible):
            act(world.here, ticket, t.ReturnConfirmed(), now=clock.now() + MINUTE)
        assert facts(announced).version == 3


class TestGrouping:
    def test_grouped_the_announcement_follows_the_main_ticket(
        self, announced: str, ticket: str, world: World, clock: FrozenClock
    ) -> None:
        main = transmitted(world.here, now=clock.now()).reference
        now = act(world.here, ticket, t.DuplicateMarked(of=main), now=clock.now() + MINUTE)
        assert facts(announced).state is State.PUBLISHED
        act(world.here, main, t.TakenUp(), now=now)
        assert steps(announced) == [Milestone.TRANSMITTED, Milestone.TAKEN_UP]

    def test_two_announcements_of_one_incident_become_one(
        self, announced: str, ticket: str, world: World, clock: FrozenClock
    ) -> None:
        main = transmitted(world.here, now=clock.now()).reference
        with transaction():
            kept = announce_ticket(main, actor=world.here.actor(), now=clock.now()).reference
        act(world.here, ticket, t.DuplicateMarked(of=main), now=clock.now() + MINUTE)
        assert (facts(announced).state, facts(kept).state) == (State.ENDED, State.PUBLISHED)
