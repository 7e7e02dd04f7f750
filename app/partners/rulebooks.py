"""Database rows as terms, and the rulebook that they make."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import select

from app.deadlines.calendar import format_week, parse_week
from app.deadlines.delays import Delay, Unit
from app.deadlines.thresholds import DEFAULT_THRESHOLDS, format_thresholds, parse_thresholds
from app.extensions import db
from app.partners.models import Commitment, Convention, Partner, Tool
from app.partners.profiles import load_law, load_shipped_profiles
from app.partners.resolve import Rulebook
from app.partners.terms import CommitmentTerms, ConventionTerms, first_end, term_end


@lru_cache(maxsize=64)
def rulebook(conventions: tuple[ConventionTerms, ...]) -> Rulebook:
    """What measures with a partner's conventions, and with the shipped ones that they may borrow from.

    Kept by content, so that no process ever measures with terms that have changed since.
    """
    shipped = (profile.terms for profile in load_shipped_profiles().values())
    return Rulebook((*shipped, *conventions), load_law())


def terms_of(partner_id: int) -> dict[int, ConventionTerms]:
    """The terms of every convention of a partner, by its key."""
    conventions = db.session.execute(
        select(Convention, Partner)
        .join(Partner, Partner.id == Convention.partner_id)
        .where(Convention.partner_id == partner_id)
        .order_by(Convention.id)
    ).all()
    commitments: dict[int, list[CommitmentTerms]] = {convention.id: [] for convention, _ in conventions}
    for row, tool_code in db.session.execute(
        select(Commitment, Tool.code)
        .outerjoin(Tool, Tool.id == Commitment.tool_id)
        .where(Commitment.partner_id == partner_id)
        .order_by(Commitment.id)
    ):
        commitments[row.convention_id].append(_commitment_terms(row, tool_code))
    return {
        convention.id: ConventionTerms(
            code=convention.code,
            commitments=tuple(commitments[convention.id]),
            time_zone=owner.time_zone,
            holiday_zone=convention.zone,
            good_friday=owner.good_friday,
            week=parse_week(owner.service_hours),
            service_levels_from=convention.service_levels_from,
            term_from=convention.starts_on,
            term_to=term_end(
                first_end(convention.starts_on, convention.ends_on, convention.duration),
                convention.tacit_renewal,
            ),
        )
        for convention, owner in conventions
    }


def commitment_values(terms: CommitmentTerms) -> dict[str, object]:
    """The columns of a `Commitment`, but for its convention, code, tool and first day."""
    return {
        "clock": terms.clock,
        "applies_to": terms.applies_to,
        "amount": terms.delay.amount,
        "unit": terms.delay.unit.value,
        "starts": terms.starts,
        "stops": terms.stops,
        "owed_by": terms.owed_by,
        "source": terms.source,
        "condition": terms.condition,
        "plannable": terms.plannable,
        "suspendable": terms.suspendable,
        "carry_over": terms.carry_over,
        "alerts": None if terms.alerts == DEFAULT_THRESHOLDS else format_thresholds(terms.alerts),
        "week": format_week(terms.week) if terms.week else None,
        "holiday_zone": terms.holiday_zone,
        "valid_to": terms.valid_to,
    }


def _commitment_terms(row: Commitment, tool_code: str | None) -> CommitmentTerms:
    return CommitmentTerms(
        code=row.code,
        clock=row.clock,
        applies_to=row.applies_to,
        delay=Delay(row.amount, Unit(row.unit)),
        starts=row.starts,
        stops=row.stops,
        owed_by=row.owed_by,
        source=row.source,
        plannable=row.plannable,
        suspendable=row.suspendable,
        carry_over=row.carry_over,
        alerts=parse_thresholds(row.alerts or ""),
        week=parse_week(row.week) if row.week else None,
        holiday_zone=row.holiday_zone,
        tool=tool_code,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        condition=row.condition,
    )
