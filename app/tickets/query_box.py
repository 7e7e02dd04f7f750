"""What is typed in the query box, parted into filters, words and phrases.

`outil:ouiform horloge:dépassée à:moi "page blanche" portail`: a word `name:value` filters, the rest is
searched for. What each filter means is in `search.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.kernel.reference import ALPHABET
from app.kernel.text import clean_line, tokens
from app.kernel.words import Wanted

MAX_QUERY_LENGTH = 400
# Names are kept without accents; these are written with some.
_WRITTEN = {"etat": "état", "a": "à", "gravite": "gravité"}


@dataclass(frozen=True)
class Filter:
    """`name:value` as typed."""

    name: str
    value: str

    def __str__(self) -> str:
        return f'{self.name}:"{self.value}"' if re.search(r"\s", self.value) else f"{self.name}:{self.value}"


@dataclass(frozen=True)
class Query:
    """What was typed, understood. `reference` is a reference or the beginning of one, typed alone."""

    text: str = ""
    filters: tuple[Filter, ...] = ()
    wanted: Wanted = field(default_factory=Wanted)
    reference: str = ""

    def __bool__(self) -> bool:
        return bool(self.filters or self.wanted)

    def names(self, name: str) -> bool:
        """Whether a filter of that name is there."""
        return any(key_of(item.name) == name for item in self.filters)


# --- Reading what was typed ------------------------------------------------------------------------------

_QUOTES = str.maketrans({"“": '"', "”": '"', "«": '"', "»": '"'})
_WORD = re.compile(
    r'(?P<name>[^\W\d_][\w-]*)\s?:(?!//)(?:"(?P<quoted>[^"]*)"?|(?P<value>[^\s"]+))'
    r'|"(?P<phrase>[^"]*)"?'
    r'|(?P<word>[^\s"]+)'
)
_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0"})
_REFERENCE = re.compile(rf"[{ALPHABET}]{{4}}-?[{ALPHABET}]{{0,4}}")


def parse(text: str, *, typing: bool = False) -> Query:
    """Raises InvalidInput when the text is too long. When it is still being typed, its last word is a beginning."""
    line = clean_line(text, field="q", label="Recherche", max_length=MAX_QUERY_LENGTH)
    filters, words, phrases = [], [], []
    for match in _WORD.finditer(line.translate(_QUOTES)):
        if match["name"]:
            value = match["quoted"] if match["quoted"] is not None else match["value"]
            filters.append(Filter(match["name"], value.strip()))
        elif match["word"]:
            words.append(match["word"])
        elif match["phrase"] and match["phrase"].strip():
            phrases.append(match["phrase"].strip())
    alone = words[0] if len(words) == 1 and not filters and not phrases else ""
    half = words.pop() if typing and words and line.endswith(words[-1]) and not text[-1:].isspace() else ""
    return Query(line, tuple(filters), Wanted(tuple(words), tuple(phrases), half), _reference_start(alone))


def _reference_start(word: str) -> str:
    """The canonical form of a reference or of its beginning, four characters at least; else nothing.

    Without a dash, an ordinary word or a year is no reference: a letter and a digit are needed.
    """
    start = word.upper().translate(_READ_AS)
    if not _REFERENCE.fullmatch(start):
        return ""
    mixed = any(character.isdigit() for character in word) and any(character.isalpha() for character in word)
    if "-" not in start and not mixed:
        return ""
    characters = start.replace("-", "")
    return f"{characters[:4]}-{characters[4:]}" if len(characters) > 4 else characters


# --- Words ---------------------------------------------------------------------------------------------


def same_word(one: str, other: str) -> bool:
    """Whether two values are the same but for accents, case and dashes."""
    return key_of(one) == key_of(other)


def key_of(text: str) -> str:
    """What words share that differ by accents, case and dashes only: « À-vérifier », « a verifier »."""
    return " ".join(token.surface for token in tokens(text))


def written(name: str) -> str:
    """The name of a filter as people write it."""
    return _WRITTEN.get(name, name)


# --- The same filters without writing --------------------------------------------------------------------


def with_filters(query: Query, chosen: Mapping[str, str]) -> str:
    """The text of the query once the filters of a form are added to it as words."""
    added = [str(Filter(written(name), value)) for name, value in chosen.items() if value]
    return " ".join([*added, query.text] if query.text else added)


def split_filters(query: Query, names: Iterable[str]) -> tuple[dict[str, str], str]:
    """What a form of these filters shows as chosen, by name, and the text that remains beside it.

    A filter that is there twice does not fit in a form: it remains in the text.
    """
    values: dict[str, list[str]] = {}
    for item in query.filters:
        values.setdefault(key_of(item.name), []).append(item.value)
    chosen = {name: values[name][0] for name in names if len(values.get(name, [])) == 1}
    rest = [str(item) for item in query.filters if key_of(item.name) not in chosen]
    rest += [f'"{phrase}"' for phrase in query.wanted.phrases]
    return chosen, " ".join([*rest, *query.wanted.words])
