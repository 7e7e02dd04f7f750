"""What the sweep of the clocks reads: which are due, and who works on their tickets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select

from app.accounts.absences import backups_on
from app.accounts.life_models import Absence
from app.accounts.models import Account, Membership
from app.accounts.policy import GRANTS, Actor, Permission, Role, Scope, can
from app.accounts.queries import IN_FORCE
from app.deadlines.models import Alert, AlertDigest, AlertNotice, Deadline
from app.extensions import db
from app.partners.models import Tool
from app.tickets.alert_rules import Crew
from app.tickets.models import Ticket, TicketTool
from app.tickets.queries import scope_of
from app.tickets.vocabulary import Kind

# Who reads tickets in full by their role: the others are never told of a clock.
_DESK_ROLES = sorted(
    role.value
    for role, grants in GRANTS.items()
    if any(Permission.TICKET_READ_INTERNAL in permissions for permissions in grants.values())
)


@dataclass(frozen=True, slots=True)
class Told:
    """An alert that people received, as the page of the ticket shows it."""

    clock: str
    threshold: int
    at: datetime
    names: tuple[str, ...]


def reached_by(now: datetime, most: int) -> list[int]:
    """The keys of the tickets one of whose clocks reached a threshold that no alert was written for, oldest first."""
    query = (
        select(Deadline.subject_id)
        .join(Ticket, Ticket.id == Deadline.subject_id)
        .where(Deadline.next_alert_at <= now)
        .order_by(Deadline.next_alert_at)
        .limit(most)
    )
    return list(dict.fromkeys(db.session.scalars(query)))


def hold(ticket_ids: Collection[int]) -> dict[int, Ticket]:
    """Those of these tickets that nobody is acting on, held until the end of the transaction, as they are now."""
    if not ticket_ids:
        return {}
    query = (
        select(Ticket)
        .where(Ticket.id.in_(ticket_ids))
        .order_by(Ticket.id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return {ticket.id: ticket for ticket in db.session.scalars(query)}


def partners_to_tell(now: datetime) -> list[int]:
    """The partners some of whose people may have to be told of an alert by now."""
    settled = select(AlertNotice.partner_id).where(AlertNotice.told_at.is_(None))
    return sorted(
        set(db.session.scalars(select(Alert.partner_id).where(Alert.tell_at <= now).union(settled)))
    )


def to_tell(partner_id: int, now: datetime) -> list[Alert]:
    """The alerts whose readers may be told by now, once it is settled who they are."""
    return [
        alert for alert in waiting_alerts(partner_id) if alert.tell_at is not None and alert.tell_at <= now
    ]


def waiting_alerts(partner_id: int) -> list[Alert]:
    """The alerts of which it is not settled yet who is told, the oldest first."""
    query = select(Alert).where(Alert.tell_at.is_not(None), Alert.partner_id == partner_id).order_by(Alert.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def untold_notices(partner_id: int) -> list[tuple[AlertNotice, Alert]]:
    """Who is still to be told of what, the oldest alert first."""
    query = (
        select(AlertNotice, Alert)
        .join(Alert, Alert.id == AlertNotice.alert_id)
        .where(AlertNotice.told_at.is_(None), AlertNotice.partner_id == partner_id)
        .order_by(Alert.id, AlertNotice.account_id)
    )
    return list(db.session.execute(query).tuples())


def running_clocks(ticket_ids: Collection[int]) -> dict[tuple[int, str, str], Deadline]:
    """The clocks of these tickets that nothing has stopped, by ticket, clock and what it applies to."""
    if not ticket_ids:
        return {}
    query = (
        select(Deadline)
        .where(Deadline.subject_id.in_(ticket_ids), Deadline.running)
        .execution_options(populate_existing=True)
    )
    return {(row.subject_id, row.clock, row.applies_to): row for row in db.session.scalars(query)}


def clocks_until(partner_id: int, horizon: datetime) -> list[Deadline]:
    """The running clocks of the partner that are late, or due before `horizon`."""
    query = select(Deadline).where(
        Deadline.partner_id == partner_id, Deadline.running, Deadline.due_at < horizon
    )
    return list(db.session.scalars(query))


def digest_sent(partner_id: int, day: date) -> bool:
    return db.session.get(AlertDigest, (partner_id, day)) is not None


def told_lately(partner_id: int, account_id: int, since: datetime) -> list[datetime]:
    """When mails about clocks were written to someone."""
    query = (
        select(AlertNotice.told_at)
        .where(
            AlertNotice.account_id == account_id,
            AlertNotice.partner_id == partner_id,
            AlertNotice.told_at > since,
        )
        .distinct()
    )
    return [moment for moment in db.session.scalars(query) if moment is not None]


def told_of(ticket_id: int) -> dict[str, list[Told]]:
    """The alerts that were sent about each clock of a ticket, the first one first. One query."""
    rows = db.session.execute(
        select(Alert.clock, Alert.threshold, AlertNotice.told_at, Account.name)
        .join(AlertNotice, AlertNotice.alert_id == Alert.id)
        .join(Account, Account.id == AlertNotice.account_id)
        .where(Alert.subject_id == ticket_id, AlertNotice.told_at.is_not(None))
        .order_by(AlertNotice.told_at, Alert.threshold, Account.name)
    )
    names: dict[tuple[str, int, datetime], list[str]] = defaultdict(list)
    for clock, threshold, told_at, name in rows.tuples():
        if told_at is not None:
            names[clock, threshold, told_at].append(name)
    told: dict[str, list[Told]] = defaultdict(list)
    for (clock, threshold, at), people in names.items():
        told[clock].append(Told(clock, threshold, at, tuple(people)))
    return told


# --- People ----------------------------------------------------------------------------------------------


def away_on(partner_id: int, day: date) -> dict[int, int | None]:
    """Those who are absent that day, with whoever stands in for them, if anyone does."""
    absent = db.session.scalars(
        select(Absence.account_id).where(
            Absence.partner_id == partner_id,
            Absence.first_day <= day,
            or_(Absence.last_day.is_(None), Absence.last_day >= day),
        )
    ).all()
    backups = backups_on(partner_id, day, absent)
    return {account_id: backups.get(account_id) for account_id in absent}


def crews_of(partner_id: int, tickets: Collection[Ticket]) -> dict[int, Crew]:
    """Who may be told of each ticket: only people who can be written to and may read it in full."""
    assignees = {ticket.assignee_id for ticket in tickets}
    people = _people(partner_id, {person for person in assignees if person is not None})
    return {ticket.id: _crew(ticket, people) for ticket in tickets}


def _people(partner_id: int, besides: Collection[int]) -> list[Actor]:
    rows = db.session.execute(
        select(Membership.account_id, Account.name, Membership.role)
        .join(Account, Account.id == Membership.account_id)
        .where(
            Membership.partner_id == partner_id,
            or_(Membership.role.in_(_DESK_ROLES), Membership.account_id.in_(besides)),
            Account.active,
            Account.email.is_not(None),
            IN_FORCE,
        )
    ).all()
    roles: dict[tuple[int, str], set[Role]] = defaultdict(set)
    for account_id, name, role in rows:
        roles[account_id, name].add(Role(role))
    return [
        Actor(account_id, name, partner_id, frozenset(held)) for (account_id, name), held in roles.items()
    ]


def _crew(ticket: Ticket, people: Sequence[Actor]) -> Crew:
    # What opens a restricted ticket is asked of its own scope; of any other, its kind is enough.
    scope = scope_of(ticket) if ticket.restricted else Scope(ticket.partner_id, kind=ticket.kind)
    handle = Permission.TICKET_HANDLE_ACCESS if ticket.kind == Kind.ACCESS else Permission.TICKET_HANDLE
    readers = [person for person in people if can(person, Permission.TICKET_READ_INTERNAL, scope)]
    return Crew(
        assignee_id=ticket.assignee_id,
        team=_ids(person for person in readers if can(person, handle, scope)),
        managers=_ids(person for person in readers if Role.MANAGER in person.roles),
        readers=_ids(readers),
    )


def _ids(people: Iterable[Actor]) -> frozenset[int]:
    return frozenset(person.account_id for person in people if person.account_id is not None)


def tools_named(ticket_ids: Collection[int]) -> dict[int, str]:
    """The names of the tools of each ticket, as a sentence lists them."""
    rows = db.session.execute(
        select(TicketTool.ticket_id, Tool.name)
        .join(Tool, Tool.code == TicketTool.tool_code)
        .where(TicketTool.ticket_id.in_(ticket_ids))
        .order_by(TicketTool.ticket_id, TicketTool.rank)
    )
    names: dict[int, list[str]] = defaultdict(list)
    for ticket_id, name in rows.tuples():
        names[ticket_id].append(name)
    return {ticket_id: ", ".join(tools) for ticket_id, tools in names.items()}
