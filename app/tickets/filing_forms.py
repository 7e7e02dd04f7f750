"""What is asked to file a ticket: for oneself, or in one short form for a caller."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from flask_wtf.file import MultipleFileField
from markupsafe import Markup
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, Field, RadioField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import StopValidation, ValidationError

from app.accounts.policy import Actor
from app.files.models import Attachment
from app.files.rules import AcceptedFile
from app.files.service import examine
from app.kernel.errors import InvalidInput
from app.kernel.personal_data import mask, refuse_nir
from app.partners.queries import ConventionRow, StructureRow, ToolRow
from app.tickets.events import Filed
from app.tickets.filing import Call
from app.tickets.vocabulary import SCOPE_LABELS, IncidentType, Kind, Scope, Severity
from app.web.filters import file_size
from app.web.forms import (
    BaseForm,
    LineField,
    LongTextField,
    MomentField,
    MultiCheckboxField,
    Required,
    labelled,
    options,
)

CONNECTION = "connexion"
UNKNOWN_TOOL = "inconnu"
CALLER_LENGTH = 120
ERROR_LENGTH = 2_000
MORE_LENGTH = 2_000
MOST_REFERENCES = 10
MOST_FILES = 10
_REFERENCE_LINE = re.compile(r"(?P<label>[^:]{1,60}?)\s*:\s*(?P<reference>.{1,80})")


@dataclass(frozen=True)
class PlainKind:
    """What happens, in the words of someone who files twice a year, and what the desk makes of it."""

    code: str
    words: str
    example: str
    kind: Kind
    incident_type: IncidentType | None = None
    severity: Severity | None = None

    @property
    def label(self) -> Markup:
        return Markup('{}<br><span class="muted small">{}</span>').format(self.words, self.example)


PLAIN_KINDS = (
    PlainKind(
        "panne",
        "Ça ne marche plus",
        "Page d’erreur, arrêt, outil injoignable",
        Kind.INCIDENT,
        IncidentType.AVAILABILITY,
        Severity.INTERRUPTION,
    ),
    PlainKind(
        "donnees",
        "Les données sont fausses",
        "Information absente, périmée ou incohérente",
        Kind.INCIDENT,
        IncidentType.APPLICATION,
    ),
    PlainKind("acces", "Je n’ai plus accès", "Compte refusé, droit manquant", Kind.ACCESS),
    PlainKind("question", "Je ne comprends pas", "Une question sur un outil", Kind.QUESTION),
    PlainKind("idee", "Une idée d’amélioration", "Ce qui manque ou gêne", Kind.EVOLUTION),
    PlainKind("securite", "Sécurité", "Doute, fuite de données, courriel suspect", Kind.SECURITY),
)
PERSON_REQUEST = PlainKind(
    "personne",
    "Demande d’une personne sur ses données",
    "Accès, rectification, effacement, opposition",
    Kind.DATA_SUBJECT_REQUEST,
)
_BY_CODE = {plain.code: plain for plain in (*PLAIN_KINDS, PERSON_REQUEST)}


class HidesSecrets(Protocol):
    """A form that remembers the labels of the fields in which a secret was hidden."""

    hidden_in: list[str]


class Discreet:
    """Refuses a social-security number; hides a secret, and remembers it so that the page can say so."""

    def __call__(self, form: HidesSecrets, field: Field) -> None:
        label = field.label.text
        try:
            refuse_nir(field.data or "", field.short_name, label)
        except InvalidInput as error:
            raise StopValidation(error.message) from error
        hidden = mask(field.data or "")
        if hidden != field.data:
            field.data = hidden
            form.hidden_in.append(label)


@dataclass(frozen=True)
class Offer:
    """What the lists of the form hold, for this person."""

    tools: Sequence[ToolRow]
    structures: Sequence[StructureRow] = ()
    conventions: Sequence[ConventionRow] = ()
    person_requests: bool = False
    no_structure: str = "Choisissez…"


class _Filing(BaseForm):
    """What both forms ask."""

    tools = SelectField("Outil", [Required("Choisissez l’outil, ou « Je ne sais pas ».")])
    kind = RadioField("Que se passe-t-il ?", [Required("Choisissez ce qui se passe.")])
    subject = LineField("En une phrase", [Required(), Discreet()])
    text = LongTextField("Ce qui se passe", [Discreet()])
    since = MomentField("Depuis quand ?")
    scope = RadioField("Qui est touché ?", choices=labelled(SCOPE_LABELS), default=Scope.UNKNOWN.value)
    error = LongTextField("Message affiché", [Discreet()], max_length=ERROR_LENGTH)
    structure = SelectField("Structure", default="")
    files = MultipleFileField("Captures d’écran et fichiers")
    drafts = MultiCheckboxField("Fichiers déjà reçus")

    def __init__(self, offer: Offer, **more: Any) -> None:
        super().__init__(**more)
        self.hidden_in: list[str] = []
        self.accepted: list[AcceptedFile] = []
        kinds = (*PLAIN_KINDS, PERSON_REQUEST) if offer.person_requests else PLAIN_KINDS
        self.drafts.choices = []
        self.tools.choices = _tool_choices(offer.tools)
        self.kind.choices = options((plain.code, plain.label) for plain in kinds)
        self.structure.choices = options(
            [("", offer.no_structure), *((str(row.id), row.name) for row in offer.structures)]
        )

    def validate_files(self, field: Field) -> None:
        """Those that may be kept are remembered in `accepted`, whatever becomes of the others."""
        sent = [file for file in field.data or () if isinstance(file, FileStorage) and file.filename]
        refusals = []
        for file in sent[:MOST_FILES]:
            try:
                self.accepted.append(examine(file.filename or "", file.read()))
            except InvalidInput as error:
                refusals.append(error.message)
        if len(sent) > MOST_FILES:
            refusals.append(f"{MOST_FILES} fichiers au plus : les suivants ont été laissés.")
        if refusals:
            raise ValidationError(" ".join(refusals))

    def accept_files(self) -> None:
        """Look at the files of a form that is not sent yet: those that may be kept are."""
        with suppress(ValidationError):
            self.validate_files(self.files)

    def show_drafts(self, drafts: Iterable[Attachment]) -> None:
        """Offer the files that an earlier try brought, ticked as the person left them."""
        self.drafts.choices = options(
            (draft.public_id, f"{draft.name} ({file_size(draft.size)})") for draft in drafts
        )

    @property
    def plain_kind(self) -> PlainKind:
        return _BY_CODE[self.kind.data]

    @property
    def tool_codes(self) -> tuple[str, ...]:
        """The tools named; none for « Je ne sais pas »."""
        return () if self.tools.data in ("", UNKNOWN_TOOL, None) else (str(self.tools.data),)

    @property
    def structure_id(self) -> int | None:
        return int(self.structure.data) if self.structure.data else None

    def _filed(self, **more: Any) -> Filed:
        plain = self.plain_kind
        subject = self.subject.data or ""
        shown = f"\n\nMessage affiché :\n{self.error.data}" if self.error.data else ""
        return Filed(
            kind=plain.kind,
            incident_type=plain.incident_type,
            severity=plain.severity,
            subject=subject,
            text=f"{self.text.data or subject}{shown}",
            tools=self.tool_codes,
            scope=Scope(self.scope.data),
            since=self.since.data,
            **more,
        )


class FilingForm(_Filing):
    """For oneself."""

    def __init__(self, offer: Offer, **more: Any) -> None:
        super().__init__(offer, **more)
        if len(offer.structures) < 2:
            del self.structure
        else:
            self.structure.validators = [Required("Choisissez la structure.")]

    def filed(self, actor: Actor) -> Filed:
        """The filing. The structure is asked only of someone who has several."""
        structure_id = self.structure_id if "structure" in self else min(actor.structure_ids, default=None)
        return self._filed(structure_id=structure_id, reporter_id=actor.account_id)

    @property
    def call(self) -> Call:
        return Call()


class CallerForm(_Filing):
    """For a caller, while they are still on the line: only the tool, the kind and one sentence are required."""

    caller = LineField("Appelant", [Discreet()], max_length=CALLER_LENGTH)
    occurred_at = MomentField("Heure de l’appel")
    more_tools = MultiCheckboxField("Autres outils touchés")
    found_by_ft = BooleanField("France Travail nous l’a signalé")
    detected_at = MomentField("Détecté par France Travail")
    references = LongTextField("Autres références", [Discreet()], max_length=ERROR_LENGTH)
    convention = SelectField("Convention", default="")

    def __init__(self, offer: Offer, *, handles: bool, **more: Any) -> None:
        """`handles`: this person may record what France Travail says."""
        super().__init__(offer, **more)
        self.more_tools.choices = options((tool.code, tool.name) for tool in offer.tools)
        self.convention.choices = options(
            [
                ("", "Selon l’outil et la date"),
                *((str(row.id), f"{row.code} ({row.counterpart})") for row in offer.conventions),
            ]
        )
        if not handles:
            del self.found_by_ft, self.detected_at, self.references

    @property
    def tool_codes(self) -> tuple[str, ...]:
        first = super().tool_codes
        return (*first, *(code for code in self.more_tools.data or () if code not in first))

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if self._says_found_by_ft() and self.plain_kind.incident_type is None:
            self.kind.errors = [
                "France Travail signale un incident : choisissez une panne ou des données fausses."
            ]
        if self._says_found_by_ft() and not self.tool_codes:
            self.tools.errors = ["Choisissez l’outil que France Travail a désigné."]
        if "references" in self:
            self._read_references()
        return not self.errors

    def _says_found_by_ft(self) -> bool:
        return "found_by_ft" in self and bool(self.found_by_ft.data)

    def _read_references(self) -> None:
        try:
            self.noted = tuple(parse_references((self.references.data or "").splitlines()))
        except InvalidInput as error:
            self.references.errors = [error.message]

    noted: tuple[tuple[str, str], ...] = ()

    def filed(self, actor: Actor) -> Filed:
        """The filing: the caller is a function, never an account."""
        return self._filed(
            structure_id=self.structure_id,
            # The receipt of a security case is all that remains of it: it goes to whoever took the call.
            reporter_id=actor.account_id if self.plain_kind.kind is Kind.SECURITY else None,
            caller=self.caller.data or "",
            convention_id=int(self.convention.data) if self.convention.data else None,
        )

    @property
    def call(self) -> Call:
        called_at: datetime | None = self.occurred_at.data
        return Call(
            called_at=called_at,
            found_by_ft=self._says_found_by_ft(),
            detected_at=self.detected_at.data if self._says_found_by_ft() else None,
            references=self.noted,
        )


class _OnSharedPage(BaseForm):
    """An act of a page that holds several: it is done once, and the page can still do the others.

    They share one token, of which each act makes its own.
    """

    def __init__(self, act: str) -> None:
        super().__init__()
        self.hidden_in: list[str] = []
        if self.token.data and self.is_submitted():
            self.token.data = hashlib.sha256(f"{self.token.data}:{act}".encode()).hexdigest()


class JoinForm(_OnSharedPage):
    """« Moi aussi »: who called, for whom answers calls; for others the structure, asked of who has several."""

    caller = LineField("Appelant", [Discreet()], max_length=CALLER_LENGTH)
    structure = SelectField("Structure", default="", validate_choice=False)
    more = LongTextField("Chez moi, en plus…", [Discreet()], max_length=MORE_LENGTH)

    def __init__(self, reference: str, structures: Sequence[StructureRow] = ()) -> None:
        super().__init__(reference)
        self.reference = reference
        self.structure.choices = options(
            [("", "Choisissez…"), *((str(row.id), row.name) for row in structures)]
        )

    @property
    def structure_id(self) -> int | None:
        typed = self.structure.data or ""
        return int(typed) if typed.isdecimal() and typed.isascii() and len(typed) < 10 else None


class MoreForm(BaseForm):
    """What someone who joined an incident adds."""

    more = LongTextField("Chez moi, en plus…", [Required(), Discreet()], max_length=MORE_LENGTH)

    def __init__(self) -> None:
        super().__init__()
        self.hidden_in: list[str] = []


class AnswerForm(_OnSharedPage):
    """« J’ai ma réponse »: `answer` names the article (`article:SLUG`) or the incident (`incident:REFERENCE`)."""

    answer = LineField("Réponse")
    tools = LineField("Outil")

    def __init__(self) -> None:
        super().__init__("answer")

    @property
    def found(self) -> tuple[str, str]:
        """What answered, and which one."""
        kind, _, name = (self.answer.data or "").partition(":")
        return kind, name


def parse_references(lines: Iterable[str]) -> list[tuple[str, str]]:
    """« Ticket GLPI : 4512 », one a line, as pairs (label, reference). Raises InvalidInput."""
    pairs = []
    for line in filter(None, map(str.strip, lines)):
        match = _REFERENCE_LINE.fullmatch(line)
        if match is None:
            raise InvalidInput(
                "Une référence par ligne, précédée de son origine. Exemple : « Centre de services : 4512 »."
            )
        pairs.append((match["label"], match["reference"]))
    if len(pairs) > MOST_REFERENCES:
        raise InvalidInput(f"{MOST_REFERENCES} références au plus.")
    return pairs


def _tool_choices(tools: Sequence[ToolRow]) -> list[Any]:
    """Access first, for who cannot get in cannot tell which tool is at fault; then by platform."""
    access = [tool for tool in tools if tool.code == CONNECTION]
    return [
        SelectChoice("", "Choisissez…"),
        *(SelectChoice(tool.code, "Connexion impossible") for tool in access),
        SelectChoice(UNKNOWN_TOOL, "Je ne sais pas"),
        *(
            SelectChoice(tool.code, tool.name, optgroup=tool.platform_name)
            for tool in tools
            if tool not in access
        ),
    ]
