"""The words of the conventions, and their terms as values that shipped profiles and database rows become alike."""

from __future__ import annotations

import calendar
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, count

from app.deadlines.calendar import DEFAULT_WEEK, Week
from app.deadlines.delays import Delay
from app.deadlines.thresholds import DEFAULT_THRESHOLDS, Thresholds
from app.kernel.errors import InvalidInput
from app.kernel.text import fold

# Each vocabulary: the word of the data, then what people read.
CLOCKS: Mapping[str, str] = {
    "take-up": "prise en compte",
    "return-to-service": "remise en service",
    "information": "information du partenaire",
    "notification": "notification à l’autre partie",
    "cnil-notification": "notification à la CNIL",
    "answer": "réponse",
}
TYPES: Mapping[str, str] = {
    "availability": "incident de disponibilité",
    "application": "incident applicatif",
    "security-flaw": "faille de sécurité",
    "personal-data-breach": "violation de données personnelles",
    "data-subject-request": "demande d’une personne concernée",
}
OWED_BY: Mapping[str, str] = {
    "france-travail": "France Travail",
    "partner": "le partenaire",
    "both": "chacune des parties",
}
CHANNEL_KINDS: Mapping[str, str] = {"form": "formulaire", "email": "courriel", "other": "autre"}
TOOL_KINDS: Mapping[str, str] = {
    "application": "application",
    "module": "module",
    "api": "API",
    "online-service": "service en ligne",
    "access": "accès",
}
# Whom to reach at France Travail. A relance goes to the contacts that have a rank; the catalogue ranks the first only.
CONTACT_ROLES: Mapping[str, str] = {
    "support_si_plateforme": "Support SI plateforme de France Travail",
    "cssi": "CSSI de France Travail (habilitations)",
    "security": "Sécurité des systèmes d’information de France Travail",
    "rssi": "RSSI de France Travail",
    "dpd": "DPD de France Travail",
    "governance": "Instance de gouvernance de la convention",
    "other": "Autre interlocuteur de France Travail",
}
# The partner's own contacts, which its convention names too: a change of theirs is owed to the governance.
OWN_CONTACT_ROLES: Mapping[str, str] = {
    "own_correspondent": "Correspondant SI du partenaire",
    "own_account_manager": "Responsable de gestion de comptes",
    "own_rssi": "RSSI du partenaire",
    "own_dpd": "DPD du partenaire",
    "own_manager": "Responsable du suivi opérationnel",
    "own_other": "Autre interlocuteur du partenaire",
}
OWN_SIDE = "partner"
STRUCTURE_KINDS: Mapping[str, str] = {
    "service": "service",
    "delegataire": "délégataire",
    "prestataire": "prestataire",
}
# The time zone of each zone of holidays that the calendar knows.
TIME_ZONES: Mapping[str, str] = {
    "metropole": "Europe/Paris",
    "alsace-moselle": "Europe/Paris",
    "guadeloupe": "America/Guadeloupe",
    "martinique": "America/Martinique",
    "guyane": "America/Cayenne",
    "la-reunion": "Indian/Reunion",
    "mayotte": "Indian/Mayotte",
    "saint-barthelemy": "America/St_Barthelemy",
    "saint-martin": "America/Marigot",
    "saint-pierre-et-miquelon": "America/Miquelon",
    "wallis-et-futuna": "Pacific/Wallis",
    "polynesie-francaise": "Pacific/Tahiti",
    "nouvelle-caledonie": "Pacific/Noumea",
}
LAW = "law"
CODE_LENGTH = 60
OPEN_SECTION = "accès"  # tools of this section of the catalogue are open to every convention

_CODE_PART = re.compile(r"[a-z0-9]+")
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PERIOD = re.compile(r"([1-9]\d{0,2}) (day|week|month|year)s?")


@dataclass(frozen=True, slots=True)
class CommitmentTerms:
    """One figure of a convention: within `delay` of `starts`, `owed_by` must reach `stops`.

    `week` and `holiday_zone` are the convention's when None; `tool` narrows the figure to one tool;
    `valid_from` and `valid_to` (both included) are the local days on which a clock may start under it.
    `condition` is what the text requires beside, for a person to judge; `alerts` are the shares of the delay
    after which the desk wakes somebody.
    """

    code: str
    clock: str
    applies_to: str
    delay: Delay
    starts: str
    stops: str
    owed_by: str
    source: str
    plannable: bool = False
    suspendable: bool = False
    carry_over: bool = False
    week: Week | None = None
    holiday_zone: str | None = None
    tool: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    condition: str | None = None
    alerts: Thresholds = DEFAULT_THRESHOLDS

    def is_valid_on(self, day: date) -> bool:
        return holds(self.valid_from, self.valid_to, day)

    def overlaps(self, other: CommitmentTerms) -> bool:
        """Whether both would measure one clock for one tool on one day."""
        same = (self.clock, self.applies_to, self.tool) == (other.clock, other.applies_to, other.tool)
        apart = (self.valid_to and other.valid_from and self.valid_to < other.valid_from) or (
            other.valid_to and self.valid_from and other.valid_to < self.valid_from
        )
        return same and not apart

    def measures(self, clock: str, applies_to: str) -> bool:
        return self.clock == clock and self.applies_to == applies_to


