"""Keeping the stored clocks of a subject equal to what its events say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.deadlines.alerting import alert_times, next_alert
from app.deadlines.clocks import ClockFacts, as_read, due_at, first_due_at, frozen_since
from app.deadlines.models import Alert, Deadline, StoredReading
from app.deadlines.reading import Reading
from app.extensions import db

# Readings are immutable and named by their digest: a process may keep those it has decoded. They are few,
# a commitment having one per year.
_decoded: dict[str, Reading] = {}


@dataclass(frozen=True)
class Projected:
    """A clock as it is to be stored: the columns of `Deadline` that events, and alerts already told, decide."""

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
    next_alert_at: datetime | None


def project(
    clock: str, applies_to: str, reading: Reading, facts: ClockFacts, *, contested: bool, alerted: int = 0
) -> Projected:
    """The stored form of one clock. Pure: equal facts and readings give equal rows.

    `alerted` is the furthest threshold of it that an alert was written for.
    """
    facts = as_read(reading, facts)
    suspended_at = frozen_since(reading, facts)
    ended = facts.stopped_at or facts.to_verify_at or facts.cancelled_at
    running = facts.started_at is not None and ended is None and suspended_at is None
    return Projected(
        clock=clock,
        applies_to=applies_to,
        reading=reading.digest,
        contractual=reading.contractual,
        owed_by=reading.owed_by,
        running=running,
        contested=contested,
        started_at=facts.started_at,
        due_at=due_at(reading, facts),
        first_due_at=first_due_at(reading, facts),
        stopped_at=facts.stopped_at,
        to_verify_at=facts.to_verify_at,
        cancelled_at=facts.cancelled_at,
        suspended_at=suspended_at,
        next_alert_at=next_alert(alert_times(reading, facts), alerted) if running else None,
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


# The furthest threshold that an alert was written for, by clock and what it applies to.
Alerted = Mapping[tuple[str, str], int]


def alerted_thresholds(subject_ids: Collection[int] | None = None) -> dict[int, dict[tuple[str, str], int]]:
    """What was told of the clocks of these subjects, or of all. One query."""
    query = select(Alert.subject_id, Alert.clock, Alert.applies_to, func.max(Alert.threshold)).group_by(
        Alert.subject_id, Alert.clock, Alert.applies_to
    )
    if subject_ids is not None:
        query = query.where(Alert.subject_id.in_(subject_ids))
    alerted: dict[int, dict[tuple[str, str], int]] = defaultdict(dict)
    for subject_id, clock, applies_to, threshold in db.session.execute(query):
        alerted[subject_id][clock, applies_to] = threshold
    return alerted


def _columns(projected: Projected) -> dict[str, Any]:
    columns = {field.name: getattr(projected, field.name) for field in fields(Projected)}
    digest = columns.pop("reading")
    columns["reading_id"] = db.session.scalar(select(StoredReading.id).where(StoredReading.digest == digest))
    return columns
