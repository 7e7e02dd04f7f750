"""Text as people type it: made safe to store, and cut into words for search."""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache
from typing import NamedTuple

import Stemmer

from app.kernel.errors import InvalidInput

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "’": "'", "\u02bc": "'"})
_NEWLINES = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_SPACES = re.compile(r"\s+")
_TRAILING_SPACES = re.compile(r"[^\S\n]+$", re.MULTILINE)
_WORD = re.compile(r"[^\W_]+")
_ELISIONS = frozenset({"c", "d", "j", "l", "m", "n", "s", "t", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu"})
_APOSTROPHES = ("'", "’", "\u02bc")
# Control characters break logs and databases (PostgreSQL refuses NUL); format characters can hide or
# reverse what is read; lone surrogates cannot be encoded.
_UNWANTED_CATEGORIES = frozenset({"Cc", "Cf", "Cs"})


class Token(NamedTuple):
    """A word of a text: `surface` and `stem` are folded; `start` and `end` locate it in the source."""

    surface: str
    stem: str
    start: int
    end: int


def fold(text: str) -> str:
    """`text` without case, accents or ligatures: « Œuvre créée » gives « oeuvre creee »."""
    lower = unicodedata.normalize("NFKD", text).casefold().translate(_LIGATURES)
    decomposed = unicodedata.normalize("NFKD", lower)
    return "".join(character for character in decomposed if not unicodedata.combining(character))


# A desk uses the same few thousand words all day, and the index asks for each again and again. `fold` itself
# is not remembered: passwords pass through it.
@lru_cache(maxsize=16_384)
def stem(word: str) -> str:
    """The folded French stem of one word; the stemmer needs the accents, so folding comes after it."""
    return fold(_this_thread.french.stemWord(unicodedata.normalize("NFC", word).lower()))


@lru_cache(maxsize=16_384)
def _surface(word: str) -> str:
    return fold(word)


def tokens(text: str) -> list[Token]:
    """The words of `text` in order, for search; elided articles (« l’ », « qu’ ») are left out."""
    found = []
    for match in _WORD.finditer(text):
        surface = _surface(match[0])
        if surface in _ELISIONS and text.startswith(_APOSTROPHES, match.end()):
            continue
        found.append(Token(surface, stem(match[0]), match.start(), match.end()))
    return found


def clean_line(text: str, *, field: str, label: str, max_length: int) -> str:
    """One line of typed text: NFC, without control characters, each run of spaces made one.

    `label` names the field as the person reads it. Raises InvalidInput beyond `max_length` characters.
    """
    line = _SPACES.sub(" ", _without_unwanted(_NEWLINES.sub("\n", text))).strip()
    return _check_length(line, field=field, label=label, max_length=max_length)


def clean_text(text: str, *, field: str, label: str, max_length: int) -> str:
    """Typed text of several lines: NFC, newlines as « \\n », without other control characters than tabs.

    `label` names the field as the person reads it. Raises InvalidInput beyond `max_length` characters.
    """
    lines = _TRAILING_SPACES.sub("", _without_unwanted(_NEWLINES.sub("\n", text)))
    return _check_length(lines.strip("\n"), field=field, label=label, max_length=max_length)


def _without_unwanted(text: str) -> str:
    kept = "".join(
        character
        for character in text
        if character in "\n\t" or unicodedata.category(character) not in _UNWANTED_CATEGORIES
    )
    return unicodedata.normalize("NFC", kept)


def _check_length(text: str, *, field: str, label: str, max_length: int) -> str:
    if len(text) > max_length:
        raise InvalidInput(
            f"«\u00a0{label}\u00a0» compte {len(text)} caractères\u00a0: {max_length} au plus sont acceptés.",
            field=field,
        )
    return text


class _Stemmers(threading.local):
    """One stemmer per thread: PyStemmer's objects must not be shared between threads."""

    def __init__(self) -> None:
        self.french = Stemmer.Stemmer("french")


_this_thread = _Stemmers()
