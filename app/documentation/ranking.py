"""Which articles answer best: the weight of each word, and where an article holds it. Pure.

After BM25 (Robertson and Zaragoza, 2009): a word is worth more the fewer articles hold it, and its repetition in a
text counts less and less, the less the longer the text. A word of the title is worth more than one of the tools,
which is worth more than the text can give; the word as typed more than its inflexion.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.documentation.prose import plain_text
from app.kernel.words import Term, words_of

IN_TITLE, IN_TOOLS = 3.0, 1.5
AS_INFLECTED, AS_BEGUN = 0.8, 0.6
# A third of what was asked, by weight, is the least that makes an article worth a look.
NEAR = 1 / 3
_SATURATION = 1.2
_LENGTH_SHARE = 0.75
_USUAL_LENGTH = 250  # words of an article
_HELP = 0.05
# A word that every article holds was typed all the same.
_AT_LEAST = 0.5
# How long the words of a text are remembered: articles change rarely, and the best are asked for all day.
_REMEMBERED, _LINES_REMEMBERED = 256, 4_096
# Words that tell nothing of a question, folded as search folds them.
_EMPTY = """
a afin ai ainsi alors apres as au aucun aucune aussi avant avec avez avoir avons bonjour bonsoir car ce cela celle celui
ces cet cette ceux chez ci comme comment d dans de depuis des deux dois doit donc dont du elle elles en encore est et
etait ete etre eu eux faire fait faut ils il j je jour l la le les leur leurs lors lui m ma mais matin me meme merci mes
mon n ne ni nos notre nous on ont ou par parce pas peut peux plus plusieurs pour pourquoi pourtant puis quand que quel
quelle quelles quels qui quoi rien s sa sans se semaine ses si soir son sont sous suis sur svp t ta te tes ton toujours
tous tout toute toutes tres tu un une va veux voici voila votre vos vous y
"""
_EMPTY_WORDS = frozenset(_EMPTY.split())


@dataclass(frozen=True)
class Sheet:
    """What of an article is weighed. `tools` are their names; `helped` counts the persons it helped."""

    title: str
    tools: str
    body: str
    helped: int = 0


def telling(terms: Sequence[Term]) -> tuple[Term, ...]:
    """The words that say something; all of them where none does."""
    kept = tuple(term for term in terms if term.surface not in _EMPTY_WORDS)
    return kept or tuple(terms)


def rarity(holding: int, total: int) -> float:
    """The weight of a word that `holding` articles of `total` hold; positive, and the rarer the greater."""
    return _AT_LEAST + math.log(1 + (max(total, holding) - holding + 0.5) / (holding + 0.5))


def weigh(sheet: Sheet, weights: Mapping[Term, float]) -> float:
    """What the article is worth for these words, each with its weight; without `body`, what its title is worth."""
    title, tools, body = _line_words(sheet.title), _line_words(sheet.tools), _body_words(sheet.body)
    score = sum(
        weight
        * (
            IN_TITLE * min(1.0, _strength(term, title))
            + IN_TOOLS * min(1.0, _strength(term, tools))
            + _saturated(_strength(term, body), body.length)
        )
        for term, weight in weights.items()
    )
    return score * (1 + _HELP * math.log1p(sheet.helped))


@dataclass(frozen=True)
class _Words:
    """How often each word and each stem stands in a text of `length` words."""

    surfaces: Mapping[str, int]
    stems: Mapping[str, int]
    length: int


def _words(text: str) -> _Words:
    surfaces: Counter[str] = Counter()
    stems: Counter[str] = Counter()
    for word in words_of(text):
        surfaces[word.forms.surface] += 1
        stems.update(word.forms.stems)
    return _Words(dict(surfaces), dict(stems), surfaces.total())


@lru_cache(maxsize=_LINES_REMEMBERED)
def _line_words(text: str) -> _Words:
    return _words(text)


@lru_cache(maxsize=_REMEMBERED)
def _body_words(markdown: str) -> _Words:
    return _words(plain_text(markdown))


def _strength(term: Term, words: _Words) -> float:
    """How often the word is there, an inflexion or a beginning counting for less."""
    exact = words.surfaces.get(term.surface)
    if exact:
        return exact
    inflected = 0
    for form in term.forms:
        inflected = max(inflected, words.stems.get(form, 0), words.surfaces.get(form, 0))
    if inflected:
        return AS_INFLECTED * inflected
    if not term.beginning:
        return 0
    return AS_BEGUN * sum(
        count for surface, count in words.surfaces.items() if surface.startswith(term.beginning)
    )


def _saturated(frequency: float, length: int) -> float:
    """Between 0 and 1: the tenth time adds little, and in a long text each time adds less."""
    norm = _SATURATION * (1 - _LENGTH_SHARE + _LENGTH_SHARE * length / _USUAL_LENGTH)
    return frequency / (frequency + norm)
