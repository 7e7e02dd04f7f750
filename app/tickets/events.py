"""Everything that can happen to a ticket, as typed events (domain.md, « The way of a ticket »).

Each class is the content of one event; who, when and in which order are the envelope's (`app/journal`).
A class is never edited once tickets carry it: a new schema number is added instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from app.tickets.event_base import Recorded as Recorded
from app.tickets.event_base import TicketEvent as TicketEvent
from app.tickets.group_events import Detached as Detached
from app.tickets.group_events import DuplicateMarked as DuplicateMarked
from app.tickets.group_events import Relayed as Relayed
from app.tickets.group_events import ReportDetached as ReportDetached
from app.tickets.group_events import ReportGrouped as ReportGrouped
from app.tickets.vocabulary import Conclusion, IncidentType, Kind, Scope, Severity, WorkaroundScope


@dataclass(frozen=True, kw_only=True)
class Filed(TicketEvent):
    type: ClassVar[str] = "filed"
    kind: Kind
    subject: str
    text: str
    tools: tuple[str, ...]
    structure_id: int | None
    reporter_id: int | None
    caller: str = ""
    incident_type: IncidentType | None = None
    severity: Severity | None = None
    scope: Scope = Scope.UNKNOWN
    since: datetime | None = None
    convention_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Taken(TicketEvent):
    type: ClassVar[str] = "taken"
    assignee_id: int


@dataclass(frozen=True, kw_only=True)
class Assigned(TicketEvent):
    type: ClassVar[str] = "assigned"
    assignee_id: int | None


@dataclass(frozen=True, kw_only=True)
class Commented(TicketEvent):
    type: ClassVar[str] = "commented"
    text: str
    internal: bool = False


@dataclass(frozen=True, kw_only=True)
class UserAsked(TicketEvent):
    type: ClassVar[str] = "user-asked"
    text: str


@dataclass(frozen=True, kw_only=True)
class UserReplied(TicketEvent):
    type: ClassVar[str] = "user-replied"
    text: str


@dataclass(frozen=True, kw_only=True)
class UserVerdict(TicketEvent):
    """The reporter says whether it works again. The partner's own test (`ReturnConfirmed`) decides."""

    type: ClassVar[str] = "user-verdict"
    works: bool
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Answered(TicketEvent):
    """Solved by the correspondent without France Travail."""

    type: ClassVar[str] = "answered"
    text: str


@dataclass(frozen=True, kw_only=True)
class Diagnosed(TicketEvent):
    type: ClassVar[str] = "diagnosed"
    express: bool
    conclusion: Conclusion
    answers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Classified(TicketEvent):
    type: ClassVar[str] = "classified"
    kind: Kind
    tools: tuple[str, ...]
    incident_type: IncidentType | None = None
    severity: Severity | None = None
    scope: Scope = Scope.UNKNOWN
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class StartCorrected(TicketEvent):
    """The incident, or the request, began at another moment than was said."""

    type: ClassVar[str] = "start-corrected"
    since: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class SeverityChanged(TicketEvent):
    type: ClassVar[str] = "severity-changed"
    severity: Severity
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class ConventionChosen(TicketEvent):
    type: ClassVar[str] = "convention-chosen"
    convention_id: int
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Transmitted(TicketEvent):
    type: ClassVar[str] = "transmitted"
    channel: str
    text: str
    ft_reference: str = ""
    receipt_is_take_up: bool = False


@dataclass(frozen=True, kw_only=True)
class ReceiptReceived(TicketEvent):
    type: ClassVar[str] = "receipt-received"
    ft_reference: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class TakenUp(TicketEvent):
    type: ClassVar[str] = "taken-up"
    ft_reference: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class FtAsked(TicketEvent):
    type: ClassVar[str] = "ft-asked"
    text: str


@dataclass(frozen=True, kw_only=True)
class FtAnswered(TicketEvent):
    """The partner sends what France Travail asked for."""

    type: ClassVar[str] = "ft-answered"
    text: str


@dataclass(frozen=True, kw_only=True)
class FtRefused(TicketEvent):
    type: ClassVar[str] = "ft-refused"
    text: str


@dataclass(frozen=True, kw_only=True)
class RefusalAccepted(TicketEvent):
    type: ClassVar[str] = "refusal-accepted"
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class FtEscalated(TicketEvent):
    type: ClassVar[str] = "ft-escalated"
    text: str


