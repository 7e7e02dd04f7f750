"""What the worker does with mail that arrives: fetch it, look at it, forget it in time."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from app.config import Config
from app.infra.imap import ImapAddress, Mailbox, imap_address, open_mailbox
from app.infra.tx import transaction
from app.mailroom import service
from app.mailroom.queries import stored_uids
from app.mailroom.rules import MAX_BYTES
from app.mailroom.service import Arrival, Office
from app.notifications.replies import ReplyAddresses

log = logging.getLogger(__name__)

# A run ends within the patience of whoever stops the worker; the next one goes on.
MAILS_PER_RUN = 50
# A mail that somebody read in the mailbox itself is no longer « unseen »: it is looked for by its date.
LOOKED_BACK = timedelta(days=7)


def replies_of(settings: Config | None) -> ReplyAddresses | None:
    """The addresses that answers go to; None while no mailbox is read."""
    return (
        ReplyAddresses(settings.mail_reply_to, settings.secret_key)
        if settings and settings.imap_url
        else None
    )


def office_of(settings: Config) -> Office:
    """Needs a mailbox in the settings."""
    replies = ReplyAddresses(settings.mail_reply_to, settings.secret_key)
    return Office(replies, settings.mail_authserv_id, settings.mail_partner)


def read_mail(now: datetime, settings: Config | None) -> None:
    """Fetch what is new, then look at all that is stored. What is stored is sorted even when the mailbox is away.

    Raises MailboxAway.
    """
    if settings is None or not settings.imap_url:
        return
    try:
        fetch_new(now, imap_address(settings.imap_url))
    finally:
        sort_stored(now, office_of(settings))


def fetch_new(now: datetime, address: ImapAddress) -> None:
    """Store each new mail, then mark it as read in the mailbox: in this order nothing is lost, whoever crashes."""
    with open_mailbox(address) as mailbox:
        uids = mailbox.uids((now - LOOKED_BACK).date())
        stored = stored_uids(mailbox.name, mailbox.uid_validity, uids)
        for uid in [uid for uid in uids if uid not in stored][:MAILS_PER_RUN]:
            arrival = _fetch(mailbox, uid)
            if arrival is not None:
                _store(arrival, now)
                mailbox.mark_seen(uid)


def sort_stored(now: datetime, office: Office) -> None:
    """Look at each stored mail, one transaction each."""
    with transaction():
        nobodys = service.look_again_at_nobodys(office)
    if nobodys:
        log.warning("%d mails are for no partner: set MAIL_PARTNER to have them sorted", nobodys)
    for _ in range(MAILS_PER_RUN):
        with transaction():
            key = service.take_next(now)
        if key is None:
            return
        with transaction():
            service.sort(key, office, now)


def forget(now: datetime) -> None:
    """Drop what was dealt with long ago."""
    with transaction():
        service.forget_old(now)


def _fetch(mailbox: Mailbox, uid: int) -> Arrival | None:
    """The mail, or its headers alone when it is too big; None when it has left the mailbox meanwhile."""
    size = mailbox.size(uid)
    if size is None:
        return None
    # One byte more than the limit is asked for: a server may be wrong about a size.
    raw = mailbox.fetch(uid, MAX_BYTES + 1) if size <= MAX_BYTES else b""
    if size > MAX_BYTES or len(raw) > MAX_BYTES:
        return Arrival(
            mailbox.name, mailbox.uid_validity, uid, max(size, len(raw)), None, mailbox.headers(uid)
        )
    return Arrival(mailbox.name, mailbox.uid_validity, uid, len(raw), raw)


def _store(arrival: Arrival, now: datetime) -> None:
    """What another worker stored in the same instant is stored: that is all that is wanted."""
    try:
        with transaction():
            service.store(arrival, now)
    except IntegrityError:
        log.info("mail %d was stored by another worker", arrival.uid)
