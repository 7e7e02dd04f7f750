"""Nothing typed is lost: a form that cannot be received waits, and is sent once its owner is back."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts import sessions
from app.accounts.jobs import forget_expired
from app.accounts.models import FormDraft
from app.accounts.policy import Role
from app.accounts.service import add_membership, set_password
from app.extensions import db
from app.files.models import Attachment
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.tickets.models import Ticket
from tests.accounts.screens import HASH, enrol, heading, is_signed_in, page, send, sign_in
from tests.factories import Person, World, file, log_in

NEW_TICKET = "/sollicitations/nouvelle"
SUBJECT = "Comment imprimer la page d’un usager ?"
TYPED = {
    "tools": "suivi-de-parcours",
    "kind": "question",
    "subject": SUBJECT,
    "text": "Je ne trouve pas le bouton.",
}
HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def writer(app: Flask, client: FlaskClient, person: Person) -> FlaskClient:
    """The browser of the person, signed in."""
    return log_in(app, client, person)


def fill_in(client: FlaskClient, address: str = NEW_TICKET) -> dict[str, object]:
    """The form of that page, filled in and not sent yet."""
    form = page(client.get(address)).find(id="filing")
    assert form is not None
    hidden = {str(field["name"]): str(field["value"]) for field in form.select("input[type=hidden]")}
    return {**hidden, **TYPED}


def held(client: FlaskClient, typed: dict[str, object], **headers: str) -> str:
    """Send the form too late; the address of the page where one signs in again."""
    answer = client.post(NEW_TICKET, data=typed, headers=headers)
    address = answer.headers.get("HX-Redirect") or answer.location or ""
    assert address.startswith("/connexion?reprise="), answer.status_code
    return address


def send_draft(client: FlaskClient, address: str) -> TestResponse:
    """What the button of the page does, or the script for it."""
    form = page(client.get(address)).select_one("main form")
    assert form is not None
    token = form.select_one("input[name=csrf_token]")
    assert token is not None
    return client.post(str(form["action"]), data={"csrf_token": str(token["value"])})


def tickets(app: Flask) -> list[Ticket]:
    with app.app_context():
        return list(db.session.query(Ticket))


def count(app: Flask, model: type[db.Model]) -> int:  # type: ignore[name-defined]
    with app.app_context():
        return db.session.query(model).count()


class TestSigningInAgain:
    def test_the_form_is_sent_once_its_owner_is_back(
        self, app: Flask, writer: FlaskClient, clock: FrozenClock, person: Person
    ) -> None:
        typed = fill_in(writer)
        clock.advance(timedelta(hours=6))
        address = held(writer, typed)
        assert not tickets(app)
        login = page(writer.get(address))
        assert "Ce que vous aviez écrit est gardé" in login.get_text()
        email = login.find("input", {"name": "email"})
        assert email is not None
        assert email["value"] == person.email
        back = sign_in_at(writer, address, person)
        assert back.location is not None
        shown = writer.get(back.location)
        assert SUBJECT in shown.text
        assert page(shown).select_one("form[data-send]") is not None, "the script sends it at once"
        sent = send_draft(writer, back.location)
        (ticket,) = tickets(app)
        assert (sent.status_code, sent.location) == (303, f"/sollicitations/{ticket.reference}")
        assert ticket.subject == SUBJECT
        assert "Reçue" in writer.get(sent.location or "").text
        assert not count(app, FormDraft)

    def test_with_its_files_and_a_second_factor(
        self, strict: Flask, client: FlaskClient, clock: FrozenClock, person: Person
    ) -> None:
        sign_in(client, person)
        phone = enrol(strict, client, "/connexion/second-facteur")
        typed = fill_in(client) | {
            "files": [(io.BytesIO(b"erreur 500"), "journal.txt"), (io.BytesIO(b"a;b"), "b.csv")]
        }
        clock.advance(timedelta(hours=6))
        address = held(client, typed)
        assert sign_in_at(client, address, person).location == "/connexion/code"
        back = send(client, "/connexion/code", code=phone.code())
        assert "journal.txt, b.csv" in client.get(back.location or "").text
        send_draft(client, back.location or "")
        with strict.app_context():
            kept = db.session.query(Attachment.name, Attachment.subject_id).order_by(Attachment.id).all()
        assert [name for name, _ in kept] == ["journal.txt", "b.csv"]
        assert all(subject_id is not None for _, subject_id in kept)

    def test_a_long_text_waits_whole(
        self, app: Flask, writer: FlaskClient, clock: FrozenClock, person: Person
    ) -> None:
        typed = fill_in(writer) | {"text": "é" * 600_000}
        clock.advance(timedelta(hours=6))
        answer = send_draft(writer, sign_in_at(writer, held(writer, typed), person).location or "")
        assert answer.status_code == 422
        text = page(answer).find("textarea", {"name": "text"})
        assert text is not None
        assert len(text.get_text().strip()) == 600_000

    def test_what_htmx_sends_waits_too(
        self, app: Flask, writer: FlaskClient, clock: FrozenClock, person: Person
    ) -> None:
        typed = fill_in(writer)
        clock.advance(timedelta(hours=6))
        address = held(writer, typed, **{"HX-Request": "true"})
        send_draft(writer, sign_in_at(writer, address, person).location or "")
        assert len(tickets(app)) == 1

    def test_what_a_page_asks_while_one_types_leads_nowhere(
        self, app: Flask, writer: FlaskClient, clock: FrozenClock
    ) -> None:
        typed = fill_in(writer)
        clock.advance(timedelta(hours=6))
        for headers in ({"HX-Request": "true", "X-Aside": "1"}, {"HX-Request": "true", "X-Polling": "1"}):
            answer = writer.post(NEW_TICKET, data=typed, headers=headers)
            assert (answer.status_code, answer.headers.get("HX-Redirect")) == (401, None)
        assert not count(app, FormDraft)

    def test_a_refused_form_is_shown_with_all_that_was_typed(
        self, app: Flask, writer: FlaskClient, clock: FrozenClock, person: Person
    ) -> None:
        typed = fill_in(writer) | {"tools": ""}
        clock.advance(timedelta(hours=6))
        answer = send_draft(writer, sign_in_at(writer, held(writer, typed), person).location or "")
        assert answer.status_code == 422
        shown = page(answer)
        assert "Choisissez l’outil" in shown.get_text()
        subject = shown.find("input", {"name": "subject"})
        assert subject is not None
        assert subject["value"] == SUBJECT
        form = shown.find(id="filing")
        assert form is not None
        assert form["action"] == NEW_TICKET, "it can be corrected and sent"

    def test_sent_again_it_files_nothing_more(
        self, app: Flask, writer: FlaskClient, clock: FrozenClock, person: Person
    ) -> None:
        typed = fill_in(writer)
        clock.advance(timedelta(hours=6))
        twice = [held(writer, typed), held(writer, typed)]
        first = sign_in_at(writer, twice[0], person).location or ""
        sent = send_draft(writer, first)
        assert writer.get(first).location == "/"
        again = send_draft(writer, writer.get(twice[1]).location or "")
        assert again.location == sent.location, "the one-time token of the form is respected"
        assert len(tickets(app)) == 1

    def test_wrong_passwords_lose_nothing(
        self, app: Flask, writer: FlaskClient, clock: FrozenClock, person: Person
    ) -> None:
        typed = fill_in(writer)
        clock.advance(timedelta(hours=6))
        address = held(writer, typed)
        refused = sign_in_at(writer, address, person, "faux")
        assert refused.status_code == 422
        assert "Ce que vous aviez écrit est gardé" in refused.text
        send_draft(writer, sign_in_at(writer, address, person).location or "")
        assert len(tickets(app)) == 1

    def test_one_comes_back_in_the_same_partner(
        self, app: Flask, world: World, writer: FlaskClient, clock: FrozenClock, person: Person
    ) -> None:
        with app.app_context(), transaction():
            add_membership(person.account_id, world.there.partner_id, Role.MANAGER)
        for place in (world.there, world.here):
            send(writer, "/partenaire", partner=place.code)
        typed = fill_in(writer)
        clock.advance(timedelta(hours=6))
        address = held(writer, typed)
        # Somebody signs in meanwhile in the other partner: the form goes where it was written.
        back = sign_in_at(writer, address, person).location or ""
        assert "/reprise/" in back, "whoever sat in a partner just before is not asked again"
        send(writer, "/partenaire", partner=world.there.code)
        send_draft(writer, back)
        (ticket,) = tickets(app)
        assert ticket.partner_id == world.here.partner_id


class TestOnlyItsOwner:
    def test_another_person_sends_nothing_and_is_told(
        self, app: Flask, world: World, writer: FlaskClient, clock: FrozenClock
    ) -> None:
        other = world.here.people[Role.MANAGER]
        with app.app_context(), transaction():
            set_password(other.account_id, HASH)
        typed = fill_in(writer)
        clock.advance(timedelta(hours=6))
        back = sign_in_at(writer, held(writer, typed), other).location or ""
        answer = writer.get(back)
        assert (answer.status_code, heading(answer)) == (403, "Cette saisie est celle d’une autre personne")
        assert SUBJECT not in answer.text
        token = page(writer.get("/mon-compte")).find("input", {"name": "csrf_token"})
        assert token is not None
        assert writer.post(back, data={"csrf_token": str(token["value"])}).status_code == 403
        assert not tickets(app)

    def test_another_browser_finds_nothing(
        self, app: Flask, writer: FlaskClient, clock: FrozenClock, person: Person
    ) -> None:
        typed = fill_in(writer)
        clock.advance(timedelta(hours=6))
        draft = held(writer, typed).rpartition("=")[2]
        thief = log_in(app, app.test_client(), person)
        assert thief.get(f"/connexion/reprise/{draft}").location == "/"
        email = page(app.test_client().get(f"/connexion?reprise={draft}")).find("input", {"name": "email"})
        assert email is not None
        assert not email.get("value"), "nobody learns whose it is"

    def test_the_database_holds_nothing_of_it_in_clear(
        self, app: Flask, writer: FlaskClient, clock: FrozenClock
    ) -> None:
        typed = fill_in(writer)
        clock.advance(timedelta(hours=6))
        held(writer, typed)
        with app.app_context():
            row = db.session.query(FormDraft).one()
            assert "imprimer" not in row.sealed

    def test_a_password_is_never_kept(self, app: Flask, writer: FlaskClient, clock: FrozenClock) -> None:
        field = page(writer.get("/mon-compte")).find("input", {"name": "csrf_token"})
        assert field is not None
        clock.advance(timedelta(hours=6))
        answer = writer.post(
            "/mon-compte",
            data={
                "csrf_token": str(field["value"]),
                "current": "mot de passe actuel",
                "password": "le nouveau mot",
            },
        )
        assert answer.status_code == 401
        assert "le nouveau mot" not in answer.text
        assert not count(app, FormDraft)

    def test_a_session_that_was_revoked_gives_the_words_back(
        self, app: Flask, writer: FlaskClient, person: Person
    ) -> None:
        typed = fill_in(writer)
        with app.app_context(), transaction():
            sessions.close_sessions_of(person.account_id)
        answer = writer.post(NEW_TICKET, data=typed)
        assert answer.status_code == 401
        assert SUBJECT in answer.text

    def test_it_expires_and_an_account_keeps_few(
        self, app: Flask, writer: FlaskClient, clock: FrozenClock, person: Person
    ) -> None:
        typed = fill_in(writer)
        clock.advance(timedelta(hours=6))
        addresses = [held(writer, typed) for _ in range(7)]
        assert count(app, FormDraft) == 5
        back = sign_in_at(writer, addresses[-1], person).location or ""
        clock.advance(timedelta(hours=2))
        assert writer.get(back).location == "/"
        assert "n’est plus gardée" in writer.get("/").text
        with app.app_context():
            forget_expired(clock.now())
        assert not count(app, FormDraft)

    @pytest.mark.parametrize("token", ["x", "é", "%00", "a" * 500, "..%2F"])
    def test_an_invented_draft_is_nothing(self, writer: FlaskClient, token: str) -> None:
        assert writer.get(f"/connexion/reprise/{token}").status_code in {303, 404, 308}
        assert writer.get(f"/connexion?reprise={token}").status_code in {200, 303}


class TestOlderThanTheSession:
    """A page left open, then a sign-in in another tab: the token of its form is that of a former session."""

    @pytest.fixture
    def stale(self, writer: FlaskClient, clock: FrozenClock, person: Person) -> dict[str, object]:
        typed = fill_in(writer)
        clock.advance(timedelta(hours=6))
        sign_in(writer, person)
        return typed

    def test_its_owner_sends_it_after_all(
        self, app: Flask, writer: FlaskClient, stale: dict[str, object]
    ) -> None:
        answer = writer.post(NEW_TICKET, data=stale, headers=HERE)
        assert answer.status_code == 303
        shown = page(writer.get(answer.location or ""))
        assert "datait d’avant votre connexion" in shown.get_text()
        assert shown.select_one("form[data-send]") is None, "nothing is sent without a click"
        assert not tickets(app)
        send_draft(writer, answer.location or "")
        assert len(tickets(app)) == 1

    @pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"}])  # fmt: skip
    def test_another_site_is_refused_as_ever(
        self, app: Flask, writer: FlaskClient, stale: dict[str, object], headers: dict[str, str]
    ) -> None:
        assert writer.post(NEW_TICKET, data=stale, headers=headers).status_code == 400
        assert not count(app, FormDraft)


def test_an_act_waits_like_a_filing(
    app: Flask, world: World, client: FlaskClient, clock: FrozenClock
) -> None:
    correspondent = world.here.people[Role.CORRESPONDENT]
    with app.app_context():
        with transaction():
            set_password(correspondent.account_id, HASH)
        reference = file(world.here, now=clock.now()).reference
    address = f"/sollicitations/{reference}/actes/commentaire"
    log_in(app, client, correspondent)
    form = page(client.get(address)).select_one("main form[method=post]")
    assert form is not None
    typed = {str(field["name"]): str(field["value"]) for field in form.select("input[type=hidden]")}
    clock.advance(timedelta(hours=6))
    answer = client.post(address, data={**typed, "text": "Une réponse écrite pendant le déjeuner."})
    back = sign_in_at(client, answer.location or "", correspondent).location or ""
    assert send_draft(client, back).status_code in {303, 422}
    assert is_signed_in(client)


def sign_in_at(
    client: FlaskClient, address: str, person: Person, password: str = "trois chaises bleues"
) -> TestResponse:
    """Sign in on the page at `address`, through its own form."""
    form = page(client.get(address)).find(
        "form", action=lambda action: bool(action) and "proconnect" not in action
    )
    assert form is not None
    token = form.find("input", {"name": "csrf_token"})
    assert token is not None
    return client.post(
        str(form["action"]),
        data={"csrf_token": str(token["value"]), "email": person.email, "password": password},
    )
