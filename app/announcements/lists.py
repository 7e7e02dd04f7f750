"""Announcements as lists, banner and audience show them, inside `audience.visible` always, partner first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_

from app.accounts.models import Account, Membership
from app.accounts.policy import Actor
from app.announcements.audience import concerns, concerns_membership, has_read, is_over, is_shown, visible
from app.announcements.models import Announcement, AnnouncementReading, AnnouncementTool
from app.announcements.queries import tools_of
from app.announcements.rules import state_at
from app.announcements.vocabulary import Kind, Level, State
from app.extensions import db
from app.partners.models import Structure
from app.tickets.vocabulary import Severity

PER_PAGE = 30
BANNER_AT_MOST = 20
_LIVE = State.PUBLISHED.value


@dataclass(frozen=True, slots=True)
class Line:
    """An announcement as lists show it. `unread`: it concerns the reader, who has not said they read it."""

    id: int
    reference: str
    kind: Kind
    state: State
    title: str
    text: str
    severity: Severity | None
    level: Level | None
    starts_at: datetime | None
    ends_at: datetime | None
    over_at: datetime | None
    publish_at: datetime | None
    announced_at: datetime | None
    notice_kept: bool | None
    drafted_at: datetime
    updated_at: datetime
    ticket_id: int | None
    tools: tuple[str, ...]
    unread: bool


@dataclass(frozen=True, slots=True)
class Banner:
    """What the head of a page says: the most pressing announcement, and how many others wait (at most 19)."""

    reference: str
    kind: Kind
    title: str
    severity: Severity | None
    starts_at: datetime | None
    others: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the history. `next` is the key to ask for the one after it."""

    lines: tuple[Line, ...]
    next: str


@dataclass(frozen=True, slots=True)
class ReadBy:
    """Those concerned in one structure: how many, and who has read it (name and time)."""

    structure: str
    concerned: int
    readers: tuple[tuple[str, datetime], ...]


def line_of_ticket(actor: Actor, ticket_id: int, now: datetime) -> Line | None:
    """The same for a reader of the ticket, if they may read the announcement."""
    stands = Announcement.state != State.WITHDRAWN.value
    lines = _lines(actor, _rows(actor, now).where(Announcement.ticket_id == ticket_id, stands).limit(1), now)
    return lines[0] if lines else None


def ongoing(actor: Actor, now: datetime) -> tuple[Line, ...]:
    """What holds now, incidents first, then the most recent. Two queries, as each list below."""
    begun = or_(Announcement.starts_at.is_(None), Announcement.starts_at <= now)
    chosen = _rows(actor, now).where(is_shown(now), Announcement.state == _LIVE, ~is_over(now), begun)
    first = (Announcement.kind != Kind.INCIDENT.value, Announcement.publish_at.desc(), Announcement.id.desc())
    return _lines(actor, chosen.order_by(*first).limit(PER_PAGE), now)


def coming(actor: Actor, now: datetime) -> tuple[Line, ...]:
    """What has been announced and has not begun, the soonest first."""
    chosen = _rows(actor, now).where(
        is_shown(now), Announcement.state == _LIVE, ~is_over(now), Announcement.starts_at > now
    )
    return _lines(actor, chosen.order_by(Announcement.starts_at, Announcement.id).limit(PER_PAGE), now)


def drafts(actor: Actor, now: datetime) -> tuple[Line, ...]:
    """What is not published yet, for whoever writes announcements."""
    waiting = or_(
        Announcement.state == State.DRAFT.value,
        and_(Announcement.state == _LIVE, Announcement.publish_at > now),
    )
    chosen = _rows(actor, now).where(waiting).order_by(Announcement.updated_at.desc(), Announcement.id.desc())
    return _lines(actor, chosen.limit(PER_PAGE), now)


