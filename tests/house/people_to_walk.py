"""What the walk of the routes needs of people: someone's page, an arrival, an absence, a review, a notice."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.accounts.absences import declare_absence
from app.accounts.departures import plan_departure
from app.accounts.federation_models import Arrival
from app.accounts.life_models import CssiNotice
from app.accounts.models import Account, FederatedIdentity
from app.accounts.policy import Role
from app.accounts.reviews import start_review
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.reference import new_reference
from app.partners.queries import find_convention
from tests.factories import Place

OLD_SIRET, NEW_SIRET = "22590001801244", "21620001400018"


def people_to_walk(place: Place, *, now: datetime) -> dict[str, str]:
    """The references that the table names. `{person}` is the user of the walk, `{manager}` its account manager."""
    administrator, today = place.actor(Role.ADMINISTRATOR), now.date()
    with transaction():
        user, manager = _account(place, Role.USER), _account(place, Role.ACCOUNT_MANAGER)
        # The convention of the walk knows no account manager: without this nothing is owed to the CSSI.
        find_convention(place.partner_id, place.convention_id).settings = {"accounts": {"source": "annexe 1"}}
        absence = declare_absence(
            user, today, None, None, tell_cssi=False, today=today, actor=administrator, now=now
        )
        leaves_on = today + timedelta(days=30)
        plan_departure(manager, leaves_on, today=today, reason="mutation", actor=administrator, now=now)
        start_review(actor=administrator, now=now)
        of_place = db.select(CssiNotice).where(CssiNotice.partner_id == place.partner_id)
        notice = db.session.scalars(of_place).one()
        return {
            "person": user.reference,
            "manager": manager.reference,
            "absence": absence.reference,
            "notice": notice.reference,
            "moved": _moved(user, now),
            "mover": _moved(_account(place, Role.MANAGER), now),
        }


def _account(place: Place, role: Role) -> Account:
    return db.session.get_one(Account, place.people[role].account_id)


def _moved(account: Account, now: datetime) -> str:
    """ProConnect brought this person from another structure than the one that their rights are for."""
    db.session.add(
        FederatedIdentity(
            issuer="https://fi.test",
            sub=account.reference,
            account_id=account.id,
            siret=OLD_SIRET,
            linked_at=now,
        )
    )
    arrival = Arrival(
        reference=new_reference(),
        account_id=account.id,
        siret=NEW_SIRET,
        email=None,
        organization="Une autre structure",
        is_new=False,
        arrived_at=now,
        last_seen_at=now,
    )
    db.session.add(arrival)
    db.session.flush()
    return arrival.reference
