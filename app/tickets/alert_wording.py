"""What the mails about clocks say. Pure: from a clock and its threshold to words that a mail keeps as JSON.

No subject and no name: a mail says which clock of which ticket, and the page says the rest. Of a restricted
ticket it says nothing at all.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.deadlines.thresholds import DUE, say_threshold
from app.partners.terms import OWED_BY
from app.tickets.vocabulary import CLOCK_LABELS
from app.tickets.wording import clock_name

# A mail is read, not scrolled: the rest is counted, and the queue shows it.
LINES_SHOWN = 20
PARTNER = "partner"


@dataclass(frozen=True)
class Line:
    """One clock as a mail tells it. `threshold` is the furthest that was reached, None when it is only to come.

    `due` is said in the partner's zone; `relance` is whom to call again, empty when nobody is to be called.
    """

    reference: str
    restricted: bool
    clock: str
    tools: str
    threshold: int | None
    due_at: datetime
    due: str
    owed_by: str
    contractual: bool
    relance: str = ""

    @property
    def is_late(self) -> bool:
        return self.threshold == DUE


def heading(line: Line) -> str:
    """The subject of a mail about this clock alone: « Prise en charge : 80 % du délai écoulé »."""
    name = CLOCK_LABELS.get(line.clock, line.clock)
    return f"{name}\u00a0: échéance dépassée" if line.is_late else f"{name}\u00a0: {_used(line)}"


def sentence(line: Line) -> str:
    """What runs out, when, and who owes it."""
    name = clock_name(line.clock)
    owed = f"{'L’' if name[0] in 'aeiou' else 'La '}{name} est due par {OWED_BY[line.owed_by]}"
    if line.is_late:
        return f"{owed} depuis le {line.due}\u00a0: l’échéance est dépassée."
    return f"{owed} le {line.due} au plus tard\u00a0: {_used(line)}."


def to_do(line: Line) -> str:
    """What the desk may do about it; empty when there is nothing but to wait."""
    if line.relance:
        return f"Relance à envoyer\u00a0: {line.relance}."
    return "C’est à vous d’agir." if line.owed_by == PARTNER else ""


def of_one(line: Line) -> dict[str, Any]:
    """What `alert` needs."""
    return {
        "heading": heading(line),
        "sentence": sentence(line),
        "tools": line.tools,
        "to_do": to_do(line),
        "contractual": line.contractual,
    }


def of_many(lines: Collection[Line]) -> dict[str, Any]:
    """What `alerts` and `alert-digest` need: the late ones, those to come, restricted tickets apart and unsaid."""
    told = sorted((line for line in lines if not line.restricted), key=lambda line: line.due_at)
    late, coming = [line for line in told if line.is_late], [line for line in told if not line.is_late]
    return {
        # Of many late ones, the last to become so: the others were told before.
        "late": [_short(line) for line in late[-LINES_SHOWN:]],
        "late_count": len(late),
        "coming": [_short(line) for line in coming[:LINES_SHOWN]],
        "coming_count": len(coming),
        "restricted": sorted({line.reference for line in lines if line.restricted}),
    }


def _short(line: Line) -> dict[str, str]:
    words = f"{clock_name(line.clock)} due par {OWED_BY[line.owed_by]}"
    words += f" depuis le {line.due}" if line.is_late else f" le {line.due}, {_used(line)}"
    words += "" if line.contractual else " (objectif de référence, non contractuel)"
    return {"reference": line.reference, "tools": line.tools, "words": words, "to_do": to_do(line)}


def _used(line: Line) -> str:
    if line.threshold is None:
        return "bientôt échue"
    return f"{say_threshold(line.threshold)} du délai écoulé"
