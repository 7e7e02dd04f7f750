"""What the conventions ask about account managers (responsables de gestion de comptes): annexe 1, art. 4.

France Travail's CSSI is told of their departure, and of an absence longer than two months. Reading: the eight days
are a notice, reckoned back from the day on which the person leaves or goes away; what is known too late for that
is owed within a day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.deadlines.calendar import DEFAULT_WEEK, Hours
from app.deadlines.delays import Delay, Unit
from app.deadlines.reading import Reading
from app.partners.terms import add_period

CLOCK = "cssi-notice"
APPLIES_TO = "account-manager"
DEFAULT_NOTICE = "8 days"
DEFAULT_ABSENCE_LIMIT = "2 months"
REMINDED_BEFORE = timedelta(days=2)


class Cause(StrEnum):
    ABSENCE = "absence"
    DEPARTURE = "departure"


CAUSE_LABELS: Mapping[Cause, str] = {Cause.ABSENCE: "Absence", Cause.DEPARTURE: "Départ"}


@dataclass(frozen=True)
class Terms:
    """What one convention says: its code, the notice, the longest absence that needs none, and where it says so."""

    convention: str
    notice: str
    absence_limit: str
    source: str


def terms_in(conventions: Sequence[tuple[str, Mapping[str, object]]]) -> Terms | None:
    """The strictest terms of the partner's conventions, as pairs (code, settings); None without account manager.

    The longest notice rules, and the shortest absence.
    """
    found = []
    for code, settings in conventions:
        section = settings.get("accounts")
        if settings.get("account_manager", True) and isinstance(section, Mapping):
            found.append(
                Terms(
                    convention=code,
                    notice=str(section.get("manager_departure_notice", DEFAULT_NOTICE)),
                    absence_limit=str(section.get("manager_absence_limit", DEFAULT_ABSENCE_LIMIT)),
                    source=str(section.get("source", "annexe 1")),
                )
            )
    if not found:
        return None
    strictest = max(found, key=lambda terms: _days(terms.notice))
    limit = min((terms.absence_limit for terms in found), key=_days)
    return Terms(strictest.convention, strictest.notice, limit, strictest.source)


def absence_needs_notice(first_day: date, last_day: date | None, limit: str) -> bool:
    """Whether the CSSI must be told of this absence: longer than `limit`, or of an end that nobody knows."""
    return last_day is None or last_day >= add_period(first_day, limit)


def notice_day(effective_on: date, notice: str) -> date:
    """The last day on which telling the CSSI leaves the whole notice before `effective_on`."""
    return effective_on - timedelta(days=_days(notice))


def reading_of(terms: Terms, effective_on: date, opened_on: date, time_zone: str) -> Reading:
    """The clock of one notice: from the moment it is owed to the notice before `effective_on`."""
    left = (notice_day(effective_on, terms.notice) - opened_on).days
    return Reading(
        convention=terms.convention,
        commitment=CLOCK,
        clock=CLOCK,
        applies_to=APPLIES_TO,
        owed_by="partner",
        delay=Delay(max(left, 1), Unit.CALENDAR_DAYS),
        hours=Hours(time_zone, DEFAULT_WEEK, ()),
        contractual=True,
        measured_by=terms.convention,
        source=f"{terms.source}\u00a0: préavis de {_days(terms.notice)} jours avant le {effective_on:%d/%m/%Y}",
    )


def notice_subject(cause: Cause, partner: str) -> str:
    """The subject of the mail to the CSSI."""
    what = "Départ" if cause is Cause.DEPARTURE else "Absence"
    return f"{what} d’un responsable de gestion de comptes, {partner}"


def notice_text(
    cause: Cause,
    *,
    partner: str,
    convention: str,
    name: str,
    effective_on: date,
    until: date | None,
    deputies: Sequence[str],
) -> str:
    """The mail to the CSSI, ready to be read again and sent."""
    if cause is Cause.DEPARTURE:
        news = (
            f"{name}, responsable de gestion de comptes, quitte ses fonctions le {effective_on:%d/%m/%Y}.\n"
            "Nous vous demandons de fermer ses habilitations à cette date."
        )
    else:
        end = f"jusqu’au {until:%d/%m/%Y} inclus" if until else "sans date de retour connue à ce jour"
        news = (
            f"{name}, responsable de gestion de comptes, sera absent(e) à partir du {effective_on:%d/%m/%Y}, {end}.\n"
            "Nous vous demandons de suspendre ses habilitations pendant cette période."
        )
    if deputies:
        relay = f"Suppléance\u00a0: {', '.join(deputies)}."
    else:
        relay = "Son remplacement n’est pas encore désigné\u00a0: nous vous en informerons dès qu’il le sera."
    return (
        f"Bonjour,\n\nEn application de la convention {convention}, nous vous informons que {news}\n\n{relay}\n\n"
        f"Cordialement,\n{partner}\n"
    )


def _days(period: str) -> int:
    """A period in days, months counted from a first of January."""
    reference = date(2001, 1, 1)
    return (add_period(reference, period) - reference).days
