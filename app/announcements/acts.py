"""What may be done with an announcement once it is there, as data: its address, its words, its form, its event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.announcements import events as e
from app.announcements.forms import EndForm, NewsForm, PublishForm, ReopenForm, WithdrawForm
from app.announcements.rules import ALLOWED, Facts, state_at
from app.kernel.clock import to_minute
from app.kernel.errors import NotFound
from app.web.forms import ActForm


@dataclass(frozen=True)
class Act:
    slug: str
    label: str
    help: str
    icon: str
    form: type[ActForm]
    event: type[e.AnnouncementEvent]
    build: Callable[[Any, datetime], e.AnnouncementEvent]
    done: str
    danger: bool = False


def _published(form: PublishForm, now: datetime) -> e.AnnouncementEvent:
    chosen = form.publish_at.data
    return e.Published(publish_at=max(to_minute(chosen), now) if chosen else now)


ACTS: tuple[Act, ...] = (
    Act(
        "publication",
        "Publier",
        "Les personnes concernées la liront tout de suite, ou à partir de la date que vous indiquez.",
        "megaphone",
        PublishForm,
        e.Published,
        _published,
        "Publication enregistrée.",
    ),
    Act(
        "nouvelle",
        "Ajouter une nouvelle",
        "Elle s’ajoute au fil de l’annonce ; les personnes qui le souhaitent la reçoivent par courriel.",
        "message-square",
        NewsForm,
        e.NewsAdded,
        lambda form, _now: e.NewsAdded(text=form.text.data or ""),
        "Nouvelle ajoutée.",
    ),
    Act(
        "fin",
        "Terminer",
        "L’annonce rejoint l’historique et son bandeau disparaît.",
        "circle-check",
        EndForm,
        e.Ended,
        lambda form, _now: e.Ended(text=form.text.data or ""),
        "L’annonce est terminée.",
    ),
    Act(
        "reprise",
        "Rouvrir",
        "Elle reprend sa place, et le bandeau revient pour tous.",
        "rotate-ccw",
        ReopenForm,
        e.Reopened,
        lambda form, _now: e.Reopened(text=form.text.data or ""),
        "L’annonce est de nouveau en cours.",
    ),
    Act(
        "retrait",
        "Retirer",
        "Plus personne ne la lit, sauf ceux qui rédigent les annonces. Son histoire reste.",
        "circle-slash",
        WithdrawForm,
        e.Withdrawn,
        lambda form, _now: e.Withdrawn(reason=form.text.data or ""),
        "L’annonce est retirée.",
        danger=True,
    ),
)
_BY_SLUG = {act.slug: act for act in ACTS}


def act_of(slug: str) -> Act:
    """Raises NotFound for an unknown act."""
    if slug not in _BY_SLUG:
        raise NotFound
    return _BY_SLUG[slug]


def allows(facts: Facts, event: type[e.AnnouncementEvent], now: datetime) -> bool:
    """Whether the state of the announcement lets this happen."""
    return state_at(facts.state, facts.publish_at, facts.ended_at, now) in ALLOWED[event]


def offered(facts: Facts, now: datetime) -> list[Act]:
    return [act for act in ACTS if allows(facts, act.event, now)]
