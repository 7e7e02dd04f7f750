"""A wrong event is corrected by another that names it; here the events are read as corrected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from app.tickets import events as e


def effective(records: Iterable[e.Recorded]) -> list[e.Recorded]:
    """The events as corrected: each with its last corrected time, the voided ones left out.

    A correction that voids an earlier correction gives the event its former time, or its place, back.
    """
    records = list(records)
    corrections = [record for record in records if isinstance(record.event, e.Corrected)]
    # Latest first: a correction that is itself voided voids nothing.
    voided: set[int | None] = set()
    for record in reversed(corrections):
        if _content(record).void and record.sequence not in voided:
            voided.add(record.corrects)
    times = {
        record.corrects: _content(record).occurred_at
        for record in corrections
        if not _content(record).void and record.sequence not in voided
    }
    kept = []
    for record in records:
        if record.sequence in voided or isinstance(record.event, e.Corrected):
            continue
        corrected = times.get(record.sequence)
        kept.append(replace(record, occurred_at=corrected) if corrected else record)
    return kept


def _content(record: e.Recorded) -> e.Corrected:
    assert isinstance(record.event, e.Corrected)
    return record.event
