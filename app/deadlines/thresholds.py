"""After which shares of its time a clock wakes somebody: « 50 %, 80 %, échéance ». Pure."""

from __future__ import annotations

import re

from app.kernel.errors import InvalidInput

# Percentages of the time allowed, in order; DUE is the due time itself.
Thresholds = tuple[int, ...]
DUE = 100
DEFAULT_THRESHOLDS: Thresholds = (50, 80, DUE)
MOST = 6

_DUE_WORD = "échéance"
_NONE_WORD = "aucune"
_SHARE = re.compile(r"(?P<share>[0-9]{1,3})\s*%?")


def parse_thresholds(text: str) -> Thresholds:
    """The thresholds that « 50 %, 80 %, échéance » writes, in order; the usual ones for an empty text.

    « aucune » wakes nobody. Raises InvalidInput (field `alerts`).
    """
    typed = text.strip().lower()
    if not typed:
        return DEFAULT_THRESHOLDS
    if typed == _NONE_WORD:
        return ()
    thresholds = tuple(sorted({_share(part.strip()) for part in re.split(r"[,;]", typed)}))
    if len(thresholds) > MOST:
        raise _bad(f"{MOST} seuils au plus")
    return thresholds


def _share(typed: str) -> int:
    if typed == _DUE_WORD:
        return DUE
    written = _SHARE.fullmatch(typed)
    if written is None or not 1 <= int(written["share"]) <= DUE:
        raise _bad(f"« {typed} » n’est ni une part de 1 à 100 %, ni « échéance », ni « aucune »")
    return int(written["share"])


def format_thresholds(thresholds: Thresholds) -> str:
    """What `parse_thresholds` reads back to the same thresholds."""
    return ", ".join(say_threshold(threshold) for threshold in thresholds) or _NONE_WORD


def say_threshold(threshold: int) -> str:
    """« 80 % », or « échéance »."""
    return _DUE_WORD if threshold == DUE else f"{threshold}\u00a0%"


def _bad(reason: str) -> InvalidInput:
    return InvalidInput(f"Alertes : {reason}. Exemple : « 50 %, 80 %, échéance ».", field="alerts")
