"""The words of a mail: from what the outbox holds to a `Mail`, by the files of `templates/mail/`.

Each template is a folder with `subject.txt`, `body.txt` and `body.html`. They receive the reference, the link,
the address of the desk, the partner's name and the notice's own context; a name that they use and do not receive
is an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, select_autoescape

from app.config import ROOT
from app.infra.mailer import Mail
from app.notifications.replies import Addressed, ReplyAddresses
from app.notifications.vocabulary import Family

NBSP = "\u00a0"
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class Parcel:
    """A mail to send, taken out of the outbox. `to` is None when the person can no longer be written to.

    `reference` is that of its subject, None for a letter, which leads to `path` instead. `family` is None for
    what cannot be refused. `addressed` says whom a mail about a ticket is for: no other can be answered.
    """

    id: int
    to: str | None
    template: str
    context: Mapping[str, Any]
    reference: str | None
    path: str
    partner: str
    message_id: str
    created_at: datetime
    partner_id: int | None = None
    subject_id: int | None = None
    family: Family | None = None
    addressed: Addressed | None = None


def compose(
    parcel: Parcel, to: str, link: str, choices: str = "", replies: ReplyAddresses | None = None
) -> Mail:
    """The mail as it leaves; `link` is the whole address of the page it is about.

    `choices` is the path of the page where people choose their mails: those that they may refuse lead there.
    With `replies`, an answer to a mail about a ticket goes to an address that says whose and which it is.

    The same parcel gives the same Message-ID at each attempt. Mails about one subject all refer to one
    Message-ID that none of them bears: mail programs show them as one thread (RFC 5322 §3.6.4). Gmail,
    which also asks for the same subject, shows them apart: the subject says what happened. A letter stands alone.
    Raises jinja2.TemplateError.
    """
    address = urlsplit(link)
    host = address.hostname or "localhost"
    site = f"{address.scheme}://{address.netloc}"
    choices_url = site + choices if parcel.family and choices else ""
    reply_to = replies.address_for(parcel.addressed) if replies and parcel.addressed else None
    words = {
        "answers_by_mail": reply_to is not None,
        "reference": parcel.reference,
        "partner": parcel.partner,
        "link": link,
        "site": site,
        "choices": choices_url,
        **parcel.context,
    }
    subject = _one_line(_render(parcel.template, "subject.txt", words))
    return Mail(
        to=to,
        subject=subject,
        text=_BLANK_LINES.sub("\n\n", _render(parcel.template, "body.txt", words)),
        html=_render(parcel.template, "body.html", {**words, "subject": subject}),
        message_id=f"<{parcel.message_id}@{host}>",
        thread_id=f"<{parcel.reference}@{host}>" if parcel.reference else None,
        date=parcel.created_at,
        reply_to=reply_to,
        choices_url=choices_url,
    )


def sentence(template: str, context: Mapping[str, Any], reference: str | None) -> str:
    """What a mail says, in the words of its subject without the reference: a digest tells it in one line."""
    try:
        subject = _render(template, "subject.txt", {"reference": reference, "partner": "", **context})
    except TemplateError:
        # The digest is not held up by one line: the page says what there is to know.
        return "Il y a du nouveau"
    return _one_line(subject).removeprefix(f"[{reference}]").strip()


def _one_line(text: str) -> str:
    """Spaces and line ends of all kinds made one space, but for the no-break spaces of French."""
    return NBSP.join(" ".join(part.split()) for part in text.strip().split(NBSP))


def _render(template: str, part: str, words: Mapping[str, Any]) -> str:
    return _environment().get_template(f"mail/{template}/{part}").render(words)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
