"""Each thing that may forbid an event, as a guard. Pure; `rules.py` says which guards each event meets.

A guard looks at the facts, the event and its time, and raises a refusal in French or returns nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.kernel.clock import to_minute
from app.kernel.errors import Impossible, InvalidInput
from app.tickets import events as e
from app.tickets.clocks import clocks_of, request_received_at, return_clock_start
from app.tickets.facts import Facts
from app.tickets.vocabulary import IncidentType, Kind, State, WorkaroundScope


@dataclass(frozen=True)
class Attempt:
    """An event someone wants to record on a ticket."""

    facts: Facts
    event: Any
    at: datetime


Guard = Callable[[Attempt], None]


def _not_before(earliest: Callable[[Facts], datetime | None], message: str) -> Guard:
    """A guard of the time: nothing comes before what it depends on (domain.md, « Events and clocks »)."""

    def guard(attempt: Attempt) -> None:
        start = earliest(attempt.facts)
        if start is not None and to_minute(attempt.at) < to_minute(start):
            raise InvalidInput(message, field="occurred_at")

    return guard


def _with_ft_since(facts: Facts) -> datetime | None:
    return min(filter(None, (facts.transmitted_at, facts.informed_at)), default=None)


def _request_received_at(facts: Facts) -> datetime | None:
    return request_received_at(facts) if facts.kind is Kind.DATA_SUBJECT_REQUEST else None


_BEFORE_FT_KNEW = "Cette heure précède la transmission à France Travail."
not_before_ft_knows = _not_before(_with_ft_since, _BEFORE_FT_KNEW)
not_before_transmission = _not_before(lambda facts: facts.transmitted_at, _BEFORE_FT_KNEW)
not_before_start = _not_before(return_clock_start, "Cette heure précède le début de l’incident suivi.")
not_before_refusal = _not_before(
    lambda facts: facts.refused_at, "Cette heure précède le refus de France Travail."
)
not_before_accepted_refusal = _not_before(
    lambda facts: facts.refusal_accepted_at,
    "Une nouvelle transmission ne peut pas précéder l’acceptation du refus.",
)
not_before_question = _not_before(
    lambda facts: facts.waiting_partner_since, "Cette heure précède la demande de France Travail."
)
not_before_return = _not_before(
    lambda facts: facts.pending_return, "Le test ne peut pas précéder la remise en service."
)
not_before_request = _not_before(_request_received_at, "La réponse ne peut pas précéder la demande.")
not_before_resolution = _not_before(
    lambda facts: facts.resolved_at, "La clôture ne peut pas précéder la résolution."
)
not_before_end = _not_before(
    lambda facts: facts.closed_at or facts.cancelled_at or facts.resolved_at,
    "La réouverture ne peut pas précéder la fin.",
)


def needs_france_travail(attempt: Attempt) -> None:
    if not attempt.facts.with_ft:
        raise Impossible("La sollicitation n’a pas été transmise à France Travail.")


def not_taken_up_yet(attempt: Attempt) -> None:
    if attempt.facts.taken_up_at is not None:
        raise Impossible("La prise en charge est déjà enregistrée ; si son heure est fausse, corrigez-la.")


def transmitted_by_us(attempt: Attempt) -> None:
    if attempt.facts.transmitted_at is None:
        raise Impossible("La sollicitation n’a pas été transmise à France Travail.")


def is_incident(attempt: Attempt) -> None:
    if attempt.facts.kind is not Kind.INCIDENT:
        raise Impossible("Cette action ne concerne que les incidents.")


def is_typed_incident(attempt: Attempt) -> None:
    is_incident(attempt)
    if attempt.facts.incident_type is None:
        raise Impossible("Classez d’abord l’incident : applicatif ou de disponibilité.")


def can_be_transmitted(attempt: Attempt) -> None:
    if attempt.facts.kind is Kind.SECURITY:
        raise Impossible("Un cas de sécurité ne passe pas par les formulaires de France Travail.")
    if attempt.facts.kind is Kind.INCIDENT:
        is_typed_incident(attempt)


def has_convention(attempt: Attempt) -> None:
    if attempt.facts.convention_id is None:
        raise Impossible("Choisissez d’abord la convention au titre de laquelle transmettre.")


def is_availability(attempt: Attempt) -> None:
    if attempt.facts.incident_type is not IncidentType.AVAILABILITY:
        raise Impossible("La gravité ne se suit que pour un incident de disponibilité.")


def is_application(attempt: Attempt) -> None:
    if attempt.facts.incident_type is not IncidentType.APPLICATION:
        raise Impossible("Seul un incident applicatif peut recevoir une date convenue.")


def not_returned(attempt: Attempt) -> None:
    if attempt.facts.returned_at is not None:
        raise Impossible("La remise en service est déjà confirmée.")


def agreed_after_agreement(attempt: Attempt) -> None:
    if attempt.event.due_at <= attempt.at:
        raise InvalidInput("La date convenue doit suivre l’accord lui-même.", field="due_at")


def not_before_since(attempt: Attempt) -> None:
    since = attempt.facts.since
    if since is not None and to_minute(attempt.at) < to_minute(since):
        raise InvalidInput(
            "La transmission précède le début indiqué\u00a0: corrigez d’abord le début, ou cette heure.",
            field="occurred_at",
        )


def has_a_start(attempt: Attempt) -> None:
    if attempt.facts.kind not in (Kind.INCIDENT, Kind.DATA_SUBJECT_REQUEST):
        raise Impossible("Le début ne compte que pour un incident ou la demande d’une personne.")


def start_comes_first(attempt: Attempt) -> None:
    """What began is neither after what followed from it, nor after its first change of severity."""
    facts, since = attempt.facts, to_minute(attempt.event.since)
    if since > to_minute(attempt.at):
        raise InvalidInput("Le début est dans le futur.", field="since")
    followed = (facts.transmitted_at, facts.resolved_locally_at, facts.pending_return, facts.returned_at)
    if any(moment is not None and since > to_minute(moment) for moment in followed):
        raise InvalidInput("Le début ne peut pas suivre la transmission, ni la fin.", field="since")
    if len(facts.severities) > 1 and since > to_minute(facts.severities[1][0]):
        raise InvalidInput("La gravité avait déjà changé à cette heure.", field="since")


def announced_earlier(attempt: Attempt) -> None:
    """After the confirmation, only an earlier announcement changes anything: the clock stops at the earlier of both."""
    returned_at = attempt.facts.returned_at
    if returned_at is not None and to_minute(attempt.at) >= to_minute(returned_at):
        raise InvalidInput(
            "La remise en service est déjà confirmée, à une heure antérieure.", field="occurred_at"
        )


def ended_by_a_return(attempt: Attempt) -> None:
    facts = attempt.facts
    if facts.state in (State.RESOLVED, State.CLOSED) and facts.returned_at is None:
        raise Impossible("La sollicitation s’est terminée sans remise en service.")


def heads_no_group(attempt: Attempt) -> None:
    if attempt.facts.reports:
        raise Impossible(
            "D’autres sollicitations sont regroupées sous celle-ci\u00a0: elle reste principale."
        )


def leaves_its_group(attempt: Attempt) -> None:
    event: e.Detached = attempt.event
    if event.of != attempt.facts.duplicate_of:
        raise Impossible(f"La sollicitation n’est pas regroupée sous {event.of}.")
    if not event.reason.strip():
        raise InvalidInput("Dites pourquoi elle est détachée.", field="reason")


def is_refused(attempt: Attempt) -> None:
    if attempt.facts.refused_at is None or attempt.facts.refusal_accepted_at is not None:
        raise Impossible("Aucun refus de France Travail n’est en attente.")


def ft_is_waiting(attempt: Attempt) -> None:
    if attempt.facts.waiting_partner_since is None:
        raise Impossible("France Travail n’attend pas d’élément de votre part.")


def repair_is_pending(attempt: Attempt) -> None:
    if not attempt.facts.repair_pending:
        raise Impossible("Aucune réparation définitive n’est attendue.")


def repair_is_done(attempt: Attempt) -> None:
    if attempt.facts.repair_pending:
        raise Impossible(
            "Le service tient par un contournement total : enregistrez d’abord la réparation définitive."
        )


def classification_is_whole(attempt: Attempt) -> None:
    event: e.Classified = attempt.event
    if event.kind is Kind.INCIDENT and event.incident_type is None:
        raise InvalidInput(
            "Précisez le type de l’incident : applicatif ou de disponibilité.", field="incident_type"
        )
    if event.kind is not Kind.INCIDENT and event.incident_type is not None:
        raise InvalidInput("Seul un incident porte un type.", field="incident_type")
    if event.incident_type is IncidentType.AVAILABILITY and event.severity is None:
        raise InvalidInput("Précisez s’il s’agit d’une interruption ou d’une dégradation.", field="severity")
    if not event.tools:
        raise InvalidInput("Choisissez au moins un outil.", field="tools")


def reclassification_has_reason(attempt: Attempt) -> None:
    facts, event = attempt.facts, attempt.event
    moves_clocks = clocks_of(facts) and (event.kind, event.incident_type) != (facts.kind, facts.incident_type)
    if (facts.classified or moves_clocks) and not event.reason.strip():
        raise InvalidInput("Donnez le motif du reclassement.", field="reason")


def security_stays(attempt: Attempt) -> None:
    if attempt.facts.restricted and attempt.event.kind is not Kind.SECURITY:
        raise Impossible("Un cas de sécurité reste restreint : sa nature ne change pas ici.")


def detected_before_informed(attempt: Attempt) -> None:
    detected = attempt.event.detected_at
    if detected is not None and to_minute(detected) > to_minute(attempt.at):
        raise InvalidInput(
            "La détection par France Travail doit précéder votre information.", field="detected_at"
        )


def not_informed_yet(attempt: Attempt) -> None:
    if attempt.facts.informed_at is not None:
        raise Impossible("L’information de France Travail est déjà enregistrée.")


def names_a_clock(attempt: Attempt) -> None:
    if attempt.event.clock not in {clock.clock for clock in clocks_of(attempt.facts)}:
        raise InvalidInput("Cette sollicitation n’a pas cette horloge.", field="clock")


def has_a_clock(attempt: Attempt) -> None:
    if not clocks_of(attempt.facts):
        raise Impossible("Cette sollicitation n’a pas d’horloge.")


def is_contested(attempt: Attempt) -> None:
    if attempt.event.clock not in attempt.facts.contests:
        raise InvalidInput("Cette horloge n’est pas contestée.", field="clock")


def has_a_contest(attempt: Attempt) -> None:
    if not attempt.facts.contests:
        raise Impossible("Aucune horloge n’est contestée.")


def workaround_is_of_use(attempt: Attempt) -> None:
    over = attempt.facts.state is State.RESOLVED or attempt.facts.returned_at is not None
    if over and not attempt.facts.repair_pending:
        raise Impossible("Le service est rétabli\u00a0: un contournement n’y servirait plus.")


def workaround_says_how(attempt: Attempt) -> None:
    event: e.WorkaroundGiven = attempt.event
    if not event.text.strip() and not event.article:
        raise InvalidInput("Écrivez comment faire, ou choisissez un article.", field="text")


def total_stays_total(attempt: Attempt) -> None:
    if attempt.facts.returned_at is not None and attempt.event.scope is WorkaroundScope.PARTIAL:
        raise InvalidInput(
            "La remise en service tient à un contournement total\u00a0: seul un autre, total, peut le remplacer.",
            field="scope",
        )


def has_workaround(attempt: Attempt) -> None:
    if attempt.facts.active_workaround is None:
        raise Impossible("Aucun contournement n’est en cours.")


def nothing_rests_on_workaround(attempt: Attempt) -> None:
    if attempt.facts.returned_at is not None and attempt.facts.repair_pending:
        raise Impossible(
            "La remise en service tient à ce contournement\u00a0: s’il ne fonctionne plus, rouvrez la sollicitation "
            "en indiquant que la remise en service n’est pas acquise."
        )


def workaround_follows_start(attempt: Attempt) -> None:
    if attempt.event.scope is WorkaroundScope.TOTAL:
        needs_france_travail(attempt)
        not_before_start(attempt)


# These guards look at the ticket only: they also say whether an action is worth offering.
ABOUT_THE_TICKET: frozenset[Guard] = frozenset(
    {
        needs_france_travail,
        not_taken_up_yet,
        transmitted_by_us,
        is_incident,
        is_typed_incident,
        can_be_transmitted,
        has_convention,
        is_availability,
        is_application,
        not_returned,
        is_refused,
        ft_is_waiting,
        repair_is_pending,
        repair_is_done,
        workaround_is_of_use,
        has_workaround,
        nothing_rests_on_workaround,
        not_informed_yet,
        has_a_clock,
        has_a_contest,
        ended_by_a_return,
        has_a_start,
        heads_no_group,
    }
)
