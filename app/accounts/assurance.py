"""How surely ProConnect knows a person (the claim `acr`), and which roles that is enough for."""

from __future__ import annotations

from enum import StrEnum

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


class Verdict(StrEnum):
    """What becomes of someone whom ProConnect vouches for."""

    OPEN = "open"
    PENDING = "pending"  # no right yet: an administrator has to decide
    CLOSED = "closed"  # the account is disabled
    MOVED = "moved"  # no longer of the structure that the rights were given for
    TOO_WEAK = "too-weak"  # every role of the account asks for a surer sign-in


def verdict(
    *, active: bool, roles: frozenset[Role], known_siret: str | None, siret: str, acr: str
) -> Verdict:
    """What becomes of them, decided anew at each sign-in. `roles` are those of the account, all partners together."""
    if not active:
        return Verdict.CLOSED
    if not roles:
        return Verdict.PENDING
    if siret != known_siret:
        return Verdict.MOVED
    if not usable_roles(roles, by_proconnect=True, acr=acr):
        return Verdict.TOO_WEAK
    return Verdict.OPEN


def may_be_linked_by_email(*, is_local: bool, roles: frozenset[Role], acr: str) -> bool:
    """Whether an invited account may be given, once, to whoever first comes with its address.

    ProConnect does not verify addresses. A local account has an owner already, and an administrator's is worth
    too much; the other privileged ones ask for a sure sign-in.
    """
    if is_local or not roles or Role.ADMINISTRATOR in roles:
        return False
    return usable_roles(roles, by_proconnect=True, acr=acr) == roles
