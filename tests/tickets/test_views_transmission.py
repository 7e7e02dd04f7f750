from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import Tag
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.partners.models import Channel
from app.tickets import events as e
from app.tickets.fold import fold
from app.tickets.models import Ticket
from app.tickets.queries import records_of
from app.tickets.service import set_identifier
from app.tickets.vocabulary import IncidentType, Kind
from tests.factories import World, act
from tests.tickets.screens import (
    NIR,
    as_shown,
    errors,
    events_of,
    filed,
    page,
    state_of,
)

BEARER = "Authorization: Bearer abcdefghijklmnopqrstuvwxyz0123456789"
API = "api-rendez-vous-partenaires"
QUERIES_AT_MOST = 12


def transmission(reference: str) -> str:
    return f"/sollicitations/{reference}/transmission"


def transmit(client: FlaskClient, reference: str, **typed: str) -> TestResponse:
    url = transmission(reference)
    return client.post(url, data={**as_shown(client, url, "transmission-form"), **typed})


def packet(client: FlaskClient, reference: str) -> str:
    box = page(client.get(transmission(reference))).find(id="packet")
    assert isinstance(box, Tag) and box.has_attr("readonly")
    return box.get_text()


def points(answer: TestResponse) -> dict[str, str]:
    """What was looked at before sending: sentence → word."""
    side = page(answer).find(id="controles")
    assert isinstance(side, Tag) and side.parent is not None and side.parent.parent is not None
    found = {}
    for item in side.parent.parent.select("li"):
        badge, sentence = item.find(class_="badge"), item.find("p")
        assert badge is not None and sentence is not None
        found[sentence.get_text(" ", strip=True)] = badge.get_text(strip=True)
    return found


# --- Transmission ----------------------------------------------------------------------------------------


def test_the_text_is_ready_with_our_reference(correspondent: FlaskClient, incident: str) -> None:
    text = packet(correspondent, incident)
    assert text.lstrip().startswith(f"Objet\u00a0: [{incident}] Le suivi de parcours ne répond plus")
    assert "Suivi de parcours (Mon Portail Pro)" in text and "Page blanche depuis ce matin." in text
    assert page(correspondent.get(transmission(incident))).find(attrs={"data-copy": "packet"}) is not None


def test_it_never_holds_the_protected_identifier(
    app: Flask, world: World, correspondent: FlaskClient, clock: FrozenClock
) -> None:
    reference = filed(app, world, clock, text="L’usager PE-778899 ne voit rien.")
    with app.app_context(), transaction():
        set_identifier(reference, "PE-778899", actor=world.here.actor(), now=clock.now())
    shown = correspondent.get(transmission(reference))
    assert "PE-778899" not in shown.text
    assert any("identifiant protégé" in sentence for sentence in points(shown))
    answer = transmit(correspondent, reference, text="Usager PE-778899")
    assert "identifiant protégé" in errors(answer)["Texte à transmettre"]


def test_the_points_to_look_at_lead_to_where_they_are_mended(
    app: Flask, world: World, correspondent: FlaskClient, clock: FrozenClock
) -> None:
    reference = filed(app, world, clock, kind=Kind.QUESTION, tools=())
    shown = correspondent.get(transmission(reference))
    found = points(shown)
    assert found["Aucun outil n’est désigné. Classer"] == "À voir"
    links = {link.get_text(strip=True): link["href"] for link in page(shown).select("#transmission-form a")}
    assert links["Classer"] == f"/sollicitations/{reference}/actes/classement"
    assert links["Pré-diagnostic"] == f"/sollicitations/{reference}/prediagnostic"
    assert "Aucun canal n’est connu" in shown.text
    transmit(correspondent, reference)
    sent = events_of(app, reference)[-1]
    assert isinstance(sent, e.Transmitted) and sent.channel == "Autre moyen, hors convention"


