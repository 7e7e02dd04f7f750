"""What every tale needs: a source of chance, an agenda, words filled in, a cast, and the usual turns of a ticket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from app.accounts.policy import Role
from app.demo import phrases as p
from app.demo.moments import Agenda
from app.demo.situations import Situation
from app.demo.steps import Cast, Life
from app.demo.world import Person, Place
from app.tickets import events as e
from app.tickets.vocabulary import Conclusion, IncidentType, Kind, Scope, Severity

T = TypeVar("T")
HANDLERS = {
    Kind.ACCESS: Role.ACCOUNT_MANAGER,
    Kind.SECURITY: Role.SECURITY_OFFICER,
    Kind.DATA_SUBJECT_REQUEST: Role.DATA_PROTECTION_OFFICER,
}
# What turns around an API is reported by those who program or who watch the exchanges.
API_STRUCTURES = frozenset({"integration", "pilotage"})


@dataclass(frozen=True)
class Tale:
    """A life that is being told, with the situation it comes from and the words chosen for it."""

    life: Life
    situation: Situation
    words: dict[str, str]

    @property
    def on_screen(self) -> bool:
        return not self.life.filing.tools[0].startswith("api-")

    def say(self, text: str) -> str:
        """The text with the words of this tale in it; an hour is the same all along."""
        return text.format_map(self.words)


class Teller:
    """Draws; the same seed tells the same tales."""

    def __init__(self, rng: Random, agenda: Agenda) -> None:
        self.rng = rng
        self.agenda = agenda

    def pick(self, choices: Sequence[T]) -> T:
        return self.rng.choice(choices)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    # --- Opening ---------------------------------------------------------------------------------------

    def begin(
        self,
        place: Place,
        situation: Situation,
        at: datetime,
        *,
        tool: str | None = None,
        for_caller: bool = False,
        reporter: Person | None = None,
        handler: Person | None = None,
        typed: bool | None = None,
    ) -> Tale:
        """File a ticket about the situation. `typed`: whether the incident's type is said at once."""
        tool = tool or self.pick(situation.tools)
        handler = handler or self.pick(place.with_role(HANDLERS.get(situation.kind, Role.CORRESPONDENT)))
        reporter = reporter or self.pick(self._reporters(place, tool) or [handler])
        since = at - timedelta(minutes=self.rng.randint(3, 120))
        words = {
            "place": self.pick(situation.places),
            "number": str(self.rng.choice((2, 3, 4, 6, 8, 12, 15, 20, 30))),
            "hour": self._wall(since),
            "browser": self.pick(p.BROWSERS),
        }
        incident = situation.kind is Kind.INCIDENT
        known = incident and (
            typed if typed is not None else for_caller or situation.incident_type is IncidentType.AVAILABILITY
        )
        filing = e.Filed(
            kind=situation.kind,
            subject=self.pick(situation.subjects).format_map(words),
            text=self._account(situation, words),
            tools=(tool,),
            structure_id=place.structure_id(reporter),
            reporter_id=None if for_caller else reporter.account_id,
            caller=self.pick(p.CALLERS) if for_caller else "",
            incident_type=situation.incident_type if known else None,
            severity=situation.severity if known else None,
            scope=self._scope(situation) if incident else Scope.UNKNOWN,
            since=since if incident and self.chance(0.8) else None,
        )
        cast = Cast(place, reporter, handler)
        return Tale(Life(cast, filing, at, by=handler if for_caller else reporter), situation, words)

    def _reporters(self, place: Place, tool: str) -> list[Person]:
        users = place.users_of(tool)
        if tool.startswith("api-"):
            return [person for person in users if person.structure in API_STRUCTURES]
        return [person for person in users if person.structure not in API_STRUCTURES]

    def _account(self, situation: Situation, words: dict[str, str]) -> str:
        text = self.pick(situation.texts).format_map(words)
        if situation.message and self.chance(0.4):
            text += f"\n\nMessage affiché : « {situation.message} »"
        return text

    def _scope(self, situation: Situation) -> Scope:
        if situation.incident_type is IncidentType.AVAILABILITY:
            return self.pick((Scope.ALL, Scope.ALL, Scope.SEVERAL))
        return self.pick((Scope.ONE, Scope.SEVERAL, Scope.SEVERAL, Scope.UNKNOWN))

    def _wall(self, moment: datetime) -> str:
        wall = self.agenda.wall(moment)
        return f"{wall.hour} h {wall:%M}"

    # --- Usual turns -----------------------------------------------------------------------------------

    def from_ft(self, tale: Tale, moment: datetime, event: e.TicketEvent) -> None:
        """France Travail does something; the desk types it when it is there to see it."""
        life, noted = tale.life, self.agenda.noted(moment)
        life.then(noted, event, happened=None if noted == moment else moment)

    def diagnose(
        self, tale: Tale, at: datetime, conclusion: Conclusion, *, express: bool = False
    ) -> datetime:
        """The pré-diagnostic; returns its moment."""
        answers = self._express_answers(tale) if express else self._answers(tale, at)
        tale.life.then(at, e.Diagnosed(express=express, conclusion=conclusion, answers=answers))
        return at

    def classify(self, tale: Tale, at: datetime, *, reason: str = "") -> None:
        """Say the type of the incident, as the situation has it."""
        situation, filing = tale.situation, tale.life.filing
        assert situation.incident_type is not None
        severity = situation.severity
        if situation.incident_type is IncidentType.AVAILABILITY:
            severity = severity or Severity.INTERRUPTION
        tale.life.then(
            at,
            e.Classified(
                kind=situation.kind,
                tools=filing.tools,
                incident_type=situation.incident_type,
                severity=severity,
                scope=filing.scope,
                reason=reason,
            ),
        )

    def ask_user(self, tale: Tale, at: datetime) -> datetime:
        """A question to the reporter and their reply; returns the moment of the reply."""
        life = tale.life
        life.then(at, e.UserAsked(text=tale.say(tale.situation.asked)))
        replied = self.agenda.later(at, 8, 700)
        by = life.cast.reporter if life.filing.reporter_id else life.cast.handler
        life.then(replied, e.UserReplied(text=tale.say(tale.situation.replied)), by=by)
        return replied

    def verdict(self, tale: Tale, at: datetime, works: bool) -> None:
        """The reporter says whether it works, if there is one who can."""
        if tale.life.filing.reporter_id is not None:
            text = self.pick(p.WORKS) if works else p.BROKEN
            tale.life.then(at, e.UserVerdict(works=works, text=text), by=tale.life.cast.reporter)

    def close(self, tale: Tale, after: datetime) -> datetime:
        """Closed some working days later; returns when."""
        at = self.agenda.days_later(after, 0, 4)
        tale.life.then(at, e.Closed(text=self.pick(p.CLOSED)))
        return at

    def ft_reference(self) -> str:
        return f"FT-{self.rng.randint(100_000, 999_999)}"

    def _express_answers(self, tale: Tale) -> dict[str, str]:
        filing = tale.life.filing
        answers = {
            "what": filing.subject,
            "users": filing.scope.value,
            "evidence": "Essai fait au poste du correspondant, même erreur.",
        }
        return answers | ({"since": filing.since.isoformat()} if filing.since else {})

    def _answers(self, tale: Tale, at: datetime) -> dict[str, str]:
        situation = tale.situation
        answers = {
            "reproduced": self.pick(("yes", "yes", "sometimes", "no")),
            "users": tale.life.filing.scope.value,
            "network": self.pick(("fine", "fine", "unchecked")),
            "tests": self.pick(
                (
                    "Essai refait par le correspondant avec un compte de test.",
                    "Essai sur deux postes de services différents.",
                )
            ),
        }
        if tale.on_screen:
            answers |= {
                "browser": tale.words["browser"],
                "other_browser": "yes",
                "other_computer": self.pick(("yes", "unchecked")),
                "account": "fine",
                "entitlement": self.pick(("fine", "fine", "unchecked")),
            }
            if situation.message:
                answers["message"] = situation.message
        elif situation.call is not None:
            call = situation.call
            answers |= {
                "environment": "production",
                "endpoint": call.endpoint,
                "version": call.version,
                "called_at": (at - timedelta(minutes=self.rng.randint(4, 40))).isoformat(),
                "http_status": call.status,
                "return_code": call.code,
                "request_id": f"req-{self.rng.getrandbits(40):010x}",
                "rate_headers": call.rate_headers,
                "api_access": "fine",
                "other_apis": "yes",
            }
        return {key: answer for key, answer in answers.items() if answer}
