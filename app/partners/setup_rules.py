"""What a partner still lacks before its people can work: the steps of its setting up. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SetupFacts:
    """What is there already. `hours_checked`: somebody looked at the service hours and saved them."""

    has_siret: bool
    hours_checked: bool
    conventions: int
    current_conventions: int
    incomplete_channels: int
    structures: int
    correspondents: int
    users: int
    security_is_open: bool
    waiting_notices: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """A step, its button, what it is for, and what it lacks (nothing once done). `optional`: the desk works without."""

    code: str
    title: str
    action: str
    purpose: str
    lacks: tuple[str, ...]
    optional: bool = False

    @property
    def is_done(self) -> bool:
        return not self.lacks


def setup_steps(facts: SetupFacts) -> tuple[Step, ...]:
    """The steps in the order that one does them."""
    return (
        Step(
            "identity",
            "Identité",
            "Compléter l’identité",
            "Le nom que tous lisent, et le SIRET, vérifié par sa clé.",
            _lacks(not facts.has_siret, "le SIRET"),
        ),
        Step(
            "hours",
            "Heures de service et fermetures",
            "Vérifier les heures de service",
            "Le fuseau, les heures de service, les jours fériés et vos jours de fermeture.",
            _lacks(not facts.hours_checked, "votre vérification\u00a0: relisez-les, puis enregistrez"),
        ),
        Step(
            "conventions",
            "Convention",
            "Créer la convention",
            "Ses dates, ses délais et ses outils, à partir d’un modèle fourni ou de rien.",
            (
                *_lacks(not facts.conventions, "une convention"),
                *_lacks(
                    bool(facts.conventions) and not facts.current_conventions,
                    "une convention en cours aujourd’hui",
                ),
            ),
        ),
        Step(
            "channels",
            "Canaux de déclaration",
            "Compléter les canaux",
            "Par où chaque sollicitation part chez France Travail.",
            (
                *_lacks(not facts.conventions, "une convention d’abord"),
                *_lacks(bool(facts.incomplete_channels), _incomplete(facts.incomplete_channels)),
            ),
        ),
        Step(
            "structures",
            "Structures",
            "Ajouter les structures",
            "Services, délégataires et prestataires, un par un ou par un fichier.",
            _lacks(not facts.structures, "une structure au moins"),
        ),
        Step(
            "people",
            "Premiers comptes",
            "Inviter les premières personnes",
            "Un correspondant SI, puis ceux qui signalent.",
            (
                *_lacks(not facts.correspondents, "un correspondant SI"),
                *_lacks(not facts.users, "un utilisateur"),
            ),
        ),
        Step(
            "security",
            "Partie sécurité",
            "Nommer les responsables",
            "Elle ne s’ouvre qu’avec un responsable et un suppléant.",
            _lacks(not facts.security_is_open, "un responsable de la sécurité et un suppléant"),
            optional=True,
        ),
    )


def _lacks(condition: bool, what: str) -> tuple[str, ...]:
    return (what,) if condition else ()


def _incomplete(count: int) -> str:
    return f"l’adresse de {count} canaux" if count > 1 else "l’adresse d’un canal"
