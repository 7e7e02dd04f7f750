"""What each function that reads the database shows of another partner: nothing, whatever key it is given.

The functions are found in the source (`calls.py`), so that a new one is tried as soon as it is written. Each is
called as somebody of our partner, with the keys of the other one's rows, and what it returns is searched through.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import ColumnElement, literal, select
from sqlalchemy.exc import NoResultFound

from app.accounts.policy import Actor, Role
from app.announcements.models import Announcement
from app.announcements.vocabulary import Level
from app.documentation.exchange import Imported
from app.documentation.models import Article
from app.extensions import db
from app.files.models import Attachment
from app.journal import trace_queries
from app.kernel import words
from app.kernel.clock import FrozenClock
from app.kernel.errors import DomainError
from app.mailroom.models import InboundMail
from app.partners.descriptions import Subject
from app.partners.models import Tool
from app.tickets import events as e
from app.tickets.incidents import OngoingIncident
from app.tickets.listing import Choices, Known
from app.tickets.models import Ticket
from app.tickets.queries import TicketScope
from app.tickets.query_box import Query
from app.tickets.vocabulary import Kind
from tests.house.calls import Function, asking, functions, writing
from tests.house.partners_kept_apart import MARKER, Sides, everything, make_sides, signs

# Pages, commands, jobs and the demonstration compose what is tried here; the rest holds no data of a partner.
NOT_QUERIES = ("views", "cli", "jobs")
ROOMS = {
    *("journal", "deadlines", "partners", "accounts", "files", "notifications", "documentation", "tickets"),
    *("announcements", "security", "supervision", "reports", "lifecycle", "mailroom", "integration"),
}

# What a function may be given instead of an actor or a partner, and why that is safe.
KEYS = "the key of a row that its caller found within the partner"
ROW = "something that was read within the partner"
SECRET = "a secret, which opens to its holder and to nobody else"
PERSON = "someone, who belongs to no partner: the caller found them in one, or it is the person who acts"
GIVEN: Mapping[str, str] = {
    **dict.fromkeys(("announcement_id", "announcement_ids", "article_id", "article_ids", "digest_id"), KEYS),
    **dict.fromkeys(("digests", "message_ids", "addressed"), KEYS),
    **dict.fromkeys(("subject_id", "subject_ids", "ticket_id", "ticket_ids"), KEYS),
    **dict.fromkeys(("announcement", "article", "campaign", "desk", "listing", "notice", "parcel"), ROW),
    **dict.fromkeys(("records", "row", "statement", "ticket"), ROW),
    **dict.fromkeys(("browser", "sealed", "state", "token"), SECRET),
    **dict.fromkeys(("account_id", "account_ids"), PERSON),
}
# Functions that are given nothing of the kind. A line here must say who calls them.
FOR_NOBODY: Mapping[str, str] = {
    "accounts.queries.account_by_email": "before the login, and for commands: an address is one person’s",
    "accounts.queries.account_named": "commands",
    "accounts.queries.any_account_id": "a command that tries the mail",
    "accounts.queries.demonstration_accounts": "the login page of the demonstration alone",
    "accounts.service.check_credentials": "the login, before there is a partner",
    "announcements.audience.concerns_membership": "a condition between two rows, for a query that is scoped",
    "announcements.messages.owed": "the job that tells of announcements, partner by partner",
    "journal.service.count_events": "the figures of the installation",
    "journal.verify.compare_seal": "a command",
    "journal.verify.verify_journal": "a command",
    **dict.fromkeys(
        (
            "mailroom.queries.is_stored",
            "mailroom.queries.partner_ids",
            "mailroom.queries.recent_from",
            "mailroom.queries.stored_uids",
            "mailroom.queries.tickets_named",
            "mailroom.service.take_next",
        ),
        "the job that fetches mail, before it knows whose it is",
    ),
    "notifications.digests.due": "the job that sends digests, partner by partner",
    "notifications.queries.outbox_counts": "the figures of the installation",
    "notifications.service.take_next": "the job that sends mail",
    "partners.queries.partner_by_code": "commands, and the file of a partner",
    "partners.queries.partners": "jobs and commands, which go through them all",
    "tickets.alert_queries.partners_to_tell": "the job of alerts, partner by partner",
    "tickets.alert_queries.reached_by": "the job of alerts, which sorts them by partner",
    "tickets.verify.verify_tickets": "a command",
}
# Those that have a partner, yet look no further than keys found within it.
WITHIN: Mapping[str, str] = {
    "announcements.audience.concerns": "a condition, beside that on the partner of the announcement",
    "partners.queries.not_retired": "a condition on the tools and platforms of a query that is scoped",
    "tickets.rows.select_rows": "the columns of a list, before `visible` chooses its rows",
    "tickets.alert_look.look_at": "the job of alerts gives it the tickets that it found in that partner",
    "tickets.alert_mails.lines_of": "the job of alerts gives it the clocks that it found in that partner",
    "tickets.alert_queries.crews_of": "the job of alerts gives it the tickets that it found in that partner",
}


def queries() -> list[Function]:
    return sorted(
        (module, name)
        for module, name in asking() - writing()
        if module in sys.modules  # what the application does not load yet, nobody reaches
        and not name.startswith("_")
        and module.split(".")[1] in ROOMS
        and not module.rpartition(".")[2].startswith(NOT_QUERIES)
    )


def parameters(query: Function) -> list[str]:
    arguments = functions()[query].args
    return [one.arg for one in (*arguments.args, *arguments.kwonlyargs)]


def said(query: Function) -> str:
    return ".".join(query).removeprefix("app.")


def scoped() -> list[Function]:
    """Those that are asked on behalf of somebody, or within a partner."""
    return [
        query
        for query in queries()
        if not {"actor", "partner_id"}.isdisjoint(parameters(query)) and said(query) not in WITHIN
    ]


def test_each_query_says_within_what_it_looks() -> None:
    lost = [
        said(query)
        for query in queries()
        if {"actor", "partner_id", *GIVEN}.isdisjoint(parameters(query))
        and said(query) not in FOR_NOBODY
        and not said(query).startswith("journal.trace_queries.")
    ]
    assert not lost, (
        f"{lost} read the database for anyone: give them an actor or a partner_id and filter on it; or say in "
        "FOR_NOBODY (tests/house/test_scoping.py) who calls them and why they may see every partner"
    )


def test_the_tables_name_queries_that_exist() -> None:
    assert {*FOR_NOBODY, *WITHIN} <= {said(query) for query in functions()}


# Which rows a query that is only a condition chooses among.
CONDITIONS_ON = {
    "announcements": Announcement,
    "documentation": Article,
    "mailroom": InboundMail,
    "tickets": Ticket,
}
NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")


class Asker:
    """Calls any query as somebody, with the keys of the things of the other partner."""

    def __init__(self, sides: Sides, actor: Actor) -> None:
        self.actor = actor
        self.things = sides.things
        there, self.sides = sides.there, sides
        tickets = db.session.scalars(select(Ticket).where(Ticket.partner_id == there.partner_id)).all()
        own = next(ticket for ticket in tickets if ticket.reference == sides.things["own"])
        articles = db.session.scalars(select(Article).where(Article.partner_id == there.partner_id)).all()
        announcement = db.session.scalars(
            select(Announcement).where(Announcement.reference == sides.things["announcement"])
        ).one()
        files = db.session.scalars(select(Attachment).where(Attachment.partner_id == there.partner_id)).all()
        tools = tuple(db.session.scalars(select(Tool.code)))
        person = there.people[Role.USER].account_id
        known = Known(tools={code: code for code in tools})
        self.values: dict[str, Any] = {
            # Someone of both partners: what they are in the other one is nobody’s business here.
            "account_id": person if actor.partner_id == there.partner_id else sides.both,
            "account_ids": [person, sides.both],
            "actor": actor,
            "announcement": announcement,
            "applies_to": "availability",
            "article": next(one for one in articles if one.slug == sides.things["article"]),
            "article_id": articles[0].id,
            "article_ids": [article.id for article in articles],
            "at": literal(NOW),
            "choices": Choices(known, ()),
            "clock": "restoration",
            "code": "accueil",
            "codes": tools,
            "convention_id": there.convention_id,
            "day": NOW.date(),
            "event": e.Commented(text="…"),
            "first": date(2026, 3, 1),
            "horizon": NOW + timedelta(days=400),
            "ids": [announcement.id],
            "imported": Imported({}, {}, ()),
            "incident": OngoingIncident(
                sides.things["ongoing"],
                "",
                tools,
                None,
                own.state,
                NOW,
                0,
                False,
                False,  # type: ignore[arg-type]
            ),
            "inform_group": True,
            "key": "user@accueil",
            "kind": Kind.INCIDENT,
            "level": Level.MAJOR if hasattr(Level, "MAJOR") else next(iter(Level)),
            "limit": 500,
            "name": "source",
            "now": NOW + timedelta(hours=1),
            "number": 1,
            "numbers": [1],
            "on": NOW.date(),
            "partner_id": actor.partner_id,
            "present": person,
            "public_id": sides.things["own_file"],
            "public_ids": [file.public_id for file in files],
            "public_url": "https://desk.example",
            "query": Query(),
            "reason": "…",
            "reference": sides.things["own"],
            "references": [ticket.reference for ticket in tickets],
            "scope": TicketScope(
                partner_id=there.partner_id,
                kind=own.kind,
                restricted=False,
                reporter_id=own.reporter_id,
                structure_id=own.structure_id,
                structure_shares=True,
                shared_with_integrators=True,
                publisher_ids=frozenset(there.structures.values()),
                granted_account_ids=frozenset(),
            ),
            "seen": 0,
            "since": NOW - timedelta(days=1),
            "slug": sides.things["article"],
            "started_at": NOW,
            "structure_id": there.structures["accueil"],
            "subject": Subject("convention", "pas-de-calais-2024", there.convention_id),
            "subject_id": own.id,
            "ticket_id": own.id,
            "ticket_ids": [ticket.id for ticket in tickets],
            "tickets": list(tickets),
            "today": NOW.date() + timedelta(days=120),
            "tool": "suivi-de-parcours",
            "tool_code": "suivi-de-parcours",
            "tool_codes": tools,
            "tools": tools,
            "typed": "la page reste blanche depuis ce matin",
            "until": NOW + timedelta(days=30),
            "values": {},
            "wanted": words.Wanted(words=("cache",)),
            "zone": PARIS,
        }
        self.particular: dict[str, Any] = {
            "accounts.administration_queries.people_in.wanted": None,
            "accounts.newcomers.arrival_named.reference": sides.things["moved"],
            "accounts.rgc.find_notice.reference": sides.things["notice"],
            "accounts.rights.find_account.reference": sides.things["person"],
            "announcements.queries.find.reference": sides.things["announcement"],
            "announcements.queries.find_for_update.reference": sides.things["announcement"],
            "documentation.illustrations.find_image.public_id": sides.things["image"],
            "documentation.queries.listing.kind": None,
            "partners.queries.ids_by_code.kind": Tool,
            "partners.catalogue_edits.find_platform.code": sides.things["platform"],
            "partners.catalogue_edits.find_tool.code": sides.things["tool"],
            "partners.listing.convention_by_code.code": sides.things["convention"],
            "partners.structure_import.waiting_import.account_id": there.people[
                Role.ADMINISTRATOR
            ].account_id,
            "partners.structure_import.waiting_import.public_id": sides.things["import"],
            "tickets.incidents.incident_of.reference": sides.things["ongoing"],
            "tickets.incidents.may_join.reference": sides.things["ongoing"],
        }

    def ask(self, query: Function) -> list[str]:
        """What of the other partner the query lets out."""
        function = getattr(import_module(query[0]), query[1])
        try:
            found = function(**self.arguments(query, function))
            if isinstance(found, ColumnElement):
                found = select(CONDITIONS_ON[query[0].split(".")[1]]).where(found)
            return signs(found, self.said_back())
        except (DomainError, NoResultFound):
            return []
        finally:
            db.session.rollback()

    def said_back(self) -> frozenset[object]:
        """Keys that were in the question: to hear them again betrays nothing."""
        if self.actor.partner_id == self.sides.there.partner_id:
            return frozenset()
        several = (self.values[name] for name in ("account_ids", "article_ids", "ticket_ids"))
        one_each = (self.values[name] for name in ("convention_id", "present", "structure_id", "subject_id"))
        return frozenset([*chain.from_iterable(several), *one_each])

    def arguments(self, query: Function, function: Callable[..., object]) -> dict[str, Any]:
        found = {}
        for name, parameter in inspect.signature(function).parameters.items():
            particular = f"{said(query)}.{name}"
            if particular in self.particular:
                if self.particular[particular] is not None:
                    found[name] = self.particular[particular]
            elif name in self.values:
                found[name] = self.values[name]
            else:
                assert parameter.default is not parameter.empty or parameter.kind is parameter.VAR_KEYWORD, (
                    f"give `Asker.values` (tests/house/test_scoping.py) a value of the other partner for "
                    f"« {name} » of {said(query)}"
                )
        return found


@pytest.fixture
def sides(context: Flask, clock: FrozenClock) -> Sides:
    return make_sides(clock.now())


def test_no_query_lets_anything_out_of_another_partner(sides: Sides) -> None:
    leaks = []
    here = sides.here
    for actor in (everything(here), here.actor(Role.USER), here.actor(Role.INTEGRATOR)):
        asker = Asker(sides, actor)
        tried = [query for query in scoped() if actor.roles == set(Role) or "actor" in parameters(query)]
        leaks += [f"{said(query)} shows {found[:5]}" for query in tried if (found := asker.ask(query))]
    assert not leaks, "filter these on the partner:\n" + "\n".join(leaks)


def test_the_journal_of_a_partner_is_its_own(sides: Sides) -> None:
    for read in (trace_queries.traces, trace_queries.all_traces):
        assert not signs(read(trace_queries.Wanted(sides.here.partner_id)))
        assert signs(read(trace_queries.Wanted(sides.there.partner_id)))


def test_a_leak_would_be_seen(sides: Sides) -> None:
    """The same questions, asked by the other partner about itself, show its things: these eyes are open."""
    asker = Asker(sides, everything(sides.there))
    telling = [said(query) for query in scoped() if asker.ask(query)]
    assert len(telling) > len(scoped()) / 2
    assert {
        "accounts.administration_queries.people_in",
        "announcements.lists.ongoing",
        "documentation.queries.listing",
        "documentation.search.search",
        "files.service.attachments_of",
        "partners.queries.structures_of",
        "tickets.finding.find_tickets",
        "tickets.queries.find",
    } <= set(telling)


def test_a_query_that_forgets_the_partner_is_caught(sides: Sides, monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(actor: Actor, reference: str) -> Ticket | None:
        return db.session.scalar(select(Ticket).where(Ticket.reference == reference))

    monkeypatch.setattr("app.tickets.queries.find", careless)
    asker = Asker(sides, everything(sides.here))
    assert any(MARKER in sign for sign in asker.ask(("app.tickets.queries", "find")))
