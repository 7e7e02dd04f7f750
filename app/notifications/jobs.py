"""What the worker does with the outbox: gather digests, send what is due, forget what is old."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime

from jinja2 import TemplateError

from app.infra.mailer import Mailer, ServerAway, TryLater, Undeliverable
from app.infra.tx import transaction
from app.notifications import digests, service
from app.notifications.message import Parcel, compose, sentence
from app.notifications.queries import zone_of
from app.notifications.replies import ReplyAddresses
from app.tickets.alert_mails import AlertMail
from app.tickets.messages import Template
from app.tickets.queries import restricted_among
from app.web.filters import french_datetime
from app.web.urls import MESSAGES, TICKET, TICKETS

log = logging.getLogger(__name__)

# A run is short enough to end within the patience of whoever stops the worker.
MAILS_PER_RUN = 100
# What may be said by mail of a restricted ticket: that it is there. All else gives way to the last of these.
SAID_OF_RESTRICTED = frozenset({Template.RECEIVED_RESTRICTED, Template.ASSIGNED, AlertMail.RESTRICTED})
RESTRICTED = "Un dossier restreint"


@dataclass(frozen=True)
class Line:
    """One line of a digest: what happened, to which ticket (empty when it may not be named), where it is read."""

    words: str
    reference: str
    at: str
    times: int
    url: str


def gather_digests(now: datetime) -> None:
    """Make the digests whose hour has come, one transaction for each person."""
    for partner_id, account_id in digests.due(now):
        with transaction():
            digests.gather(partner_id, account_id, TICKETS, now)


def drain(now: datetime, mailer: Mailer, public_url: str, replies: ReplyAddresses | None = None) -> None:
    """Send the mails that are due, the oldest first, each outside any transaction.

    A mail that crashed between its sending and its row is sent again, with the same Message-ID. A bad address
    holds up nobody; when the server is away the rest waits for the next run.
    """
    with transaction():
        service.give_up_what_is_old(now)
    for _ in range(MAILS_PER_RUN):
        with transaction():
            parcel = service.take_next(now)
            if parcel is not None:
                parcel = _as_it_may_be_said(parcel, public_url)
        if parcel is None or not _deliver(parcel, now, mailer, public_url, replies):
            return


def forget(now: datetime) -> None:
    """Delete the rows of mails sent or given up long ago."""
    with transaction():
        service.forget_old(now)


def _as_it_may_be_said(parcel: Parcel, public_url: str) -> Parcel:
    """A digest with its lines; of a ticket that has become restricted since, nothing but that it is there."""
    if parcel.template == digests.DIGEST:
        return replace(parcel, context=_lines(parcel, public_url))
    if parcel.subject_id is None or parcel.template in SAID_OF_RESTRICTED:
        return parcel
    if restricted_among([parcel.subject_id]):
        return replace(parcel, template=AlertMail.RESTRICTED, context={}, family=None)
    return parcel


def _lines(parcel: Parcel, public_url: str) -> dict[str, object]:
    """One line for each thing to read, with how often it happened, as of the last time."""
    assert parcel.partner_id is not None, "a digest is of a partner"
    zone = zone_of(parcel.partner_id)
    told = digests.told_by(parcel.id)
    restricted = restricted_among([one.subject_id for one in told if one.subject_id is not None])
    lines: dict[tuple[str, str], Line] = {}
    for one in told:
        hidden = one.subject_id in restricted
        words = RESTRICTED if hidden else sentence(one.template, one.context, one.reference)
        url = public_url + (TICKET.replace("<reference>", one.reference) if one.reference else one.path)
        before = lines.pop((url, words), None)
        lines[url, words] = Line(
            words=words,
            reference="" if hidden else one.reference or "",
            at=french_datetime(one.at, zone),
            times=before.times + 1 if before else 1,
            url=url,
        )
    return {"lines": list(lines.values())}


def _page_of(parcel: Parcel) -> str:
    return parcel.path if parcel.reference is None else TICKET.replace("<reference>", parcel.reference)


def _deliver(
    parcel: Parcel, now: datetime, mailer: Mailer, public_url: str, replies: ReplyAddresses | None
) -> bool:
    """Send one mail and write what became of it; False when no other can leave now."""
    try:
        if parcel.to is None:
            raise Undeliverable("the account is closed, has left the partner or has no address")
        mailer.send(compose(parcel, parcel.to, public_url + _page_of(parcel), MESSAGES, replies))
    except Undeliverable as error:
        log.warning("mail %d given up: %s", parcel.id, error)
        with transaction():
            service.give_up(parcel, str(error))
    except ServerAway as error:
        log.warning("mail server away: %s", error)
        with transaction():
            service.wait_for_server(parcel, str(error), now)
        return False
    except (TryLater, TemplateError) as error:
        log.warning("mail %d put off: %s", parcel.id, error)
        with transaction():
            service.postpone(parcel, str(error), now)
    else:
        with transaction():
            service.mark_sent(parcel, now)
    return True
