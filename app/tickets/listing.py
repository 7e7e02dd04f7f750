"""The queue: which tickets, in which order, page by page. Always inside `scope.only_listed`.

Pages are found by key, never by number: a page stays the same however many tickets arrive before it, and
the thousandth costs no more than the first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, literal, null, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.models import Account, Membership
from app.accounts.policy import GRANTS, Actor, Permission, Reach, reaches
from app.extensions import db
from app.infra import search as index
from app.kernel.errors import InvalidInput
from app.kernel.reference import parse_reference
from app.kernel.text import fold
from app.partners.models import Convention, ConventionTool, Structure, Tool
from app.partners.terms import OPEN_SECTION
from app.tickets.models import SavedFilter, Ticket
from app.tickets.query_box import Query
from app.tickets.rows import TicketRow, fetch, select_rows, works_the_desk
from app.tickets.scope import only_listed
from app.tickets.search import Asked, Known, conditions, references_from
from app.tickets.vocabulary import TAB_LABELS, Tab

PAGE_SIZE = 25
COUNTED_AT_MOST = 99
EXPORTED_AT_MOST = 10_000
_EXPORT_BATCH = 500
ALL = "toutes"
QUEUE_LABELS: Mapping[str, str] = {**{tab.value: label for tab, label in TAB_LABELS.items()}, ALL: "Toutes"}
_WORKING = frozenset({Tab.TO_DO.value, Tab.WITH_FT.value, Tab.TO_VERIFY.value})

Condition = ColumnElement[bool]


@dataclass(frozen=True)
class SavedQuery:
    name: str
    query: str


@dataclass(frozen=True)
class Choices:
    """What the forms of the queue offer, sorted by name, and the person's own filters."""

    known: Known
    saved: tuple[SavedQuery, ...]


@dataclass(frozen=True)
class Position:
    """A place in a list: the row of `reference`, sorted at `at`. The key of a row is never shown."""

    at: datetime
    reference: str

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.reference}"


@dataclass(frozen=True)
class Page:
    rows: tuple[TicketRow, ...]
    previous: Position | None
    next: Position | None


@dataclass(frozen=True)
class Order:
    """How a list is sorted. Ties are parted by the key of the row, in the same direction."""

    at: InstrumentedAttribute[datetime]
    newest_first: bool


def parse_position(text: str) -> Position | None:
    """The position that an address names; None for anything else, which shows the first page."""
    at, _, reference = text.partition("~")
    try:
        moment = datetime.fromisoformat(at)
        return Position(moment, parse_reference(reference)) if moment.tzinfo else None
    except (ValueError, InvalidInput):
        return None


# --- What the forms offer --------------------------------------------------------------------------------

_HANDLING = frozenset({Permission.TICKET_HANDLE, Permission.TICKET_HANDLE_ACCESS})
HANDLERS = [
    role.value
    for role, grants in GRANTS.items()
    if any(
        permissions & _HANDLING for reach, permissions in grants.items() if reach != Reach.NAMED_RESTRICTED
    )
]


def choices_of(actor: Actor, query: Query) -> Choices:
    """Everything that the page offers or that the query may name, in one query."""
    parts = [_tools(actor)]
    if works_the_desk(actor):
        parts += [_people(actor), _saved(actor)]
    if query.names("structure"):
        parts.append(_structures(actor))
    if query.names("convention"):
        parts.append(_conventions(actor))
    found: dict[str, dict[str, str]] = defaultdict(dict)
    saved = []
    for what, key, label, text in db.session.execute(union_all(*parts)):
        if what == "saved":
            saved.append(SavedQuery(label, text))
        else:
            found[what][key] = label
    return Choices(
        known=Known(
            tools=_by_label(found["tool"]),
            people={int(key): label for key, label in _by_label(found["person"]).items()},
            structures={int(key): label for key, label in found["structure"].items()},
            conventions={int(key): label for key, label in found["convention"].items()},
        ),
        saved=tuple(sorted(saved, key=lambda item: fold(item.name))),
    )


