"""Full-text search behind one door: FTS5 on SQLite, tsvector on PostgreSQL.

Words are cut, folded and stemmed in Python (`kernel/text.py`), so that both databases find the same things
and no server needs an extension. Surface forms stand beside stems: a word that is typed matches either,
because « connexion » and « connexions » do not share their stem; a quoted phrase matches surface forms only,
in their order. What only the desk may read is kept apart from what everyone may, so that nobody can
guess at an internal comment by searching for its words.

There is one table per kind of object, `search_KIND`, outside the models: `create` and `drop` are its DDL.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from sqlalchemy import Connection, text

from app.extensions import db
from app.kernel.text import tokens

TICKETS = "ticket"
MAX_HITS = 2_000
# PostgreSQL refuses a lexeme of 2 kB and a tsvector of 1 MB, and counts positions up to 16,383.
_MAX_WORD_CHARACTERS = 60
_MAX_DOCUMENT_BYTES = 400_000
_MAX_POSITION = 16_383
# Between two texts, so that a phrase never runs from the end of one into the next.
_GAP = 10
_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Wanted:
    """What is looked for: `words` in any form, `phrases` exactly, all of them."""

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(_surfaces(chain(self.words, self.phrases)))


# --- The tables ------------------------------------------------------------------------------------------


def create(connection: Connection, kind: str = TICKETS) -> None:
    """Create the index of one kind of object."""
    for statement in _CREATE[connection.dialect.name]:
        connection.execute(text(statement.format(table=table_name(kind))))


def drop(connection: Connection, kind: str = TICKETS) -> None:
    """Drop it, with all that it holds."""
    connection.execute(text(f"DROP TABLE IF EXISTS {table_name(kind)}"))


def table_name(kind: str) -> str:
    return f"search_{kind}"


def is_search_table(name: str) -> bool:
    """Whether a table of the database belongs to search (FTS5 keeps several): migrations leave it alone."""
    return name.startswith("search_")


_CREATE = {
    "sqlite": (
        "CREATE VIRTUAL TABLE {table} USING fts5("
        "partner, surface, stems, internal_surface, internal_stems, "
        "tokenize = \"unicode61 remove_diacritics 0\")",
    ),
    "postgresql": (
        "CREATE TABLE {table} (object_id bigint PRIMARY KEY, partner_id bigint NOT NULL, words tsvector NOT NULL)",
        "CREATE INDEX ix_{table}_words ON {table} USING gin (words)",
        "CREATE INDEX ix_{table}_partner ON {table} (partner_id, object_id)",
    ),
}
