"""The yearly review of rights: when it is owed, when it may be closed, and the record that it leaves.

rules.md, « Accounts »: an exhaustive review each year, with a dated record of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from app.kernel.errors import Impossible
from app.partners.terms import add_period

DEFAULT_PERIOD = "12 months"
REMINDED_EVERY = timedelta(days=30)


class Decision(StrEnum):
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


DECISION_LABELS: Mapping[Decision, str] = {
    Decision.CONFIRMED: "Confirmé",
    Decision.WITHDRAWN: "Retiré",
}


_WORDS = ("person", "email", "role", "structure", "decision", "decided_by", "reason")


@dataclass(frozen=True)
class RecordLine:
    """One right of the record, in the words that people read."""

    person: str
    email: str
    role: str
    structure: str
    last_used_at: datetime | None
    decision: str
    decided_at: datetime
    decided_by: str
    reason: str


def check_decided(undecided: int) -> None:
    """Raise Impossible while lines are left to decide."""
    if undecided:
        lines = "une ligne" if undecided == 1 else f"{undecided} lignes"
        raise Impossible(f"La revue ne peut pas être close\u00a0: {lines} sans décision.")


def due_on(last_closed_on: date | None, began_on: date, period: str) -> date:
    """The day on which the next review is owed: a year after the last one, or after the partner's first account."""
    return add_period(last_closed_on or began_on, period)


def is_reminder_due(due: date, opened_on: date | None, reminded_on: date | None, today: date) -> bool:
    """Whether the administrators are to be reminded today: of a review that is owed, or of one left open.

    Once, then every thirty days.
    """
    owed_since = opened_on + REMINDED_EVERY if opened_on is not None else due
    if today < owed_since:
        return False
    return reminded_on is None or reminded_on < owed_since or today - reminded_on >= REMINDED_EVERY


def record_content(
    *,
    partner: str,
    number: int,
    started_at: datetime,
    started_by: str,
    closed_at: datetime,
    closed_by: str,
    lines: Iterable[RecordLine],
) -> dict[str, Any]:
    """The record of a closed review, as plain JSON values, its instants in UTC."""
    return {
        "partner": partner,
        "number": number,
        "started_at": _instant(started_at),
        "started_by": started_by,
        "closed_at": _instant(closed_at),
        "closed_by": closed_by,
        "lines": [
            {
                "person": line.person,
                "email": line.email,
                "role": line.role,
                "structure": line.structure,
                "last_used_at": _instant(line.last_used_at) if line.last_used_at else None,
                "decision": line.decision,
                "decided_at": _instant(line.decided_at),
                "decided_by": line.decided_by,
                "reason": line.reason,
            }
            for line in lines
        ],
    }


def record_lines(content: Mapping[str, Any]) -> list[RecordLine]:
    """The lines of a record, read back."""
    return [
        RecordLine(
            **{name: line[name] for name in _WORDS},
            last_used_at=datetime.fromisoformat(line["last_used_at"]) if line["last_used_at"] else None,
            decided_at=datetime.fromisoformat(line["decided_at"]),
        )
        for line in content["lines"]
    ]


def digest_of(content: Mapping[str, Any]) -> str:
    """The SHA-256 of a record, in hexadecimal: the same content always has the same."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
