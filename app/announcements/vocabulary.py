"""The words of announcements: identifiers for the code, French for people. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    INCIDENT = "incident"
    MAINTENANCE = "maintenance"
    CHANGE = "change"
    TRAINING = "training"
    INFORMATION = "information"


class Level(StrEnum):
    """How much a change of France Travail disturbs: each level has its notice."""

    MINOR = "minor"
    MAJOR = "major"


class State(StrEnum):
    """`SCHEDULED` and, for what has a last day, `ENDED` follow from the time at which they are asked."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


class Milestone(StrEnum):
    """A step of the ticket that its announcement repeats."""

    TRANSMITTED = "transmitted"
    FOUND_BY_FT = "found-by-ft"
    TAKEN_UP = "taken-up"
    INTERRUPTED = "interrupted"
    DEGRADED = "degraded"
    FORECAST = "forecast"
    PARTIAL_WORKAROUND = "partial-workaround"
    TOTAL_WORKAROUND = "total-workaround"
    WORKAROUND_WITHDRAWN = "workaround-withdrawn"
    RESTORED = "restored"
    HELD = "held"
    NOT_RESTORED = "not-restored"


class MailChoice(StrEnum):
    AT_ONCE = "at-once"
    NONE = "none"


KIND_LABELS: Mapping[Kind, str] = {
    Kind.INCIDENT: "Incident",
    Kind.MAINTENANCE: "Maintenance",
    Kind.CHANGE: "Changement de France Travail",
    Kind.TRAINING: "Formation",
    Kind.INFORMATION: "Information",
}
KIND_ICONS: Mapping[Kind, str] = {
    Kind.INCIDENT: "triangle-alert",
    Kind.MAINTENANCE: "wrench",
    Kind.CHANGE: "refresh-cw",
    Kind.TRAINING: "users",
    Kind.INFORMATION: "info",
}
LEVEL_LABELS: Mapping[Level, str] = {
    Level.MINOR: "Changement mineur",
    Level.MAJOR: "Changement majeur",
}
STATE_LABELS: Mapping[State, str] = {
    State.DRAFT: "Brouillon",
    State.SCHEDULED: "Programmée",
    State.PUBLISHED: "Publiée",
    State.ENDED: "Terminée",
    State.WITHDRAWN: "Retirée",
}
MILESTONE_LABELS: Mapping[Milestone, str] = {
    Milestone.TRANSMITTED: "Incident transmis à France Travail",
    Milestone.FOUND_BY_FT: "Incident annoncé par France Travail",
    Milestone.TAKEN_UP: "France Travail a pris l’incident en charge",
    Milestone.INTERRUPTED: "Le service est désormais interrompu",
    Milestone.DEGRADED: "Le service fonctionne de nouveau, mais mal",
    Milestone.FORECAST: "Retour prévu par France Travail",
    Milestone.PARTIAL_WORKAROUND: "Contournement partiel",
    Milestone.TOTAL_WORKAROUND: "Contournement",
    Milestone.WORKAROUND_WITHDRAWN: "Le contournement proposé n’a plus cours",
    Milestone.RESTORED: "Rétablissement annoncé, en cours de vérification",
    Milestone.HELD: "Le service fonctionne grâce au contournement, en attendant la réparation",
    Milestone.NOT_RESTORED: "Le service n’est pas encore rétabli",
}
MAIL_LABELS: Mapping[MailChoice, str] = {
    MailChoice.AT_ONCE: "Un courriel pour chaque annonce qui me concerne",
    MailChoice.NONE: "Aucun courriel : je lis les annonces ici",
}
