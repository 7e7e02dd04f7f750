"""The words of the documentation base: identifiers for the code, French for people. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    HOW_TO = "how-to"
    KNOWN_ERROR = "known-error"
    WORKAROUND = "workaround"
    LINK = "link"
    CANNED = "canned"


class State(StrEnum):
    """Readers see what is published, and what is published but due for another reading."""

    DRAFT = "draft"
    PUBLISHED = "published"
    TO_REVIEW = "to-review"
    ARCHIVED = "archived"


class Audience(StrEnum):
    EVERYONE = "everyone"
    CORRESPONDENTS = "correspondents"


class Use(StrEnum):
    """What an article is to a ticket."""

    SOURCE = "source"  # the article was written from the ticket
    POINTED = "pointed"  # someone was pointed to the article in an answer
    INSERTED = "inserted"  # the canned answer was inserted in an answer
    WORKAROUND = "workaround"  # the article says how to do without what the incident stopped


SHOWN_STATES = frozenset({State.PUBLISHED, State.TO_REVIEW})

KIND_LABELS: Mapping[Kind, str] = {
    Kind.HOW_TO: "Mode d’emploi",
    Kind.KNOWN_ERROR: "Erreur connue",
    Kind.WORKAROUND: "Contournement",
    Kind.LINK: "Documentation de France Travail",
    Kind.CANNED: "Réponse type",
}
STATE_LABELS: Mapping[State, str] = {
    State.DRAFT: "Brouillon",
    State.PUBLISHED: "Publié",
    State.TO_REVIEW: "À relire",
    State.ARCHIVED: "Archivé",
}
AUDIENCE_LABELS: Mapping[Audience, str] = {
    Audience.EVERYONE: "Tout le monde",
    Audience.CORRESPONDENTS: "Ceux qui répondent",
}
USE_LABELS: Mapping[Use, str] = {
    Use.SOURCE: "A donné cet article",
    Use.POINTED: "Article indiqué dans la réponse",
    Use.INSERTED: "Réponse type employée",
    Use.WORKAROUND: "Contournement de l’incident",
}
