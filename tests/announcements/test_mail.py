"""The words of the mail about an announcement, as they are read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bs4 import BeautifulSoup

from app.announcements.messages import Template
from app.config import ROOT
from app.infra.mailer import Mail
from app.notifications.message import Parcel, compose

LINK = "https://desk.test/annonces/7F3K-M2QX"
FULL = {
    "heading": "Maintenance",
    "title": "Fermeture <du soir>",
    "dates": "le 12/03/2026",
    "tools": ["Suivi de parcours", "OuiForm"],
    "text": "Enregistrez avant.\nMerci.",
}
BARE = {"heading": "Terminé", "title": "Fermeture", "dates": "", "tools": [], "text": ""}


def mail(context: dict[str, Any]) -> Mail:
    parcel = Parcel(
        id=1,
        to="agent@exemple.test",
        template=Template.ANNOUNCEMENT,
        context={"reference": "7F3K-M2QX", **context},
        reference=None,
        path="/annonces/7F3K-M2QX",
        partner="Département d’essai",
        message_id="0123456789abcdef",
        created_at=datetime(2026, 3, 10, 8, tzinfo=UTC),
    )
    return compose(parcel, "agent@exemple.test", LINK)


def test_it_says_what_when_and_which_tools() -> None:
    sent = mail(FULL)
    assert sent.subject == "[7F3K-M2QX] Maintenance — Fermeture <du soir>"
    assert sent.text == (
        "Bonjour,\n\nMaintenance\u00a0: Fermeture <du soir>\nQuand\u00a0: le 12/03/2026\n"
        "Outils\u00a0: Suivi de parcours, OuiForm\n\n> Enregistrez avant.\n> Merci.\n\n"
        f"Lire l’annonce\u00a0: {LINK}\n\nDépartement d’essai, correspondant SI\n"
        "Message automatique, envoyé aux personnes concernées.\n"
    )


def test_both_bodies_say_the_same_and_what_was_typed_is_escaped() -> None:
    for context in (FULL, BARE):
        sent = mail(context)
        rich = BeautifulSoup(sent.html, "html.parser")
        assert "<du soir>" not in sent.html
        for link in rich.find_all("a"):
            link.append(f"\u00a0: {link['href']}")
        assert rich.body is not None
        assert rich.body.get_text(" ").split() == sent.text.replace("> ", "").split()


def test_the_folder_is_whole() -> None:
    for template in Template:
        files = {file.name for file in (ROOT / "templates" / "mail" / template).iterdir()}
        assert files == {"subject.txt", "body.txt", "body.html"}