def history(actor: Actor, now: datetime, after: str = "") -> Page:
    """What is over, the latest first, a page at a time; `after` is the key that the page before gave."""
    chosen = _rows(actor, now).where(is_shown(now), is_over(now))
    if after.isdecimal() and len(after) < 19:
        last = select(Announcement.over_at, Announcement.id).where(
            Announcement.id == int(after), Announcement.partner_id == actor.partner_id
        )
        if (key := db.session.execute(last).first()) is not None and key[0] is not None:
            chosen = chosen.where(tuple_(Announcement.over_at, Announcement.id) < tuple_(*key))
    chosen = chosen.order_by(Announcement.over_at.desc(), Announcement.id.desc())
    lines = _lines(actor, chosen.limit(PER_PAGE + 1), now)
    return Page(lines[:PER_PAGE], str(lines[PER_PAGE - 1].id) if len(lines) > PER_PAGE else "")


def changes(actor: Actor, now: datetime) -> tuple[Line, ...]:
    """The changes of France Travail, the latest effect first, whatever became of them but a withdrawal."""
    chosen = _rows(actor, now).where(is_shown(now), Announcement.kind == Kind.CHANGE.value)
    return _lines(actor, chosen.order_by(Announcement.starts_at.desc()).limit(4 * PER_PAGE), now)


def late_notices(actor: Actor, now: datetime, since: datetime) -> tuple[int, int]:
    """How many changes that took effect, or will, from `since` on broke their notice, and how many owed one."""
    owed = (
        select(func.count(), func.count().filter(~Announcement.notice_kept))
        .select_from(Announcement)
        .where(
            visible(actor, now),
            is_shown(now),
            Announcement.notice_kept.is_not(None),
            Announcement.starts_at >= since,
        )
    )
    total, late = db.session.execute(owed).one()
    return late, total


def of_month(actor: Actor, now: datetime, first: date, zone: tzinfo) -> tuple[Line, ...]:
    """What is dated and touches the month of `first` in the reader's zone, in order; incidents left out."""
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    start, end = (datetime.combine(day, time.min, zone).astimezone(UTC) for day in (first, following))
    chosen = _rows(actor, now).where(
        is_shown(now),
        Announcement.kind != Kind.INCIDENT.value,
        Announcement.starts_at < end,
        func.coalesce(Announcement.ends_at, Announcement.starts_at) >= start,
    )
    return _lines(actor, chosen.order_by(Announcement.starts_at, Announcement.id).limit(100), now)


def published_since(actor: Actor, now: datetime, since: datetime, limit: int) -> tuple[Line, ...]:
    """What concerns a reader and is not over, or was not at `since`, the latest first: what the feeds hold."""
    concerned = or_(~is_over(now), Announcement.over_at >= since)
    chosen = _rows(actor, now).where(is_shown(now), concerned, concerns(actor))
    return _lines(actor, chosen.order_by(Announcement.updated_at.desc(), Announcement.id).limit(limit), now)


def on_tools(actor: Actor, tool_codes: Collection[str], now: datetime, until: datetime) -> tuple[Line, ...]:
    """The incidents and maintenances that hold now, or begin before `until`, on one of these tools."""
    named = select(AnnouncementTool.announcement_id).where(AnnouncementTool.tool_code.in_(sorted(tool_codes)))
    chosen = _rows(actor, now).where(
        is_shown(now),
        Announcement.state == _LIVE,
        ~is_over(now),
        Announcement.kind.in_([Kind.INCIDENT.value, Kind.MAINTENANCE.value]),
        or_(Announcement.starts_at.is_(None), Announcement.starts_at < until),
        Announcement.id.in_(named),
    )
    return _lines(actor, chosen.order_by(Announcement.starts_at, Announcement.id).limit(100), now)


def search_hits(actor: Actor, ids: Sequence[int], now: datetime) -> tuple[Line, ...]:
    """Those of the announcements found that the reader may read, in the order of `ids`."""
    lines = {line.id: line for line in _lines(actor, _rows(actor, now).where(Announcement.id.in_(ids)), now)}
    return tuple(lines[key] for key in ids if key in lines)


