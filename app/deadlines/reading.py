"""How a clock was read when it started: the commitment, its figure, its hours and holidays, frozen.

A reading holds all that a due time depends on besides the facts. Neither an edited setting nor a newer
library changes what was reckoned with it (style.md: « Changing a calendar never rewrites what was reported »).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from typing import Any

from app.deadlines.calendar import Hours, Window
from app.deadlines.delays import Delay, Unit
from app.deadlines.thresholds import DEFAULT_THRESHOLDS, Thresholds


@dataclass(frozen=True)
class Reading:
    """A commitment as it is applied to one clock; immutable and self-contained.

    `convention` is the one that governs the ticket, `measured_by` the one whose figure is used: they differ
    when the figure is a reference objective, which is not contractual. `term_from` and `term_to` bound the
    convention's term, both included. `alerts` are the shares of the delay after which somebody is told.
    """

    convention: str
    commitment: str
    clock: str
    applies_to: str
    owed_by: str
    delay: Delay
    hours: Hours
    contractual: bool
    measured_by: str
    source: str
    plannable: bool = False
    suspendable: bool = False
    carry_over: bool = False
    tool: str | None = None
    term_from: date | None = None
    term_to: date | None = None
    alerts: Thresholds = DEFAULT_THRESHOLDS

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, from which `from_json` makes an equal reading.

        The usual alerts are left out: readings that were stored before there were any keep their digest.
        """
        return {
            **{name: getattr(self, name) for name in _PLAIN},
            "delay": {"amount": self.delay.amount, "unit": self.delay.unit.value},
            "hours": {
                "zone": self.hours.zone,
                "week": [[[window.start, window.end] for window in day] for day in self.hours.week],
                "holidays": [day.isoformat() for day in self.hours.holidays],
            },
            "term_from": self.term_from and self.term_from.isoformat(),
            "term_to": self.term_to and self.term_to.isoformat(),
            **({} if self.alerts == DEFAULT_THRESHOLDS else {"alerts": list(self.alerts)}),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Reading:
        """The reading that `to_json` wrote; raises KeyError or ValueError for anything else."""
        hours = value["hours"]
        return cls(
            **{name: value[name] for name in _PLAIN},
            delay=Delay(value["delay"]["amount"], Unit(value["delay"]["unit"])),
            hours=Hours(
                zone=hours["zone"],
                week=tuple(tuple(Window(start, end) for start, end in day) for day in hours["week"]),
                holidays=tuple(date.fromisoformat(day) for day in hours["holidays"]),
            ),
            term_from=_date(value["term_from"]),
            term_to=_date(value["term_to"]),
            alerts=tuple(value.get("alerts", DEFAULT_THRESHOLDS)),
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of the canonical JSON: equal readings have equal digests."""
        canonical = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def in_term(self, day: date) -> bool:
        """Whether the convention was in force on `day`; a bound that is not known binds nothing."""
        return (self.term_from is None or self.term_from <= day) and (
            self.term_to is None or day <= self.term_to
        )


_STRUCTURED = {"delay", "hours", "term_from", "term_to", "alerts"}
_PLAIN = tuple(field.name for field in fields(Reading) if field.name not in _STRUCTURED)


def _date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
