"""The words of every mail, as they are read."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from jinja2 import UndefinedError

from app.config import ROOT
from app.infra.mailer import Mail
from app.notifications.message import Parcel, compose
from app.tickets.messages import Template

LINK = "https://desk.test/sollicitations/7F3K-M2QX"
QUOTE = "Essayez ceci\u00a0:\n\n<b>Ctrl</b> & Maj < F5\nPuis dites-nous."
# What each template is given besides the reference, the partner and the link; every branch of it once.
CASES: list[tuple[Template, dict[str, Any]]] = [
    (template, context)
    for template in Template
    for context in {
        Template.QUESTION: [{"text": QUOTE}],
        Template.ANSWERED: [{"text": QUOTE}],
        Template.WORKAROUND: [
            {"text": QUOTE, "total": True, "article": ""},
            {"text": "", "total": False, "article": "Se connecter par l’adresse de secours"},
        ],
        Template.VERDICT: [{"works": True}, {"works": False}],
    }.get(template, [{}])
]


def mail_of(template: str, context: dict[str, Any], **changes: Any) -> Mail:
    values: dict[str, Any] = {
        "id": 1,
        "to": "agent@exemple.test",
        "template": template,
        "context": context,
        "reference": "7F3K-M2QX",
        "path": "/sollicitations/7F3K-M2QX",
        "partner": "Département d’essai",
        "message_id": "0123456789abcdef",
        "created_at": datetime(2026, 3, 10, 8, 0, tzinfo=UTC),
    }
    values.update(changes)
    return compose(Parcel(**values), values["to"], LINK)


@pytest.mark.parametrize(("template", "context"), CASES)
def test_every_mail_names_the_reference_and_leads_to_the_page(template: str, context: dict[str, Any]) -> None:
    mail = mail_of(template, context)
    assert re.fullmatch(r"\[7F3K-M2QX\] \S.{5,60}", mail.subject)
    assert "7F3K-M2QX" in mail.text
    assert f"\u00a0: {LINK}\n" in mail.text
    assert "Département d’essai" in mail.text
    links = BeautifulSoup(mail.html, "html.parser").find_all("a")
    assert [link["href"] for link in links] == [LINK]


@pytest.mark.parametrize(("template", "context"), CASES)
def test_both_bodies_say_the_same(template: str, context: dict[str, Any]) -> None:
    mail = mail_of(template, context)
    rich = BeautifulSoup(mail.html, "html.parser")
    for link in rich.find_all("a"):
        link.append(f"\u00a0: {link['href']}")
    assert rich.body is not None
    plain = re.sub(r"^> ?", "", mail.text, flags=re.MULTILINE)
    assert rich.body.get_text(" ").split() == plain.split()


@pytest.mark.parametrize(("template", "context"), CASES)
def test_the_html_is_plain_and_accessible(template: str, context: dict[str, Any]) -> None:
    mail = mail_of(template, context)
    page = BeautifulSoup(mail.html, "html5lib")
    assert page.html is not None
    assert page.html["lang"] == "fr"
    assert page.title is not None
    assert page.title.string == mail.subject
    assert not page.find_all(["style", "script", "img", "table", "font"])
    assert not page.find_all(style=True)


@pytest.mark.parametrize(("template", "context"), CASES)
def test_the_french_is_set_as_it_should_be(template: str, context: dict[str, Any]) -> None:
    mail = mail_of(template, context)
    for words in (
        mail.subject,
        mail.text.replace(LINK, ""),
        BeautifulSoup(mail.html, "html.parser").get_text(" "),
    ):
        assert "'" not in words, "the apostrophe is ’"
        assert "\u202f" not in words
        assert not re.search(r"(?<!\u00a0)[:;!?](?!/)", words), "a no-break space goes before"


def test_what_was_typed_is_escaped_in_html_and_marked_as_quoted_in_text() -> None:
    mail = mail_of("answered", {"text": QUOTE})
    assert "<b>" not in mail.html
    assert "&lt;b&gt;Ctrl&lt;/b&gt; &amp; Maj &lt; F5" in mail.html
    assert "> Essayez ceci\u00a0:\n> \n> <b>Ctrl</b> & Maj < F5\n> Puis dites-nous.\n" in mail.text


def test_the_restricted_receipt_says_no_more_than_that_something_arrived() -> None:
    mail = mail_of("received-restricted", {})
    assert mail.subject == mail_of("received", {}).subject, (
        "the subject must not tell it from any other receipt"
    )
    assert mail.text == (
        "Bonjour,\n\nVotre sollicitation 7F3K-M2QX est bien reçue.\n\n"
        f"Ouvrir la sollicitation\u00a0: {LINK}\n\n"
        "Département d’essai, correspondant SI\nMessage automatique\u00a0: n’y répondez pas.\n"
    )


def test_the_mails_of_a_ticket_make_one_thread_and_an_attempt_repeats_its_message_id() -> None:
    first, second = mail_of("received", {}), mail_of("closed", {}, message_id="fedcba")
    assert first.thread_id == second.thread_id == "<7F3K-M2QX@desk.test>"
    assert first.message_id == mail_of("received", {}).message_id == "<0123456789abcdef@desk.test>"
    assert second.message_id == "<fedcba@desk.test>"


def test_a_name_that_is_missing_is_an_error_not_a_hole() -> None:
    with pytest.raises(UndefinedError):
        mail_of("question", {})


def test_every_mail_about_a_ticket_has_its_folder_and_every_folder_is_whole() -> None:
    folders = {path.name: path for path in (ROOT / "templates" / "mail").iterdir() if path.is_dir()}
    assert set(Template) <= set(folders)
    for path in folders.values():
        assert {file.name for file in path.iterdir()} == {"subject.txt", "body.txt", "body.html"}
