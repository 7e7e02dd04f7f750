"""What is asked of a convention: its terms, its commitments, its channels and its contacts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from markupsafe import Markup
from wtforms import BooleanField, Field, SelectField
from wtforms.validators import StopValidation, ValidationError
from wtforms.widgets import DateInput, Input, TextInput

from app.deadlines.calendar import format_week, parse_week
from app.deadlines.delays import Delay, Unit, parse_delay
from app.deadlines.forms import Measure, measure_choices, measure_code, parse_measure
from app.deadlines.thresholds import format_thresholds, parse_thresholds
from app.kernel.errors import InvalidInput
from app.partners.listing import ContactLine, ToolChoice
from app.partners.models import Convention
from app.partners.terms import (
    CHANNEL_KINDS,
    CONTACT_ROLES,
    OWED_BY,
    OWN_CONTACT_ROLES,
    OWN_SIDE,
    CommitmentTerms,
)
from app.partners.wording import PERIOD_UNITS, ZONE_LABELS, french_period
from app.web.forms import (
    FIRST_YEAR,
    LAST_YEAR,
    ActForm,
    LineField,
    LongTextField,
    MultiCheckboxField,
    Required,
    labelled,
    options,
)

ADDRESS_LENGTH = 320
URL_LENGTH = 500
PHONE_LENGTH = 40
NOTE_LENGTH = 1_000
WEEK_LENGTH = 400

UNIT_LABELS: Mapping[Unit, str] = {
    Unit.ELAPSED: "heures réelles, jour et nuit",
    Unit.WORKING: "heures de service",
    Unit.CALENDAR_DAYS: "jours calendaires",
    Unit.WORKING_DAYS: "jours ouvrés (du lundi au vendredi)",
    Unit.BUSINESS_DAYS: "jours ouvrables (du lundi au samedi)",
    Unit.MONTHS: "mois",
}


# --- Fields ----------------------------------------------------------------------------------------------

_FRENCH_DAY = re.compile(r"(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})")


class DayInput:
    """The browser's own picker, unless what was typed is in another form: the picker would show nothing."""

    def __call__(self, field: Field, **attributes: Any) -> Markup:
        unreadable = field.data is None and any(field.raw_data or ())
        shown: Input = TextInput() if unreadable else DateInput()
        return shown(field, **attributes)


class DayField(Field):
    """A day. Browsers send « 2026-03-10 »; people may also type « 10/03/2026 »."""

    widget = DayInput()

    def _value(self) -> str:
        if self.data is not None:
            return str(self.data)
        return str(self.raw_data[0]) if self.raw_data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        typed = valuelist[0].strip() if valuelist else ""
        if typed:
            self.data = _read_day(typed)


def _read_day(typed: str) -> date:
    match = _FRENCH_DAY.fullmatch(typed)
    try:
        day = date(*map(int, match.group("year", "month", "day"))) if match else date.fromisoformat(typed)
    except ValueError:
        raise ValidationError("Date illisible ou inexistante. Exemple\u00a0: 10/03/2026.") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(f"L’année doit être comprise entre {FIRST_YEAR} et {LAST_YEAR}.")
    return day


_UNIT_OF_WORD = {word: unit for unit, words in PERIOD_UNITS.items() for word in words} | {
    "année": "year",
    "années": "year",
}
_PERIOD = re.compile(r"([1-9]\d{0,2})\s*([a-zé]+)")


class PeriodField(LineField):
    """A length of time, typed « 3 ans » or « 6 mois »; `period` is what the profiles write, None when empty."""

    period: str | None = None

    def pre_validate(self, form: Any) -> None:
        typed = (self.data or "").strip().lower()
        match = _PERIOD.fullmatch(typed)
        if typed and (match is None or match[2] not in _UNIT_OF_WORD):
            raise StopValidation(
                "Durée illisible. Exemples\u00a0: «\u00a03 ans\u00a0», «\u00a06 mois\u00a0», «\u00a08 jours\u00a0»."
            )
        self.period = f"{match[1]} {_UNIT_OF_WORD[match[2]]}{'s' * (match[1] != '1')}" if match else None


def tool_choices(tools: Iterable[ToolChoice]) -> list[Any]:
    return options((tool.code, f"{tool.name} ({tool.platform})") for tool in tools)


# --- Forms -----------------------------------------------------------------------------------------------


