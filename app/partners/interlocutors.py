"""Where and whom to reach: the edits of channels, and of the contacts of annexes 2 and 2 bis. Commits nothing."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypedDict, TypeVar, Unpack

from sqlalchemy import select

from app.extensions import db
from app.kernel.errors import InvalidInput, NotFound
from app.partners.checks import assign, check_order, check_required, check_text, check_word
from app.partners.models import Channel, Contact, Platform, Tool
from app.partners.queries import find_convention, ids_by_code
from app.partners.terms import (
    CHANNEL_KINDS,
    CONTACT_ROLES,
    OWN_CONTACT_ROLES,
    OWN_SIDE,
    parse_email,
    parse_url,
)

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
    side: str | None
    valid_from: date | None
    valid_to: date | None


class ContactChanges(ContactDetails, total=False):
    """What can be edited of a contact."""

    role: str
    label: str


def add_channel(
    partner_id: int,
    convention_id: int,
    *,
    now: datetime,
    name: str,
    kind: str,
    platform: str | None = None,
    tool: str | None = None,
    address: str | None = None,
    url: str | None = None,
    receipt_is_take_up: bool = False,
) -> Channel:
    """A channel for a tool, for a platform, or for whatever has none of its own. Raises InvalidInput."""
    find_convention(partner_id, convention_id)
    channel = Channel(
        partner_id=partner_id,
        convention_id=convention_id,
        platform_id=_known(Platform, partner_id, platform),
        tool_id=_known(Tool, partner_id, tool),
        name=name,
        kind=kind,
        address=address,
        url=url,
        receipt_is_take_up=receipt_is_take_up,
        edited_at=now,
    )
    _check_channel(channel)
    _check_target(channel)
    db.session.add(channel)
    db.session.flush()
    return channel


def remove_channel(partner_id: int, channel_id: int, *, now: datetime) -> None:
    """Propose it no more: what was sent through it keeps its name. Raises NotFound."""
    channel = _own(Channel, partner_id, channel_id, "Canal inconnu.")
    channel.removed_at = channel.edited_at = now
    db.session.flush()


def edit_channel(
    partner_id: int, channel_id: int, *, now: datetime, **changes: Unpack[ChannelChanges]
) -> Channel:
    """Change a channel. Raises NotFound for one of another partner, InvalidInput for a wrong address."""
    channel = _own(Channel, partner_id, channel_id, "Canal inconnu.")
    assign(channel, changes, now)
    _check_channel(channel)
    db.session.flush()
    return channel


def _check_channel(channel: Channel) -> None:
    check_required("name", channel.name)
    check_word("kind", channel.kind, CHANNEL_KINDS)
    check_text("address", channel.address, parse_email)
    check_text("url", channel.url, parse_url)


def _check_target(channel: Channel) -> None:
    """Two channels for one thing would leave the choice to chance."""
    same = select(Channel.id).where(
        Channel.convention_id == channel.convention_id,
        Channel.platform_id.is_not_distinct_from(channel.platform_id),
        Channel.tool_id.is_not_distinct_from(channel.tool_id),
        Channel.removed_at.is_(None),
    )
    if db.session.scalar(same.limit(1)) is not None:
        raise InvalidInput(
            "La convention a déjà un canal pour cela : modifiez-le, ou retirez-le d’abord.", field="serves"
        )


def _known(kind: type[Tool] | type[Platform], partner_id: int, code: str | None) -> int | None:
    if code is None:
        return None
    known = ids_by_code(kind, partner_id)
    if code not in known:
        raise InvalidInput("Cet outil ou cette plateforme n’existe pas.", field="serves")
    return known[code]


def add_contact(
    partner_id: int,
    convention_id: int,
    *,
    now: datetime,
    role: str,
    label: str,
    **values: Unpack[ContactDetails],
) -> Contact:
    """A contact of a convention: the partner's (side « partner »), or France Travail's, such as the next of annexe 2 bis."""
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
    own = contact.side == OWN_SIDE
    check_word("role", contact.role, OWN_CONTACT_ROLES if own else CONTACT_ROLES)
    if own and contact.rank is not None:
        raise InvalidInput("Une relance ne va qu’à un contact de France Travail.", field="rank")
    check_text("email", contact.email, parse_email)
    check_order("valid_to", contact.valid_from, contact.valid_to)
    if contact.rank is not None and contact.rank < 1:
        raise InvalidInput("Le rang de relance commence à 1.", field="rank")


def _own(kind: type[Owned], partner_id: int, key: int, unknown: str) -> Owned:
    row = db.session.scalar(select(kind).where(kind.partner_id == partner_id, kind.id == key))
    if row is None:
        raise NotFound(unknown)
    return row
