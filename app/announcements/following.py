"""What an announcement takes over from the ticket it was made from. Pure.

The announcement repeats the steps that matter to those concerned, ends with the incident and is reopened with it.
Nothing typed in the ticket is repeated but a workaround, which is written to be sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from app.announcements import events as e
from app.announcements.rules import Facts, news_of
from app.announcements.vocabulary import Milestone, State
from app.tickets import events as t
from app.tickets.corrections import effective
from app.tickets.facts import Facts as TicketFacts
from app.tickets.fold import apply, fold
from app.tickets.vocabulary import ENDED, Kind, Severity, WorkaroundScope
from app.tickets.vocabulary import State as TicketState


def is_over(ticket: TicketFacts) -> bool:
    """Whether the incident is over for those it hit: a workaround is still needed until the repair.

    What turns out to be no incident is over too.
    """
    if ticket.kind is not Kind.INCIDENT:
        return True
    resolved = ticket.state is TicketState.RESOLVED and not ticket.repair_pending
    return ticket.state in ENDED or resolved


def milestones(records: Sequence[t.Recorded]) -> list[tuple[t.Recorded, e.NewsAdded]]:
    """The lines that the ticket's events give, as they are read after corrections, with the event of each."""
    found = []
    before: TicketFacts | None = None
    for record in effective(records):
        after = apply(before, record)
        if before is not None and (line := _line(record, before, after)) is not None:
            found.append((record, line))
        before = after
    return found


def following(
    announcement: Facts, records: Sequence[t.Recorded]
) -> Iterator[tuple[t.Recorded, e.AnnouncementEvent]]:
    """What the last event of the ticket makes happen to its announcement, each with the event it repeats.

    Nothing happens to one that is withdrawn or still a draft.
    """
    if announcement.state not in (State.PUBLISHED, State.ENDED):
        return
    last, before, after = records[-1], fold(records[:-1]), fold(records)
    if after.restricted:
        # Not a word more about what has become a matter of security.
        yield last, e.Withdrawn()
        return
    if isinstance(last.event, t.DuplicateMarked):
        return  # it now follows another ticket, or another announcement tells of it (`reactors.py`)
    if last.corrects is not None:
        yield from _corrections(announcement, records)
    live = announcement.state is State.PUBLISHED
    if is_over(after):
        if live and not is_over(before):
            yield (
                last,
                e.Ended(restored=after.state is not TicketState.CANCELLED and after.kind is Kind.INCIDENT),
            )
    elif is_over(before) and not live:
        yield last, e.Reopened()
    elif live:
        if after.tools != before.tools and announcement.content.tools == before.tools and after.tools:
            yield last, e.Edited(**{**_values(announcement.content), "tools": after.tools})
        if (line := _line(last, before, after)) is not None:
            yield last, line


def _corrections(
    announcement: Facts, records: Sequence[t.Recorded]
) -> Iterator[tuple[t.Recorded, e.AnnouncementEvent]]:
    """The lines that a correction of the ticket moves or takes away."""
    last = records[-1]
    assert last.corrects is not None
    now_read = {record.sequence: record for record in effective(records)}
    for line in news_of(announcement, last.corrects):
        corrected = now_read.get(last.corrects)
        if corrected is None:
            yield last, e.NewsCorrected(sequence=line.sequence)
        elif corrected.occurred_at != line.at:
            yield last, e.NewsCorrected(sequence=line.sequence, at=corrected.occurred_at)


def _line(record: t.Recorded, before: TicketFacts, after: TicketFacts) -> e.NewsAdded | None:
    say = _LINES.get(type(record.event))
    if isinstance(record.event, t.ReceiptReceived) and after.taken_up_at != before.taken_up_at:
        # On some channels the receipt is the take-up (pas-de-calais-2024, annexe 2, §5).
        say = _LINES[t.TakenUp]
    if isinstance(record.event, t.ReturnConfirmed) and after.repair_pending:
        say = _step(Milestone.HELD)
    if isinstance(record.event, t.Classified) and after.severity not in (None, before.severity):
        say = _severity
    values = say(record.event) if say is not None else None
    return e.NewsAdded(ticket_sequence=record.sequence, **values) if values is not None else None


Values = dict[str, Any]


def _values(content: e.Content) -> Values:
    return {item.name: getattr(content, item.name) for item in fields(e.Content)}


def _step(milestone: Milestone) -> Callable[[Any], Values | None]:
    return lambda _event: {"milestone": milestone}


def _severity(event: t.SeverityChanged | t.Classified) -> Values | None:
    worse = event.severity is Severity.INTERRUPTION
    return {"milestone": Milestone.INTERRUPTED if worse else Milestone.DEGRADED}


def _forecast(event: t.ForecastGiven) -> Values | None:
    if event.expected_at is None:
        return None
    return {"milestone": Milestone.FORECAST, "expected_at": event.expected_at}


def _workaround(event: t.WorkaroundGiven) -> Values | None:
    total = event.scope is WorkaroundScope.TOTAL
    milestone = Milestone.TOTAL_WORKAROUND if total else Milestone.PARTIAL_WORKAROUND
    return {
        "milestone": milestone,
        "text": event.text,
        "article": event.article,
        "article_title": event.article_title,
    }


_LINES: Mapping[type[t.TicketEvent], Callable[[Any], Values | None]] = {
    t.Transmitted: _step(Milestone.TRANSMITTED),
    t.FtInformed: _step(Milestone.FOUND_BY_FT),
    t.TakenUp: _step(Milestone.TAKEN_UP),
    t.SeverityChanged: _severity,
    t.ForecastGiven: _forecast,
    t.WorkaroundGiven: _workaround,
    t.WorkaroundWithdrawn: _step(Milestone.WORKAROUND_WITHDRAWN),
    t.ReturnAnnounced: _step(Milestone.RESTORED),
    t.ReturnObserved: _step(Milestone.RESTORED),
    t.FtClosed: _step(Milestone.RESTORED),
    t.ReturnRefused: _step(Milestone.NOT_RESTORED),
}
