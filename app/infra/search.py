"""Full-text search behind one door: FTS5 on SQLite, tsvector on PostgreSQL.

Words are cut, folded and stemmed in Python (`kernel/words.py`), so that both databases find the same things
and no server needs an extension. Surface forms stand beside stems: a word that is typed matches either, the
beginning of a word what begins so; a quoted phrase matches surface forms only, in their order. What only the
desk may read is kept apart from what everyone may, so that nobody can guess at an internal comment by
searching for its words.

There is one table per kind of object, `search_KIND`, outside the models: `create` and `drop` are its DDL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Protocol

from sqlalchemy import (
    BigInteger,
    ColumnClause,
    Connection,
    Select,
    String,
    cast,
    column,
    delete,
    func,
    insert,
    literal,
    literal_column,
    select,
    table,
    text,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from app.extensions import db
from app.kernel.words import Forms, Term, Wanted, words_of

TICKETS = "ticket"
ARTICLES = "article"
ANNOUNCEMENTS = "announcement"
KINDS = (TICKETS, ARTICLES, ANNOUNCEMENTS)
MAX_HITS = 2_000
# PostgreSQL refuses a tsvector of 1 MB, and counts positions up to 16,383.
_MAX_DOCUMENT_BYTES = 400_000
_MAX_POSITION = 16_383
_WORD_COST = 6  # bytes that a tsvector adds to a word for its place
# Stands between two texts, so that no phrase runs from one into the next. FTS5 takes a private-use
# character for a letter, Python does not: nobody can search for it.
_BREAK = "\ue000"
_BETWEEN_KEYS = ","


# --- The tables ------------------------------------------------------------------------------------------


def create(connection: Connection, kind: str = TICKETS) -> None:
    """Create the index of one kind of object: for a migration, and for a fresh database in tests."""
    for statement in _CREATE[connection.dialect.name]:
        connection.execute(text(statement.format(table=table_name(kind))))


def drop(connection: Connection, kind: str = TICKETS) -> None:
    """Drop the index with all that it holds."""
    connection.execute(text(f"DROP TABLE IF EXISTS {table_name(kind)}"))


def table_name(kind: str) -> str:
    return f"search_{kind}"


def is_search_table(name: str) -> bool:
    """Whether a table of the database belongs to search (FTS5 keeps several): no model describes it."""
    return any(name == own or name.startswith(f"{own}_") for own in TABLES)


TABLES = tuple(table_name(kind) for kind in KINDS)

_CREATE = {
    "sqlite": (
        "CREATE VIRTUAL TABLE {table} USING fts5("
        "partner, surface, stems, internal_surface, internal_stems, "
        "tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3')",
    ),
    "postgresql": (
        "CREATE TABLE {table} ("
        "object_id bigint PRIMARY KEY, partner_id bigint NOT NULL, words tsvector NOT NULL)",
        "CREATE INDEX ix_{table}_words ON {table} USING gin (words)",
        "CREATE INDEX ix_{table}_partner ON {table} (partner_id, object_id)",
    ),
}


# --- One door, two databases -----------------------------------------------------------------------------


def index(
    kind: str, object_id: int, partner_id: int, texts: Iterable[str], internal: Iterable[str] = ()
) -> None:
    """Make the object found by the words of `texts`, and by those of `internal` for who may read these.

    What the index held of it before is replaced. Very long documents are indexed by their beginning.
    """
    store = _store(kind)
    store.remove(object_id)
    store.add(object_id, partner_id, _bounded(texts), _bounded(internal))


def remove(kind: str, object_id: int) -> None:
    """Leave no trace of the object in the index."""
    _store(kind).remove(object_id)


def matching(
    kind: str,
    partner_id: int,
    wanted: Wanted,
    *,
    internal: bool = False,
    limit: int = MAX_HITS,
) -> list[int]:
    """The keys of the objects that match, newest first; at most `limit`, which is at most MAX_HITS.

    `internal` looks at the internal texts too. Raises ValueError when nothing is wanted.
    """
    if not wanted:
        raise ValueError("nothing is wanted")
    return _store(kind).newest(partner_id, wanted.terms, wanted.sequences, internal, min(limit, MAX_HITS))


def holding(kind: str, partner_id: int, terms: Sequence[Term]) -> list[frozenset[int]]:
    """For each word, the keys of the objects that hold it where everyone may read it; some MAX_HITS of too many.

    One query, one row a word: thousands of keys cost little.
    """
    store = _store(kind)
    lists = []
    for number, term in enumerate(terms):
        some = store.hits(partner_id, (term,), (), False).limit(MAX_HITS).subquery()
        keys = func.aggregate_strings(cast(some.c[0], String), _BETWEEN_KEYS)
        lists.append(select(literal(number), keys))
    found = dict(db.session.execute(union_all(*lists)).tuples().all()) if lists else {}
    return [_keys(found.get(number)) for number in range(len(terms))]


def _keys(joined: str | None) -> frozenset[int]:
    return frozenset(map(int, joined.split(_BETWEEN_KEYS))) if joined else frozenset()


Terms = Sequence[Term]
Sequences = Sequence[Sequence[str]]


class Store(Protocol):
    """What a database does for search."""

    def remove(self, object_id: int) -> None: ...

    def add(self, object_id: int, partner_id: int, public: list[Forms], internal: list[Forms]) -> None: ...

    def hits(
        self, partner_id: int, terms: Terms, sequences: Sequences, internal: bool
    ) -> Select[tuple[int]]: ...

    def newest(
        self, partner_id: int, terms: Terms, sequences: Sequences, internal: bool, limit: int
    ) -> list[int]: ...


class Fts5:
    """SQLite. The key is the rowid, on which FTS5 walks its lists newest first at no cost."""

    def __init__(self, kind: str) -> None:
        self.name = table_name(kind)
        self.key: ColumnClause[int] = column("rowid", BigInteger)
        columns = ("partner", "surface", "stems", "internal_surface", "internal_stems")
        self.table = table(self.name, self.key, *(column(name, String) for name in columns))

    def remove(self, object_id: int) -> None:
        db.session.execute(delete(self.table).where(self.key == object_id))

    def add(self, object_id: int, partner_id: int, public: list[Forms], internal: list[Forms]) -> None:
        row = {
            "rowid": object_id,
            "partner": self._partner(partner_id),
            "surface": _surfaces(public),
            "stems": _stems(public),
            "internal_surface": _surfaces(internal),
            "internal_stems": _stems(internal),
        }
        db.session.execute(insert(self.table).values(row))

    def hits(self, partner_id: int, terms: Terms, sequences: Sequences, internal: bool) -> Select[tuple[int]]:
        # The partner is a word of the index too: the lists are walked together, and the walk stops early.
        wanted = [f'partner:"{self._partner(partner_id)}"', *self._wanted(terms, sequences, internal)]
        matched = literal_column(self.name).op("MATCH")(" AND ".join(wanted))
        return select(self.key).where(matched).select_from(self.table)

    def newest(
        self, partner_id: int, terms: Terms, sequences: Sequences, internal: bool, limit: int
    ) -> list[int]:
        hits = self.hits(partner_id, terms, sequences, internal)
        return list(db.session.scalars(hits.order_by(self.key.desc()).limit(limit)))

    def _wanted(self, terms: Terms, sequences: Sequences, internal: bool) -> Iterator[str]:
        surfaces = "{surface internal_surface}" if internal else "{surface}"
        either = "{surface stems internal_surface internal_stems}" if internal else "{surface stems}"
        for term in terms:
            yield f"{either}:(" + " OR ".join(self._alternatives(term)) + ")"
        for sequence in sequences:
            yield f'{surfaces}:"{" ".join(sequence)}"'

    def _alternatives(self, term: Term) -> Iterator[str]:
        for form in sorted(term.forms):
            yield f'"{form}"'
        if term.beginning:
            yield f'"{term.beginning}"*'

    def _partner(self, partner_id: int) -> str:
        return f"p{partner_id}"


class Tsvector:
    """PostgreSQL. Weights: A and B for public surface forms and stems, C and D for internal ones."""

    def __init__(self, kind: str) -> None:
        self.key: ColumnClause[int] = column("object_id", BigInteger)
        self.partner = column("partner_id", BigInteger)
        self.words = column("words", TSVECTOR)
        self.table = table(table_name(kind), self.key, self.partner, self.words)

    def remove(self, object_id: int) -> None:
        db.session.execute(delete(self.table).where(self.key == object_id))

    def add(self, object_id: int, partner_id: int, public: list[Forms], internal: list[Forms]) -> None:
        words = cast(_tsvector(public, internal), TSVECTOR)
        row = {"object_id": object_id, "partner_id": partner_id, "words": words}
        db.session.execute(insert(self.table).values(row))

    def hits(self, partner_id: int, terms: Terms, sequences: Sequences, internal: bool) -> Select[tuple[int]]:
        query = cast(" & ".join(self._wanted(terms, sequences, internal)), TSQUERY)
        return select(self.key).where(self.partner == partner_id, self.words.op("@@")(query))

    def newest(
        self, partner_id: int, terms: Terms, sequences: Sequences, internal: bool, limit: int
    ) -> list[int]:
        hits = self.hits(partner_id, terms, sequences, internal)
        # In order, PostgreSQL would walk every row for a rare word. A bounded probe in any order is quick for
        # a rare word, and tells when a word is common: then a walk in order soon finds enough.
        probed = db.session.scalars(hits.limit(MAX_HITS + 1)).all()
        if len(probed) <= MAX_HITS:
            return sorted(probed, reverse=True)[:limit]
        return list(db.session.scalars(hits.order_by(self.key.desc()).limit(limit)))

    def _wanted(self, terms: Terms, sequences: Sequences, internal: bool) -> Iterator[str]:
        surfaces, either = (":AC", "") if internal else (":A", ":AB")
        for term in terms:
            yield "(" + " | ".join(self._alternatives(term, either)) + ")"
        for sequence in sequences:
            yield "(" + " <-> ".join(f"'{surface}'{surfaces}" for surface in sequence) + ")"

    def _alternatives(self, term: Term, weights: str) -> Iterator[str]:
        for form in sorted(term.forms):
            yield f"'{form}'{weights}"
        if term.beginning:
            yield f"'{term.beginning}':*{weights.removeprefix(':')}"


def _store(kind: str) -> Store:
    return _made_store(db.session.get_bind().dialect.name, kind)


@cache
def _made_store(dialect: str, kind: str) -> Store:
    return _STORES[dialect](kind)


_STORES: dict[str, Callable[[str], Store]] = {"sqlite": Fts5, "postgresql": Tsvector}


def _tsvector(public: list[Forms], internal: list[Forms]) -> str:
    """The literal of a tsvector: each word with its places and, at each, the weight of its best form."""
    places: dict[str, dict[int, str]] = {}
    weighted = [(forms, "AB") for forms in public] + [(forms, "CD") for forms in internal]
    for position, ((surface, stems), weights) in enumerate(weighted, 1):
        place = min(position, _MAX_POSITION)
        for form in stems:
            places.setdefault(form, {}).setdefault(place, weights[1])
        if surface != _BREAK:
            places.setdefault(surface, {})[place] = weights[0]
    return " ".join(
        f"'{word}':" + ",".join(f"{place}{weight}" for place, weight in at.items())
        for word, at in places.items()
    )


# --- Words -----------------------------------------------------------------------------------------------


def _bounded(texts: Iterable[str]) -> list[Forms]:
    """The words of the texts with a break after each text, as many as a document may hold."""
    kept: list[Forms] = []
    size = 0
    for typed in texts:
        for word in words_of(typed):
            forms = word.forms
            size += sum(len(form.encode()) + _WORD_COST for form in (forms.surface, *forms.stems))
            if size > _MAX_DOCUMENT_BYTES:
                return kept
            kept.append(forms)
        kept.append(Forms(_BREAK, ()))
    return kept


def _surfaces(words: Iterable[Forms]) -> str:
    return " ".join(forms.surface for forms in words)


def _stems(words: Iterable[Forms]) -> str:
    return " ".join(form for forms in words for form in forms.stems)
