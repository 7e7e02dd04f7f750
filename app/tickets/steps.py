"""Where a ticket stands on its way, and what comes naturally next (domain.md, « The way of a ticket »). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from types import MappingProxyType

from app.tickets.clocks import RETURN, TAKE_UP
from app.tickets.facts import Facts
from app.tickets.vocabulary import BEFORE_FT, ENDED, WITH_FT, Conclusion, Kind, State


class Step(IntEnum):
    """The ten steps."""

    FILED = 1
    TAKEN = 2
    DIAGNOSED = 3
    CLASSIFIED = 4
    TRANSMITTED = 5
    ANSWERED_BY_FT = 6
    DATE_AGREED = 7
    WORKAROUND = 8
    RETURNED = 9
    CLOSED = 10


STEP_LABELS = {
    Step.FILED: "Dépôt",
    Step.TAKEN: "Prise en main",
    Step.DIAGNOSED: "Pré-diagnostic",
    Step.CLASSIFIED: "Classement",
    Step.TRANSMITTED: "Transmission",
    Step.ANSWERED_BY_FT: "Réponse de FT",
    Step.DATE_AGREED: "Date convenue",
    Step.WORKAROUND: "Contournement",
    Step.RETURNED: "Remise en service",
    Step.CLOSED: "Clôture",
}


class StepState(StrEnum):
    DONE = "done"
    CURRENT = "current"
    TODO = "todo"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Next:
    """The next natural action: the slug of an act (`acts.py`) or of a page, and the step it belongs to."""

    slug: str
    step: Step


PREDIAGNOSIS = "prediagnostic"
TRANSMISSION = "transmission"
RELANCE = "relance"

_TAKE = Next("prise-en-main", Step.TAKEN)
_HEAR_USER = Next("reponse-utilisateur", Step.TAKEN)
_ANSWER = Next("reponse", Step.CLOSED)
_DIAGNOSE = Next(PREDIAGNOSIS, Step.DIAGNOSED)
_CLASSIFY = Next("classement", Step.CLASSIFIED)
_CHOOSE_CONVENTION = Next("convention", Step.CLASSIFIED)
_TRANSMIT = Next(TRANSMISSION, Step.TRANSMITTED)
_ACCEPT_REFUSAL = Next("refus-accepte", Step.ANSWERED_BY_FT)
_ANSWER_FT = Next("elements-fournis", Step.ANSWERED_BY_FT)
_TAKE_UP = Next("prise-en-charge-ft", Step.ANSWERED_BY_FT)
_RELANCE_TAKE_UP = Next(RELANCE, Step.ANSWERED_BY_FT)
_RELANCE_RETURN = Next(RELANCE, Step.RETURNED)
_RETURN = Next("retour-annonce", Step.RETURNED)
_VERIFY = Next("verification", Step.RETURNED)
_REPAIR = Next("reparation", Step.WORKAROUND)
_CLOSE = Next("cloture", Step.CLOSED)


# The due times of the clocks that run late, by clock.
Overdue = Mapping[str, datetime]


def next_action(facts: Facts, overdue: Overdue = MappingProxyType({})) -> Next | None:
    """What comes next on the way; None once the ticket has ended."""
    if facts.state in ENDED:
        return None
    if facts.state is State.NEW:
        return _TAKE
    if facts.state is State.WAITING_USER:
        return _HEAR_USER
    if facts.state is State.RESTORED:
        return _VERIFY
    if facts.state is State.RESOLVED:
        return _REPAIR if facts.repair_pending else _CLOSE
    return _with_ft(facts, overdue) if facts.state in WITH_FT else _in_progress(facts)


def _in_progress(facts: Facts) -> Next:
    if facts.refusal_accepted_at is not None or facts.returned_at is not None:
        return _ANSWER
    if facts.refused_at is not None:
        return _ACCEPT_REFUSAL
    if facts.kind is Kind.EVOLUTION:
        return _TRANSMIT if facts.convention_id is not None else _CHOOSE_CONVENTION
    if facts.kind is not Kind.INCIDENT and facts.conclusion is not Conclusion.FRANCE_TRAVAIL:
        return _ANSWER
    return _incident_in_progress(facts)


def _incident_in_progress(facts: Facts) -> Next:
    if facts.diagnosed_at is None:
        return _DIAGNOSE
    if facts.conclusion in (Conclusion.LOCAL, Conclusion.ACCESS):
        return _ANSWER
    if facts.kind is Kind.INCIDENT and (facts.incident_type is None or not facts.tools):
        return _CLASSIFY
    return _TRANSMIT if facts.convention_id is not None else _CHOOSE_CONVENTION


def _with_ft(facts: Facts, overdue: Overdue) -> Next:
    if facts.waiting_partner_since is not None:
        return _ANSWER_FT
    if facts.kind is not Kind.INCIDENT:
        return _ANSWER
    if facts.state is State.TRANSMITTED:
        return _RELANCE_TAKE_UP if asks_for_relance(facts, overdue) else _TAKE_UP
    return _RELANCE_RETURN if asks_for_relance(facts, overdue) else _RETURN


def asks_for_relance(facts: Facts, overdue: Overdue) -> bool:
    """Whether a clock of France Travail runs late and nobody has sent a relance since: one is proposed, not more."""
    late = [due for clock, due in overdue.items() if clock in (TAKE_UP, RETURN)]
    return any(facts.relanced_at is None or facts.relanced_at <= due for due in late)


def steps(facts: Facts, following: Next | None) -> list[tuple[str, StepState]]:
    """The ten steps with their state; what the ticket went past without doing is skipped."""
    current = following.step if following else None
    return [(STEP_LABELS[step], _state(step, facts, current)) for step in Step]


def _state(step: Step, facts: Facts, current: Step | None) -> StepState:
    if step is current:
        return StepState.CURRENT
    if _is_done(step, facts):
        return StepState.DONE
    return StepState.SKIPPED if current is None or step < current else StepState.TODO


def _is_done(step: Step, facts: Facts) -> bool:
    done = {
        Step.FILED: True,
        Step.TAKEN: facts.assignee_id is not None or facts.state is not State.NEW,
        Step.DIAGNOSED: facts.diagnosed_at is not None,
        Step.CLASSIFIED: facts.classified or facts.type_as_transmitted is not None,
        Step.TRANSMITTED: facts.with_ft,
        Step.ANSWERED_BY_FT: facts.taken_up_at is not None
        or facts.refused_at is not None
        or facts.found_by_ft,
        Step.DATE_AGREED: bool(facts.agreed),
        Step.WORKAROUND: facts.workaround is not None,
        Step.RETURNED: facts.returned_at is not None,
        Step.CLOSED: facts.state is State.CLOSED,
    }
    return done[step]


# --- For the user ----------------------------------------------------------------------------------------

_USER_STEPS = ("Reçue", "En cours", "Chez France Travail", "Terminée")


def user_steps(facts: Facts) -> list[tuple[str, StepState]]:
    """The four plain states, the present one marked; France Travail is left out when it was never asked."""
    present = _user_position(facts.state)
    return [
        (label, _user_state(position, present, ended=facts.state in ENDED))
        for position, label in enumerate(_USER_STEPS)
        if position != 2 or facts.with_ft or present < 2
    ]


def _user_position(state: State) -> int:
    if state is State.NEW:
        return 0
    if state in BEFORE_FT:
        return 1
    return 2 if state in WITH_FT or state is State.RESTORED else 3


def _user_state(position: int, present: int, *, ended: bool) -> StepState:
    if position == present:
        return StepState.DONE if ended else StepState.CURRENT
    return StepState.DONE if position < present else StepState.TODO
