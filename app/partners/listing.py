"""What the pages of a convention list. Nothing here shows an internal key: a channel or a contact is addressed
by its number within its convention, which never changes since neither is ever deleted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from sqlalchemy import select

from app.extensions import db
from app.kernel.errors import NotFound
from app.partners.models import Channel, Commitment, Contact, Convention, Platform, Tool
from app.partners.profiles import load_law, load_shipped_profiles
from app.partners.queries import ConventionRow, conventions_of, known_to, not_retired
from app.partners.terms import CLOCKS, OPEN_SECTION, OWN_SIDE, TYPES, ConventionTerms, holds


@dataclass(frozen=True, slots=True)
class ToolChoice:
    code: str
    name: str
    platform: str


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """A channel, and what it serves in words: a tool, a platform, or all the others."""

    number: int
    id: int
    name: str
    kind: str
    address: str | None
    url: str | None
    receipt_is_take_up: bool
    serves: str | None
    platform_code: str | None
    tool_code: str | None

    @property
    def is_incomplete(self) -> bool:
        """Whether the partner must still say where to write."""
        return not (self.address or self.url)


@dataclass(frozen=True, slots=True)
class ContactLine:
    number: int
    id: int
    rank: int | None
    role: str
    label: str
    email: str | None
    phone: str | None
    side: str | None
    valid_from: date | None
    valid_to: date | None

    @property
    def is_own(self) -> bool:
        """Whether it is a contact of the partner, not of France Travail."""
        return self.side == OWN_SIDE

    def is_current(self, day: date) -> bool:
        return holds(self.valid_from, self.valid_to, day)


def convention_by_code(partner_id: int, code: str) -> ConventionRow:
    """Raises NotFound for a convention that is not the partner's."""
    for row in conventions_of(partner_id):
        if row.code == code:
            return row
    raise NotFound


def channels_of(partner_id: int, convention_id: int) -> tuple[ChannelLine, ...]:
    """The channels of a convention, by number. One that was removed keeps its number to itself."""
    query = (
        select(Channel, Platform.name, Tool.name, Platform.code, Tool.code)
        .outerjoin(Platform, Platform.id == Channel.platform_id)
        .outerjoin(Tool, Tool.id == Channel.tool_id)
        .where(Channel.partner_id == partner_id, Channel.convention_id == convention_id)
        .order_by(Channel.id)
    )
    return tuple(
        ChannelLine(
            number=number,
            id=row.id,
            name=row.name,
            kind=row.kind,
            address=row.address,
            url=row.url,
            receipt_is_take_up=row.receipt_is_take_up,
            serves=tool or platform,
            platform_code=platform_code,
            tool_code=tool_code,
        )
        for number, (row, platform, tool, platform_code, tool_code) in enumerate(
            db.session.execute(query), start=1
        )
        if row.removed_at is None
    )


def conventions_with_figures(partner_id: int) -> frozenset[int]:
    """The keys of the conventions that fix a figure of service of their own."""
    query = select(Commitment.convention_id).where(
        Commitment.partner_id == partner_id, Commitment.clock.in_(("take-up", "return-to-service"))
    )
    return frozenset(db.session.scalars(query.distinct()))


def incomplete_channels(partner_id: int) -> list[tuple[str, int]]:
    """The channels that still lack their address, as the code of their convention and their number there."""
    query = (
        select(Convention.code, Channel)
        .join(Convention, Convention.id == Channel.convention_id)
        .where(Channel.partner_id == partner_id)
        .order_by(Convention.code, Channel.id)
    )
    found = []
    for code, lines in groupby(db.session.execute(query).tuples(), key=lambda pair: pair[0]):
        for number, (_, row) in enumerate(lines, start=1):
            if row.removed_at is None and not (row.address or row.url):
                found.append((code, number))
    return found


def contacts_ever(partner_id: int, convention_id: int) -> tuple[ContactLine, ...]:
    """Every contact that a convention has or had, by number."""
    query = (
        select(Contact)
        .where(Contact.partner_id == partner_id, Contact.convention_id == convention_id)
        .order_by(Contact.id)
    )
    return tuple(
        ContactLine(
            number=number,
            id=row.id,
            rank=row.rank,
            role=row.role,
            label=row.label,
            email=row.email,
            phone=row.phone,
            side=row.side,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
        for number, row in enumerate(db.session.scalars(query), start=1)
    )


def subscribable_tools(partner_id: int, *, retired_too: bool = False) -> tuple[ToolChoice, ...]:
    """The tools that a convention may list, by platform then name; access is in all of them."""
    query = (
        select(Tool.code, Tool.name, Platform.name)
        .join(Platform, Platform.id == Tool.platform_id)
        .where(Tool.section != OPEN_SECTION, known_to(Tool, partner_id))
        .order_by(Platform.name, Tool.name)
    )
    if not retired_too:
        query = query.where(not_retired(partner_id))
    return tuple(ToolChoice(*row) for row in db.session.execute(query))


def known_measures(own: Iterable[ConventionTerms]) -> list[tuple[str, str]]:
    """Every (clock, type) that some text measures, in the order of the types: the conventions given, the law,
    or a shipped convention, from which another may borrow."""
    shipped = (profile.terms for profile in load_shipped_profiles().values())
    known = {
        (commitment.clock, commitment.applies_to)
        for terms in (*own, *shipped, load_law())
        for commitment in terms.commitments
    }
    return [(clock, applies_to) for applies_to in TYPES for clock in CLOCKS if (clock, applies_to) in known]
