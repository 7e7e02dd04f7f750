"""What holds of every mail of the desk, letters included."""

from __future__ import annotations

import re
from collections import Counter
from email import message_from_bytes
from email.policy import SMTP

import pytest
from bs4 import BeautifulSoup

from app.infra.mailer import Mail, to_message
from app.notifications.jobs import SAID_OF_RESTRICTED
from tests.notifications.every_mail import CHOICES, FOLDERS, LINK, SAMPLES, SITE, Sample, mail_of, written

ADDRESS = re.compile(r"https?://[^\s<>]+")
# What a ticket, an account or a file may hold of someone, by the names under which a mail could be given it.
PERSONAL = (
    "text", "title", "person", "name", "email", "phone", "caller", "reporter", "assignee", "author", "structure",
    "article", "identifier", "protected_identifier", "description", "summary", "comment", "reason", "file_name",
    "ticket_subject", "impact", "address",
)  # fmt: skip
HOSTILE = "a\r\nBcc: tous@exemple.test\r\n\r\n<script>\x0b\x0c\x1c\x85\u2028b"

every_mail = pytest.mark.parametrize("sample", SAMPLES, ids=str)


def words_of(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))


def page_of(mail: Mail) -> BeautifulSoup:
    return BeautifulSoup(mail.html, "html5lib")


def test_every_folder_is_whole_and_tried_here() -> None:
    assert set(FOLDERS) == {sample.template for sample in SAMPLES}, "add it to every_mail.py"
    for path in FOLDERS.values():
        assert {file.name for file in path.iterdir()} == {"subject.txt", "body.txt", "body.html"}


@every_mail
def test_it_says_what_it_is_about_who_sends_it_and_where_to_go(sample: Sample) -> None:
    mail = written(sample)
    assert re.fullmatch(r"\S.{5,110}", mail.subject)
    if sample.about_ticket:
        assert mail.subject.startswith("[7F3K-M2QX] ")
        assert "7F3K-M2QX" in ADDRESS.sub("", mail.text)
    assert "Département d’essai, correspondant SI" in mail.text
    assert f"\u00a0: {LINK}\n" in mail.text
    assert f"\u00a0: {SITE}{CHOICES}\n" in mail.text
    links = [str(link["href"]) for link in page_of(mail).find_all("a")]
    assert links[-2:] == [LINK, SITE + CHOICES]
    assert set(links) == set(ADDRESS.findall(mail.text))


@every_mail
def test_both_bodies_say_the_same(sample: Sample) -> None:
    mail = written(sample)
    rich = page_of(mail)
    for heading in rich.find_all("h1"):
        assert heading.get_text() == mail.subject
        heading.decompose()  # the subject, which is read above the plain text
    links = " ".join(str(link["href"]) for link in rich.find_all("a"))
    assert rich.body is not None
    assert words_of(rich.body.get_text(" ") + " " + links) == words_of(mail.text)


@every_mail
def test_the_html_is_plain_and_accessible(sample: Sample) -> None:
    mail = written(sample)
    page = page_of(mail)
    assert page.html is not None
    assert page.body is not None
    assert page.title is not None
    assert page.html["lang"] == "fr"
    assert page.title.string == mail.subject
    # Mail programs keep the inside of the body alone.
    assert [child["lang"] for child in page.body.find_all(recursive=False)] == ["fr"]
    assert not page.find_all(["style", "script", "img", "table", "font", "form"])
    assert not [tag for tag in page.find_all(True) if {"style", "color", "bgcolor", "class"} & set(tag.attrs)]
    levels = [int(tag.name[1]) for tag in page.find_all(re.compile("^h[1-6]$"))]
    assert levels == sorted(levels)
    assert not levels or levels.count(1) == 1
    assert all(len(link.get_text(strip=True)) > 3 for link in page.find_all("a"))
    assert not {"ici", "cliquez ici", "lien"} & {
        link.get_text(strip=True).lower() for link in page.find_all("a")
    }


@every_mail
def test_the_french_is_set_as_it_should_be(sample: Sample) -> None:
    mail = written(sample)
    for words in (mail.subject, mail.text, page_of(mail).get_text(" ")):
        words = re.sub(r"[\w-]+:\d+:[0-9a-f]{64}", "", ADDRESS.sub("", words))
        assert "'" not in words, "the apostrophe is ’"
        assert "\u202f" not in words
        assert not re.search(r"(?<!\u00a0)[:;!?]", words), "a no-break space goes before"
        assert not re.search(r"«(?!\u00a0)|(?<!\u00a0)»", words)
        assert not re.search(r"\b(None|True|False)\b|\{\{|\}\}", words)


