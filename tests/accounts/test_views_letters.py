"""The words of the letters about one's account."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.views_letters import Letter
from app.extensions import db
from app.infra.mailer import Memory
from app.kernel.clock import FrozenClock
from app.notifications.jobs import drain
from app.notifications.models import Outbox
from tests.accounts.screens import send
from tests.factories import Person
from tests.notifications.test_message import mail_of

CASES: list[tuple[Letter, dict[str, Any], str]] = [
    (Letter.NEW_PASSWORD, {}, "Choisir un nouveau mot de passe"),
    (Letter.PASSWORD_CHANGED, {}, "Votre mot de passe a été changé"),
    (Letter.FACTOR_CHANGED, {"removed": False}, "Votre second facteur a été changé"),
    (Letter.FACTOR_CHANGED, {"removed": True}, "Votre second facteur a été retiré"),
]


@pytest.mark.parametrize(("letter", "context", "subject"), CASES)
def test_a_letter_says_what_to_do_and_stands_without_partner(
    letter: Letter, context: dict[str, Any], subject: str
) -> None:
    mail = mail_of(letter, context, reference=None, partner="")
    assert mail.subject == subject
    assert "\nCorrespondant SI\n" in mail.text
    assert "Si ce n’est pas vous" in mail.text
    assert mail.thread_id is None


def test_every_letter_is_read_here() -> None:
    assert {letter for letter, _, _ in CASES} == set(Letter)


def test_the_link_of_a_letter_is_forgotten_once_it_has_left(
    app: Flask, client: FlaskClient, clock: FrozenClock, person: Person
) -> None:
    send(client, "/connexion/mot-de-passe-oublie", email=person.email)
    mailer = Memory()
    with app.app_context():
        path = db.session.query(Outbox.path).scalar()
        drain(clock.now(), mailer, "https://desk.test")
        assert db.session.query(Outbox.path).scalar() == ""
    assert f"https://desk.test{path}\n" in mailer.sent[0].text
