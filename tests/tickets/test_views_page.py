"""The page of a ticket: what each person reads there, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from app.accounts.policy import Role
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.tickets import events as e
from app.tickets.service import correct, perform, set_identifier
from app.tickets.vocabulary import IncidentType, Kind, Severity, WorkaroundScope
from tests.factories import World, act, file, log_in, transmitted
from tests.tickets.desks import as_role, words

# The person, the ticket and its own; its articles; its alerts; its announcement and the banner of the others.
QUERIES_AT_MOST = 13
MINUTE = timedelta(minutes=1)


@pytest.fixture
def desk(app: Flask, world: World) -> FlaskClient:
    return as_role(app, world, Role.CORRESPONDENT)


@pytest.fixture
def user(app: Flask, world: World) -> FlaskClient:
    return as_role(app, world, Role.USER)


def read(answer: TestResponse) -> BeautifulSoup:
    assert answer.status_code == 200, answer.text
    return BeautifulSoup(answer.text, "html5lib")


def facts(page: BeautifulSoup) -> dict[str, str]:
    return {words(row.dt): words(row.dd) for row in page.select("dl.facts > div")}


def moments(page: BeautifulSoup) -> list[str]:
    return [words(title) for title in page.select(".timeline-title")]


def primary(page: BeautifulSoup) -> str:
    (button,) = page.select("main .button-primary")
    return words(button)


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements sent to the database meanwhile."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_the_page_tells_the_story_the_clocks_and_the_facts(
    app: Flask, world: World, desk: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        ticket = transmitted(world.here, now=clock.now())
        taken_up = e.TakenUp(ft_reference="FT-42")
        act(world.here, ticket, taken_up, e.PlusOne(caller="Poste 3"), now=clock.now() + 12 * MINUTE)
        reference = ticket.reference
    clock.advance(timedelta(hours=1))
    page = read(desk.get(f"/sollicitations/{reference}"))
    assert words(page.h1) == "Le suivi de parcours ne répond plus"
    assert primary(page) == "Enregistrer le retour annoncé"
    assert moments(page) == [
        "Un signalement de plus : Poste 3",
        "Prise en charge par France Travail",
        "Transmise à France Travail",
        "Sollicitation déposée",
    ]
    assert facts(page)["Référence FT"] == "FT-42"
    assert facts(page)["Convention"].startswith("pas-de-calais-2024")
    assert "Poste 3" in facts(page)["+1 signalement"]
    take_up, returned = page.select(".clock")
    assert "Tenue" in words(take_up)
    assert "3 min avant l’échéance" in words(take_up)
    assert "reste 7 h de service" in words(returned)
    assert words(returned.summary) == "Pourquoi cette échéance ?"
    assert len(returned.select(".clock-steps li")) > 2


def test_every_time_is_a_time_element_and_no_identifier_is_used_twice(
    app: Flask, world: World, desk: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        reference = transmitted(world.here, now=clock.now()).reference
    page = read(desk.get(f"/sollicitations/{reference}"))
    assert len(page.select(".timeline time[datetime]")) == len(page.select(".timeline > li"))
    identifiers = [node["id"] for node in page.select("[id]")]
    assert len(identifiers) == len(set(identifiers))
    assert not page.select("[style], style, [onclick]")


def test_a_first_due_time_stays_beside_the_date_agreed(
    app: Flask, world: World, desk: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        now = clock.now()
        ticket = file(world.here, now=now, incident_type=IncidentType.APPLICATION, severity=None)
        classified = e.Classified(
            kind=Kind.INCIDENT,
            tools=("suivi-de-parcours",),
            incident_type=IncidentType.APPLICATION,
            reason="Données",
        )
        agreed = e.DateAgreed(due_at=now + timedelta(days=20))
        act(world.here, ticket, classified, e.Transmitted(channel="Formulaire", text="…"), agreed, now=now)
        reference = ticket.reference
    clock.advance(timedelta(hours=1))
    (returned,) = read(desk.get(f"/sollicitations/{reference}")).select(".clock")
    assert "Échéance : 30/03/2026" in words(returned)
    assert "Première échéance : 16/03/2026" in words(returned)


def test_both_positions_of_a_contested_clock_are_shown(
    app: Flask, world: World, desk: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        ticket = transmitted(world.here, now=clock.now())
        contested = e.Contested(
            clock="take-up", ft_time=clock.now(), ft_position="Dès l’accusé", our_position="Au rappel"
        )
        act(world.here, ticket, contested, now=clock.now())
        reference = ticket.reference
    (take_up, _) = read(desk.get(f"/sollicitations/{reference}")).select(".clock")
    assert all(text in words(take_up) for text in ("Contestée", "Dès l’accusé", "Au rappel"))


def test_a_reference_objective_says_that_it_is_not_contractual(
    app: Flask, world: World, clock: FrozenClock
) -> None:
    with app.app_context():
        reference = transmitted(world.there, now=clock.now()).reference
    client = log_in(app, app.test_client(), world.there.people[Role.CORRESPONDENT])
    page = read(client.get(f"/sollicitations/{reference}"))
    assert words(page.select_one(".clock-note")) == "Objectif de référence, non contractuel"


def test_a_late_take_up_makes_the_relance_the_primary_action(
    app: Flask, world: World, desk: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        reference = transmitted(world.here, now=clock.now()).reference
    clock.advance(timedelta(minutes=40))
    page = read(desk.get(f"/sollicitations/{reference}"))
    assert primary(page) == "Relancer France Travail"
    assert "dépassée de 25 min" in words(page.select_one(".clock"))


def test_a_corrected_event_is_struck_through_with_its_reason(
    app: Flask, world: World, desk: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        ticket = transmitted(world.here, now=clock.now())
        act(world.here, ticket, e.TakenUp(), now=clock.now() + 5 * MINUTE)
        correction = e.Corrected(reason="Ce n’était qu’un accusé de réception.", void=True)
        with transaction():
            correct(ticket.reference, 3, correction, actor=world.here.actor(), now=clock.now() + 9 * MINUTE)
        reference = ticket.reference
    page = read(desk.get(f"/sollicitations/{reference}"))
    voided = page.select_one("#evenement-3")
    assert words(voided.s if voided else None) == "Prise en charge par France Travail"
    assert "Ce n’était qu’un accusé de réception." in words(voided)


def test_an_internal_note_and_a_public_message_are_told_apart(
    app: Flask, world: World, desk: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        ticket = file(world.here, now=clock.now())
        act(
            world.here,
            ticket,
            e.Commented(text="Entre nous", internal=True),
            e.Commented(text="Bonjour"),
            now=clock.now(),
        )
        reference = ticket.reference
    page = read(desk.get(f"/sollicitations/{reference}"))
    assert "Interne" in words(page.select_one("#evenement-2"))
    assert "Visible par l’utilisateur" in words(page.select_one("#evenement-3"))


# --- Who reads what --------------------------------------------------------------------------------------


MACHINERY = ("Échéance", "FT-42", "Entre nous", "convention", "Pré-diagnostic", "%", "Corriger")


def test_the_user_reads_plain_states_and_nothing_of_the_machinery(
    app: Flask, world: World, user: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        ticket = transmitted(world.here, now=clock.now())
        act(
            world.here,
            ticket,
            e.Commented(text="Entre nous", internal=True),
            e.Commented(text="Nous suivons cela."),
            e.TakenUp(ft_reference="FT-42"),
            now=clock.now(),
        )
        reference = ticket.reference
    main = read(user.get(f"/sollicitations/{reference}")).main
    shown = words(main)
    assert [word for word in MACHINERY if word in shown] == []
    assert "Nous suivons cela." in shown
    assert main is not None
    steps = [words(step) for step in main.select(".stepper li")]
    assert steps == [
        "Reçue (fait)",
        "En cours (fait)",
        "Chez France Travail (étape en cours)",
        "Terminée (à venir)",
    ]


def test_the_user_sees_what_is_asked_of_them(
    app: Flask, world: World, user: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        ticket = file(world.here, now=clock.now())
        act(world.here, ticket, e.UserAsked(text="Quel message voyez-vous ?"), now=clock.now())
        reference = ticket.reference
    page = read(user.get(f"/sollicitations/{reference}"))
    assert "Quel message voyez-vous ?" in words(page.select_one(".callout-warning"))
    assert primary(page) == "Répondre"


def test_the_user_is_asked_whether_it_works_again(
    app: Flask, world: World, user: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        ticket = transmitted(world.here, now=clock.now())
        act(world.here, ticket, e.ReturnAnnounced(), now=clock.now())
        reference = ticket.reference
    page = read(user.get(f"/sollicitations/{reference}"))
    assert primary(page) == "Ça remarche"
    assert "Ça ne marche pas" in words(page.main)


def test_a_closed_request_says_how_to_come_back(
    app: Flask, world: World, user: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        ticket = transmitted(world.here, now=clock.now())
        for step in (e.ReturnAnnounced(), e.ReturnConfirmed(), e.Closed()):
            act(world.here, ticket, step, now=clock.now())
        reference = ticket.reference
    page = read(user.get(f"/sollicitations/{reference}"))
    back = page.select_one(".callout-info")
    assert "Le problème est revenu" in words(back)
    assert reference in words(back)


def test_the_reporter_of_a_security_case_reads_a_receipt_and_their_own_words(
    app: Flask, world: World, user: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        ticket = file(world.here, now=clock.now(), kind=Kind.SECURITY, tools=(), subject="Poste suspect")
        act(
            world.here,
            ticket,
            e.Commented(text="Analyse en cours"),
            now=clock.now(),
            role=Role.SECURITY_OFFICER,
        )
        reference = ticket.reference
    page = read(user.get(f"/sollicitations/{reference}"))
    assert "bien arrivé" in words(page.main)
    assert "Page blanche depuis ce matin." in words(page.main)
    assert "Analyse en cours" not in words(page.main)
    assert not page.select("main form, main .timeline")


def test_a_security_case_does_not_exist_for_the_others(app: Flask, world: World, clock: FrozenClock) -> None:
    with app.app_context():
        reference = file(world.here, now=clock.now(), kind=Kind.SECURITY, tools=()).reference
    for role in (Role.CORRESPONDENT, Role.MANAGER, Role.ADMINISTRATOR):
        assert as_role(app, world, role).get(f"/sollicitations/{reference}").status_code == 404


def test_the_manager_reads_all_and_does_nothing(app: Flask, world: World, clock: FrozenClock) -> None:
    with app.app_context():
        reference = transmitted(world.here, now=clock.now()).reference
    page = read(as_role(app, world, Role.MANAGER).get(f"/sollicitations/{reference}"))
    assert page.select(".clock")
    assert not page.select("main form, main .button-primary, main details.disclosure")
    assert "Corriger" not in words(page.main)


def test_another_partner_finds_nothing(app: Flask, world: World, clock: FrozenClock) -> None:
    with app.app_context():
        reference = file(world.here, now=clock.now()).reference
    stranger = log_in(app, app.test_client(), world.there.people[Role.CORRESPONDENT])
    assert stranger.get(f"/sollicitations/{reference}").status_code == 404


@pytest.mark.parametrize("reference", ["7F3K-M2QX", "x", "7F3K-M2QX" * 40, "%00", "é"])
def test_a_reference_that_is_none_is_not_found(desk: FlaskClient, reference: str) -> None:
    assert desk.get(f"/sollicitations/{reference}").status_code == 404


def test_a_reference_typed_by_hand_leads_to_the_ticket(
    app: Flask, world: World, desk: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        reference = file(world.here, now=clock.now()).reference
    answer = desk.get(f"/sollicitations/{reference.lower().replace('-', '')}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/sollicitations/{reference}")


def test_the_protected_identifier_is_for_those_who_may_read_it(
    app: Flask, world: World, desk: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        reference = file(world.here, now=clock.now()).reference
        with transaction():
            set_identifier(reference, "IDE-778", actor=world.here.actor(), now=clock.now())
    assert "IDE-778" in desk.get(f"/sollicitations/{reference}").text
    for role in (Role.MANAGER, Role.USER):
        assert "IDE-778" not in as_role(app, world, role).get(f"/sollicitations/{reference}").text


def test_only_possible_acts_are_offered(
    app: Flask, world: World, desk: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        reference = file(world.here, now=clock.now()).reference
    offered = words(read(desk.get(f"/sollicitations/{reference}")).select_one("details.disclosure"))
    assert "Poser une question" in offered
    assert "Retour constaté" not in offered
    assert "Rouvrir" not in offered


# --- What it costs ---------------------------------------------------------------------------------------


def test_the_page_of_thirty_events_costs_few_statements(
    app: Flask, world: World, desk: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        ticket = transmitted(world.here, now=clock.now())
        other = e.PlusOne(caller="Poste", structure_id=world.here.structures["delegataire"])
        partial = e.WorkaroundGiven(scope=WorkaroundScope.PARTIAL, text="Autre chemin")
        worse = e.SeverityChanged(severity=Severity.DEGRADATION)
        now = act(world.here, ticket, e.TakenUp(), other, partial, worse, now=clock.now())
        for number in range(24):
            with transaction():
                note = e.Commented(text=f"Note {number}", internal=True)
                perform(ticket.reference, note, actor=world.here.actor(), now=now)
        with transaction():
            set_identifier(ticket.reference, "IDE-778", actor=world.here.actor(), now=now)
        reference = ticket.reference
    clock.advance(timedelta(hours=1))
    with app.app_context(), counted() as statements:
        page = read(desk.get(f"/sollicitations/{reference}"))
    assert len(page.select(".timeline > li")) == 31
    assert len(statements) <= QUERIES_AT_MOST, "\n".join(statements)
    assert sum("FROM event" in statement for statement in statements) == 1