@every_mail
def test_of_people_and_of_what_they_typed_it_repeats_what_is_meant_to_be_sent(sample: Sample) -> None:
    markers = {name: f"marqueur-{name}" for name in PERSONAL}
    mail = written(sample, **markers)
    found = {name for name, mark in markers.items() if mark in mail.subject + mail.text + mail.html}
    assert found <= sample.repeats
    given = {name for name in PERSONAL if name in sample.context}
    assert given <= sample.repeats


@pytest.mark.parametrize("template", sorted(SAID_OF_RESTRICTED))
def test_of_a_restricted_ticket_there_is_a_reference_and_a_link(template: str) -> None:
    markers = {name: f"marqueur-{name}" for name in PERSONAL}
    mail = mail_of(template, markers, family=None)
    assert "marqueur" not in mail.subject + mail.text + mail.html
    sentences = mail.text.replace("\u00a0", " ").splitlines()
    assert sentences[2] in (
        "Votre sollicitation 7F3K-M2QX est bien reçue.",
        "La sollicitation 7F3K-M2QX vous est confiée.",
        "La sollicitation 7F3K-M2QX demande votre attention.",
    )
    assert len(sentences) == 8
    assert not re.search(r"sécurité|restreint|incident|violation", mail.subject + mail.text, re.IGNORECASE)


@every_mail
def test_it_travels_as_the_standards_say(sample: Sample) -> None:
    long = "mot " * 400 + "x" * 3000
    mail = written(sample, **{name: long for name in ("text", "person") if name in sample.context})
    raw = to_message(mail, "Correspondant SI <desk@exemple.test>").as_bytes()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998  # RFC 5322 §2.1.1
    assert b"\n" not in raw.replace(b"\r\n", b"")
    read = message_from_bytes(raw, policy=SMTP)
    assert not read.defects
    assert read["Subject"] == mail.subject
    assert read["Date"].datetime == mail.date
    assert read["List-Unsubscribe"] == f"<{SITE}{CHOICES}>"
    assert (read["References"] is not None) == sample.about_ticket
    plain, rich = read.get_body(("plain",)), read.get_body(("html",))
    assert plain is not None
    assert rich is not None
    assert words_of(plain.get_content()) == words_of(mail.text)
    assert words_of(rich.get_content()) == words_of(mail.html)


@every_mail
def test_nothing_typed_adds_a_header_or_a_tag(sample: Sample) -> None:
    typed = {
        name: [HOSTILE] if isinstance(value, list) else HOSTILE
        for name, value in sample.context.items()
        if name
        in ("text", "title", "tools", "article", "person", "structure", "role", "heading", "job", "roles")
    }
    mail = written(sample, **typed)
    assert len(mail.subject.splitlines()) == 1
    message = message_from_bytes(to_message(mail, "desk@exemple.test").as_bytes(), policy=SMTP)
    assert message["Bcc"] is None
    assert message["To"] == "agent@exemple.test"
    assert page_of(mail).find("script") is None


def test_what_cannot_be_refused_offers_no_choice() -> None:
    mail = mail_of("question", {"text": "Depuis quand"}, family=None)
    assert CHOICES not in mail.text + mail.html
    assert to_message(mail, "desk@exemple.test")["List-Unsubscribe"] is None


def test_the_mails_of_a_ticket_make_one_thread_everywhere() -> None:
    """By References for most programs (RFC 5256, « REFERENCES »), by Thread-Index for Outlook."""
    by_ticket = {}
    for reference in ("7F3K-M2QX", "8G4M-N3RY"):
        mails = [
            mail_of(template, {}, reference=reference, message_id=template)
            for template in ("received", "closed")
        ]
        sent = [to_message(mail, "desk@exemple.test") for mail in mails]
        assert len({message["Message-ID"] for message in sent}) == 2
        roots = {(message["References"], message["In-Reply-To"], message["Thread-Index"]) for message in sent}
        assert len(roots) == 1
        by_ticket[reference] = roots.pop()
    one, other = by_ticket.values()
    assert not set(one) & set(other)
    letter = to_message(mail_of("digest", {"lines": []}, about_ticket=False), "desk@exemple.test")
    assert [letter[name] for name in ("References", "In-Reply-To", "Thread-Index")] == [None] * 3
