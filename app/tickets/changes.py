"""What each event changes in the facts, from the filing to France Travail's answers. Pure.

What ends a ticket, or brings it back, is in `endings.py`; what joins tickets together, in `groups.py`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from app.tickets import events as e
from app.tickets.facts import Agreed, Contest, Facts, Workaround
from app.tickets.vocabulary import BEFORE_FT, IncidentType, Kind, Origin, State

Changes = dict[str, Any]


def nothing(_facts: Facts, _event: Any, _at: datetime) -> Changes:
    return {}


def taken(facts: Facts, event: e.Taken, _at: datetime) -> Changes:
    started = State.IN_PROGRESS if facts.state is State.NEW else facts.state
    return {"assignee_id": event.assignee_id, "state": started}


def assigned(_facts: Facts, event: e.Assigned, _at: datetime) -> Changes:
    return {"assignee_id": event.assignee_id}


def user_asked(facts: Facts, _event: e.UserAsked, _at: datetime) -> Changes:
    return {"state": State.WAITING_USER} if facts.state in BEFORE_FT else {}


def user_replied(facts: Facts, _event: e.UserReplied, _at: datetime) -> Changes:
    return {"state": State.IN_PROGRESS} if facts.state is State.WAITING_USER else {}


def user_verdict(facts: Facts, event: e.UserVerdict, _at: datetime) -> Changes:
    unsolved = not event.works and facts.state is State.RESOLVED and facts.resolved_locally_at is not None
    back: Changes = {
        "state": under_way(facts),
        "resolved_at": None,
        "resolved_locally_at": None,
        "workaround": ended(facts.workaround, None),
    }
    return {"user_verdict": event.works, **(back if unsolved else {})}


def answered(facts: Facts, _event: e.Answered, at: datetime) -> Changes:
    return {
        "state": State.RESOLVED,
        "resolved_at": at,
        "resolved_locally_at": at,
        "user_verdict": None,
        "workaround": ended(facts.workaround, at),
    }


def diagnosed(facts: Facts, event: e.Diagnosed, at: datetime) -> Changes:
    return {
        "state": State.IN_PROGRESS if facts.state is State.NEW else facts.state,
        "diagnosed_at": facts.diagnosed_at or at,
        "diagnosed_after_transmission": facts.diagnosed_after_transmission
        or (facts.diagnosed_at is None and facts.transmitted_at is not None),
        "conclusion": event.conclusion,
        "diagnosis": {**facts.diagnosis, **event.answers},
    }


def classified(facts: Facts, event: e.Classified, at: datetime) -> Changes:
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


def start_corrected(facts: Facts, event: e.StartCorrected, _at: datetime) -> Changes:
    return begun(facts, event.since)


def begun(facts: Facts, since: datetime) -> Changes:
    """The matter began then: the severity that was known first held from there."""
    severities = facts.severities
    if severities:
        severities = ((since, severities[0][1]), *severities[1:])
    return {"since": since, "severities": severities}


def severity_changed(facts: Facts, event: e.SeverityChanged, at: datetime) -> Changes:
    return {"severity": event.severity, "severities": (*facts.severities, (at, event.severity))}


def convention_chosen(_facts: Facts, event: e.ConventionChosen, _at: datetime) -> Changes:
    return {"convention_id": event.convention_id}


def transmitted(facts: Facts, event: e.Transmitted, at: datetime) -> Changes:
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
            "sent_as_availability_at": at if facts.incident_type is IncidentType.AVAILABILITY else None,
            "receipt_at": None,
            "taken_up_at": None,
            "agreed": (),
        }
    return {
        **common,
        "state": State.TAKEN_UP if facts.taken_up_at else State.TRANSMITTED,
        "transmitted_at": min(facts.transmitted_at, at),
        "sent_as_availability_at": facts.sent_as_availability_at and min(facts.sent_as_availability_at, at),
    }


def receipt_received(facts: Facts, event: e.ReceiptReceived, at: datetime) -> Changes:
    changes: Changes = {
        "receipt_at": facts.receipt_at or at,
        "ft_reference": event.ft_reference or facts.ft_reference,
    }
    if facts.receipt_is_take_up and facts.taken_up_at is None:
        changes.update(taken_up(facts, e.TakenUp(ft_reference=event.ft_reference), at))
    return changes


def taken_up(facts: Facts, event: e.TakenUp, at: datetime) -> Changes:
    return {
        "state": State.TAKEN_UP if facts.state is State.TRANSMITTED else facts.state,
        "taken_up_at": at,
        "ft_reference": event.ft_reference or facts.ft_reference,
    }


def ft_asked(facts: Facts, _event: e.FtAsked, at: datetime) -> Changes:
    if facts.waiting_partner_since is not None:
        return {}
    return {"waiting_partner_since": at, "suspensions": (*facts.suspensions, (at, None))}


def ft_answered(facts: Facts, _event: e.FtAnswered, at: datetime) -> Changes:
    assert facts.waiting_partner_since is not None, "the guard lets no answer in without its question"
    closed = (*facts.suspensions[:-1], (facts.waiting_partner_since, at))
    return {"waiting_partner_since": None, "suspensions": closed}


def ft_refused(facts: Facts, _event: e.FtRefused, at: datetime) -> Changes:
    # A return that still has to be tested is tested all the same.
    return {"state": facts.state if facts.pending_return else State.IN_PROGRESS, "refused_at": at}


def cause_given(_facts: Facts, _event: e.CauseGiven, _at: datetime) -> Changes:
    return {"cause_given": True}


def forecast_given(_facts: Facts, _event: e.ForecastGiven, _at: datetime) -> Changes:
    return {"forecast_given": True}


def ft_informed(facts: Facts, event: e.FtInformed, at: datetime) -> Changes:
    return {
        "origin": Origin.FRANCE_TRAVAIL,
        "detected_at": event.detected_at,
        "informed_at": at,
        "state": State.TAKEN_UP if facts.state in BEFORE_FT else facts.state,
    }


def relanced(_facts: Facts, _event: e.Relanced, at: datetime) -> Changes:
    return {"relanced_at": at}


def date_agreed(facts: Facts, event: e.DateAgreed, at: datetime) -> Changes:
    return {"agreed": (*facts.agreed, Agreed(event.due_at, at))}


def plus_one(facts: Facts, event: e.PlusOne, _at: datetime) -> Changes:
    joined = {event.account_id} if event.account_id is not None else frozenset()
    return {"plus_ones": facts.plus_ones + 1, "joined": facts.joined | joined}


def colleagues_informed(_facts: Facts, _event: e.ColleaguesInformed, _at: datetime) -> Changes:
    return {"colleagues_informed": True}


def contested(facts: Facts, event: e.Contested, _at: datetime) -> Changes:
    contest = Contest(event.ft_time, event.ft_position, event.our_position)
    return {"contests": {**facts.contests, event.clock: contest}}


def contest_settled(facts: Facts, event: e.ContestSettled, _at: datetime) -> Changes:
    return {"contests": {clock: held for clock, held in facts.contests.items() if clock != event.clock}}


def reference_noted(facts: Facts, event: e.ReferenceNoted, _at: datetime) -> Changes:
    return {"references": (*facts.references, (event.label, event.reference))}


def integrators_shared(_facts: Facts, event: e.IntegratorsShared, _at: datetime) -> Changes:
    return {"integrators_shared": event.shared}


def identifier_set(_facts: Facts, event: e.IdentifierSet, _at: datetime) -> Changes:
    return {"identifier_present": event.present}


def under_way(facts: Facts) -> State:
    """Where a ticket that nothing has ended stands: with France Travail, unless it refused or is done with it."""
    if facts.refused_at is not None or facts.returned_at is not None:
        return State.IN_PROGRESS
    if facts.taken_up_at is not None or facts.found_by_ft:
        return State.TAKEN_UP
    return State.TRANSMITTED if facts.transmitted_at is not None else State.IN_PROGRESS


def ended(workaround: Workaround | None, at: datetime | None) -> Workaround | None:
    return replace(workaround, ended_at=at) if workaround is not None else None
