"""Everything the worker does, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from app.accounts.jobs import forget_expired
from app.accounts.jobs_life import keep_accounts
from app.announcements.jobs import tell_announcements
from app.config import Config
from app.documentation.jobs import remind_reviews
from app.files.jobs import drop_drafts
from app.infra.mailer import Mailer
from app.journal.jobs import forget_traces, seal_journals
from app.mailroom.jobs import forget as forget_received
from app.mailroom.jobs import read_mail, replies_of
from app.notifications.jobs import drain, forget, gather_digests
from app.partners.jobs import forget_waiting_imports, note_security_openings
from app.tickets.jobs import send_digests, watch_clocks
from app.worker.runner import Job, forget_runs
from app.worker.slots import Daily, Every

PARIS = ZoneInfo("Europe/Paris")
HOURLY = Every(timedelta(hours=1))


def jobs(mailer: Mailer, public_url: str, settings: Config | None = None) -> Sequence[Job]:
    """The jobs of the house, in the order of `flask worker --once`. Without `settings` no mailbox is read."""
    return (
        Job("seal-journals", "Scellé quotidien du journal", Daily(time(2), PARIS), seal_journals),
        Job(
            "read-mail",
            "Lecture du courrier reçu",
            Every(timedelta(minutes=1)),
            partial(read_mail, settings=settings),
        ),
        Job("watch-clocks", "Alertes sur les échéances", Every(timedelta(minutes=1)), watch_clocks),
        Job("send-digests", "Points du matin", Every(timedelta(minutes=5)), send_digests),
        Job("tell-announcements", "Envoi des annonces", Every(timedelta(seconds=30)), tell_announcements),
        Job("remind-reviews", "Rappel des articles à relire", Daily(time(7), PARIS), remind_reviews),
        Job("keep-accounts", "Départs prévus, droits inutilisés, revues et avis dus", HOURLY, keep_accounts),
        Job(
            "gather-digests",
            "Résumés des nouvelles",
            Every(timedelta(minutes=1)),
            gather_digests,
        ),
        Job(
            "drain-outbox",
            "Envoi des messages",
            Every(timedelta(seconds=30)),
            partial(drain, mailer=mailer, public_url=public_url, replies=replies_of(settings)),
        ),
        Job("forget-logins", "Oubli des connexions et formulaires expirés", HOURLY, forget_expired),
        Job("drop-drafts", "Suppression des pièces jointes abandonnées", HOURLY, drop_drafts),
        Job(
            "forget-imports", "Oubli des fichiers de structures non importés", HOURLY, forget_waiting_imports
        ),
        Job("note-security", "Ouverture des parties sécurité", HOURLY, note_security_openings),
        Job("forget-mails", "Oubli des anciens messages envoyés", HOURLY, forget),
        Job("forget-received", "Oubli du courrier traité", HOURLY, forget_received),
        Job("forget-traces", "Purge du journal technique", Daily(time(3), PARIS), forget_traces),
        Job("forget-runs", "Oubli des anciennes exécutions", HOURLY, forget_runs),
    )
