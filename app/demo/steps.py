"""The life of a ticket, decided beforehand: who does what, when it happens, and when it is typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.accounts.policy import Actor
from app.demo.world import Person, Place
from app.kernel.clock import to_minute
from app.tickets import events as e
from app.tickets.vocabulary import WorkaroundScope


@dataclass(frozen=True)
class Transmit:
    """Send the prepared text through the convention's channel: both are known only when it is played."""

    ft_reference: str = ""


@dataclass(frozen=True)
class Attach:
    name: str
    content: bytes
    internal: bool = False


@dataclass(frozen=True)
class Mend:
    """Correct the time of the last event of that type; void it when `to` is None."""

    event_type: type[e.TicketEvent]
    reason: str
    to: datetime | None = None


@dataclass(frozen=True)
class Identify:
    """Fill the protected field."""

    value: str


@dataclass(frozen=True)
class MarkDuplicate:
    of: Life


@dataclass(frozen=True)
class Announce:
    """Tell those concerned: the announcement then follows the ticket."""


@dataclass(frozen=True)
class Split:
    """Take the ticket out of the group."""

    of: Life
    reason: str


@dataclass(frozen=True)
class Tell:
    """An event of a main ticket that the reporters grouped under it are told too."""

    event: e.TicketEvent


@dataclass(frozen=True)
class Help:
    """A workaround, made an article in the same gesture and sent to the whole group."""

    scope: WorkaroundScope
    text: str
    title: str


Act = e.TicketEvent | Transmit | Attach | Mend | Identify | MarkDuplicate | Announce | Split | Tell | Help


@dataclass(frozen=True)
class Step:
    """`at` is when it is typed; `happened`, earlier, when it took place, if that was not at once."""

    at: datetime
    by: Actor
    act: Act
    happened: datetime | None = None


@dataclass(frozen=True)
class Cast:
    """Who plays in a ticket: where, who reports, and who handles it."""

    place: Place
    reporter: Person
    handler: Person


class Life:
    """One ticket: its filing, then its steps, in the order in which they are typed."""

    def __init__(
        self,
        cast: Cast,
        filing: e.Filed,
        at: datetime,
        *,
        by: Person | None = None,
        happened: datetime | None = None,
    ) -> None:
        self.cast = cast
        at = to_minute(at)
        self.steps = [Step(at, (by or cast.reporter).actor, filing, happened and to_minute(happened))]

    @property
    def filing(self) -> e.Filed:
        filing = self.steps[0].act
        assert isinstance(filing, e.Filed)
        return filing

    @property
    def filed_at(self) -> datetime:
        return self.steps[0].at

    @property
    def last_at(self) -> datetime:
        return self.steps[-1].at

    def then(
        self, at: datetime, act: Act, *, by: Person | None = None, happened: datetime | None = None
    ) -> Life:
        """Add a step. What happened before the last step was typed is typed after it."""
        at, happened = to_minute(at), happened and to_minute(happened)
        if at < self.last_at:
            at, happened = self.last_at, happened or at
        self.steps.append(Step(at, (by or self.cast.handler).actor, act, happened))
        return self

    def taken(self, at: datetime) -> Life:
        """The handler takes the ticket."""
        assert self.cast.handler.actor.account_id is not None
        return self.then(at, e.Taken(assignee_id=self.cast.handler.actor.account_id))
