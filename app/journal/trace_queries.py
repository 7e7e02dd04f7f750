"""Reading the technical journal, newest first, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from app.extensions import db
from app.journal.technical import Trace, TraceRow

PAGE = 50
EXPORTED_AT_MOST = 50_000


@dataclass(frozen=True)
class Wanted:
    """What is looked for in the journal of a partner. `since` is included, `until` is not."""

    partner_id: int
    trace: Trace | None = None
    account_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def traces(wanted: Wanted, *, before: int | None = None) -> Sequence[TraceRow]:
    """The `PAGE` lines that precede the line `before`, and one more when there are more."""
    lines = _lines(wanted)
    if before is not None:
        lines = lines.where(TraceRow.id < before)
    return db.session.scalars(lines.limit(PAGE + 1)).all()


def all_traces(wanted: Wanted) -> Iterator[TraceRow]:
    """Every line that is wanted, the newest `EXPORTED_AT_MOST` of them."""
    return iter(db.session.scalars(_lines(wanted).limit(EXPORTED_AT_MOST)))


def _lines(wanted: Wanted) -> Select[tuple[TraceRow]]:
    lines = select(TraceRow).where(TraceRow.partner_id == wanted.partner_id).order_by(TraceRow.id.desc())
    if wanted.trace is not None:
        lines = lines.where(TraceRow.trace == wanted.trace)
    if wanted.account_id is not None:
        lines = lines.where(TraceRow.account_id == wanted.account_id)
    if wanted.since is not None:
        lines = lines.where(TraceRow.recorded_at >= wanted.since)
    if wanted.until is not None:
        lines = lines.where(TraceRow.recorded_at < wanted.until)
    return lines
