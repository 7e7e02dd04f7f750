from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pyotp
import pytest
from flask import Flask

from app.accounts import second_factor
from app.accounts.attempts import CODES_PER_ACCOUNT, count_code
from app.accounts.models import RecoveryCode, SecondFactor
from app.accounts.policy import Role
from app.accounts.sealing import Unreadable, keyed_digest, seal, unseal
from app.accounts.totp import new_secret
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.kernel.errors import InvalidInput
from tests.factories import World

KEY = "a key for these tests only, forty characters"
HALF_A_MINUTE = timedelta(seconds=30)


@pytest.fixture
def account_id(world: World) -> int:
    return world.here.people[Role.USER].account_id


@pytest.fixture
def enrolled(context: Flask, clock: FrozenClock, account_id: int) -> tuple[pyotp.TOTP, list[str]]:
    secret = new_secret()
    totp = pyotp.TOTP(secret)
    with transaction():
        codes = second_factor.enrol(account_id, secret, totp.at(clock.now()), secret_key=KEY, now=clock.now())
    clock.advance(2 * HALF_A_MINUTE)
    return totp, codes


def accept(account_id: int, typed: str, clock: FrozenClock, key: str = KEY) -> bool:
    with transaction():
        return second_factor.accept(account_id, typed, secret_key=key, now=clock.now())


def test_a_code_opens_once(
    enrolled: tuple[pyotp.TOTP, list[str]], account_id: int, clock: FrozenClock
) -> None:
    code = enrolled[0].at(clock.now())
    assert accept(account_id, code, clock)
    assert not accept(account_id, code, clock)
    clock.advance(HALF_A_MINUTE)
    assert not accept(account_id, code, clock), "still in the window, but used"
    assert accept(account_id, enrolled[0].at(clock.now()), clock)


def test_an_older_code_never_follows_a_newer_one(
    enrolled: tuple[pyotp.TOTP, list[str]], account_id: int, clock: FrozenClock
) -> None:
    older, newer = enrolled[0].at(clock.now() - HALF_A_MINUTE), enrolled[0].at(clock.now())
    assert accept(account_id, newer, clock)
    assert not accept(account_id, older, clock)


def test_the_code_of_the_setting_up_does_not_serve_again(
    context: Flask, clock: FrozenClock, account_id: int
) -> None:
    secret = new_secret()
    code = pyotp.TOTP(secret).at(clock.now())
    with transaction():
        second_factor.enrol(account_id, secret, code, secret_key=KEY, now=clock.now())
    assert not accept(account_id, code, clock)


@pytest.mark.parametrize("typed", ["000000", "", "12345", "AAAA-AAAA-AAAA", "\x00", "é" * 40])
def test_what_is_wrong_opens_nothing(
    enrolled: tuple[pyotp.TOTP, list[str]], account_id: int, clock: FrozenClock, typed: str
) -> None:
    assert not accept(account_id, typed, clock)


def test_a_wrong_code_sets_nothing_up(context: Flask, clock: FrozenClock, account_id: int) -> None:
    with pytest.raises(InvalidInput) as refusal, transaction():
        second_factor.enrol(account_id, new_secret(), "000000", secret_key=KEY, now=clock.now())
    assert refusal.value.field == "code"
    assert second_factor.status_of(account_id) is None


@pytest.mark.parametrize("typing", [str, str.lower, lambda code: code.replace("-", " "), lambda code: code.replace("0", "o").replace("1", "l")])  # fmt: skip
def test_a_recovery_code_opens_once_however_it_is_typed(
    enrolled: tuple[pyotp.TOTP, list[str]], account_id: int, clock: FrozenClock, typing: Callable[[str], str]
) -> None:
    codes = enrolled[1]
    assert len(set(codes)) == 10
    assert accept(account_id, typing(codes[3]), clock)
    assert not accept(account_id, codes[3], clock)
    status = second_factor.status_of(account_id)
    assert status is not None
    assert status.codes_left == 9


def test_new_codes_replace_the_former_ones(
    enrolled: tuple[pyotp.TOTP, list[str]], account_id: int, clock: FrozenClock
) -> None:
    with transaction():
        new = second_factor.renew_recovery_codes(account_id, secret_key=KEY)
    assert not accept(account_id, enrolled[1][0], clock)
    assert accept(account_id, new[0], clock)


def test_nothing_opens_without_second_factor(
    enrolled: tuple[pyotp.TOTP, list[str]], account_id: int, clock: FrozenClock
) -> None:
    with transaction():
        second_factor.remove(account_id)
    assert not second_factor.has_second_factor(account_id)
    assert not accept(account_id, enrolled[0].at(clock.now()), clock)
    assert not accept(account_id, enrolled[1][0], clock)


def test_the_database_alone_betrays_nothing(
    enrolled: tuple[pyotp.TOTP, list[str]], account_id: int, clock: FrozenClock
) -> None:
    totp, codes = enrolled
    kept = str(db.session.get_one(SecondFactor, account_id).sealed_secret)
    digests = db.session.scalars(db.select(RecoveryCode.code_digest)).all()
    assert totp.secret not in kept
    assert not {code.replace("-", "") for code in codes} & set(digests)
    assert not accept(account_id, totp.at(clock.now()), clock, key="another key of forty characters, or so")


def test_a_secret_moved_to_another_account_opens_nothing(
    enrolled: tuple[pyotp.TOTP, list[str]], account_id: int, clock: FrozenClock, world: World
) -> None:
    other = world.here.people[Role.MANAGER].account_id
    with transaction():
        sealed = db.session.get_one(SecondFactor, account_id).sealed_secret
        db.session.add(
            SecondFactor(account_id=other, sealed_secret=sealed, confirmed_at=clock.now(), last_step=0)
        )
    assert not accept(other, enrolled[0].at(clock.now()), clock)


@pytest.mark.parametrize("kind", ["application", "recovery"])
def test_of_two_at_once_one_is_accepted(
    app: Flask, enrolled: tuple[pyotp.TOTP, list[str]], account_id: int, clock: FrozenClock, kind: str
) -> None:
    code = enrolled[0].at(clock.now()) if kind == "application" else enrolled[1][0]
    db.session.rollback()
    together = Barrier(2)

    def try_it(_: int) -> bool:
        with app.app_context():
            together.wait()
            return accept(account_id, code, clock)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(try_it, range(2))) == [False, True]


def test_tries_sent_at_once_count_one_by_one(app: Flask, account_id: int, clock: FrozenClock) -> None:
    together = Barrier(8)

    def try_it(_: int) -> bool:
        with app.app_context():
            together.wait()
            with transaction():
                return count_code(account_id, "192.0.2.1", now=clock.now())

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(try_it, range(8))) == CODES_PER_ACCOUNT


def test_what_is_sealed_opens_for_its_purpose_only() -> None:
    sealed = seal(b"secret", secret_key=KEY, purpose="one")
    assert unseal(sealed, secret_key=KEY, purpose="one") == b"secret"
    for key, purpose, text in ((KEY, "two", sealed), ("other" * 8, "one", sealed), (KEY, "one", sealed[:-2]), (KEY, "one", "é")):  # fmt: skip
        with pytest.raises(Unreadable):
            unseal(text, secret_key=key, purpose=purpose)
    assert keyed_digest("a", secret_key=KEY, purpose="one") != keyed_digest(
        "a", secret_key=KEY, purpose="two"
    )
