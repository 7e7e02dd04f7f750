"""The notice that France Travail owes before a change, and whether it was given. Pure.

pas-de-calais-2024, annexe 2, §7: five days for a minor change, three months for a major one, save for blocking
incidents. Reading: the period runs in days of the partner's calendar, from the day of the announcement to the
day on which the change takes effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, tzinfo

from app.announcements.events import Content
from app.announcements.vocabulary import Kind, Level
from app.partners.terms import add_period

# The keys of the section [changes] of a convention.
SETTING_OF_LEVEL: Mapping[Level, str] = {Level.MINOR: "minor_notice", Level.MAJOR: "major_notice"}
_UNITS: Mapping[str, tuple[str, str]] = {
    "day": ("jour", "jours"),
    "week": ("semaine", "semaines"),
    "month": ("mois", "mois"),
    "year": ("an", "ans"),
}


@dataclass(frozen=True)
class NoticeTerms:
    """The period that a convention sets (« 5 days »), where it says so, and whether it binds."""

    period: str
    source: str
    is_contractual: bool


@dataclass(frozen=True)
class Notice:
    """What was owed (empty: nothing) and the whole days that were given, fewer than none when told afterwards."""

    owed: str
    given_days: int
    kept: bool
    exempt: bool = False


def notice_of(content: Content, zone: tzinfo) -> Notice | None:
    """The notice of a change, read in the partner's zone; None for what owes none or is not dated."""
    if content.kind is not Kind.CHANGE or content.announced_at is None or content.starts_at is None:
        return None
    announced = content.announced_at.astimezone(zone).date()
    effect = content.starts_at.astimezone(zone).date()
    given = (effect - announced).days
    if content.blocking:
        return Notice("", given, kept=True, exempt=True)
    if not content.notice:
        return None
    return Notice(content.notice, given, kept=_kept(announced, effect, content.notice))


def _kept(announced: date, effect: date, owed: str) -> bool:
    return add_period(announced, owed) <= effect


def say_notice(notice: Notice) -> str:
    """« préavis non respecté : 2 jours au lieu de 5 », « préavis respecté : 12 jours pour 5 dus »…"""
    if notice.exempt:
        return "préavis non dû : le changement corrige un incident bloquant"
    amount, unit = notice.owed.removesuffix("s").split(" ")
    given = f"{notice.given_days} {'jours' if notice.given_days > 1 else 'jour'}"
    in_days = unit == "day"
    owed = amount if in_days else say_period(notice.owed)
    if notice.kept:
        return f"préavis respecté : {given} pour {owed} {'dus' if int(amount) > 1 else 'dû'}"
    if notice.given_days < 0:
        return f"préavis non respecté : annoncé après coup au lieu de {say_period(notice.owed)} avant"
    return f"préavis non respecté : {given} au lieu de {owed}"


def say_period(period: str) -> str:
    """« 5 days » as people read it: « 5 jours »."""
    amount, unit = period.removesuffix("s").split(" ")
    one, many = _UNITS[unit]
    return f"{amount} {many if int(amount) > 1 else one}"
