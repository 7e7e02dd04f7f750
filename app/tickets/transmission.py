"""The text to paste for France Travail, and what to look at before sending it.

France Travail publishes neither an API nor the fields of its forms (rules.md, « France Travail facts »):
one text holds all that its support asks for. It never holds a social-security number, a secret, or the
protected identifier of a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum

from app.kernel.personal_data import Findings, find_personal_data, mask
from app.tickets import prediagnosis as pre
from app.tickets.facts import Facts
from app.tickets.vocabulary import (
    CONCLUSION_LABELS,
    KIND_LABELS,
    SCOPE_LABELS,
    SEVERITY_LABELS,
    TYPE_LABELS,
    Conclusion,
    Kind,
    Scope,
)

IDENTIFIER_MASK = "[identifiant retiré]"
NO_TOOL = "non déterminé"


@dataclass(frozen=True)
class NamedTool:
    """A tool as France Travail knows it; `kind` is the catalogue's word."""

    name: str
    kind: str
    platform: str


@dataclass(frozen=True)
class Dossier:
    """All that the text is made of. `withheld` is the protected identifier, to be kept out of it."""

    reference: str
    facts: Facts
    account: str  # what the person who filed it wrote
    tools: tuple[NamedTool, ...]
    partner: str
    structure: str
    convention: str
    zone: tzinfo
    express: bool = False
    has_channel: bool = True
    withheld: str = ""

    @property
    def sections(self) -> tuple[pre.Section, ...]:
        return pre.sections_for({tool.kind for tool in self.tools})

    @property
    def concerns_api(self) -> bool:
        return any(tool.kind == pre.API for tool in self.tools)


# --- The text --------------------------------------------------------------------------------------------


def subject_line(dossier: Dossier) -> str:
    """« [7F3K-M2QX] Le portail ne répond plus »: our reference first, so that answers can be recognised."""
    return _safe(f"[{dossier.reference}] {dossier.facts.subject}", dossier)


def packet(dossier: Dossier) -> str:
    """The text to paste, with what must not leave replaced by its mask."""
    return _safe(_raw(dossier), dossier)


def _raw(dossier: Dossier) -> str:
    parts = [_block("", _heading(dossier)), *_account(dossier)]
    parts += [
        _block(section.title, _answers(section, dossier.facts.diagnosis, dossier.zone))
        for section in dossier.sections
    ]
    parts += [
        _block("Constat express", _answers(_ONLY_EXPRESS, dossier.facts.diagnosis, dossier.zone)),
        _block("", _ending(dossier)),
    ]
    return "\n\n".join(part for part in parts if part)


# What the express form asks and the full one does not; when it began stands in the heading.
_ONLY_EXPRESS = pre.Section("express", "Constat express", (pre.WHAT, pre.EVIDENCE))


def _heading(dossier: Dossier) -> Iterator[tuple[str, str]]:
    facts = dossier.facts
    yield "Objet", f"[{dossier.reference}] {facts.subject}"
    yield "Notre référence, à rappeler dans chaque réponse", dossier.reference
    yield "Partenaire", dossier.partner
    yield "Structure", dossier.structure
    yield "Convention", dossier.convention
    yield "Nature", _nature(facts)
    for tool in dossier.tools:
        yield "Outil", f"{tool.name} ({tool.platform})"
    if not dossier.tools:
        yield "Outil", NO_TOOL
    yield "Début constaté", _since(dossier)
    if not facts.diagnosis.get(pre.USERS.key) and facts.scope is not Scope.UNKNOWN:
        yield pre.USERS.short, SCOPE_LABELS[facts.scope]
    yield "Référence France Travail antérieure", facts.ft_reference


def _nature(facts: Facts) -> str:
    words = TYPE_LABELS[facts.incident_type] if facts.incident_type else KIND_LABELS[facts.kind]
    return f"{words} ({SEVERITY_LABELS[facts.severity].lower()})" if facts.severity else words


