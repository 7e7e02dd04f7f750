"""Announcements and tickets for tests, without a database: events told one after the other."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

from app.announcements import events as e
from app.announcements.rules import Facts, fold
from app.announcements.vocabulary import Kind, Level
from app.tickets.vocabulary import Severity

NOON = datetime(2026, 3, 10, 11, 0, tzinfo=UTC)  # midday in Paris
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def incident(**changes: object) -> e.Content:
    values: dict[str, object] = {
        "kind": Kind.INCIDENT,
        "title": "Suivi de parcours\u00a0: incident en cours",
        "tools": ("suivi-de-parcours",),
        "severity": Severity.INTERRUPTION,
        "starts_at": NOON - HOUR,
    }
    return e.Content(**{**values, **changes})  # type: ignore[arg-type]


def maintenance(**changes: object) -> e.Content:
    values: dict[str, object] = {
        "kind": Kind.MAINTENANCE,
        "title": "Fermeture d’un soir",
        "text": "Enregistrez vos saisies avant.",
        "tools": ("suivi-de-parcours",),
        "starts_at": NOON + DAY,
        "ends_at": NOON + DAY + 3 * HOUR,
    }
    return e.Content(**{**values, **changes})  # type: ignore[arg-type]


def change(**changes: object) -> e.Content:
    values: dict[str, object] = {
        "kind": Kind.CHANGE,
        "title": "L’écran d’entrée change",
        "tools": ("suivi-de-parcours",),
        "level": Level.MINOR,
        "announced_at": NOON,
        "starts_at": NOON + 2 * DAY,
        "notice": "5 days",
    }
    return e.Content(**{**values, **changes})  # type: ignore[arg-type]


def information(**changes: object) -> e.Content:
    return e.Content(**{"kind": Kind.INFORMATION, "title": "À savoir", **changes})  # type: ignore[arg-type]


def values_of(content: e.Content) -> dict[str, Any]:
    return {item.name: getattr(content, item.name) for item in fields(e.Content)}


class Told:
    """An announcement whose events are recorded an hour apart, from noon on."""

    def __init__(self, content: e.Content, ticket_id: int | None = None) -> None:
        values = values_of(content)
        self.records = [e.Recorded(1, e.Drafted(**values, ticket_id=ticket_id), NOON, NOON, 7)]

    def then(self, *events: e.AnnouncementEvent) -> Told:
        for event in events:
            at = NOON + len(self.records) * HOUR
            self.records.append(e.Recorded(len(self.records) + 1, event, at, at, 7))
        return self

    def published(self, at: datetime = NOON) -> Told:
        return self.then(e.Published(publish_at=at))

    @property
    def facts(self) -> Facts:
        return fold(self.records)


def edited(content: e.Content) -> e.Edited:
    return e.Edited(**values_of(content))
