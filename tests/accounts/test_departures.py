"""Leaving a partner, today or on a day to come, and coming back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.jobs_life import keep_accounts
from app.accounts.models import Account, Membership
from app.accounts.policy import Role
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.tickets import events as e
from app.tickets.models import Ticket, TicketGrant
from app.tickets.queries import records_of
from app.tickets.vocabulary import Kind
from tests.accounts.people import ACCOUNTS, Office, day, open_office, told
from tests.conftest import START
from tests.factories import World, act, file, log_in
from tests.partners.pages import words

OUT = "/depart"


@pytest.fixture
def office(app: Flask, world: World, client: FlaskClient) -> Office:
    return open_office(app, world, client)


def assigned(office: Office, role: Role, **changes: object) -> str:
    """A ticket in the hands of someone of the partner."""
    place = office.place
    with office.app.app_context():
        ticket = file(place, now=START, **changes)
        act(place, ticket, e.Assigned(assignee_id=place.people[role].account_id), now=START, role=role)
        return ticket.reference


def ticket_of(reference: str) -> Ticket:
    return db.session.scalars(select(Ticket).where(Ticket.reference == reference)).one()


def test_today_everything_is_closed_at_once(app: Flask, office: Office) -> None:
    role = Role.CORRESPONDENT
    reference = assigned(office, role)
    log_in(app, app.test_client(), office.place.people[role])
    page = words(office.client.get(office.url(role, OUT)))
    assert "1 sollicitation en cours lui est confiée" in page
    assert "Aucun successeur" in page
    answer = office.fill(office.url(role, OUT), day=day(START), reason="mutation")
    page = words(office.client.get(answer.location))
    assert "Cette personne n’a plus aucun droit ici" in page
    assert "1 sollicitation attend de nouveau un responsable" in page
    assert office.roles(role) == set()
    assert office.sessions(role) == 0
    assert office.traces() == ["left"]
    with app.app_context():
        ticket = ticket_of(reference)
        assert ticket.assignee_id is None
        last = records_of(ticket.id)[-1]
        assert (last.event, last.actor_id) == (e.Assigned(assignee_id=None), None)
        assert not db.session.get_one(Account, office.place.people[role].account_id).active


def test_the_case_of_a_security_officer_waits_too_and_what_was_named_to_them_closes(
    app: Flask, office: Office
) -> None:
    role = Role.SECURITY_OFFICER
    account_id = office.place.people[role].account_id
    reference = assigned(office, role, kind=Kind.SECURITY, tools=())
    with app.app_context(), transaction():
        db.session.add(TicketGrant(ticket_id=ticket_of(reference).id, account_id=account_id))
    office.fill(office.url(role, OUT), day=day(START), reason="mutation")
    with app.app_context():
        assert ticket_of(reference).assignee_id is None
        assert db.session.scalars(select(TicketGrant)).all() == []


def test_what_one_still_may_do_stays_in_hand(app: Flask, office: Office) -> None:
    role = Role.ACCOUNT_MANAGER
    reference = assigned(office, role, kind=Kind.ACCESS)
    office.fill(office.url(role, "/roles/nouveau"), role="correspondent", reason="renfort")
    office.fill(office.url(role, "/roles/account_manager/retrait"), reason="fin")
    with app.app_context():
        assert ticket_of(reference).assignee_id == office.place.people[role].account_id


def test_a_closed_ticket_keeps_its_last_hands(app: Flask, office: Office) -> None:
    role = Role.CORRESPONDENT
    reference = assigned(office, role, kind=Kind.QUESTION)
    with app.app_context():
        act(office.place, reference, e.Cancelled(reason="doublon"), now=START + timedelta(minutes=5))
    office.fill(office.url(role, OUT), day=day(START), reason="mutation")
    with app.app_context():
        assert ticket_of(reference).assignee_id == office.place.people[role].account_id


class TestPlanned:
    def test_nothing_changes_until_the_day_then_the_worker_does_it(
        self, app: Flask, office: Office, clock: FrozenClock
    ) -> None:
        role = Role.CORRESPONDENT
        reference = assigned(office, role)
        answer = office.fill(office.url(role, OUT), day=day(START, 10), reason="mutation")
        page = words(office.client.get(answer.location))
        assert "Départ prévu le 20/03/2026" in page
        assert "part le 20/03/2026" in words(office.client.get(ACCOUNTS))
        with app.app_context():
            keep_accounts(START + timedelta(days=9))
        assert office.roles(role)
        with app.app_context():
            keep_accounts(START + timedelta(days=10))
            keep_accounts(START + timedelta(days=10, hours=1))
            assert ticket_of(reference).assignee_id is None
        assert not office.roles(role)
        assert office.traces().count("left") == 1

    def test_the_day_is_the_partners_own(self, app: Flask, office: Office) -> None:
        office.fill(office.url(Role.MANAGER, OUT), day=day(START, 1), reason="mutation")
        with app.app_context():
            keep_accounts(START.replace(hour=22, minute=59))  # 21:59 in universal time
            assert office.roles(Role.MANAGER)
            keep_accounts(START.replace(hour=0, minute=0) + timedelta(days=1))
        assert not office.roles(Role.MANAGER)

    def test_it_can_be_called_off(self, app: Flask, office: Office) -> None:
        page = office.fill(office.url(Role.MANAGER, OUT), day=day(START, 10), reason="mutation").location
        assert office.press(page, "/depart/annulation").status_code == 303
        assert "Départ prévu le" not in words(office.client.get(page)).split("Histoire des droits")[0]
        with app.app_context():
            keep_accounts(START + timedelta(days=10))
        assert office.roles(Role.MANAGER)

    def test_whoever_became_the_last_administrator_stays(self, app: Flask, office: Office) -> None:
        second = office.hire(Role.ADMINISTRATOR, "second administrateur")
        page = office.fill(office.url(second, OUT), day=day(START, 1), reason="mutation").location
        first = office.place.people[Role.ADMINISTRATOR]
        with app.app_context(), transaction():
            held = db.session.scalars(
                select(Membership).where(Membership.account_id == first.account_id)
            ).one()
            held.role = Role.MANAGER
        with app.app_context():
            keep_accounts(START + timedelta(days=2))
        assert office.roles(second) == {("administrator", None)}
        log_in(app, office.client, second, now=START)
        app.extensions["clock"].set(START + timedelta(days=2))
        log_in(app, office.client, second)
        assert "n’a pas pu avoir lieu" in words(office.client.get(page))


class TestRefused:
    @pytest.mark.parametrize(
        ("typed", "refusal"),
        [
            ({"day": "2026-03-09", "reason": "x"}, "Cette date est passée"),
            ({"day": "2036-03-09", "reason": "x"}, "plus de deux ans"),
            ({"day": "2026-02-31", "reason": "x"}, "Date illisible"),
            ({"day": "", "reason": "x"}, "Indiquez la date"),
            ({"day": "2026-03-10", "reason": " "}, "Indiquez le motif"),
        ],
    )
    def test_what_is_wrong(self, office: Office, typed: dict[str, str], refusal: str) -> None:
        assert refusal in told(office.fill(office.url(Role.MANAGER, OUT), **typed))[0]
        assert office.roles(Role.MANAGER)

    def test_oneself_and_the_last_administrator(self, office: Office) -> None:
        answer = office.fill(office.url(Role.ADMINISTRATOR, OUT), day=day(START), reason="retraite")
        assert "votre propre droit" in told(answer)[0]
        assert office.roles(Role.ADMINISTRATOR)


class TestSeveralPartners:
    def test_leaving_one_leaves_the_other_alone(self, app: Flask, world: World, office: Office) -> None:
        person = world.here.people[Role.CORRESPONDENT]
        office.fill(f"{ACCOUNTS}/nouveau", name="Autre", email=person.email, role="manager")
        log_in(app, app.test_client(), person)
        office.fill(office.url(person, OUT), day=day(START), reason="mutation")
        assert office.roles(person) == set()
        with app.app_context():
            assert db.session.get_one(Account, person.account_id).active
        # The session was opened in « nord », the first by name; the person goes on in the other one.
        assert log_in(app, app.test_client(), person).get("/sollicitations").status_code == 200


class TestReturn:
    def test_the_account_is_reopened_with_one_role_and_nothing_of_before(self, office: Office) -> None:
        person = office.place.people[Role.SECURITY_OFFICER]
        office.fill(office.url(person, OUT), day=day(START), reason="mutation")
        assert [
            row
            for row in office.client.get(f"{ACCOUNTS}?etat=left").text.split("row-title")
            if person.name in row
        ]
        answer = office.fill(
            office.url(person, "/retour"), role="user", structure="accueil", reason="de retour"
        )
        assert answer.status_code == 303
        assert office.roles(person) == {("user", office.place.structures["accueil"])}
        assert office.letters()[-1] == ("invitation", person.name)
        assert office.traces()[-1] == "returned"

    def test_who_has_not_left_does_not_come_back(self, office: Office) -> None:
        answer = office.fill(office.url(Role.MANAGER, "/retour"), role="user", reason="de retour")
        assert "n’est pas partie" in told(answer)[0]

    def test_who_left_is_not_invited_anew(self, office: Office) -> None:
        person = office.place.people[Role.MANAGER]
        office.fill(office.url(person, OUT), day=day(START), reason="mutation")
        answer = office.fill(f"{ACCOUNTS}/nouveau", name="Lui", email=person.email, role="user")
        assert "rouvrez son compte" in told(answer)[0]
