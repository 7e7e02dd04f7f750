from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask

from app.accounts.jobs import forget_expired
from app.accounts.models import OneTimeLink
from app.accounts.one_time_links import DeadLink, Purpose, guest_of, make_link, use_link
from app.accounts.policy import Role
from app.accounts.queries import account_named
from app.accounts.service import set_password
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from tests.accounts.screens import HASH
from tests.factories import Person, World

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def invited(world: World) -> Person:
    return world.here.people[Role.USER]


def link(person: Person, clock: FrozenClock, purpose: Purpose = Purpose.PASSWORD) -> str:
    with transaction():
        return make_link(person.account_id, purpose, HOUR, clock.now())


def is_good(token: str, clock: FrozenClock, purpose: Purpose = Purpose.PASSWORD) -> bool:
    try:
        return guest_of(token, purpose, clock.now()).account_id > 0
    except DeadLink:
        return False


def use(token: str, clock: FrozenClock, purpose: Purpose = Purpose.PASSWORD) -> None:
    with transaction():
        use_link(token, purpose, clock.now())


def test_a_link_serves_once(invited: Person, clock: FrozenClock) -> None:
    token = link(invited, clock)
    for _ in range(2):  # reading it uses nothing up
        assert guest_of(token, Purpose.PASSWORD, clock.now()).email == invited.email
    use(token, clock)
    assert not is_good(token, clock)
    with pytest.raises(DeadLink):
        use(token, clock)


def test_it_expires(invited: Person, clock: FrozenClock) -> None:
    token = link(invited, clock)
    clock.advance(HOUR)
    assert not is_good(token, clock)
    with pytest.raises(DeadLink):
        use(token, clock)


def test_it_serves_for_its_purpose_only(invited: Person, clock: FrozenClock) -> None:
    token = link(invited, clock, Purpose.INVITATION)
    assert not is_good(token, clock, Purpose.PASSWORD)
    with pytest.raises(DeadLink):
        use(token, clock, Purpose.PASSWORD)
    assert is_good(token, clock, Purpose.INVITATION)


def test_a_new_one_replaces_the_one_before(invited: Person, clock: FrozenClock) -> None:
    first, invitation, second = (
        link(invited, clock),
        link(invited, clock, Purpose.INVITATION),
        link(invited, clock),
    )
    assert [is_good(first, clock), is_good(second, clock)] == [False, True]
    assert is_good(invitation, clock, Purpose.INVITATION)


def test_a_new_password_or_a_closed_account_ends_them(invited: Person, clock: FrozenClock) -> None:
    token = link(invited, clock)
    with transaction():
        set_password(invited.account_id, HASH)
    assert not is_good(token, clock)
    token = link(invited, clock)
    with transaction():
        account_named(invited.email).active = False
    assert not is_good(token, clock)


@pytest.mark.parametrize("token", ["", "x", "\x00", "é\ud800", "a" * 5000])
def test_what_never_was_a_link(clock: FrozenClock, token: str) -> None:
    assert not is_good(token, clock)


def test_the_token_is_not_kept(invited: Person, clock: FrozenClock) -> None:
    token = link(invited, clock)
    row = db.session.scalars(db.select(OneTimeLink)).one()
    assert token not in map(str, vars(row).values())


def test_of_two_at_once_one_is_served(app: Flask, invited: Person, clock: FrozenClock) -> None:
    token = link(invited, clock)
    db.session.rollback()
    together = Barrier(2)

    def try_it(_: int) -> bool:
        with app.app_context():
            together.wait()
            try:
                use(token, clock)
            except DeadLink:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(try_it, range(2))) == [False, True]


def test_the_worker_forgets_those_that_ended_long_ago(invited: Person, clock: FrozenClock) -> None:
    link(invited, clock)
    clock.advance(HOUR)
    forget_expired(clock.now())
    assert db.session.query(OneTimeLink).count() == 1
    clock.advance(timedelta(days=1))
    forget_expired(clock.now())
    assert db.session.query(OneTimeLink).count() == 0
