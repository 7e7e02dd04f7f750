"""`/services`, as a person reads it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.policy import Role
from app.announcements import events as e
from app.announcements.service import announce_ticket, draft, publish
from app.announcements.vocabulary import Kind
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.partners.queries import partner_by_code
from app.partners.service import narrow_tools
from app.tickets import events as t
from app.tickets.vocabulary import IncidentType, Severity, WorkaroundScope
from app.tickets.vocabulary import Kind as TicketKind
from tests.factories import World, act, file, log_in, make_person, transmitted
from tests.tickets.desks import words
from tests.tickets.screens import counted, hidden

MINUTE = timedelta(minutes=1)


@pytest.fixture
def user(app: Flask, world: World) -> FlaskClient:
    return log_in(app, app.test_client(), world.here.people[Role.USER])


def page(client: FlaskClient) -> BeautifulSoup:
    answer = client.get("/services")
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html5lib")


def states(client: FlaskClient) -> dict[str, str]:
    """Each tool with its state, in words."""
    rows = page(client).select("table tbody tr")
    return {words(row.td): words(row.select_one(".badge")) for row in rows}


def disturbed(client: FlaskClient) -> list[str]:
    return [words(article) for article in page(client).select("article")]


def test_nothing_known(user: FlaskClient) -> None:
    assert set(states(user).values()) == {"En service"}
    assert "Aucune perturbation connue" in words(page(user).main)


def test_a_report_counts_once_someone_of_the_desk_has_it(
    app: Flask, world: World, user: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        ticket = file(world.here, now=clock.now()).reference
    assert states(user)["Suivi de parcours"] == "En service"
    with app.app_context():
        act(
            world.here,
            ticket,
            t.Taken(assignee_id=world.here.people[Role.CORRESPONDENT].account_id),
            now=clock.now(),
        )
    assert states(user)["Suivi de parcours"] == "Interrompu"
    assert states(user)["API Statut usager"] == "En service"


def test_what_it_says_and_what_to_do(app: Flask, world: World, user: FlaskClient, clock: FrozenClock) -> None:
    with app.app_context():
        ticket = transmitted(world.here, now=clock.now()).reference
        given = t.WorkaroundGiven(scope=WorkaroundScope.PARTIAL, text="Passez par l’accueil")
        act(world.here, ticket, given, now=clock.now() + MINUTE)
    clock.advance(timedelta(hours=1))
    (said,) = disturbed(user)
    assert said.startswith("Suivi de parcours Interrompu Depuis le 10/03/2026 à 9 h 00 ( il y a 1 h )")
    assert "France Travail s’en occupe" in said
    assert "Passez par l’accueil" in said
    assert "Vous l’avez signalé" in said
    assert ticket not in said
    desk = log_in(app, app.test_client(), world.here.people[Role.CORRESPONDENT])
    assert ticket in disturbed(desk)[0]


def test_me_too_in_one_click(app: Flask, world: World, clock: FrozenClock) -> None:
    with app.app_context():
        ticket = transmitted(world.here, now=clock.now()).reference
        with transaction():
            other = make_person(
                partner_by_code("pas-de-calais"),
                Role.USER,
                world.here.structures["insertion"],
                name="agent de plus",
            )
    client = log_in(app, app.test_client(), other)
    form = page(client).select_one("article form")
    assert form is not None
    assert client.post(str(form["action"]), data=hidden(form)).status_code == 303
    assert str(form["action"]) == f"/sollicitations/{ticket}/moi-aussi"
    (said,) = disturbed(client)
    assert "Vous êtes compté" in said


def test_a_return_to_verify_then_the_end(
    app: Flask, world: World, user: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        ticket = transmitted(world.here, now=clock.now()).reference
        act(world.here, ticket, t.ReturnAnnounced(), now=clock.now() + MINUTE)
    clock.advance(timedelta(hours=1))
    assert states(user)["Suivi de parcours"] == "Dégradé"
    assert "en cours de vérification" in disturbed(user)[0]
    with app.app_context():
        act(world.here, ticket, t.ReturnConfirmed(), now=clock.now())
    assert disturbed(user) == []


def test_the_door_takes_its_platform_with_it(
    app: Flask, world: World, user: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        transmitted(world.here, now=clock.now(), tools=("connexion",))
    found = states(user)
    assert found["Suivi de parcours"] == found["Connexion (ProConnect, portails)"] == "Interrompu"
    assert found["API Statut usager"] == "En service"
    assert disturbed(user)[0].startswith("Connexion (ProConnect, portails), ")


def test_what_never_shows(app: Flask, world: World, user: FlaskClient, clock: FrozenClock) -> None:
    with app.app_context():
        transmitted(world.here, now=clock.now(), incident_type=IncidentType.APPLICATION, severity=None)
        file(world.here, now=clock.now(), kind=TicketKind.SECURITY)
        secret = transmitted(world.here, now=clock.now()).reference
        act(
            world.here,
            secret,
            t.Classified(kind=TicketKind.SECURITY, tools=("suivi-de-parcours",), reason="Intrusion"),
            now=clock.now() + MINUTE,
        )
        transmitted(world.there, now=clock.now())
    clock.advance(timedelta(hours=1))
    assert set(states(user).values()) == {"En service"}


def test_the_tools_are_those_of_the_readers_structure(
    app: Flask, world: World, user: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        transmitted(world.here, now=clock.now())
        with transaction():
            narrow_tools(world.here.partner_id, world.here.structures["accueil"], ("api-statut-usager",))
    assert "Suivi de parcours" not in states(user)
    assert disturbed(user) == []


def test_announcements_count_and_a_ticket_with_its_own_counts_once(
    app: Flask, world: World, user: FlaskClient, clock: FrozenClock
) -> None:
    actor, now = world.here.actor(), clock.now()
    closed = e.Content(
        kind=Kind.MAINTENANCE,
        title="Fermeture",
        tools=("api-statut-usager",),
        starts_at=now,
        ends_at=now + timedelta(hours=2),
    )
    later = e.Content(
        kind=Kind.MAINTENANCE, title="Plus tard", tools=("api-recherche-usager",), starts_at=now + timedelta(days=3),
        ends_at=now + timedelta(days=4),
    )  # fmt: skip
    slow = e.Content(
        kind=Kind.INCIDENT,
        title="Lenteurs",
        tools=("api-diagnostic-individu",),
        severity=Severity.DEGRADATION,
        starts_at=now,
    )
    with app.app_context():
        with transaction():
            for content in (closed, later, slow):
                publish(draft(content, actor=actor, now=now).reference, actor=actor, now=now)
        ticket = transmitted(world.here, now=now).reference
        with transaction():
            announced = announce_ticket(ticket, actor=actor, now=now).reference
    found = states(user)
    assert found["API Statut usager"] == "En maintenance"
    assert found["API Recherche usager"] == "En service"
    assert found["API Diagnostic individu"] == "Dégradé"
    assert len(disturbed(user)) == 3
    assert page(user).select_one(f'article a[href="/annonces/{announced}"]') is not None
    assert "Plus tard" in words(page(user).select_one("section[aria-labelledby=a-venir]"))
    clock.advance(timedelta(hours=3))
    assert states(user)["API Statut usager"] == "En service"


def test_it_costs_the_same_whatever_goes_on(
    app: Flask, world: World, user: FlaskClient, clock: FrozenClock
) -> None:
    def cost() -> int:
        with counted(app) as statements:
            page(user)
        return len(statements)

    with app.app_context():
        transmitted(world.here, now=clock.now())
    before = cost()
    tools = (
        "suivi-de-parcours",
        "api-statut-usager",
        "api-recherche-usager",
        "connexion",
        "echanges-fichiers",
    )
    with app.app_context():
        for tool in tools:
            transmitted(world.here, now=clock.now(), tools=(tool,))
    assert cost() == before
    assert before <= 13
