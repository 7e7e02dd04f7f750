"""The two big outages: a Monday at 8:58 with forty calls, and a Friday evening that lasts until Monday."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time

from app.accounts.policy import Role
from app.demo import phrases as p
from app.demo.papers import capture
from app.demo.situations import Situation
from app.demo.stage import DAY, HOUR, MINUTE, SUPPORT, Stage
from app.demo.steps import Announce, Attach, Cast, Life, MarkDuplicate, Transmit
from app.demo.teller import Tale
from app.tickets import events as e
from app.tickets.vocabulary import Conclusion, IncidentType, Kind, Scope, Severity, WorkaroundScope

CALLS = 40
MONDAY, FRIDAY = 0, 4
# A portal that is down takes its tools with it.
PORTAL = ("suivi-de-parcours", "activites-pilotage", "campagnes-coordonnees")


def outage_lives(stage: Stage) -> Iterator[Life]:
    """Both outages, each with the tickets filed beside it."""
    yield from monday_morning(stage)
    yield from friday_evening(stage)


def monday_morning(stage: Stage) -> Iterator[Life]:
    """The portal falls at 8:58; the first call files, the others are counted, two are filed twice."""
    fell = stage.agenda.weekday_before(stage.until - 24 * DAY, MONDAY, time(8, 58))
    tale = _portal(
        stage,
        fell + 2 * MINUTE,
        since=fell,
        subject="Portail inaccessible : plus aucun outil ne s’ouvre",
        text="Depuis 8 h 58, « Service indisponible » sur tous les postes, dans tous les sites. Les entretiens du lundi matin sont bloqués.",
    )
    life = tale.life
    life.then(life.filed_at, Attach("portail-indisponible.png", capture(stage.teller.rng)[1]))
    life.taken(fell + 3 * MINUTE)
    stage.teller.diagnose(tale, fell + 4 * MINUTE, Conclusion.FRANCE_TRAVAIL, express=True)
    calls = sorted(stage.agenda.soon(fell, 3, 170) for _ in range(CALLS))
    moments: list[tuple[datetime, e.TicketEvent | Transmit | Announce]] = [
        (call, e.PlusOne(caller=stage.teller.pick(p.CALLERS), structure_id=_somewhere(stage)))
        for call in calls
    ]
    cause, back = fell + 105 * MINUTE, fell + 4 * HOUR + 17 * MINUTE
    moments += [
        (fell + 6 * MINUTE, Transmit(stage.teller.ft_reference())),
        (fell + 8 * MINUTE, Announce()),
        (fell + 9 * MINUTE, e.ColleaguesInformed(text=p.COLLEAGUES[0])),
        (fell + 22 * MINUTE, e.Relanced(contact=SUPPORT, text=p.RELANCE[0])),
        (fell + 27 * MINUTE, e.TakenUp(text="Incident général connu, cellule ouverte.")),
        (fell + 40 * MINUTE, e.FtEscalated(text=p.ESCALATED[1])),
        (
            fell + HOUR,
            e.Commented(text="Point au téléphone toutes les demi-heures avec le support.", internal=True),
        ),
        (cause, e.CauseGiven(text="Saturation de la base d’authentification après l’opération du week-end.")),
        (cause + 5 * MINUTE, e.ForecastGiven(text=p.FORECAST[1], expected_at=fell + 4 * HOUR)),
        (
            fell + 3 * HOUR,
            e.SeverityChanged(severity=Severity.DEGRADATION, text="Une connexion sur trois passe."),
        ),
        (back, e.ReturnAnnounced(text=p.RETURN_ANNOUNCED[1])),
        (back + 20 * MINUTE, e.ReturnConfirmed(text="Testé sur quatre sites.")),
        (
            back + 35 * MINUTE,
            e.ColleaguesInformed(text="Message de fin d’incident envoyé à tous les services."),
        ),
        (back + 2 * DAY, e.Closed(text="Compte rendu reçu de France Travail et joint au dossier du comité.")),
    ]
    for at, act in sorted(moments, key=lambda moment: moment[0]):
        life.then(at, act)
    yield life
    for minutes in (7, 16):
        yield _filed_twice(stage, life, fell + minutes * MINUTE)


def friday_evening(stage: Stage) -> Iterator[Life]:
    """Seen by those on duty at 18:42; France Travail answers at night, the weekend passes, Monday all is back."""
    fell = stage.agenda.weekday_before(stage.until - 60 * DAY, FRIDAY, time(18, 42))
    tale = _portal(
        stage,
        fell + 18 * MINUTE,
        since=fell,
        subject="Connexion impossible à tous les portails",
        text="L’astreinte constate depuis 18 h 42 que la connexion échoue pour tous. La permanence du samedi est concernée.",
    )
    life = tale.life
    life.taken(fell + 20 * MINUTE)
    stage.teller.diagnose(tale, fell + 22 * MINUTE, Conclusion.FRANCE_TRAVAIL, express=True)
    life.then(fell + 25 * MINUTE, Transmit(stage.teller.ft_reference()))
    life.then(fell + 30 * MINUTE, Announce())
    life.then(fell + 47 * MINUTE, e.Relanced(contact=SUPPORT, text=p.RELANCE[0]))
    life.then(fell + 2 * HOUR, e.TakenUp(text="Astreinte prévenue."))
    life.then(
        fell + 3 * HOUR, e.CauseGiven(text="Certificat arrivé à son terme ; le nouveau doit être signé.")
    )
    life.then(fell + 14 * HOUR, e.ColleaguesInformed(text=p.COLLEAGUES[1]))
    saturday = fell + 15 * HOUR
    for number in range(6):
        life.then(saturday + number * 20 * MINUTE, e.PlusOne(caller="Permanence du samedi"))
    text = "Permanence du samedi : recevez sans l’outil, la saisie se fera lundi."
    life.then(saturday + 3 * HOUR, e.WorkaroundGiven(scope=WorkaroundScope.PARTIAL, text=text))
    monday = fell + 2 * DAY + 12 * HOUR
    life.then(monday + 2 * HOUR, e.ReturnAnnounced(text=p.RETURN_ANNOUNCED[2]), happened=monday)
    life.then(monday + 3 * HOUR, e.ReturnConfirmed(text=p.CONFIRMED[0]))
    life.then(monday + 3 * DAY, e.Closed(text=p.CLOSED[0]))
    yield life
    yield _filed_twice(stage, life, saturday + 5 * MINUTE)


def _portal(stage: Stage, at: datetime, *, since: datetime, subject: str, text: str) -> Tale:
    """The ticket of an outage of the portal, filed by the desk for the first caller."""
    teller, nord = stage.teller, stage.world.nord
    situation = Situation(
        kind=Kind.INCIDENT,
        tools=PORTAL,
        subjects=(subject,),
        texts=(text,),
        answers=(),
        incident_type=IncidentType.AVAILABILITY,
        severity=Severity.INTERRUPTION,
    )
    filing = e.Filed(
        kind=Kind.INCIDENT,
        subject=subject,
        text=text,
        tools=PORTAL,
        structure_id=nord.structures["accueil"],
        reporter_id=None,
        caller=teller.pick(p.CALLERS),
        incident_type=IncidentType.AVAILABILITY,
        severity=Severity.INTERRUPTION,
        scope=Scope.ALL,
        since=since,
    )
    cast = Cast(nord, teller.pick(nord.users_of(PORTAL[0])), nord.with_role(Role.CORRESPONDENT)[0])
    return Tale(Life(cast, filing, at, by=cast.handler), situation, {})


def _filed_twice(stage: Stage, first: Life, at: datetime) -> Life:
    """Somebody who had not seen that it was known already."""
    tale = stage.incident(first.filing.tools[0], IncidentType.AVAILABILITY, at)
    return tale.life.then(at + 6 * MINUTE, MarkDuplicate(first))


def _somewhere(stage: Stage) -> int:
    return stage.teller.pick(sorted(stage.world.nord.structures.values()))
