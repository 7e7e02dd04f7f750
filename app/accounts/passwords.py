"""Local passwords: what is accepted, and argon2id (rules.md, « Logs, passwords, sessions, headers »)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from itertools import pairwise
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.accounts.policy import Role
from app.kernel.errors import InvalidInput
from app.kernel.text import fold

USER_MINIMUM = 12
ADMINISTRATOR_MINIMUM = 16
MAXIMUM = 1000  # only to bound the work of a hostile request

# RFC 9106, second recommended option: 64 MiB, three passes, four lanes.
_hasher = PasswordHasher()
# The hash of a password that nobody knows, verified when there is none, so that the answer takes as long.
_DECOY = "$argon2id$v=19$m=65536,t=3,p=4$rPi2Gv7A2j15Wl3vmptBkQ$ZgpNNzJPrYnXR9tJFg0V2xEqHwYpnpraHmLhISwD/xc"

# What everyone tries first. A password is common when one or two of these words are all that it is made of,
# whatever its capitals, digits, signs and « 4 » for « a »: « M0tdepasse-2026! » is « motdepasse ».
_COMMON_WORDS = frozenset(Path(__file__).with_name("common_words.txt").read_text(encoding="utf-8").split())
_LOOKALIKES = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"}
)
_ENDS = re.compile(r"^[^a-z]+|[^a-z]+$")
_NOT_LETTERS = re.compile(r"[^a-z]+")
_LONGEST_REPEATED_UNIT = 4


def minimum_length(roles: Collection[Role]) -> int:
    """The fewest characters for someone who holds `roles`, in any partner."""
    return ADMINISTRATOR_MINIMUM if Role.ADMINISTRATOR in roles else USER_MINIMUM


def length_of(password: str) -> int:
    """How many characters the password counts, whatever keyboard composed them."""
    return len(_normalised(password))


def check_password(password: str, *, minimum: int, field: str = "password") -> None:
    """Raise InvalidInput for `field` when the password is too short, too long or common."""
    length = length_of(password)
    if length < minimum:
        raise InvalidInput(
            f"Le mot de passe compte {length} caractères\u00a0: il en faut au moins {minimum}. "
            "Une suite de plusieurs mots sans rapport convient très bien.",
            field=field,
        )
    if length > MAXIMUM:
        raise InvalidInput(
            f"Le mot de passe compte {length} caractères\u00a0: {MAXIMUM} au plus sont acceptés.", field=field
        )
    if is_common(password):
        raise InvalidInput(
            "Ce mot de passe est parmi les premiers qu’un attaquant essaierait. "
            "Choisissez plutôt une suite de plusieurs mots sans rapport.",
            field=field,
        )


def is_common(password: str) -> bool:
    """Whether the password is one or two common words, a series, or the same few characters again and again."""
    folded = fold(password)
    return _is_repetition(folded) or _is_series(folded) or _is_made_of_common_words(folded)


def hash_password(password: str) -> str:
    """The argon2id hash of an accepted password, with its parameters and salt. Slow on purpose."""
    return _hasher.hash(_normalised(password))


def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether `password` matches; takes as long when there is no hash to compare with."""
    try:
        _hasher.verify(password_hash or _DECOY, _normalised(password))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def _normalised(password: str) -> str:
    """The same characters whatever keyboard composed them (RFC 8265, OpaqueString: NFC)."""
    return unicodedata.normalize("NFC", password)


def _is_repetition(text: str) -> bool:
    return any(
        text == (text[:size] * len(text))[: len(text)] for size in range(1, _LONGEST_REPEATED_UNIT + 1)
    )


def _is_series(text: str) -> bool:
    """« 123456789012 », « abcdefghijkl », « 987654321098 »."""
    size = 10 if text.isdigit() else 26
    steps = {(ord(after) - ord(before)) % size for before, after in pairwise(text)}
    return steps in ({1}, {size - 1})


def _is_made_of_common_words(text: str) -> bool:
    trimmed = _ENDS.sub("", text)
    spellings = {_NOT_LETTERS.sub("", trimmed), _NOT_LETTERS.sub("", trimmed.translate(_LOOKALIKES))}
    return any(_is_one_or_two_words(letters) for letters in spellings)


def _is_one_or_two_words(letters: str) -> bool:
    return letters in _COMMON_WORDS or any(
        letters[:cut] in _COMMON_WORDS and letters[cut:] in _COMMON_WORDS for cut in range(1, len(letters))
    )
