"""The questions of the pré-diagnostic, as data (domain.md, « The way of a ticket », step 3).

What is asked depends on the kinds of the tools touched. An answer is kept as text under the key of its
question: a code for a choice, an ISO instant for a moment, else what was typed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

from app.deadlines.wording import say_moment
from app.tickets.events import Diagnosed
from app.tickets.facts import Facts
from app.tickets.vocabulary import IncidentType, Kind, Scope, Severity

API = "api"
UNCHECKED = "unchecked"
UNCHECKED_LABEL = "Non vérifié"
Choices = tuple[tuple[str, str], ...]


class AnswerKind(StrEnum):
    CHOICE = "choice"
    LINE = "line"
    TEXT = "text"
    MOMENT = "moment"


@dataclass(frozen=True)
class Question:
    """One question. `short` names its answer in the history and in the text sent to France Travail."""

    key: str
    label: str
    short: str
    kind: AnswerKind = AnswerKind.CHOICE
    choices: Choices = ()
    hint: str = ""


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    questions: tuple[Question, ...]


_YES_NO: Choices = (("yes", "Oui"), ("no", "Non"), (UNCHECKED, UNCHECKED_LABEL))
_FOUND: Choices = (
    ("fine", "Vérifié, rien d’anormal"),
    ("fault", "Vérifié, anomalie"),
    (UNCHECKED, UNCHECKED_LABEL),
)
_REPRODUCED: Choices = (
    ("yes", "Oui, à chaque fois"),
    ("sometimes", "Par moments"),
    ("no", "Non"),
    (UNCHECKED, UNCHECKED_LABEL),
)
_USERS: Choices = (
    (Scope.ONE, "Un seul utilisateur"),
    (Scope.SEVERAL, "Plusieurs utilisateurs"),
    (Scope.ALL, "Tous les utilisateurs"),
    (Scope.UNKNOWN, UNCHECKED_LABEL),
)
_ENVIRONMENT: Choices = (
    ("production", "Production"),
    ("test", "Recette ou bac à sable"),
    (UNCHECKED, UNCHECKED_LABEL),
)

SINCE = Question("since", "Depuis quand ?", "Début constaté", AnswerKind.MOMENT)
USERS = Question("users", "Qui est touché ?", "Utilisateurs touchés", choices=_USERS)
STRUCTURES = Question(
    "structures",
    "Quelles structures ?",
    "Structures touchées",
    AnswerKind.LINE,
    hint="Services, délégataires ou prestataires, sans nom de personne.",
)
REPRODUCED = Question("reproduced", "Avez-vous reproduit le problème ?", "Reproduit", choices=_REPRODUCED)
STEPS = Question(
    "steps",
    "Comment le reproduire ?",
    "Pour reproduire",
    AnswerKind.TEXT,
    hint="Les gestes dans l’ordre, puis ce qui était attendu et ce qui se passe.",
)
SCREEN = Question(
    "screen", "Écran ou fonction en cause, et version si elle s’affiche", "Écran et version", AnswerKind.LINE
)
MESSAGE = Question(
    "message",
    "Message affiché",
    "Message",
    AnswerKind.TEXT,
    hint="Mot pour mot. Retirez ce qui désigne une personne.",
)
RESPONSE = Question(
    "message",
    "Réponse reçue",
    "Message",
    AnswerKind.TEXT,
    hint="Mot pour mot, sans jeton ni donnée d’une personne.",
)
BROWSER = Question("browser", "Navigateur et version", "Navigateur", AnswerKind.LINE)
OTHER_BROWSER = Question(
    "other_browser",
    "Même résultat avec un autre navigateur ?",
    "Idem avec un autre navigateur",
    choices=_YES_NO,
)
OTHER_COMPUTER = Question(
    "other_computer", "Même résultat sur un autre poste ?", "Idem sur un autre poste", choices=_YES_NO
)
NETWORK = Question("network", "Réseau (proxy, pare-feu, VPN)", "Réseau", choices=_FOUND)
ACCOUNT = Question("account", "Compte (ProConnect ou portail)", "Compte", choices=_FOUND)
ENTITLEMENT = Question("entitlement", "Habilitation à l’outil", "Habilitation", choices=_FOUND)
ENVIRONMENT = Question("environment", "Environnement appelé", "Environnement", choices=_ENVIRONMENT)
ENDPOINT = Question(
    "endpoint",
    "Point d’accès",
    "Point d’accès",
    AnswerKind.LINE,
    hint="Méthode et adresse, sans identifiant de personne ni jeton. Exemple : POST /partenaire/…/v1/…",
)
VERSION = Question("version", "Version de l’API", "Version de l’API", AnswerKind.LINE)
CALLED_AT = Question("called_at", "Date et heure d’un appel en échec", "Appel en échec", AnswerKind.MOMENT)
HTTP_STATUS = Question("http_status", "Statut HTTP", "Statut HTTP", AnswerKind.LINE, hint="Exemple : 503")
RETURN_CODE = Question(
    "return_code",
    "Code retour (codeErreur ou codeRetour)",
    "codeErreur ou codeRetour",
    AnswerKind.LINE,
    hint="Exemples : R001, S003",
)
REQUEST_ID = Question("request_id", "Identifiant de la requête", "Identifiant de la requête", AnswerKind.LINE)
RATE_HEADERS = Question(
    "rate_headers",
    "En-têtes de limitation",
    "En-têtes de limitation",
    AnswerKind.TEXT,
    hint="Retry-After et X-Ratelimit-…, pour un statut 429.",
)
API_ACCESS = Question(
    "api_access", "Abonnement et droits de l’application appelante", "Abonnement à l’API", choices=_FOUND
)
OTHER_APIS = Question(
    "other_apis", "Les autres API répondent-elles ?", "Autres API accessibles", choices=_YES_NO
)
TESTS = Question("tests", "Essais effectués", "Essais effectués", AnswerKind.TEXT)
WORKAROUND = Question("workaround", "Contournement essayé", "Contournement essayé", AnswerKind.TEXT)
ARTICLE = Question("article", "Article consulté", "Article consulté", AnswerKind.LINE)
WHAT = Question("what", "Que se passe-t-il ?", "Constat", AnswerKind.LINE)
EVIDENCE = Question(
    "evidence",
    "Ce qui le montre",
    "Éléments constatés",
    AnswerKind.TEXT,
    hint="Essai fait vous-même, nombre d’appels reçus, message affiché…",
)

_SYMPTOM = Section("symptom", "Le problème", (REPRODUCED, STEPS, USERS, STRUCTURES))
_ON_SCREEN = Section("screen", "À l’écran", (SCREEN, MESSAGE, BROWSER))
_CHECKS = Section(
    "checks",
    "Poste, réseau et compte",
    (OTHER_BROWSER, OTHER_COMPUTER, NETWORK, ACCOUNT, ENTITLEMENT),
)
_CALL = Section(
    "call",
    "L’appel à l’API",
    (ENVIRONMENT, ENDPOINT, VERSION, CALLED_AT, HTTP_STATUS, RETURN_CODE, RESPONSE, REQUEST_ID, RATE_HEADERS),
)
_API_CHECKS = Section("api-checks", "Réseau et droits de l’application", (NETWORK, API_ACCESS, OTHER_APIS))
_TRIED = Section("tried", "Essais", (TESTS, WORKAROUND, ARTICLE))

EXPRESS = Section("express", "L’interruption", (WHAT, SINCE, USERS, EVIDENCE))


def sections_for(tool_kinds: Collection[str]) -> tuple[Section, ...]:
    """The full pré-diagnostic for tools of these kinds. A tool not known yet is asked about as a screen."""
    api, screen = API in tool_kinds, not tool_kinds or bool(set(tool_kinds) - {API})
    sections = [_SYMPTOM]
    sections += [_ON_SCREEN, _CHECKS] if screen else []
    sections += [_CALL, _API_CHECKS] if api else []
    return _each_question_once([*sections, _TRIED])


def _each_question_once(sections: Sequence[Section]) -> tuple[Section, ...]:
    asked: set[str] = set()
    kept = []
    for section in sections:
        questions = tuple(question for question in section.questions if question.key not in asked)
        asked |= {question.key for question in questions}
        kept.append(Section(section.key, section.title, questions))
    return tuple(kept)


QUESTIONS: Mapping[str, Question] = {
    question.key: question
    for section in (_SYMPTOM, _ON_SCREEN, _CHECKS, _CALL, _API_CHECKS, _TRIED, EXPRESS)
    for question in section.questions
}


def is_interruption(facts: Facts) -> bool:
    """Whether the express form is the natural one: thirty seconds count when nothing works."""
    return (
        facts.kind is Kind.INCIDENT
        and facts.incident_type is not IncidentType.APPLICATION
        and facts.severity is not Severity.DEGRADATION
    )


def known_answers(facts: Facts) -> dict[str, str]:
    """What was answered, completed by what the filing said already."""
    from_filing = {WHAT.key: facts.subject}
    if facts.since is not None:
        from_filing[SINCE.key] = facts.since.isoformat()
    if facts.scope is not Scope.UNKNOWN:
        from_filing[USERS.key] = facts.scope.value
    return {**from_filing, **facts.diagnosis}


def changed_answers(facts: Facts, answers: Mapping[str, str]) -> dict[str, str]:
    """The answers that differ from those recorded: the only ones that an event needs to carry."""
    return {key: text for key, text in answers.items() if text != facts.diagnosis.get(key, "")}


def unanswered(sections: Sequence[Section], answers: Mapping[str, str]) -> tuple[Question, ...]:
    """The checks to tick that nobody ticked, not even as « non vérifié ». Free texts may stay empty."""
    return tuple(
        question
        for section in sections
        for question in section.questions
        if question.kind is AnswerKind.CHOICE and not answers.get(question.key)
    )


def only_express(events: Collection[object]) -> bool:
    """Whether the pré-diagnostic was made, and in its express form only."""
    diagnoses = [event for event in events if isinstance(event, Diagnosed)]
    return bool(diagnoses) and all(event.express for event in diagnoses)


def said(answers: Mapping[str, str], zone: tzinfo) -> tuple[tuple[str, str], ...]:
    """Each answer given, in the order of the questions: (short name, words)."""
    return tuple(_said(answers, zone))


def _said(answers: Mapping[str, str], zone: tzinfo) -> Iterator[tuple[str, str]]:
    for key, question in QUESTIONS.items():
        if answers.get(key):
            yield question.short, words_of(question, answers[key], zone)


def words_of(question: Question, answer: str, zone: tzinfo) -> str:
    """One answer in French; a moment carries its offset, for whoever reads it elsewhere."""
    match question.kind:
        case AnswerKind.CHOICE:
            return dict(question.choices).get(answer, answer)
        case AnswerKind.MOMENT:
            return say_moment_and_offset(datetime.fromisoformat(answer), zone)
        case _:
            return answer


def say_moment_and_offset(moment: datetime, zone: tzinfo) -> str:
    """« 10/03/2026 à 9 h 05 (UTC+1) »: the zone is said, since France Travail's logs may hold another."""
    local = moment.astimezone(zone)
    offset = local.strftime("%z")
    hours, minutes = int(offset[:3]), offset[3:]
    sign = "−" if hours < 0 else "+"
    return f"{say_moment(local)} (UTC{sign}{abs(hours)}{'' if minutes == '00' else ':' + minutes})"
