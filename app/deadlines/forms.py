"""What the calculator asks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from wtforms import Field, SelectField
from wtforms.validators import ValidationError

from app.deadlines.calendar import YEARS
from app.partners.terms import CLOCKS, TYPES
from app.web.filters import current_zone
from app.web.forms import BaseForm, MomentField, Required

# A clock and what it applies to, as one choice: only those that exist together are offered.
Measure = tuple[str, str]
Choices = Sequence[tuple[str, str]]


def measure_choices(measures: Collection[Measure]) -> dict[str, Choices]:
    """The delays to choose from, under what they apply to, in the order of `CLOCKS` and `TYPES`."""
    groups = {
        label.capitalize(): [
            (measure_code((clock, applies_to)), words.capitalize())
            for clock, words in CLOCKS.items()
            if (clock, applies_to) in measures
        ]
        for applies_to, label in TYPES.items()
    }
    return {label: choices for label, choices in groups.items() if choices}


def measure_code(measure: Measure) -> str:
    return "/".join(measure)


def parse_measure(code: str) -> Measure:
    """What `measure_code` wrote, once the form has accepted it."""
    clock, applies_to = code.split("/")
    return clock, applies_to


class CalculatorForm(BaseForm):
    """A question in an address (GET): it changes nothing, so that it needs neither token nor CSRF."""

    class Meta(BaseForm.Meta):
        csrf = False

    token = None  # type: ignore[assignment]
    convention = SelectField("Convention", [Required("Choisissez une convention.")])
    clock = SelectField("Délai", [Required("Choisissez un délai.")])
    tool = SelectField("Outil", default="")
    start = MomentField("Départ", [Required("Indiquez la date et l’heure du départ.")])

    def __init__(
        self,
        *,
        conventions: dict[str, Choices],
        measures: Collection[Measure],
        tools: dict[str, Choices],
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self.convention.choices = conventions
        self.clock.choices = measure_choices(measures)
        self.tool.choices = {"": [("", "Peu importe")], **tools}

    def validate_start(self, field: Field) -> None:
        started_at: datetime = field.data
        if started_at.astimezone(current_zone()).year not in YEARS:
            raise ValidationError(f"L’année doit être comprise entre {YEARS[0]} et {YEARS[-1]}.")
