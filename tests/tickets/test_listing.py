"""The pages of the queue: order, neighbours, scope, and what they cost the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text

from app.accounts.policy import Actor, Role
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.errors import InvalidInput
from app.tickets import events as e
from app.tickets import listing as queue
from app.tickets.listing import ALL, Listing, Page, Position, ask, choices_of, counts, page, parse_position
from app.tickets.models import Ticket, TicketGrant
from app.tickets.query_box import parse
from app.tickets.vocabulary import Kind, Tab
from tests.conftest import START
from tests.factories import World, act, file, transmitted

MINUTE = timedelta(minutes=1)


def asked(actor: Actor, tab: str = Tab.TO_DO.value, typed: str = "") -> Listing:
    query = parse(typed)
    return ask(actor, tab, query, choices_of(actor, query).known, now=START)


def references(shown: Page) -> list[str]:
    return [row.reference for row in shown.rows]


def all_pages(listing: Listing) -> list[list[str]]:
    pages, here = [], page(listing)
    while True:
        pages.append(references(here))
        if here.next is None:
            return pages
        here = page(listing, after=here.next)


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every SQL statement that the block sends."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "EXPLAIN")):
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "PAGE_SIZE", 3)


def test_working_tabs_are_sorted_by_the_clock_that_runs_out_first(context: Flask, world: World) -> None:
    here = world.here
    old = file(here, now=START - 60 * MINUTE).reference
    young = file(here, now=START - 5 * MINUTE).reference
    later = transmitted(here, now=START - 2 * MINUTE).reference
    sooner = transmitted(here, now=START - 9 * MINUTE).reference
    assert references(page(asked(here.actor()))) == [old, young]
    shown = page(asked(here.actor(), Tab.WITH_FT.value))
    assert references(shown) == [sooner, later]
    assert [row.clock.name for row in shown.rows if row.clock] == ["Prise en charge"] * 2


def test_closed_and_all_come_newest_first(context: Flask, world: World) -> None:
    here = world.here
    filed = [file(here, now=START + number * MINUTE).reference for number in range(3)]
    assert references(page(asked(here.actor(), ALL))) == filed[::-1]
    for reference in filed:
        act(here, reference, e.Cancelled(reason="Essai"), now=START + 10 * MINUTE)
    assert references(page(asked(here.actor(), Tab.CLOSED.value))) == filed[::-1]


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("tab", [Tab.TO_DO.value, ALL])
def test_pages_follow_each_other_even_on_ties(context: Flask, world: World, tab: str) -> None:
    for _ in range(8):
        file(world.here, now=START)
    listing = asked(world.here.actor(), tab)
    pages = all_pages(listing)
    assert [len(rows) for rows in pages] == [3, 3, 2]
    assert len({reference for rows in pages for reference in rows}) == 8
    last = page(listing, after=page(listing, after=page(listing).next).next)
    back = page(listing, before=last.previous)
    assert references(back) == pages[1]
    first = page(listing, before=back.previous)
    assert references(first) == pages[0]
    assert first.previous is None
    assert first.next is not None


@pytest.mark.usefixtures("small_pages")
def test_a_page_stays_the_same_when_tickets_arrive_before_it(context: Flask, world: World) -> None:
    for number in range(6):
        file(world.here, now=START + number * MINUTE)
    listing = asked(world.here.actor(), ALL)
    first = page(listing)
    before = references(page(listing, after=first.next))
    file(world.here, now=START + 30 * MINUTE)
    assert references(page(listing, after=first.next)) == before


@pytest.mark.parametrize(
    "typed",
    ["", "x", "~", "2026-03-10T08:00:00~7F3K-M2QX", "2026-03-10T08:00:00+00:00~nope", "9" * 500, "\x00~\x00"],
)
def test_a_position_that_means_nothing_shows_the_first_page(typed: str) -> None:
    assert parse_position(typed) is None


def test_a_position_is_written_and_read_back(context: Flask, world: World) -> None:
    position = Position(START, file(world.here, now=START).reference)
    assert parse_position(str(position)) == position


def test_each_sees_what_is_theirs(context: Flask, world: World) -> None:
    here = world.here
    own = file(here, now=START).reference
    access = file(here, now=START, role=Role.CORRESPONDENT, kind=Kind.ACCESS, reporter_id=None).reference
    secret = file(here, now=START, kind=Kind.SECURITY).reference
    shared = file(here, now=START, role=Role.CORRESPONDENT, reporter_id=None).reference
    act(here, shared, e.IntegratorsShared(shared=True), now=START)
    file(world.there, now=START)

    def seen(role: Role) -> set[str]:
        return set(references(page(asked(here.actor(role), ALL))))

    assert seen(Role.CORRESPONDENT) == {own, access, shared}
    assert seen(Role.MANAGER) == {own, access, shared}
    assert seen(Role.ACCOUNT_MANAGER) == {access}
    assert seen(Role.SECURITY_OFFICER) == {secret}
    assert seen(Role.INTEGRATOR) == {shared}
    assert seen(Role.USER) == {own, secret}
    assert seen(Role.ADMINISTRATOR) == set()


def test_a_restricted_ticket_is_seen_by_those_it_was_given_to_by_name(context: Flask, world: World) -> None:
    here = world.here
    secret = file(here, now=START, kind=Kind.SECURITY)
    chosen = [here.people[role].account_id for role in (Role.CORRESPONDENT, Role.INTEGRATOR)]
    with transaction():
        for account_id in chosen:
            db.session.add(TicketGrant(ticket_id=secret.id, account_id=account_id))
    for role in (Role.CORRESPONDENT, Role.INTEGRATOR):
        assert references(page(asked(here.actor(role), ALL))) == [secret.reference]
    assert references(page(asked(here.actor(Role.MANAGER), ALL))) == []


def test_a_sharing_structure_shows_its_tickets_to_its_people(context: Flask, world: World) -> None:
    here = world.here
    shared = file(
        here, now=START, role=Role.CORRESPONDENT, reporter_id=None, structure_id=here.structures["insertion"]
    ).reference
    user = here.actor(Role.USER)
    assert references(page(asked(user, ALL))) == []
    colleague = replace(user, structure_ids=frozenset({here.structures["insertion"]}))
    assert references(page(asked(colleague, ALL))) == [shared]


def test_a_user_reads_plain_states_and_no_clock(context: Flask, world: World) -> None:
    here = world.here
    sent = transmitted(here, now=START)
    secret = file(here, now=START + MINUTE, kind=Kind.SECURITY, subject="Hameçonnage")
    rows = {row.reference: row for row in page(asked(here.actor(Role.USER), ALL)).rows}
    assert rows[sent.reference].state_label == "Chez France Travail"
    assert rows[sent.reference].clock is None
    assert rows[secret.reference].subject == "Signalement de sécurité"
    assert rows[secret.reference].tools == ()
    assert page(asked(here.actor(), Tab.WITH_FT.value)).rows[0].clock is not None


def test_rows_say_tools_in_order_structure_assignee_and_calls(context: Flask, world: World) -> None:
    here, actor = world.here, world.here.actor()
    ticket = file(
        here, now=START, tools=("suivi-de-parcours", "api-statut-usager", "api-diagnostic-individu")
    )
    act(here, ticket, e.Taken(assignee_id=actor.account_id or 0), e.PlusOne(), e.PlusOne(), now=START)
    (row,) = page(asked(actor)).rows
    assert row.tools == ("suivi-de-parcours", "api-statut-usager", "api-diagnostic-individu")
    assert (row.structure, row.assignee, row.plus_ones) == ("Accueil", actor.name, 2)


def test_tabs_are_counted_up_to_a_bound(
    context: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "COUNTED_AT_MOST", 2)
    for _ in range(5):
        file(world.here, now=START)
    transmitted(world.here, now=START)
    found = counts(asked(world.here.actor()))
    assert found == {"a-traiter": 3, "chez-france-travail": 1, "a-verifier": 0, "closes": 0, ALL: 3}


def test_an_export_holds_every_page_once(
    context: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "_EXPORT_BATCH", 2)
    filed = [file(world.here, now=START).reference for _ in range(5)]
    exported = [row.reference for row in queue.export(asked(world.here.actor()))]
    assert sorted(exported) == sorted(filed)
    monkeypatch.setattr(queue, "EXPORTED_AT_MOST", 4)
    with pytest.raises(InvalidInput, match="10\u00a0000"):
        queue.export(asked(world.here.actor()))


@pytest.mark.parametrize(
    "typed", ["", "parcours", "outil:suivi-de-parcours structure:accueil convention:pas"]
)
def test_a_page_costs_at_most_five_queries_whatever_the_number_of_rows(
    context: Flask, world: World, typed: str
) -> None:
    """One more is the session's: six in all."""

    def cost() -> int:
        actor, query = world.here.actor(), parse(typed)
        with statements() as sent:
            listing = ask(actor, ALL, query, choices_of(actor, query).known, now=START)
            page(listing)
            counts(listing)
        return len(sent)

    transmitted(world.here, now=START)
    once = cost()
    for _ in range(20):
        transmitted(world.here, now=START)
    assert cost() == once <= 5


