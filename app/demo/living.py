"""Tickets that are under way at the moment the demonstration is loaded: every clock has one to show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from app.demo import phrases as p
from app.demo.papers import capture
from app.demo.requests import ACCESS, EVOLUTIONS, PERSON_REQUESTS, QUESTIONS, SECURITY
from app.demo.stage import APPLICATION, AVAILABILITY, DAY, HOUR, MINUTE, SUPPORT, Stage
from app.demo.steps import Announce, Attach, Identify, Life, Transmit
from app.demo.teller import Tale
from app.tickets import events as e
from app.tickets.vocabulary import Conclusion, IncidentType, WorkaroundScope


def living_lives(stage: Stage) -> Iterator[Life]:
    """Where things stand at `until`, the nearest due times first."""
    yield from _at_the_desk(stage, stage.until)
    yield from _running(stage, stage.until)
    yield from _late(stage, stage.until)
    yield from _at_the_test(stage, stage.until)
    yield from _in_dispute(stage, stage.until)
    yield from _at_jalle(stage, stage.until)


def _at_the_desk(stage: Stage, until: datetime) -> Iterator[Life]:
    """Nobody has called France Travail yet."""
    yield stage.request(QUESTIONS[3], until - 12 * MINUTE).life
    yield stage.request(ACCESS[1], until - 3 * HOUR).life
    waiting = stage.request(QUESTIONS[2], stage.ago(1))
    waiting.life.taken(stage.ago(1) + 10 * MINUTE).then(
        stage.ago(1) + 20 * MINUTE, e.UserAsked(text=waiting.say(waiting.situation.asked))
    )
    yield waiting.life
    ready = stage.incident("api-contrat-engagement", APPLICATION, until - 5 * HOUR)
    ready.life.taken(until - 4 * HOUR)
    stage.teller.diagnose(ready, until - 3 * HOUR, Conclusion.FRANCE_TRAVAIL)
    yield ready.life
    secret = stage.request(SECURITY[2], until - 9 * HOUR)
    yield secret.life.taken(until - 8 * HOUR)
    yield stage.request(SECURITY[3], until - 2 * HOUR).life
    wish = stage.request(EVOLUTIONS[0], stage.ago(20))
    yield wish.life.taken(stage.ago(19)).then(stage.ago(18), Transmit(stage.teller.ft_reference()))


def _running(stage: Stage, until: datetime) -> Iterator[Life]:
    """Clocks that run, one of them frozen and one by a date that was agreed."""
    fresh = stage.incident("suivi-de-parcours", AVAILABILITY, until - 9 * MINUTE)
    fresh.life.then(fresh.life.filed_at, Attach(*capture(stage.teller.rng)), by=fresh.life.cast.reporter)
    stage.sent(fresh, until - 3 * MINUTE)
    yield fresh.life
    taken_up = _sent(stage, "ouiform", AVAILABILITY, until - 2 * HOUR)
    taken_up.life.then(taken_up.life.last_at + 3 * MINUTE, Announce())
    taken_up.life.then(taken_up.life.last_at + 5 * MINUTE, e.TakenUp(text=p.TAKEN_UP[0]))
    yield taken_up.life
    fault = _sent(stage, "suivi-de-parcours", APPLICATION, stage.ago(2))
    fault.life.then(stage.ago(2) + 20 * MINUTE, Identify("DEMO-51874"))
    fault.life.then(stage.ago(2) + HOUR, e.TakenUp(text=p.TAKEN_UP[1]))
    fault.life.then(stage.ago(1), e.CauseGiven(text=fault.situation.causes[0]))
    yield fault.life
    frozen = _sent(stage, "campagnes-coordonnees", APPLICATION, stage.ago(4))
    frozen.life.then(stage.ago(3), e.TakenUp())
    frozen.life.then(stage.ago(2), e.FtAsked(text=frozen.say(frozen.situation.ft_asked)))
    yield frozen.life
    agreed = _sent(stage, "activites-pilotage", APPLICATION, stage.ago(9))
    agreed.life.then(stage.ago(8), e.TakenUp())
    text = "Correction dans la livraison du mois, date confirmée par courriel."
    agreed.life.then(stage.ago(6), e.DateAgreed(due_at=until + 8 * DAY, text=text))
    yield agreed.life
    person = stage.request(PERSON_REQUESTS[0], stage.ago(24))
    yield person.life.taken(stage.ago(23))


def _late(stage: Stage, until: datetime) -> Iterator[Life]:
    """Clocks that run late."""
    unheard = stage.incident("api-recherche-usager", AVAILABILITY, until - 62 * MINUTE)
    stage.sent(unheard, until - 50 * MINUTE)
    yield unheard.life.then(until - 30 * MINUTE, e.Relanced(contact=SUPPORT, text=p.RELANCE[0]))
    down = _sent(stage, "oscar", AVAILABILITY, stage.ago(6))
    down.life.then(down.life.last_at + 13 * MINUTE, e.TakenUp())
    down.life.then(stage.ago(2), e.Relanced(contact=SUPPORT, text=p.RELANCE[1]))
    yield down.life
    fault = _sent(stage, "api-diagnostic-individu", APPLICATION, stage.ago(11))
    fault.life.then(stage.ago(10), e.TakenUp())
    fault.life.then(stage.ago(4), e.Relanced(contact=SUPPORT, text=p.RELANCE[1]))
    given = "En attendant, la décision peut être envoyée par l’écran « Orientation »."
    yield fault.life.then(stage.ago(3), e.WorkaroundGiven(scope=WorkaroundScope.PARTIAL, text=given))
    person = stage.request(PERSON_REQUESTS[0], stage.ago(36))
    yield person.life.taken(stage.ago(35))


def _at_the_test(stage: Stage, until: datetime) -> Iterator[Life]:
    """Back in service, they say: to be tested, to be closed, or held by a workaround."""
    back = _sent(stage, "connexion", AVAILABILITY, stage.ago(1))
    back.life.then(back.life.last_at + 11 * MINUTE, e.TakenUp())
    yield back.life.then(until - 2 * HOUR, e.ReturnAnnounced(text=p.RETURN_ANNOUNCED[1]))
    fault = _sent(stage, "suivi-de-parcours", APPLICATION, stage.ago(5))
    fault.life.then(stage.ago(4), e.TakenUp())
    fault.life.then(until - 6 * HOUR, e.FtClosed(text="Correctif livré, ticket clos de notre côté."))
    stage.teller.verdict(fault, until - 3 * HOUR, works=False)
    yield fault.life
    resolved = _sent(stage, "mes-evenements-emploi", APPLICATION, stage.ago(6))
    resolved.life.then(stage.ago(5), e.TakenUp())
    resolved.life.then(stage.ago(2), e.ReturnAnnounced(text=p.RETURN_ANNOUNCED[2]))
    resolved.life.then(stage.ago(1), e.ReturnConfirmed(text=p.CONFIRMED[0]))
    yield resolved.life
    held = _sent(stage, "echanges-fichiers", AVAILABILITY, stage.ago(3))
    held.life.then(held.life.last_at + 10 * MINUTE, e.TakenUp())
    held.life.then(stage.ago(3) + 30 * MINUTE, Announce())
    text = "Déposez les fichiers par l’adresse de secours : ils sont repris toutes les heures."
    held.life.then(stage.ago(3) + HOUR, e.WorkaroundGiven(scope=WorkaroundScope.TOTAL, text=text))
    yield held.life.then(stage.ago(2), e.ReturnConfirmed(text="Dépôts de la nuit tous repris."))


def _in_dispute(stage: Stage, until: datetime) -> Iterator[Life]:
    """Refused by France Travail, or measured otherwise."""
    refused = _sent(stage, "api-rome-metiers", APPLICATION, stage.ago(4))
    refused.life.then(stage.ago(3), e.TakenUp())
    yield refused.life.then(stage.ago(1), e.FtRefused(text=p.REFUSED[1]))
    contested = _sent(stage, "suivi-de-parcours", AVAILABILITY, stage.ago(7))
    life = contested.life
    sent = life.last_at
    life.then(sent + 41 * MINUTE, e.TakenUp())
    life.then(stage.ago(6), e.ReturnAnnounced(text=p.RETURN_ANNOUNCED[1]))
    life.then(stage.ago(5), e.ReturnConfirmed(text=p.CONFIRMED[2]))
    position = e.Contested(
        clock="take-up",
        ft_time=sent + 14 * MINUTE,
        ft_position="Le téléphone a été décroché dans le quart d’heure.",
        our_position="L’appel ne vaut pas prise en charge ; l’avis écrit est venu plus tard.",
    )
    yield life.then(stage.ago(4), position)


def _at_jalle(stage: Stage, until: datetime) -> Iterator[Life]:
    """The small partner has its own."""
    jalle = stage.world.jalle
    fault = stage.incident("campagnes-coordonnees", APPLICATION, stage.ago(3), place=jalle)
    stage.sent(fault, stage.ago(3) + 40 * MINUTE)
    yield fault.life.then(stage.ago(2), e.TakenUp())
    back = stage.incident("academie-france-travail", AVAILABILITY, stage.ago(1), place=jalle)
    stage.sent(back, stage.ago(1) + 10 * MINUTE)
    back.life.then(stage.ago(1) + 22 * MINUTE, e.TakenUp())
    yield back.life.then(until - 4 * HOUR, e.ReturnObserved(text=p.RETURN_OBSERVED[0]))
    yield stage.request(QUESTIONS[4], until - 50 * MINUTE, place=jalle).life


def _sent(stage: Stage, tool: str, incident_type: IncidentType, at: datetime) -> Tale:
    """An incident filed at `at` and sent ten minutes later."""
    tale = stage.incident(tool, incident_type, at)
    stage.sent(tale, at + 10 * MINUTE)
    return tale
