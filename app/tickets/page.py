"""What the page of a ticket shows beside its story: the clocks, explained, and the facts. Pure presenters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.deadlines.clocks import (
    ClockFacts,
    ClockState,
    as_read,
    due_at,
    first_due_at,
    frozen_since,
    overrun,
    remaining,
    share_used,
    state,
)
from app.deadlines.delays import Unit
from app.deadlines.explain import explain
from app.deadlines.reading import Reading
from app.deadlines.wording import say_minutes
from app.kernel.clock import to_minute
from app.partners.terms import OWED_BY
from app.tickets.clocks import TicketClock, clocks_of, measured_clocks
from app.tickets.facts import Contest, Facts
from app.tickets.timeline import Caller
from app.tickets.vocabulary import (
    CLOCK_LABELS,
    CONCLUSION_LABELS,
    KIND_LABELS,
    ORIGIN_LABELS,
    SCOPE_LABELS,
    SEVERITY_LABELS,
    TYPE_LABELS,
    IncidentType,
    Scope,
)
from app.tickets.wording import Names

NEAR = 0.75
SUSPENDED = "suspended"
COUNTING = ("running", "near", "overdue")


@dataclass(frozen=True)
class ClockView:
    """A clock as it is shown. `face` is its state, or « near » its end, or « suspended ».

    `share` is what is used of the time allowed, from 0 to 1. `left` and `over` are real lengths before and
    after the due time, as lists show them; `service` is the service time in either, None for a commitment
    that is not in service hours. All three stand where the clock stopped or froze.
    """

    clock: str
    name: str
    face: str
    share: float
    started_at: datetime | None
    due_at: datetime | None
    first_due_at: datetime | None
    stopped_at: datetime | None
    to_verify_at: datetime | None
    suspended_since: datetime | None
    left: timedelta
    over: timedelta
    service: timedelta | None
    owed_by: str
    contractual: bool
    contest: Contest | None
    explanation: tuple[str, ...]

    @property
    def service_words(self) -> str:
        """What follows a real length: « (112 h de service) », « de service » when all of it is; or nothing."""
        if self.service is None:
            return ""
        if self.service == self.left + self.over:
            return " de service"
        minutes = int(self.service.total_seconds() // 60)
        return f" ({say_minutes(minutes)} de service)" if minutes else " (hors des heures de service)"

    @property
    def is_late(self) -> bool:
        return self.face == ClockState.OVERDUE

    @property
    def counts_down(self) -> bool:
        """Whether the browser may carry the countdown on: time runs, and all of it counts."""
        return self.face in COUNTING and self.service is None


def clock_views(facts: Facts, readings: Mapping[str, Reading], now: datetime) -> list[ClockView]:
    """Every clock of the ticket; `readings` are by digest and hold each one that the facts name."""
    return [_view(clock, readings[facts.readings[clock.key]], facts, now) for clock in measured_clocks(facts)]


def unmeasured(facts: Facts) -> list[str]:
    """The clocks that nothing gives a figure to, by their names: the page says so rather than say nothing."""
    return [CLOCK_LABELS[clock.clock] for clock in clocks_of(facts) if clock.key not in facts.readings]


def without_object(facts: Facts) -> list[str]:
    """What one might expect to be measured and is not, said in words."""
    sent_otherwise = facts.transmitted_at is not None and facts.sent_as_availability_at is None
    if facts.duplicate_of or facts.incident_type is not IncidentType.AVAILABILITY or not sent_otherwise:
        return []
    return [
        "Prise en charge\u00a0: sans objet. Ce délai se juge sur le type au moment de la transmission, et la "
        "sollicitation n’a pas été transmise comme incident de disponibilité."
    ]


def _view(clock: TicketClock, reading: Reading, facts: Facts, now: datetime) -> ClockView:
    due, first = due_at(reading, clock.facts), first_due_at(reading, clock.facts)
    frozen = frozen_since(reading, clock.facts)
    share = share_used(reading, clock.facts, now) or 0.0
    shown = state(as_read(reading, clock.facts), due, now)
    shown_at = to_minute(frozen or clock.facts.stopped_at or clock.facts.to_verify_at or now)
    return ClockView(
        clock=clock.clock,
        name=CLOCK_LABELS[clock.clock],
        face=_face(shown, share, frozen),
        share=share,
        started_at=clock.facts.started_at,
        due_at=due,
        first_due_at=first if first != due else None,
        stopped_at=clock.facts.stopped_at,
        to_verify_at=clock.facts.to_verify_at,
        suspended_since=frozen,
        left=max(due - shown_at, timedelta(0)) if due else timedelta(0),
        over=max(shown_at - due, timedelta(0)) if due else timedelta(0),
        service=_service(reading, clock.facts, now),
        owed_by=OWED_BY[reading.owed_by],
        contractual=reading.contractual,
        contest=facts.contests.get(clock.clock),
        explanation=tuple(step.text for step in explain(reading, clock.facts)),
    )


def _service(reading: Reading, facts: ClockFacts, now: datetime) -> timedelta | None:
    if reading.delay.unit is not Unit.WORKING:
        return None
    return timedelta(minutes=remaining(reading, facts, now) or overrun(reading, facts, now) or 0)


def _face(shown: ClockState, share: float, frozen: datetime | None) -> str:
    if frozen is not None:
        return SUSPENDED
    return "near" if shown is ClockState.RUNNING and share >= NEAR else shown.value


def nearest(views: Sequence[ClockView]) -> ClockView | None:
    """The running clock that bites first, late ones before all; None when none runs."""
    running = [(view.due_at, view) for view in views if view.due_at and view.face in COUNTING]
    return min(running, key=lambda pair: pair[0])[1] if running else None


# --- The facts -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Value:
    """A value of a fact: words, and the instant that follows them if any."""

    text: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Fact:
    """A line beside the story. `changed_by` is the slug of the act that changes it; no value reads « non renseigné »."""

    label: str
    values: tuple[Value, ...]
    changed_by: str = ""


def fact_rows(facts: Facts, callers: Sequence[Caller], names: Names) -> list[Fact]:
    """What is known of the ticket, for those who work on it."""
    return [*_what(facts, names), *_who(facts, callers, names), *_under_which(facts, names)]


def _what(facts: Facts, names: Names) -> Iterator[Fact]:
    nature = TYPE_LABELS[facts.incident_type] if facts.incident_type else KIND_LABELS[facts.kind]
    yield Fact("Nature", (Value(nature),), "classement")
    if facts.severities:
        history = [
            Value(f"{SEVERITY_LABELS[severity]} depuis le", at) for at, severity in reversed(facts.severities)
        ]
        yield Fact("Gravité", tuple(history), "gravite")
    yield Fact("Outils", tuple(Value(names.tool(code)) for code in facts.tools))
    if facts.since:
        yield Fact("Depuis", (Value(at=facts.since),), "debut")
    if facts.conclusion:
        yield Fact("Pré-diagnostic", (Value(CONCLUSION_LABELS[facts.conclusion]),))
    if facts.workaround:
        over = facts.active_workaround is None
        scope = "Total" if facts.workaround.is_total else "Partiel"
        yield Fact("Contournement", (Value(f"{scope}, qui ne sert plus" if over else scope),))


def _who(facts: Facts, callers: Sequence[Caller], names: Names) -> Iterator[Fact]:
    yield Fact(
        "Responsable", _some(names.account(facts.assignee_id) if facts.assignee_id else ""), "attribution"
    )
    yield Fact("Demandeur", _some(names.account(facts.reporter_id) if facts.reporter_id else ""))
    if facts.caller:
        yield Fact("Appelant", (Value(facts.caller),))
    yield Fact("Structure", _some(names.structure(facts.structure_id)))
    yield Fact("Personnes touchées", _some("" if facts.scope is Scope.UNKNOWN else SCOPE_LABELS[facts.scope]))
    if callers:
        also = [
            Value(f"{', '.join(filter(None, (item.caller, item.structure))) or 'Sans précision'},", item.at)
            for item in callers
        ]
        yield Fact(f"+{len(callers)} signalement{'s' if len(callers) > 1 else ''}", tuple(also))
    if facts.user_verdict is not None:
        yield Fact(
            "Avis de l’utilisateur", (Value("Ça remarche" if facts.user_verdict else "Ça ne marche pas"),)
        )


def _under_which(facts: Facts, names: Names) -> Iterator[Fact]:
    yield Fact("Convention", _some(names.convention(facts.convention_id)), "convention")
    yield Fact("Origine", (Value(ORIGIN_LABELS[facts.origin]),))
    if facts.with_ft:
        yield Fact("Référence FT", _some(facts.ft_reference))
    if facts.references:
        noted = [Value(f"{label} : {reference}") for label, reference in facts.references]
        yield Fact("Autres références", tuple(noted), "reference")
    if facts.duplicate_of:
        yield Fact("Regroupée sous", (Value(facts.duplicate_of),), "detachement")
    if facts.integrators_shared:
        yield Fact("Éditeurs", (Value("Partagée avec eux"),), "partage-editeurs")


def _some(text: str) -> tuple[Value, ...]:
    return (Value(text),) if text else ()