@dataclass(frozen=True, slots=True)
class ConventionTerms:
    """What is needed to measure a clock under a convention. `term_from` and `term_to` only warn."""

    code: str
    commitments: tuple[CommitmentTerms, ...]
    time_zone: str = "Europe/Paris"
    holiday_zone: str = "metropole"
    good_friday: bool = True
    week: Week = DEFAULT_WEEK
    service_levels_from: str | None = None
    term_from: date | None = None
    term_to: date | None = None


def holds(first: date | None, last: date | None, day: date) -> bool:
    """Whether `day` is between `first` and `last`, both included, None being no limit."""
    return (first is None or first <= day) and (last is None or day <= last)


def parse_code(text: str, *, field: str = "code") -> str:
    """A code as files and commands write it: « pas-de-calais-2024 ». Raises InvalidInput on `field`."""
    if _CODE.fullmatch(text) is None or len(text) > CODE_LENGTH:
        raise InvalidInput(
            f"Code « {text[:CODE_LENGTH]} » incorrect : {CODE_LENGTH} caractères au plus, lettres minuscules "
            "sans accent, chiffres et tirets.",
            field=field,
        )
    return text


def code_from(name: str, taken: Collection[str] = ()) -> str:
    """A code that says `name`, and that none of `taken` is: « Maison de l’emploi » gives « maison-de-l-emploi »."""
    base = "-".join(_CODE_PART.findall(fold(name)))[: CODE_LENGTH - 4].strip("-") or "sans-nom"
    numbered = (f"{base}-{number}" for number in count(2))
    return next(code for code in chain([base], numbered) if code not in taken)


def parse_email(text: str) -> str:
    """`text` itself when it looks like an address; InvalidInput on `address` otherwise."""
    name, at, domain = text.partition("@")
    if not (name and at and "." in domain) or any(character.isspace() for character in text):
        raise InvalidInput(f"Adresse électronique « {text} » incorrecte.", field="address")
    return text


def parse_url(text: str) -> str:
    """`text` itself when it is an https address; InvalidInput on `url` otherwise."""
    if not text.startswith("https://") or any(character.isspace() for character in text):
        raise InvalidInput(
            f"Adresse « {text} » incorrecte : elle doit commencer par « https:// ».", field="url"
        )
    return text


def reference_fault(code: str, references: Mapping[str, str | None]) -> str | None:
    """Why the service levels that `code` borrows cannot be found, or None.

    `references` gives, for each known convention, the one it borrows from.
    """
    followed = [code]
    while (borrowed := references[followed[-1]]) is not None:
        if borrowed not in references:
            known = ", ".join(sorted(known for known in references if known != code))
            return f"Convention inconnue « {borrowed} ». Conventions connues : {known}."
        if borrowed in followed:
            return f"Renvoi circulaire : {' → '.join([*followed, borrowed])}."
        followed.append(borrowed)
    return None


def parse_period(text: str) -> str:
    """`text` itself when it reads « 8 days », « 2 weeks », « 3 months » or « 1 year »; else InvalidInput."""
    _amount_and_unit(text)
    return text


def add_period(day: date, text: str) -> date:
    """`day` plus a period, whose months and years keep the day of the month or take the last of a shorter one."""
    amount, unit = _amount_and_unit(text)
    if unit in ("day", "week"):
        return day + timedelta(days=amount if unit == "day" else 7 * amount)
    years, month = divmod(day.month - 1 + (amount if unit == "month" else 12 * amount), 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _amount_and_unit(text: str) -> tuple[int, str]:
    match = _PERIOD.fullmatch(text)
    if match is None:
        raise InvalidInput(f"Durée « {text} » illisible. Exemples : « 8 days », « 2 months », « 3 years ».")
    return int(match[1]), match[2]


def first_end(starts_on: date | None, ends_on: date | None, duration: str | None) -> date | None:
    """The last day of a convention's first period: the one it states, or its start plus its duration."""
    if ends_on or not (starts_on and duration):
        return ends_on
    return add_period(starts_on, duration) - timedelta(days=1)


def term_end(first_end: date | None, tacit_renewal: str | None) -> date | None:
    """The last day before the desk warns that a convention has run out.

    One tacit renewal is counted (reading: the texts give the length of one): beyond it somebody
    must say whether the convention still runs.
    """
    if first_end is None or tacit_renewal is None:
        return first_end
    return add_period(first_end, tacit_renewal)
