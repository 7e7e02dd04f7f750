"""« Courrier à trier » as a person sees it: what is shown to whom, and each way to deal with a mail."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.policy import Role
from app.extensions import db
from app.kernel.clock import FrozenClock
from app.mailroom.models import InboundMail
from app.mailroom.vocabulary import FtKind, Status, Verified, Why
from app.tickets import events as e
from app.tickets.models import Ticket
from app.tickets.queries import records_of
from app.tickets.vocabulary import Kind, State
from tests.factories import World, file, log_in, transmitted
from tests.mailroom.walk import waiting_mail


@pytest.fixture
def desk(app: Flask, client: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    return log_in(app, client, world.here.people[Role.CORRESPONDENT])


def mail_of(app: Flask, reference: str) -> InboundMail:
    with app.app_context():
        return db.session.scalars(db.select(InboundMail).where(InboundMail.reference == reference)).one()


def last_record(app: Flask, ticket: str) -> e.TicketEvent:
    with app.app_context():
        row = db.session.scalars(db.select(Ticket).where(Ticket.reference == ticket)).one()
        return records_of(row.id)[-1].event


def answer_of_ft(app: Flask, world: World, clock: FrozenClock, **changes: object) -> tuple[str, str]:
    """The references of a verified take-up that waits, and of its ticket."""
    now = clock.now()
    with app.app_context():
        ticket = transmitted(world.here, now=now - timedelta(minutes=30))
        values = {"why": Why.FT_ANSWER, "verified": Verified.PASSED, "ft_kind": FtKind.TAKE_UP} | changes
        found = waiting_mail(
            world.here,
            now=now,
            received_at=now - timedelta(minutes=5),
            subject_id=ticket.id,
            ft_reference="INC0012345",
            text="Votre demande est prise en charge.",
            **values,
        )
        return found, ticket.reference


def hidden_fields(page: str, action: str) -> dict[str, str]:

    form = page[page.index(f'action="{action}"') :]
    form = form[: form.index("</form>")]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


def test_an_answer_of_france_travail_is_recorded_in_one_click(
    app: Flask, desk: FlaskClient, world: World, clock: FrozenClock
) -> None:
    mail, ticket = answer_of_ft(app, world, clock)
    page = desk.get("/courrier").text
    assert "Expéditeur vérifié" in page
    action = f"/courrier/{mail}/reponse-ft"
    fields = hidden_fields(page, action)
    first = desk.post(action, data=fields)
    assert first.headers["Location"].endswith(f"/sollicitations/{ticket}")
    desk.post(action, data=fields)  # a double click
    with app.app_context():
        row = db.session.scalars(db.select(Ticket).where(Ticket.reference == ticket)).one()
        records = records_of(row.id)
        assert row.state == State.TAKEN_UP
        assert [type(record.event) for record in records[2:]] == [e.TakenUp]
        assert records[-1].occurred_at == clock.now() - timedelta(minutes=5)
        assert records[-1].event == e.TakenUp(
            ft_reference="INC0012345", text="Votre demande est prise en charge."
        )
    assert mail_of(app, mail).status == Status.DONE
    assert "Rien n’attend" in desk.get("/courrier").text
    assert ticket in desk.get("/courrier/traites").text


def test_the_kind_and_the_time_may_be_changed_before(
    app: Flask, desk: FlaskClient, world: World, clock: FrozenClock
) -> None:
    mail, ticket = answer_of_ft(app, world, clock)
    fields = hidden_fields(desk.get("/courrier").text, f"/courrier/{mail}/reponse-ft")
    asked = {**fields, "kind": FtKind.QUESTION, "text": ""}
    refused = desk.post(f"/courrier/{mail}/reponse-ft", data=asked)
    assert refused.status_code == 422
    assert "Dites ce que France Travail indique." in refused.text
    asked |= {"text": "Merci de préciser l’heure.", "occurred_at": "2026-03-10T08:50"}
    assert desk.post(f"/courrier/{mail}/reponse-ft", data=asked).status_code in (302, 303)
    with app.app_context():
        row = db.session.scalars(db.select(Ticket).where(Ticket.reference == ticket)).one()
        events = [record.event for record in records_of(row.id)]
    assert e.FtAsked(text="Merci de préciser l’heure.") in events
    assert e.ReferenceNoted(label="France Travail", reference="INC0012345") in events


def test_an_unverified_answer_is_never_one_click(
    app: Flask, desk: FlaskClient, world: World, clock: FrozenClock
) -> None:
    mail, _ = answer_of_ft(app, world, clock, why=Why.FT_UNVERIFIED, verified=Verified.UNKNOWN)
    page = desk.get("/courrier").text
    assert "Expéditeur non vérifié" in page
    assert f"/courrier/{mail}/reponse-ft" not in page
    assert "Rien ne prouve que ce courriel vienne" in desk.get(f"/courrier/{mail}").text


def test_a_mail_is_added_to_a_ticket_with_its_files(
    app: Flask, desk: FlaskClient, world: World, clock: FrozenClock
) -> None:
    raw = (
        b"From: a@b.test\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: text/plain\r\n\r\nVoici\r\n--b\r\nContent-Type: text/plain; name=trace.log\r\n"
        b"Content-Disposition: attachment; filename=trace.log\r\n\r\nerreur\r\n--b--\r\n"
    )
    with app.app_context():
        ticket = file(world.here, now=clock.now()).reference
        mail = waiting_mail(
            world.here, now=clock.now(), raw=raw, files=[{"name": "trace.log", "size": 6, "refused": ""}]
        )
    wrong = desk.post(
        f"/courrier/{mail}/commentaire", data={"token": "a" * 32, "ticket": "7F3K-M2QX", "text": "Voici"}
    )
    assert wrong.status_code == 422
    done = desk.post(
        f"/courrier/{mail}/commentaire", data={"token": "b" * 32, "ticket": ticket, "text": "Voici"}
    )
    assert done.status_code in (302, 303)
    attached = last_record(app, ticket)
    assert isinstance(attached, e.FileAttached)
    assert attached.name == "trace.log"
    assert "inconnu@ailleurs.test" in desk.get(f"/sollicitations/{ticket}").text


def test_a_mail_becomes_a_ticket_or_is_set_aside_with_a_reason(
    app: Flask, desk: FlaskClient, world: World, clock: FrozenClock
) -> None:
    with app.app_context():
        first = waiting_mail(world.here, now=clock.now(), uid=1)
        second = waiting_mail(world.here, now=clock.now(), uid=2)
    filed = desk.post(
        f"/courrier/{first}/sollicitation", data={"token": "a" * 32, "subject": "Panne", "text": "Rien"}
    )
    assert filed.status_code in (302, 303)
    event = last_record(app, filed.headers["Location"].rpartition("/")[2])
    assert isinstance(event, e.Filed)
    assert (event.kind, event.caller) == (Kind.QUESTION, "inconnu@ailleurs.test")
    assert desk.post(f"/courrier/{second}/rejet", data={"token": "b" * 32}).status_code == 422
    assert desk.post(
        f"/courrier/{second}/rejet", data={"token": "b" * 32, "reason": "Publicité"}
    ).status_code in (302, 303)
    assert mail_of(app, second).status == Status.SET_ASIDE
    again = desk.post(f"/courrier/{second}/rejet", data={"token": "c" * 32, "reason": "Encore"})
    assert again.status_code == 409
    assert "déjà été traité" in again.text


def test_hostile_content_stays_text(app: Flask, desk: FlaskClient, world: World, clock: FrozenClock) -> None:
    raw = b"Subject: <script>alert(1)</script>\r\nContent-Type: text/html\r\n\r\n<img src=//x onerror=alert(1)><b>mot</b>"
    with app.app_context():
        mail = waiting_mail(
            world.here, now=clock.now(), raw=raw, title="<script>alert(1)</script>", text="<b>"
        )
    page = desk.get(f"/courrier/{mail}").text
    assert "<script>alert" not in page
    assert "onerror" not in page
    saved = desk.get(f"/courrier/{mail}/original")
    assert saved.data == raw
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in saved.headers["Content-Security-Policy"]


def test_a_mail_about_a_case_is_shown_to_its_readers_only(
    app: Flask, desk: FlaskClient, world: World, clock: FrozenClock
) -> None:
    with app.app_context():
        case = file(world.here, now=clock.now(), kind=Kind.SECURITY, tools=())
        mail = waiting_mail(world.here, now=clock.now(), subject_id=case.id, title="Intrusion")
        stranger = waiting_mail(world.here, now=clock.now(), uid=2, title="Sans rapport")
    assert "Intrusion" not in desk.get("/courrier").text
    for address in (f"/courrier/{mail}", f"/courrier/{mail}/original"):
        assert desk.get(address).status_code == 404
    officer = log_in(app, app.test_client(), world.here.people[Role.SECURITY_OFFICER])
    assert "Intrusion" in officer.get("/courrier").text
    assert "Sans rapport" not in officer.get("/courrier").text
    assert officer.get(f"/courrier/{stranger}").status_code == 404


def test_another_partner_sees_nothing(app: Flask, world: World, clock: FrozenClock) -> None:
    with app.app_context():
        mail = waiting_mail(world.here, now=clock.now(), title="Chez nous")
    other = log_in(app, app.test_client(), world.there.people[Role.CORRESPONDENT])
    assert "Chez nous" not in other.get("/courrier").text
    assert other.get(f"/courrier/{mail}").status_code == 404


def test_home_counts_what_waits(app: Flask, desk: FlaskClient, world: World, clock: FrozenClock) -> None:
    assert "Courriels à trier" not in desk.get("/").text
    with app.app_context():
        file(world.here, now=clock.now())
        waiting_mail(world.here, now=clock.now())
    assert "Courriels à trier" in desk.get("/").text


def test_the_four_forms_of_a_mail_share_no_identifier(
    app: Flask, desk: FlaskClient, world: World, clock: FrozenClock
) -> None:
    mail, _ = answer_of_ft(app, world, clock)
    found = re.findall(r' id="([^"]+)"', desk.get(f"/courrier/{mail}").text)
    assert len(found) == len(set(found))
