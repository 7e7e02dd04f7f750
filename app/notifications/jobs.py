"""What the worker does with the outbox: send what is due, forget what is old."""

from __future__ import annotations

import logging
from datetime import datetime

from jinja2 import TemplateError

from app.infra.mailer import Mailer, ServerAway, TryLater, Undeliverable
from app.infra.tx import transaction
from app.notifications import service
from app.notifications.message import Parcel, compose
from app.web.urls import TICKET

log = logging.getLogger(__name__)

# A run is short enough to end within the patience of whoever stops the worker.
MAILS_PER_RUN = 100


def drain(now: datetime, mailer: Mailer, public_url: str) -> None:
    """Send the mails that are due, the oldest first, each outside any transaction.

    A mail that crashed between its sending and its row is sent again, with the same Message-ID. A bad address
    holds up nobody; when the server is away the rest waits for the next run.
    """
    with transaction():
        service.give_up_what_is_old(now)
    for _ in range(MAILS_PER_RUN):
        with transaction():
            parcel = service.take_next(now)
        if parcel is None or not _deliver(parcel, now, mailer, public_url):
            return


def forget(now: datetime) -> None:
    """Delete the rows of mails sent or given up long ago."""
    with transaction():
        service.forget_old(now)


def _page_of(parcel: Parcel) -> str:
    return parcel.path if parcel.reference is None else TICKET.replace("<reference>", parcel.reference)


def _deliver(parcel: Parcel, now: datetime, mailer: Mailer, public_url: str) -> bool:
    """Send one mail and write what became of it; False when no other can leave now."""
    try:
        if parcel.to is None:
            raise Undeliverable("the account is closed, has left the partner or has no address")
        mailer.send(compose(parcel, parcel.to, public_url + _page_of(parcel)))
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
