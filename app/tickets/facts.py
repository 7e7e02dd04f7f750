"""What a ticket is after its events: the value that the rules, the clocks and the screens decide from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.tickets.group_events import ReportGrouped
from app.tickets.vocabulary import (
    ENDED,
    Conclusion,
    IncidentType,
    Kind,
    Origin,
    Scope,
    Severity,
    State,
    WorkaroundScope,
)


@dataclass(frozen=True)
class Return:
    """One return to service that was announced, observed, or given by a total workaround."""

    at: datetime
    by: str


@dataclass(frozen=True)
class Agreed:
    due_at: datetime
    agreed_at: datetime


@dataclass(frozen=True)
class Contest:
    ft_time: datetime | None
    ft_position: str
    our_position: str


@dataclass(frozen=True)
class Workaround:
    """A way to work meanwhile. `ended_at` is when the repair came."""

    scope: WorkaroundScope
    text: str
    article: str
    article_title: str
    since: datetime
    ended_at: datetime | None = None

    @property
    def is_total(self) -> bool:
        return self.scope is WorkaroundScope.TOTAL


@dataclass(frozen=True)
class Facts:
    """The ticket after its last event. Times are the effective ones, aware, in UTC."""

    state: State
    kind: Kind
    subject: str
    tools: tuple[str, ...]
    filed_at: datetime
    version: int
    updated_at: datetime
    reporter_id: int | None = None
    structure_id: int | None = None
    caller: str = ""
    incident_type: IncidentType | None = None
    severity: Severity | None = None
    severities: tuple[tuple[datetime, Severity], ...] = ()
    scope: Scope = Scope.UNKNOWN
    since: datetime | None = None
    origin: Origin = Origin.PARTNER
    restricted: bool = False
    assignee_id: int | None = None
    convention_id: int | None = None
    classified: bool = False
    # pre-diagnosis
    diagnosed_at: datetime | None = None
    diagnosed_after_transmission: bool = False
    conclusion: Conclusion | None = None
    diagnosis: Mapping[str, str] = field(default_factory=dict)
    # France Travail
    transmitted_at: datetime | None = None
    type_as_transmitted: IncidentType | None = None
    sent_as_availability_at: datetime | None = None
    receipt_is_take_up: bool = False
    receipt_at: datetime | None = None
    taken_up_at: datetime | None = None
    refused_at: datetime | None = None
    refusal_accepted_at: datetime | None = None
    detected_at: datetime | None = None
    informed_at: datetime | None = None
    cause_given: bool = False
    forecast_given: bool = False
    waiting_partner_since: datetime | None = None
    suspensions: tuple[tuple[datetime, datetime | None], ...] = ()
    relanced_at: datetime | None = None
    agreed: tuple[Agreed, ...] = ()
    ft_reference: str = ""
    references: tuple[tuple[str, str], ...] = ()
    # return to service
    returns: tuple[Return, ...] = ()
    returned_at: datetime | None = None
    return_refused_at: datetime | None = None
    workaround: Workaround | None = None
    repair_pending: bool = False
    user_verdict: bool | None = None
    # the end
    resolved_at: datetime | None = None
    resolved_locally_at: datetime | None = None
    closed_at: datetime | None = None
    cancelled_at: datetime | None = None
    # one incident, several reports
    duplicate_of: str = ""
    state_before_group: State | None = None
    reports: Mapping[str, ReportGrouped] = field(default_factory=dict)
    colleagues_informed: bool = False
    plus_ones: int = 0
    joined: frozenset[int] = frozenset()
    contests: Mapping[str, Contest] = field(default_factory=dict)
    identifier_present: bool = False
    integrators_shared: bool = False
    readings: Mapping[str, str] = field(default_factory=dict)

    @property
    def reports_count(self) -> int:
        """How many times the matter was reported here: the ticket, those grouped under it, and every « +1 » of theirs."""
        return 1 + self.plus_ones + sum(1 + report.plus_ones for report in self.reports.values())

    @property
    def everyone_joined(self) -> frozenset[int]:
        """Those who said « moi aussi », of this ticket and of its reports."""
        return self.joined.union(*(report.joined for report in self.reports.values()))

    @property
    def found_by_ft(self) -> bool:
        return self.origin is Origin.FRANCE_TRAVAIL

    @property
    def with_ft(self) -> bool:
        """France Travail knows of it: the partner transmitted it, or it told the partner."""
        return self.transmitted_at is not None or self.found_by_ft

    @property
    def pending_return(self) -> datetime | None:
        """The earliest return to service that still has to be tested."""
        if self.returned_at is not None or not self.returns:
            return None
        return min(item.at for item in self.returns)

    @property
    def active_workaround(self) -> Workaround | None:
        """The workaround that people are told to use today."""
        held = self.workaround
        return held if held is not None and held.ended_at is None and self.state not in ENDED else None

    @property
    def ended_without_return_at(self) -> datetime | None:
        """When the clocks of France Travail ceased to matter, if they did."""
        ends = (self.cancelled_at, self.refusal_accepted_at, self.resolved_locally_at)
        return min((end for end in ends if end is not None), default=None)
