"""What joins tickets together: one incident, several reports (domain.md, « Events and clocks »). Pure.

Each step is told on both sides. The grouped ticket says under which one it is followed; the main one says what
the report brought it, so that either can be folded from its own events alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.tickets.event_base import TicketEvent
from app.tickets.vocabulary import IncidentType, News, WorkaroundScope


@dataclass(frozen=True, kw_only=True)
class DuplicateMarked(TicketEvent):
    """On the grouped ticket: it is followed under another one, whose clocks are those of both."""

    type: ClassVar[str] = "duplicate-marked"
    of: str


@dataclass(frozen=True, kw_only=True)
class Detached(TicketEvent):
    """On the grouped ticket: it was another matter. It stands again where its own events say."""

    type: ClassVar[str] = "detached"
    of: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Relayed(TicketEvent):
    """On the grouped ticket: what happened on the main one, told to this reporter too."""

    type: ClassVar[str] = "relayed"
    of: str
    news: News
    text: str = ""
    scope: WorkaroundScope | None = None
    article: str = ""
    article_title: str = ""


@dataclass(frozen=True, kw_only=True)
class ReportGrouped(TicketEvent):
    """On the main ticket: one more report, and what France Travail knows by it. The last one of a report rules."""

    type: ClassVar[str] = "report-grouped"
    reference: str
    since: datetime | None = None
    transmitted_at: datetime | None = None
    type_as_transmitted: IncidentType | None = None
    receipt_is_take_up: bool = False
    receipt_at: datetime | None = None
    taken_up_at: datetime | None = None
    detected_at: datetime | None = None
    informed_at: datetime | None = None
    ft_reference: str = ""
    plus_ones: int = 0
    joined: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReportDetached(TicketEvent):
    """On the main ticket: that report was another matter; what it had brought goes with it."""

    type: ClassVar[str] = "report-detached"
    reference: str
    reason: str
