"""Where a text answers a search: the text itself, accents and all, parted into what is a hit and what is not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from app.kernel.words import Forms, Located, Term, words_of

LENGTH = 220
# A fourth of an excerpt stands before its first hit, so that it reads as a sentence.
_BEFORE = 4
_WORD_LENGTH = 30
# Many more hits than that make one place as good as another.
_COMPARED = 100
_CUT = "…"
_SPACES = re.compile(r"\s+")
# A text is looked at so far: what comes beyond says no more about it.
_LOOKED_AT = 20_000


class Sought(Protocol):
    """What hits: a `Wanted`, or those of its words that say something."""

    @property
    def terms(self) -> Sequence[Term]: ...

    @property
    def sequences(self) -> Sequence[Sequence[str]]: ...


class Piece(NamedTuple):
    """A run of the source text."""

    text: str
    hit: bool


class _Hit(NamedTuple):
    start: int
    end: int
    what: int  # which of the things wanted


def highlighted(text: str, wanted: Sought) -> tuple[Piece, ...]:
    """The whole text, a title or a name, with its hits."""
    return tuple(_pieces(text, 0, len(text), _hits(text, wanted)))


def excerpt(texts: Sequence[str], wanted: Sought, length: int = LENGTH) -> tuple[Piece, ...]:
    """Some `length` characters of the text that answers best, around its best hits, each run of spaces made one.

    The beginning of the first text where nothing hits; nothing of no text.
    """
    best: tuple[int, str, list[_Hit]] | None = None
    for text in texts:
        line = _SPACES.sub(" ", text[:_LOOKED_AT]).strip()
        hits = _hits(line, wanted) if line else []
        kinds = len({hit.what for hit in hits})
        if line and (best is None or kinds > best[0]):
            best = kinds, line, hits
    if best is None:
        return ()
    _, line, hits = best
    start, end = _window(line, hits, length)
    shown = list(_pieces(line, start, end, hits))
    if start:
        shown.insert(0, Piece(_CUT, False))
    if end < len(line):
        shown.append(Piece(_CUT, False))
    return tuple(shown)


def _hits(text: str, wanted: Sought) -> list[_Hit]:
    """The hits in order, none of them overlapping another."""
    words = list(words_of(text))
    numbers = {form: number for number, term in enumerate(wanted.terms) for form in term.forms}
    begun = [(term.beginning, number) for number, term in enumerate(wanted.terms) if term.beginning]
    hits = []
    for word in words:
        number = _what(word.forms, numbers, begun)
        if number is not None:
            hits.append(_Hit(word.start, word.end, number))
    for number, sequence in enumerate(wanted.sequences, start=len(wanted.terms)):
        hits += [_Hit(start, end, number) for start, end in _runs(words, sequence)]
    apart: list[_Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if not apart or hit.start >= apart[-1].end:
            apart.append(hit)
    return apart


def _what(word: Forms, numbers: Mapping[str, int], begun: Sequence[tuple[str, int]]) -> int | None:
    """Which of the terms the word meets, as `Term.is_met_by` says; None for none."""
    for form in (word.surface, *word.stems):
        if form in numbers:
            return numbers[form]
    for beginning, number in begun:
        if any(form.startswith(beginning) for form in (word.surface, *word.stems)):
            return number
    return None


def _runs(words: Sequence[Located], sequence: Sequence[str]) -> Iterator[tuple[int, int]]:
    for first in range(len(words) - len(sequence) + 1):
        run = words[first : first + len(sequence)]
        if all(word.forms.surface == surface for word, surface in zip(run, sequence, strict=True)):
            yield run[0].start, run[-1].end


def _window(text: str, hits: Sequence[_Hit], length: int) -> tuple[int, int]:
    """The part that holds most of what is wanted, cut between words; the first one among equals."""
    if len(text) <= length:
        return 0, len(text)
    before = length // _BEFORE

    def worth(hit: _Hit) -> tuple[int, int]:
        last = hit.start + length - before
        near = [other for other in hits[:_COMPARED] if hit.start <= other.start and other.end <= last]
        return len({other.what for other in near}), len(near)

    centre = max(hits[:_COMPARED], key=worth).start if hits else 0
    start = max(0, min(centre - before, len(text) - length))
    space = text.find(" ", start - 1, centre) if start else -1
    start = space + 1 if space >= 0 else start
    end = text.rfind(" ", start, start + length + 1) if start + length < len(text) else len(text)
    return start, end if end > start + length - _WORD_LENGTH else min(len(text), start + length)


def _pieces(text: str, start: int, end: int, hits: Sequence[_Hit]) -> Iterator[Piece]:
    at = start
    for hit in hits:
        if hit.start < start or hit.end > end:
            continue
        if hit.start > at:
            yield Piece(text[at : hit.start], False)
        yield Piece(text[hit.start : hit.end], True)
        at = hit.end
    if at < end:
        yield Piece(text[at:end], False)