def test_an_unclassified_incident_is_not_offered_for_transmission(
    app: Flask, world: World, correspondent: FlaskClient, clock: FrozenClock
) -> None:
    reference = filed(app, world, clock, incident_type=None, severity=None)
    shown = page(correspondent.get(transmission(reference)))
    assert "Réglez d’abord les points bloquants." in shown.get_text()
    assert shown.find(id="occurred_at") is None


def test_a_mail_channel_opens_the_mail_program(
    app: Flask, world: World, correspondent: FlaskClient, incident: str
) -> None:
    assert "ne donne pas cette adresse" in correspondent.get(transmission(incident)).text
    with app.app_context(), transaction():
        for channel in db.session.scalars(select(Channel).where(Channel.kind == "email")):
            channel.address = "support@exemple.test"
    shown = page(correspondent.get(transmission(incident)))
    (link,) = [str(link["href"]) for link in shown.select("a[href^=mailto]")]
    assert link.startswith("mailto:support@exemple.test?")
    assert f"subject=%5B{incident}%5D%20" in link


def test_sending_is_recorded_with_its_time_channel_and_reference(
    app: Flask, correspondent: FlaskClient, incident: str
) -> None:
    answer = transmit(correspondent, incident, occurred_at="2026-03-10T08:55", ft_reference="FT-4512")
    assert answer.status_code == 303 and answer.location == f"/sollicitations/{incident}"
    sent = events_of(app, incident)[-1]
    assert isinstance(sent, e.Transmitted)
    assert sent.ft_reference == "FT-4512" and not sent.receipt_is_take_up and sent.channel
    assert sent.text.startswith(f"Objet\u00a0: [{incident}]")
    with app.app_context():
        ticket = db.session.scalars(select(Ticket).where(Ticket.reference == incident)).one()
        assert ticket.state == "transmitted"
        assert fold(records_of(ticket.id)).transmitted_at is not None
        assert ticket.next_due_at is not None
        assert ticket.next_due_at.isoformat() == "2026-03-10T08:10:00+00:00"


def test_on_the_channel_of_the_apis_the_receipt_is_the_take_up(
    app: Flask, world: World, correspondent: FlaskClient, clock: FrozenClock
) -> None:
    reference = filed(app, world, clock, tools=(API,), incident_type=IncidentType.APPLICATION, severity=None)
    shown = correspondent.get(transmission(reference))
    assert "l’accusé de réception vaut prise en charge" in shown.text
    link = page(shown).select_one('a[href^="https://francetravail.io"]')
    assert link is not None and link["rel"] == ["noopener", "noreferrer"]
    transmit(correspondent, reference)
    sent = events_of(app, reference)[-1]
    assert isinstance(sent, e.Transmitted) and sent.receipt_is_take_up


def test_tools_of_two_channels_ask_which_one(
    app: Flask, world: World, correspondent: FlaskClient, clock: FrozenClock
) -> None:
    reference = filed(app, world, clock, tools=("suivi-de-parcours", API))
    radios = page(correspondent.get(transmission(reference))).select("input[name=channel]")
    assert len(radios) == 2
    assert radios[0].has_attr("checked")
    transmit(correspondent, reference, channel=str(radios[1]["value"]))
    sent = events_of(app, reference)[-1]
    assert isinstance(sent, e.Transmitted) and sent.receipt_is_take_up


def test_an_edited_text_is_read_again_then_kept(
    app: Flask, correspondent: FlaskClient, incident: str
) -> None:
    edited = transmit(correspondent, incident, text="Texte réécrit.", save="relire")
    assert edited.status_code == 200
    box = page(edited).find(id="packet")
    assert isinstance(box, Tag) and box.get_text().strip() == "Texte réécrit."
    assert state_of(app, incident) == "new"
    transmit(correspondent, incident, text="Texte réécrit.")
    sent = events_of(app, incident)[-1]
    assert isinstance(sent, e.Transmitted) and sent.text == "Texte réécrit."


