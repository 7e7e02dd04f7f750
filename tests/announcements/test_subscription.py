"""Receiving announcements: mail or not, the secret link, and what a program reads behind it."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.models import Account, Membership
from app.accounts.policy import Role
from app.announcements import events as e
from app.announcements.feeds import ATOM
from app.announcements.models import FeedLink
from app.announcements.service import perform
from app.announcements.vocabulary import Kind
from app.extensions import db
from app.infra.tx import transaction
from app.journal.technical import Trace, TraceRow
from app.kernel.clock import FrozenClock
from tests.announcements.calendar_reader import events, read_calendar
from tests.announcements.conftest import Announce
from tests.factories import World, log_in
from tests.tickets.desks import words
from tests.tickets.screens import hidden

PAGE = "/mon-compte/annonces"
DAY = timedelta(days=1)


@pytest.fixture
def user(app: Flask, world: World) -> FlaskClient:
    return log_in(app, app.test_client(), world.here.people[Role.USER])


def links(client: FlaskClient) -> tuple[str, str]:
    """The addresses of the calendar and of the feed, as they are shown once."""
    token = hidden(BeautifulSoup(client.get(PAGE).text, "html5lib").select("main form")[0])
    page = BeautifulSoup(client.post(f"{PAGE}/lien", data=token).text, "html5lib")
    calendar, feed = (
        str(field["value"]).removeprefix("http://127.0.0.1:8000") for field in page.select("input[readonly]")
    )
    return calendar, feed


def maintenance(clock: FrozenClock, **changes: object) -> e.Content:
    values: dict[str, object] = {
        "kind": Kind.MAINTENANCE, "title": "Fermeture", "tools": ("suivi-de-parcours",), "text": "**Enregistrez** avant.",
        "starts_at": clock.now() + DAY, "ends_at": clock.now() + 2 * DAY,
    }  # fmt: skip
    return e.Content(**{**values, **changes})  # type: ignore[arg-type]


def test_the_page_leads_to_the_choice_of_mails(user: FlaskClient) -> None:
    page = BeautifulSoup(user.get(PAGE).text, "html5lib")
    assert page.select_one('main a[href="/mon-compte/messages"]') is not None


class TestTheLink:
    def test_it_is_shown_once_and_only_its_digest_is_kept(self, app: Flask, user: FlaskClient) -> None:
        _, feed = links(user)
        token = feed.split("/")[3]
        assert token not in user.get(PAGE).text
        with app.app_context():
            link = db.session.scalars(select(FeedLink)).one()
            assert token not in (link.token_digest, "")
            trace = db.session.scalars(select(TraceRow).where(TraceRow.what == "feed-link")).one()
            assert (trace.trace, trace.details) == (Trace.SETTINGS_CHANGED, {"link": "created"})

    def test_it_opens_without_signing_in_until_renewed_or_revoked(
        self, app: Flask, user: FlaskClient
    ) -> None:
        anybody = app.test_client()
        first = links(user)[1]
        assert anybody.get(first).status_code == 200
        second = links(user)[1]
        assert anybody.get(first).status_code == 404
        assert anybody.get(second).status_code == 200
        form = BeautifulSoup(user.get(PAGE).text, "html5lib").select("main form")[-1]
        assert user.post(f"{PAGE}/lien/suppression", data=hidden(form)).status_code == 303
        assert anybody.get(second).status_code == 404
        assert "Vous n’avez pas de lien" in words(BeautifulSoup(user.get(PAGE).text, "html5lib").main)

    @pytest.mark.parametrize("loss", ["suspended", "closed"])
    def test_it_opens_nothing_for_who_has_lost_their_rights(
        self, app: Flask, world: World, user: FlaskClient, clock: FrozenClock, loss: str
    ) -> None:
        feed = links(user)[1]
        account_id = world.here.people[Role.USER].account_id
        with app.app_context(), transaction():
            if loss == "closed":
                db.session.execute(update(Account).where(Account.id == account_id).values(active=False))
            else:
                ended = update(Membership).where(Membership.account_id == account_id)
                db.session.execute(ended.values(suspended_at=clock.now()))
        assert app.test_client().get(feed).status_code == 404

    @pytest.mark.parametrize("token", ["x", "%00", "é" * 300, "../..", "%F0%9F%92%A9"])
    def test_a_hostile_secret_opens_nothing(self, app: Flask, world: World, token: str) -> None:
        assert app.test_client().get(f"/annonces/flux/{token}/annonces.atom").status_code in (308, 404)


class TestWhatIsRead:
    def test_what_concerns_the_person_and_nothing_else(
        self, app: Flask, world: World, user: FlaskClient, announce: Announce, clock: FrozenClock
    ) -> None:
        calendar, feed = links(user)
        announce(maintenance(clock))
        announce(maintenance(clock, title="Pour d’autres", structures=(world.here.structures["insertion"],)))
        announce(maintenance(clock, title="Brouillon"), draft_only=True)
        announce(maintenance(clock, title="Plus tard"), at=clock.now() + DAY / 2)
        read = ElementTree.fromstring(app.test_client().get(feed).data)
        entries = read.findall(f"{{{ATOM}}}entry")
        assert [entry.findtext(f"{{{ATOM}}}title") for entry in entries] == ["Fermeture"]
        content = BeautifulSoup(str(entries[0].findtext(f"{{{ATOM}}}content")), "html.parser")
        assert content.strong is not None
        assert "du 11/03/2026 à 9 h 00 au 12/03/2026 à 9 h 00" in words(content)
        (event,) = events(read_calendar(app.test_client().get(calendar).data))
        assert event.moment("DTSTART") == clock.now() + DAY

    def test_the_thread_is_read_and_a_withdrawn_one_leaves(
        self, app: Flask, world: World, user: FlaskClient, announce: Announce, clock: FrozenClock
    ) -> None:
        _, feed = links(user)
        reference = announce(maintenance(clock))
        with app.app_context(), transaction():
            perform(reference, e.NewsAdded(text="Plus longue"), actor=world.here.actor(), now=clock.now())
        assert "Plus longue" in app.test_client().get(feed).text
        with app.app_context(), transaction():
            perform(reference, e.Withdrawn(reason="Reportée"), actor=world.here.actor(), now=clock.now())
        assert ElementTree.fromstring(app.test_client().get(feed).data).findall(f"{{{ATOM}}}entry") == []

    def test_who_has_it_already_is_answered_in_three_words(
        self, app: Flask, user: FlaskClient, announce: Announce, clock: FrozenClock
    ) -> None:
        for address in links(user):
            program = app.test_client()
            first = program.get(address)
            same = program.get(
                address, headers={"If-None-Match": first.headers["ETag"], "Accept-Encoding": "gzip"}
            )
            assert (same.status_code, same.data) == (304, b"")
            assert first.headers["Cache-Control"] == "private, no-cache"
            clock.advance(timedelta(minutes=1))
            announce(maintenance(clock))
            assert program.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200

    def test_types_are_those_of_the_standards(self, app: Flask, user: FlaskClient) -> None:
        calendar, feed = links(user)
        assert app.test_client().get(calendar).content_type == "text/calendar; charset=utf-8"
        assert app.test_client().get(feed).content_type == "application/atom+xml; charset=utf-8"