class ConventionForm(ActForm):
    counterpart = LineField("Cocontractant", [Required()])
    starts_on = DayField("Premier jour")
    ends_on = DayField("Dernier jour")
    duration = PeriodField("Durée", max_length=40)
    tacit_renewal = PeriodField("Tacite reconduction", max_length=40)
    denunciation_notice = PeriodField("Préavis de dénonciation", max_length=40)
    renewal = LongTextField("Renouvellement, tel que la convention le dit", max_length=NOTE_LENGTH)
    declaration_channel = LongTextField(
        "Déclaration des incidents, telle que la convention la dit", max_length=NOTE_LENGTH
    )
    zone = SelectField("Jours fériés", choices=labelled(ZONE_LABELS))
    service_levels_from = SelectField("Objectifs de référence", default="")
    tools = MultiCheckboxField("Outils de la convention")

    def __init__(self, tools: Iterable[ToolChoice], references: Iterable[str], **more: Any) -> None:
        super().__init__(**more)
        self.tools.choices = tool_choices(tools)
        self.service_levels_from.choices = options(
            [("", "Aucun"), *((code, f"Chiffres de {code}") for code in references)]
        )

    def changes(self) -> dict[str, Any]:
        """The keywords of `edit_convention`, but for the tools."""
        return {
            "counterpart": self.counterpart.data,
            "starts_on": self.starts_on.data,
            "ends_on": self.ends_on.data,
            "duration": self.duration.period,
            "tacit_renewal": self.tacit_renewal.period,
            "denunciation_notice": self.denunciation_notice.period,
            "renewal": self.renewal.data or None,
            "declaration_channel": self.declaration_channel.data or None,
            "zone": self.zone.data,
            "service_levels_from": self.service_levels_from.data or None,
        }


def convention_values(convention: Convention, tools: Collection[str]) -> dict[str, Any]:
    """What the form of a convention shows first."""
    periods = ("duration", "tacit_renewal", "denunciation_notice")
    texts = ("counterpart", "starts_on", "ends_on", "renewal", "declaration_channel", "zone")
    return {
        **{name: getattr(convention, name) for name in texts},
        **{name: french_period(text) for name in periods if (text := getattr(convention, name))},
        "service_levels_from": convention.service_levels_from or "",
        "tools": sorted(tools),
    }


class CommitmentForm(ActForm):
    """A dated version of a figure. Its delay is read in its unit: « 8 h », « 6 jours », « 1 mois »."""

    clock = SelectField("Engagement", [Required("Choisissez l’engagement.")])
    tool = SelectField("Outil", default="")
    valid_from = DayField(
        "À partir du", [Required("Indiquez à partir de quel jour cette version s’applique.")]
    )
    valid_to = DayField("Jusqu’au")
    delay = LineField("Délai", [Required("Indiquez le délai.")], max_length=40)
    unit = SelectField("Compté en", choices=labelled(UNIT_LABELS))
    week = LineField("Heures de service", max_length=WEEK_LENGTH)
    holiday_zone = SelectField("Jours fériés", choices=labelled({"": "Ceux de la convention", **ZONE_LABELS}))
    owed_by = SelectField("Dû par", choices=labelled(OWED_BY))
    alerts = LineField("Alertes", max_length=60)
    starts = LineField("Commence quand", [Required()], max_length=NOTE_LENGTH)
    stops = LineField("S’arrête quand", [Required()], max_length=NOTE_LENGTH)
    source = LineField(
        "Source", [Required("Indiquez l’article ou l’annexe qui fixe ce délai.")], max_length=NOTE_LENGTH
    )
    condition = LongTextField("Condition", max_length=NOTE_LENGTH)
    plannable = BooleanField("Une autre date peut être convenue")
    suspendable = BooleanField("Se suspend pendant que France Travail attend une information")
    carry_over = BooleanField("Une échéance un jour non ouvré est reportée au jour ouvré suivant")

    def __init__(self, measures: Iterable[Measure], tools: Iterable[ToolChoice], **more: Any) -> None:
        super().__init__(**more)
        self.clock.choices = measure_choices(measures)
        self.tool.choices = [
            *options([("", "Tous les outils de la convention")]),
            *tool_choices(tools),
        ]

    def validate_week(self, field: Field) -> None:
        """What is stored is the text in full, which may be longer than what was typed."""
        if not field.data:
            return
        try:
            stored = format_week(parse_week(field.data))
        except InvalidInput as error:
            raise ValidationError(error.message) from error
        if len(stored) > WEEK_LENGTH:
            raise ValidationError("Ces heures de service sont trop détaillées pour être enregistrées.")

    def terms(self, existing: Sequence[CommitmentTerms]) -> CommitmentTerms:
        """The terms that were typed. A new version keeps the code of the figure. Raises InvalidInput."""
        clock, applies_to = parse_measure(self.clock.data)
        codes = [terms.code for terms in existing if terms.measures(clock, applies_to)]
        return CommitmentTerms(
            code=codes[0] if codes else f"{clock}-{applies_to}",
            clock=clock,
            applies_to=applies_to,
            delay=parse_delay(self.delay.data or "", Unit(self.unit.data)),
            starts=self.starts.data or "",
            stops=self.stops.data or "",
            owed_by=self.owed_by.data,
            alerts=parse_thresholds(self.alerts.data or ""),
            source=self.source.data or "",
            condition=self.condition.data or None,
            plannable=self.plannable.data,
            suspendable=self.suspendable.data,
            carry_over=self.carry_over.data,
            week=parse_week(self.week.data) if self.week.data else None,
            holiday_zone=self.holiday_zone.data or None,
            tool=self.tool.data or None,
            valid_from=self.valid_from.data,
            valid_to=self.valid_to.data,
        )


