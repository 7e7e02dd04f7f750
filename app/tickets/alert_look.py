"""One look at the clocks of a partner: its tickets held, who works on them, who is away. Reads and locks only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from app.deadlines.models import Alert, Deadline
from app.deadlines.thresholds import DUE
from app.kernel.clock import to_minute
from app.partners.opening import ClosedDays
from app.tickets.alert_mails import Reached
from app.tickets.alert_queries import away_on, crews_of, hold, running_clocks
from app.tickets.alert_rules import Crew, recipients
from app.tickets.models import Ticket


@dataclass(frozen=True)
class Look:
    """What is so at `now`, and stays so until the end of the transaction."""

    partner_id: int
    now: datetime
    days: ClosedDays
    tickets: Mapping[int, Ticket]
    clocks: Mapping[tuple[int, str, str], Deadline]

    @cached_property
    def crews(self) -> Mapping[int, Crew]:
        return crews_of(self.partner_id, self.tickets.values())

    @cached_property
    def away(self) -> Mapping[int, int | None]:
        return away_on(self.partner_id, self.now.astimezone(ZoneInfo(self.days.zone)).date())

    def holds(self, alert: Alert) -> bool:
        """Whether its ticket is held; another transaction acts on it otherwise, and the next sweep will see."""
        return alert.subject_id in self.tickets

    def reached(self, alert: Alert) -> Reached | None:
        """What a held alert says, as long as it is so: its clock runs, and is late if it says so."""
        clock = self.clocks.get((alert.subject_id, alert.clock, alert.applies_to))
        if clock is None or clock.due_at is None:
            return None
        late = self.is_late(clock.due_at)
        if alert.threshold == DUE and not late:
            return None
        return Reached(self.tickets[alert.subject_id], clock, clock.due_at, DUE if late else alert.threshold)

    def is_late(self, due_at: datetime) -> bool:
        """The due minute itself is in time."""
        return to_minute(self.now) > due_at

    def whom(self, reached: Reached, threshold: int) -> frozenset[int]:
        """Who is to be told that this clock reached `threshold`."""
        return recipients(threshold, self.crews[reached.ticket.id], self.away)


def look_at(partner_id: int, ticket_ids: Collection[int], days: ClosedDays, now: datetime) -> Look:
    """Hold those of these tickets that nobody is acting on."""
    tickets = hold(ticket_ids)
    return Look(partner_id, now, days, tickets, running_clocks(tickets))


def furthest(reached: Iterable[Reached]) -> list[Reached]:
    """Each clock once, with the furthest threshold it reached."""
    found: dict[int, Reached] = {}
    for item in reached:
        former = found.get(item.clock.id)
        known = [one.threshold for one in (item, former) if one is not None and one.threshold is not None]
        found[item.clock.id] = replace(item, threshold=max(known, default=None))
    return list(found.values())
