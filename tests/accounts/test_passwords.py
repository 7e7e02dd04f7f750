from __future__ import annotations

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from app.accounts import passwords
from app.accounts.passwords import check_password, hash_password, is_common, minimum_length, verify_password
from app.accounts.policy import Role
from app.kernel.errors import InvalidInput

GOOD = "trois chaises bleues"


def test_administrators_need_longer_passwords() -> None:
    assert minimum_length({Role.USER, Role.CORRESPONDENT}) == 12
    assert minimum_length({Role.USER, Role.ADMINISTRATOR}) == 16
    assert minimum_length(set()) == 12


def test_only_the_length_is_asked_for() -> None:
    for password in (GOOD, "xkqzvtrwplmn", "274619385027", "é" * 3 + "chaise bleue", "a " * 400 + "fin"):
        check_password(password, minimum=12)


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("court", "compte 5 caractères\u00a0: il en faut au moins 12"),
        ("x" + "y" * 1000, "1000 au plus"),
        ("motdepasse2026", "parmi les premiers"),
    ],
)
def test_refusals_say_what_to_do(password: str, words: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        check_password(password, minimum=12, field="new")
    assert words in refusal.value.message
    assert refusal.value.field == "new"
    assert password not in refusal.value.message


def test_characters_are_counted_as_people_see_them() -> None:
    with pytest.raises(InvalidInput):
        check_password("e\u0301" * 8 + "abc", minimum=12)


COMMON = [
    "motdepasse", "MotDePasse2026!", "M0tdepasse-2026", "m0td3p@sse1234", "azertyuiop123", "AZERTYUIOP!!!!",
    "password1234", "P@ssw0rd2026", "1234567890123", "987654321098", "aaaaaaaaaaaa", "abcabcabcabc",
    "121212121212", "abcdefghijklm", "soleil-marseille-59", "Bienvenue2026!", "francetravail62", "admin-admin-2026",
    "qwertyuiop[]", "departement59", "Été-Printemps-26",
]  # fmt: skip


@pytest.mark.parametrize("password", COMMON)
def test_what_everyone_tries_first_is_common(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize(
    "password", [GOOD, "bonjour soleil dragon", "274619385027", "motdepasse du chat gris", "xkqzvtrwplmn"]
)
def test_what_takes_imagination_is_not(password: str) -> None:
    assert not is_common(password)


def test_passwords_are_kept_as_argon2id() -> None:
    parameters = extract_parameters(hash_password(GOOD))
    assert parameters.type is Type.ID
    assert parameters.memory_cost >= 64 * 1024
    assert parameters.time_cost >= 3


def test_the_right_password_only_is_recognised() -> None:
    kept = hash_password("sérieux comme un pape")
    assert kept != hash_password("sérieux comme un pape")
    assert verify_password(kept, "sérieux comme un pape")
    assert verify_password(kept, "se\u0301rieux comme un pape"), "the same characters from another keyboard"
    assert not verify_password(kept, "Sérieux comme un pape")
    assert not verify_password("damaged", "sérieux comme un pape")


def test_without_a_password_the_work_is_the_same() -> None:
    """An unknown account must take as long as a wrong password: the same hashing, with the same parameters."""
    assert not verify_password(None, GOOD)
    assert not PasswordHasher().check_needs_rehash(passwords._DECOY)