def commitment_values(terms: CommitmentTerms) -> dict[str, Any]:
    """What the form shows first: the version to start from, without its dates."""
    same = ("owed_by", "starts", "stops", "source", "condition", "plannable", "suspendable", "carry_over")
    return {
        **{name: getattr(terms, name) for name in same},
        "clock": measure_code((terms.clock, terms.applies_to)),
        "delay": typed_delay(terms.delay),
        "unit": terms.delay.unit.value,
        "alerts": format_thresholds(terms.alerts),
        "week": format_week(terms.week) if terms.week else "",
        "holiday_zone": terms.holiday_zone or "",
        "tool": terms.tool or "",
    }


def typed_delay(delay: Delay) -> str:
    """A delay as `parse_delay` reads it back in its unit: « 1 h 30 min », « 6 jours »."""
    if delay.unit is Unit.MONTHS:
        return f"{delay.amount} mois"
    if not delay.unit.in_minutes:
        return f"{delay.amount} jour{'s' * (delay.amount > 1)}"
    hours, minutes = divmod(delay.amount, 60)
    return " ".join([f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes))


class ChannelForm(ActForm):
    name = LineField("Nom du canal", [Required()])
    kind = SelectField("Moyen", choices=labelled(CHANNEL_KINDS))
    address = LineField("Adresse électronique", max_length=ADDRESS_LENGTH)
    url = LineField("Adresse du formulaire", max_length=URL_LENGTH)
    receipt_is_take_up = BooleanField("L’accusé de réception vaut prise en charge")

    def changes(self) -> dict[str, Any]:
        """The keywords of `edit_channel`."""
        return {
            "name": self.name.data,
            "kind": self.kind.data,
            "address": self.address.data or None,
            "url": self.url.data or None,
            "receipt_is_take_up": self.receipt_is_take_up.data,
        }


class NewChannelForm(ChannelForm):
    """Whom the channel is for is said once, when it is added."""

    serves = SelectField("Pour")

    def __init__(self, targets: Iterable[tuple[str, str]], **more: Any) -> None:
        super().__init__(**more)
        self.serves.choices = options(targets)

    def details(self) -> dict[str, Any]:
        """The keywords of `add_channel`."""
        kind, _, code = self.serves.data.partition(":")
        return {**self.changes(), **({kind: code} if code else {})}


class ContactForm(ActForm):
    """A contact of annexes 2 and 2 bis; `own`: of the partner, not of France Travail."""

    label = LineField("Fonction", [Required("Indiquez la fonction.")])
    role = SelectField("Rôle")
    rank = LineField("Rang de relance", max_length=3)
    email = LineField("Adresse électronique", max_length=ADDRESS_LENGTH)
    phone = LineField("Téléphone", max_length=PHONE_LENGTH)
    valid_from = DayField("À partir du")
    valid_to = DayField("Jusqu’au")
    no_mail = BooleanField("Aucun courriel n’est dû pour ce changement")

    def __init__(self, *, own: bool = False, **more: Any) -> None:
        super().__init__(**more)
        self.own = own
        self.role.choices = labelled(OWN_CONTACT_ROLES if own else CONTACT_ROLES)
        if own:
            del self.rank

    def validate_rank(self, field: Field) -> None:
        if field.data and not (field.data.isascii() and field.data.isdecimal()):
            raise ValidationError("Tapez un nombre entier, ou laissez vide.")

    def details(self) -> dict[str, Any]:
        """The keywords of `save_contact`."""
        return {
            "label": self.label.data,
            "role": self.role.data,
            "rank": int(self.rank.data) if not self.own and self.rank.data else None,
            "email": self.email.data or None,
            "phone": self.phone.data or None,
            "valid_from": self.valid_from.data,
            "valid_to": self.valid_to.data,
            "no_mail": self.no_mail.data,
            **({"side": OWN_SIDE} if self.own else {}),
        }


def contact_values(line: ContactLine) -> dict[str, Any]:
    """What the form of a contact shows first."""
    return {**asdict(line), "rank": str(line.rank or "")}
