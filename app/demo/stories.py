"""Tickets told by hand, so that everything that can happen happens once: the way of a ticket, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from app.accounts.policy import Role
from app.demo import phrases as p
from app.demo.papers import capture, extract
from app.demo.requests import ACCESS, PERSON_REQUESTS, QUESTIONS, SECURITY
from app.demo.stage import APPLICATION, AVAILABILITY, DAY, HOUR, MINUTE, SUPPORT, Stage
from app.demo.steps import Attach, Identify, Life, MarkDuplicate, Mend, Transmit
from app.tickets import events as e
from app.tickets.vocabulary import Conclusion, Kind, Severity, WorkaroundScope

Told = Life | tuple[Life, ...]


def reclassified(stage: Stage, at: datetime) -> Life:
    """Sent as an interruption, found to be wrong data: the take-up is still judged on the type as sent."""
    tale = stage.incident("suivi-de-parcours", AVAILABILITY, at)
    life = tale.life
    stage.sent(tale, at + 8 * MINUTE)
    life.then(at + 19 * MINUTE, e.TakenUp(text=p.TAKEN_UP[0]))
    life.then(
        at + HOUR, e.SeverityChanged(severity=Severity.DEGRADATION, text="Un dossier sur deux s’ouvre.")
    )
    tools = ("suivi-de-parcours", "api-statut-usager")
    first = e.Classified(
        kind=Kind.INCIDENT,
        tools=tools,
        incident_type=AVAILABILITY,
        severity=Severity.DEGRADATION,
        scope=life.filing.scope,
    )
    life.then(at + 2 * HOUR, first)
    reason = "Le service répond ; ce sont les données d’une partie des dossiers qui manquent."
    again = e.Classified(
        kind=Kind.INCIDENT, tools=tools, incident_type=APPLICATION, scope=life.filing.scope, reason=reason
    )
    life.then(at + 3 * HOUR, again)
    back = stage.agenda.days_later(at, 3, 3)
    life.then(back, e.ReturnAnnounced(text=p.RETURN_ANNOUNCED[2]))
    stage.confirmed(tale, stage.agenda.later(back, 20, 90))
    return life


def agreed_in_time(stage: Stage, at: datetime) -> Life:
    tale = stage.incident("campagnes-coordonnees", APPLICATION, at)
    stage.sent(tale, at + 40 * MINUTE)
    due = stage.on(at, 16)
    tale.life.then(at + 3 * HOUR, e.TakenUp(text=p.TAKEN_UP[1]))
    tale.life.then(
        stage.on(at, 2), e.DateAgreed(due_at=due, text="Livraison suivante, date convenue en comité.")
    )
    tale.life.then(due - 6 * HOUR, e.ReturnAnnounced(text=p.RETURN_ANNOUNCED[2]))
    stage.confirmed(tale, due - 4 * HOUR)
    return tale.life


def agreed_too_late(stage: Stage, at: datetime) -> Life:
    """Agreed once the first due time had passed: that one stays."""
    tale = stage.incident("api-recherche-usager", APPLICATION, at)
    stage.sent(tale, at + 50 * MINUTE)
    tale.life.then(at + 4 * HOUR, e.TakenUp())
    tale.life.then(stage.on(at, 7), e.Relanced(contact=SUPPORT, text=p.RELANCE[1]))
    tale.life.then(stage.on(at, 8), e.DateAgreed(due_at=stage.on(at, 15), text="Proposée après l’échéance."))
    tale.life.then(stage.on(at, 14), e.ReturnAnnounced(text=p.RETURN_ANNOUNCED[0]))
    stage.confirmed(tale, stage.on(at, 14) + 2 * HOUR)
    return tale.life


def total_workaround(stage: Stage, at: datetime) -> Life:
    """The service holds by a workaround: the clock stops, the repair follows without one."""
    tale = stage.incident("suivi-de-parcours", AVAILABILITY, at)
    life = tale.life
    stage.sent(tale, at + 6 * MINUTE)
    life.then(at + 12 * MINUTE, e.TakenUp(text=p.TAKEN_UP[0]))
    life.then(at + 40 * MINUTE, e.FtEscalated(text=p.ESCALATED[1]))
    text = "Utilisez l’adresse de secours du portail, affichée sur l’intranet : tout y fonctionne."
    life.then(at + 2 * HOUR, e.WorkaroundGiven(scope=WorkaroundScope.TOTAL, text=text))
    life.then(at + 3 * HOUR, e.ReturnConfirmed(text="Essayé dans trois services : rien ne manque."))
    life.then(stage.on(at, 4), e.RepairDone(text="L’adresse habituelle est rétablie."))
    life.then(stage.on(at, 5), e.Closed(text=p.CLOSED[0]))
    return life


def refused_return(stage: Stage, at: datetime) -> Life:
    """Announced too soon: the clock never stopped."""
    tale = stage.incident("suivi-de-parcours", APPLICATION, at)
    life = tale.life
    stage.sent(tale, at + 35 * MINUTE)
    life.then(at + 40 * MINUTE, e.ReceiptReceived(text=p.RECEIPT[0]))
    life.then(at + 5 * HOUR, e.TakenUp(text=p.TAKEN_UP[0]))
    life.then(stage.on(at, 2), e.ReturnAnnounced(text=p.RETURN_ANNOUNCED[0]))
    stage.teller.verdict(tale, stage.on(at, 2) + 20 * MINUTE, works=False)
    life.then(stage.on(at, 2) + HOUR, e.ReturnRefused(text=p.NOT_BACK[0]))
    life.then(stage.on(at, 7), e.ReturnAnnounced(text=p.RETURN_ANNOUNCED[2]))
    stage.teller.verdict(tale, stage.on(at, 7) + 30 * MINUTE, works=True)
    stage.confirmed(tale, stage.on(at, 7) + HOUR)
    return life


def closed_by_ft(stage: Stage, at: datetime) -> Life:
    """France Travail closes; the desk observes otherwise, then tests for itself."""
    tale = stage.incident("ouiform", APPLICATION, at)
    life = tale.life
    stage.sent(tale, at + 45 * MINUTE)
    life.then(at + 6 * HOUR, e.TakenUp())
    life.then(stage.on(at, 1), e.ForecastGiven(text=p.FORECAST[0], expected_at=stage.on(at, 4)))
    life.then(stage.on(at, 3), e.FtClosed(text="Ticket clos sans autre explication."))
    life.then(stage.on(at, 3) + HOUR, e.ReturnRefused(text=p.NOT_BACK[1]))
    life.then(stage.on(at, 5), e.ReturnObserved(text=p.RETURN_OBSERVED[0]))
    stage.confirmed(tale, stage.on(at, 5) + HOUR)
    return life


def refusal_accepted(stage: Stage, at: datetime) -> Life:
    tale = stage.incident("api-offres-emploi", APPLICATION, at)
    life = tale.life
    stage.sent(tale, at + 30 * MINUTE)
    life.then(at + 3 * HOUR, e.TakenUp())
    life.then(stage.on(at, 1), e.FtAsked(text=tale.say(tale.situation.ft_asked)))
    life.then(stage.on(at, 1) + 3 * HOUR, e.FtAnswered(text=tale.say(tale.situation.ft_sent)))
    life.then(stage.on(at, 2), e.FtRefused(text=p.REFUSED[0]))
    life.then(stage.on(at, 2) + 2 * HOUR, e.RefusalAccepted(text=p.REFUSAL_ACCEPTED))
    life.then(stage.on(at, 3), e.Answered(text=tale.say(tale.situation.answers[0])))
    life.then(stage.on(at, 5), e.Closed())
    return life


def contested_then_settled(stage: Stage, at: datetime) -> Life:
    """Two times for one take-up; ours rules, the proof is attached, and both agree a week later."""
    tale = stage.incident("api-statut-usager", AVAILABILITY, at)
    life = tale.life
    stage.sent(tale, at + 5 * MINUTE)
    life.then(at + 34 * MINUTE, e.TakenUp(text=p.TAKEN_UP[0]))
    life.then(at + 3 * HOUR, e.ReturnAnnounced(text=p.RETURN_ANNOUNCED[1]))
    life.then(at + 4 * HOUR, e.ReturnConfirmed(text=p.CONFIRMED[0]))
    contest = e.Contested(
        clock="take-up",
        ft_time=at + 17 * MINUTE,
        ft_position="Prise en charge enregistrée dans notre outil douze minutes après l’envoi.",
        our_position="L’avis de prise en charge ne nous est parvenu que vingt-neuf minutes après l’envoi.",
        proof="Courriel d’avis, horodaté, joint en interne.",
    )
    life.then(
        stage.on(at, 2), Attach("avis-de-prise-en-charge.png", capture(stage.teller.rng)[1], internal=True)
    )
    life.then(stage.on(at, 2), contest)
    settled = "France Travail retient notre heure, après lecture du courriel."
    life.then(stage.on(at, 9), e.ContestSettled(clock="take-up", text=settled))
    life.then(stage.on(at, 9), e.Closed())
    return life


def found_by_ft(stage: Stage, at: datetime) -> tuple[Life, ...]:
    """Told in time, told late, and told without saying when it was found."""
    return tuple(
        _found(stage, stage.agenda.noted(at + number * 9 * DAY), detected)
        for number, detected in enumerate((40 * MINUTE, 3 * HOUR, None))
    )


def _found(stage: Stage, at: datetime, since: timedelta | None) -> Life:
    tale = stage.incident("suivi-de-parcours", AVAILABILITY, at)
    life = tale.life
    life.taken(at + MINUTE)
    detected = None if since is None else at - since
    life.then(at + 2 * MINUTE, e.FtInformed(detected_at=detected, text="Courriel d’information du support."))
    life.then(at + 20 * MINUTE, e.ColleaguesInformed(text=p.COLLEAGUES[1]))
    life.then(at + 3 * HOUR, e.ReturnAnnounced(text=p.RETURN_ANNOUNCED[1]))
    stage.confirmed(tale, at + 4 * HOUR)
    return life


def shared_with_the_publisher(stage: Stage, at: datetime) -> Life:
    tale = stage.incident("api-rendez-vous-partenaires", APPLICATION, at)
    life, place = tale.life, stage.world.nord
    stage.sent(tale, at + 45 * MINUTE)
    life.then(at + 50 * MINUTE, e.IntegratorsShared(shared=True))
    life.then(at + HOUR, Attach(*extract(stage.teller.rng)))
    life.then(at + HOUR, Identify("DEMO-40127"))
    noted = e.ReferenceNoted(label="Éditeur du logiciel métier", reference="LOG-2291")
    life.then(at + 2 * HOUR, noted)
    life.then(at + 3 * HOUR, e.Commented(text=p.INTEGRATOR), by=place.with_role(Role.INTEGRATOR)[0])
    life.then(at + 5 * HOUR, e.TakenUp())
    life.then(stage.on(at, 2), e.CauseGiven(text=stage.teller.pick(tale.situation.causes)))
    life.then(stage.on(at, 3), e.ReturnAnnounced(text=p.RETURN_ANNOUNCED[0]))
    stage.confirmed(tale, stage.on(at, 3) + HOUR)
    return life


def corrected(stage: Stage, at: datetime) -> Life:
    """A take-up typed twenty minutes late, a note put on the wrong ticket, and a correction taken back."""
    tale = stage.incident("connexion", AVAILABILITY, at)
    life = tale.life
    stage.sent(tale, at + 7 * MINUTE)
    life.then(at + 30 * MINUTE, e.TakenUp())
    life.then(at + HOUR, Mend(e.TakenUp, p.WRONG_TIME, to=at + 15 * MINUTE))
    life.then(at + 2 * HOUR, e.ForecastGiven(text=p.FORECAST[1]))
    life.then(at + 2 * HOUR + 5 * MINUTE, Mend(e.ForecastGiven, "Saisie sur la mauvaise sollicitation."))
    life.then(at + 3 * HOUR, e.ReturnObserved(text=p.RETURN_OBSERVED[0]))
    life.then(at + 3 * HOUR + 10 * MINUTE, e.ReturnConfirmed(text=p.CONFIRMED[1]))
    life.then(at + 4 * HOUR, Mend(e.ReturnObserved, "Heure lue sur la supervision.", to=at + 2 * HOUR))
    life.then(at + 5 * HOUR, Mend(e.Corrected, "La supervision avait une heure d’avance."))
    life.then(stage.on(at, 1), e.Closed())
    return life


def reopened(stage: Stage, at: datetime) -> Life:
    tale = stage.incident("api-recherche-usager", AVAILABILITY, at)
    life = tale.life
    stage.sent(tale, at + 6 * MINUTE)
    life.then(at + 14 * MINUTE, e.TakenUp())
    life.then(at + 2 * HOUR, e.ReturnAnnounced(text=p.RETURN_ANNOUNCED[1]))
    stage.confirmed(tale, at + 3 * HOUR)
    life.then(stage.on(at, 2), e.Reopened(reason=p.REOPENED[0], return_stands=False))
    life.then(stage.on(at, 2) + 4 * HOUR, e.ReturnObserved(text=p.RETURN_OBSERVED[1]))
    stage.confirmed(tale, stage.on(at, 2) + 5 * HOUR)
    return life


def repeated(stage: Stage, at: datetime) -> tuple[Life, Life]:
    """Reported twice: the second is marked as a duplicate, its caller counted in the first."""
    first = stage.incident("echanges-fichiers", AVAILABILITY, at)
    second = stage.incident("echanges-fichiers", AVAILABILITY, at + 25 * MINUTE)
    stage.sent(first, at + 9 * MINUTE)
    second.life.taken(at + 30 * MINUTE).then(at + 31 * MINUTE, MarkDuplicate(first.life))
    first.life.then(at + 32 * MINUTE, e.PlusOne(caller=p.CALLERS[1]))
    first.life.then(at + HOUR, e.TakenUp())
    first.life.then(at + 4 * HOUR, e.ReturnAnnounced(text=p.RETURN_ANNOUNCED[0]))
    stage.confirmed(first, at + 5 * HOUR)
    return first.life, second.life


def sent_then_cancelled(stage: Stage, at: datetime) -> Life:
    """Transmitted, then found to be a cause of our own before France Travail took it up."""
    tale = stage.incident("connexion", AVAILABILITY, at)
    stage.sent(tale, at + 5 * MINUTE)
    tale.life.then(
        at + 11 * MINUTE, e.Cancelled(reason="Panne de notre fournisseur d’accès : signalement retiré.")
    )
    return tale.life


def under_the_other_convention(stage: Stage, at: datetime) -> Life:
    """The default convention is the narrowest; the person chooses the other, before and after sending."""
    tale = stage.incident("academie-france-travail", AVAILABILITY, at)
    place = stage.world.nord
    chosen = e.ConventionChosen(
        convention_id=place.conventions["nord-2025"],
        reason="Formation ouverte au titre de la convention générale.",
    )
    tale.life.taken(at + 2 * MINUTE).then(at + 3 * MINUTE, chosen)
    stage.sent(tale, at + 10 * MINUTE)
    tale.life.then(at + 18 * MINUTE, e.TakenUp())
    tale.life.then(at + 5 * HOUR, e.ReturnAnnounced(text=p.RETURN_ANNOUNCED[1]))
    stage.confirmed(tale, at + 6 * HOUR)
    return tale.life


def handed_over(stage: Stage, at: datetime) -> Life:
    """Asked, answered, then passed on to a colleague who ends it."""
    tale = stage.request(QUESTIONS[0], at)
    life, colleague = tale.life, stage.world.nord.with_role(Role.CORRESPONDENT)[-1]
    life.taken(at + 20 * MINUTE)
    replied = stage.teller.ask_user(tale, at + 30 * MINUTE)
    life.then(replied + MINUTE, e.Assigned(assignee_id=colleague.account_id))
    life.then(replied + 2 * HOUR, e.Answered(text=tale.say(tale.situation.answers[0])), by=colleague)
    life.then(stage.on(replied, 1), e.Closed(), by=colleague)
    return life


def diagnosed_after(stage: Stage, at: datetime) -> Life:
    """Sent at once by telephone, typed twenty minutes later, diagnosed on the way."""
    tale = stage.incident("suivi-de-parcours", AVAILABILITY, at)
    life = tale.life
    life.then(at + 22 * MINUTE, Transmit(), happened=at + 2 * MINUTE)
    stage.teller.diagnose(tale, at + 25 * MINUTE, Conclusion.FRANCE_TRAVAIL)
    life.then(at + 26 * MINUTE, e.TakenUp(), happened=at + 9 * MINUTE)
    life.then(at + 7 * HOUR, e.ReturnObserved(text=p.RETURN_OBSERVED[1]))
    stage.confirmed(tale, at + 8 * HOUR)
    return life


def kept_secret(stage: Stage, at: datetime) -> Life:
    """A security case, handled by those who may and by nobody else."""
    tale = stage.request(SECURITY[0], at)
    life = tale.life.taken(at + 15 * MINUTE)
    life.then(at + 40 * MINUTE, e.Commented(text=tale.situation.notes[0], internal=True))
    life.then(stage.on(at, 2), e.Answered(text=tale.situation.answers[0]))
    life.then(stage.on(at, 6), e.Closed())
    return life


def answered_in_a_month(stage: Stage, at: datetime) -> Life:
    tale = stage.request(PERSON_REQUESTS[0], at)
    life = tale.life.taken(stage.on(at, 1))
    life.then(stage.on(at, 18), e.Answered(text=tale.situation.answers[0]))
    life.then(stage.on(at, 25), e.Closed())
    return life


def access_given(stage: Stage, at: datetime) -> Life:
    tale = stage.request(ACCESS[0], at)
    life = tale.life.taken(at + 30 * MINUTE)
    life.then(at + HOUR, e.Commented(text=tale.situation.notes[0], internal=True))
    life.then(at + 3 * HOUR, e.Answered(text=tale.situation.answers[0]))
    stage.teller.verdict(tale, at + 4 * HOUR, works=True)
    life.then(stage.on(at, 2), e.Closed())
    return life


# When each is told, as a fraction of the time.
PAST: tuple[tuple[float, Callable[[Stage, datetime], Told]], ...] = (
    (0.03, access_given),
    (0.06, handed_over),
    (0.10, reclassified),
    (0.14, refused_return),
    (0.18, kept_secret),
    (0.22, agreed_too_late),
    (0.26, diagnosed_after),
    (0.31, corrected),
    (0.35, total_workaround),
    (0.38, agreed_in_time),
    (0.42, found_by_ft),
    (0.50, shared_with_the_publisher),
    (0.54, answered_in_a_month),
    (0.58, contested_then_settled),
    (0.63, closed_by_ft),
    (0.67, refusal_accepted),
    (0.71, under_the_other_convention),
    (0.75, repeated),
    (0.79, reopened),
    (0.83, sent_then_cancelled),
)


def past_lives(stage: Stage) -> Iterator[Life]:
    """The stories that are over, or nearly."""
    for fraction, story in PAST:
        told = story(stage, stage.past(fraction))
        yield from told if isinstance(told, tuple) else (told,)