def _tools(actor: Actor) -> Select[Any]:
    subscribed = (
        select(ConventionTool.tool_id)
        .join(Convention, Convention.id == ConventionTool.convention_id)
        .where(Convention.partner_id == actor.partner_id)
    )
    return select(literal("tool"), Tool.code, Tool.name, null()).where(
        or_(Tool.section == OPEN_SECTION, Tool.id.in_(subscribed))
    )


def _people(actor: Actor) -> Select[Any]:
    handling = select(Membership.account_id).where(
        Membership.partner_id == actor.partner_id, Membership.role.in_(HANDLERS)
    )
    return select(literal("person"), cast(Account.id, String), Account.name, null()).where(
        Account.id.in_(handling), Account.active
    )


def _saved(actor: Actor) -> Select[Any]:
    return select(literal("saved"), cast(SavedFilter.id, String), SavedFilter.name, SavedFilter.query).where(
        SavedFilter.partner_id == actor.partner_id, SavedFilter.account_id == actor.account_id
    )


def _structures(actor: Actor) -> Select[Any]:
    return select(literal("structure"), cast(Structure.id, String), Structure.name, null()).where(
        Structure.partner_id == actor.partner_id
    )


def _conventions(actor: Actor) -> Select[Any]:
    return select(literal("convention"), cast(Convention.id, String), Convention.code, null()).where(
        Convention.partner_id == actor.partner_id
    )


def _by_label(names: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted(names.items(), key=lambda item: fold(item[1])))


# --- The list --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listing:
    """What a person asked to see of the queue. Made once for a request: the words are looked up once.

    `problems` say what of the query was not understood; `narrowed`, that only the newest of too many
    tickets that hold the words are looked at.
    """

    actor: Actor
    tab: str
    query: Query
    now: datetime
    conditions: tuple[Condition, ...]
    problems: tuple[str, ...]
    narrowed: bool

    @property
    def plain(self) -> bool:
        return not works_the_desk(self.actor)


def ask(actor: Actor, tab: str, query: Query, known: Known, *, now: datetime) -> Listing:
    """The tickets of a tab that answer the query, ready to be listed, counted or exported."""
    plain = not works_the_desk(actor)
    filters, problems = conditions(query, Asked(actor, now, known), plain=plain)
    narrowed = False
    if query.wanted:
        hits = index.matching(index.TICKETS, actor.partner_id, query.wanted, internal=_reads_internal(actor))
        narrowed = len(hits) == index.MAX_HITS
        found = Ticket.id.in_(hits)
        filters.append(or_(found, references_from(query.reference)) if query.reference else found)
    return Listing(actor, tab, query, now, tuple(filters), tuple(problems), narrowed)


def straight_to(actor: Actor, query: Query) -> str | None:
    """The one ticket whose reference was typed, whole or in part. One query, none for other searches."""
    if not query.reference:
        return None
    like_it = _listed(select(Ticket.reference), actor).where(references_from(query.reference))
    found = db.session.scalars(like_it.limit(2)).all()
    return found[0] if len(found) == 1 else None


def page(listing: Listing, *, after: Position | None = None, before: Position | None = None) -> Page:
    """The first page, the one after a position, or the one before. Two queries."""
    order = _order_of(listing)
    statement = _in_order(listing, order, backwards=before is not None).limit(PAGE_SIZE + 1)
    here = before or after
    if here is not None:
        statement = statement.where(_beyond(order, here, backwards=before is not None))
    rows = fetch(statement, listing.now)
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    if before is not None:
        rows.reverse()
    has_previous, has_next = (more, True) if before is not None else (after is not None, more)
    return Page(
        rows=tuple(rows),
        previous=_position(rows[0]) if rows and has_previous else None,
        next=_position(rows[-1]) if rows and has_next else None,
    )


