"""How surely ProConnect knows a person (the claim `acr`), and which roles that is enough for."""

from __future__ import annotations

from app.accounts.policy import Role

ACCEPTED_ACR = ("eidas0-mfa", "eidas1-mfa", "eidas2", "eidas3")
STRONG_ACR = ("eidas2", "eidas3")
# With « eidas1-mfa » the second factor may be a code sent by mail: whoever reads the mailbox has both.
STRONG_ROLES = frozenset({Role.ADMINISTRATOR, Role.SECURITY_OFFICER, Role.DATA_PROTECTION_OFFICER})


def usable_roles(roles: frozenset[Role], *, by_proconnect: bool, acr: str) -> frozenset[Role]:
    """The roles that a session may use. The others are left out of its actor, hence of every door, object
    and query, rather than refused page by page.
    """
    if not by_proconnect or acr in STRONG_ACR:
        return roles
    return roles - STRONG_ROLES if acr in ACCEPTED_ACR else frozenset()
