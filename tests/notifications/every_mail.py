"""Every mail that the desk can send: its folder, what it is given in each of its branches, what typed words it repeats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.accounts.jobs_letters import AccountLetter
from app.accounts.views_letters import Letter
from app.announcements.messages import Template as AnnouncementMail
from app.config import ROOT
from app.infra.mailer import Mail
from app.notifications.digests import DIGEST
from app.notifications.message import Parcel, compose
from app.notifications.vocabulary import Family
from app.tickets.alert_mails import AlertMail
from app.tickets.messages import Template

SITE = "https://desk.test"
LINK = f"{SITE}/sollicitations/7F3K-M2QX"
CHOICES = "/mon-compte/messages"
QUOTE = "Essayez ceci\u00a0:\n\n<b>Ctrl</b> & Maj < F5\nPuis dites-nous."


@dataclass(frozen=True)
class Sample:
    """One branch of one mail. `repeats` are the names of its context that hold what a person typed, or their name."""

    template: str
    context: Mapping[str, Any]
    about_ticket: bool
    repeats: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.template


_LINE = {
    "reference": "7F3K-M2QX",
    "tools": "OuiForm",
    "words": "prise en charge due par France Travail depuis le 10/03/2026",
    "to_do": "Relancez France Travail.",
}
_CLOCKS = {
    "late": [_LINE],
    "late_count": 1,
    "coming": [{**_LINE, "to_do": ""}],
    "coming_count": 9,
    "restricted": [],
    "page": "/sollicitations/<reference>",
}
_TOLD = {
    "words": "Un nouveau message",
    "reference": "7F3K-M2QX",
    "at": "10/03/2026 à\u00a09\u00a0h\u00a000",
    "times": 3,
    "url": LINK,
}
_WORKAROUNDS = (
    {"text": QUOTE, "total": True, "article": ""},
    {"text": "", "total": False, "article": "Se connecter par l’adresse de secours"},
)
_ALERT = {"heading": "Prise en charge en retard", "sentence": "Le délai est échu.", "tools": "OuiForm"}
# Mails that are given nothing of their own are not here.
_OF_TICKETS: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    Template.QUESTION: ({"text": QUOTE},),
    Template.ANSWERED: ({"text": QUOTE},),
    Template.WORKAROUND: _WORKAROUNDS,
    Template.VERDICT: ({"works": True}, {"works": False}),
    AlertMail.ALERT: (
        {**_ALERT, "contractual": True, "to_do": "Relancez France Travail."},
        {**_ALERT, "tools": "", "contractual": False, "to_do": ""},
    ),
}
_LETTERS: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    AlertMail.ALERTS: (_CLOCKS, {**_CLOCKS, "late": [], "late_count": 0, "coming_count": 1}),
    AlertMail.DIGEST: (
        _CLOCKS,
        {**_CLOCKS, "late": [], "late_count": 0, "coming": [], "coming_count": 0, "restricted": ["AAAA"]},
    ),
    DIGEST: ({"lines": [_TOLD, {**_TOLD, "reference": "", "times": 1}]}, {"lines": [_TOLD]}),
    AnnouncementMail.ANNOUNCEMENT: (
        {"reference": "7F3K-M2QX", "heading": "Maintenance", "title": "Fermeture <du soir>", "dates": "le 12/03/2026",
         "tools": ["Suivi de parcours", "OuiForm"], "text": QUOTE},
        {"reference": "7F3K-M2QX", "heading": "Terminé", "title": "Fermeture", "dates": "", "tools": [], "text": ""},
    ),
    "article-review": ({"title": "Se connecter"},),
    "workaround-known": tuple({**one, "tools": "OuiForm"} for one in _WORKAROUNDS),
    "service-restored": ({"tools": "OuiForm"},),
    "job-failed": ({"job": "Envoi des messages"},),
    "seal": (
        {"code": "pas-de-calais", "number": 12, "digest": "ab" * 32, "sealed_on": "10/03/2026", "chains": "3 dossiers"},
    ),
    AccountLetter.INVITATION: ({"ends_on": "12/03/2026"},),
    AccountLetter.RIGHTS_GRANTED: ({"role": "Administrateur", "structure": "Accueil"}, {"role": "RSSI", "structure": ""}),
    AccountLetter.RIGHTS_WARNING: (
        {"roles": ["RSSI", "DPD"], "day": "12/03/2026", "kept": False},
        {"roles": ["Administrateur"], "day": "12/03/2026", "kept": True},
    ),
    AccountLetter.RIGHTS_SUSPENDED: ({"roles": ["RSSI", "DPD"]},),
    AccountLetter.REVIEW_DUE: ({"due": "12/03/2026", "left": 0}, {"due": "", "left": 1}, {"due": "", "left": 4}),
    AccountLetter.CSSI_NOTICE: ({"cause": "absence", "person": "Une personne", "due": "12/03/2026"},),
    Letter.NEW_PASSWORD: ({},),
    Letter.PASSWORD_CHANGED: ({},),
    Letter.FACTOR_CHANGED: ({"removed": True}, {"removed": False}),
}  # fmt: skip
_REPEATS: Mapping[str, frozenset[str]] = {
    Template.QUESTION: frozenset({"text"}),
    Template.ANSWERED: frozenset({"text"}),
    Template.WORKAROUND: frozenset({"text", "article"}),
    "workaround-known": frozenset({"text", "article"}),
    AnnouncementMail.ANNOUNCEMENT: frozenset({"text", "title"}),
    "article-review": frozenset({"title"}),
    AccountLetter.RIGHTS_GRANTED: frozenset({"structure"}),
    AccountLetter.CSSI_NOTICE: frozenset({"person"}),
}

SAMPLES = [
    Sample(template, context, about_ticket, _REPEATS.get(template, frozenset()))
    for about_ticket, contexts in (
        (True, {name: ({},) for name in (*Template, AlertMail.RESTRICTED)} | dict(_OF_TICKETS)),
        (False, _LETTERS),
    )
    for template, branches in contexts.items()
    for context in branches
]
FOLDERS = {path.name: path for path in (ROOT / "templates" / "mail").iterdir() if path.is_dir()}


def mail_of(template: str, context: Mapping[str, Any], *, about_ticket: bool = True, **changes: Any) -> Mail:
    """The mail, as one that its person may choose not to receive."""
    values: dict[str, Any] = {
        "id": 1,
        "to": "agent@exemple.test",
        "template": template,
        "context": context,
        "reference": "7F3K-M2QX" if about_ticket else None,
        "path": "/sollicitations/7F3K-M2QX",
        "partner": "Département d’essai",
        "message_id": "0123456789abcdef",
        "created_at": datetime(2026, 3, 10, 8, 0, tzinfo=UTC),
        "family": Family.TICKETS,
    }
    values.update(changes)
    return compose(Parcel(**values), values["to"], LINK, CHOICES)


def written(sample: Sample, **context: Any) -> Mail:
    return mail_of(sample.template, {**sample.context, **context}, about_ticket=sample.about_ticket)