def counts(listing: Listing) -> dict[str, int]:
    """How many tickets each tab holds, COUNTED_AT_MOST + 1 standing for more. One query.

    Under a filter, what has ended is counted only among the hits of a search: elsewhere a rare value would
    have it look at everything.
    """
    if listing.narrowed:
        return {}
    everything = bool(listing.query.wanted) or not listing.query
    tabs = [tab for tab in QUEUE_LABELS if everything or tab in _WORKING]
    counted = [
        _counted(replace(listing, tab=tab)).label(f"count_{number}") for number, tab in enumerate(tabs)
    ]
    return dict(zip(tabs, db.session.execute(select(*counted)).one(), strict=True))


def export(listing: Listing) -> Iterator[TicketRow]:
    """Every row, a few hundred at a time. Raises InvalidInput beyond EXPORTED_AT_MOST, before the first one."""
    some = _within(select(Ticket.id), listing).limit(EXPORTED_AT_MOST + 1).subquery()
    if (db.session.scalar(select(func.count()).select_from(some)) or 0) > EXPORTED_AT_MOST:
        raise InvalidInput(
            "L’export est limité à 10 000 sollicitations : précisez la recherche, ou exportez onglet par onglet."
        )
    return _export(listing)


def _export(listing: Listing) -> Iterator[TicketRow]:
    order = _order_of(listing)
    statement = _in_order(listing, order, backwards=False).limit(_EXPORT_BATCH)
    rows = fetch(statement, listing.now)
    while rows:
        yield from rows
        rows = fetch(statement.where(_beyond(order, _position(rows[-1]), backwards=False)), listing.now)


def _listed(statement: Select[Any], actor: Actor) -> Select[Any]:
    """Users are shown their own security reports too, as receipts."""
    plain = not works_the_desk(actor)
    return only_listed(statement, actor, Permission.TICKET_RECEIPT if plain else Permission.TICKET_READ)


def _within(statement: Select[Any], listing: Listing) -> Select[Any]:
    within = _listed(statement, listing.actor).where(*listing.conditions)
    return within if listing.tab == ALL else within.where(Ticket.tab == listing.tab)


def _counted(listing: Listing) -> Any:
    some = _within(select(Ticket.id), listing).limit(COUNTED_AT_MOST + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _order_of(listing: Listing) -> Order:
    """Working tabs by the clock that runs out first; what has ended, and what is searched for, newest first."""
    if listing.tab in _WORKING and not listing.query.wanted:
        return Order(Ticket.queue_at, newest_first=False)
    # A ticket without a running clock is queued by its filing time: the same index gives both orders.
    ended = listing.tab == Tab.CLOSED.value and not listing.query.wanted
    return Order(Ticket.queue_at if ended else Ticket.filed_at, newest_first=True)


def _in_order(listing: Listing, order: Order, *, backwards: bool) -> Select[Any]:
    descending = order.newest_first != backwards
    keys = [column.desc() if descending else column.asc() for column in (order.at, Ticket.id)]
    return _within(select_rows(listing.actor, order.at), listing).order_by(*keys)


def _beyond(order: Order, here: Position, *, backwards: bool) -> Condition:
    """What comes after `here` in the order, or before it. The first bound alone lets the index be used."""
    key = select(Ticket.id).where(Ticket.reference == here.reference).scalar_subquery()
    if order.newest_first != backwards:
        return and_(order.at <= here.at, or_(order.at < here.at, Ticket.id < key))
    return and_(order.at >= here.at, or_(order.at > here.at, Ticket.id > key))


def _position(row: TicketRow) -> Position:
    return Position(row.at, row.reference)


def _reads_internal(actor: Actor) -> bool:
    """Whether every unrestricted ticket that this person reads shows them its internal comments too."""
    named = {Reach.NAMED_RESTRICTED}
    read = reaches(actor, Permission.TICKET_READ) - named
    inside = reaches(actor, Permission.TICKET_READ_INTERNAL) - named
    return Reach.UNRESTRICTED in inside or read <= inside
