"""Who comes by ProConnect: one agent whom an administrator invited, and two whom nobody expected.

They have no password. Where ProConnect is configured, the agent can sign in with the address given here.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from app.accounts.federation import settle
from app.accounts.openid import Person, Proof
from app.accounts.policy import Role
from app.accounts.proconnect import Identity
from app.accounts.service import add_membership, create_account
from app.demo.world import World
from app.infra.tx import transaction

ISSUER = "https://federation.example/api/v2"
INVITED = "agent.invite@nord-demo.example"
NORD_SIRET = "22590001801244"
EXPECTED_BY_NOBODY = (
    Person(
        NORD_SIRET,
        "agent.insertion@nord-demo.example",
        "Agent d’insertion 9",
        "Département du Nord (exemple)",
    ),
    Person(
        "22590001800014",
        "accueil.territorial@nord-demo.example",
        "Agent d’accueil territorial",
        "Maison départementale (exemple)",
    ),
)


def bring_newcomers(world: World, now: datetime) -> None:
    """An invitation not answered yet, and two arrivals of the last days that wait for an administrator."""
    with transaction():
        account = create_account("Agent invité", INVITED, now=now)
        add_membership(account.id, world.nord.partner_id, Role.USER)
    for days, person in enumerate(EXPECTED_BY_NOBODY, start=1):
        identity = Identity(ISSUER, Proof(f"demonstration-{days}", "eidas1-mfa", None), person, "")
        with transaction():
            settle(identity, now=now - timedelta(days=days))
