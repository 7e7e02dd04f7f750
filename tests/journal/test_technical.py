"""The technical journal: what enters it, who reads it, when it is forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.policy import Role
from app.extensions import db
from app.infra.tx import transaction
from app.journal.jobs import forget_traces
from app.journal.technical import TRACE_LABELS, Trace, TraceRow, note
from app.journal.trace_queries import PAGE
from app.kernel.clock import FrozenClock
from app.tickets.vocabulary import Kind
from tests.factories import World, file, log_in

PAGE_OF_TRACES = "/journal-technique"


@pytest.fixture
def officer(app: Flask, world: World) -> FlaskClient:
    return log_in(app, app.test_client(), world.here.people[Role.SECURITY_OFFICER])


def lines(client: FlaskClient, query: str = "") -> list[dict[str, str]]:
    answer = client.get(PAGE_OF_TRACES + query)
    assert answer.status_code == 200
    return [
        {cell["data-label"]: cell.get_text(" ", strip=True) for cell in row.select("td")}
        for row in BeautifulSoup(answer.text, "html5lib").select("tbody tr")
    ]


def test_a_refused_page_is_kept_with_who_and_from_where(
    app: Flask, world: World, officer: FlaskClient
) -> None:
    user = log_in(app, app.test_client(), world.here.people[Role.USER])
    assert user.get("/administration/conventions").status_code == 403
    (line,) = lines(officer)
    assert line["Événement"] == "Accès refusé"
    assert line["Personne"] == world.here.people[Role.USER].name
    assert line["Adresse réseau"] == "127.0.0.1"
    assert line["Objet"] == "GET /administration/conventions"


def test_the_reading_of_a_case_is_kept_its_receipt_is_none(
    app: Flask, world: World, officer: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        reference = file(world.here, now=clock.now(), kind=Kind.SECURITY, tools=()).reference
    log_in(app, app.test_client(), world.here.people[Role.USER]).get(f"/sollicitations/{reference}")
    assert lines(officer) == []
    officer.get(f"/sollicitations/{reference}")
    (line,) = lines(officer)
    assert (line["Événement"], line["Objet"]) == ("Cas de sécurité lu", reference)


def test_an_export_is_kept(app: Flask, world: World, officer: FlaskClient) -> None:
    desk = log_in(app, app.test_client(), world.here.people[Role.CORRESPONDENT])
    assert desk.get("/sollicitations/export.csv").status_code == 200
    assert [line["Événement"] for line in lines(officer)] == ["Export"]


def test_nothing_of_another_partner_comes_out(app: Flask, world: World, officer: FlaskClient) -> None:
    stranger = log_in(app, app.test_client(), world.there.people[Role.USER])
    assert stranger.get("/administration/conventions").status_code == 403
    assert lines(officer) == []
    asked = f"?personne={world.there.people[Role.USER].account_id}"
    assert lines(officer, asked) == []


def test_lines_are_found_by_what_who_and_when(
    app: Flask, world: World, officer: FlaskClient, clock: FrozenClock
) -> None:
    people = world.here.people
    with app.app_context(), transaction():
        for days, trace, role in (
            (0, Trace.LOGGED_IN, Role.USER),
            (1, Trace.LOGGED_IN, Role.MANAGER),
            (2, Trace.EXPORTED, Role.MANAGER),
        ):
            note(
                trace,
                now=clock.now() + timedelta(days=days),
                partner_id=world.here.partner_id,
                account_id=people[role].account_id,
            )
    assert len(lines(officer)) == 3
    assert len(lines(officer, "?evenement=logged-in")) == 2
    assert len(lines(officer, f"?personne={people[Role.MANAGER].account_id}")) == 2
    assert len(lines(officer, "?du=2026-03-11&au=2026-03-11")) == 1
    assert len(lines(officer, "?du=hier&evenement=x&personne=moi&avant=rien")) == 3, (
        "nonsense filters nothing"
    )


def test_older_lines_follow_page_by_page(
    app: Flask, world: World, officer: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context(), transaction():
        for _ in range(PAGE + 3):
            note(Trace.LOGGED_IN, now=clock.now(), partner_id=world.here.partner_id)
    first = BeautifulSoup(officer.get(PAGE_OF_TRACES).text, "html5lib")
    assert len(first.select("tbody tr")) == PAGE
    older = first.select_one("a[rel=next]")
    assert older is not None
    assert len(lines(officer, str(older["href"]).removeprefix(PAGE_OF_TRACES))) == 3


def test_the_file_holds_every_line_and_is_itself_kept(
    app: Flask, world: World, officer: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context(), transaction():
        note(Trace.PURGED, now=clock.now(), partner_id=world.here.partner_id, what="=1+1")
    answer = officer.get("/journal-technique/export.csv?evenement=purged")
    assert answer.status_code == 200
    assert answer.text.splitlines()[1].split(";")[4] == "'=1+1", "no formula for a spreadsheet"
    assert lines(officer)[0]["Événement"] == "Export"


def test_a_year_later_it_is_forgotten_and_that_is_written(
    app: Flask, world: World, clock: FrozenClock
) -> None:
    with app.app_context():
        with transaction():
            note(Trace.LOGGED_IN, now=clock.now(), partner_id=world.here.partner_id)
        forget_traces(clock.now() + timedelta(days=365))
        assert db.session.scalars(select(TraceRow.trace)).all() == [Trace.LOGGED_IN]
        forget_traces(clock.now() + timedelta(days=365, seconds=1))
        (row,) = db.session.scalars(select(TraceRow))
    assert (row.trace, row.details["lines"]) == (Trace.PURGED, 1)


def test_every_kind_of_line_has_a_name() -> None:
    assert set(TRACE_LABELS) == set(Trace)
