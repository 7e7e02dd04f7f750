"""Which convention says what notice France Travail owes for a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select

from app.announcements.notice import SETTING_OF_LEVEL, NoticeTerms
from app.announcements.vocabulary import Level
from app.extensions import db
from app.partners.models import Convention
from app.partners.profiles import load_shipped_profiles
from app.partners.queries import conventions_covering

SECTION = "changes"


def notice_terms(partner_id: int, tool_codes: Sequence[str], level: Level, on: date) -> NoticeTerms | None:
    """The notice for a change of these tools that is announced on that day of the partner's calendar.

    What the convention that covers them says; else, as a reference objective, what the convention says from which
    it borrows its service levels, the partner's own before the shipped one. None when nothing sets a figure.
    """
    choices = conventions_covering(partner_id, tool_codes, on)
    if not choices:
        return None
    known = _settings_of(partner_id)
    own = choices[0].convention.code
    code: str | None = own
    seen: set[str] = set()
    while code is not None and code not in seen:
        seen.add(code)
        settings, borrowed = known.get(code) or _shipped(code)
        if (terms := _terms(settings, level, code, is_contractual=code == own)) is not None:
            return terms
        code = borrowed
    return None


Known = tuple[Mapping[str, object], str | None]


def _settings_of(partner_id: int) -> dict[str, Known]:
    rows = db.session.execute(
        select(Convention.code, Convention.settings, Convention.service_levels_from).where(
            Convention.partner_id == partner_id
        )
    )
    return {code: (settings, borrowed) for code, settings, borrowed in rows}


def _shipped(code: str) -> Known:
    profile = load_shipped_profiles().get(code)
    return (profile.settings, profile.service_levels_from) if profile else ({}, None)


def _terms(
    settings: Mapping[str, object], level: Level, code: str, *, is_contractual: bool
) -> NoticeTerms | None:
    section = settings.get(SECTION)
    if not isinstance(section, Mapping):
        return None
    period = section.get(SETTING_OF_LEVEL[level])
    if not isinstance(period, str):
        return None
    return NoticeTerms(period, f"{code}, {section.get('source', '')}".rstrip(", "), is_contractual)
