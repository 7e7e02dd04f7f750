"""Taking persons out of a text that becomes an article: what was written for one is read by all. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.kernel.personal_data import CREDENTIAL_MASK, NIR_MASK, find_personal_data, mask

REMOVED = "[retiré]"
_SHORTEST_NAME = 4

_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_PHONE = re.compile(r"(?<![\w+])(?:\+33|0033|0)[ .\u00a0-]?[1-9](?:[ .\u00a0-]?\d{2}){4}(?!\d)")
_CIVILITY = re.compile(
    r"\b(?:M\.|MM\.|Mme|Mmes|Mlle|Monsieur|Madame|Mademoiselle)\s+"
    r"((?:[A-ZÀ-Ý][\w’'-]*)(?:\s+(?:d[eu]\s+)?[A-ZÀ-Ý][\w’'-]*){0,2})"
)


@dataclass(frozen=True)
class Found:
    """What was removed: its kind in French, and how often. What it was is not told again."""

    what: str
    count: int


@dataclass(frozen=True)
class Redacted:
    text: str
    found: tuple[Found, ...]


def without_persons(text: str, *, names: Iterable[str] = (), identifiers: Iterable[str] = ()) -> Redacted:
    """`text` without NIR, secrets, addresses, telephones, names after a civility, nor what is given.

    `names` are those of the people of the ticket; `identifiers` what the protected field holds.
    """
    seen = find_personal_data(text)
    counts = {
        "numéro de sécurité sociale": len(seen.nirs),
        "mot de passe ou jeton": len(seen.secrets),
    }
    text = mask(text)
    text, counts["identifiant de la personne"] = _remove(text, identifiers)
    text, counts["adresse électronique"] = _MAIL.subn(REMOVED, text)
    text, counts["numéro de téléphone"] = _PHONE.subn(REMOVED, text)
    text, after_civility = _CIVILITY.subn(REMOVED, text)
    text, known = _remove(text, (name for name in names if len(name) >= _SHORTEST_NAME))
    counts["nom de personne"] = after_civility + known
    return Redacted(text, tuple(Found(what, count) for what, count in counts.items() if count))


def still_marked(text: str) -> bool:
    """Whether the text holds places where something was removed, to be reworded before it is published."""
    return any(sign in text for sign in (REMOVED, NIR_MASK, CREDENTIAL_MASK))


def _remove(text: str, words: Iterable[str]) -> tuple[str, int]:
    wanted = sorted({word.strip() for word in words if word.strip()}, key=len, reverse=True)
    if not wanted:
        return text, 0
    pattern = "|".join(re.escape(word) for word in wanted)
    return re.subn(rf"(?<!\w)(?:{pattern})(?!\w)", REMOVED, text, flags=re.IGNORECASE)