# --- Plans -----------------------------------------------------------------------------------------------


def fill(world: World, count: int) -> None:
    """Many plain rows at once: plans are chosen for a table that is worth an index."""
    model = file(world.here, now=START)
    table = Ticket.__table__
    columns = [column.name for column in table.columns if column.name not in {"id", "reference", "tab"}]
    tabs = [tab.value for tab in Tab]
    with transaction():
        db.session.execute(
            text(
                "INSERT INTO subject (id, partner_id, kind, reference, head_sequence, head_digest, sealed_sequence) "
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) "
                "SELECT :id + i, :partner, 'ticket', 'R' || i, 0, '', 0 FROM n"
            ),
            {"count": count, "id": model.id, "partner": world.here.partner_id},
        )
        tab = " ".join(f"WHEN {number} THEN '{name}'" for number, name in enumerate(tabs))
        names = ", ".join(columns)
        db.session.execute(
            text(
                f"INSERT INTO ticket (id, reference, tab, {names}) "
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) "
                f"SELECT ticket.id + i, 'R' || i, CASE i % 4 {tab} END, "
                f"{', '.join('ticket.' + name for name in columns)} "
                "FROM n, ticket WHERE ticket.id = :id"
            ),
            {"count": count, "id": model.id},
        )
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def plan_of(listing: Listing) -> str:
    """How the database finds the rows of the first page: the plan of the first statement sent for it."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        sent.append((statement, parameters))

    connection = db.session.connection()
    event.listen(connection, "before_cursor_execute", note)
    page(listing)
    event.remove(connection, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
    statement, parameters = sent[0]
    return "\n".join(str(row[-1]) for row in connection.exec_driver_sql(explain + statement, parameters))


@pytest.mark.parametrize("tab", [*(tab.value for tab in Tab), ALL])
def test_the_first_page_of_each_tab_is_read_in_order_from_an_index(
    context: Flask, world: World, tab: str
) -> None:
    fill(world, 3_000)
    plan = plan_of(asked(world.here.actor(), tab))
    index = "ix_ticket_filed" if tab == ALL else "ix_ticket_queue"
    assert index in plan, plan
    for costly in ("SCAN", "Seq Scan on ticket ", "TEMP B-TREE", "Sort"):
        assert costly not in plan, plan
