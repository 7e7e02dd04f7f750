"""The people of the demonstration beside their tickets: who came, left, is away, sleeps; a review, deeds, a notice.

As everything of the tale, it goes through the services, each act at the time at which it would have happened.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.accounts.absences import declare_absence
from app.accounts.departures import plan_departure
from app.accounts.idleness import suspend_what_sleeps
from app.accounts.invitations import invite
from app.accounts.life import PRIVILEGED
from app.accounts.life_models import ReviewLine
from app.accounts.models import Account, Membership
from app.accounts.policy import Actor, Role
from app.accounts.review_rules import Decision
from app.accounts.reviews import close_review, decide, start_review
from app.accounts.rgc import record_deed
from app.demo.world import Person, Place, World
from app.extensions import db
from app.infra.tx import transaction
from app.partners.models import Partner

DAY = timedelta(days=1)
# How long ago people last signed in: those who have a desk, and those who file twice a year.
DESK_LOGINS = (0, 1, 2, 0, 4, 1, 6)
AGENT_LOGINS = (1, 12, 40, 3, 95, 150, 21)


def live_careers(world: World, until: datetime) -> None:
    """What became of the people of both partners by `until`."""
    with transaction():
        _sign_in(world.nord, until - 200 * DAY)
        _review(world.nord, until - 200 * DAY)
        for place in world.places:
            _sign_in(place, until)
        _come_and_go(world.nord, until)
        _commit_account_managers(world.nord, until)


def _sign_in(place: Place, until: datetime) -> None:
    for rank, person in enumerate(place.people):
        desk = bool(person.actor.roles & PRIVILEGED)
        logins = DESK_LOGINS if desk else AGENT_LOGINS
        days = logins[rank % len(logins)]
        _account(person).last_login_at = until - days * DAY - timedelta(minutes=17 * rank)


def _review(place: Place, began: datetime) -> None:
    """Last year's review, in which every right was confirmed."""
    actor = _administrator(place)
    campaign = start_review(actor=actor, now=began)
    numbers = db.session.scalars(select(ReviewLine.number).where(ReviewLine.campaign_id == campaign.id)).all()
    decide(campaign, numbers, Decision.CONFIRMED, reason="", actor=actor, now=began + DAY)
    close_review(campaign, actor=actor, now=began + DAY)


def _come_and_go(place: Place, until: datetime) -> None:
    actor, zone = _administrator(place), _zone(place)
    former = _invite(place, "Correspondant SI sortant", "sortant", Role.CORRESPONDENT, until - 190 * DAY)
    former.last_login_at = until - 33 * DAY
    gone = until - 30 * DAY
    day = gone.astimezone(zone).date()
    plan_departure(former, day, today=day, reason="fin de mission", actor=actor, now=gone)
    sleeper = _invite(place, "Responsable du suivi suppléant", "suivi2", Role.MANAGER, until - 150 * DAY)
    sleeper.last_login_at = until - 90 * DAY
    held = db.session.scalars(select(Membership).where(Membership.account_id == sleeper.id)).one()
    held.in_force_since, held.warned_at = until - 150 * DAY, until - 32 * DAY
    suspend_what_sleeps(place.partner_id, zone=zone, now=until - 28 * DAY)
    _invite(place, "Agent d’accueil, nouveau poste", "agent-nouveau", Role.USER, until - 2 * DAY, "accueil")


def _commit_account_managers(place: Place, until: datetime) -> None:
    holder, deputy = place.with_role(Role.ACCOUNT_MANAGER)[:2]
    today = until.astimezone(_zone(place)).date()
    for person, is_deputy in ((holder, False), (deputy, True)):
        record_deed(
            _account(person),
            today - 300 * DAY,
            f"AE-{today.year - 1}-{'02' if is_deputy else '01'}",
            deputy=is_deputy,
            today=today,
            actor=_administrator(place),
            now=until - 299 * DAY,
        )
    declare_absence(
        _account(holder),
        today + 20 * DAY,
        today + 110 * DAY,
        deputy.account_id,
        tell_cssi=True,
        today=today,
        actor=holder.actor,
        now=until - timedelta(hours=3),
    )


def _invite(
    place: Place, name: str, address: str, role: Role, now: datetime, structure: str | None = None
) -> Account:
    return invite(
        name,
        f"{address}@{place.code}-demo.example",
        role,
        place.structures[structure] if structure else None,
        reason="",
        actor=_administrator(place),
        now=now,
    )


def _account(person: Person) -> Account:
    return db.session.get_one(Account, person.account_id)


def _administrator(place: Place) -> Actor:
    return place.with_role(Role.ADMINISTRATOR)[0].actor


def _zone(place: Place) -> ZoneInfo:
    return ZoneInfo(db.session.get_one(Partner, place.partner_id).time_zone)
