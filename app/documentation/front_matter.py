"""An article as a Markdown file: its labels between two lines « --- », then its text. Pure.

The same file is written by the export, read by the import, and shipped with the demonstration.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from app.documentation.prose import typeset
from app.documentation.rules import ArticleText
from app.documentation.vocabulary import (
    AUDIENCE_LABELS,
    KIND_LABELS,
    STATE_LABELS,
    Audience,
    Kind,
    State,
)
from app.kernel.errors import InvalidInput
from app.kernel.text import clean_line, clean_text, fold

FENCE = "---"
_FILE = re.compile(r"---[ \t]*\n(?P<labels>.*?)\n---[ \t]*(?:\n|\Z)(?P<body>.*)", re.DOTALL)
_LONGEST_TITLE = 160
_LONGEST_URL = 500
_LONGEST_FILE = 100_000

TITLE, KIND, STATE, AUDIENCE = "titre", "nature", "état", "public"
TOOLS, URL, REVIEW = "outils", "adresse", "relecture"
_KNOWN = {fold(name): name for name in (TITLE, KIND, STATE, AUDIENCE, TOOLS, URL, REVIEW)}

Code = TypeVar("Code", bound=StrEnum)


@dataclass(frozen=True)
class ArticleFile:
    """What a file says: the article, and the state it is in."""

    text: ArticleText
    state: State


def written(file: ArticleFile) -> str:
    """The file, readable by `read`."""
    text = file.text
    labels = {
        TITLE: text.title,
        KIND: KIND_LABELS[text.kind],
        STATE: STATE_LABELS[file.state],
        AUDIENCE: AUDIENCE_LABELS[text.audience],
        TOOLS: ", ".join(text.tools),
        URL: text.url,
        REVIEW: text.review_on.isoformat() if text.review_on else "",
    }
    head = "\n".join(f"{name}: {value}" for name, value in labels.items() if value)
    return f"{FENCE}\n{head}\n{FENCE}\n\n{text.body}\n"


def read(content: str) -> ArticleFile:
    """The article of a file. Raises InvalidInput, which says what is wrong with it in French."""
    if len(content) > _LONGEST_FILE:
        raise InvalidInput("Le fichier est trop long.")
    match = _FILE.match(content.removeprefix("\ufeff").replace("\r\n", "\n").lstrip("\n"))
    if match is None:
        raise InvalidInput(
            "L’en-tête manque\u00a0: le fichier commence par «\u00a0---\u00a0», puis «\u00a0titre: …\u00a0»."
        )
    labels = _labels(match["labels"])
    title = clean_line(labels.get(TITLE, ""), field="title", label="titre", max_length=_LONGEST_TITLE)
    if not title:
        raise InvalidInput("Le titre manque dans l’en-tête.")
    url = clean_line(labels.get(URL, ""), field="url", label="adresse", max_length=_LONGEST_URL)
    body = clean_text(match["body"], field="body", label="texte", max_length=_LONGEST_FILE)
    text = ArticleText(
        title=typeset(title),
        body=body,
        kind=_coded(labels, KIND, KIND_LABELS, Kind.HOW_TO),
        audience=_coded(labels, AUDIENCE, AUDIENCE_LABELS, Audience.EVERYONE),
        tools=tuple(sorted({code.strip() for code in labels.get(TOOLS, "").split(",")} - {""})),
        url=url,
        review_on=_day(labels.get(REVIEW, "")),
    )
    return ArticleFile(text, _coded(labels, STATE, STATE_LABELS, State.DRAFT))


def _labels(block: str) -> dict[str, str]:
    labels: dict[str, str] = {}
    for line in filter(str.strip, block.split("\n")):
        name, colon, value = line.partition(":")
        known = _KNOWN.get(fold(name.strip()))
        if not colon or known is None:
            raise InvalidInput(f"Ligne inconnue dans l’en-tête\u00a0: «\u00a0{line[:60]}\u00a0».")
        labels[known] = value.strip()
    return labels


def _coded(labels: Mapping[str, str], name: str, words: Mapping[Code, str], default: Code) -> Code:
    """The value that a label says in French, or as its identifier."""
    said = fold(labels.get(name, ""))
    if not said:
        return default
    for code, word in words.items():
        if said in {fold(word), code.value}:
            return code
    raise InvalidInput(f"«\u00a0{name}\u00a0» vaut l’un de\u00a0: {', '.join(words.values())}.")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInput("La date de relecture s’écrit AAAA-MM-JJ.") from None
