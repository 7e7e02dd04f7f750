"""A wrong event is corrected by another that names it; here the events are read as corrected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from app.tickets import events as e


def effective(records: Iterable[e.Recorded]) -> list[e.Recorded]:
    """The events as corrected: each with its last corrected time, the voided ones left out.

    A correction that voids an earlier correction gives the event its former time, or its place, back.
    """
    standing = in_force(records)
    times = {
        record.corrects: record.event.occurred_at
        for record in standing
        if isinstance(record.event, e.Corrected) and not record.event.void
    }
    kept = []
    for record in standing:
        if not isinstance(record.event, e.Corrected):
            corrected = times.get(record.sequence)
            kept.append(replace(record, occurred_at=corrected) if corrected else record)
    return kept


def in_force(records: Iterable[e.Recorded]) -> list[e.Recorded]:
    """The events and corrections that no other one voids, as they were recorded."""
    records = list(records)
    voided: set[int | None] = set()
    # Latest first: a correction that is itself voided voids nothing.
    for record in reversed(records):
        if isinstance(record.event, e.Corrected) and record.event.void and record.sequence not in voided:
            voided.add(record.corrects)
    return [record for record in records if record.sequence not in voided]
