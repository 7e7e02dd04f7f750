"""What is asked of a partner: who it is, when it works, its structures, its catalogue, a new convention."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, Field, HiddenField, SelectField, SubmitField
from wtforms.validators import ValidationError

from app.kernel.errors import InvalidInput
from app.kernel.siret import parse_siret
from app.partners.catalogue_edits import CataloguePlatform
from app.partners.forms import URL_LENGTH, WEEK_LENGTH, DayField, tool_choices
from app.partners.listing import ToolChoice
from app.partners.partner_file import EMPTY_MODEL
from app.partners.profile_file import Profile
from app.partners.terms import CODE_LENGTH, STRUCTURE_KINDS, TIME_ZONES, TOOL_KINDS, parse_code
from app.partners.wording import ZONE_LABELS
from app.web.forms import (
    ActForm,
    BaseForm,
    LineField,
    LongTextField,
    MultiCheckboxField,
    Required,
    labelled,
    options,
)

SIRET_LENGTH = 24  # with the spaces that people type
REASON_LENGTH = 500


def _zone_names() -> dict[str, str]:
    """Each time zone once, with the places that keep its time."""
    places: dict[str, list[str]] = {}
    for zone, name in TIME_ZONES.items():
        places.setdefault(name, []).append(ZONE_LABELS[zone])
    return {name: f"{', '.join(where)} ({name})" for name, where in places.items()}


def check_siret(_form: Any, field: Field) -> None:
    """An empty one is accepted; another must have fourteen digits and the right key."""
    if field.data:
        try:
            parse_siret(field.data)
        except InvalidInput as error:
            raise ValidationError(error.message) from error


class IdentityForm(ActForm):
    name = LineField("Nom du partenaire", [Required()])
    siret = LineField("SIRET", [check_siret], max_length=SIRET_LENGTH)


class HoursForm(ActForm):
    time_zone = SelectField("Fuseau horaire", choices=labelled(_zone_names()))
    service_hours = LineField(
        "Heures de service", [Required("Indiquez les heures de service.")], max_length=WEEK_LENGTH
    )
    holiday_zone = SelectField("Jours fériés", choices=labelled(ZONE_LABELS))
    good_friday = BooleanField("Le Vendredi saint est férié ici")

    def details(self) -> dict[str, Any]:
        """The keywords of `edit_hours`."""
        return {
            "time_zone": self.time_zone.data,
            "service_hours": self.service_hours.data,
            "holiday_zone": self.holiday_zone.data,
            "good_friday": self.good_friday.data,
        }


class ClosureForm(ActForm):
    first_day = DayField("Premier jour de fermeture", [Required("Indiquez le premier jour.")])
    last_day = DayField("Dernier jour de fermeture")
    label = LineField("Motif", [Required("Dites pourquoi\u00a0: «\u00a0pont de l’Ascension\u00a0».")])

    def details(self) -> dict[str, Any]:
        """The keywords of `add_closure`: one day alone needs no last day."""
        first: date = self.first_day.data
        return {"first_day": first, "last_day": self.last_day.data or first, "label": self.label.data}


class StructureForm(ActForm):
    name = LineField("Nom", [Required("Indiquez le nom de la structure.")])
    kind = SelectField("Nature", choices=labelled(STRUCTURE_KINDS))
    siret = LineField("SIRET", [check_siret], max_length=SIRET_LENGTH)
    shares_tickets = BooleanField("Ses membres voient les sollicitations les uns des autres")
    active = BooleanField("Elle est active", default=True)
    tools = MultiCheckboxField("Outils propres")

    def __init__(self, tools: Iterable[ToolChoice], **more: Any) -> None:
        super().__init__(**more)
        self.tools.choices = tool_choices(tools)

    def details(self) -> dict[str, Any]:
        """The keywords of `new_structure` and `edit_structure`."""
        return {
            "name": self.name.data,
            "kind": self.kind.data,
            "siret": self.siret.data or None,
            "shares_tickets": self.shares_tickets.data,
            "active": self.active.data,
            "tool_codes": self.tools.data,
        }


class StructureFileForm(BaseForm):
    file = FileField("Fichier des structures")


class ConfirmImportForm(BaseForm):
    """`digest` is what the preview showed."""

    digest = HiddenField()
    give_up = SubmitField("Abandonner")


class NewConventionForm(BaseForm):
    model = SelectField("Modèle")
    code = LineField("Code de la convention", [Required("Donnez un code.")], max_length=CODE_LENGTH)
    counterpart = LineField("Cocontractant")
    starts_on = DayField("Premier jour")
    ends_on = DayField("Dernier jour")

    def __init__(self, profiles: Mapping[str, Profile], **more: Any) -> None:
        super().__init__(**more)
        empty = (EMPTY_MODEL, "Aucun\u00a0: une convention vide, à remplir")
        shipped = [(code, f"{code} ({profile.partner})") for code, profile in sorted(profiles.items())]
        self.model.choices = options([*shipped, empty])

    def validate_code(self, field: Field) -> None:
        try:
            parse_code(field.data or "")
        except InvalidInput as error:
            raise ValidationError(error.message) from error

    def validate_counterpart(self, field: Field) -> None:
        if self.model.data == EMPTY_MODEL and not field.data:
            raise ValidationError("Une convention vide n’en donne pas\u00a0: indiquez-le.")

    def details(self) -> dict[str, Any]:
        """The keywords of `create_convention`."""
        return {
            "model": self.model.data,
            "code": self.code.data,
            "counterpart": self.counterpart.data or None,
            "starts_on": self.starts_on.data,
            "ends_on": self.ends_on.data,
        }


class PlatformForm(ActForm):
    name = LineField("Nom de la plateforme", [Required()])
    login = LineField("Moyen de connexion")
    channel = LineField("Formulaire de déclaration", [Required()])
    channel_url = LineField("Adresse du formulaire", max_length=URL_LENGTH)

    def details(self) -> dict[str, Any]:
        """The keywords of `add_platform` and `edit_platform`."""
        return {
            "name": self.name.data,
            "login": self.login.data or None,
            "channel": self.channel.data,
            "channel_url": self.channel_url.data or None,
        }


class ToolForm(ActForm):
    name = LineField("Nom de l’outil", [Required()])
    kind = SelectField("Nature", choices=labelled(TOOL_KINDS))
    platform = SelectField("Plateforme")

    def __init__(self, platforms: Iterable[CataloguePlatform], **more: Any) -> None:
        super().__init__(**more)
        self.platform.choices = options((row.code, row.name) for row in platforms)

    def details(self) -> dict[str, Any]:
        """The keywords of `add_tool` and `edit_tool`."""
        return {"name": self.name.data, "kind": self.kind.data, "platform": self.platform.data}


class PlainForm(BaseForm):
    """A button and nothing to fill in: remove, retire, put back, open."""


class RetireForm(BaseForm):
    """`back` says which of the two was meant: a page may show what another has changed since."""

    back = HiddenField()


class SentForm(BaseForm):
    sent_on = DayField("Envoyé le", [Required("Indiquez le jour de l’envoi.")])


class AsideForm(BaseForm):
    reason = LongTextField(
        "Pourquoi aucun courriel n’est dû", [Required("Dites pourquoi.")], max_length=REASON_LENGTH
    )
