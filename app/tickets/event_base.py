"""What every event of a ticket is, and its envelope as the rules read it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class TicketEvent:
    type: ClassVar[str] = ""


@dataclass(frozen=True)
class Recorded:
    """An event with its envelope. `readings` names, by digest, how each clock it started is read."""

    sequence: int
    event: TicketEvent
    occurred_at: datetime
    recorded_at: datetime
    actor_id: int | None = None
    corrects: int | None = None
    readings: Mapping[str, str] = field(default_factory=dict)
