"""The words of the mails about clocks, as they are read."""

from __future__ import annotations

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup

from app.deadlines.thresholds import DUE
from app.infra.mailer import Mail
from app.notifications.message import Parcel, compose
from app.tickets.alert_mails import AlertMail
from app.tickets.alert_wording import LINES_SHOWN, Line, heading, of_many, of_one, sentence, to_do
from tests.tickets.stories import at

SITE = "https://desk.test"
PAGE = {"page": "/sollicitations/<reference>"}


def line(threshold: int | None = 80, reference: str = "7F3K-M2QX", **changes: Any) -> Line:
    values: dict[str, Any] = {
        "reference": reference,
        "restricted": False,
        "clock": "take-up",
        "tools": "Suivi de parcours",
        "threshold": threshold,
        "due_at": at("2026-03-10 09:25"),
        "due": "10/03/2026 à 9 h 25",
        "owed_by": "france-travail",
        "contractual": True,
    }
    return Line(**(values | changes))


LATE = line(DUE, relance="Support SI plateforme")
SECRET = line(DUE, "AAAA-BBBB", restricted=True, tools="OuiForm")
CASES: list[tuple[AlertMail, dict[str, Any]]] = [
    (AlertMail.ALERT, of_one(line())),
    (AlertMail.ALERT, of_one(LATE)),
    (AlertMail.ALERT, of_one(line(50, clock="information", owed_by="partner", contractual=False, tools=""))),
    (AlertMail.RESTRICTED, {}),
    (AlertMail.ALERTS, of_many([line(), LATE]) | PAGE),
    (AlertMail.ALERTS, of_many([LATE] * 30) | PAGE),
    (AlertMail.DIGEST, of_many([line(), LATE, SECRET]) | PAGE),
    (AlertMail.DIGEST, of_many([line(None)]) | PAGE),
    (AlertMail.DIGEST, of_many([SECRET]) | PAGE),
]


def written(case: tuple[AlertMail, dict[str, Any]]) -> Mail:
    template, context = case
    about_one = template in (AlertMail.ALERT, AlertMail.RESTRICTED)
    page = "/sollicitations/7F3K-M2QX" if about_one else "/sollicitations"
    parcel = Parcel(
        id=1,
        to="agent@exemple.test",
        template=template,
        context=context,
        reference="7F3K-M2QX" if about_one else None,
        path=page,
        partner="Département d’essai",
        message_id="0123456789abcdef",
        created_at=at("2026-03-10 09:00"),
    )
    return compose(parcel, "agent@exemple.test", SITE + page)


@pytest.mark.parametrize("case", CASES)
def test_every_mail_is_plain_accessible_french_and_leads_to_the_desk(
    case: tuple[AlertMail, dict[str, Any]],
) -> None:
    mail = written(case)
    page = BeautifulSoup(mail.html, "html5lib")
    assert page.html is not None
    assert page.html["lang"] == "fr"
    assert page.title is not None
    assert page.title.string == mail.subject
    assert not page.find_all(["style", "script", "img", "table", "font"])
    links = [str(link["href"]) for link in page.find_all("a")]
    assert links
    assert all(link.startswith(f"{SITE}/sollicitations") and link in mail.text for link in links)
    bare = re.sub(r"https://\S+", "", mail.text)
    for words in (mail.subject, bare, page.get_text(" ")):
        assert "'" not in words
        assert not re.search(r"(?<!\u00a0)[:;!?%](?!/)", words), words
    assert "\n\n\n" not in mail.text
    assert len(mail.subject) <= 90


@pytest.mark.parametrize("case", CASES)
def test_both_bodies_tell_the_same_clocks(case: tuple[AlertMail, dict[str, Any]]) -> None:
    mail = written(case)
    text = " ".join(re.sub(r"https://\S+|^- ", "", mail.text, flags=re.MULTILINE).split())
    page = BeautifulSoup(mail.html, "html5lib")
    for node in page.select("p, h2, li"):
        if node.find("a") is None:
            assert " ".join(node.get_text().split()) in text


def test_one_clock_is_told_with_who_owes_it_and_what_to_do() -> None:
    assert heading(line()) == "Prise en charge\u00a0: 80\u00a0% du délai écoulé"
    assert sentence(line()).startswith("La prise en charge est due par France Travail le 10/03/2026")
    assert to_do(line()) == ""
    assert heading(LATE) == "Prise en charge\u00a0: échéance dépassée"
    assert sentence(LATE).endswith("l’échéance est dépassée.")
    assert to_do(LATE) == "Relance à envoyer\u00a0: Support SI plateforme."
    own = line(50, clock="information", owed_by="partner")
    assert sentence(own).startswith("L’information du partenaire est due par le partenaire")
    assert to_do(own) == "C’est à vous d’agir."


def test_an_objective_is_never_told_as_a_commitment() -> None:
    mail = written((AlertMail.ALERT, of_one(line(contractual=False))))
    assert "objectif de référence, non contractuel" in mail.text
    listed = of_many([line(contractual=False), line()])
    assert [("non contractuel" in item["words"]) for item in listed["coming"]] == [True, False]


def test_of_a_restricted_ticket_a_mail_says_nothing_but_a_link() -> None:
    mail = written((AlertMail.RESTRICTED, {}))
    assert mail.subject == "[7F3K-M2QX] Une sollicitation demande votre attention"
    assert mail.text == (
        "Bonjour,\n\nLa sollicitation 7F3K-M2QX demande votre attention.\n\n"
        "Ouvrir la sollicitation\u00a0: https://desk.test/sollicitations/7F3K-M2QX\n\n"
        "Département d’essai, correspondant SI\nMessage automatique\u00a0: n’y répondez pas.\n"
    )
    digest = written((AlertMail.DIGEST, of_many([SECRET]) | PAGE))
    for words in (digest.subject, digest.text, digest.html):
        assert not re.search("prise en charge|OuiForm|10/03/2026|dépassée depuis", words)
    assert "https://desk.test/sollicitations/AAAA-BBBB" in digest.text


def test_a_long_list_is_cut_and_counted() -> None:
    mail = written((AlertMail.ALERTS, of_many([LATE] * (LINES_SHOWN + 40)) | PAGE))
    assert mail.subject == "60 échéances dépassées"
    assert mail.text.count("- 7F3K-M2QX") == LINES_SHOWN
    assert "Et 40 de plus" in mail.text


@pytest.mark.parametrize(
    ("lines", "subject"),
    [
        ([line(), LATE], "Point du matin\u00a0: 1 échéance dépassée, 1 à venir"),
        ([LATE, LATE], "Point du matin\u00a0: 2 échéances dépassées"),
        ([line(None)], "Point du matin\u00a0: 1 échéance à venir"),
        ([SECRET], "Point du matin\u00a0: une sollicitation demande votre attention"),
    ],
)
def test_the_digest_says_in_its_subject_how_much_there_is(lines: list[Line], subject: str) -> None:
    assert written((AlertMail.DIGEST, of_many(lines) | PAGE)).subject == subject


def test_several_alerts_say_how_many_are_late() -> None:
    mail = written((AlertMail.ALERTS, of_many([line(), LATE]) | PAGE))
    assert mail.subject == "2 échéances demandent votre attention, dont 1 dépassée"
