"""The draft of an article from what resolved a ticket. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.documentation.redaction import Found, Redacted, without_persons
from app.documentation.rules import ArticleText


@dataclass(frozen=True)
class Draft:
    """An article to reread, and what was taken out of it."""

    text: ArticleText
    found: tuple[Found, ...]


def drafted(
    text: ArticleText,
    *,
    cause: str,
    answer: str,
    workaround: str,
    names: Iterable[str],
    identifiers: Iterable[str],
) -> Draft:
    """`text` with its title cleaned of persons and a body made of what was answered; empty parts are left out."""
    names, identifiers = tuple(names), tuple(identifiers)

    def cleaned(typed: str) -> Redacted:
        return without_persons(typed.strip(), names=names, identifiers=identifiers)

    title = cleaned(text.title)
    parts = [
        ("Que faire", cleaned(answer)),
        ("En attendant la réparation", cleaned(workaround)),
        ("D’où cela vient", cleaned(cause)),
    ]
    told = [f"## {heading}\n\n{part.text}" for heading, part in parts if part.text]
    counts: Counter[str] = Counter()
    for part in (title, *(part for _, part in parts)):
        counts.update({found.what: found.count for found in part.found})
    body = "\n\n".join(told or ["## Que faire\n"])
    return Draft(
        replace(text, title=title.text, body=body),
        tuple(Found(what, count) for what, count in counts.items()),
    )
