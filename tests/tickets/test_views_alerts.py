"""The alerts of a clock and the relance that lateness asks for, on the page of the ticket."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.policy import Role
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.partners.models import Commitment, Contact
from app.tickets import events as e
from app.tickets.jobs import watch_clocks
from tests.factories import World, act, log_in, transmitted
from tests.tickets.desks import Open, as_role, words

MINUTE = timedelta(minutes=1)
TRANSMITTED = e.Transmitted(channel="Formulaire", text="…")


def page(client: FlaskClient, reference: str) -> BeautifulSoup:
    answer = client.get(f"/sollicitations/{reference}")
    assert answer.status_code == 200, answer.text
    return BeautifulSoup(answer.text, "html5lib")


@pytest.fixture
def late(app: Flask, world: World, clock: FrozenClock) -> str:
    """The reference of an interruption that was not taken up in time; its alerts were sent."""
    with app.app_context():
        ticket = transmitted(world.here, now=clock.now())
        act(world.here, ticket, e.Taken(assignee_id=world.here.actor().account_id), now=clock.now())
        for minute in (8, 12, 16):
            watch_clocks(clock.now() + minute * MINUTE)
        reference = ticket.reference
    clock.advance(40 * MINUTE)
    return reference


def test_those_who_handle_the_ticket_read_when_each_alert_was_sent_and_to_whom(
    app: Flask, world: World, late: str
) -> None:
    for role in (Role.CORRESPONDENT, Role.MANAGER):
        take_up = words(page(as_role(app, world, role), late).select_one(".clock"))
        assert "Alerte à 50 % envoyée le 10/03/2026 à 9 h 08 à correspondent pas-de-calais" in take_up
        assert "Alerte à 80 % envoyée le 10/03/2026 à 9 h 12" in take_up
        assert (
            "Alerte d’échéance envoyée le 10/03/2026 à 9 h 16 à correspondent pas-de-calais, manager"
            in take_up
        )


def test_its_reporter_reads_nothing_of_it(app: Flask, world: World, late: str) -> None:
    shown = page(as_role(app, world, Role.USER), late)
    assert "Alerte" not in words(shown.main)
    assert "Relance" not in words(shown.main)


def test_late_it_asks_for_one_relance_with_its_text_and_the_next_contact(
    app: Flask, world: World, clock: FrozenClock, late: str
) -> None:
    desk = log_in(app, app.test_client(), world.here.people[Role.CORRESPONDENT])
    before = page(desk, late)
    asked = words(before.select_one("main .callout"))
    assert asked.startswith("Relance à envoyer à France Travail")
    assert "Support SI plateforme de France Travail" in asked
    form = page_of_act(desk, late)
    assert "Le délai de prise en charge prévu par la convention est échu depuis le 10/03/2026" in form["text"]
    assert desk.post(f"/sollicitations/{late}/actes/relance", data=form).status_code == 303
    after = page(desk, late)
    assert "Relance à envoyer" not in words(after.main)
    assert words(after.select_one(".timeline > li")).startswith("Relance : Support SI plateforme")
    assert words(after.select_one(".button-primary")) == "Enregistrer la prise en charge"


def page_of_act(client: FlaskClient, reference: str) -> dict[str, str]:
    shown = BeautifulSoup(client.get(f"/sollicitations/{reference}/actes/relance").text, "html5lib")
    form = shown.select_one("#act-form form")
    assert form is not None
    return {
        str(field["name"]): field.text.lstrip("\n")
        if field.name == "textarea"
        else str(field.get("value", ""))
        for field in form.select("input, textarea")
    }


def test_who_may_not_send_it_is_not_asked(app: Flask, world: World, late: str) -> None:
    assert "Relance à envoyer" not in words(page(as_role(app, world, Role.MANAGER), late).main)


def test_a_convention_without_contacts_asks_for_it_all_the_same(before: Open, world: World) -> None:
    desk = before(TRANSMITTED)
    with desk.app.app_context(), transaction():
        db.session.query(Contact).delete()
    asked = words(page(desk.client, desk.reference).select_one("main .callout"))
    assert asked == "Relance à envoyer à France Travail L’échéance est dépassée. Le texte est prêt."


# --- The setting -----------------------------------------------------------------------------------------

COMMITMENTS = "/administration/conventions/pas-de-calais-2024"


def new_version(admin: FlaskClient, **typed: str) -> BeautifulSoup:
    address = f"{COMMITMENTS}/engagements/nouveau?modele=1"
    shown = BeautifulSoup(admin.get(address).text, "html5lib")
    form = shown.select_one("main form")
    assert form is not None
    values = {}
    for field in form.select("input, textarea, select"):
        if field.name == "select":
            chosen = field.select_one("option[selected]")
            values[str(field["name"])] = str(chosen["value"]) if chosen else ""
        elif field.get("type") != "checkbox" or field.has_attr("checked"):
            values[str(field["name"])] = str(field.get("value", "")) or field.text.strip()
    return BeautifulSoup(admin.post(address, data=values | typed, follow_redirects=True).text, "html5lib")


def test_the_thresholds_of_a_commitment_are_a_field_of_its_form(app: Flask, world: World) -> None:
    admin = as_role(app, world, Role.ADMINISTRATOR)
    saved = new_version(admin, valid_from="2026-04-01", alerts="25 %, échéance")
    assert "alertes : 25 %, échéance" in words(saved.main)
    with app.app_context():
        kept = db.session.query(Commitment.alerts).where(Commitment.alerts.is_not(None)).all()
    assert [row.alerts for row in kept] == ["25\u00a0%, échéance"]
    history = BeautifulSoup(admin.get("/administration/modifications").text, "html5lib")
    assert "alertes : 25 %, échéance" in words(history.main)


def test_thresholds_that_say_nothing_are_refused_beside_their_field(app: Flask, world: World) -> None:
    admin = as_role(app, world, Role.ADMINISTRATOR)
    refused = new_version(admin, valid_from="2026-04-01", alerts="bientôt")
    assert "n’est ni une part de 1 à 100 %" in words(refused.select_one(".has-error"))
    with app.app_context():
        assert db.session.query(Commitment).where(Commitment.alerts.is_not(None)).all() == []
