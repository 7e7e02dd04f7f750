"""Reading pages as a person does: fields by their label, a form as a browser would send it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from app.extensions import db
from app.kernel.clock import FrozenClock
from app.tickets import events as e
from app.tickets.models import Ticket
from app.tickets.queries import records_of
from tests.factories import World, file

NEW = "/sollicitations/nouvelle"
FOR_SELF = f"{NEW}?pour=moi"
NIR = "1 84 12 76 451 089 46"


def page(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html5lib")


def element(answer: TestResponse, element_id: str) -> Tag:
    found = page(answer).find(id=element_id)
    assert isinstance(found, Tag), f"no #{element_id}"
    return found


def errors(answer: TestResponse) -> dict[str, str]:
    """The refusals by the label of their field."""
    found = {}
    for error in page(answer).select(".field-error"):
        holder = error.find_parent(class_="field")
        assert holder is not None
        label = holder.find(["label", "legend"])
        assert label is not None
        found[label.get_text(" ", strip=True).removesuffix(" (obligatoire)")] = error.get_text(
            " ", strip=True
        )
    return found


def hidden(form: Tag) -> dict[str, str]:
    """What a form carries unseen: its token, its version, its protection."""
    return {str(field["name"]): str(field["value"]) for field in form.select("input[type=hidden]")}


def as_shown(client: FlaskClient, url: str, form_id: str) -> dict[str, str]:
    """What a browser would send, had nobody typed anything."""
    sent = {}
    for field in element(client.get(url), form_id).select("input[name], textarea[name]"):
        if field.get("type") in {"radio", "checkbox"} and not field.has_attr("checked"):
            continue
        value = field.get_text() if field.name == "textarea" else field.get("value", "")
        sent[str(field["name"])] = str(value)
    return sent


def file_form(client: FlaskClient, url: str = NEW, **changes: object) -> TestResponse:
    """Fill the form of a new ticket and send it."""
    typed = {
        "tools": "suivi-de-parcours",
        "kind": "panne",
        "subject": "Le portail ne répond plus",
        "text": "Page blanche.",
        "scope": "several",
        **changes,
    }
    data = {**hidden(element(client.get(url), "filing")), **typed}
    return client.post(url, data=data, content_type="multipart/form-data")


def reference_in(answer: TestResponse) -> str:
    """The reference of the ticket that the answer leads to."""
    assert answer.status_code == 303, errors(answer)
    return str(answer.location).rpartition("/")[2]


def flashes(client: FlaskClient) -> str:
    with client.session_transaction() as session:
        return " ".join(str(message) for _, message in session.get("_flashes", []))


def tickets(app: Flask) -> list[Ticket]:
    with app.app_context():
        return list(db.session.scalars(select(Ticket).order_by(Ticket.id)))


def the_ticket(app: Flask) -> tuple[Ticket, list[e.TicketEvent]]:
    """The only ticket, with its events."""
    (ticket,) = tickets(app)
    return ticket, events_of(app, ticket.reference)


def events_of(app: Flask, reference: str) -> list[e.TicketEvent]:
    with app.app_context():
        ticket_id = db.session.scalars(select(Ticket.id).where(Ticket.reference == reference)).one()
        return [record.event for record in records_of(ticket_id)]


def state_of(app: Flask, reference: str) -> str:
    with app.app_context():
        return db.session.scalars(select(Ticket.state).where(Ticket.reference == reference)).one()


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements that the block sends to the database."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def filed(app: Flask, world: World, clock: FrozenClock, **changes: object) -> str:
    """The reference of a ticket that the user filed twenty minutes ago."""
    with app.app_context():
        return file(world.here, now=clock.now() - timedelta(minutes=20), **changes).reference
