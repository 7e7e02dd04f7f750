"""The words of each event that the user reads, in plain terms; what is not here is the desk's. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.tickets import events as e
from app.tickets.vocabulary import News
from app.tickets.wording import Names, Words

PublicSay = Callable[[Any, Names], Words | None]


def _step(icon: str, title: str) -> PublicSay:
    """A step that matters to the user, without the notes of the desk."""
    return lambda event, names: Words(icon, title, tone="accent")


def _said(icon: str, title: str) -> PublicSay:
    return lambda event, names: Words(icon, title, event.text)


def _public_comment(event: e.Commented, names: Names) -> Words | None:
    return None if event.internal else Words("message-square", "Message", event.text)


def _public_verdict(event: e.UserVerdict, names: Names) -> Words | None:
    return Words(
        "check" if event.works else "x", "Ça remarche" if event.works else "Ça ne marche pas", event.text
    )


def _public_file(event: e.FileAttached, names: Names) -> Words | None:
    return None if event.internal else Words("paperclip", f"Pièce jointe : {event.name}")


def _public_workaround(event: e.WorkaroundGiven, names: Names) -> Words | None:
    lines = (f"Article\u00a0: «\u00a0{event.article_title}\u00a0».",) if event.article_title else ()
    return Words("wrench", "Solution provisoire", event.text, lines)


_NEWS: dict[News, tuple[str, str]] = {
    News.MESSAGE: ("message-square", "Message"),
    News.WORKAROUND: ("wrench", "Solution provisoire"),
    News.WORKAROUND_WITHDRAWN: ("circle-x", "La solution provisoire ne convient plus"),
    News.ANSWERED: ("circle-check", "Réponse du correspondant"),
    News.SERVICE_BACK: ("megaphone", "Le service est annoncé rétabli\u00a0: dites si tout fonctionne"),
    News.NOT_BACK: ("circle-x", "Le service n’est pas rétabli"),
    News.RESOLVED: ("circle-check", "Le service est rétabli"),
    News.CLOSED: ("lock", "Demande terminée"),
    News.CANCELLED: ("circle-slash", "Demande annulée"),
    News.REOPENED: ("rotate-ccw", "Demande rouverte"),
}


def _relayed(event: e.Relayed, names: Names) -> Words | None:
    icon, title = _NEWS[event.news]
    lines = (f"Article\u00a0: «\u00a0{event.article_title}\u00a0».",) if event.article_title else ()
    return Words(icon, title, event.text, lines, tone="" if event.news is News.MESSAGE else "accent")


PUBLIC_WORDS: dict[type[e.TicketEvent], PublicSay] = {
    e.Filed: _step("inbox", "Demande reçue"),
    e.Taken: _step("user", "Un correspondant s’en occupe"),
    e.Commented: _public_comment,
    e.UserAsked: _said("circle-question-mark", "Question du correspondant"),
    e.UserReplied: _said("message-square", "Réponse à la question"),
    e.UserVerdict: _public_verdict,
    e.Answered: _said("circle-check", "Réponse du correspondant"),
    e.Transmitted: _step("send", "Signalée à France Travail"),
    e.WorkaroundGiven: _public_workaround,
    e.WorkaroundWithdrawn: lambda event, names: Words("circle-x", "La solution provisoire ne convient plus"),
    e.ReturnConfirmed: _step("circle-check", "Le service est rétabli"),
    e.Closed: _step("lock", "Demande terminée"),
    e.Cancelled: _step("circle-slash", "Demande annulée"),
    e.Reopened: _step("rotate-ccw", "Demande rouverte"),
    e.DuplicateMarked: _step("link-2", "Suivie avec d’autres signalements du même problème"),
    e.Detached: _step("arrow-right", "Suivie à part de nouveau"),
    e.Relayed: _relayed,
    e.FileAttached: _public_file,
}
