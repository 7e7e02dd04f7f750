"""Keeping the stored clocks of a subject equal to what its events say."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.deadlines.clocks import ClockFacts, as_read, due_at, first_due_at, frozen_since
from app.deadlines.models import Deadline, StoredReading
from app.deadlines.reading import Reading
from app.extensions import db

# Readings are immutable and named by their digest: a process may keep those it has decoded. They are few,
# a commitment having one per year.
_decoded: dict[str, Reading] = {}


@dataclass(frozen=True)
class Projected:
    """A clock as it is to be stored: the columns of `Deadline` that events decide."""

    clock: str
    applies_to: str
    reading: str
    contractual: bool
    owed_by: str
    running: bool
    contested: bool
    started_at: datetime | None
    due_at: datetime | None
    first_due_at: datetime | None
    stopped_at: datetime | None
    to_verify_at: datetime | None
    cancelled_at: datetime | None
    suspended_at: datetime | None


def project(
    clock: str, applies_to: str, reading: Reading, facts: ClockFacts, *, contested: bool
) -> Projected:
    """The stored form of one clock. Pure: equal facts and readings give equal rows."""
    facts = as_read(reading, facts)
    suspended_at = frozen_since(reading, facts)
    ended = facts.stopped_at or facts.to_verify_at or facts.cancelled_at
    return Projected(
        clock=clock,
        applies_to=applies_to,
        reading=reading.digest,
        contractual=reading.contractual,
        owed_by=reading.owed_by,
        running=facts.started_at is not None and ended is None and suspended_at is None,
        contested=contested,
        started_at=facts.started_at,
        due_at=due_at(reading, facts),
        first_due_at=first_due_at(reading, facts),
        stopped_at=facts.stopped_at,
        to_verify_at=facts.to_verify_at,
        cancelled_at=facts.cancelled_at,
        suspended_at=suspended_at,
    )


def store_reading(reading: Reading) -> None:
    """Keep the reading, once for all the clocks that share it."""
    known = db.session.scalar(select(StoredReading.id).where(StoredReading.digest == reading.digest))
    if known is None:
        # Two tickets may start the first clock of a year at once: whoever comes second finds it kept.
        with suppress(IntegrityError), db.session.begin_nested():
            db.session.add(StoredReading(digest=reading.digest, content=reading.to_json()))


def readings_by_digest(digests: Iterable[str]) -> dict[str, Reading]:
    """The stored readings of these digests. Raises KeyError when one is missing."""
    wanted = set(digests)
    missing = wanted - _decoded.keys()
    if missing:
        for row in db.session.scalars(select(StoredReading).where(StoredReading.digest.in_(missing))):
            _decoded[row.digest] = Reading.from_json(row.content)
    return {digest: _decoded[digest] for digest in wanted}


def sync(partner_id: int, subject_id: int, clocks: Iterable[Projected]) -> None:
    """Make the rows of the subject equal to `clocks`."""
    stored = {
        row.clock: row
        for row in db.session.scalars(select(Deadline).where(Deadline.subject_id == subject_id))
    }
    for projected in clocks:
        columns = _columns(projected)
        row = stored.pop(projected.clock, None)
        if row is None:
            db.session.add(Deadline(partner_id=partner_id, subject_id=subject_id, **columns))
        else:
            for name, value in columns.items():
                setattr(row, name, value)
    for gone in stored.values():
        db.session.delete(gone)


def stored_clocks(subject_id: int) -> list[Projected]:
    """The rows of the subject, in the form that `project` gives."""
    rows = db.session.execute(
        select(Deadline, StoredReading.digest)
        .join(StoredReading, StoredReading.id == Deadline.reading_id)
        .where(Deadline.subject_id == subject_id)
        .order_by(Deadline.clock)
    )
    names = [field.name for field in fields(Projected) if field.name != "reading"]
    return [Projected(reading=digest, **{name: getattr(row, name) for name in names}) for row, digest in rows]


def _columns(projected: Projected) -> dict[str, Any]:
    columns = {field.name: getattr(projected, field.name) for field in fields(Projected)}
    digest = columns.pop("reading")
    columns["reading_id"] = db.session.scalar(select(StoredReading.id).where(StoredReading.digest == digest))
    return columns
