"""What an article must be, and which way it may go from one state to another. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from app.documentation.vocabulary import Audience, Kind, State
from app.kernel.errors import Impossible, InvalidInput
from app.kernel.personal_data import refuse_nir
from app.kernel.text import fold

BODY_LENGTH = 40_000
IMAGE_PATH = "/documentation/images/"
IMAGE_TO_DESCRIBE = "Décrivez l’image"
SLUG_WORDS_LENGTH = 70
# What a canned answer may leave open: the name between braces, and what it becomes.
PLACEHOLDERS: Mapping[str, str] = {
    "reference": "la référence de la sollicitation",
    "objet": "son objet",
    "outil": "les outils concernés",
    "structure": "la structure du demandeur",
    "date": "la date du jour",
    "partenaire": "le nom du partenaire",
}
# Addresses of the documentation that are no article.
RESERVED_SLUGS = frozenset(
    {"nouvel-article", "apercu", "images", "a-relire", "recherches", "export", "import", "reponses-types"}
)
_IMAGE = re.compile(r"!\[([^\]\n]*)\]\(")
_PLACEHOLDER = re.compile(r"\{([^{}\n]{1,40})\}")
_NOT_IN_SLUGS = re.compile(r"[^a-z0-9]+")

NEXT_STATES: Mapping[State, tuple[State, ...]] = {
    State.DRAFT: (State.PUBLISHED, State.ARCHIVED),
    State.PUBLISHED: (State.TO_REVIEW, State.DRAFT, State.ARCHIVED),
    State.TO_REVIEW: (State.PUBLISHED, State.DRAFT, State.ARCHIVED),
    State.ARCHIVED: (State.DRAFT,),
}


@dataclass(frozen=True, kw_only=True)
class ArticleText:
    """An article as it is typed. `tools` are codes; `url` is the page that an article of kind « link » leads to."""

    title: str
    body: str
    kind: Kind = Kind.HOW_TO
    audience: Audience = Audience.EVERYONE
    tools: tuple[str, ...] = ()
    url: str = ""
    owner_id: int | None = None
    review_on: date | None = None


def check_text(text: ArticleText) -> None:
    """Raise InvalidInput, with its field, for an article that must not be kept."""
    if not text.title.strip():
        raise InvalidInput("Donnez un titre à l’article.", field="title")
    if not text.body.strip():
        raise InvalidInput("Écrivez le texte de l’article.", field="body")
    if len(text.body) > BODY_LENGTH:
        raise InvalidInput(
            f"Le texte compte {len(text.body)} caractères\u00a0: {BODY_LENGTH} au plus sont acceptés.",
            field="body",
        )
    refuse_nir(text.title, "title", "Titre")
    refuse_nir(text.body, "body", "Texte")
    refuse_nir(text.url, "url", "Adresse")
    if text.kind is Kind.LINK and not text.url:
        raise InvalidInput("Donnez l’adresse de la page de France Travail.", field="url")
    if text.url and not is_web_address(text.url):
        raise InvalidInput("L’adresse doit commencer par https://.", field="url")
    if text.kind is Kind.CANNED:
        _check_canned(text)


def _check_canned(text: ArticleText) -> None:
    if text.audience is not Audience.CORRESPONDENTS:
        raise InvalidInput(
            "Une réponse type n’est lue que par ceux qui répondent\u00a0: choisissez ce public.",
            field="audience",
        )
    unknown = unknown_placeholders(text.body)
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise InvalidInput(
            f"Repère inconnu\u00a0: {', '.join(f'{{{name}}}' for name in unknown)}. Repères possibles\u00a0: {known}.",
            field="body",
        )


def check_publishable(body: str) -> None:
    """Raise InvalidInput when readers would miss something: each image needs its words (RGAA 1.1)."""
    for alternative in _IMAGE.findall(body):
        if alternative.strip() in {"", IMAGE_TO_DESCRIBE}:
            raise InvalidInput(
                "Une image n’a pas de description. Écrivez entre les crochets ce qu’elle montre\u00a0: "
                "![L’écran de connexion](…).",
                field="body",
            )


def is_web_address(address: str) -> bool:
    """Whether it leads to a page of the web, by a secure connection, without credentials inside."""
    try:
        parts = urlsplit(address)
        return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def check_transition(state: State, to: State) -> None:
    """Raise Impossible when an article in `state` may not go to `to`."""
    if to not in NEXT_STATES[state]:
        raise Impossible(
            "L’article n’est plus dans l’état affiché\u00a0: relisez la page avant de recommencer."
        )


def unknown_placeholders(body: str) -> list[str]:
    """The names between braces that nothing can fill, each once, in order."""
    found = dict.fromkeys(name.strip() for name in _PLACEHOLDER.findall(body))
    return [name for name in found if fold(name) not in PLACEHOLDERS]


def fill(body: str, values: Mapping[str, str]) -> str:
    """A canned answer with its placeholders replaced; one whose value is missing or empty stays to be filled in."""

    def value(match: re.Match[str]) -> str:
        return values.get(fold(match[1].strip())) or match[0]

    return _PLACEHOLDER.sub(value, body)


def slug_for(title: str, taken: Collection[str]) -> str:
    """An address made of the title, that no other article of the partner has."""
    words = _NOT_IN_SLUGS.sub("-", fold(title)).strip("-")
    base = words[:SLUG_WORDS_LENGTH].strip("-") or "article"
    slug, number = base, 1
    while slug in taken or slug in RESERVED_SLUGS:
        number += 1
        slug = f"{base}-{number}"
    return slug


def miss_key(words: Collection[str]) -> str:
    """How a search without result is kept: its folded words in alphabetical order, each once."""
    return " ".join(sorted(set(words)))
