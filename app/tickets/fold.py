"""Folding events into facts, in their order of recording.

State follows the order of recording; durations use the effective time of each event, corrections applied.
`fold` trusts its events: the guards that let them in are in `rules.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.tickets import events as e
from app.tickets.corrections import effective, in_force
from app.tickets.facts import Agreed, Contest, Facts, Return, Workaround
from app.tickets.vocabulary import BEFORE_FT, Kind, Origin, State, WorkaroundScope


def fold(records: Sequence[e.Recorded]) -> Facts:
    """The facts after `records`, the first of which is the filing. Raises ValueError on an empty list."""
    facts: Facts | None = None
    for record in effective(records):
        facts = apply(facts, record)
    if facts is None:
        raise ValueError("a ticket has at least its filing")
    # A correction can start a clock too, and name its reading: the last one named rules.
    readings = {clock: digest for record in in_force(records) for clock, digest in record.readings.items()}
    return replace(facts, version=records[-1].sequence, updated_at=records[-1].recorded_at, readings=readings)


def apply(facts: Facts | None, record: e.Recorded) -> Facts:
    """The facts after one more event."""
    if facts is None:
        if not isinstance(record.event, e.Filed):
            raise ValueError("the first event of a ticket is its filing")
        changed = _filed(record.event, record)
    else:
        changes = _CHANGES[type(record.event)](facts, record.event, record.occurred_at)
        changed = replace(facts, **changes)
    readings = {**changed.readings, **record.readings} if record.readings else changed.readings
    return replace(changed, version=record.sequence, updated_at=record.recorded_at, readings=readings)


def _filed(event: e.Filed, record: e.Recorded) -> Facts:
    return Facts(
        state=State.NEW,
        kind=event.kind,
        subject=event.subject,
        tools=event.tools,
        filed_at=record.occurred_at,
        version=record.sequence,
        updated_at=record.recorded_at,
        reporter_id=event.reporter_id,
        structure_id=event.structure_id,
        caller=event.caller,
        incident_type=event.incident_type,
        severity=event.severity,
        severities=((event.since or record.occurred_at, event.severity),) if event.severity else (),
        scope=event.scope,
        since=event.since,
        restricted=event.kind is Kind.SECURITY,
        convention_id=event.convention_id,
    )


Changes = dict[str, Any]


def _nothing(_facts: Facts, _event: Any, _at: datetime) -> Changes:
    return {}


def _taken(facts: Facts, event: e.Taken, _at: datetime) -> Changes:
    started = State.IN_PROGRESS if facts.state is State.NEW else facts.state
    return {"assignee_id": event.assignee_id, "state": started}


def _assigned(_facts: Facts, event: e.Assigned, _at: datetime) -> Changes:
    return {"assignee_id": event.assignee_id}


def _user_asked(facts: Facts, _event: e.UserAsked, _at: datetime) -> Changes:
    return {"state": State.WAITING_USER} if facts.state in BEFORE_FT else {}


def _user_replied(facts: Facts, _event: e.UserReplied, _at: datetime) -> Changes:
    return {"state": State.IN_PROGRESS} if facts.state is State.WAITING_USER else {}


def _user_verdict(facts: Facts, event: e.UserVerdict, _at: datetime) -> Changes:
    unsolved = not event.works and facts.state is State.RESOLVED and facts.resolved_locally_at is not None
    back: Changes = {
        "state": _under_way(facts),
        "resolved_at": None,
        "resolved_locally_at": None,
        "workaround": _ended(facts.workaround, None),
    }
    return {"user_verdict": event.works, **(back if unsolved else {})}


def _answered(facts: Facts, _event: e.Answered, at: datetime) -> Changes:
    return {
        "state": State.RESOLVED,
        "resolved_at": at,
        "resolved_locally_at": at,
        "user_verdict": None,
        "workaround": _ended(facts.workaround, at),
    }


def _diagnosed(facts: Facts, event: e.Diagnosed, at: datetime) -> Changes:
    return {
        "state": State.IN_PROGRESS if facts.state is State.NEW else facts.state,
        "diagnosed_at": facts.diagnosed_at or at,
        "diagnosed_after_transmission": facts.diagnosed_after_transmission
        or (facts.diagnosed_at is None and facts.transmitted_at is not None),
        "conclusion": event.conclusion,
        "diagnosis": {**facts.diagnosis, **event.answers},
    }


def _classified(facts: Facts, event: e.Classified, at: datetime) -> Changes:
    severities = facts.severities
    if event.severity is not None and event.severity is not facts.severity:
        # The first one to be known held from the beginning; only a later one is a change.
        known_from = at if severities else facts.since or facts.filed_at
        severities = (*severities, (known_from, event.severity))
    return {
        "state": State.IN_PROGRESS if facts.state is State.NEW else facts.state,
        "kind": event.kind,
        "tools": event.tools,
        "incident_type": event.incident_type,
        "severity": event.severity,
        "severities": severities,
        "scope": event.scope,
        "restricted": facts.restricted or event.kind is Kind.SECURITY,
        "classified": True,
    }


def _severity_changed(facts: Facts, event: e.SeverityChanged, at: datetime) -> Changes:
    return {"severity": event.severity, "severities": (*facts.severities, (at, event.severity))}


def _convention_chosen(_facts: Facts, event: e.ConventionChosen, _at: datetime) -> Changes:
    return {"convention_id": event.convention_id}


def _transmitted(facts: Facts, event: e.Transmitted, at: datetime) -> Changes:
    common: Changes = {
        "receipt_is_take_up": event.receipt_is_take_up,
        "ft_reference": event.ft_reference or facts.ft_reference,
        "refused_at": None,
        "refusal_accepted_at": None,
    }
    if facts.transmitted_at is None or facts.refusal_accepted_at is not None:
        # After a refusal that was accepted the matter had left France Travail: its clocks begin anew.
        return {
            **common,
            "state": State.TRANSMITTED,
            "transmitted_at": at,
            "type_as_transmitted": facts.incident_type,
            "receipt_at": None,
            "taken_up_at": None,
            "agreed": (),
        }
    return {
        **common,
        "state": State.TAKEN_UP if facts.taken_up_at else State.TRANSMITTED,
        "transmitted_at": min(facts.transmitted_at, at),
    }


def _receipt_received(facts: Facts, event: e.ReceiptReceived, at: datetime) -> Changes:
    changes: Changes = {
        "receipt_at": facts.receipt_at or at,
        "ft_reference": event.ft_reference or facts.ft_reference,
    }
    if facts.receipt_is_take_up and facts.taken_up_at is None:
        changes.update(_taken_up(facts, e.TakenUp(ft_reference=event.ft_reference), at))
    return changes


def _taken_up(facts: Facts, event: e.TakenUp, at: datetime) -> Changes:
    return {
        "state": State.TAKEN_UP if facts.state is State.TRANSMITTED else facts.state,
        "taken_up_at": at,
        "ft_reference": event.ft_reference or facts.ft_reference,
    }


def _ft_asked(facts: Facts, _event: e.FtAsked, at: datetime) -> Changes:
    if facts.waiting_partner_since is not None:
        return {}
    return {"waiting_partner_since": at, "suspensions": (*facts.suspensions, (at, None))}


def _ft_answered(facts: Facts, _event: e.FtAnswered, at: datetime) -> Changes:
    assert facts.waiting_partner_since is not None, "the guard lets no answer in without its question"
    closed = (*facts.suspensions[:-1], (facts.waiting_partner_since, at))
    return {"waiting_partner_since": None, "suspensions": closed}


def _ft_refused(facts: Facts, _event: e.FtRefused, at: datetime) -> Changes:
    # A return that still has to be tested is tested all the same.
    return {"state": facts.state if facts.pending_return else State.IN_PROGRESS, "refused_at": at}


def _refusal_accepted(facts: Facts, _event: e.RefusalAccepted, at: datetime) -> Changes:
    return {**_without_return(facts), "refusal_accepted_at": at}


def _cause_given(_facts: Facts, _event: e.CauseGiven, _at: datetime) -> Changes:
    return {"cause_given": True}


def _forecast_given(_facts: Facts, _event: e.ForecastGiven, _at: datetime) -> Changes:
    return {"forecast_given": True}


def _ft_informed(facts: Facts, event: e.FtInformed, at: datetime) -> Changes:
    return {
        "origin": Origin.FRANCE_TRAVAIL,
        "detected_at": event.detected_at,
        "informed_at": at,
        "state": State.TAKEN_UP if facts.state in BEFORE_FT else facts.state,
    }


def _relanced(_facts: Facts, _event: e.Relanced, at: datetime) -> Changes:
    return {"relanced_at": at}


def _date_agreed(facts: Facts, event: e.DateAgreed, at: datetime) -> Changes:
    return {"agreed": (*facts.agreed, Agreed(event.due_at, at))}


def _workaround_given(facts: Facts, event: e.WorkaroundGiven, at: datetime) -> Changes:
    given = Workaround(event.scope, event.text, event.article, event.article_title, at)
    if facts.returned_at is not None:
        # The service holds already: only the way to do it changes.
        return {"workaround": given}
    if event.scope is WorkaroundScope.PARTIAL:
        return {**_workaround_withdrawn(facts, event, at), "workaround": given}
    return {"workaround": given, "repair_pending": True, **_return(facts, at, "workaround")}


def _workaround_withdrawn(facts: Facts, _event: e.TicketEvent, _at: datetime) -> Changes:
    """What a total workaround had brought back has not come back; what others said stays to be tested."""
    others = tuple(item for item in facts.returns if item.by != "workaround")
    if len(others) == len(facts.returns):
        return {"workaround": None}
    if others:
        return {"workaround": None, "repair_pending": False, "returns": others}
    return {**_without_return(facts), "workaround": None}


def _repair_done(facts: Facts, _event: e.RepairDone, at: datetime) -> Changes:
    return {"repair_pending": False, "workaround": _ended(facts.workaround, at)}


def _ended(workaround: Workaround | None, at: datetime | None) -> Workaround | None:
    return replace(workaround, ended_at=at) if workaround is not None else None


def _return_announced(facts: Facts, _event: e.ReturnAnnounced, at: datetime) -> Changes:
    return _return(facts, at, "france-travail")


def _return_observed(facts: Facts, _event: e.ReturnObserved, at: datetime) -> Changes:
    return _return(facts, at, "partner")


def _ft_closed(facts: Facts, _event: e.FtClosed, at: datetime) -> Changes:
    # A ticket is never closed by France Travail alone: its closing asks for the partner's test.
    to_test = facts.kind is Kind.INCIDENT and facts.returned_at is None
    return _return(facts, at, "france-travail") if to_test else {}


def _return(facts: Facts, at: datetime, by: str) -> Changes:
    return {"state": State.RESTORED, "returns": (*facts.returns, Return(at, by))}


def _return_confirmed(facts: Facts, _event: e.ReturnConfirmed, at: datetime) -> Changes:
    # The clock stopped at the earlier of the announced and the observed times, not at the test.
    confirmed: Changes = {"state": State.RESOLVED, "returned_at": facts.pending_return, "resolved_at": at}
    # What holds by a total workaround goes on needing it until the definitive repair.
    return confirmed if facts.repair_pending else {**confirmed, "workaround": _ended(facts.workaround, at)}


def _return_refused(facts: Facts, _event: e.ReturnRefused, at: datetime) -> Changes:
    return {**_without_return(facts), "return_refused_at": at}


def _without_return(facts: Facts) -> Changes:
    """The clock never stopped: back to where the ticket was before its return."""
    withdrawn = replace(facts, returns=(), returned_at=None)
    failed = any(item.by == "workaround" for item in facts.returns)
    lost = failed and facts.workaround is not None and facts.workaround.is_total
    return {
        "state": _under_way(withdrawn),
        "returns": (),
        "returned_at": None,
        "resolved_at": None,
        "workaround": None if lost else _ended(facts.workaround, None),
        "repair_pending": False if failed else facts.repair_pending,
        "user_verdict": None,
    }


def _under_way(facts: Facts) -> State:
    """Where a ticket that nothing has ended stands: with France Travail, unless it refused or is done with it."""
    if facts.refused_at is not None or facts.returned_at is not None:
        return State.IN_PROGRESS
    if facts.taken_up_at is not None or facts.found_by_ft:
        return State.TAKEN_UP
    return State.TRANSMITTED if facts.transmitted_at is not None else State.IN_PROGRESS


def _closed(_facts: Facts, _event: e.Closed, at: datetime) -> Changes:
    return {"state": State.CLOSED, "closed_at": at, "identifier_present": False}


def _cancelled(_facts: Facts, _event: e.Cancelled, at: datetime) -> Changes:
    return {"state": State.CANCELLED, "cancelled_at": at, "identifier_present": False}


def _reopened(facts: Facts, event: e.Reopened, _at: datetime) -> Changes:
    opened: Changes = {"closed_at": None, "cancelled_at": None, "resolved_at": None, "duplicate_of": ""}
    opened |= {"resolved_locally_at": None, "user_verdict": None}
    if facts.returned_at is not None and event.return_stands:
        return {**opened, "state": State.IN_PROGRESS}
    if facts.pending_return is not None:
        return {**opened, "state": State.RESTORED}
    return {**opened, **_without_return(facts)}


def _duplicate_marked(_facts: Facts, event: e.DuplicateMarked, at: datetime) -> Changes:
    return {
        "state": State.CANCELLED,
        "cancelled_at": at,
        "duplicate_of": event.of,
        "identifier_present": False,
    }


def _plus_one(facts: Facts, event: e.PlusOne, _at: datetime) -> Changes:
    joined = {event.account_id} if event.account_id is not None else frozenset()
    return {"plus_ones": facts.plus_ones + 1, "joined": facts.joined | joined}


def _colleagues_informed(_facts: Facts, _event: e.ColleaguesInformed, _at: datetime) -> Changes:
    return {"colleagues_informed": True}


def _contested(facts: Facts, event: e.Contested, _at: datetime) -> Changes:
    contest = Contest(event.ft_time, event.ft_position, event.our_position)
    return {"contests": {**facts.contests, event.clock: contest}}


def _contest_settled(facts: Facts, event: e.ContestSettled, _at: datetime) -> Changes:
    return {"contests": {clock: held for clock, held in facts.contests.items() if clock != event.clock}}


def _reference_noted(facts: Facts, event: e.ReferenceNoted, _at: datetime) -> Changes:
    return {"references": (*facts.references, (event.label, event.reference))}


def _integrators_shared(_facts: Facts, event: e.IntegratorsShared, _at: datetime) -> Changes:
    return {"integrators_shared": event.shared}


def _identifier_set(_facts: Facts, event: e.IdentifierSet, _at: datetime) -> Changes:
    return {"identifier_present": event.present}


_CHANGES: dict[type[e.TicketEvent], Callable[[Facts, Any, datetime], Changes]] = {
    e.Taken: _taken,
    e.Assigned: _assigned,
    e.Commented: _nothing,
    e.UserAsked: _user_asked,
    e.UserReplied: _user_replied,
    e.UserVerdict: _user_verdict,
    e.Answered: _answered,
    e.Diagnosed: _diagnosed,
    e.Classified: _classified,
    e.SeverityChanged: _severity_changed,
    e.ConventionChosen: _convention_chosen,
    e.Transmitted: _transmitted,
    e.ReceiptReceived: _receipt_received,
    e.TakenUp: _taken_up,
    e.FtAsked: _ft_asked,
    e.FtAnswered: _ft_answered,
    e.FtRefused: _ft_refused,
    e.RefusalAccepted: _refusal_accepted,
    e.FtEscalated: _nothing,
    e.CauseGiven: _cause_given,
    e.ForecastGiven: _forecast_given,
    e.FtClosed: _ft_closed,
    e.FtInformed: _ft_informed,
    e.Relanced: _relanced,
    e.DateAgreed: _date_agreed,
    e.WorkaroundGiven: _workaround_given,
    e.WorkaroundWithdrawn: _workaround_withdrawn,
    e.RepairDone: _repair_done,
    e.ReturnAnnounced: _return_announced,
    e.ReturnObserved: _return_observed,
    e.ReturnConfirmed: _return_confirmed,
    e.ReturnRefused: _return_refused,
    e.Closed: _closed,
    e.Cancelled: _cancelled,
    e.Reopened: _reopened,
    e.DuplicateMarked: _duplicate_marked,
    e.PlusOne: _plus_one,
    e.ColleaguesInformed: _colleagues_informed,
    e.Contested: _contested,
    e.ContestSettled: _contest_settled,
    e.FileAttached: _nothing,
    e.ReferenceNoted: _reference_noted,
    e.IntegratorsShared: _integrators_shared,
    e.IdentifierSet: _identifier_set,
}
assert set(_CHANGES) == set(e.EVENT_TYPES.values()) - {e.Filed, e.Corrected}, "each event has its change"
