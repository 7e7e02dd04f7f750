from __future__ import annotations

import pytest

from app.accounts.assurance import (
    ACCEPTED_ACR,
    STRONG_ACR,
    STRONG_ROLES,
    Verdict,
    may_be_linked_by_email,
    usable_roles,
    verdict,
)
from app.accounts.policy import Role

USER, MANAGER, ADMINISTRATOR = Role.USER, Role.MANAGER, Role.ADMINISTRATOR
SIRET, OTHER = "22590001801244", "20009433200018"


@pytest.mark.parametrize("acr", ACCEPTED_ACR)
def test_privileged_roles_serve_in_a_sure_sign_in_only(acr: str) -> None:
    usable = usable_roles(frozenset(Role), by_proconnect=True, acr=acr)
    assert usable == (frozenset(Role) if acr in STRONG_ACR else frozenset(Role) - STRONG_ROLES)
    assert {ADMINISTRATOR, Role.SECURITY_OFFICER, Role.DATA_PROTECTION_OFFICER} == STRONG_ROLES


@pytest.mark.parametrize("acr", ["", "eidas1", "EIDAS2"])
def test_nothing_serves_in_a_sign_in_that_we_do_not_know(acr: str) -> None:
    assert usable_roles(frozenset(Role), by_proconnect=True, acr=acr) == frozenset()


def test_a_local_sign_in_has_its_own_second_factor() -> None:
    assert usable_roles(frozenset(Role), by_proconnect=False, acr="") == frozenset(Role)


@pytest.mark.parametrize(
    ("active", "roles", "siret", "acr", "expected"),
    [
        (True, {USER}, SIRET, "eidas1-mfa", Verdict.OPEN),
        (True, {USER, ADMINISTRATOR}, SIRET, "eidas1-mfa", Verdict.OPEN),
        (True, {ADMINISTRATOR}, SIRET, "eidas1-mfa", Verdict.TOO_WEAK),
        (True, {ADMINISTRATOR}, SIRET, "eidas3", Verdict.OPEN),
        (True, set(), SIRET, "eidas3", Verdict.PENDING),
        (True, {USER}, OTHER, "eidas3", Verdict.MOVED),
        (False, {USER}, SIRET, "eidas3", Verdict.CLOSED),
        (False, set(), OTHER, "eidas3", Verdict.CLOSED),
    ],
)
def test_what_becomes_of_someone(
    active: bool, roles: set[Role], siret: str, acr: str, expected: Verdict
) -> None:
    found = verdict(active=active, roles=frozenset(roles), known_siret=SIRET, siret=siret, acr=acr)
    assert found is expected


@pytest.mark.parametrize(
    ("is_local", "roles", "acr", "expected"),
    [
        (False, {USER, MANAGER}, "eidas1-mfa", True),
        (True, {USER}, "eidas3", False),
        (False, set(), "eidas3", False),
        (False, {USER, ADMINISTRATOR}, "eidas3", False),
        (False, {Role.SECURITY_OFFICER}, "eidas1-mfa", False),
        (False, {Role.SECURITY_OFFICER}, "eidas2", True),
    ],
)
def test_an_address_links_an_invited_account_only(
    is_local: bool, roles: set[Role], acr: str, expected: bool
) -> None:
    assert may_be_linked_by_email(is_local=is_local, roles=frozenset(roles), acr=acr) is expected
