"""Settings to act upon: a closure, own tools, an import that waits, a contact that changed."""

from __future__ import annotations

from datetime import date, datetime

from app.accounts.policy import Role
from app.infra.tx import transaction
from app.partners.catalogue_edits import add_platform, add_tool
from app.partners.notices import save_contact
from app.partners.settings import add_closure
from app.partners.structure_import import keep_file
from tests.factories import Place

FILE = "Nom;Nature\r\nMaison de l’insertion;service\r\nSans nature;planète\r\n"


def settings_to_walk(place: Place, *, now: datetime) -> dict[str, str]:
    """One of each thing that the administration edits. Needs an application context."""
    administrator = place.people[Role.ADMINISTRATOR].account_id
    with transaction():
        add_closure(place.partner_id, first_day=date(2026, 5, 15), last_day=date(2026, 5, 15), label="Pont")
        platform = add_platform(
            place.partner_id, name="Extranet", login=None, channel="Formulaire", channel_url=None
        ).key
        tool = add_tool(place.partner_id, name="Suivi local", kind="application", platform=platform).key
        waiting = keep_file(place.partner_id, administrator, "structures.csv", FILE.encode(), now=now)
        new_own_contact(place, now=now)
    return {"platform": platform, "tool": tool, "import": waiting}


def new_own_contact(place: Place, *, now: datetime, label: str = "Correspondant SI") -> None:
    """A contact of the partner, from a day after the convention was signed: a mail is owed."""
    save_contact(
        place.partner_id,
        place.convention_id,
        None,
        now=now,
        label=label,
        role="own_correspondent",
        side="partner",
        email="correspondant@exemple.test",
        valid_from=date(2026, 4, 1),
    )
