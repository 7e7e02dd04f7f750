"""Two people on one ticket, forms inside the page, and corrections of what was recorded wrong."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.test import TestResponse

from app.accounts.policy import Role
from app.kernel.clock import FrozenClock
from app.tickets import events as e
from tests.factories import World, act
from tests.tickets.desks import Desk, Open, errors, words

TRANSMITTED = e.Transmitted(channel="Formulaire", text="…")


# --- Two people, two clicks ------------------------------------------------------------------------------


def test_a_double_click_acts_once(before: Open) -> None:
    desk = before()
    form = desk.form(desk.url("commentaire")) | {"text": "Bonjour"}
    answers = [desk.client.post(desk.url("commentaire"), data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert len(desk.records()) == 2


def test_a_decision_on_a_stale_page_is_shown_what_changed_and_keeps_what_was_typed(
    before: Open, app: Flask, world: World, clock: FrozenClock
) -> None:
    desk = before(TRANSMITTED)
    form = desk.form(desk.url("cause")) | {"text": "Un serveur saturé"}
    with app.app_context():
        act(world.here, desk.reference, e.FtEscalated(text="Niveau 3"), now=clock.now())
    answer = desk.client.post(desk.url("cause"), data=form)
    assert answer.status_code == 409
    page = BeautifulSoup(answer.text, "html5lib")
    changes = page.select_one(".callout-warning .timeline")
    assert "Qualifiée et escaladée par France Travail" in words(changes)
    assert words(page.select_one("#act-form textarea")) == "Un serveur saturé"
    assert isinstance(desk.last().event, e.FtEscalated)
    again = {field["name"]: field.get("value", "") for field in page.select("#act-form input[type=hidden]")}
    assert desk.client.post(desk.url("cause"), data=form | again).status_code == 303
    assert desk.last().event == e.CauseGiven(text="Un serveur saturé")


def test_an_act_that_ceased_to_be_possible_keeps_what_was_typed(
    before: Open, app: Flask, world: World, clock: FrozenClock
) -> None:
    desk = before(TRANSMITTED)
    form = desk.form(desk.url("cause")) | {"text": "Un serveur saturé"}
    with app.app_context():
        act(world.here, desk.reference, e.Cancelled(reason="Erreur"), now=clock.now())
    answer = desk.client.post(desk.url("cause"), data=form)
    page = BeautifulSoup(answer.text, "html5lib")
    assert answer.status_code == 409
    assert "Sollicitation annulée" in words(page.select_one(".callout-warning"))
    assert words(page.select_one("#act-form textarea")) == "Un serveur saturé"
    assert not page.select("#act-form button[type=submit]")


def test_a_comment_never_goes_stale(before: Open, app: Flask, world: World, clock: FrozenClock) -> None:
    desk = before()
    form = desk.form(desk.url("commentaire")) | {"text": "Bonjour"}
    with app.app_context():
        act(world.here, desk.reference, e.UserAsked(text="?"), now=clock.now())
    assert desk.client.post(desk.url("commentaire"), data=form).status_code == 303


# --- Fragments -------------------------------------------------------------------------------------------


FRAGMENT = {"HX-Request": "true", "HX-Target": "act-form"}


def test_the_form_opens_and_is_refused_inside_the_page_of_the_ticket(before: Open) -> None:
    desk = before(TRANSMITTED)
    opened = desk.client.get(desk.url("cause"), headers=FRAGMENT)
    assert "<html" not in opened.text
    assert 'id="act-form"' in opened.text
    form = desk.form(desk.url("cause"))
    refused = desk.client.post(desk.url("cause"), data=form | {"text": ""}, headers=FRAGMENT)
    assert refused.status_code == 422
    assert "<html" not in refused.text
    done = desk.client.post(desk.url("cause"), data=form | {"text": "Un serveur"}, headers=FRAGMENT)
    assert done.headers["HX-Redirect"] == f"/sollicitations/{desk.reference}"


# --- Corrections -----------------------------------------------------------------------------------------


def correction(desk: Desk, sequence: int, **typed: str) -> TestResponse:
    url = f"/sollicitations/{desk.reference}/evenements/{sequence}/correction"
    return desk.client.post(url, data=desk.form(url) | typed)


def test_a_wrong_time_is_corrected_with_a_reason(before: Open) -> None:
    desk = before(TRANSMITTED, e.TakenUp())
    answer = correction(desk, 3, occurred_at="10/03/2026 09:09", reason="Relu sur le courriel")
    assert answer.status_code == 303, errors(answer)
    corrected = desk.last()
    assert isinstance(corrected.event, e.Corrected)
    assert (corrected.corrects, corrected.event.void) == (3, False)
    assert "Événement corrigé : « Prise en charge par France Travail »" in desk.flash()


def test_an_event_that_did_not_happen_is_voided(before: Open) -> None:
    desk = before(TRANSMITTED, e.TakenUp())
    assert correction(desk, 3, void="annuler", reason="Un simple accusé").status_code == 303
    assert desk.last().event == e.Corrected(reason="Un simple accusé", void=True)


@pytest.mark.parametrize(
    ("sequence", "typed", "label"),
    [
        (3, {"occurred_at": "10/03/2026 09:09", "reason": ""}, "Motif"),
        (3, {"occurred_at": "", "reason": "Relu"}, "Heure exacte"),
        (3, {"occurred_at": "11/03/2026 09:00", "reason": "Relu"}, "Heure exacte"),
        (3, {"occurred_at": "09/03/2026 09:00", "reason": "Relu"}, "Heure exacte"),
        (1, {"void": "annuler", "reason": "Relu"}, "Correction"),
        (2, {"void": "annuler", "reason": "Relu"}, "Heure exacte"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_on_its_field(
    before: Open, sequence: int, typed: dict[str, str], label: str
) -> None:
    desk = before(TRANSMITTED, e.TakenUp())
    answer = correction(desk, sequence, **typed)
    assert answer.status_code in (409, 422)
    assert list(errors(answer)) == [label]
    assert len(desk.records()) == 3


def test_only_who_handles_the_ticket_corrects_it(before: Open) -> None:
    desk = before(TRANSMITTED, role=Role.MANAGER)
    assert desk.client.get(f"/sollicitations/{desk.reference}/evenements/2/correction").status_code == 403


def test_a_correction_of_nothing_is_not_found(before: Open) -> None:
    desk = before()
    assert desk.client.get(f"/sollicitations/{desk.reference}/evenements/9/correction").status_code == 404


def test_a_correction_on_a_stale_page_is_shown_what_changed(
    before: Open, app: Flask, world: World, clock: FrozenClock
) -> None:
    desk = before(TRANSMITTED, e.TakenUp())
    url = f"/sollicitations/{desk.reference}/evenements/3/correction"
    form = desk.form(url) | {"reason": "Relu sur le courriel"}
    with app.app_context():
        act(world.here, desk.reference, e.CauseGiven(text="Un serveur"), now=clock.now())
    answer = desk.client.post(url, data=form)
    assert answer.status_code == 409
    page = BeautifulSoup(answer.text, "html5lib")
    assert "Cause donnée par France Travail" in words(page.select_one(".callout-warning"))
    assert words(page.select_one("#act-form textarea")) == "Relu sur le courriel"
