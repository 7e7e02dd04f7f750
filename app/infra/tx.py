"""The only commit of the house."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.extensions import db
from app.infra.engines import WRITES


@contextmanager
def transaction() -> Iterator[None]:
    """Everything a step does lands together, or not at all.

    What was read before the block is forgotten first: decisions are taken on what the writing
    transaction itself sees. On SQLite the write lock is taken at once (`BEGIN IMMEDIATE`).
    """
    db.session.rollback()
    db.session.connection(execution_options={WRITES: True})
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
