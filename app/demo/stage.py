"""Where the stories told by hand take place: a teller, two partners, a start and an end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.demo import phrases as p
from app.demo.applications import APPLICATION_INCIDENTS
from app.demo.availability import AVAILABILITY_INCIDENTS
from app.demo.moments import Agenda
from app.demo.situations import Situation
from app.demo.steps import Transmit
from app.demo.teller import Tale, Teller
from app.demo.world import Place, World
from app.tickets import events as e
from app.tickets.vocabulary import Conclusion, IncidentType

APPLICATION, AVAILABILITY = IncidentType.APPLICATION, IncidentType.AVAILABILITY
SUPPORT = "Support SI plateforme de France Travail"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Stage:
    """Where the stories are told, and how to begin them."""

    teller: Teller
    world: World
    start: datetime
    until: datetime

    @property
    def agenda(self) -> Agenda:
        return self.teller.agenda

    def past(self, fraction: float) -> datetime:
        """A working moment at that fraction of the time told: 0 is the start, 1 is now."""
        return self.agenda.at_work(self.start + (self.until - self.start) * fraction)

    def on(self, at: datetime, days: int) -> datetime:
        """Some working days later, at the same hour."""
        return self.agenda.same_hour(at, days)

    def ago(self, days: int) -> datetime:
        """An afternoon some days before now, or on the working day before; later for fewer days."""
        return self.agenda.afternoon(self.until - days * DAY, days)

    def incident(
        self, tool: str, incident_type: IncidentType, at: datetime, *, place: Place | None = None
    ) -> Tale:
        """An incident of that tool and type, filed by the desk for a caller when nothing else is said."""
        family = APPLICATION_INCIDENTS if incident_type is APPLICATION else AVAILABILITY_INCIDENTS
        situation = next(one for one in family if tool in one.tools)
        return self.teller.begin(place or self.world.nord, situation, at, tool=tool, typed=True)

    def request(self, situation: Situation, at: datetime, *, place: Place | None = None) -> Tale:
        return self.teller.begin(place or self.world.nord, situation, at)

    def sent(self, tale: Tale, at: datetime, *, happened: datetime | None = None) -> None:
        """Taken, diagnosed and transmitted, the last at `at`."""
        before = max(tale.life.last_at, (happened or at) - 5 * MINUTE)
        tale.life.taken(before)
        express = tale.situation.incident_type is AVAILABILITY
        self.teller.diagnose(tale, before, Conclusion.FRANCE_TRAVAIL, express=express)
        tale.life.then(at, Transmit(self.teller.ft_reference()), happened=happened)

    def confirmed(self, tale: Tale, at: datetime) -> None:
        """Tested, then closed the day after."""
        tale.life.then(at, e.ReturnConfirmed(text=self.teller.pick(p.CONFIRMED)))
        tale.life.then(self.agenda.noted(at + DAY), e.Closed(text=p.CLOSED[0]))
