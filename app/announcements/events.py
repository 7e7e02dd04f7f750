"""Everything that can happen to an announcement, as typed events.

Each class is the content of one event; who, when and in which order are the envelope's (`app/journal`).
A class is never edited once announcements carry it: a new schema number is added instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.announcements.vocabulary import Kind, Level, Milestone
from app.tickets.vocabulary import Severity


@dataclass(frozen=True, kw_only=True)
class AnnouncementEvent:
    type: ClassVar[str] = ""


@dataclass(frozen=True, kw_only=True)
class Content(AnnouncementEvent):
    """What an announcement says, to whom. No tool: all of them; no structure: every one.

    For a change, `announced_at` is when France Travail told of it and `starts_at` when it takes effect;
    `notice` is the period it owed then (« 5 days »), kept here so that no later edit of the convention
    changes what was read. `blocking`: the change mends a blocking incident, and owes no notice.
    """

    kind: Kind
    title: str
    text: str = ""
    tools: tuple[str, ...] = ()
    structures: tuple[int, ...] = ()
    severity: Severity | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    level: Level | None = None
    announced_at: datetime | None = None
    blocking: bool = False
    notice: str = ""
    notice_source: str = ""
    notice_is_contractual: bool = False


@dataclass(frozen=True, kw_only=True)
class Drafted(Content):
    type: ClassVar[str] = "announcement-drafted"
    ticket_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Edited(Content):
    type: ClassVar[str] = "announcement-edited"


@dataclass(frozen=True, kw_only=True)
class Published(AnnouncementEvent):
    """It is to be read from `publish_at` on."""

    type: ClassVar[str] = "announcement-published"
    publish_at: datetime


@dataclass(frozen=True, kw_only=True)
class NewsAdded(AnnouncementEvent):
    """A line of the thread: typed by someone, or a step of the ticket (`ticket_sequence` names its event).

    `article` is the slug of the article of the documentation base that says how to do meanwhile.
    """

    type: ClassVar[str] = "announcement-news-added"
    text: str = ""
    milestone: Milestone | None = None
    expected_at: datetime | None = None
    article: str = ""
    article_title: str = ""
    ticket_sequence: int | None = None


@dataclass(frozen=True, kw_only=True)
class NewsCorrected(AnnouncementEvent):
    """The ticket's own event was corrected: its line has another time (`at`), or no reason to be."""

    type: ClassVar[str] = "announcement-news-corrected"
    sequence: int
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Entrusted(AnnouncementEvent):
    """Its ticket was grouped under another one, which it follows from now on."""

    type: ClassVar[str] = "announcement-entrusted"
    ticket_id: int


@dataclass(frozen=True, kw_only=True)
class Ended(AnnouncementEvent):
    """`restored`: the incident that it told of is mended, as far as its ticket says."""

    type: ClassVar[str] = "announcement-ended"
    text: str = ""
    restored: bool = False


@dataclass(frozen=True, kw_only=True)
class Reopened(AnnouncementEvent):
    type: ClassVar[str] = "announcement-reopened"
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Withdrawn(AnnouncementEvent):
    """Nobody but those who write announcements reads it any more. Without a reason nobody is told."""

    type: ClassVar[str] = "announcement-withdrawn"
    reason: str = ""


EVENT_TYPES: dict[str, type[AnnouncementEvent]] = {
    cls.type: cls
    for cls in (Drafted, Edited, Published, NewsAdded, NewsCorrected, Entrusted, Ended, Reopened, Withdrawn)
}


@dataclass(frozen=True)
class Recorded:
    """An event with its envelope."""

    sequence: int
    event: AnnouncementEvent
    occurred_at: datetime
    recorded_at: datetime
    actor_id: int | None = None
