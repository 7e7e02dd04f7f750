"""Administering people in tests: as a browser without JavaScript does, in the partner « nord » (`world.there`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.models import Account, LoginSession, Membership
from app.accounts.policy import Role
from app.extensions import db
from app.infra.tx import transaction
from app.journal.technical import Trace, TraceRow
from app.notifications.models import Outbox
from app.partners.models import Partner
from tests.factories import Person, Place, World, log_in, make_person
from tests.partners.pages import filled, soup

ACCOUNTS = "/administration/comptes"


@dataclass(frozen=True)
class Office:
    """An administrator at work, signed in, and the people of their partner."""

    app: Flask
    client: FlaskClient
    place: Place

    def reference(self, who: Role | Person) -> str:
        person = self.place.people[who] if isinstance(who, Role) else who
        with self.app.app_context():
            return db.session.get_one(Account, person.account_id).reference

    def url(self, who: Role | Person, rest: str = "") -> str:
        return f"{ACCOUNTS}/{self.reference(who)}{rest}"

    def fill(self, url: str, /, **typed: str | list[str]) -> TestResponse:
        """Open the page of a form, fill the form in, and send it."""
        return self.client.post(url, data={**filled(self.client, url), **typed})

    def press(self, page: str, end: str) -> TestResponse:
        """Press the button of a page whose form leads to an address that ends so."""
        for form in soup(self.client.get(page)).select("main form[method=post]"):
            if str(form["action"]).endswith(end):
                values = {str(field["name"]): str(field["value"]) for field in form.select("input[name]")}
                return self.client.post(str(form["action"]), data=values)
        raise AssertionError(f"no button of {page} leads to {end}")

    def hire(self, role: Role, name: str, **more: datetime | None) -> Person:
        """One more person, with that role; `more` are columns of their account."""
        with self.app.app_context(), transaction():
            person = make_person(db.session.get_one(Partner, self.place.partner_id), role, name=name)
            for column, value in more.items():
                setattr(db.session.get_one(Account, person.account_id), column, value)
        return person

    def roles(self, who: Role | Person) -> set[tuple[str, int | None]]:
        """The roles of someone in the partner, with their structures."""
        account_id = (self.place.people[who] if isinstance(who, Role) else who).account_id
        with self.app.app_context():
            rows = db.session.execute(
                select(Membership.role, Membership.structure_id).where(
                    Membership.account_id == account_id, Membership.partner_id == self.place.partner_id
                )
            )
            return {(role, structure_id) for role, structure_id in rows}

    def letters(self) -> list[tuple[str, str]]:
        """What is owed by mail and is about no ticket: (template, name of the recipient), in order."""
        with self.app.app_context():
            rows = db.session.execute(
                select(Outbox.template, Account.name)
                .join(Account, Account.id == Outbox.account_id)
                .where(Outbox.subject_id.is_(None))
                .order_by(Outbox.id)
            )
            return [(template, name) for template, name in rows]

    def traces(self, trace: Trace = Trace.RIGHTS_CHANGED) -> list[str]:
        with self.app.app_context():
            query = select(TraceRow.what).where(
                TraceRow.trace == trace, TraceRow.partner_id == self.place.partner_id
            )
            return list(db.session.scalars(query.order_by(TraceRow.id)))

    def sessions(self, who: Role | Person) -> int:
        account_id = (self.place.people[who] if isinstance(who, Role) else who).account_id
        with self.app.app_context():
            query = select(func.count()).where(LoginSession.account_id == account_id)
            return db.session.scalar(query) or 0


def open_office(app: Flask, world: World, client: FlaskClient) -> Office:
    place = world.there
    return Office(app, log_in(app, client, place.people[Role.ADMINISTRATOR]), place)


def told(answer: TestResponse) -> list[str]:
    """The refusals of a form, as they are read at its head."""
    assert answer.status_code == 422, answer.status_code
    return [" ".join(item.get_text().split()) for item in soup(answer).select("#erreurs li")]


def day(moment: datetime, days: int = 0) -> str:
    """A day from now, as a browser sends it."""
    return (moment + timedelta(days=days)).date().isoformat()