def _since(dossier: Dossier) -> str:
    typed = dossier.facts.diagnosis.get(pre.SINCE.key)
    if typed:
        return pre.words_of(pre.SINCE, typed, dossier.zone)
    since = dossier.facts.since
    return pre.say_moment_and_offset(since, dossier.zone) if since else ""


def _account(dossier: Dossier) -> Iterator[str]:
    if dossier.account.strip():
        yield f"Ce qui se passe\n{dossier.account.strip()}"


def _answers(section: pre.Section, answers: Mapping[str, str], zone: tzinfo) -> Iterator[tuple[str, str]]:
    for question in section.questions:
        answer = answers.get(question.key)
        if answer:
            yield question.short, pre.words_of(question, answer, zone)


def _ending(dossier: Dossier) -> Iterator[tuple[str, str]]:
    facts = dossier.facts
    if facts.conclusion is not None:
        yield "Conclusion du pré-diagnostic", CONCLUSION_LABELS[facts.conclusion]
    yield "Pré-diagnostic", "express, pour ne pas retarder le signalement" if dossier.express else ""


def _block(title: str, pairs: Iterator[tuple[str, str]]) -> str:
    """A title over « label : value » lines; nothing at all when no value is known."""
    lines = [_line(label, value) for label, value in pairs if value]
    return "\n".join([title, *lines] if title and lines else lines)


def _line(label: str, value: str) -> str:
    return f"{label} :\n{value}" if "\n" in value else f"{label} : {value}"


def _safe(text: str, dossier: Dossier) -> str:
    if dossier.withheld:
        text = text.replace(dossier.withheld, IDENTIFIER_MASK)
    return mask(text)


# --- What to look at before sending ----------------------------------------------------------------------


class Level(StrEnum):
    FINE = "fine"
    WARNING = "warning"
    BLOCKING = "blocking"


class Fix(StrEnum):
    """Where a point is mended."""

    PREDIAGNOSIS = "prediagnosis"
    CLASSIFICATION = "classification"
    CONVENTION = "convention"
    TEXT = "text"


@dataclass(frozen=True)
class Point:
    """One thing that was looked at, in one sentence."""

    level: Level
    text: str
    fix: Fix | None = None


def points(dossier: Dossier, text: str) -> tuple[Point, ...]:
    """Everything to look at before `text` is sent: what blocks first, then what is doubtful, then what is fine."""
    found = [
        _about_type(dossier.facts),
        _about_tool(dossier),
        _about_convention(dossier),
        *_about_prediagnosis(dossier),
        *_about_missing(dossier),
        *_about_personal_data(dossier, text),
    ]
    order = list(Level)[::-1]
    return tuple(sorted(found, key=lambda point: order.index(point.level)))


def refusal(dossier: Dossier, text: str) -> str | None:
    """Why this text cannot be sent, or None. The words never repeat what was found."""
    findings = find_personal_data(text)
    if findings.nirs:
        return "Le texte contient un numéro de sécurité sociale (NIR) : retirez-le avant d’envoyer."
    if findings.secrets:
        return (
            "Le texte contient un mot de passe, un jeton ou une clé : retirez-le. "
            "S’il a déjà été envoyé, faites-le changer."
        )
    if dossier.withheld and dossier.withheld in text:
        return "Le texte contient l’identifiant protégé de la personne : retirez-le."
    return None


def _about_type(facts: Facts) -> Point:
    if facts.kind is Kind.INCIDENT and facts.incident_type is None:
        return Point(
            Level.BLOCKING,
            "L’incident n’est pas classé : applicatif ou de disponibilité ?",
            Fix.CLASSIFICATION,
        )
    return Point(Level.FINE, f"Nature : {_nature(facts)}.")


def _about_tool(dossier: Dossier) -> Point:
    if not dossier.tools:
        return Point(Level.WARNING, "Aucun outil n’est désigné.", Fix.CLASSIFICATION)
    if not dossier.has_channel:
        return Point(Level.WARNING, "La convention ne donne aucun canal pour cet outil.", Fix.CONVENTION)
    return Point(Level.FINE, f"Outil : {', '.join(tool.name for tool in dossier.tools)}.")


