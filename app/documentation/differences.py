"""What changed between two texts, line by line and word by word. Pure.

A changed line reads as its former self, then its present one, each with the words that differ; lines that
did not change are left out but for a few around each change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

CONTEXT = 2
# Lines that share less than this are another line, not the same one reworded.
_ALIKE = 0.4
_LONGEST_COMPARED = 2_000
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


class Side(StrEnum):
    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"
    SKIPPED = "skipped"  # unchanged lines that are not shown


@dataclass(frozen=True)
class Part:
    """A run of a line; `changed` within a line that was reworded."""

    text: str
    changed: bool = False


@dataclass(frozen=True)
class Line:
    """A line of the difference. `count` says how many lines a SKIPPED one stands for."""

    side: Side
    parts: tuple[Part, ...] = ()
    count: int = 0


def difference(before: str, after: str) -> list[Line]:
    """The lines to show; none when both texts are the same."""
    old, new = before.splitlines(), after.splitlines()
    if old == new:
        return []
    return list(_without_far_lines(list(_lines(old, new))))


def _lines(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    for what, i1, i2, j1, j2 in SequenceMatcher(None, old, new).get_opcodes():
        if what == "equal":
            yield from (Line(Side.SAME, (Part(text),)) for text in old[i1:i2])
        else:
            yield from _reworded(old[i1:i2], new[j1:j2])


def _reworded(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    """Lines taken out and put in at one place: those that answer one another are compared word by word."""
    for former, present in zip(old, new, strict=False):
        removed, added = _words(former, present)
        yield Line(Side.REMOVED, removed)
        yield Line(Side.ADDED, added)
    paired = min(len(old), len(new))
    yield from (Line(Side.REMOVED, (Part(text),)) for text in old[paired:])
    yield from (Line(Side.ADDED, (Part(text),)) for text in new[paired:])


def _words(former: str, present: str) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    if len(former) + len(present) > _LONGEST_COMPARED:
        return (Part(former),), (Part(present),)
    old, new = _WORDS.findall(former), _WORDS.findall(present)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return (Part(former),), (Part(present),)
    removed: list[Part] = []
    added: list[Part] = []
    for what, i1, i2, j1, j2 in matcher.get_opcodes():
        changed = what != "equal"
        removed.append(Part("".join(old[i1:i2]), changed))
        added.append(Part("".join(new[j1:j2]), changed))
    return _kept(removed), _kept(added)


def _kept(parts: Sequence[Part]) -> tuple[Part, ...]:
    return tuple(part for part in parts if part.text)


def _without_far_lines(lines: Sequence[Line]) -> Iterator[Line]:
    changed = [number for number, line in enumerate(lines) if line.side is not Side.SAME]
    shown = {near for number in changed for near in range(number - CONTEXT, number + CONTEXT + 1)}
    skipped = 0
    for number, line in enumerate(lines):
        if number in shown:
            if skipped:
                yield Line(Side.SKIPPED, count=skipped)
            skipped = 0
            yield line
        else:
            skipped += 1
    if skipped:
        yield Line(Side.SKIPPED, count=skipped)
