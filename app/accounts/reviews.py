"""The yearly review of every right of a partner. Commits nothing.

A campaign lists the rights as they stand when it begins. Once every line is decided it is closed: its record is
then frozen, named by its SHA-256, and the journal keeps that name in a chain that is sealed each day.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from sqlalchemy import func, select

from app.accounts.idleness import account_periods
from app.accounts.life import Act, shortest_period
from app.accounts.life_models import ReviewCampaign, ReviewLine, ReviewReminder
from app.accounts.models import Account, Membership
from app.accounts.policy import ROLE_LABELS, Actor, Permission, Role, Scope, check
from app.accounts.queries import names_of
from app.accounts.review_rules import (
    DECISION_LABELS,
    DEFAULT_PERIOD,
    Decision,
    RecordLine,
    check_decided,
    digest_of,
    due_on,
    is_reminder_due,
    record_content,
)
from app.accounts.rights import lock, remember, required_reason, structure_of, withdraw
from app.extensions import db
from app.journal.service import lock_subject, open_subject, record
from app.kernel.errors import DomainError, Impossible, NotFound
from app.kernel.reference import new_reference
from app.partners.models import Partner, Structure

KIND = "access-review"


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that could not be decided, and why."""

    person: str
    message: str


def start_review(*, actor: Actor, now: datetime) -> ReviewCampaign:
    """Begin a review of every right. Raises Impossible while another one is open."""
    lock(actor)
    if open_review(actor.partner_id) is not None:
        raise Impossible("Une revue est déjà en cours\u00a0: terminez-la d’abord.")
    assert actor.account_id is not None, "the desk itself reviews nothing"
    partner = db.session.get_one(Partner, actor.partner_id)
    subject = open_subject(partner.id, partner.code, KIND, new_reference())
    last = db.session.scalar(
        select(func.max(ReviewCampaign.number)).where(ReviewCampaign.partner_id == partner.id)
    )
    campaign = ReviewCampaign(
        id=subject.id,
        partner_id=partner.id,
        number=(last or 0) + 1,
        started_at=now,
        started_by=actor.account_id,
    )
    db.session.add(campaign)
    db.session.flush()
    lines = _lines(campaign)
    db.session.add_all(lines)
    record(
        subject,
        f"{KIND}.started",
        {"number": campaign.number, "lines": len(lines)},
        actor_id=actor.account_id,
        occurred_at=now,
        now=now,
    )
    return campaign


def decide(
    campaign: ReviewCampaign,
    numbers: Collection[int],
    decision: Decision,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    address: str = "",
) -> tuple[list[ReviewLine], list[Refused]]:
    """Confirm or withdraw the rights of some lines: what was done, and what could not be.

    A withdrawal is applied at once. Someone's only right is not withdrawn here: they leave, from their own page.
    Raises Impossible for a review that is closed.
    """
    lock(actor)
    _check_open(campaign)
    if decision is Decision.WITHDRAWN:
        reason = required_reason(reason)
    done: list[ReviewLine] = []
    refused: list[Refused] = []
    for line in lines_numbered(campaign, numbers):
        if line.decision == Decision.WITHDRAWN.value:
            continue
        try:
            _apply(line, decision, reason, actor, now, address)
        except DomainError as error:
            refused.append(Refused(names_of([line.account_id])[line.account_id], error.message))
            continue
        line.decision, line.decided_at, line.decided_by = decision, now, actor.account_id
        line.reason = reason if decision is Decision.WITHDRAWN else ""
        done.append(line)
    db.session.flush()
    return done, refused


def close_review(campaign: ReviewCampaign, *, actor: Actor, now: datetime) -> None:
    """Freeze the record. Raises Impossible while a line is undecided, or when it is closed already."""
    lock(actor)
    _check_open(campaign)
    check_decided(undecided_in(campaign))
    partner = db.session.get_one(Partner, campaign.partner_id)
    content = record_content(
        partner=partner.name,
        number=campaign.number,
        started_at=campaign.started_at,
        started_by=names_of([campaign.started_by])[campaign.started_by],
        closed_at=now,
        closed_by=actor.name,
        lines=_record_lines(campaign),
    )
    campaign.closed_at, campaign.closed_by = now, actor.account_id
    campaign.content, campaign.digest = content, digest_of(content)
    record(
        lock_subject(campaign.id),
        f"{KIND}.closed",
        {"number": campaign.number, "digest": campaign.digest},
        actor_id=actor.account_id,
        occurred_at=now,
        now=now,
    )


# --- Reading ---------------------------------------------------------------------------------------------


def reviews_of(partner_id: int) -> Sequence[ReviewCampaign]:
    """The reviews of the partner, the last first."""
    query = select(ReviewCampaign).where(ReviewCampaign.partner_id == partner_id)
    return db.session.scalars(query.order_by(ReviewCampaign.number.desc())).all()


def open_review(partner_id: int) -> ReviewCampaign | None:
    query = select(ReviewCampaign).where(
        ReviewCampaign.partner_id == partner_id, ReviewCampaign.closed_at.is_(None)
    )
    return db.session.scalar(query)


