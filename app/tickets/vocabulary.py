"""The words of a ticket: identifiers for the code, French for people (glossary: domain.md)."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    QUESTION = "question"
    ACCESS = "access"
    INCIDENT = "incident"
    SECURITY = "security"
    EVOLUTION = "evolution"
    DATA_SUBJECT_REQUEST = "data-subject-request"


class IncidentType(StrEnum):
    APPLICATION = "application"
    AVAILABILITY = "availability"


class Severity(StrEnum):
    INTERRUPTION = "interruption"
    DEGRADATION = "degradation"


class Scope(StrEnum):
    UNKNOWN = "unknown"
    ONE = "one"
    SEVERAL = "several"
    ALL = "all"


class Origin(StrEnum):
    PARTNER = "partner"
    FRANCE_TRAVAIL = "france-travail"


class State(StrEnum):
    NEW = "new"
    IN_PROGRESS = "in-progress"
    WAITING_USER = "waiting-user"
    TRANSMITTED = "transmitted"
    TAKEN_UP = "taken-up"
    RESTORED = "restored"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Tab(StrEnum):
    """The tabs of the queue; each state belongs to one."""

    TO_DO = "a-traiter"
    WITH_FT = "chez-france-travail"
    TO_VERIFY = "a-verifier"
    CLOSED = "closes"


class Conclusion(StrEnum):
    """What the pre-diagnosis found: whose matter it is."""

    LOCAL = "local"
    ACCESS = "access"
    FRANCE_TRAVAIL = "france-travail"
    UNKNOWN = "unknown"


class WorkaroundScope(StrEnum):
    PARTIAL = "partial"
    TOTAL = "total"


class News(StrEnum):
    """What is relayed from the main ticket of a group to the reporters of the others."""

    MESSAGE = "message"
    WORKAROUND = "workaround"
    WORKAROUND_WITHDRAWN = "workaround-withdrawn"
    ANSWERED = "answered"
    SERVICE_BACK = "service-back"
    NOT_BACK = "not-back"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    REOPENED = "reopened"


BEFORE_FT = frozenset({State.NEW, State.IN_PROGRESS, State.WAITING_USER})
WITH_FT = frozenset({State.TRANSMITTED, State.TAKEN_UP})
ENDED = frozenset({State.CLOSED, State.CANCELLED})
OPEN = frozenset(State) - ENDED

TAB_OF_STATE = {
    State.NEW: Tab.TO_DO,
    State.IN_PROGRESS: Tab.TO_DO,
    State.WAITING_USER: Tab.TO_DO,
    State.TRANSMITTED: Tab.WITH_FT,
    State.TAKEN_UP: Tab.WITH_FT,
    State.RESTORED: Tab.TO_VERIFY,
    State.RESOLVED: Tab.TO_VERIFY,
    State.CLOSED: Tab.CLOSED,
    State.CANCELLED: Tab.CLOSED,
}

KIND_LABELS = {
    Kind.QUESTION: "Question, assistance",
    Kind.ACCESS: "Accès, habilitation",
    Kind.INCIDENT: "Incident",
    Kind.SECURITY: "Sécurité",
    Kind.EVOLUTION: "Demande d’évolution",
    Kind.DATA_SUBJECT_REQUEST: "Demande d’une personne concernée",
}
TYPE_LABELS = {
    IncidentType.APPLICATION: "Incident applicatif",
    IncidentType.AVAILABILITY: "Incident de disponibilité",
}
SEVERITY_LABELS = {
    Severity.INTERRUPTION: "Interruption",
    Severity.DEGRADATION: "Dégradation",
}
SCOPE_LABELS = {
    Scope.UNKNOWN: "Je ne sais pas",
    Scope.ONE: "Une seule personne",
    Scope.SEVERAL: "Plusieurs personnes",
    Scope.ALL: "Tout le monde",
}
ORIGIN_LABELS = {
    Origin.PARTNER: "Constaté par le partenaire",
    Origin.FRANCE_TRAVAIL: "Constaté par France Travail",
}
STATE_LABELS = {
    State.NEW: "Nouvelle",
    State.IN_PROGRESS: "En cours",
    State.WAITING_USER: "En attente de l’utilisateur",
    State.TRANSMITTED: "Transmise à France Travail",
    State.TAKEN_UP: "Prise en charge",
    State.RESTORED: "Rétablie, à vérifier",
    State.RESOLVED: "Résolue",
    State.CLOSED: "Close",
    State.CANCELLED: "Annulée",
}
# A ticket that is followed under another one, whatever its own state was.
GROUPED_LABEL = "Regroupée"
# The four plain states that a user reads.
USER_STATE_LABELS = {
    State.NEW: "Reçue",
    State.IN_PROGRESS: "En cours",
    State.WAITING_USER: "En cours",
    State.TRANSMITTED: "Chez France Travail",
    State.TAKEN_UP: "Chez France Travail",
    State.RESTORED: "Chez France Travail",
    State.RESOLVED: "Terminée",
    State.CLOSED: "Terminée",
    State.CANCELLED: "Terminée",
}
TAB_LABELS = {
    Tab.TO_DO: "À traiter",
    Tab.WITH_FT: "Chez France Travail",
    Tab.TO_VERIFY: "À vérifier",
    Tab.CLOSED: "Closes",
}
CONCLUSION_LABELS = {
    Conclusion.LOCAL: "Cause locale (poste, réseau, usage)",
    Conclusion.ACCESS: "Compte ou habilitation",
    Conclusion.FRANCE_TRAVAIL: "France Travail",
    Conclusion.UNKNOWN: "Non déterminée",
}
WORKAROUND_LABELS = {
    WorkaroundScope.PARTIAL: "Contournement partiel",
    WorkaroundScope.TOTAL: "Contournement total",
}
# As inside a sentence.
NEWS_LABELS = {
    News.MESSAGE: "message",
    News.WORKAROUND: "contournement",
    News.WORKAROUND_WITHDRAWN: "contournement retiré",
    News.ANSWERED: "réponse",
    News.SERVICE_BACK: "retour annoncé, à essayer",
    News.NOT_BACK: "service toujours en panne",
    News.RESOLVED: "remise en service",
    News.CLOSED: "clôture",
    News.CANCELLED: "annulation",
    News.REOPENED: "réouverture",
}
CLOCK_LABELS = {
    "take-up": "Prise en charge",
    "return-to-service": "Remise en service",
    "information": "Information du partenaire",
    "answer": "Réponse à la personne",
    "notification": "Information de l’autre partie",
    "cnil-notification": "Notification à la CNIL",
}
# What the screens call the fields of events, for messages about them.
FIELD_LABELS = {
    "answers": "Pré-diagnostic",
    "caller": "Appelant",
    "channel": "Canal",
    "contact": "Interlocuteur",
    "ft_position": "Position de France Travail",
    "ft_reference": "Référence de France Travail",
    "label": "Intitulé",
    "name": "Nom du fichier",
    "our_position": "Votre position",
    "proof": "Preuve",
    "reason": "Motif",
    "reference": "Référence",
    "subject": "En une phrase",
    "text": "Texte",
}
