"""SIREN and SIRET: the numbers by which INSEE names a legal unit and its establishments."""

from __future__ import annotations

from app.kernel.errors import InvalidInput

SIRET_DIGITS = 14
LA_POSTE = "356000000"


def parse_siret(text: str, *, field: str = "siret") -> str:
    """The fourteen digits of `text`, spaces (no-break ones too) and dots removed.

    Raises InvalidInput on `field` when the length or the control digit is wrong. The control is
    Luhn's; the establishments of La Poste alone follow another rule: a sum of digits divisible by five.
    """
    digits = "".join(text.split()).replace(".", "")
    if len(digits) != SIRET_DIGITS or not (digits.isascii() and digits.isdecimal()):
        raise InvalidInput("Le SIRET doit comporter 14 chiffres.", field=field)
    if not _is_consistent(digits):
        raise InvalidInput(
            "Ce SIRET est incorrect : sa clé de contrôle ne correspond pas. Vérifiez chaque chiffre.",
            field=field,
        )
    return digits


def siren_of(siret: str) -> str:
    """The legal unit of an establishment: the first nine digits."""
    return siret[:9]


def _is_consistent(digits: str) -> bool:
    if _luhn_sum(digits) % 10 == 0:
        return True
    return siren_of(digits) == LA_POSTE and sum(map(int, digits)) % 5 == 0


def _luhn_sum(digits: str) -> int:
    """From the right, every second digit counts double, nine being taken off beyond nine."""
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return sum(map(int, digits[-1::-2])) + sum(value - 9 if value > 9 else value for value in doubled)
