"""Where and whom to reach at France Travail: the edits of channels and contacts. Commits nothing."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypedDict, TypeVar, Unpack

from sqlalchemy import select

from app.extensions import db
from app.kernel.errors import InvalidInput, NotFound
from app.partners.checks import assign, check_order, check_required, check_text, check_word
from app.partners.models import Channel, Contact
from app.partners.queries import find_convention
from app.partners.terms import CHANNEL_KINDS, CONTACT_ROLES, parse_email, parse_url

Owned = TypeVar("Owned", Channel, Contact)


class ChannelChanges(TypedDict, total=False):
    """What can be edited of a channel."""

    name: str
    kind: str
    address: str | None
    url: str | None
    receipt_is_take_up: bool


class ContactDetails(TypedDict, total=False):
    """What a contact may have; `rank` is its turn in the relances, None when it has none."""

    rank: int | None
    email: str | None
    phone: str | None
    valid_from: date | None
    valid_to: date | None


class ContactChanges(ContactDetails, total=False):
    """What can be edited of a contact."""

    role: str
    label: str


def edit_channel(
    partner_id: int, channel_id: int, *, now: datetime, **changes: Unpack[ChannelChanges]
) -> Channel:
    """Change a channel. Raises NotFound for one of another partner, InvalidInput for a wrong address."""
    channel = _own(Channel, partner_id, channel_id, "Canal inconnu.")
    assign(channel, changes, now)
    check_required("name", channel.name)
    check_word("kind", channel.kind, CHANNEL_KINDS)
    check_text("address", channel.address, parse_email)
    check_text("url", channel.url, parse_url)
    db.session.flush()
    return channel


def add_contact(
    partner_id: int,
    convention_id: int,
    *,
    now: datetime,
    role: str,
    label: str,
    **values: Unpack[ContactDetails],
) -> Contact:
    """A contact of a convention, such as the next interlocutor of annexe 2 bis."""
    find_convention(partner_id, convention_id)
    contact = Contact(
        partner_id=partner_id, convention_id=convention_id, role=role, label=label, edited_at=now, **values
    )
    _check_contact(contact)
    db.session.add(contact)
    db.session.flush()
    return contact


def edit_contact(
    partner_id: int, contact_id: int, *, now: datetime, **changes: Unpack[ContactChanges]
) -> Contact:
    """Change a contact, or end it with `valid_to`. Raises NotFound for one of another partner."""
    contact = _own(Contact, partner_id, contact_id, "Contact inconnu.")
    assign(contact, changes, now)
    _check_contact(contact)
    db.session.flush()
    return contact


def _check_contact(contact: Contact) -> None:
    check_required("label", contact.label)
    check_word("role", contact.role, CONTACT_ROLES)
    check_text("email", contact.email, parse_email)
    check_order("valid_to", contact.valid_from, contact.valid_to)
    if contact.rank is not None and contact.rank < 1:
        raise InvalidInput("Le rang de relance commence à 1.", field="rank")


def _own(kind: type[Owned], partner_id: int, key: int, unknown: str) -> Owned:
    row = db.session.scalar(select(kind).where(kind.partner_id == partner_id, kind.id == key))
    if row is None:
        raise NotFound(unknown)
    return row
