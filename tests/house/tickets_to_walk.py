"""What the walk of the routes needs of tickets: one of each kind of nearness to the person who walks, and its file."""

from __future__ import annotations

import hashlib
from datetime import datetime

from app.accounts.models import Membership
from app.accounts.policy import Actor, Role
from app.accounts.service import add_membership
from app.extensions import db
from app.files.models import Attachment
from app.infra.tx import transaction
from app.partners.models import Partner, StructureTool, Tool
from app.tickets import events as e
from app.tickets.models import Ticket, TicketGrant
from app.tickets.service import file_ticket
from app.tickets.vocabulary import IncidentType, Kind
from tests.factories import Place, act, filing, make_person

API, OTHER_API = "api-statut-usager", "api-recherche-usager"


def tickets_to_walk(place: Place, *, now: datetime) -> dict[str, str]:
    """The references that the table names, and one file of each ticket that has one there.

    The user of the walk works at « accueil », whose people do not see one another's tickets, and at
    « insertion », whose people do. The publisher of the walk looks after `API` only.
    """
    colleague = _settle(place)

    def filed(by: Actor, structure: str = "accueil", **changes: object) -> Ticket:
        event = filing(place, reporter_id=by.account_id, structure_id=place.structures[structure], **changes)
        with transaction():
            return file_ticket(event, actor=by, now=now)

    def of_api(by: Actor, api: str) -> Ticket:
        application = {"incident_type": IncidentType.APPLICATION, "severity": None}
        return filed(by, tools=(api,), **application)

    user = place.actor(Role.USER)
    found = {
        "elsewhere": filed(colleague, "delegataire", kind=Kind.QUESTION),
        "colleague": filed(colleague, kind=Kind.QUESTION),
        "neighbour": filed(colleague, "insertion", kind=Kind.QUESTION),
        "own": filed(user, kind=Kind.QUESTION),
        "request": filed(user, kind=Kind.ACCESS),
        "ongoing": filed(user),
        "unshared": of_api(colleague, API),
        "shared": of_api(user, API),
        "other_api": of_api(colleague, OTHER_API),
        "case": filed(user, kind=Kind.SECURITY, tools=()),
        "foreign_case": filed(colleague, "insertion", kind=Kind.SECURITY, tools=()),
    }
    for name in ("shared", "other_api"):
        act(place, found[name], e.IntegratorsShared(shared=True), now=now)
    files = {f"{name}_file": _attach(ticket, name) for name, ticket in found.items()}
    files["internal_file"] = _attach(found["own"], "internal", internal=True)
    _open_to(place.people[Role.ACCOUNT_MANAGER].account_id, found["foreign_case"])
    return {name: ticket.reference for name, ticket in found.items()} | files


def _settle(place: Place) -> Actor:
    """The user works at a second structure, the publisher looks after one API; a colleague arrives."""
    user, publisher = (place.people[role].account_id for role in (Role.USER, Role.INTEGRATOR))
    with transaction():
        add_membership(user, place.partner_id, Role.USER, place.structures["insertion"])
        held = db.session.scalars(db.select(Membership).where(Membership.account_id == publisher)).one()
        held.structure_id = place.structures["delegataire"]
        api = db.session.scalars(db.select(Tool).where(Tool.code == API)).one()
        db.session.add(StructureTool(structure_id=held.structure_id, tool_id=api.id))
        partner = db.session.get_one(Partner, place.partner_id)
        return make_person(partner, Role.USER, place.structures["accueil"], f"collègue {partner.code}").actor


def _attach(ticket: Ticket, name: str, *, internal: bool = False) -> str:
    public_id = f"file-{ticket.reference}-{name}".replace("_", "-")
    with transaction():
        db.session.add(
            Attachment(
                partner_id=ticket.partner_id,
                subject_id=ticket.id,
                sequence=1,
                public_id=public_id,
                name="capture.txt",
                media_type="text/plain",
                size=1,
                sha256=hashlib.sha256(b"x").hexdigest(),
                content=b"x",
                internal=internal,
                uploaded_by=ticket.reporter_id,
                created_at=ticket.filed_at,
            )
        )
    return public_id


def _open_to(account_id: int, case: Ticket) -> None:
    """The case is opened to this person by name."""
    with transaction():
        db.session.add(TicketGrant(ticket_id=case.id, account_id=account_id))