def test_reading_again_by_htmx_narrows_to_the_form(correspondent: FlaskClient, incident: str) -> None:
    url = transmission(incident)
    sent = {**as_shown(correspondent, url, "transmission-form"), "text": f"Usager {NIR}", "save": "relire"}
    answer = correspondent.post(
        url, data=sent, headers={"HX-Request": "true", "HX-Target": "transmission-form"}
    )
    assert answer.status_code == 200 and "<html" not in answer.text
    assert any("numéro de sécurité sociale" in sentence for sentence in points(answer))
    assert set(points(answer).values()) >= {"Bloquant"}


@pytest.mark.parametrize(
    ("typed", "label", "said"),
    [
        ({"text": ""}, "Texte à transmettre", "vide"),
        ({"text": f"Usager {NIR}"}, "Texte à transmettre", "numéro de sécurité sociale"),
        ({"text": BEARER}, "Texte à transmettre", "jeton"),
        ({"text": "x" * 10_001}, "Texte à transmettre", "10000 au plus"),
        ({"occurred_at": ""}, "Transmis le", "quand"),
        ({"occurred_at": "demain"}, "Transmis le", "illisibles"),
        ({"occurred_at": "2026-03-10T09:30"}, "Transmis le", "futur"),
        ({"ft_reference": "x" * 81}, "Référence donnée par France Travail", "80 au plus"),
    ],
)
def test_a_refused_transmission_stands_on_its_field_and_loses_nothing(
    app: Flask, correspondent: FlaskClient, incident: str, typed: dict[str, str], label: str, said: str
) -> None:
    answer = transmit(correspondent, incident, **{"ft_reference": "FT-4512", **typed})
    assert answer.status_code == 422
    assert said in errors(answer)[label]
    if "ft_reference" not in typed:
        assert 'value="FT-4512"' in answer.text
    assert state_of(app, incident) == "new"


def test_a_channel_that_is_not_offered_is_refused(
    app: Flask, correspondent: FlaskClient, incident: str
) -> None:
    assert transmit(correspondent, incident, channel="999999").status_code == 422
    assert state_of(app, incident) == "new"


def test_a_double_click_transmits_once(app: Flask, correspondent: FlaskClient, incident: str) -> None:
    url = transmission(incident)
    sent = as_shown(correspondent, url, "transmission-form")
    assert [correspondent.post(url, data=sent).status_code for _ in range(2)] == [303, 303]
    assert [type(one) for one in events_of(app, incident)] == [e.Filed, e.Transmitted]


def test_a_second_transmission_after_a_refusal(
    app: Flask, world: World, correspondent: FlaskClient, incident: str, clock: FrozenClock
) -> None:
    transmit(correspondent, incident, ft_reference="FT-1")
    clock.advance(timedelta(minutes=30))
    with app.app_context():
        act(world.here, incident, e.FtRefused(text="Hors périmètre"), now=clock.now())
    clock.advance(timedelta(minutes=5))
    shown = correspondent.get(transmission(incident))
    assert "puis refusée par France Travail" in shown.text
    assert "FT-1" in packet(correspondent, incident)
    assert transmit(correspondent, incident, ft_reference="FT-2").status_code == 303
    assert state_of(app, incident) == "transmitted"


def test_a_transmission_on_a_stale_page_is_read_again_first(
    app: Flask, world: World, correspondent: FlaskClient, incident: str, clock: FrozenClock
) -> None:
    url = transmission(incident)
    sent = {**as_shown(correspondent, url, "transmission-form"), "ft_reference": "FT-9"}
    with app.app_context():
        act(world.here, incident, e.Transmitted(channel="Formulaire", text="…"), now=clock.now())
    clock.advance(timedelta(minutes=5))
    refused = correspondent.post(url, data=sent)
    assert refused.status_code == 409 and "a changé pendant votre saisie" in refused.text
    assert 'value="FT-9"' in refused.text
    assert len([one for one in events_of(app, incident) if isinstance(one, e.Transmitted)]) == 1
