"""A small world to act in: two partners, their conventions, their structures, one person per role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Account, Membership
from app.accounts.policy import Actor, Role, actor_holding
from app.accounts.sessions import open_session
from app.extensions import db
from app.infra.tx import transaction
from app.partners.loading import load_profile_into
from app.partners.models import Partner
from app.partners.profiles import load_catalogue, load_shipped_profiles
from app.partners.queries import conventions_of, partner_by_code
from app.partners.service import add_structure
from app.tickets import events as e
from app.tickets.models import Ticket
from app.tickets.service import file_ticket, perform
from app.tickets.vocabulary import IncidentType, Kind, Severity

BEFORE = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Person:
    account_id: int
    name: str
    email: str
    actor: Actor


@dataclass(frozen=True)
class Place:
    """One partner: its main convention, its structures by code, its people by role."""

    partner_id: int
    code: str
    convention_id: int
    structures: dict[str, int]
    people: dict[Role, Person]

    def actor(self, role: Role = Role.CORRESPONDENT) -> Actor:
        return self.people[role].actor


@dataclass(frozen=True)
class World:
    """`here` measures with contractual figures (pas-de-calais-2024); `there` is another partner."""

    here: Place
    there: Place


def make_world() -> World:
    """Needs an application context."""
    return World(
        here=make_place("pas-de-calais-2024", "pas-de-calais"), there=make_place("nord-2025", "nord")
    )


def make_place(profile_code: str, partner_code: str) -> Place:
    profile = load_shipped_profiles()[profile_code]
    with transaction():
        load_profile_into(profile, load_catalogue())
        partner = partner_by_code(partner_code)
        structures = {
            "accueil": add_structure(partner.id, code="accueil", name="Accueil", kind="service").id,
            "insertion": add_structure(
                partner.id, code="insertion", name="Insertion", kind="service", shares_tickets=True
            ).id,
            "delegataire": add_structure(
                partner.id, code="delegataire", name="Délégataire", kind="delegataire"
            ).id,
        }
        people = {role: make_person(partner, role, structures["accueil"]) for role in Role}
        convention = next(row for row in conventions_of(partner.id) if row.code == profile_code)
    return Place(partner.id, partner.code, convention.id, structures, people)


def make_person(partner: Partner, role: Role, structure_id: int | None = None, name: str = "") -> Person:
    """Someone with one role. Only users and integrators belong to a structure."""
    name = name or f"{role.value} {partner.code}"
    email = f"{name.replace(' ', '.')}@exemple.test"
    account = Account(email=email, name=name, active=True, created_at=BEFORE)
    db.session.add(account)
    db.session.flush()
    bound = structure_id if role in {Role.USER, Role.INTEGRATOR} else None
    db.session.add(Membership(partner_id=partner.id, account_id=account.id, role=role, structure_id=bound))
    db.session.flush()
    actor = actor_holding([(role, bound)], account_id=account.id, name=name, partner_id=partner.id)
    return Person(account.id, name, email, actor)


def filing(place: Place, **changes: object) -> e.Filed:
    """A filing by the place's user; an interruption unless told otherwise."""
    values: dict[str, object] = {
        "kind": Kind.INCIDENT,
        "subject": "Le suivi de parcours ne répond plus",
        "text": "Page blanche depuis ce matin.",
        "tools": ("suivi-de-parcours",),
        "structure_id": place.structures["accueil"],
        "reporter_id": place.people[Role.USER].account_id,
        "incident_type": IncidentType.AVAILABILITY,
        "severity": Severity.INTERRUPTION,
    }
    values.update(changes)
    if values["kind"] is not Kind.INCIDENT:
        values.update(incident_type=None, severity=None)
    return e.Filed(**values)  # type: ignore[arg-type]


def file(place: Place, *, now: datetime, role: Role = Role.USER, **changes: object) -> Ticket:
    """File a ticket and commit. Needs an application context."""
    with transaction():
        return file_ticket(filing(place, **changes), actor=place.actor(role), now=now)


def act(
    place: Place, ticket: Ticket | str, *steps: e.TicketEvent, now: datetime, role: Role = Role.CORRESPONDENT
) -> datetime:
    """Record events on a ticket, a minute apart from `now`; returns the minute after the last one."""
    reference = ticket if isinstance(ticket, str) else ticket.reference
    for step in steps:
        with transaction():
            perform(reference, step, actor=place.actor(role), now=now)
        now += timedelta(minutes=1)
    return now


def transmitted(place: Place, *, now: datetime, **changes: object) -> Ticket:
    """A ticket that France Travail has."""
    ticket = file(place, now=now, **changes)
    act(place, ticket, e.Transmitted(channel="Formulaire", text="…"), now=now)
    return ticket


def log_in(app: Flask, client: FlaskClient, person: Person, *, now: datetime | None = None) -> FlaskClient:
    """Open a session for the person without the login form, whose password check is slow on purpose."""
    moment = now or app.extensions["clock"].now()
    with app.app_context(), transaction():
        token = open_session(person.account_id, now=moment, lifetime=timedelta(hours=12), proven_at=moment)
    with client.session_transaction() as session:
        session["_user_id"] = token
        session["_fresh"] = True
    return client
