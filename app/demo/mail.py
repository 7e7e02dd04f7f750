"""Three mails of the demonstration that wait to be sorted: a receipt, a take-up, and a stranger. No mailbox is read."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from sqlalchemy import select

from app.demo.world import Place, World
from app.extensions import db
from app.infra.tx import transaction
from app.mailroom.jobs import sort_stored
from app.mailroom.queries import ft_addresses
from app.mailroom.service import Arrival, Office, store
from app.notifications.replies import ReplyAddresses
from app.tickets.models import Ticket
from app.tickets.vocabulary import State

SERVER = "mx.demo.example"
MAILBOX = "correspondant-si@demo.example"


def deliver_mail(world: World, until: datetime) -> None:
    """What the mailbox would have brought within the last hour, sorted as the worker does."""
    place = world.nord
    arrived = until - timedelta(minutes=40)
    sender = max(ft_addresses(place.partner_id), key=lambda address: ("dpd" not in address, address))
    tickets = _with_france_travail(place)
    mails = [
        _mail(
            "accueil@association.example",
            "Qui contacter pour un accès\u00a0?",
            "Bonjour,\n\nJe remplace une collègue de l’accueil de Roubaix et je n’ai pas d’accès au suivi de parcours.\n"
            "À qui dois-je m’adresser\u00a0?",
            arrived,
        )
    ]
    signs = (
        (
            "Accusé de réception",
            "Nous avons bien reçu votre demande {}. Elle sera prise en charge dans les meilleurs délais.",
        ),
        (
            "Prise en charge",
            "Votre demande {} est prise en charge par nos équipes sous le numéro INC0048213.",
        ),
    )
    for (subject, text), ticket in zip(signs, tickets, strict=False):
        arrived += timedelta(minutes=7)
        mails.append(_mail(sender, f"[{ticket}] {subject}", text.format(ticket), arrived, vouched=True))
    with transaction():
        for uid, raw in enumerate(mails, start=1):
            store(Arrival(MAILBOX, 1, uid, len(raw), raw), until)
    office = Office(ReplyAddresses(MAILBOX, "no answer is awaited here"), SERVER, place.code)
    sort_stored(until, office)


def _with_france_travail(place: Place) -> list[str]:
    """The latest tickets that wait for France Travail, on channels whose receipts are not the take-up."""
    query = (
        select(Ticket.reference)
        .where(
            Ticket.partner_id == place.partner_id,
            Ticket.state == State.TRANSMITTED.value,
            ~Ticket.restricted,
            Ticket.duplicate_of.is_(None),
        )
        .order_by(Ticket.updated_at.desc(), Ticket.id)
    )
    return list(db.session.scalars(query.limit(2)))


def _mail(sender: str, subject: str, text: str, at: datetime, *, vouched: bool = False) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["Received"] = f"from mail.example by {SERVER} with ESMTPS id demo; {format_datetime(at)}"
    if vouched:
        domain = sender.rpartition("@")[2].rstrip(">")
        message["Authentication-Results"] = f"{SERVER}; dmarc=pass header.from={domain}"
    message["From"], message["To"], message["Subject"] = sender, MAILBOX, subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{int(at.timestamp())}@mail.example>"
    message.set_content(text)
    return message.as_bytes()
