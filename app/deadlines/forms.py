"""What the calculator asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from wtforms import Field, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # younger than the stubs
from wtforms.validators import StopValidation, ValidationError

from app.deadlines.calendar import YEARS
from app.deadlines.wording import capitalised
from app.partners.terms import CLOCKS, TYPES
from app.web.filters import current_zone
from app.web.forms import BaseForm, MomentField, Required, options

# A clock and what it applies to, as one choice: only those that exist together are offered.
Measure = tuple[str, str]
Choices = Sequence[tuple[str, str]]


def measure_choices(measures: Iterable[Measure]) -> list[Any]:
    """The delays to choose from: « Remise en service, incident applicatif »."""
    return options(
        (measure_code(measure), f"{capitalised(CLOCKS[measure[0]])}, {TYPES[measure[1]]}")
        for measure in measures
    )


def measure_code(measure: Measure) -> str:
    return "/".join(measure)


def parse_measure(code: str) -> Measure:
    """What `measure_code` wrote, once the form has accepted it."""
    clock, applies_to = code.split("/")
    return clock, applies_to


class ListField(SelectField):
    """A list that repeats what it does not hold: an address may name anything, which no list would show."""

    def pre_validate(self, form: Any) -> None:
        try:
            super().pre_validate(form)
        except ValidationError as error:
            if self.data:
                raise StopValidation(f"«\u00a0{self.data[:60]}\u00a0» n’est pas dans la liste.") from error


class CalculatorForm(BaseForm):
    """A question in an address (GET): it changes nothing, so that it needs neither token nor CSRF."""

    class Meta(BaseForm.Meta):
        csrf = False

    token = None  # type: ignore[assignment]
    convention = ListField("Convention", [Required("Choisissez une convention.")])
    clock = ListField("Délai", [Required("Choisissez un délai.")])
    tool = ListField("Outil", default="")
    start = MomentField("Départ", [Required("Indiquez la date et l’heure du départ.")])

    def __init__(
        self,
        *,
        conventions: Mapping[str, Choices],
        measures: Iterable[Measure],
        tools: Mapping[str, Choices],
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self.convention.choices = _grouped(conventions)
        self.clock.choices = measure_choices(measures)
        self.tool.choices = [SelectChoice("", "Peu importe"), *_grouped(tools)]

    def validate_start(self, field: Field) -> None:
        started_at: datetime = field.data
        if started_at.astimezone(current_zone()).year not in YEARS:
            raise ValidationError(f"L’année doit être comprise entre {YEARS[0]} et {YEARS[-1]}.")


def _grouped(groups: Mapping[str, Choices]) -> list[Any]:
    return [
        SelectChoice(value, label, optgroup=group)
        for group, choices in groups.items()
        for value, label in choices
    ]
