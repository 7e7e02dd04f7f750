"""Folding events into facts, in their order of recording.

State follows the order of recording; durations use the effective time of each event, corrections applied.
`fold` trusts its events: the guards that let them in are in `rules.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.tickets import changes, endings, groups
from app.tickets import events as e
from app.tickets.changes import Changes
from app.tickets.corrections import effective, in_force
from app.tickets.facts import Facts
from app.tickets.groups import standing
from app.tickets.vocabulary import Kind, State


def fold(records: Sequence[e.Recorded]) -> Facts:
    """The facts after `records`, the first of which is the filing. Raises ValueError on an empty list."""
    facts: Facts | None = None
    for record in standing(effective(records)):
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
        change = _CHANGES[type(record.event)]
        changed = replace(facts, **change(facts, record.event, record.occurred_at))
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


_CHANGES: dict[type[e.TicketEvent], Callable[[Facts, Any, datetime], Changes]] = {
    e.Taken: changes.taken,
    e.Assigned: changes.assigned,
    e.Commented: changes.nothing,
    e.UserAsked: changes.user_asked,
    e.UserReplied: changes.user_replied,
    e.UserVerdict: changes.user_verdict,
    e.Answered: changes.answered,
    e.Diagnosed: changes.diagnosed,
    e.Classified: changes.classified,
    e.StartCorrected: changes.start_corrected,
    e.SeverityChanged: changes.severity_changed,
    e.ConventionChosen: changes.convention_chosen,
    e.Transmitted: changes.transmitted,
    e.ReceiptReceived: changes.receipt_received,
    e.TakenUp: changes.taken_up,
    e.FtAsked: changes.ft_asked,
    e.FtAnswered: changes.ft_answered,
    e.FtRefused: changes.ft_refused,
    e.RefusalAccepted: endings.refusal_accepted,
    e.FtEscalated: changes.nothing,
    e.CauseGiven: changes.cause_given,
    e.ForecastGiven: changes.forecast_given,
    e.FtClosed: endings.ft_closed,
    e.FtInformed: changes.ft_informed,
    e.Relanced: changes.relanced,
    e.DateAgreed: changes.date_agreed,
    e.WorkaroundGiven: endings.workaround_given,
    e.WorkaroundWithdrawn: endings.workaround_withdrawn,
    e.RepairDone: endings.repair_done,
    e.ReturnAnnounced: endings.return_announced,
    e.ReturnObserved: endings.return_observed,
    e.ReturnConfirmed: endings.return_confirmed,
    e.ReturnRefused: endings.return_refused,
    e.Closed: endings.closed,
    e.Cancelled: endings.cancelled,
    e.Reopened: endings.reopened,
    e.DuplicateMarked: groups.duplicate_marked,
    e.Detached: groups.detached,
    e.Relayed: changes.nothing,
    e.ReportGrouped: groups.report_grouped,
    # `groups.standing` leaves out the report itself.
    e.ReportDetached: changes.nothing,
    e.PlusOne: changes.plus_one,
    e.ColleaguesInformed: changes.colleagues_informed,
    e.Contested: changes.contested,
    e.ContestSettled: changes.contest_settled,
    e.FileAttached: changes.nothing,
    e.ReferenceNoted: changes.reference_noted,
    e.IntegratorsShared: changes.integrators_shared,
    e.IdentifierSet: changes.identifier_set,
}
assert set(_CHANGES) == set(e.EVENT_TYPES.values()) - {e.Filed, e.Corrected}, "each event has its change"
