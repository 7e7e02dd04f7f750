"""The forms of announcements."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from wtforms import BooleanField, RadioField
from wtforms.validators import Optional

from app.announcements.events import Content
from app.announcements.models import TITLE_LENGTH
from app.announcements.vocabulary import KIND_LABELS, LEVEL_LABELS, Kind, Level
from app.partners.queries import StructureRow, ToolRow
from app.tickets.vocabulary import SEVERITY_LABELS, Severity
from app.web.forms import (
    ActForm,
    LineField,
    LongTextField,
    MomentField,
    MultiCheckboxField,
    Required,
    labelled,
    options,
)

NOW, LATER, DRAFT = "maintenant", "plus-tard", "brouillon"


class ContentForm(ActForm):
    """What an announcement says. Fields that its kind has no use for are left out (`rules.py`)."""

    kind = RadioField(
        "Nature", [Required("Choisissez la nature de l’annonce.")], choices=labelled(KIND_LABELS)
    )
    title = LineField("Titre", [Required("Donnez un titre.")], max_length=TITLE_LENGTH)
    text = LongTextField("Texte")
    severity = RadioField("État du service", [Optional()], choices=labelled(SEVERITY_LABELS))
    level = RadioField("Importance du changement", [Optional()], choices=labelled(LEVEL_LABELS))
    announced_at = MomentField("Annoncé par France Travail le")
    blocking = BooleanField("Ce changement corrige un incident bloquant")
    starts_at = MomentField("Début, ou prise d’effet")
    ends_at = MomentField("Fin")
    tools = MultiCheckboxField("Outils")
    structures = MultiCheckboxField("Structures")

    def offer(self, tools: tuple[ToolRow, ...], structures: tuple[StructureRow, ...]) -> None:
        """Set the choices: the tools and structures of the partner."""
        self.tools.choices = options((tool.code, tool.name) for tool in tools)
        self.structures.choices = options((str(row.id), row.name) for row in structures)

    def show(self, content: Content, version: int) -> None:
        """Fill the form with what the announcement says."""
        self.version.data = str(version)
        self.kind.data = content.kind.value
        self.title.data, self.text.data = content.title, content.text
        self.severity.data = content.severity.value if content.severity else None
        self.level.data = content.level.value if content.level else None
        self.announced_at.data, self.blocking.data = content.announced_at, content.blocking
        self.starts_at.data, self.ends_at.data = content.starts_at, content.ends_at
        self.tools.data = list(content.tools)
        self.structures.data = [str(key) for key in content.structures]

    @property
    def content(self) -> Content:
        """What was typed."""
        return Content(
            kind=Kind(self.kind.data),
            title=self.title.data or "",
            text=self.text.data or "",
            severity=Severity(self.severity.data) if self.severity.data else None,
            level=Level(self.level.data) if self.level.data else None,
            announced_at=self.announced_at.data,
            blocking=bool(self.blocking.data),
            starts_at=self.starts_at.data,
            ends_at=self.ends_at.data,
            tools=tuple(self.tools.data or ()),
            structures=tuple(int(key) for key in self.structures.data or ()),
        )


class NewForm(ContentForm):
    publication = RadioField(
        "Publication",
        choices=options(
            [(NOW, "Publier tout de suite"), (LATER, "Publier à partir du"), (DRAFT, "Garder en brouillon")]
        ),
        default=NOW,
    )
    publish_at = MomentField("Date de publication")

    def validate_publish_at(self, field: Any) -> None:
        if self.publication.data == LATER:
            Required("Indiquez quand la publier.")(self, field)

    @property
    def publishes(self) -> bool:
        return bool(self.publication.data != DRAFT)

    @property
    def publishes_at(self) -> datetime | None:
        """None for now."""
        chosen: datetime | None = self.publish_at.data
        return chosen if self.publication.data == LATER else None


class PublishForm(ActForm):
    publish_at = MomentField("À partir du")


class NewsForm(ActForm):
    text = LongTextField("Ce qu’il y a de nouveau", [Required("Écrivez ce qu’il y a de nouveau.")])


class EndForm(ActForm):
    text = LongTextField("Un dernier mot")


class ReopenForm(ActForm):
    text = LongTextField("Pourquoi l’annonce reprend", [Required("Dites pourquoi l’annonce reprend.")])


class WithdrawForm(ActForm):
    text = LongTextField("Motif du retrait")
