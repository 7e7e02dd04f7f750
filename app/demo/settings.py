"""What the administrators of the demonstration set: hours looked at, closures, contacts, addresses, a mail still owed.

Addresses and contacts are invented, and end in « .example ».
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from app.accounts.policy import Role
from app.demo.world import Place, World
from app.infra.tx import transaction
from app.partners.catalogue_edits import TOOL, retire
from app.partners.descriptions import HOURS, Subject, channel_subject, tool_subject
from app.partners.history import Author, keep_history, note_opening
from app.partners.interlocutors import add_contact, edit_channel
from app.partners.listing import channels_of
from app.partners.notices import note_sent, notices_of, save_contact
from app.partners.settings import add_closure
from app.partners.terms import OWN_SIDE

MAIN = {"nord": "nord-2025", "jalle-eau-bourde": "jalle-eau-bourde-2026"}


def set_up(world: World, until: datetime) -> None:
    """Everything as of some weeks before `until`, but the last change of contact, which is three days old."""
    for place in world.places:
        with transaction():
            _look_at_the_hours(place, until - timedelta(days=60))
            _close(place, until - timedelta(days=50))
            _complete_channels(place, until - timedelta(days=45))
            _name_contacts(place, until - timedelta(days=40))
            note_opening(_author(place, until - timedelta(days=90)), is_open=True)
    with transaction():
        _tell_france_travail(world.nord, until - timedelta(days=20))
        _change_a_contact(world.nord, until - timedelta(days=3))
        _retire_a_tool(world.nord, until - timedelta(days=30))


def _author(place: Place, now: datetime) -> Author:
    (administrator, *_) = place.with_role(Role.ADMINISTRATOR)
    return Author(place.partner_id, administrator.account_id, now)


def _look_at_the_hours(place: Place, now: datetime) -> None:
    keep_history(_author(place, now), HOURS, lambda: None, checking=True)


def _close(place: Place, now: datetime) -> None:
    """The two days that people expect: the end of the year, and the bridge of the Ascension to come."""
    year = now.year
    for first, last, label in (
        (date(year, 12, 24), date(year, 12, 31), "Fermeture de fin d’année"),
        (date(year + 1, 5, 7), date(year + 1, 5, 7), "Pont de l’Ascension"),
    ):
        keep_history(
            _author(place, now),
            None,
            lambda first=first, last=last, label=label: add_closure(  # type: ignore[misc]
                place.partner_id, first_day=first, last_day=last, label=label
            ),
        )


def _complete_channels(place: Place, now: datetime) -> None:
    for convention_id in place.conventions.values():
        for line in channels_of(place.partner_id, convention_id):
            if line.is_incomplete:
                keep_history(
                    _author(place, now),
                    channel_subject(convention_id, line.id),
                    lambda line=line: _address(place, line.id, line.number, now),  # type: ignore[misc]
                )


def _address(place: Place, channel_id: int, number: int, now: datetime) -> None:
    edit_channel(
        place.partner_id, channel_id, now=now, url=f"https://sollicitations-{number}.france-travail.example/"
    )


def _name_contacts(place: Place, now: datetime) -> None:
    """As the signed annexes give them: no mail is owed for these."""
    convention_id = place.conventions[MAIN[place.code]]
    for label, role in (
        ("Correspondant SI", "own_correspondent"),
        ("Responsable de gestion de comptes", "own_account_manager"),
    ):
        add_contact(
            place.partner_id,
            convention_id,
            now=now,
            side=OWN_SIDE,
            label=label,
            role=role,
            email=f"{role.removeprefix('own_').replace('_', '-')}@{place.code}.example",
        )
    add_contact(
        place.partner_id,
        convention_id,
        now=now,
        role="governance",
        label="Comité de suivi de la convention (exemple)",
        email="gouvernance@france-travail.example",
    )


def _tell_france_travail(place: Place, now: datetime) -> None:
    """A deputy who joined, told the next day."""
    convention_id = place.conventions[MAIN[place.code]]
    _change(place, now, "Correspondant SI suppléant", "own_correspondent")
    (notice,) = notices_of(place.partner_id, convention_id=convention_id, waiting=True)
    day = (now + timedelta(days=1)).date()
    note_sent(_author(place, now + timedelta(days=1)), convention_id, notice.number, sent_on=day, today=day)


def _change_a_contact(place: Place, now: datetime) -> None:
    """One whose mail is still to be sent."""
    _change(place, now, "Délégué à la protection des données", "own_dpd")


def _change(place: Place, now: datetime, label: str, role: str) -> None:
    convention_id = place.conventions[MAIN[place.code]]

    def act() -> Subject:
        return save_contact(
            place.partner_id,
            convention_id,
            None,
            now=now,
            side=OWN_SIDE,
            label=label,
            role=role,
            email=f"{role.removeprefix('own_')}-nouveau@{place.code}.example",
            valid_from=(now + timedelta(days=10)).date(),
        )

    keep_history(_author(place, now), None, act)


def _retire_a_tool(place: Place, now: datetime) -> None:
    keep_history(
        _author(place, now),
        tool_subject("api-jtmo"),
        lambda: retire(place.partner_id, TOOL, "api-jtmo", now=now),
    )
