"""The two partners of the demonstration: their conventions, their structures, and forty functions without a name.

What the real conventions do not publish is invented here, said to be so, and ends in « .example », a domain
that nobody can own (RFC 2606).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from app.accounts.models import Account
from app.accounts.passwords import hash_password
from app.accounts.policy import Actor, Role, actor_holding
from app.accounts.queries import account_by_email
from app.accounts.service import add_membership, create_account, set_password
from app.deadlines.delays import Delay, Unit
from app.demo.people import JALLE, NORD, PlaceSpec, Seat
from app.partners.interlocutors import add_contact
from app.partners.loading import Copy, load_profile_into
from app.partners.profiles import load_catalogue, load_shipped_profiles
from app.partners.queries import conventions_of, partner_by_code, tools_of
from app.partners.service import add_commitment_version, add_structure
from app.partners.terms import CommitmentTerms

# Made of words without relation, long enough for an administrator. README.md and `make demo` tell it.
PASSWORD = "tilleul-quai-nuage-42"  # noqa: S105 - the demonstration's own, published on purpose
EMPLOYERS = "nord-employeurs-2026"
EMPLOYERS_FROM = date(2026, 1, 1)
JALLE_FROM = date(2026, 4, 14)


@dataclass(frozen=True)
class Person:
    """Someone who acts. `structure` and `tools` are those of the structure they work for, if any."""

    account_id: int
    actor: Actor
    structure: str | None
    tools: frozenset[str]


@dataclass(frozen=True)
class Place:
    """A partner with its people."""

    code: str
    name: str
    partner_id: int
    conventions: dict[str, int]
    structures: dict[str, int]
    people: tuple[Person, ...]

    def with_role(self, role: Role) -> list[Person]:
        return [person for person in self.people if role in person.actor.roles]

    def users_of(self, tool: str) -> list[Person]:
        return [person for person in self.with_role(Role.USER) if tool in person.tools]

    def structure_id(self, person: Person) -> int | None:
        return self.structures[person.structure] if person.structure else None


@dataclass(frozen=True)
class World:
    nord: Place
    jalle: Place

    @property
    def places(self) -> tuple[Place, Place]:
        return self.nord, self.jalle


def make_world(now: datetime) -> World:
    """Create everything but the tickets, as of `now`, in the caller's transaction."""
    _load_conventions(now)
    password_hash = hash_password(PASSWORD)
    return World(_settle(NORD, password_hash, now), _settle(JALLE, password_hash, now))


def _load_conventions(now: datetime) -> None:
    profiles, catalogue = load_shipped_profiles(), load_catalogue()
    load_profile_into(profiles["nord-2025"], catalogue)
    load_profile_into(profiles["jalle-eau-bourde-2026"], catalogue)
    model = Copy(partner_code="nord", code=EMPLOYERS, starts_on=EMPLOYERS_FROM)
    load_profile_into(profiles["jalle-eau-bourde-2026"], catalogue, copy=model)
    nord = partner_by_code("nord").id
    by_code = {row.code: row.id for row in conventions_of(nord)}
    add_commitment_version(nord, by_code[EMPLOYERS], _particular_conditions(), now=now)
    for rank, label in enumerate(_NEXT_CONTACTS, start=2):
        add_contact(
            nord,
            by_code["nord-2025"],
            now=now,
            role="other",
            label=label,
            rank=rank,
            email=f"relance.{rank}@france-travail.example",
        )


# Annexe 2 bis is to be filled in by each partner: these two steps of the relances are invented.
_NEXT_CONTACTS = (
    "Responsable du support aux partenaires (exemple)",
    "Référent de la convention en direction régionale (exemple)",
)


def _particular_conditions() -> CommitmentTerms:
    """A contractual figure, planned and suspended at need: no published convention has one for this tool."""
    return CommitmentTerms(
        code="return-campagnes",
        clock="return-to-service",
        applies_to="application",
        delay=Delay(8, Unit.WORKING_DAYS),
        starts="incident signalé par le partenaire, ou détecté par France Travail",
        stops="service rétabli, une fois testé et validé par le partenaire",
        owed_by="france-travail",
        source="conditions particulières de l’outil (exemple de la démonstration)",
        plannable=True,
        suspendable=True,
        tool="campagnes-coordonnees",
        valid_from=EMPLOYERS_FROM,
    )


def _settle(spec: PlaceSpec, password_hash: str, now: datetime) -> Place:
    partner = partner_by_code(spec.partner)
    partner_id = partner.id
    structures = {
        structure.code: add_structure(
            partner_id,
            code=structure.code,
            name=structure.name,
            kind=structure.kind,
            shares_tickets=structure.shares,
            tool_codes=structure.tools,
        ).id
        for structure in spec.structures
    }
    people = [_person(partner_id, structures, seat, password_hash, now) for seat in spec.seats]
    return Place(
        code=partner.code,
        name=partner.name,
        partner_id=partner_id,
        conventions={row.code: row.id for row in conventions_of(partner_id)},
        structures=structures,
        people=tuple(people),
    )


def _person(
    partner_id: int, structures: dict[str, int], seat: Seat, password_hash: str, now: datetime
) -> Person:
    """The same address in both partners is the same person."""
    structure_id = structures[seat.structure] if seat.structure else None
    account = account_by_email(seat.email) or _account(seat, password_hash, now)
    for role in seat.roles:
        add_membership(account.id, partner_id, role, structure_id)
    held = [(role, structure_id) for role in seat.roles]
    actor = actor_holding(held, account_id=account.id, name=account.name, partner_id=partner_id)
    tools = frozenset(tool.code for tool in tools_of(partner_id, structure_id))
    return Person(account.id, actor, seat.structure, tools)


def _account(seat: Seat, password_hash: str, now: datetime) -> Account:
    account = create_account(seat.name, seat.email, now=now)
    set_password(account.id, password_hash)
    return account