def find_review(actor: Actor, number: int) -> ReviewCampaign:
    """Raises NotFound for a review that is not the partner's."""
    check(actor, Permission.ACCOUNT_MANAGE, Scope(partner_id=actor.partner_id))
    campaign = db.session.scalar(
        select(ReviewCampaign).where(
            ReviewCampaign.partner_id == actor.partner_id, ReviewCampaign.number == number
        )
    )
    if campaign is None:
        raise NotFound
    return campaign


def lines_numbered(campaign: ReviewCampaign, numbers: Collection[int]) -> Sequence[ReviewLine]:
    """The lines of these numbers, in order. Raises NotFound when there is none."""
    lines = db.session.scalars(
        select(ReviewLine)
        .where(ReviewLine.campaign_id == campaign.id, ReviewLine.number.in_(numbers))
        .order_by(ReviewLine.number)
    ).all()
    if not lines:
        raise NotFound("Cochez au moins une ligne.")
    return lines


def undecided_in(campaign: ReviewCampaign) -> int:
    """How many lines are left to decide."""
    query = select(func.count()).where(ReviewLine.campaign_id == campaign.id, ReviewLine.decision.is_(None))
    return db.session.scalar(query) or 0


def review_due_on(partner_id: int, zone: tzinfo) -> date | None:
    """The day on which the next review is owed; None for a partner without anyone."""
    last_closed = db.session.scalar(
        select(func.max(ReviewCampaign.closed_at)).where(ReviewCampaign.partner_id == partner_id)
    )
    began = db.session.scalar(
        select(func.min(Account.created_at))
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.partner_id == partner_id)
    )
    if began is None:
        return None
    period = shortest_period(account_periods(partner_id, "entitlement_review"), DEFAULT_PERIOD)
    last_day = last_closed.astimezone(zone).date() if last_closed else None
    return due_on(last_day, began.astimezone(zone).date(), period)


def review_to_remind_of(partner_id: int, *, zone: tzinfo, now: datetime) -> ReviewCampaign | date | None:
    """What the administrators are to be reminded of today: the review left open, the day it was owed, or nothing.

    Asked twice the same day, it answers once.
    """
    due = review_due_on(partner_id, zone)
    if due is None:
        return None
    campaign = open_review(partner_id)
    reminder = db.session.get(ReviewReminder, partner_id)
    today = now.astimezone(zone).date()
    opened_on = campaign.started_at.astimezone(zone).date() if campaign else None
    reminded_on = reminder.reminded_at.astimezone(zone).date() if reminder else None
    if not is_reminder_due(due, opened_on, reminded_on, today):
        return None
    if reminder is None:
        db.session.add(ReviewReminder(partner_id=partner_id, reminded_at=now))
    else:
        reminder.reminded_at = now
    return campaign or due


# --- On the way ------------------------------------------------------------------------------------------


def _lines(campaign: ReviewCampaign) -> list[ReviewLine]:
    rows = db.session.execute(
        select(Membership, Account.last_login_at, Structure.name)
        .join(Account, Account.id == Membership.account_id)
        .outerjoin(Structure, Structure.id == Membership.structure_id)
        .where(Membership.partner_id == campaign.partner_id)
        .order_by(Account.name, Account.id, Membership.id)
    )
    return [
        ReviewLine(
            partner_id=campaign.partner_id,
            campaign_id=campaign.id,
            number=number,
            membership_id=membership.id,
            account_id=membership.account_id,
            role=membership.role,
            structure_name=structure or "",
            suspended=membership.suspended_at is not None,
            last_used_at=last_login_at,
        )
        for number, (membership, last_login_at, structure) in enumerate(rows, start=1)
    ]


def _apply(
    line: ReviewLine, decision: Decision, reason: str, actor: Actor, now: datetime, address: str
) -> None:
    membership = db.session.get(Membership, line.membership_id)
    if membership is None or membership.partner_id != actor.partner_id:
        raise Impossible("Ce droit n’existe plus.")
    if decision is Decision.WITHDRAWN:
        withdraw(membership, reason=reason, actor=actor, now=now, address=address)
    else:
        remember(
            line.account_id,
            Act.REVIEWED,
            actor=actor,
            now=now,
            address=address,
            role=Role(line.role),
            structure=structure_of(actor.partner_id, membership.structure_id),
        )


def _record_lines(campaign: ReviewCampaign) -> list[RecordLine]:
    rows = db.session.execute(
        select(ReviewLine, Account.name, Account.email)
        .join(Account, Account.id == ReviewLine.account_id)
        .where(ReviewLine.campaign_id == campaign.id)
        .order_by(ReviewLine.number)
    ).all()
    names = names_of([line.decided_by for line, _, _ in rows])
    record_lines = []
    for line, name, email in rows:
        assert line.decision is not None
        assert line.decided_at is not None
        record_lines.append(
            RecordLine(
                person=name,
                email=email or "",
                role=ROLE_LABELS[Role(line.role)],
                structure=line.structure_name,
                last_used_at=line.last_used_at,
                decision=DECISION_LABELS[Decision(line.decision)],
                decided_at=line.decided_at,
                decided_by=names.get(line.decided_by or 0, "Le service"),
                reason=line.reason,
            )
        )
    return record_lines


def _check_open(campaign: ReviewCampaign) -> None:
    if campaign.closed_at is not None:
        raise Impossible("Cette revue est close\u00a0: son compte rendu ne change plus.")
