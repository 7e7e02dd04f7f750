"""Reading the mailroom. A mail about a ticket is shown to those who handle that ticket, and to nobody else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, func, or_, select

from app.accounts.models import Account, Membership
from app.accounts.policy import Actor, Permission, Reach, Role, reaches
from app.accounts.queries import IN_FORCE
from app.extensions import db
from app.journal.models import Subject
from app.kernel.errors import NotFound
from app.mailroom.models import InboundMail
from app.mailroom.rules import RATE_WINDOW
from app.mailroom.vocabulary import Status
from app.notifications.models import Outbox
from app.notifications.replies import Addressed
from app.partners.models import Channel, Contact, Partner
from app.tickets.models import Ticket
from app.tickets.queries import visible

COUNTED_AT_MOST = 99
SHOWN_AT_MOST = 50
TICKET = "ticket"


@dataclass(frozen=True)
class MailRow:
    """A mail with the ticket that it is about, if any."""

    mail: InboundMail
    ticket: Ticket | None
    person: str


def readable(actor: Actor) -> ColumnElement[bool]:
    """The rows that the actor may read: always those of one partner."""
    reached = reaches(actor, Permission.MAILROOM_HANDLE)
    about_nothing = InboundMail.subject_id.is_(None) if Reach.PARTNER in reached else false()
    theirs = select(Ticket.id).where(visible(actor, Permission.TICKET_COMMENT_INTERNAL))
    return and_(
        InboundMail.partner_id == actor.partner_id,
        InboundMail.status.in_([Status.WAITING, Status.DONE, Status.SET_ASIDE]),
        or_(about_nothing, InboundMail.subject_id.in_(theirs)) if reached else false(),
    )


def waiting(actor: Actor) -> list[MailRow]:
    """What waits for a person, the oldest first."""
    return _rows(
        and_(readable(actor), InboundMail.status == Status.WAITING),
        InboundMail.received_at.asc(),
    )


def dealt_with(actor: Actor) -> list[MailRow]:
    """What was dealt with of late, the latest first."""
    return _rows(
        and_(readable(actor), InboundMail.status.in_([Status.DONE, Status.SET_ASIDE])),
        InboundMail.dealt_at.desc(),
    )


def count_waiting(actor: Actor) -> int:
    """At most COUNTED_AT_MOST + 1. One query."""
    some = (
        select(InboundMail.id)
        .where(readable(actor), InboundMail.status == Status.WAITING)
        .limit(COUNTED_AT_MOST + 1)
    )
    return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0


def find_mail(actor: Actor, reference: str, *, for_update: bool = False) -> MailRow:
    """The mail of that reference. Raises NotFound when the actor must not know of it."""
    query = select(InboundMail).where(InboundMail.reference == reference, readable(actor))
    if for_update:
        query = query.with_for_update().execution_options(populate_existing=True)
    mail = db.session.scalar(query) if reference.isprintable() else None
    if mail is None:
        raise NotFound
    ticket = db.session.get(Ticket, mail.subject_id) if mail.subject_id is not None else None
    person = db.session.get(Account, mail.account_id) if mail.account_id is not None else None
    return MailRow(mail, ticket, person.name if person else "")


def _rows(
    condition: ColumnElement[bool], order: ColumnElement[datetime] | ColumnElement[datetime | None]
) -> list[MailRow]:
    query = (
        select(InboundMail, Ticket, Account.name)
        .outerjoin(Ticket, Ticket.id == InboundMail.subject_id)
        .outerjoin(Account, Account.id == InboundMail.account_id)
        .where(condition)
        .order_by(order, InboundMail.id)
        .limit(SHOWN_AT_MOST)
    )
    return [MailRow(mail, ticket, name or "") for mail, ticket, name in db.session.execute(query)]


# --- What is known of a mail that arrives ----------------------------------------------------------------


def stored_uids(mailbox: str, uid_validity: int, uids: Collection[int]) -> set[int]:
    """Those of these numbers that are stored already."""
    query = select(InboundMail.uid).where(
        InboundMail.mailbox == mailbox,
        InboundMail.uid_validity == uid_validity,
        InboundMail.uid.between(min(uids, default=0), max(uids, default=0)),
    )
    return set(db.session.scalars(query))


def is_stored(fingerprint: str) -> bool:
    return db.session.scalar(select(InboundMail.id).where(InboundMail.fingerprint == fingerprint)) is not None


def outbox_row(message_ids: Iterable[str]) -> Outbox | None:
    """The mail of ours that one of these Message-ID names: the half that we draw at random is enough."""
    ours = [message_id.strip("<>").partition("@")[0] for message_id in message_ids]
    if not ours:
        return None
    return db.session.scalar(select(Outbox).where(Outbox.message_id.in_(ours)).order_by(Outbox.id).limit(1))


def addressed_by(message_ids: Iterable[str]) -> Addressed | None:
    """Whom we had written to about what, from the Message-ID that an answer refers to."""
    row = outbox_row(message_ids)
    if row is None or row.subject_id is None:
        return None
    return Addressed(row.account_id, row.subject_id)


def ticket_of(addressed: Addressed) -> Ticket | None:
    """The ticket that the mail was about; None when it was about something else."""
    query = select(Ticket).join(Subject, Subject.id == Ticket.id)
    return db.session.scalar(query.where(Ticket.id == addressed.subject_id, Subject.kind == TICKET))


def tickets_named(references: Sequence[str]) -> Sequence[Ticket]:
    """The tickets of any partner, those with restricted readers first."""
    query = select(Ticket).where(Ticket.reference.in_(references))
    return db.session.scalars(query.order_by(Ticket.restricted.desc(), Ticket.id)).all()


def ft_addresses(partner_id: int) -> frozenset[str]:
    """Every address that the partner's conventions give to France Travail, in lower case."""
    channels = select(Channel.address).where(Channel.partner_id == partner_id, Channel.removed_at.is_(None))
    contacts = select(Contact.email).where(Contact.partner_id == partner_id, Contact.side.is_(None))
    found = [*db.session.scalars(channels), *db.session.scalars(contacts)]
    return frozenset(address.strip().lower() for address in found if address and "@" in address)


def partner_ids() -> Sequence[int]:
    return db.session.scalars(select(Partner.id).order_by(Partner.id)).all()


def actor_in(account_id: int, partner_id: int) -> Actor | None:
    """The person with the roles in force that they hold in the partner; None without any."""
    rows = db.session.execute(
        select(Account.name, Membership.role, Membership.structure_id)
        .join(Membership, Membership.account_id == Account.id)
        .where(Account.id == account_id, Account.active, Membership.partner_id == partner_id, IN_FORCE)
    ).all()
    if not rows:
        return None
    return Actor(
        account_id=account_id,
        name=rows[0].name,
        partner_id=partner_id,
        roles=frozenset(Role(row.role) for row in rows),
        structure_ids=frozenset(row.structure_id for row in rows if row.structure_id is not None),
    )


def recent_from(sender: str, now: datetime, but: int) -> int:
    """How many mails of that sender were fetched within the hour, beside the one of that key."""
    query = select(func.count()).where(
        InboundMail.sender == sender, InboundMail.fetched_at > now - RATE_WINDOW, InboundMail.id != but
    )
    return db.session.scalar(query) or 0