def _about_convention(dossier: Dossier) -> Point:
    if dossier.facts.convention_id is None:
        return Point(Level.BLOCKING, "Aucune convention n’est choisie.", Fix.CONVENTION)
    return Point(Level.FINE, f"Convention : {dossier.convention}.")


def _about_prediagnosis(dossier: Dossier) -> Iterator[Point]:
    facts = dossier.facts
    if facts.diagnosed_at is None:
        yield Point(
            Level.WARNING,
            "Le pré-diagnostic n’est pas fait. Vous le devez avant tout signalement ; saisi ensuite, il sera "
            "marqué « complété après ».",
            Fix.PREDIAGNOSIS,
        )
        return
    if facts.conclusion in (Conclusion.LOCAL, Conclusion.ACCESS):
        yield Point(
            Level.WARNING,
            f"Le pré-diagnostic conclut : {CONCLUSION_LABELS[facts.conclusion].lower()}.",
            Fix.PREDIAGNOSIS,
        )
    if dossier.express:
        yield Point(Level.FINE, "Pré-diagnostic express : vous pourrez le compléter.", Fix.PREDIAGNOSIS)
        return
    left = len(pre.unanswered(dossier.sections, facts.diagnosis))
    if left:
        checks = (
            "1 contrôle du pré-diagnostic est" if left == 1 else f"{left} contrôles du pré-diagnostic sont"
        )
        yield Point(Level.WARNING, f"{checks} sans réponse.", Fix.PREDIAGNOSIS)
    else:
        yield Point(Level.FINE, "Pré-diagnostic complet.")


_API_FACTS = (pre.ENVIRONMENT, pre.ENDPOINT, pre.CALLED_AT, pre.HTTP_STATUS, pre.RETURN_CODE)


def _about_missing(dossier: Dossier) -> Iterator[Point]:
    facts = dossier.facts
    missing = [] if _since(dossier) else ["le début constaté"]
    if facts.scope is Scope.UNKNOWN and not facts.diagnosis.get(pre.USERS.key):
        missing.append("qui est touché")
    if dossier.concerns_api:
        missing += [
            question.short[:1].lower() + question.short[1:]
            for question in _API_FACTS
            if not facts.diagnosis.get(question.key)
        ]
    if missing:
        yield Point(
            Level.WARNING, f"France Travail pourra demander : {', '.join(missing)}.", Fix.PREDIAGNOSIS
        )


def _about_personal_data(dossier: Dossier, text: str) -> Iterator[Point]:
    reason = refusal(dossier, text)
    if reason is not None:
        yield Point(Level.BLOCKING, reason, Fix.TEXT)
        return
    masked = find_personal_data(_raw(dossier))
    if masked.nirs or masked.secrets:
        yield Point(Level.WARNING, f"{_masked_words(masked)} : relisez le texte.", Fix.TEXT)
    if find_personal_data(text).possible_nirs:
        yield Point(
            Level.WARNING,
            "Treize chiffres ressemblent à un numéro de sécurité sociale sans sa clé : vérifiez.",
            Fix.TEXT,
        )
    if dossier.withheld:
        yield Point(
            Level.WARNING,
            "L’identifiant protégé de la personne n’est pas dans le texte : ne le donnez à France Travail que par "
            "le moyen qu’elle indiquera.",
        )
    if not (masked or find_personal_data(text)):
        yield Point(Level.FINE, "Ni numéro de sécurité sociale, ni secret dans le texte.")


def _masked_words(findings: Findings) -> str:
    if findings.nirs and findings.secrets:
        return "Un numéro de sécurité sociale et un secret ont été masqués"
    return "Un numéro de sécurité sociale a été masqué" if findings.nirs else "Un secret a été masqué"
