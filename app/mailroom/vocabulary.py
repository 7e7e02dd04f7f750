"""The words of the mailroom: what a mail is, why it waits, what became of it. Pure."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Where a mail stands. `RECEIVED` is stored and not yet looked at; `NOBODYS` names no partner."""

    RECEIVED = "received"
    NOBODYS = "nobodys"
    WAITING = "waiting"
    DONE = "done"
    SET_ASIDE = "set-aside"
    DUPLICATE = "duplicate"


class Verified(StrEnum):
    """What our own mail server found of the sender's domain (RFC 8601)."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Why(StrEnum):
    """Why a mail waits for a person, was set aside, or was dealt with by itself."""

    FT_ANSWER = "ft-answer"
    FT_UNVERIFIED = "ft-unverified"
    FT_WITHOUT_REFERENCE = "ft-without-reference"
    FT_RECORDED = "ft-recorded"
    REPLY = "reply"
    REPLY_OTHER_SENDER = "reply-other-sender"
    REPLY_REFUSED = "reply-refused"
    UNVERIFIED = "unverified"
    NAMES_TICKET = "names-ticket"
    NEW_TICKET = "new-ticket"
    UNKNOWN_SENDER = "unknown-sender"
    TOO_MANY = "too-many"
    TOO_BIG = "too-big"
    BROKEN = "broken"
    EMPTY = "empty"
    AUTOMATIC_HINT = "automatic-hint"
    AUTOMATIC = "automatic"
    LOOP = "loop"
    BOUNCE = "bounce"
    BOUNCE_UNKNOWN = "bounce-unknown"
    BY_HAND = "by-hand"


class FtKind(StrEnum):
    """The answers of France Travail that a mail may look like, by the address of their act."""

    RECEIPT = "accuse-reception"
    TAKE_UP = "prise-en-charge-ft"
    QUESTION = "demande-ft"
    REFUSAL = "refus-ft"
    CAUSE = "cause"
    FORECAST = "prevision"
    RETURN = "retour-annonce"
    CLOSURE = "cloture-ft"


FT_KIND_LABELS = {
    FtKind.RECEIPT: "Accusé de réception",
    FtKind.TAKE_UP: "Prise en charge",
    FtKind.QUESTION: "Demande d’éléments",
    FtKind.REFUSAL: "Refus, hors périmètre",
    FtKind.CAUSE: "Cause donnée",
    FtKind.FORECAST: "Prévision donnée",
    FtKind.RETURN: "Retour annoncé",
    FtKind.CLOSURE: "Clôture par France Travail",
}
VERIFIED_LABELS = {
    Verified.PASSED: "Expéditeur vérifié",
    Verified.FAILED: "Expéditeur usurpé, peut-être",
    Verified.UNKNOWN: "Expéditeur non vérifié",
}
WHY_LABELS = {
    Why.FT_ANSWER: "Réponse de France Travail",
    Why.FT_UNVERIFIED: "Se présente comme une réponse de France Travail\u00a0: expéditeur non vérifié",
    Why.FT_WITHOUT_REFERENCE: "France Travail, sans l’une de vos références",
    Why.FT_RECORDED: "Accusé de réception de France Travail, enregistré de lui-même",
    Why.REPLY: "Réponse à un message, ajoutée à la sollicitation",
    Why.REPLY_OTHER_SENDER: "Réponse à un message, depuis une autre adresse que celle à qui il fut envoyé",
    Why.REPLY_REFUSED: "Réponse à un message, que la sollicitation n’accepte plus de cette personne",
    Why.UNVERIFIED: "Personne connue, expéditeur non vérifié",
    Why.NAMES_TICKET: "Cite une sollicitation sans répondre à l’un de ses messages",
    Why.NEW_TICKET: "Nouveau message d’une personne connue, devenu une sollicitation",
    Why.UNKNOWN_SENDER: "Expéditeur inconnu",
    Why.TOO_MANY: "Trop de courriels de cet expéditeur en une heure",
    Why.TOO_BIG: "Trop volumineux\u00a0: le contenu n’a pas été gardé",
    Why.BROKEN: "Illisible",
    Why.EMPTY: "Sans texte nouveau",
    Why.AUTOMATIC_HINT: "Peut-être envoyé par une machine",
    Why.AUTOMATIC: "Réponse automatique",
    Why.LOOP: "Message de ce service, revenu à lui",
    Why.BOUNCE: "Avis de non-remise d’un message",
    Why.BOUNCE_UNKNOWN: "Avis de non-remise d’un message inconnu",
    Why.BY_HAND: "Trié à la main",
}
