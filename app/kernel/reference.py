"""Public references « 7F3K-M2QX »: random, short, safe to read over the phone.

Seven random characters of Crockford's base 32 (no I, L, O, U) and one check character. The eight characters,
taken as elements of GF(32), are the coefficients of a polynomial that has α as a root. Each position therefore
weighs a different non-zero power of α, so that any single wrong character and any exchange of two different
characters is noticed. A reference always holds a letter and a digit: in free text neither an ordinary word nor
a date or a phone number looks like one.
"""

from __future__ import annotations

import re
from random import Random
from secrets import SystemRandom

from app.kernel.errors import InvalidInput

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8

_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_MODULUS = 0b100101  # x⁵ + x² + 1, primitive over GF(2): the powers of α take all 31 non-zero values.
_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0"})
_DASHES = r"\-\u2010\u2011\u2012\u2013\u2014"
_SEPARATORS = re.compile(rf"[\s{_DASHES}]+")
_IN_TEXT = re.compile(
    rf"(?<![\w{_DASHES}])([0-9A-Za-z]{{4}})[{_DASHES}]?([0-9A-Za-z]{{4}})(?!\w|[{_DASHES}]\w)",
)
_SYSTEM_RANDOM = SystemRandom()


def new_reference(rng: Random = _SYSTEM_RANDOM) -> str:
    """A new reference in canonical form; `rng` is the system's own random source unless given."""
    while True:
        body = "".join(rng.choice(ALPHABET) for _ in range(LENGTH - 1))
        reference = body + _check_character(body)
        if _has_letter_and_digit(reference):
            return _printed(reference)


def parse_reference(text: str, *, field: str | None = None) -> str:
    """The canonical form of a typed reference: lower case, spaces, dashes, I or L for 1, O for 0 are accepted.

    Raises InvalidInput, for `field`, when the length, a character or the check is wrong.
    """
    reference = _SEPARATORS.sub("", text).upper().translate(_READ_AS)
    if not _is_valid(reference):
        raise InvalidInput(
            "Cette référence n’existe pas. Une référence compte huit caractères, par exemple 7F3K-M2QX\u00a0: "
            "vérifiez chacun d’eux.",
            field=field,
        )
    return _printed(reference)


def find_references(text: str) -> list[str]:
    """The references written in a free text, in canonical form, each once, in order of appearance.

    Only what looks as printed is taken: with its dash or in one piece, with a letter and a digit.
    """
    found: dict[str, None] = {}
    for match in _IN_TEXT.finditer(text):
        written = match[1] + match[2]
        reference = written.upper().translate(_READ_AS)
        if _has_letter_and_digit(written) and _is_valid(reference):
            found[_printed(reference)] = None
    return list(found)


def _printed(reference: str) -> str:
    return f"{reference[:4]}-{reference[4:]}"


def _has_letter_and_digit(text: str) -> bool:
    return any(character.isdigit() for character in text) and any(character.isalpha() for character in text)


def _is_valid(reference: str) -> bool:
    return (
        len(reference) == LENGTH
        and all(character in _VALUES for character in reference)
        and _value_at_alpha(reference) == 0
    )


def _check_character(body: str) -> str:
    return ALPHABET[_times_alpha(_value_at_alpha(body))]


def _value_at_alpha(characters: str) -> int:
    """The polynomial whose coefficients are the characters, highest power first, evaluated at α."""
    value = 0
    for character in characters:
        value = _times_alpha(value) ^ _VALUES[character]
    return value


def _times_alpha(element: int) -> int:
    doubled = element << 1
    return doubled ^ _MODULUS if doubled & 0b100000 else doubled
