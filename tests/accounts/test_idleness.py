"""Two months without use: warned twice, suspended, restored; an ordinary user simply comes back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.idleness import inactivity_of
from app.accounts.jobs_life import keep_accounts
from app.accounts.models import Account, Membership
from app.accounts.policy import Role
from app.accounts.queries import check_member, people_of
from app.accounts.sessions import open_session
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.kernel.errors import NotAllowed, NotFound
from app.notifications.models import Outbox
from app.tickets.queries import security_is_open
from tests.accounts.people import ACCOUNTS, Office, open_office
from tests.conftest import START
from tests.factories import World, log_in
from tests.partners.pages import rows, words

DAY = timedelta(days=1)
# Used on 10 March, hence suspended on 10 May.
SUSPENDED = datetime.fromisoformat("2026-05-10T09:00:00+02:00")


@pytest.fixture
def office(app: Flask, world: World, client: FlaskClient) -> Office:
    """Everyone signed in today, and nobody in « pas-de-calais » ever counts."""
    with app.app_context(), transaction():
        db.session.execute(update(Account).values(last_login_at=START))
    return open_office(app, world, client)


def day(app: Flask, *moments: datetime) -> None:
    with app.app_context():
        for moment in moments:
            keep_accounts(moment)


def to(office: Office, name: str) -> list[str]:
    return [template for template, who in office.letters() if who == name and template.startswith("rights")]


def suspended(office: Office) -> set[str]:
    with office.app.app_context():
        return set(
            db.session.scalars(
                select(Membership.role).where(
                    Membership.partner_id == office.place.partner_id, Membership.suspended_at.is_not(None)
                )
            )
        )


def come(office: Office, role: Role, moment: datetime) -> None:
    with office.app.app_context(), transaction():
        db.session.get_one(Account, office.place.people[role].account_id).last_login_at = moment


def test_warned_fourteen_and_three_days_before_and_suspended_on_the_day(app: Flask, office: Office) -> None:
    name = office.place.people[Role.CORRESPONDENT].name
    day(app, SUSPENDED - 15 * DAY)
    assert to(office, name) == []
    day(app, SUSPENDED - 14 * DAY, SUSPENDED - 14 * DAY + DAY / 24, SUSPENDED - 10 * DAY)
    assert to(office, name) == ["rights-warning"]
    day(app, SUSPENDED - 3 * DAY, SUSPENDED - DAY)
    assert to(office, name) == ["rights-warning"] * 2
    assert suspended(office) == set()
    day(app, SUSPENDED, SUSPENDED + DAY)
    assert to(office, name) == ["rights-warning"] * 2 + ["rights-suspended"]
    assert suspended(office) == {role.value for role in Role} - {"user", "integrator", "administrator"}
    assert office.traces().count("suspended") == len(suspended(office))


def test_the_warning_names_the_roles_and_the_day(app: Flask, office: Office) -> None:
    day(app, SUSPENDED - 14 * DAY)
    with app.app_context():
        context = db.session.scalars(
            select(Outbox.context).where(
                Outbox.template == "rights-warning",
                Outbox.account_id == office.place.people[Role.CORRESPONDENT].account_id,
            )
        ).one()
    assert context == {"roles": ["Correspondant SI"], "day": "10/05/2026", "kept": False}


def test_whoever_comes_in_between_keeps_everything(app: Flask, office: Office) -> None:
    day(app, SUSPENDED - 14 * DAY)
    come(office, Role.CORRESPONDENT, SUSPENDED - 5 * DAY)
    day(app, SUSPENDED - 3 * DAY, SUSPENDED)
    assert "correspondent" not in suspended(office)


def test_the_last_administrator_is_told_and_never_suspended(app: Flask, office: Office) -> None:
    day(app, SUSPENDED - 14 * DAY, SUSPENDED - 3 * DAY, SUSPENDED, SUSPENDED + DAY, SUSPENDED + 40 * DAY)
    assert "administrator" not in suspended(office)
    name = office.place.people[Role.ADMINISTRATOR].name
    assert set(to(office, name)) == {"rights-warning"}
    assert len(to(office, name)) == 3
    with app.app_context():
        last = db.session.scalars(
            select(Outbox.context)
            .where(Outbox.account_id == office.place.people[Role.ADMINISTRATOR].account_id)
            .order_by(Outbox.id.desc())
        ).first()
    assert last is not None
    assert last["kept"]


def test_of_two_administrators_who_sleep_the_latest_seen_stays(app: Flask, office: Office) -> None:
    second = office.hire(Role.ADMINISTRATOR, "second administrateur", last_login_at=START - DAY)
    day(app, SUSPENDED - 14 * DAY, SUSPENDED - 4 * DAY, SUSPENDED)
    with app.app_context():
        held = db.session.scalars(select(Membership).where(Membership.account_id == second.account_id)).one()
        assert held.suspended_at is not None
        own = office.place.people[Role.ADMINISTRATOR].account_id
        assert (
            db.session.scalars(select(Membership).where(Membership.account_id == own)).one().suspended_at
            is None
        )


def test_a_role_just_given_is_not_suspended_for_the_login_of_before(app: Flask, office: Office) -> None:
    app.extensions["clock"].set(SUSPENDED - 20 * DAY)
    log_in(app, office.client, office.place.people[Role.ADMINISTRATOR])
    office.fill(office.url(Role.USER, "/roles/nouveau"), role="manager", reason="intérim")
    day(app, SUSPENDED - 14 * DAY, SUSPENDED - 3 * DAY, SUSPENDED)
    with app.app_context():
        held = db.session.scalars(
            select(Membership).where(
                Membership.account_id == office.place.people[Role.USER].account_id,
                Membership.role == "manager",
            )
        ).one()
        assert held.suspended_at is None


def test_the_convention_may_say_another_length(app: Flask, office: Office, world: World) -> None:
    with app.app_context():
        assert inactivity_of(office.place.partner_id) == "2 months"
        assert inactivity_of(world.here.partner_id) == "2 months"


class TestASuspendedRole:
    @pytest.fixture
    def asleep(self, app: Flask, office: Office) -> Office:
        with app.app_context(), transaction():
            db.session.execute(
                update(Membership)
                .where(Membership.role.in_(["correspondent", "security_officer"]))
                .values(suspended_at=START)
            )
        return office

    def test_gives_no_right_whatever_session_is_open(self, app: Flask, office: Office) -> None:
        person = office.place.people[Role.CORRESPONDENT]
        office.fill(office.url(person, "/roles/nouveau"), role="user", structure="accueil", reason="aussi")
        client = log_in(app, app.test_client(), person)
        assert client.get("/administration").status_code == 200
        with app.app_context(), transaction():
            db.session.execute(
                update(Membership).where(Membership.role == "correspondent").values(suspended_at=START)
            )
        assert client.get("/administration").status_code == 403
        assert client.get("/sollicitations").status_code == 200

    def test_alone_lets_nobody_in_and_says_why(self, app: Flask, asleep: Office) -> None:
        person = asleep.place.people[Role.CORRESPONDENT]
        with app.app_context(), pytest.raises(NotAllowed, match="suspendus"), transaction():
            open_session(person.account_id, now=START, lifetime=timedelta(hours=1))

    def test_takes_its_holder_off_the_desk(self, app: Flask, asleep: Office) -> None:
        place = asleep.place
        with app.app_context():
            listed = {role for person in people_of(place.partner_id) for role in person.roles}
            assert Role.CORRESPONDENT not in listed
            with pytest.raises(NotFound):
                check_member(place.partner_id, place.people[Role.CORRESPONDENT].account_id)
            assert not security_is_open(place.partner_id)

    def test_is_listed_and_restored_by_an_administrator(self, asleep: Office) -> None:
        line, _ = rows(asleep.client.get(f"{ACCOUNTS}?etat=suspended"), "Comptes")
        assert "Suspendu" in line["État"]
        page = asleep.url(Role.CORRESPONDENT)
        assert "Suspendu depuis le" in words(asleep.client.get(page))
        assert asleep.press(page, "/retablissement").status_code == 303
        assert "Suspendu depuis le" not in words(asleep.client.get(page))
        assert asleep.traces() == ["restored"]

    def test_once_restored_begins_two_months_anew(
        self, app: Flask, office: Office, clock: FrozenClock
    ) -> None:
        day(app, SUSPENDED - 14 * DAY, SUSPENDED - 3 * DAY, SUSPENDED)
        clock.set(SUSPENDED + DAY)
        log_in(app, office.client, office.place.people[Role.ADMINISTRATOR])
        office.press(office.url(Role.CORRESPONDENT), "/retablissement")
        day(app, SUSPENDED + 2 * DAY, SUSPENDED + 20 * DAY)
        assert "correspondent" not in suspended(office)
