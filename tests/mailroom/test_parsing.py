"""Reading mails as they come: charsets, HTML, quotations, broken MIME, bounces, and who vouches for the sender."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mailroom import parsing
from app.mailroom.authenticity import verdict
from app.mailroom.ft_answers import ft_reference, guess, is_absence
from app.mailroom.parsing import Bounce, Letter, fingerprint, read
from app.mailroom.quoting import new_words, text_of_html
from app.mailroom.rules import Course, Decision, Seen, decide, happened_at, is_declared
from app.mailroom.vocabulary import FtKind, Verified, Why
from app.notifications.replies import Addressed, ReplyAddresses
from tests.mailroom.post import mail

REPLIES = ReplyAddresses("desk@desk.test", "k" * 40)


def parts(*blocks: bytes) -> bytes:
    head = b"From: a@b.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    return head + b"".join(b"--b\r\n" + block + b"\r\n" for block in blocks) + b"--b--\r\n"


def test_a_token_is_read_again_and_no_other() -> None:
    addressed = Addressed(account_id=12, subject_id=3456)
    address = REPLIES.address_for(addressed)
    assert REPLIES.find(["someone@else.test", address.upper()]) == addressed
    assert len(address.partition("@")[0]) <= 64
    other = ReplyAddresses("desk@desk.test", "z" * 40)
    assert other.find([address]) is None
    assert (
        REPLIES.find(["desk@desk.test", address.replace("desk.test", "evil.test"), "desk+abc@desk.test"])
        is None
    )


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Oui.\n\nLe lun. 9 mars 2026 à 10:00,\nDesk <d@d.test> a écrit :\n> ancien", "Oui."),
        ("Oui.\n-----Message d'origine-----\nDe : x\nancien", "Oui."),
        ("Oui.\n\nDe : Desk <d@d.test>\nEnvoyé : lundi\nÀ : moi\n\nancien", "Oui."),
        ("Oui.\n-- \nCamille\nTél. 01", "Oui."),
        ("Oui.\nEnvoyé de mon téléphone", "Oui."),
        (
            "On Mon, 9 Mar 2026 Desk wrote:\n> Depuis quand ?\nDepuis hier.\n> Où ?\nIci.",
            "Depuis hier.\nIci.",
        ),
        ("> tout cité", ""),
        ("Le service est fermé.", "Le service est fermé."),
    ],
)
def test_only_new_words_are_kept(written: str, kept: str) -> None:
    assert new_words(written) == kept


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Bonjour</p><p>Ligne<br/>deux</p>", "Bonjour\n\nLigne\ndeux"),
        ("<style>p{}</style><script>x()</script>a<img src=x><b>b</b>", "ab"),
        ("<div style='display:none'>ordre caché<br><p>x</div>visible<hr>", "visible"),
        ("avant<blockquote><div>cité</div></blockquote>après", "avantaprès"),
        ("<div class=gmail_quote>cité</div>oui<svg/></p>", "oui"),
        ("<span hidden>non<br/></span>oui", "oui"),
    ],
)
def test_html_gives_its_visible_words_only(html: str, text: str) -> None:
    assert text_of_html(html) == text


def test_a_mail_is_read_with_its_charset_and_its_files() -> None:
    letter = read(
        parts(
            b"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=E9t=E9",
            b"Content-Type: message/rfc822\r\n\r\nSubject: inside\r\n\r\nhello",
            b"Content-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=",
            b"Content-Type: application/pdf\r\n\r\nx",
        )
    )
    assert letter.text == "été"
    assert [file.name for file in letter.files] == ["courriel.eml", "a.png", "fichier.pdf"]
    assert letter.files[1].content == b"hello"
    assert b"inside" in letter.files[0].content
    assert not letter.broken


@pytest.mark.parametrize("charset", ["x-none", "utf-8"])
def test_an_unknown_or_wrong_charset_is_guessed(charset: str) -> None:
    head = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n".encode()
    assert read(head + "été".encode("cp1252")).text == "été"
    assert read(head + b"\x81\xff").text


def test_a_page_alone_is_read_as_text() -> None:
    assert read(b"Content-Type: text/html\r\n\r\n<p>Bonjour</p>").text == "Bonjour"


def test_senders_and_times() -> None:
    letter = read(
        mail("Une Personne <a@b.test>", "x", In_Reply_To="<1@desk>", References="<0@desk> <1@desk>")
    )
    assert (letter.sender, letter.sender_name) == ("a@b.test", "Une Personne")
    assert letter.answers_to == ("<1@desk>", "<0@desk>", "<1@desk>")
    assert letter.received_at == datetime(2026, 3, 10, 7, 58, tzinfo=UTC)
    assert read(b"From: a@b.test, c@d.test\r\n\r\nx").sender == ""
    assert read(b"Date: Mon, 09 Mar 2026 12:00:00 -0000\r\n\r\nx").received_at == datetime(
        2026, 3, 9, 12, tzinfo=UTC
    )
    assert read(b"Date: hier\r\n\r\nx").received_at is None
    assert read(b"Subject: =?x-none?q?=E9?=\r\n\r\nx").subject
    now = datetime(2026, 3, 10, tzinfo=UTC)
    assert happened_at(now + timedelta(days=1), now) == happened_at(None, now) == now


@given(st.binary(max_size=400))
def test_no_bytes_surprise_the_reader(raw: bytes) -> None:
    read(raw)
    read(
        b"From: a@b.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        + raw
    )
    fingerprint(raw)


def test_the_same_mail_has_the_same_fingerprint_whatever_servers_add() -> None:
    raw = b"Message-ID: <1@x>\n\nbody"
    assert fingerprint(b"Received: by x\n" + raw) == fingerprint(raw)
    assert fingerprint(raw + b"!") != fingerprint(raw)


@pytest.mark.parametrize("broken", ["getaddresses", "_text_of", "_HEADERS"])
def test_what_the_library_chokes_on_is_left_out(monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    def choke(*_: object) -> None:
        raise AttributeError

    monkeypatch.setattr(parsing, broken, SimpleNamespace(parsebytes=choke) if broken == "_HEADERS" else choke)
    letter = read(b"From: a@b.test\r\n\r\nBonjour")
    assert letter.broken or letter.sender == ""


def test_a_report_that_is_no_bounce_is_none() -> None:
    assert (
        read(
            b"Content-Type: multipart/report; boundary=b; report-type=disposition-notification\r\n\r\n"
        ).bounce
        is None
    )


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        (("mx.test; dmarc=pass header.from=ft.fr",), Verified.PASSED),
        (("mx.test 1; dkim=pass (a (nested) comment) header.d=ft.fr",), Verified.PASSED),
        (("mx.test; spf=pass smtp.mailfrom=robot@ft.fr",), Verified.PASSED),
        (("mx.test; dkim=pass header.d=evil.fr; spf=pass smtp.mailfrom=evil.fr",), Verified.UNKNOWN),
        (("mx.test; dmarc=fail header.from=ft.fr; spf=pass smtp.mailfrom=ft.fr",), Verified.FAILED),
        (("other.test; dmarc=pass header.from=ft.fr",), Verified.UNKNOWN),
        (("mx.test; dmarc=fail header.from=ft.fr", "mx.test; dmarc=pass header.from=ft.fr"), Verified.FAILED),
        (("mx.test; none; auth=pass x",), Verified.UNKNOWN),
        ((), Verified.UNKNOWN),
    ],
)
def test_only_our_own_server_vouches(headers: tuple[str, ...], found: Verified) -> None:
    assert verdict(headers, "mx.test", "si.ft.fr") == found
    assert verdict(headers, "", "si.ft.fr") == Verified.UNKNOWN


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Nous avons bien reçu votre demande.", FtKind.RECEIPT),
        ("Votre demande sera prise en charge rapidement.", FtKind.RECEIPT),
        ("Votre demande n’est pas encore prise en charge.", FtKind.RECEIPT),
        ("Votre demande est prise en charge par l’équipe.", FtKind.TAKE_UP),
        ("Merci de nous transmettre l’heure de l’appel.", FtKind.QUESTION),
        ("Cette demande est hors périmètre.", FtKind.REFUSAL),
        ("La cause : un certificat expiré.", FtKind.CAUSE),
        ("Le rétablissement est prévu demain à 10 h.", FtKind.FORECAST),
        ("Le service est de nouveau disponible.", FtKind.RETURN),
        ("Votre ticket a été clôturé.", FtKind.CLOSURE),
        ("Bonne journée.", None),
    ],
)
def test_what_an_answer_looks_like(words: str, kind: FtKind | None) -> None:
    assert guess("", words) == kind


def test_the_subject_speaks_when_the_text_does_not() -> None:
    assert guess("Accusé de réception", "Bonjour") == FtKind.RECEIPT
    assert is_absence("Réponse automatique : congés")
    assert not is_absence("Absentéisme")


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("Ticket INC0012345 ouvert", "INC0012345"),
        ("Référence de la demande : 2026-48213", "2026-48213"),
        ("Votre dossier n° F8QY-40Y3", ""),
        ("Bonjour", ""),
    ],
)
def test_the_reference_that_france_travail_gives(text: str, reference: str) -> None:
    assert ft_reference("", text) == reference


def test_a_domain_is_declared_but_a_public_provider_is_not() -> None:
    declared = {"support@ft.fr", "cssi@gmail.com"}
    assert is_declared("autre@si.ft.fr", declared)
    assert is_declared("cssi@gmail.com", declared)
    assert not is_declared("autre@gmail.com", declared)
    assert not is_declared("x@notft.fr", declared)


def bounced(*, failed: bool) -> Letter:
    return Letter(sender="d@x.test", bounce=Bounce(("<1@x>",), "a@b.test", failed, "5.1.1"))


WRITTEN = Letter(sender="a@b.test", words="Oui", text="Oui")
HINTED = Letter(sender="a@b.test", words="Oui", headers={"List-Id": "x"})


@pytest.mark.parametrize(
    ("letter", "known", "course", "why"),
    [
        (WRITTEN, {"is_own": True}, Course.SET_ASIDE, Why.LOOP),
        (bounced(failed=False), {}, Course.SET_ASIDE, Why.AUTOMATIC),
        (bounced(failed=True), {}, Course.WAIT, Why.BOUNCE_UNKNOWN),
        (bounced(failed=True), {"knows_bounced_mail": True}, Course.MARK_BOUNCED, Why.BOUNCE),
        (Letter(broken=True), {}, Course.WAIT, Why.BROKEN),
        (WRITTEN, {"recent": 20}, Course.WAIT, Why.TOO_MANY),
        (WRITTEN, {"from_ft": True}, Course.WAIT, Why.FT_UNVERIFIED),
        (WRITTEN, {"from_ft": True, "verified": Verified.PASSED}, Course.WAIT, Why.FT_WITHOUT_REFERENCE),
        (WRITTEN, {"from_ft": True, "verified": Verified.PASSED, "tickets": 1, "ft_kind": FtKind.RECEIPT}, Course.WAIT, Why.FT_ANSWER),
        (WRITTEN, {"from_ft": True, "verified": Verified.PASSED, "tickets": 1, "ft_kind": FtKind.RECEIPT, "receipt_is_take_up": True, "is_restricted": True}, Course.WAIT, Why.FT_ANSWER),
        (WRITTEN, {"is_reply": True}, Course.WAIT, Why.REPLY_OTHER_SENDER),
        (HINTED, {"is_reply": True, "by_addressee": True}, Course.WAIT, Why.AUTOMATIC_HINT),
        (Letter(sender="a@b.test"), {"is_reply": True, "by_addressee": True}, Course.WAIT, Why.EMPTY),
        (WRITTEN, {"is_known_person": True, "tickets": 1}, Course.WAIT, Why.NAMES_TICKET),
        (WRITTEN, {}, Course.WAIT, Why.UNKNOWN_SENDER),
    ],
)  # fmt: skip
def test_what_becomes_of_a_mail(letter: Letter, known: dict[str, object], course: Course, why: Why) -> None:
    seen = Seen(**{"letter": letter, "verified": Verified.UNKNOWN, **known})  # type: ignore[arg-type]
    assert decide(seen) == Decision(course, why)
