"""Two administrators at the same instant: the partner always keeps one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from sqlalchemy import select

from app.accounts.models import Membership
from app.accounts.policy import Role
from app.accounts.rights import administrators_of, grant, withdraw
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.errors import DomainError
from app.partners.models import Partner
from tests.conftest import START
from tests.factories import Person, World, make_person


def test_two_who_withdraw_each_other_at_once_do_not_both_succeed(app: Flask, world: World) -> None:
    place = world.there
    first = place.people[Role.ADMINISTRATOR]
    with app.app_context(), transaction():
        second = make_person(db.session.get_one(Partner, place.partner_id), Role.ADMINISTRATOR, name="second")
        for person in (first, second):
            grant(person.account_id, Role.MANAGER, None, reason="aussi", actor=first.actor, now=START)
    ready = Barrier(2)

    def withdraw_the_other(pair: tuple[Person, Person]) -> str:
        one, other = pair
        with app.app_context():
            ready.wait(timeout=20)
            try:
                with transaction():
                    held = db.session.scalars(
                        select(Membership).where(
                            Membership.account_id == other.account_id,
                            Membership.role == Role.ADMINISTRATOR.value,
                        )
                    ).one()
                    withdraw(held, reason="en même temps", actor=one.actor, now=START)
            except DomainError:
                return "refused"
            return "done"

    with ThreadPoolExecutor(2) as threads:
        outcomes = sorted(threads.map(withdraw_the_other, [(first, second), (second, first)]))
    assert outcomes == ["done", "refused"]
    with app.app_context():
        assert len(administrators_of(place.partner_id)) == 1