@dataclass(frozen=True, kw_only=True)
class CauseGiven(TicketEvent):
    type: ClassVar[str] = "cause-given"
    text: str


@dataclass(frozen=True, kw_only=True)
class ForecastGiven(TicketEvent):
    type: ClassVar[str] = "forecast-given"
    text: str
    expected_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class FtClosed(TicketEvent):
    type: ClassVar[str] = "ft-closed"
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class FtInformed(TicketEvent):
    """France Travail tells the partner of a malfunction that it found itself."""

    type: ClassVar[str] = "ft-informed"
    detected_at: datetime | None
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Relanced(TicketEvent):
    type: ClassVar[str] = "relanced"
    contact: str
    text: str


@dataclass(frozen=True, kw_only=True)
class DateAgreed(TicketEvent):
    type: ClassVar[str] = "date-agreed"
    due_at: datetime
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class WorkaroundGiven(TicketEvent):
    """A way to work meanwhile: a text, an article of the documentation base (its slug), or both.

    It takes the place of the one before. `told` counts those it was sent to, `structures` those among whom.
    """

    type: ClassVar[str] = "workaround-given"
    scope: WorkaroundScope
    text: str
    article: str = ""
    article_title: str = ""
    structures: tuple[int, ...] = ()
    told: int = 0


@dataclass(frozen=True, kw_only=True)
class WorkaroundWithdrawn(TicketEvent):
    type: ClassVar[str] = "workaround-withdrawn"
    reason: str


@dataclass(frozen=True, kw_only=True)
class RepairDone(TicketEvent):
    """The definitive repair that follows a total workaround, without clock."""

    type: ClassVar[str] = "repair-done"
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class ReturnAnnounced(TicketEvent):
    type: ClassVar[str] = "return-announced"
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class ReturnObserved(TicketEvent):
    type: ClassVar[str] = "return-observed"
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class ReturnConfirmed(TicketEvent):
    type: ClassVar[str] = "return-confirmed"
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class ReturnRefused(TicketEvent):
    type: ClassVar[str] = "return-refused"
    text: str


@dataclass(frozen=True, kw_only=True)
class Closed(TicketEvent):
    type: ClassVar[str] = "closed"
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Cancelled(TicketEvent):
    type: ClassVar[str] = "cancelled"
    reason: str


@dataclass(frozen=True, kw_only=True)
class Reopened(TicketEvent):
    type: ClassVar[str] = "reopened"
    reason: str
    return_stands: bool = True


@dataclass(frozen=True, kw_only=True)
class PlusOne(TicketEvent):
    """One more person hit. `account_id` is theirs when they said « moi aussi » themselves."""

    type: ClassVar[str] = "plus-one"
    caller: str = ""
    structure_id: int | None = None
    account_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class ColleaguesInformed(TicketEvent):
    type: ClassVar[str] = "colleagues-informed"
    text: str


@dataclass(frozen=True, kw_only=True)
class Contested(TicketEvent):
    """Both sides hold another time for one clock. Ours rules; theirs is printed beside it."""

    type: ClassVar[str] = "contested"
    clock: str
    ft_time: datetime | None
    ft_position: str
    our_position: str
    proof: str = ""


@dataclass(frozen=True, kw_only=True)
class ContestSettled(TicketEvent):
    type: ClassVar[str] = "contest-settled"
    clock: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Corrected(TicketEvent):
    """Changes when an event happened, or voids it. The envelope names the event."""

    type: ClassVar[str] = "corrected"
    reason: str
    occurred_at: datetime | None = None
    void: bool = False


@dataclass(frozen=True, kw_only=True)
class FileAttached(TicketEvent):
    type: ClassVar[str] = "file-attached"
    name: str
    size: int
    sha256: str
    public_id: str
    internal: bool = False


@dataclass(frozen=True, kw_only=True)
class ReferenceNoted(TicketEvent):
    type: ClassVar[str] = "reference-noted"
    label: str
    reference: str


@dataclass(frozen=True, kw_only=True)
class IntegratorsShared(TicketEvent):
    type: ClassVar[str] = "integrators-shared"
    shared: bool


@dataclass(frozen=True, kw_only=True)
class IdentifierSet(TicketEvent):
    """The protected field was filled or emptied. Its value never enters the journal."""

    type: ClassVar[str] = "identifier-set"
    present: bool


EVENT_TYPES: dict[str, type[TicketEvent]] = {cls.type: cls for cls in TicketEvent.__subclasses__()}
