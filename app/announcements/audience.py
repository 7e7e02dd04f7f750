"""Whom an announcement concerns, in SQL: the same conditions for one reader, for a mailing and for « lu par ».

Concerned is who works for one of its structures, with one of its tools. Someone who works for no structure uses
every tool, and is concerned when the announcement is for all structures. What is about access concerns whoever
the structures let in, since everyone signs in.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, false, or_, select

from app.accounts.models import Membership
from app.accounts.policy import Actor, Permission, can
from app.accounts.queries import IN_FORCE
from app.announcements.models import (
    Announcement,
    AnnouncementReading,
    AnnouncementStructure,
    AnnouncementTool,
)
from app.announcements.vocabulary import State
from app.partners.models import StructureTool, Tool
from app.partners.terms import OPEN_SECTION

_SHOWN = [State.PUBLISHED.value, State.ENDED.value]


def visible(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """The rows of `Announcement` that this person may read: always those of one partner only."""
    own_partner = Announcement.partner_id == actor.partner_id
    if actor.is_system or can(actor, Permission.ANNOUNCEMENT_WRITE):
        return own_partner
    if can(actor, Permission.ANNOUNCEMENT_FOLLOW):
        return and_(own_partner, is_shown(now))
    return and_(own_partner, is_shown(now), concerns(actor))


def is_shown(now: datetime) -> ColumnElement[bool]:
    """Published, from the time chosen on, and not withdrawn."""
    return and_(Announcement.state.in_(_SHOWN), Announcement.publish_at <= now)


def is_over(now: datetime) -> ColumnElement[bool]:
    return and_(Announcement.over_at.is_not(None), Announcement.over_at <= now)


def concerns(actor: Actor) -> ColumnElement[bool]:
    """Whether the announcement is for this person."""
    if actor.account_id is None:
        return false()
    return (
        exists()
        .where(
            Membership.account_id == actor.account_id,
            Membership.partner_id == actor.partner_id,
            concerns_membership(),
        )
        .correlate(Announcement)
    )


def concerns_membership() -> ColumnElement[bool]:
    """Whether a row of `Membership`, of the announcement's partner, is concerned by a row of `Announcement`."""
    # Said to whom each part belongs: SQLAlchemy alone ties a part to the query just around it only.
    structure_id = Membership.structure_id
    its_structure = (
        exists()
        .where(
            AnnouncementStructure.announcement_id == Announcement.id,
            AnnouncementStructure.structure_id == structure_id,
        )
        .correlate(Announcement, Membership)
    )
    narrowed = exists().where(StructureTool.structure_id == structure_id).correlate(Membership)
    its_own = (
        exists()
        .where(StructureTool.structure_id == structure_id, StructureTool.tool_id == Tool.id)
        .correlate(Membership, Tool)
    )
    uses_one = (
        select(Tool.id)
        .join(AnnouncementTool, AnnouncementTool.tool_code == Tool.code)
        .where(
            AnnouncementTool.announcement_id == Announcement.id, or_(Tool.section == OPEN_SECTION, its_own)
        )
        .correlate(Announcement, Membership)
        .exists()
    )
    return and_(
        IN_FORCE,
        or_(Announcement.for_all_structures, its_structure),
        or_(Announcement.for_all_tools, structure_id.is_(None), ~narrowed, uses_one),
    )


def has_read(account_id: int | None) -> ColumnElement[bool]:
    """Whether this person read the announcement since it was last news."""
    return exists().where(
        AnnouncementReading.announcement_id == Announcement.id,
        AnnouncementReading.account_id == account_id,
        AnnouncementReading.read_at >= Announcement.news_since,
    )
