"""The announcements of the demonstration that come from no ticket: to come, late, past, kept for later.

Those of incidents are made on the way, by the step `Announce` (`outages.py`, `living.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import update

from app.accounts.policy import Actor, Role
from app.announcements import events as e
from app.announcements.models import Announcement
from app.announcements.service import draft, mark_read, perform, publish
from app.announcements.vocabulary import Kind, Level
from app.demo.world import Place, World
from app.extensions import db
from app.infra.tx import transaction

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True)
class Told:
    """An announcement: written when, published when (None: kept as a draft), and what was added to it."""

    content: e.Content
    written_at: datetime
    publish_at: datetime | None
    news: tuple[tuple[datetime, str], ...] = ()
    readers: int = 0


def announce_all(world: World, until: datetime) -> None:
    """Record everything, as of when it was written."""
    with transaction():
        for place, told in ((world.nord, _of_nord(world.nord, until)), (world.jalle, _of_jalle(until))):
            for one in told:
                _record(place, one, until)
        # The mails of the tale arrived as they were written.
        db.session.execute(update(Announcement).values(mail_sequence=None))


def _record(place: Place, told: Told, until: datetime) -> None:
    writer = place.with_role(Role.CORRESPONDENT)[0].actor
    row = draft(told.content, actor=writer, now=told.written_at)
    if told.publish_at is None:
        return
    publish(row.reference, actor=writer, now=told.written_at, at=told.publish_at)
    for at, text in told.news:
        perform(row.reference, e.NewsAdded(text=text), actor=writer, now=at)
    for reader in _readers(place, told.readers):
        mark_read(row.reference, actor=reader, now=until)


def _readers(place: Place, count: int) -> list[Actor]:
    return [person.actor for person in place.with_role(Role.USER)[:count]]


def _of_nord(place: Place, until: datetime) -> Iterator[Told]:
    day = _Days(until)
    yield Told(
        e.Content(
            kind=Kind.MAINTENANCE,
            title="Suivi de parcours et pilotage fermés un soir pour mise à jour",
            text="Les deux outils seront **inaccessibles** pendant l’opération.\n\n- Enregistrez vos saisies avant 19 h.\n- Les entretiens du soir se préparent sur papier.",
            tools=("suivi-de-parcours", "activites-pilotage"),
            starts_at=day.at(4, 19),
            ends_at=day.at(4, 22, 30),
        ),
        day.at(-3, 10),
        day.at(-3, 10),
        readers=3,
    )
    yield Told(
        e.Content(
            kind=Kind.CHANGE,
            level=Level.MINOR,
            title="OuiForm : l’écran d’entrée en formation change",
            text="La date d’entrée se saisit désormais avant le choix de la session. Le mode d’emploi sera mis à jour dès que l’écran sera visible.",
            tools=("ouiform",),
            announced_at=day.at(-1, 9, 30),
            starts_at=day.at(1, 8),
        ),
        day.at(-1, 11),
        day.at(-1, 11),
    )
    yield Told(
        e.Content(
            kind=Kind.CHANGE,
            level=Level.MAJOR,
            title="API Statut usager : nouvelle version, l’ancienne s’arrête ensuite",
            text="Les éditeurs doivent appeler la nouvelle version avant la date d’effet. Les champs ne changent pas de nom ; deux codes de retour s’ajoutent.",
            tools=("api-statut-usager",),
            announced_at=day.at(-102, 14),
            starts_at=day.at(20, 7),
        ),
        day.at(-101, 9),
        day.at(-101, 9),
        news=((day.at(-30, 10), "L’environnement de test est ouvert aux éditeurs."),),
        readers=2,
    )
    yield Told(
        e.Content(
            kind=Kind.CHANGE,
            level=Level.MINOR,
            blocking=True,
            title="Campagnes coordonnées : correctif livré dans la journée",
            text="Le correctif rend l’export des listes à nouveau possible.",
            tools=("campagnes-coordonnees",),
            announced_at=day.at(-15, 9),
            starts_at=day.at(-15, 15),
            ends_at=day.at(-15, 16),
        ),
        day.at(-15, 9, 20),
        day.at(-15, 9, 20),
    )
    yield Told(
        e.Content(
            kind=Kind.TRAINING,
            title="Une heure pour bien orienter : prise en main en ligne",
            text="Pour les agents qui orientent : les critères, les erreurs fréquentes, vos questions. Le lien sera envoyé la veille.",
            tools=("suivi-de-parcours",),
            structures=(place.structures["insertion"], place.structures["parcours-emploi"]),
            starts_at=day.at(9, 10),
            ends_at=day.at(9, 11, 30),
        ),
        day.at(-2, 15),
        day.at(-2, 15),
    )
    yield Told(
        e.Content(
            kind=Kind.INFORMATION,
            title="Connectez-vous au moins une fois tous les deux mois",
            text="Une habilitation sans connexion pendant deux mois est suspendue. Avant une longue absence, prévenez votre responsable de gestion de comptes : la réouverture prend quelques jours.",
        ),
        day.at(-40, 10),
        day.at(-40, 10),
        readers=5,
    )
    yield Told(
        e.Content(
            kind=Kind.MAINTENANCE,
            title="OSCAR indisponible un samedi matin",
            tools=("oscar",),
            starts_at=day.at(-22, 8),
            ends_at=day.at(-22, 12),
        ),
        day.at(-27, 9),
        day.at(-27, 9),
        news=((day.at(-22, 11), "L’opération se termine plus tôt que prévu."),),
    )
    yield Told(
        e.Content(
            kind=Kind.INFORMATION,
            title="Horaires du correspondant SI pendant les fêtes",
            text="Le service reste joignable le matin. Les incidents sont transmis comme d’habitude.",
        ),
        day.at(-1, 16),
        day.at(6, 9),
    )
    yield Told(
        e.Content(
            kind=Kind.INFORMATION,
            title="Retour du questionnaire auprès des utilisateurs",
            text="À compléter avec les chiffres du comité.",
        ),
        day.at(-4, 17),
        None,
    )


def _of_jalle(until: datetime) -> Iterator[Told]:
    day = _Days(until)
    yield Told(
        e.Content(
            kind=Kind.MAINTENANCE,
            title="Campagnes coordonnées fermées un midi",
            tools=("campagnes-coordonnees",),
            starts_at=day.at(5, 12),
            ends_at=day.at(5, 13, 30),
        ),
        day.at(-1, 9),
        day.at(-1, 9),
    )
    yield Told(
        e.Content(
            kind=Kind.CHANGE,
            level=Level.MINOR,
            title="Campagnes coordonnées : les plans d’actions changent de place",
            text="Ils s’ouvrent désormais depuis la fiche établissement.",
            tools=("campagnes-coordonnees",),
            announced_at=day.at(-9, 10),
            starts_at=day.at(3, 8),
        ),
        day.at(-8, 10),
        day.at(-8, 10),
    )


class _Days:
    """Days around the end of the tale, as the walls of the partner show them."""

    def __init__(self, until: datetime) -> None:
        self._today = until.astimezone(PARIS).date()

    def at(self, days: int, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(self._today + timedelta(days=days), time(hour, minute), PARIS)
