"""What may happen to a ticket, and when: one guard per event (domain.md, « The way of a ticket »)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.kernel.clock import to_minute
from app.kernel.errors import DomainError, Impossible, InvalidInput
from app.tickets import events as e
from app.tickets import guards as g
from app.tickets.corrections import effective, in_force
from app.tickets.facts import Facts
from app.tickets.fold import apply, fold
from app.tickets.groups import standing
from app.tickets.vocabulary import (
    BEFORE_FT,
    ENDED,
    OPEN,
    STATE_LABELS,
    WITH_FT,
    State,
)


def check(facts: Facts, event: e.TicketEvent, at: datetime, now: datetime) -> None:
    """Refuse the event if the facts forbid it. Raises Impossible (the state) or InvalidInput (what was typed)."""
    check_not_in_future(at, now)
    _check_guards(facts, event, at)


def _check_guards(facts: Facts, event: e.TicketEvent, at: datetime) -> None:
    allowed, guards = _RULES[type(event)]
    if facts.duplicate_of and type(event) not in _WHILE_GROUPED:
        raise Impossible(
            f"La sollicitation est regroupée sous {facts.duplicate_of}\u00a0: agissez sur celle-ci, ou détachez celle-là."
        )
    if not _is_in_its_time(facts, type(event), allowed):
        raise Impossible(
            f"Cette action n’est pas possible : la sollicitation est « {STATE_LABELS[facts.state].lower()} »."
        )
    for guard in guards:
        guard(g.Attempt(facts, event, at))


def is_possible(facts: Facts, event_type: type[e.TicketEvent]) -> bool:
    """Whether the state and the history allow such an event at all, whatever would be typed in it."""
    allowed, guards = _RULES[event_type]
    if not _is_in_its_time(facts, event_type, allowed):
        return False
    try:
        for guard in guards:
            if guard in g.ABOUT_THE_TICKET:
                guard(g.Attempt(facts, None, facts.updated_at))
    except DomainError:
        return False
    return True


def _is_in_its_time(facts: Facts, event_type: type[e.TicketEvent], allowed: frozenset[State]) -> bool:
    return event_type in _WHILE_GROUPED if facts.duplicate_of else facts.state in allowed


def check_not_in_future(at: datetime, now: datetime) -> None:
    if to_minute(at) > to_minute(now):
        raise InvalidInput("La date et l’heure sont dans le futur.", field="occurred_at")


def check_correction(records: Sequence[e.Recorded], correction: e.Recorded) -> Facts:
    """The facts with the correction applied, each guard rechecked on the way.

    Raises InvalidInput when the event cannot be corrected, or Impossible naming what would no longer hold.
    """
    event = correction.event
    assert isinstance(event, e.Corrected)
    target = next((record for record in records if record.sequence == correction.corrects), None)
    if target is None:
        raise InvalidInput("L’événement à corriger n’existe pas.", field="corrects")
    if target not in in_force(records):
        raise InvalidInput(
            "Cet événement est déjà annulé. Pour le rétablir, annulez la correction qui l’a annulé."
        )
    if isinstance(target.event, e.Corrected) and not event.void:
        raise InvalidInput("Une correction s’annule ; pour changer l’heure, corrigez l’événement d’origine.")
    if event.void == (event.occurred_at is not None):
        raise InvalidInput("Donnez la nouvelle heure, ou annulez l’événement.", field="occurred_at")
    if event.void and isinstance(target.event, e.Filed):
        raise InvalidInput("Le dépôt ne s’annule pas : annulez plutôt la sollicitation.", field="void")
    if event.occurred_at is not None:
        check_not_in_future(event.occurred_at, correction.recorded_at)
    if isinstance(target.event, e.ReportGrouped | e.ReportDetached):
        raise Impossible(
            f"Ce regroupement se corrige sur la sollicitation regroupée, {target.event.reference}."
        )
    corrected = [*records, correction]
    _recheck(corrected, "La correction rendrait impossible un événement suivant.")
    return fold(corrected)


def check_report(records: Sequence[e.Recorded], told: e.Recorded) -> Facts:
    """The facts of a main ticket once a report is grouped, told anew or detached.

    Raises Impossible when an event of the main ticket rested on what the report had brought.
    """
    event = told.event
    assert isinstance(event, e.ReportGrouped | e.ReportDetached)
    check(fold(records), event, told.occurred_at, told.recorded_at)
    retold = [*records, told]
    _recheck(
        retold,
        f"Des événements de la sollicitation principale reposent sur la transmission de {event.reference}.",
    )
    return fold(retold)


def _recheck(records: Sequence[e.Recorded], why: str) -> None:
    facts: Facts | None = None
    for record in standing(effective(records)):
        if facts is not None:
            try:
                _check_guards(facts, record.event, record.occurred_at)
            except DomainError as refusal:
                raise Impossible(f"{why} {refusal.message}", field="occurred_at") from refusal
        facts = apply(facts, record)


_RUNNING = BEFORE_FT | WITH_FT | {State.RESTORED}
_ANYWHERE = frozenset(State)
_NOT_CANCELLED = _ANYWHERE - {State.CANCELLED}
# A grouped ticket goes on receiving what its reporter says; the rest happens on the main one.
_WHILE_GROUPED = frozenset(
    {e.Commented, e.UserVerdict, e.FileAttached, e.ReferenceNoted, e.Relayed, e.Detached}
)
_FT_ANSWER: tuple[g.Guard, ...] = (g.needs_france_travail, g.not_before_ft_knows)

_RULES: dict[type[e.TicketEvent], tuple[frozenset[State], tuple[g.Guard, ...]]] = {
    e.Taken: (OPEN, ()),
    e.Assigned: (OPEN, ()),
    e.Commented: (OPEN, ()),
    e.UserAsked: (OPEN, ()),
    e.UserReplied: (OPEN, ()),
    e.UserVerdict: (frozenset({State.RESTORED, State.RESOLVED}), ()),
    e.Answered: (BEFORE_FT | WITH_FT, (g.not_before_request,)),
    e.Diagnosed: (OPEN, ()),
    e.Classified: (_RUNNING, (g.security_stays, g.classification_is_whole, g.reclassification_has_reason)),
    e.StartCorrected: (_NOT_CANCELLED, (g.has_a_start, g.start_comes_first)),
    e.SeverityChanged: (_RUNNING, (g.is_incident, g.is_availability)),
    e.ConventionChosen: (OPEN, ()),
    e.Transmitted: (
        BEFORE_FT | WITH_FT,
        (g.can_be_transmitted, g.has_convention, g.not_before_accepted_refusal, g.not_before_since),
    ),
    e.ReceiptReceived: (OPEN, (g.transmitted_by_us, g.not_before_transmission)),
    e.TakenUp: (OPEN, (g.transmitted_by_us, g.not_taken_up_yet, g.not_before_transmission)),
    e.FtAsked: (_RUNNING, _FT_ANSWER),
    e.FtAnswered: (OPEN, (g.ft_is_waiting, g.not_before_question)),
    e.FtRefused: (_RUNNING, (g.transmitted_by_us, g.not_returned, g.not_before_transmission)),
    e.RefusalAccepted: (_RUNNING, (g.is_refused, g.not_returned, g.not_before_refusal)),
    e.FtEscalated: (_RUNNING, _FT_ANSWER),
    e.CauseGiven: (OPEN, _FT_ANSWER),
    e.ForecastGiven: (_RUNNING, _FT_ANSWER),
    e.FtClosed: (_RUNNING, _FT_ANSWER),
    e.FtInformed: (_RUNNING, (g.is_typed_incident, g.not_informed_yet, g.detected_before_informed)),
    e.Relanced: (_RUNNING, (g.needs_france_travail, g.not_returned, g.not_before_ft_knows)),
    e.DateAgreed: (
        _RUNNING,
        (
            g.needs_france_travail,
            g.is_application,
            g.not_returned,
            g.not_before_start,
            g.agreed_after_agreement,
        ),
    ),
    e.WorkaroundGiven: (
        _RUNNING | {State.RESOLVED},
        (
            g.is_incident,
            g.workaround_is_of_use,
            g.workaround_says_how,
            g.total_stays_total,
            g.workaround_follows_start,
        ),
    ),
    e.WorkaroundWithdrawn: (OPEN, (g.has_workaround, g.nothing_rests_on_workaround)),
    e.RepairDone: (OPEN, (g.repair_is_pending,)),
    e.ReturnAnnounced: (
        _RUNNING | {State.RESOLVED, State.CLOSED},
        (
            g.is_typed_incident,
            g.needs_france_travail,
            g.ended_by_a_return,
            g.announced_earlier,
            g.not_before_start,
        ),
    ),
    e.ReturnObserved: (
        _RUNNING,
        (g.is_typed_incident, g.needs_france_travail, g.not_returned, g.not_before_start),
    ),
    e.ReturnConfirmed: (frozenset({State.RESTORED}), (g.not_before_return,)),
    e.ReturnRefused: (frozenset({State.RESTORED}), (g.not_before_return,)),
    e.Closed: (frozenset({State.RESOLVED}), (g.repair_is_done, g.not_before_resolution)),
    e.Cancelled: (OPEN - {State.RESTORED}, ()),
    e.Reopened: (ENDED | {State.RESOLVED}, (g.not_before_end,)),
    e.DuplicateMarked: (_NOT_CANCELLED, (g.heads_no_group,)),
    # What `_WHILE_GROUPED` allows, and nowhere else.
    e.Detached: (frozenset(), (g.leaves_its_group,)),
    e.Relayed: (frozenset(), ()),
    e.ReportGrouped: (_NOT_CANCELLED, ()),
    e.ReportDetached: (_ANYWHERE, ()),
    e.PlusOne: (OPEN, (g.is_incident,)),
    e.ColleaguesInformed: (_ANYWHERE, (g.is_incident,)),
    e.Contested: (_ANYWHERE, (g.has_a_clock, g.names_a_clock)),
    e.ContestSettled: (_ANYWHERE, (g.has_a_contest, g.is_contested)),
    e.FileAttached: (OPEN, ()),
    e.ReferenceNoted: (_ANYWHERE, ()),
    e.IntegratorsShared: (OPEN, ()),
    e.IdentifierSet: (OPEN, ()),
}
assert set(_RULES) == set(e.EVENT_TYPES.values()) - {e.Filed, e.Corrected}, "each event has its rule"
