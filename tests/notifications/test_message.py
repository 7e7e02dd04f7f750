"""The words of the mails about tickets, as they are read."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from app.notifications.message import sentence
from tests.notifications.every_mail import LINK, QUOTE, SAMPLES, Sample, mail_of


def test_what_was_typed_is_escaped_in_html_and_marked_as_quoted_in_text() -> None:
    mail = mail_of("answered", {"text": QUOTE})
    assert "<b>" not in mail.html
    assert "&lt;b&gt;Ctrl&lt;/b&gt; &amp; Maj &lt; F5" in mail.html
    assert "> Essayez ceci\u00a0:\n> \n> <b>Ctrl</b> & Maj < F5\n> Puis dites-nous.\n" in mail.text


def test_the_restricted_receipt_says_no_more_than_that_something_arrived() -> None:
    mail = mail_of("received-restricted", {}, family=None)
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


@pytest.mark.parametrize("sample", [sample for sample in SAMPLES if sample.about_ticket], ids=str)
def test_a_digest_says_it_in_the_words_of_its_subject(sample: Sample) -> None:
    mail = mail_of(sample.template, sample.context)
    assert f"[7F3K-M2QX] {sentence(sample.template, sample.context, '7F3K-M2QX')}" == mail.subject


def test_no_break_spaces_of_a_subject_are_kept() -> None:
    mail = mail_of("job-failed", {"job": "Envoi \u00a0 des\n messages"}, about_ticket=False)
    assert mail.subject == "Une tâche de fond échoue\u00a0: Envoi\u00a0des messages"
