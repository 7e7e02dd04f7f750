"""The letters about rights, as they are read; every branch of each once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup

from app.accounts.jobs_letters import AccountLetter
from app.infra.mailer import Mail
from tests.notifications.test_message import LINK, mail_of

CASES: list[tuple[AccountLetter, dict[str, Any]]] = [
    (AccountLetter.INVITATION, {"ends_on": "17/03/2026 à\u00a09\u00a0h\u00a000"}),
    (AccountLetter.RIGHTS_GRANTED, {"role": "Utilisateur", "structure": "Accueil"}),
    (AccountLetter.RIGHTS_GRANTED, {"role": "Administrateur", "structure": ""}),
    (
        AccountLetter.RIGHTS_WARNING,
        {"roles": ["Administrateur", "Éditeur"], "day": "10/05/2026", "kept": False},
    ),
    (AccountLetter.RIGHTS_WARNING, {"roles": ["Administrateur"], "day": "10/05/2026", "kept": True}),
    (AccountLetter.RIGHTS_SUSPENDED, {"roles": ["Correspondant SI"]}),
    (AccountLetter.REVIEW_DUE, {"due": "10/05/2026", "left": 0}),
    (AccountLetter.REVIEW_DUE, {"due": "", "left": 1}),
    (AccountLetter.REVIEW_DUE, {"due": "", "left": 12}),
    (
        AccountLetter.CSSI_NOTICE,
        {"cause": "départ", "person": "RGC", "due": "02/04/2026 à\u00a09\u00a0h\u00a000"},
    ),
]


def letter(template: AccountLetter, context: dict[str, Any]) -> Mail:
    return mail_of(template, context, reference=None, family=None)


def test_every_letter_is_read_here() -> None:
    assert {template for template, _ in CASES} == set(AccountLetter)


@pytest.mark.parametrize(("template", "context"), CASES)
def test_both_bodies_say_the_same_and_lead_to_the_page(
    template: AccountLetter, context: dict[str, Any]
) -> None:
    mail = letter(template, context)
    rich = BeautifulSoup(mail.html, "html5lib")
    assert [link["href"] for link in rich.find_all("a")] == [LINK]
    for link in rich.find_all("a"):
        link.append(f"\u00a0: {link['href']}")
    assert rich.body is not None
    assert rich.body.get_text(" ").split() == mail.text.split()
    assert rich.title is not None
    assert rich.title.string == mail.subject
    assert not rich.find_all(["style", "script", "img"])
    assert mail.thread_id is None


@pytest.mark.parametrize(("template", "context"), CASES)
def test_the_french_is_set_as_it_should_be(template: AccountLetter, context: dict[str, Any]) -> None:
    mail = letter(template, context)
    for words in (mail.subject, mail.text.replace(LINK, "")):
        assert "'" not in words
        assert "\u202f" not in words
        assert not re.search(r"(?<!\u00a0)[:;!?](?!/)", words), "a no-break space goes before"


def test_the_last_administrator_reads_that_nothing_closes() -> None:
    mail = letter(
        AccountLetter.RIGHTS_WARNING, {"roles": ["Administrateur"], "day": "10/05/2026", "kept": True}
    )
    assert "dernier administrateur" in mail.text
    assert "10/05/2026" not in mail.text


def test_an_invitation_tells_no_secret_but_its_link() -> None:
    mail = letter(AccountLetter.INVITATION, {"ends_on": "17/03/2026"})
    assert "Département d’essai" in mail.subject
    assert "ne sert qu’une fois" in mail.text
