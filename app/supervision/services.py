"""The state of each tool for a reader: in service, degraded, interrupted, in maintenance; since when; what to do.

Pure: incidents, announcements and `now` in, states out. A report that nobody at the desk has looked at changes
nothing, nor one that hits a single person, nor one whose cause was found to be local. A restricted ticket never
comes here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.announcements.vocabulary import Kind
from app.tickets.corrections import effective
from app.tickets.events import PlusOne, Recorded
from app.tickets.facts import Facts
from app.tickets.vocabulary import Conclusion, IncidentType, Scope, Severity, State
from app.tickets.vocabulary import Kind as TicketKind

ACCESS = "access"  # the kind of a tool through which one reaches the others of its platform


class ToolState(StrEnum):
    IN_SERVICE = "in-service"
    DEGRADED = "degraded"
    MAINTENANCE = "maintenance"
    INTERRUPTED = "interrupted"


# The worst one is shown.
_GRAVITY = tuple(ToolState)
STATE_LABELS: Mapping[ToolState, str] = {
    ToolState.IN_SERVICE: "En service",
    ToolState.DEGRADED: "Dégradé",
    ToolState.MAINTENANCE: "En maintenance",
    ToolState.INTERRUPTED: "Interrompu",
}
_OF_SEVERITY = {
    Severity.INTERRUPTION: ToolState.INTERRUPTED,
    Severity.DEGRADATION: ToolState.DEGRADED,
}
_NOT_OURS = frozenset({Conclusion.LOCAL, Conclusion.ACCESS})
_UNDER_WAY = frozenset(
    {State.IN_PROGRESS, State.WAITING_USER, State.TRANSMITTED, State.TAKEN_UP, State.RESTORED}
)


@dataclass(frozen=True)
class ToolFact:
    code: str
    name: str
    kind: str
    platform: str


@dataclass(frozen=True)
class Workaround:
    """How to do meanwhile: a text, an article of the documentation base (its slug and title), or both."""

    text: str
    article: str
    article_title: str


@dataclass(frozen=True)
class Incident:
    """An incident of availability that counts. `own`, `joined`: what the reader has to do with it."""

    reference: str
    tools: tuple[str, ...]
    state: ToolState
    since: datetime
    with_ft: bool
    to_verify: bool
    held_by_workaround: bool
    workaround: Workaround | None
    own: bool = False
    joined: bool = False
    announcement: str = ""


@dataclass(frozen=True)
class Notice:
    """An announcement about some tools: an incident, or a maintenance that goes on or is to come."""

    reference: str
    kind: Kind
    title: str
    tools: tuple[str, ...]
    severity: Severity | None
    starts_at: datetime | None
    ends_at: datetime | None
    published_at: datetime


@dataclass(frozen=True)
class Service:
    """One tool as the reader finds it. `through` names the access tool whose trouble takes this one with it."""

    tool: ToolFact
    state: ToolState
    since: datetime | None
    incidents: tuple[Incident, ...] = ()
    notices: tuple[Notice, ...] = ()
    coming: tuple[Notice, ...] = ()
    through: str = ""


def counted_incident(
    reference: str,
    facts: Facts,
    records: Sequence[Recorded],
    reader_id: int | None,
    *,
    announcement: str = "",
    workaround: Workaround | None = None,
    grouped: bool = False,
) -> Incident | None:
    """The incident as this page counts it, or None when it does not count.

    `grouped`: the reader reported it too, in a ticket that is followed under this one.
    """
    if not _counts(facts):
        return None
    to_verify = facts.state is State.RESTORED
    # Said to be back, and not tested yet: it is not known to be stopped any more, nor to work as it should.
    severity = Severity.DEGRADATION if to_verify else facts.severity or Severity.DEGRADATION
    counted = [record for record in effective(records) if isinstance(record.event, PlusOne)]
    return Incident(
        reference=reference,
        tools=facts.tools,
        state=_OF_SEVERITY[severity],
        since=facts.severities[0][0] if facts.severities else facts.since or facts.filed_at,
        with_ft=facts.with_ft,
        to_verify=to_verify,
        held_by_workaround=facts.repair_pending and facts.returned_at is not None,
        workaround=workaround,
        own=grouped or (reader_id is not None and facts.reporter_id == reader_id),
        joined=reader_id is not None and any(record.actor_id == reader_id for record in counted),
        announcement=announcement,
    )


def _counts(facts: Facts) -> bool:
    if facts.restricted or facts.kind is not TicketKind.INCIDENT:
        return False
    if facts.incident_type is not IncidentType.AVAILABILITY:
        return False
    if facts.scope is Scope.ONE and facts.reports_count == 1:
        return False
    if facts.conclusion in _NOT_OURS and not facts.with_ft:
        return False
    if facts.state is State.RESOLVED:
        # The tool works again, by a workaround that people must still know of.
        return facts.repair_pending
    # A new report, even a serious one, is not validated by anyone yet.
    return facts.state in _UNDER_WAY and facts.refusal_accepted_at is None and facts.returned_at is None


def services(
    tools: Iterable[ToolFact], incidents: Sequence[Incident], notices: Sequence[Notice], now: datetime
) -> list[Service]:
    """Each tool with its state, in the order given."""
    known = list(tools)
    gates = {tool.platform: tool for tool in known if tool.kind == ACCESS}
    announced = {incident.announcement for incident in incidents if incident.announcement}
    # What is announced of a ticket is that ticket: it counts once.
    apart = [notice for notice in notices if notice.reference not in announced]
    return [_service(tool, gates.get(tool.platform), incidents, apart, now) for tool in known]


def _service(
    tool: ToolFact,
    gate: ToolFact | None,
    incidents: Sequence[Incident],
    notices: Sequence[Notice],
    now: datetime,
) -> Service:
    own = _troubles(tool.code, incidents, notices, now)
    above = (
        _troubles(gate.code, incidents, notices, now) if gate is not None and gate != tool else _Troubles()
    )
    worst = own if own.gravity >= above.gravity else above
    coming = [*own.coming, *(notice for notice in above.coming if notice not in own.coming)]
    return Service(
        tool=tool,
        state=worst.state,
        since=worst.since,
        incidents=tuple(dict.fromkeys((*own.incidents, *above.incidents))),
        notices=tuple(dict.fromkeys((*own.notices, *above.notices))),
        coming=tuple(coming),
        through=gate.name if gate is not None and worst is above else "",
    )


@dataclass(frozen=True)
class _Troubles:
    """What bears on one tool, by its own name."""

    incidents: tuple[Incident, ...] = ()
    notices: tuple[Notice, ...] = ()
    coming: tuple[Notice, ...] = ()
    state: ToolState = ToolState.IN_SERVICE
    since: datetime | None = None

    @property
    def gravity(self) -> int:
        return _GRAVITY.index(self.state)


def _troubles(
    code: str, incidents: Sequence[Incident], notices: Sequence[Notice], now: datetime
) -> _Troubles:
    hit = tuple(incident for incident in incidents if code in incident.tools)
    about = [notice for notice in notices if code in notice.tools]
    begun = tuple(notice for notice in about if notice.starts_at is None or notice.starts_at <= now)
    states = [(incident.state, incident.since) for incident in hit if not incident.held_by_workaround]
    states += [(_state_of(notice), notice.starts_at or notice.published_at) for notice in begun]
    worst = max((state for state, _ in states), key=_GRAVITY.index, default=ToolState.IN_SERVICE)
    since = min((since for state, since in states if state is worst), default=None)
    return _Troubles(hit, begun, tuple(notice for notice in about if notice not in begun), worst, since)


def _state_of(notice: Notice) -> ToolState:
    if notice.kind is Kind.MAINTENANCE:
        return ToolState.MAINTENANCE
    return _OF_SEVERITY[notice.severity or Severity.DEGRADATION]


@dataclass(frozen=True)
class Disturbance:
    """Something that bears on tools of the reader: an incident, or what is announced without one."""

    state: ToolState
    since: datetime | None
    tools: tuple[str, ...]
    incident: Incident | None = None
    notice: Notice | None = None


def disturbances(found: Sequence[Service]) -> list[Disturbance]:
    """What goes on, each thing once with the names of the tools that it bears on; the worst first."""
    hit: dict[Incident | Notice, list[ToolFact]] = {}
    for service in found:
        causes: tuple[Incident | Notice, ...] = (*service.incidents, *service.notices)
        for cause in causes:
            hit.setdefault(cause, []).append(service.tool)
    told = [_disturbance(cause, _names(cause, tools)) for cause, tools in hit.items()]
    return sorted(told, key=lambda one: _GRAVITY.index(one.state), reverse=True)


def _names(cause: Incident | Notice, tools: Sequence[ToolFact]) -> tuple[str, ...]:
    """The tools that the cause names itself, then those that it takes along."""
    return tuple(tool.name for tool in sorted(tools, key=lambda tool: tool.code not in cause.tools))


def _disturbance(cause: Incident | Notice, names: tuple[str, ...]) -> Disturbance:
    if isinstance(cause, Notice):
        return Disturbance(_state_of(cause), cause.starts_at or cause.published_at, names, notice=cause)
    state = ToolState.IN_SERVICE if cause.held_by_workaround else cause.state
    return Disturbance(state, cause.since, names, incident=cause)


def to_come(found: Sequence[Service]) -> list[tuple[Notice, tuple[str, ...]]]:
    """The maintenances to come, each once with the names of the tools that it bears on; the soonest first."""
    awaited: dict[Notice, list[str]] = {}
    for service in found:
        for notice in service.coming:
            awaited.setdefault(notice, []).append(service.tool.name)
    soonest = sorted(awaited.items(), key=lambda pair: pair[0].starts_at or pair[0].published_at)
    return [(notice, tuple(names)) for notice, names in soonest]
