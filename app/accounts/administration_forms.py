"""What is asked of an administrator about people: who, which role, for which structure, why, when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from wtforms import BooleanField, RadioField, SelectField

from app.accounts.absences import Backup
from app.accounts.life_models import REASON_LENGTH, REFERENCE_LENGTH
from app.accounts.policy import ROLE_LABELS, Role
from app.accounts.service import EMAIL_LENGTH, NAME_LENGTH
from app.partners.forms import DayField
from app.partners.queries import StructureRow
from app.web.forms import BaseForm, LineField, MomentField, MultiCheckboxField, Required, labelled, options

WHOLE_PARTNER = "Tout le partenaire"
REASON_NEEDED = "Indiquez le motif\u00a0: il reste avec le compte."


class RightForm(BaseForm):
    """A role, and the structure that it is for. The structures are those of the partner that are active."""

    role = SelectField("Rôle", choices=labelled(ROLE_LABELS))
    structure = SelectField("Structure")
    reason = LineField("Motif", [Required(REASON_NEEDED)], max_length=REASON_LENGTH)

    def __init__(self, structures: Sequence[StructureRow], **more: Any) -> None:
        super().__init__(**more)
        self._ids = {row.code: row.id for row in structures}
        self.structure.choices = options([("", WHOLE_PARTNER), *((row.code, row.name) for row in structures)])

    @property
    def wanted_role(self) -> Role:
        return Role(self.role.data)

    @property
    def structure_id(self) -> int | None:
        return self._ids.get(self.structure.data or "")


class InvitationForm(RightForm):
    name = LineField("Nom", [Required("Indiquez un nom, ou celui de la fonction.")], max_length=NAME_LENGTH)
    email = LineField("Adresse électronique", [Required("Indiquez une adresse.")], max_length=EMAIL_LENGTH)
    reason = LineField("Motif", max_length=REASON_LENGTH)


class ReasonForm(BaseForm):
    reason = LineField("Motif", [Required(REASON_NEEDED)], max_length=REASON_LENGTH)


class MoveForm(BaseForm):
    """The new structure, and the rights that follow; the others are withdrawn."""

    structure = SelectField("Nouvelle structure")
    kept = MultiCheckboxField("Rôles que la personne garde")
    reason = LineField("Motif", [Required(REASON_NEEDED)], max_length=REASON_LENGTH)

    def __init__(
        self, structures: Sequence[StructureRow], rights: Iterable[tuple[str, str]], **more: Any
    ) -> None:
        super().__init__(**more)
        self._ids = {row.code: row.id for row in structures}
        self.structure.choices = options([("", "Choisissez"), *((row.code, row.name) for row in structures)])
        self.kept.choices = options(rights)

    @property
    def structure_id(self) -> int | None:
        return self._ids.get(self.structure.data or "")


class DepartureForm(BaseForm):
    day = DayField("Date du départ", [Required("Indiquez la date du départ.")])
    reason = LineField("Motif", [Required(REASON_NEEDED)], max_length=REASON_LENGTH)


class AbsenceForm(BaseForm):
    """Days away, and who stands in. `tell_cssi` is asked of account managers only."""

    first_day = DayField("Premier jour", [Required("Indiquez le premier jour.")])
    last_day = DayField("Dernier jour")
    backup = SelectField("Suppléant")
    tell_cssi = BooleanField("Prévenir le CSSI de France Travail")

    def __init__(self, backups: Iterable[Backup], *, account_manager: bool, **more: Any) -> None:
        super().__init__(**more)
        self._backups = {backup.reference: backup for backup in backups}
        named = ((backup.reference, backup.name) for backup in self._backups.values())
        self.backup.choices = options([("", "Personne"), *named])
        if not account_manager:
            del self.tell_cssi

    @property
    def backup_id(self) -> int | None:
        chosen = self._backups.get(self.backup.data or "")
        return chosen.account_id if chosen else None

    @property
    def cssi_is_to_be_told(self) -> bool:
        return bool("tell_cssi" in self and self.tell_cssi.data)


class DeedForm(BaseForm):
    rank = RadioField("Engagement", choices=options([("holder", "Titulaire"), ("deputy", "Suppléant")]))
    signed_on = DayField("Signé le", [Required("Indiquez la date de la signature.")])
    document = LineField(
        "Référence de l’acte",
        [Required("Indiquez où l’acte se trouve, ou sa référence.")],
        max_length=REFERENCE_LENGTH,
    )


class SentForm(BaseForm):
    sent_at = MomentField("Envoyé le", [Required("Indiquez quand le message est parti.")])


class DecisionForm(BaseForm):
    """What is decided of the lines that are ticked."""

    decision = RadioField("Décision", choices=options([("confirmed", "Confirmer"), ("withdrawn", "Retirer")]))
    reason = LineField("Motif du retrait", max_length=REASON_LENGTH)


def right_label(role: Role, structure: str) -> str:
    """« Utilisateur, Accueil »."""
    return f"{ROLE_LABELS[role]}, {structure}" if structure else ROLE_LABELS[role]
