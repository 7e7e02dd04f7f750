"""Ordinary tickets: each is drawn from a situation, then led to its end by a few turns of chance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from app.accounts.policy import Role
from app.demo import phrases as p
from app.demo.applications import APPLICATION_INCIDENTS
from app.demo.availability import AVAILABILITY_INCIDENTS
from app.demo.papers import capture, extract
from app.demo.requests import ACCESS, EVOLUTIONS, PERSON_REQUESTS, QUESTIONS, SECURITY
from app.demo.situations import Situation
from app.demo.steps import Attach, Identify, Life, MarkDuplicate, Mend, Transmit
from app.demo.teller import Tale, Teller
from app.demo.world import EMPLOYERS, Place
from app.tickets import events as e
from app.tickets.vocabulary import Conclusion, IncidentType, Kind, Severity, WorkaroundScope

# How many of a hundred tickets each family brings.
FAMILIES: tuple[tuple[tuple[Situation, ...], int], ...] = (
    (QUESTIONS, 21), (ACCESS, 20), (APPLICATION_INCIDENTS, 33), (AVAILABILITY_INCIDENTS, 17),
    (EVOLUTIONS, 5), (PERSON_REQUESTS, 2), (SECURITY, 2),
)  # fmt: skip
HOUR = timedelta(hours=1)
DUPLICATE_WITHIN = timedelta(days=2)
AGREED_SHARE, REFUSED_SHARE, DUPLICATE_SHARE = 0.18, 0.08, 0.25


class Narrator:
    """Tells the ordinary tickets of one place. Each new one may be a duplicate of a recent one."""

    def __init__(self, teller: Teller, place: Place) -> None:
        self.teller = teller
        self.place = place
        self._tools = frozenset(tool for person in place.people for tool in person.tools)
        self._recent: list[Life] = []

    def tell(self, at: datetime) -> Life:
        """A ticket filed at that moment, and all that comes of it."""
        teller = self.teller
        situation = self._situation()
        tool = teller.pick([tool for tool in situation.tools if tool in self._tools])
        for_caller = situation.kind in (Kind.INCIDENT, Kind.QUESTION) and teller.chance(0.22)
        tale = teller.begin(self.place, situation, at, tool=tool, for_caller=for_caller)
        self._attach(tale)
        if situation.kind is Kind.INCIDENT and self._is_duplicate(tale):
            return tale.life
        if teller.chance(0.02) and situation.kind is not Kind.SECURITY:
            self._cancel(tale)
        else:
            _ROUTES[situation.kind](self, tale)
        if situation.incident_type is IncidentType.AVAILABILITY:
            self._recent.append(tale.life)
        return tale.life

    def _situation(self) -> Situation:
        families = [(family, share) for family, share in FAMILIES if self._usable(family)]
        family = self.teller.rng.choices([one for one, _ in families], [share for _, share in families])[0]
        usable = self._usable(family)
        return self.teller.rng.choices(usable, [situation.weight for situation in usable])[0]

    def _usable(self, family: tuple[Situation, ...]) -> list[Situation]:
        return [situation for situation in family if self._tools.intersection(situation.tools)]

    # --- Requests --------------------------------------------------------------------------------------

    def _request(self, tale: Tale) -> None:
        """A question, an access, a person's request, a security case: answered at home."""
        teller, life = self.teller, tale.life
        at = teller.agenda.later(life.filed_at, 4, 260)
        life.taken(at)
        if tale.situation.kind is Kind.QUESTION and teller.chance(0.2):
            at = teller.ask_user(tale, teller.agenda.later(at, 3, 60))
        if tale.situation.notes and teller.chance(0.7):
            at = teller.agenda.later(at, 2, 60)
            life.then(at, e.Commented(text=teller.pick(tale.situation.notes), internal=True))
        slow = tale.situation.kind in (Kind.DATA_SUBJECT_REQUEST, Kind.SECURITY)
        at = teller.agenda.days_later(at, 3, 24) if slow else teller.agenda.later(at, 5, 480)
        self._answer(tale, at)

    def _answer(self, tale: Tale, at: datetime) -> None:
        """Answered; sometimes thanked for, sometimes not enough."""
        teller, life = self.teller, tale.life
        life.then(at, e.Answered(text=tale.say(teller.pick(tale.situation.answers))))
        restricted = tale.situation.kind is Kind.SECURITY
        if not restricted and teller.chance(0.12) and life.filing.reporter_id is not None:
            text = teller.pick(p.THANKS)
            life.then(teller.agenda.later(at, 10, 300), e.Commented(text=text), by=life.cast.reporter)
        at = teller.close(tale, life.last_at)
        if teller.chance(0.04):
            at = teller.agenda.days_later(at, 1, 5)
            life.then(at, e.Reopened(reason=teller.pick(p.REOPENED)))
            again = teller.agenda.later(at, 30, 600)
            life.then(again, e.Answered(text=tale.say(teller.pick(tale.situation.answers))))
            teller.close(tale, again)

    def _evolution(self, tale: Tale) -> None:
        """Sent to France Travail, which answers in its own time, without clock."""
        teller, life = self.teller, tale.life
        at = teller.agenda.days_later(life.filed_at, 0, 3)
        life.taken(at)
        sent = teller.agenda.later(at, 10, 300)
        life.then(sent, Transmit(teller.ft_reference()))
        teller.from_ft(tale, teller.agenda.soon(sent, 1, 30), e.ReceiptReceived(text=teller.pick(p.RECEIPT)))
        at = teller.agenda.days_later(sent, 8, 45)
        if teller.chance(0.25):
            teller.from_ft(tale, at, e.FtRefused(text=teller.pick(p.REFUSED)))
            life.then(teller.agenda.later(life.last_at, 10, 300), e.RefusalAccepted())
        self._answer(tale, teller.agenda.days_later(life.last_at, 6, 30))

    # --- Incidents -------------------------------------------------------------------------------------

    def _incident(self, tale: Tale) -> None:
        teller, life = self.teller, tale.life
        urgent = tale.situation.incident_type is IncidentType.AVAILABILITY
        at = (
            teller.agenda.soon(teller.agenda.noted(life.filed_at), 1, 25)
            if urgent
            else teller.agenda.later(life.filed_at, 5, 240)
        )
        life.taken(at)
        if urgent and teller.chance(0.08):
            self._found_by_ft(tale, at)
            return
        if not urgent and teller.chance(0.3):
            at = teller.ask_user(tale, teller.agenda.later(at, 3, 60))
        if teller.chance(tale.situation.solved_locally):
            conclusion = teller.pick((Conclusion.LOCAL, Conclusion.ACCESS))
            at = teller.diagnose(tale, teller.agenda.later(at, 4, 90), conclusion)
            self._answer(tale, teller.agenda.later(at, 5, 300))
            return
        sent = self._transmit(tale, at, urgent)
        if urgent:
            self._interruption(tale, sent)
        else:
            self._fault(tale, sent)

    def _transmit(self, tale: Tale, at: datetime, urgent: bool) -> datetime:
        """Diagnosed, classified, sent; the diagnosis is sometimes typed after. Returns when it was sent."""
        teller, life = self.teller, tale.life
        late = urgent and teller.chance(0.25)
        if not late:
            at = teller.agenda.soon(at, 1, 9) if urgent else teller.agenda.later(at, 5, 120)
            teller.diagnose(tale, at, Conclusion.FRANCE_TRAVAIL, express=urgent)
        if life.filing.incident_type is None:
            teller.classify(tale, at)
        if EMPLOYERS in self.place.conventions and life.filing.tools[0] == "campagnes-coordonnees":
            self._choose_convention(tale, at)
        sent = teller.agenda.soon(at, 2, 12)
        typed = teller.agenda.soon(sent, 0, 12) if teller.chance(0.3) else sent
        life.then(typed, Transmit(teller.ft_reference() if teller.chance(0.3) else ""), happened=sent)
        if late:
            teller.diagnose(tale, teller.agenda.soon(typed, 10, 90), Conclusion.FRANCE_TRAVAIL, express=True)
        return sent

    def _choose_convention(self, tale: Tale, at: datetime) -> None:
        if self.teller.chance(0.12):
            chosen = self.place.conventions["nord-2025"]
            reason = "Suivi au titre de la convention générale, à la demande du comité."
            tale.life.then(at, e.ConventionChosen(convention_id=chosen, reason=reason))

    def _interruption(self, tale: Tale, sent: datetime) -> None:
        teller, life = self.teller, tale.life
        for _ in range(teller.pick((0, 0, 1, 2, 3, 5))):
            at = teller.agenda.soon(sent, 1, 80)
            life.then(max(at, life.last_at), e.PlusOne(caller=teller.pick(p.CALLERS)))
        taken_up = (
            teller.agenda.soon(sent, 2, 18) if teller.chance(0.78) else teller.agenda.soon(sent, 19, 150)
        )
        if taken_up - sent > timedelta(minutes=25) and teller.chance(0.7):
            contact, text = "Support SI plateforme de France Travail", p.RELANCE[0]
            life.then(teller.agenda.soon(sent, 18, 24), e.Relanced(contact=contact, text=text))
        self._take_up(tale, taken_up)
        if teller.chance(0.5):
            at = teller.agenda.soon(life.last_at, 2, 30)
            life.then(at, e.ColleaguesInformed(text=teller.pick(p.COLLEAGUES)))
        at = taken_up + timedelta(minutes=teller.rng.randint(10, 90))
        if teller.chance(0.6):
            teller.from_ft(tale, at, e.CauseGiven(text=teller.pick(tale.situation.causes)))
        back = teller.agenda.soon(at, 15, 420) if teller.chance(0.84) else teller.agenda.soon(at, 900, 4300)
        if tale.situation.severity is Severity.INTERRUPTION and back - at > HOUR and teller.chance(0.2):
            changed = e.SeverityChanged(severity=Severity.DEGRADATION, text="Le service répond, lentement.")
            teller.from_ft(tale, at + HOUR / 2, changed)
        if teller.chance(0.3):
            expected = back + timedelta(minutes=teller.rng.randint(-60, 90))
            forecast = e.ForecastGiven(text=p.FORECAST[1], expected_at=max(expected, at))
            teller.from_ft(tale, at + timedelta(minutes=5), forecast)
        self._restore(tale, back)

    def _fault(self, tale: Tale, sent: datetime) -> None:
        teller, life = self.teller, tale.life
        if teller.chance(0.7):
            reference = teller.ft_reference()
            receipt = e.ReceiptReceived(ft_reference=reference, text=teller.pick(p.RECEIPT))
            teller.from_ft(tale, teller.agenda.soon(sent, 1, 20), receipt)
        taken_up = teller.agenda.later(sent, 20, 700)
        self._take_up(tale, taken_up)
        if teller.chance(0.15):
            life.then(life.last_at, Identify(f"DEMO-{teller.rng.randint(10_000, 99_999)}"))
        at = taken_up
        if teller.chance(0.25):
            asked = teller.agenda.later(at, 30, 400)
            teller.from_ft(tale, asked, e.FtAsked(text=tale.say(tale.situation.ft_asked)))
            at = teller.agenda.later(life.last_at, 20, 500)
            life.then(at, e.FtAnswered(text=tale.say(tale.situation.ft_sent)))
        if teller.chance(REFUSED_SHARE):
            self._refuse(tale, teller.agenda.days_later(at, 0, 2))
            return
        if teller.chance(0.3):
            teller.from_ft(
                tale, teller.agenda.later(at, 30, 500), e.FtEscalated(text=teller.pick(p.ESCALATED))
            )
        self._chat(tale)
        self._share(tale)
        back = self._back(at, sent)
        if teller.chance(0.55):
            cause = e.CauseGiven(text=teller.pick(tale.situation.causes))
            teller.from_ft(tale, at + (back - at) * 0.4, cause)
        if teller.chance(AGREED_SHARE):
            self._agree(tale, sent, back)
        if tale.situation.workaround and teller.chance(0.3):
            text = tale.say(tale.situation.workaround)
            given = e.WorkaroundGiven(scope=WorkaroundScope.PARTIAL, text=text)
            life.then(max(teller.agenda.later(at, 20, 300), life.last_at), given)
        self._restore(tale, back)

    def _back(self, at: datetime, sent: datetime) -> datetime:
        """When a fault is mended: within the six days three times out of four, else well after."""
        agenda = self.teller.agenda
        if self.teller.chance(0.75):
            return max(agenda.days_later(sent, 1, 3), agenda.later(at, 30, 200))
        return agenda.days_later(at, 5, 12)

    def _agree(self, tale: Tale, sent: datetime, back: datetime) -> None:
        """A date agreed with France Travail, which it keeps two times out of three."""
        teller, life = self.teller, tale.life
        due = teller.agenda.days_later(back, 0, 3) if teller.chance(0.7) else back - timedelta(hours=20)
        at = max(teller.agenda.noted(sent + (due - sent) * 0.3), life.last_at)
        if due - at > timedelta(hours=1):
            life.then(
                at, e.DateAgreed(due_at=due, text="Date convenue au téléphone, confirmée par courriel.")
            )

    def _take_up(self, tale: Tale, at: datetime) -> None:
        """Taken up; once in a while its time is typed wrong and corrected."""
        teller, life = self.teller, tale.life
        teller.from_ft(tale, at, e.TakenUp(ft_reference=teller.ft_reference(), text=teller.pick(p.TAKEN_UP)))
        if teller.chance(0.05):
            wrong_by = timedelta(minutes=1)
            mended = teller.agenda.later(life.last_at, 10, 200)
            life.then(mended, Mend(e.TakenUp, p.WRONG_TIME, to=at + wrong_by))

    def _restore(self, tale: Tale, back: datetime) -> None:
        """Announced or observed, tested, confirmed at last, closed."""
        teller, life = self.teller, tale.life
        if teller.chance(0.06):
            teller.from_ft(tale, back, e.FtClosed(text="Incident clos par nos services."))
        elif teller.chance(0.75):
            teller.from_ft(tale, back, e.ReturnAnnounced(text=teller.pick(p.RETURN_ANNOUNCED)))
        else:
            life.then(teller.agenda.noted(back), e.ReturnObserved(text=teller.pick(p.RETURN_OBSERVED)))
        at = teller.agenda.later(life.last_at, 5, 400)
        if teller.chance(0.1):
            life.then(at, e.ReturnRefused(text=teller.pick(p.NOT_BACK)))
            at = teller.agenda.later(at, 60, 900)
            teller.from_ft(tale, at, e.ReturnAnnounced(text=teller.pick(p.RETURN_ANNOUNCED)))
            at = teller.agenda.later(life.last_at, 5, 300)
        if teller.chance(0.2):
            teller.verdict(tale, at, works=True)
        life.then(at, e.ReturnConfirmed(text=teller.pick(p.CONFIRMED)))
        closed = teller.close(tale, at)
        if teller.chance(0.03):
            again = teller.agenda.days_later(closed, 1, 3)
            life.then(again, e.Reopened(reason=p.REOPENED[0], return_stands=False))
            back = teller.agenda.later(again, 60, 900)
            life.then(back, e.ReturnObserved(text=p.RETURN_OBSERVED[0]))
            life.then(teller.agenda.soon(back, 3, 40), e.ReturnConfirmed(text=teller.pick(p.CONFIRMED)))
            teller.close(tale, life.last_at)

    def _refuse(self, tale: Tale, at: datetime) -> None:
        teller, life = self.teller, tale.life
        teller.from_ft(tale, at, e.FtRefused(text=teller.pick(p.REFUSED)))
        accepted = teller.agenda.later(life.last_at, 20, 500)
        life.then(accepted, e.RefusalAccepted(text=p.REFUSAL_ACCEPTED))
        self._answer(tale, teller.agenda.later(accepted, 30, 600))

    def _found_by_ft(self, tale: Tale, at: datetime) -> None:
        """France Travail tells of what it found itself; it does not always say when it found it."""
        teller = self.teller
        detected = at - timedelta(minutes=teller.pick((12, 35, 50, 95, 180)))
        informed = e.FtInformed(
            detected_at=detected if teller.chance(0.75) else None, text="Appel du support."
        )
        tale.life.then(at, informed)
        self._restore(tale, teller.agenda.soon(at, 30, 500))

    # --- Side turns ------------------------------------------------------------------------------------

    def _chat(self, tale: Tale) -> None:
        teller, life = self.teller, tale.life
        if teller.chance(0.4):
            text = teller.pick((*p.INTERNAL_NOTES, *tale.situation.notes))
            life.then(teller.agenda.later(life.last_at, 5, 200), e.Commented(text=text, internal=True))
        if teller.chance(0.3):
            text = teller.pick(p.PUBLIC_NOTES)
            life.then(teller.agenda.later(life.last_at, 5, 200), e.Commented(text=text))

    def _share(self, tale: Tale) -> None:
        """The publisher of the software reads what turns around an API, and says what it sees itself."""
        life, publishers = tale.life, self.place.with_role(Role.INTEGRATOR)
        if tale.on_screen or not publishers or not self.teller.chance(0.4):
            return
        life.then(life.last_at, e.IntegratorsShared(shared=True))
        if self.teller.chance(0.5):
            at = self.teller.agenda.later(life.last_at, 15, 300)
            life.then(at, e.Commented(text=p.INTEGRATOR), by=publishers[0])

    def _attach(self, tale: Tale) -> None:
        """A capture or an extract with one ticket in eight; never with a security case, which its reporter has left."""
        teller, life = self.teller, tale.life
        if tale.situation.kind not in (Kind.INCIDENT, Kind.QUESTION) or not teller.chance(0.14):
            return
        by = life.cast.reporter if life.filing.reporter_id else life.cast.handler
        paper = capture(teller.rng) if tale.on_screen else extract(teller.rng)
        life.then(life.filed_at, Attach(*paper), by=by)

    def _cancel(self, tale: Tale) -> None:
        at = self.teller.agenda.days_later(tale.life.last_at, 0, 6)
        tale.life.then(at, e.Cancelled(reason=self.teller.pick(p.CANCELLED)))

    def _is_duplicate(self, tale: Tale) -> bool:
        """Whether it repeats a recent interruption of the same tool; then it ends there."""
        life, earliest = tale.life, tale.life.filed_at - DUPLICATE_WITHIN
        same = [
            other
            for other in self._recent
            if other.filing.tools == life.filing.tools and other.filed_at >= earliest
        ]
        if not same or not self.teller.chance(DUPLICATE_SHARE):
            return False
        at = self.teller.agenda.later(life.last_at, 5, 90)
        life.then(at, e.Commented(text=p.DUPLICATE_NOTE, internal=True))
        life.then(at, MarkDuplicate(same[-1]))
        return True


_ROUTES: Mapping[Kind, Callable[[Narrator, Tale], None]] = {
    Kind.QUESTION: Narrator._request,
    Kind.ACCESS: Narrator._request,
    Kind.DATA_SUBJECT_REQUEST: Narrator._request,
    Kind.SECURITY: Narrator._request,
    Kind.EVOLUTION: Narrator._evolution,
    Kind.INCIDENT: Narrator._incident,
}
