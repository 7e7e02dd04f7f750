"""The draft of an article from what resolved a ticket. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.documentation.redaction import Found, Redacted, without_persons
from app.documentation.rules import ArticleText

TO_DO = "Que faire"


@dataclass(frozen=True)
class Draft:
    """An article to reread, and what was taken out of it."""

    text: ArticleText
    found: tuple[Found, ...]


def drafted(
    text: ArticleText,
    *,
    symptom: str,
    cause: str,
    answer: str,
    workaround: str,
    names: Iterable[str],
    identifiers: Iterable[str],
) -> Draft:
    """`text` with its title cleaned of persons, and a body made of what was reported and answered.

    Empty parts are left out, but for what to do, which is what an article is for.
    """
    names, identifiers = tuple(names), tuple(identifiers)

    def cleaned(typed: str) -> Redacted:
        return without_persons(typed.strip(), names=names, identifiers=identifiers)

    title = cleaned(text.title)
    parts = [
        ("Ce que l’on voit", cleaned(symptom)),
        (TO_DO, cleaned(answer)),
        ("En attendant la réparation", cleaned(workaround)),
        ("D’où cela vient", cleaned(cause)),
    ]
    told = [
        f"## {heading}\n\n{part.text}".rstrip() for heading, part in parts if part.text or heading == TO_DO
    ]
    counts: Counter[str] = Counter()
    for part in (title, *(part for _, part in parts)):
        counts.update({found.what: found.count for found in part.found})
    return Draft(
        replace(text, title=title.text, body="\n\n".join(told)),
        tuple(Found(what, count) for what, count in counts.items()),
    )
