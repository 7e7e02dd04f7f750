"""What the walk of the routes needs of the mailroom: a mail of a stranger that waits, about no ticket."""

from __future__ import annotations

from datetime import datetime

from app.extensions import db
from app.infra.tx import transaction
from app.mailroom.models import InboundMail
from app.mailroom.vocabulary import Status, Why
from tests.factories import Place


def waiting_mail(place: Place, *, now: datetime, uid: int = 1, **changes: object) -> str:
    """The reference of a mail that waits; commits."""
    values: dict[str, object] = {
        "mailbox": "desk@imap.test/INBOX",
        "uid_validity": place.partner_id,
        "uid": uid,
        "fingerprint": f"{place.partner_id}-{uid}",
        "size": 12,
        "raw": b"Subject: Bonjour\r\n\r\nBonjour",
        "fetched_at": now,
        "received_at": now,
        "status": Status.WAITING,
        "why": Why.UNKNOWN_SENDER,
        "partner_id": place.partner_id,
        "sender": "inconnu@ailleurs.test",
        "title": "Bonjour",
        "text": "Bonjour",
        "files": [],
    }
    with transaction():
        row = InboundMail(**{**values, **changes})
        db.session.add(row)
        db.session.flush()
        return row.reference


def mail_to_walk(place: Place, *, now: datetime) -> dict[str, str]:
    return {"mail": waiting_mail(place, now=now)}