def banner(actor: Actor, now: datetime) -> Banner | None:
    """What the reader has not read of what concerns them, the most pressing first. One query."""
    rows = db.session.execute(
        select(
            Announcement.reference,
            Announcement.kind,
            Announcement.title,
            Announcement.severity,
            Announcement.starts_at,
        )
        .where(
            Announcement.partner_id == actor.partner_id,
            Announcement.state == _LIVE,
            Announcement.publish_at <= now,
            ~is_over(now),
            concerns(actor),
            ~has_read(actor.account_id),
        )
        .order_by(
            Announcement.severity.is_(None),  # what a workaround holds presses no more
            func.coalesce(Announcement.starts_at, Announcement.publish_at),
            Announcement.id,
        )
        .limit(BANNER_AT_MOST)
    ).all()
    if not rows:
        return None
    first = rows[0]
    severity = Severity(first.severity) if first.severity else None
    return Banner(
        first.reference, Kind(first.kind), first.title, severity, first.starts_at, others=len(rows) - 1
    )


def read_by(announcement: Announcement) -> tuple[ReadBy, ...]:
    """Who is concerned and who has read it, by structure; those without one last. One query."""
    rows = db.session.execute(
        select(Account.id, Account.name, Structure.name, AnnouncementReading.read_at)
        .select_from(Announcement)
        .join(Membership, Membership.partner_id == Announcement.partner_id)
        .join(Account, Account.id == Membership.account_id)
        .outerjoin(Structure, Structure.id == Membership.structure_id)
        .outerjoin(
            AnnouncementReading,
            and_(
                AnnouncementReading.announcement_id == Announcement.id,
                AnnouncementReading.account_id == Account.id,
                AnnouncementReading.read_at >= Announcement.news_since,
            ),
        )
        .where(Announcement.id == announcement.id, Account.active, concerns_membership())
        .order_by(Structure.name, Account.name, Account.id)
        .distinct()
    ).all()
    concerned: dict[str, int] = {}
    readers: dict[str, list[tuple[str, datetime]]] = {}
    # Databases differ on where to put those without a structure: here, last.
    for _, name, structure, read_at in sorted(rows, key=lambda row: row[2] is None):
        where = structure or ""
        concerned[where] = concerned.get(where, 0) + 1
        if read_at is not None:
            readers.setdefault(where, []).append((name, read_at))
    return tuple(ReadBy(where, count, tuple(readers.get(where, ()))) for where, count in concerned.items())


def is_unread(actor: Actor, announcement: Announcement, now: datetime) -> bool:
    """Whether it concerns this person, who has not said that they read it."""
    waiting = select(Announcement.id).where(
        Announcement.id == announcement.id, is_shown(now), concerns(actor), ~has_read(actor.account_id)
    )
    return db.session.scalar(waiting) is not None


# --- Rows ------------------------------------------------------------------------------------------------


def _rows(actor: Actor, now: datetime) -> Select[Any]:
    unread: ColumnElement[bool] = and_(concerns(actor), ~has_read(actor.account_id))
    return select(Announcement, unread).where(visible(actor, now))


def _lines(actor: Actor, statement: Select[Any], now: datetime) -> tuple[Line, ...]:
    rows = db.session.execute(statement).all()
    tools = tools_of([row.id for row, _ in rows])
    return tuple(_line(row, tools.get(row.id, ()), bool(unread), now) for row, unread in rows)


def _line(row: Announcement, tools: tuple[str, ...], unread: bool, now: datetime) -> Line:
    return Line(
        id=row.id,
        reference=row.reference,
        kind=Kind(row.kind),
        state=state_at(State(row.state), row.publish_at, row.over_at, now),
        title=row.title,
        text=row.text,
        severity=Severity(row.severity) if row.severity else None,
        level=Level(row.level) if row.level else None,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        over_at=row.over_at,
        publish_at=row.publish_at,
        announced_at=row.announced_at,
        notice_kept=row.notice_kept,
        drafted_at=row.drafted_at,
        updated_at=row.updated_at,
        ticket_id=row.ticket_id,
        tools=tools,
        unread=unread,
    )
