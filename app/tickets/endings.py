"""What each event changes in the facts, from the workaround to the closure, and back again. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from app.tickets import events as e
from app.tickets.changes import Changes, ended, under_way
from app.tickets.facts import Facts, Return, Workaround
from app.tickets.vocabulary import Kind, State, WorkaroundScope


def workaround_given(facts: Facts, event: e.WorkaroundGiven, at: datetime) -> Changes:
    given = Workaround(event.scope, event.text, event.article, event.article_title, at)
    if facts.returned_at is not None:
        # The service holds already: only the way to do it changes.
        return {"workaround": given}
    if event.scope is WorkaroundScope.PARTIAL:
        return {**workaround_withdrawn(facts, event, at), "workaround": given}
    return {"workaround": given, "repair_pending": True, **come_back(facts, at, "workaround")}


def workaround_withdrawn(facts: Facts, _event: e.TicketEvent, _at: datetime) -> Changes:
    """What a total workaround had brought back has not come back; what others said stays to be tested."""
    others = tuple(item for item in facts.returns if item.by != "workaround")
    if len(others) == len(facts.returns):
        return {"workaround": None}
    if others:
        return {"workaround": None, "repair_pending": False, "returns": others}
    return {**without_return(facts), "workaround": None}


def repair_done(facts: Facts, _event: e.RepairDone, at: datetime) -> Changes:
    return {"repair_pending": False, "workaround": ended(facts.workaround, at)}


def refusal_accepted(facts: Facts, _event: e.RefusalAccepted, at: datetime) -> Changes:
    return {**without_return(facts), "refusal_accepted_at": at}


def return_announced(facts: Facts, _event: e.ReturnAnnounced, at: datetime) -> Changes:
    if facts.returned_at is not None:
        # Found after the confirmation: the clock stopped at the earlier of both.
        found = (*facts.returns, Return(at, "france-travail"))
        return {"returns": found, "returned_at": min(facts.returned_at, at)}
    return come_back(facts, at, "france-travail")


def return_observed(facts: Facts, _event: e.ReturnObserved, at: datetime) -> Changes:
    return come_back(facts, at, "partner")


def ft_closed(facts: Facts, _event: e.FtClosed, at: datetime) -> Changes:
    # A ticket is never closed by France Travail alone: its closing asks for the partner's test.
    to_test = facts.kind is Kind.INCIDENT and facts.returned_at is None
    return come_back(facts, at, "france-travail") if to_test else {}


def come_back(facts: Facts, at: datetime, by: str) -> Changes:
    return {"state": State.RESTORED, "returns": (*facts.returns, Return(at, by))}


def return_confirmed(facts: Facts, _event: e.ReturnConfirmed, at: datetime) -> Changes:
    # The clock stopped at the earlier of the announced and the observed times, not at the test.
    confirmed: Changes = {"state": State.RESOLVED, "returned_at": facts.pending_return, "resolved_at": at}
    # What holds by a total workaround goes on needing it until the definitive repair.
    return confirmed if facts.repair_pending else {**confirmed, "workaround": ended(facts.workaround, at)}


def return_refused(facts: Facts, _event: e.ReturnRefused, at: datetime) -> Changes:
    return {**without_return(facts), "return_refused_at": at}


def without_return(facts: Facts) -> Changes:
    """The clock never stopped: back to where the ticket was before its return."""
    withdrawn = replace(facts, returns=(), returned_at=None)
    failed = any(item.by == "workaround" for item in facts.returns)
    lost = failed and facts.workaround is not None and facts.workaround.is_total
    return {
        "state": under_way(withdrawn),
        "returns": (),
        "returned_at": None,
        "resolved_at": None,
        "workaround": None if lost else ended(facts.workaround, None),
        "repair_pending": False if failed else facts.repair_pending,
        "user_verdict": None,
    }


def closed(_facts: Facts, _event: e.Closed, at: datetime) -> Changes:
    return {"state": State.CLOSED, "closed_at": at, "identifier_present": False}


def cancelled(_facts: Facts, _event: e.Cancelled, at: datetime) -> Changes:
    return {"state": State.CANCELLED, "cancelled_at": at, "identifier_present": False}


def reopened(facts: Facts, event: e.Reopened, _at: datetime) -> Changes:
    opened: Changes = {"closed_at": None, "cancelled_at": None, "resolved_at": None}
    opened |= {"resolved_locally_at": None, "user_verdict": None}
    if facts.returned_at is not None and event.return_stands:
        return {**opened, "state": State.IN_PROGRESS}
    return {**opened, **without_return(facts)}
