"""One incident, several reports: how tickets are joined, and what a report brings to the main one. Pure.

The earliest transmission of the group rules, with one set of clocks: those of the main ticket (domain.md, « Events
and clocks »). Each side is folded from its own events: the main one holds what each report brought.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from app.kernel.errors import Impossible, InvalidInput
from app.tickets import events as e
from app.tickets.changes import Changes, begun, under_way
from app.tickets.clocks import request_received_at
from app.tickets.facts import Facts
from app.tickets.vocabulary import BEFORE_FT, WITH_FT, IncidentType, Kind, Origin, State

# --- What may be grouped ---------------------------------------------------------------------------------


def check_grouping(report: Facts, main: Facts) -> None:
    """Raise InvalidInput, on the field `of`, or Impossible when `report` cannot be followed under `main`."""
    if main.duplicate_of:
        raise InvalidInput(
            f"Cette sollicitation est elle-même regroupée sous {main.duplicate_of}\u00a0: choisissez celle-ci.",
            field="of",
        )
    if main.state is State.CANCELLED:
        raise InvalidInput("Une sollicitation annulée ne peut pas en suivre d’autres.", field="of")
    if report.restricted is not main.restricted:
        raise InvalidInput(
            "Un cas d’accès restreint ne se regroupe pas avec une sollicitation ordinaire.", field="of"
        )
    if report.kind is Kind.INCIDENT and main.kind is not Kind.INCIDENT:
        raise InvalidInput("Un incident ne se regroupe que sous un incident.", field="of")
    _check_person_request(report, main)
    if report.reports:
        raise Impossible(
            "D’autres sollicitations sont regroupées sous celle-ci\u00a0: elle reste principale."
        )


def _check_person_request(report: Facts, main: Facts) -> None:
    """The month owed to a person runs from the first request: it is not shortened, nor lengthened."""
    request = Kind.DATA_SUBJECT_REQUEST
    if (report.kind is request) is not (main.kind is request):
        raise InvalidInput(
            "Une demande d’une personne concernée ne se regroupe qu’avec une autre.", field="of"
        )
    if main.kind is request and request_received_at(report) < request_received_at(main):
        raise InvalidInput(
            "Regroupez la demande la plus récente sous la plus ancienne\u00a0: son délai est celui qui court.",
            field="of",
        )


def report_of(reference: str, facts: Facts) -> e.ReportGrouped:
    """What the ticket brings to the main one. A transmission whose refusal was accepted has left France Travail."""
    if facts.refusal_accepted_at is not None:
        return e.ReportGrouped(
            reference=reference,
            since=facts.since,
            plus_ones=facts.plus_ones,
            joined=tuple(sorted(facts.joined)),
        )
    return e.ReportGrouped(
        reference=reference,
        since=facts.since,
        transmitted_at=facts.transmitted_at,
        type_as_transmitted=facts.type_as_transmitted,
        receipt_is_take_up=facts.receipt_is_take_up,
        receipt_at=facts.receipt_at,
        taken_up_at=facts.taken_up_at,
        detected_at=facts.detected_at,
        informed_at=facts.informed_at,
        ft_reference=facts.ft_reference,
        plus_ones=facts.plus_ones,
        joined=tuple(sorted(facts.joined)),
    )


# --- Folding ---------------------------------------------------------------------------------------------


def standing(records: Sequence[e.Recorded]) -> list[e.Recorded]:
    """The events as the group stands: each report once, where it first came, as it was last told.

    What was detached since has brought nothing. `records` are those in force, corrections applied.
    """
    kept: list[e.Recorded | None] = []
    places: dict[str, int] = {}
    for record in records:
        event = record.event
        if isinstance(event, e.ReportGrouped):
            place = places.setdefault(event.reference, len(kept))
            former = kept[place] if place < len(kept) else None
            if former is not None:
                kept[place] = replace(former, event=event)
                continue
        elif isinstance(event, e.ReportDetached) and event.reference in places:
            kept[places.pop(event.reference)] = None
        kept.append(record)
    return [record for record in kept if record is not None]


def duplicate_marked(facts: Facts, event: e.DuplicateMarked, at: datetime) -> Changes:
    return {
        "state": State.CANCELLED,
        "state_before_group": facts.state,
        "cancelled_at": at,
        "duplicate_of": event.of,
        "identifier_present": False,
    }


def detached(facts: Facts, _event: e.Detached, _at: datetime) -> Changes:
    """Back to where its own events had left it."""
    assert facts.state_before_group is not None, "only what was grouped is detached"
    return {
        "state": facts.state_before_group,
        "state_before_group": None,
        "cancelled_at": None,
        "duplicate_of": "",
    }


def report_grouped(facts: Facts, event: e.ReportGrouped, _at: datetime) -> Changes:
    """One more report; what France Travail knows by it counts as known of the main ticket."""
    counted: Changes = {"reports": {**facts.reports, event.reference: event}}
    if event.transmitted_at is None and event.informed_at is None:
        return counted
    with_ft = facts
    if facts.refusal_accepted_at is not None:
        if event.transmitted_at is None or event.transmitted_at < facts.refusal_accepted_at:
            return counted
        with_ft = _not_yet_transmitted(facts)
    known = _known_to_ft(with_ft, event)
    if facts.since is not None and event.transmitted_at is not None and event.transmitted_at < facts.since:
        # What was transmitted had begun: the start follows the report that saw it first.
        known |= begun(facts, earliest(event.since, event.transmitted_at) or facts.since)
    if facts.state in BEFORE_FT | WITH_FT:
        known["state"] = under_way(replace(with_ft, **known))
    return counted | known


def _not_yet_transmitted(facts: Facts) -> Facts:
    """As after an accepted refusal: what is transmitted next begins anew."""
    return replace(
        facts,
        transmitted_at=None,
        type_as_transmitted=None,
        sent_as_availability_at=None,
        receipt_at=None,
        taken_up_at=None,
        refused_at=None,
        refusal_accepted_at=None,
        agreed=(),
    )


def _known_to_ft(facts: Facts, event: e.ReportGrouped) -> Changes:
    sent_as_availability = event.type_as_transmitted is IncidentType.AVAILABILITY
    informed_at = earliest(facts.informed_at, event.informed_at)
    detected_at = earliest(facts.detected_at, event.detected_at)
    if detected_at is not None and informed_at is not None and detected_at > informed_at:
        detected_at = None  # the partner had been told before the hour that is known
    type_as_transmitted = facts.type_as_transmitted or event.type_as_transmitted
    return {
        "transmitted_at": earliest(facts.transmitted_at, event.transmitted_at),
        "type_as_transmitted": IncidentType.AVAILABILITY if sent_as_availability else type_as_transmitted,
        "sent_as_availability_at": earliest(
            facts.sent_as_availability_at, event.transmitted_at if sent_as_availability else None
        ),
        "receipt_is_take_up": facts.receipt_is_take_up
        if facts.transmitted_at is not None
        else event.receipt_is_take_up,
        "receipt_at": earliest(facts.receipt_at, event.receipt_at),
        "taken_up_at": earliest(facts.taken_up_at, event.taken_up_at),
        "refused_at": facts.refused_at,
        "refusal_accepted_at": facts.refusal_accepted_at,
        "agreed": facts.agreed,
        "informed_at": informed_at,
        "detected_at": detected_at,
        "origin": Origin.FRANCE_TRAVAIL if informed_at is not None else facts.origin,
        "ft_reference": facts.ft_reference or event.ft_reference,
    }


def earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)
