"""What is read of a review: its progress, and its lines page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.accounts.life_models import ReviewCampaign, ReviewLine
from app.accounts.models import Account
from app.accounts.policy import Role
from app.accounts.queries import names_of
from app.accounts.review_rules import Decision, RecordLine, record_lines
from app.extensions import db
from app.kernel.text import fold

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A right under review."""

    number: int
    name: str
    email: str
    reference: str
    role: Role
    structure: str
    suspended: bool
    last_used_at: datetime | None
    decision: Decision | None
    decided_at: datetime | None
    decided_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A page of the record of a closed review: its lines as they were frozen."""

    lines: Sequence[RecordLine]
    number: int
    last: int
    found: int


@dataclass(frozen=True, slots=True)
class ReviewPage:
    lines: Sequence[ReviewRow]
    number: int
    last: int
    found: int


def progress_of(campaign: ReviewCampaign) -> tuple[int, int]:
    """How many lines are decided, of how many."""
    decided, total = db.session.execute(
        select(func.count(ReviewLine.decision), func.count()).where(ReviewLine.campaign_id == campaign.id)
    ).one()
    return decided, total


def record_of(campaign: ReviewCampaign, *, text: str = "", number: int = 1) -> RecordPage:
    """A page of the record of a closed review: what it says, whatever has become of the accounts since."""
    assert campaign.content is not None, "only a closed review has a record"
    words = fold(text).split()
    found = [
        line
        for line in record_lines(campaign.content)
        if all(word in fold(f"{line.person} {line.email}") for word in words)
    ]
    last = max(1, -(-len(found) // PAGE_SIZE))
    number = min(max(number, 1), last)
    return RecordPage(found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE], number, last, len(found))


def lines_of(
    campaign: ReviewCampaign,
    *,
    only_undecided: bool = False,
    text: str = "",
    number: int = 1,
    size: int | None = PAGE_SIZE,
) -> ReviewPage:
    """A page of the lines, by person; all of them without `size`. Two queries.

    The caller has found the campaign within its partner.
    """
    query = (
        select(ReviewLine, Account.name, Account.email, Account.reference)
        .join(Account, Account.id == ReviewLine.account_id)
        .where(ReviewLine.campaign_id == campaign.id, ReviewLine.partner_id == campaign.partner_id)
        .order_by(ReviewLine.number)
    )
    if only_undecided:
        query = query.where(ReviewLine.decision.is_(None))
    words = fold(text).split()
    found = [
        row
        for row in db.session.execute(query).tuples()
        if all(word in fold(f"{row[1]} {row[2] or ''}") for word in words)
    ]
    size = size or max(len(found), 1)
    last = max(1, -(-len(found) // size))
    number = min(max(number, 1), last)
    here = found[(number - 1) * size : number * size]
    deciders = names_of([line.decided_by for line, *_ in here])
    rows = [
        ReviewRow(
            number=line.number,
            name=name,
            email=email or "",
            reference=reference,
            role=Role(line.role),
            structure=line.structure_name,
            suspended=line.suspended,
            last_used_at=line.last_used_at,
            decision=Decision(line.decision) if line.decision else None,
            decided_at=line.decided_at,
            decided_by=deciders.get(line.decided_by or 0, ""),
            reason=line.reason,
        )
        for line, name, email, reference in here
    ]
    return ReviewPage(rows, number, last, len(found))
