"""The forms of the acts. A field bears the name of the event's field that it fills."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any, TypeVar

from flask_wtf.file import FileField
from wtforms import BooleanField, Field, RadioField, SelectField
from wtforms.validators import ValidationError

from app.accounts.policy import Permission
from app.partners.queries import ConventionChoice
from app.tickets import events as e
from app.tickets.clocks import clocks_of
from app.tickets.desk import Desk
from app.tickets.page import ClockView
from app.tickets.relance import Late, next_contact, relance_text
from app.tickets.timeline import attachments
from app.tickets.vocabulary import (
    CLOCK_LABELS,
    KIND_LABELS,
    SCOPE_LABELS,
    SEVERITY_LABELS,
    TYPE_LABELS,
    IncidentType,
    Kind,
    Scope,
    Severity,
)
from app.web.filters import current_instant
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

IDENTIFIER_LENGTH = 40
REFERENCE_LENGTH = 80
NOT_SET = options([("", "Sans objet")])

Code = TypeVar("Code", bound=StrEnum)


class TicketForm(ActForm):
    """The form of an act. `prepare` gives it what depends on the ticket, before it is read or shown."""

    def prepare(self, desk: Desk, clocks: list[ClockView]) -> None:
        """Nothing depends on the ticket unless a form says so."""

    @property
    def shown(self) -> Iterator[Field]:
        """The fields that a person fills in, single boxes last."""
        visible = [field for field in self if field.widget.__class__.__name__ != "HiddenInput"]
        yield from (field for field in visible if not isinstance(field, BooleanField))
        yield from (field for field in visible if isinstance(field, BooleanField))


class Dated(TicketForm):
    """An act that says when it happened, which may be long before it is typed."""

    occurred_at = MomentField("Quand", [Required()], default=current_instant)


class FtAnswer(Dated):
    """An answer of France Travail, which may also be the first sign that it took the matter up."""

    is_take_up = BooleanField(
        "Cette réponse vaut prise en charge",
        description="France Travail n’a pas encore confirmé la prise en charge : elle sera enregistrée à la même heure.",
    )

    def prepare(self, desk: Desk, clocks: list[ClockView]) -> None:
        if not desk.may_record(e.TakenUp):
            del self.is_take_up


def with_text(base: type[TicketForm], label: str, *, required: bool = True) -> type[TicketForm]:
    """The form `base` with one text, labelled for its act."""

    class WithText(base):  # type: ignore[misc, valid-type]
        text = LongTextField(label, [Required()] if required else [])

    return WithText


def with_reason(base: type[TicketForm], label: str) -> type[TicketForm]:
    """The form `base` with a reason, which is owed."""

    class WithReason(base):  # type: ignore[misc, valid-type]
        reason = LongTextField(label, [Required()])

    return WithReason


def optional_code(codes: type[Code]) -> Callable[[Any], Code | None]:
    """Reads a choice that may be left out."""
    return lambda value: codes(value) if value else None


def number_or_none(value: Any) -> int | None:
    """Reads a choice among rows, one of which may be « none »."""
    return int(value) if value not in (None, "", "None") else None


# --- France Travail --------------------------------------------------------------------------------------


class ReferencedForm(Dated):
    ft_reference = LineField("Référence de France Travail", max_length=REFERENCE_LENGTH)
    text = LongTextField("Précisions")


class ForecastForm(with_text(FtAnswer, "Ce que France Travail prévoit")):  # type: ignore[misc]
    expected_at = MomentField("Retour prévu le", description="Si France Travail donne une date.")

    def validate_expected_at(self, field: Field) -> None:
        told_at = self.occurred_at.data
        if field.data and told_at and field.data < told_at:
            raise ValidationError("Le retour prévu est antérieur à l’annonce de France Travail.")


class FtInformedForm(with_text(Dated, "Ce que France Travail annonce", required=False)):  # type: ignore[misc]
    detected_at = MomentField(
        "Détecté par France Travail le",
        description="Laissez vide si France Travail ne le dit pas : le délai partira de votre information.",
    )


class RelanceForm(Dated):
    contact = LineField("Interlocuteur", [Required()])
    text = LongTextField("Texte à envoyer", [Required()])

    def prepare(self, desk: Desk, clocks: list[ClockView]) -> None:
        contacts = desk.relance_contacts()
        if contacts:
            self.contact.description = f"Ordre de la convention : {' ; '.join(contacts)}."
        if not self.is_submitted():
            late = [
                Late(view.clock, view.due_at, view.contractual)
                for view in clocks
                if view.is_late and view.due_at
            ]
            self.contact.data = next_contact(contacts, desk.relances())[:200]
            self.text.data = relance_text(desk.reference, desk.facts, late, desk.names())


class DateAgreedForm(with_text(Dated, "Précisions", required=False)):  # type: ignore[misc]
    due_at = MomentField("Retour convenu pour le", [Required()])


# --- The incident ----------------------------------------------------------------------------------------


class VerificationForm(Dated):
    works = RadioField(
        "Le service est-il rétabli ?",
        choices=options(
            [("oui", "Oui, le service est rétabli"), ("non", "Non, la remise en service est refusée")]
        ),
    )
    text = LongTextField(
        "Ce qui a été essayé", description="Obligatoire si la remise en service est refusée."
    )


class ClassificationForm(Dated):
    kind = SelectField("Nature", choices=labelled(KIND_LABELS), coerce=Kind)
    incident_type = RadioField(
        "Type d’incident",
        choices=[*labelled(TYPE_LABELS), *NOT_SET],
        coerce=optional_code(IncidentType),
        default="",
    )
    severity = RadioField(
        "Gravité", choices=[*labelled(SEVERITY_LABELS), *NOT_SET], coerce=optional_code(Severity), default=""
    )
    scope = SelectField("Qui est touché", choices=labelled(SCOPE_LABELS), coerce=Scope)
    tools = MultiCheckboxField("Outils touchés", [Required("Choisissez au moins un outil.")])
    reason = LongTextField("Motif", description="Obligatoire pour un reclassement.")

    def prepare(self, desk: Desk, clocks: list[ClockView]) -> None:
        facts = desk.facts
        known = {tool.code: tool.name for tool in desk.tools()}
        self.tools.choices = options(
            [*known.items(), *((code, code) for code in facts.tools if code not in known)]
        )
        if not self.is_submitted():
            self.kind.data, self.scope.data = facts.kind, facts.scope
            self.incident_type.data, self.severity.data = facts.incident_type, facts.severity
            self.tools.data = list(facts.tools)


class SeverityForm(with_text(Dated, "Précisions", required=False)):  # type: ignore[misc]
    severity = RadioField("Gravité", choices=labelled(SEVERITY_LABELS), coerce=Severity)


class StartForm(with_reason(TicketForm, "Motif")):  # type: ignore[misc]
    since = MomentField("Le problème a commencé le", [Required()])

    def prepare(self, desk: Desk, clocks: list[ClockView]) -> None:
        if not self.is_submitted():
            self.since.data = desk.facts.since or desk.facts.filed_at


class PlusOneForm(TicketForm):
    caller = LineField("Qui appelle", max_length=120, description="Une fonction ou un service suffit.")
    structure_id = SelectField("Structure", coerce=number_or_none)

    def prepare(self, desk: Desk, clocks: list[ClockView]) -> None:
        structures = [(str(row.id), row.name) for row in desk.structures()]
        self.structure_id.choices = options([("", "Non précisée"), *structures])


class ContestForm(Dated):
    clock = RadioField("Horloge")
    ft_time = MomentField("Heure retenue par France Travail")
    ft_position = LongTextField("Position de France Travail", [Required()])
    our_position = LongTextField("Notre position", [Required()])
    proof = SelectField("Preuve, parmi les pièces jointes")

    def prepare(self, desk: Desk, clocks: list[ClockView]) -> None:
        self.clock.choices = options(
            [(clock.clock, CLOCK_LABELS[clock.clock]) for clock in clocks_of(desk.facts)]
        )
        files = attachments(desk.records, desk.names(), with_internal=True)
        self.proof.choices = options([("", "Aucune"), *((file.name, file.name) for file in files)])


class SettlementForm(Dated):
    clock = RadioField("Horloge")
    text = LongTextField("Ce qui a été convenu", [Required()])

    def prepare(self, desk: Desk, clocks: list[ClockView]) -> None:
        self.clock.choices = options([(clock, CLOCK_LABELS[clock]) for clock in desk.facts.contests])


# --- The user --------------------------------------------------------------------------------------------


class CommentForm(TicketForm):
    text = LongTextField("Message", [Required()])
    internal = BooleanField("Note interne, que l’utilisateur ne voit pas")

    def prepare(self, desk: Desk, clocks: list[ClockView]) -> None:
        if not desk.may(Permission.TICKET_COMMENT_INTERNAL):
            del self.internal


# --- The file of the ticket ------------------------------------------------------------------------------


class AssignmentForm(TicketForm):
    assignee_id = SelectField("Responsable", coerce=number_or_none)

    def prepare(self, desk: Desk, clocks: list[ClockView]) -> None:
        people = [(str(account_id), name) for account_id, name in desk.people()]
        self.assignee_id.choices = options([("", "Personne"), *people])
        if not self.is_submitted():
            self.assignee_id.data = desk.facts.assignee_id


class ConventionForm(with_reason(TicketForm, "Motif")):  # type: ignore[misc]
    convention_id = RadioField("Convention", coerce=int)

    def prepare(self, desk: Desk, clocks: list[ClockView]) -> None:
        self.convention_id.choices = options(
            (str(choice.convention.id), _convention_label(choice)) for choice in desk.conventions()
        )
        if not self.is_submitted():
            self.convention_id.data = desk.facts.convention_id


def _convention_label(choice: ConventionChoice) -> str:
    remarks = [] if choice.covers else ["ne liste pas ces outils"]
    remarks += [] if choice.in_term else ["hors de sa durée"]
    return f"{choice.convention.code} ({', '.join(remarks)})" if remarks else choice.convention.code


class AttachmentForm(TicketForm):
    files = FileField(
        "Pièce",
        [Required("Choisissez un fichier.")],
        description="10 Mo au plus : images, PDF, texte, bureautique, courriel.",
    )
    internal = BooleanField("Pièce interne, que l’utilisateur ne voit pas")

    def prepare(self, desk: Desk, clocks: list[ClockView]) -> None:
        if not desk.may(Permission.TICKET_COMMENT_INTERNAL):
            del self.internal


class ReferenceForm(TicketForm):
    label = LineField("Système ou interlocuteur", [Required()], max_length=60)
    reference = LineField("Référence", [Required()], max_length=REFERENCE_LENGTH)


class SharingForm(TicketForm):
    shared = BooleanField("Les éditeurs voient cette sollicitation et peuvent la commenter")

    def prepare(self, desk: Desk, clocks: list[ClockView]) -> None:
        if not self.is_submitted():
            self.shared.data = desk.facts.integrators_shared


class IdentifierForm(TicketForm):
    identifier = LineField(
        "Identifiant de la personne chez France Travail",
        max_length=IDENTIFIER_LENGTH,
        description="Jamais un numéro de sécurité sociale. Laissez vide pour l’effacer. Effacé à la clôture.",
    )


class ReopeningForm(with_reason(Dated, "Motif")):  # type: ignore[misc]
    return_stands = BooleanField("La remise en service constatée reste acquise", default=True)

    def prepare(self, desk: Desk, clocks: list[ClockView]) -> None:
        if desk.facts.returned_at is None:
            del self.return_stands


class CorrectionForm(TicketForm):
    void = RadioField(
        "Correction",
        choices=options([("heure", "L’heure est fausse"), ("annuler", "Cet événement n’a pas eu lieu")]),
        default="heure",
    )
    occurred_at = MomentField("Heure exacte")
    reason = LongTextField("Motif", [Required()])
