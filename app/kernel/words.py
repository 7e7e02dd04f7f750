"""What is looked for, and which words of a text answer it: search and its highlighting follow the same rule.

Words are folded and stemmed (`kernel/text.py`). A word that is typed answers in any form; the beginning of one
answers by all the words that begin so; a quoted phrase wants the words as they are written, in their order.
References hold together: « INC-0042 » and « INC0042 » are one word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import NamedTuple

from app.kernel.text import fold, stem, tokens

# PostgreSQL refuses a lexeme of 2 kB; nobody types so long a word.
MAX_CHARACTERS = 60
# One letter begins too many words to tell anything.
_SHORTEST_BEGINNING = 2
_SHORT_WORD = 3
_DIGIT = re.compile(r"\d")
_COMPOUND = re.compile(r"[^\W_]+(?:[-./_][^\W_]+)+")


class Forms(NamedTuple):
    """A word as it is written, folded, and the forms that it shares with its inflexions."""

    surface: str
    stems: tuple[str, ...]


class Located(NamedTuple):
    """A word of a text with its place there; a word that ends a reference starts where the reference does."""

    forms: Forms
    start: int
    end: int


@dataclass(frozen=True)
class Term:
    """One word that must be there, in any form; or one that begins with `beginning`, unless that is empty."""

    surface: str
    stems: tuple[str, ...]
    beginning: str = ""

    @cached_property
    def forms(self) -> frozenset[str]:
        return frozenset((self.surface, *self.stems))

    def is_met_by(self, word: Forms) -> bool:
        if word.surface in self.forms or not self.forms.isdisjoint(word.stems):
            return True
        return bool(self.beginning) and any(
            form.startswith(self.beginning) for form in (word.surface, *word.stems)
        )


@dataclass(frozen=True)
class Wanted:
    """What is looked for, all of it: `words` in any form, `phrases` exactly, `typing` a word half typed.

    False when no word is left of it.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    typing: str = ""

    def __bool__(self) -> bool:
        return bool(self.terms or self.sequences)

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """The words, each once."""
        terms = [Term(*forms) for forms in _typed((*self.words, self.typing))]
        last = [forms.surface for forms in _typed([self.typing])][-1:]
        if last and len(last[0]) >= _SHORTEST_BEGINNING:
            terms[-1] = replace(terms[-1], beginning=last[0])
        return tuple(dict.fromkeys(terms))

    @cached_property
    def sequences(self) -> tuple[tuple[str, ...], ...]:
        """The phrases, as surface forms."""
        composed = (unicodedata.normalize("NFC", phrase) for phrase in self.phrases)
        found = (tuple(word.forms.surface for word in words_of(phrase)) for phrase in composed)
        return tuple(sequence for sequence in found if sequence)


def words_of(text: str) -> Iterator[Located]:
    """Each word of a text in order: letters and digits only, hence nothing to escape in a query."""
    references = {end: (start, joined) for start, end, joined in _references(text)}
    for token in tokens(text):
        forms = _forms(text[token.start : token.end])
        if not forms.surface:
            continue
        start = token.start
        if token.end in references:
            start, joined = references[token.end]
            forms = Forms(forms.surface, (*forms.stems, joined))
        yield Located(forms, start, token.end)


def _typed(texts: Iterable[str]) -> Iterator[Forms]:
    """The words of what was typed; of a reference, the whole alone."""
    for typed in texts:
        text = unicodedata.normalize("NFC", typed)  # as everything stored is (`clean_line`, `clean_text`)
        inside = [(start, end) for start, end, _ in _references(text)]
        for word in words_of(text):
            if _ends_one(word, inside):
                yield Forms(word.forms.stems[-1], word.forms.stems[-1:])
            elif not any(start <= word.start < end for start, end in inside):
                yield word.forms


def _ends_one(word: Located, references: Sequence[tuple[int, int]]) -> bool:
    return any(word.end == end for _, end in references)


def _references(text: str) -> Iterator[tuple[int, int, str]]:
    """The references and versions of a text: words held together by a dash or a dot, with a digit somewhere."""
    if _DIGIT.search(text) is None:
        return
    for match in _COMPOUND.finditer(text):
        if any(character.isdecimal() for character in match[0]):
            joined = "".join(token.surface for token in tokens(match[0]))
            yield match.start(), match.end(), _kept(joined)


@lru_cache(maxsize=16_384)
def _forms(word: str) -> Forms:
    """The word with its stem and that of its singular: « connexions » gives « connex », « connexion » itself."""
    found = {_kept(stem(word)): None}
    if word[-1] in "sSxX" and len(word) > _SHORT_WORD:
        found[_kept(stem(word[:-1]))] = None
    return Forms(_kept(fold(word)), tuple(form for form in found if form))


def _kept(word: str) -> str:
    return "".join(character for character in word if character.isalnum())[:MAX_CHARACTERS]
