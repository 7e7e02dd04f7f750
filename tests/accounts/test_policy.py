from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from app.accounts.policy import (
    GRANTS,
    ROLE_LABELS,
    Actor,
    Permission,
    Reach,
    Role,
    Scope,
    actor_holding,
    can,
    check,
    reaches,
    system_actor,
)
from app.kernel.errors import NotAllowed, NotFound

P = Permission

ME, COLLEAGUE, HOME, ELSEWHERE = 1, 2, 10, 20
STAFF = frozenset(Role) - {Role.INTEGRATOR}

MINE = Scope(HOME, kind="incident", reporter_id=ME)
COLLEAGUES = Scope(HOME, kind="incident", reporter_id=COLLEAGUE, structure_id=5)
IN_MY_SHARING_STRUCTURE = replace(COLLEAGUES, structure_shares=True)
ACCESS = replace(COLLEAGUES, kind="access")
SHARED_API = replace(COLLEAGUES, shared_with_integrators=True)
PERSON_ASKS = replace(COLLEAGUES, kind="data-subject-request")
RESTRICTED = Scope(HOME, kind="security", restricted=True, reporter_id=COLLEAGUE, structure_id=5)
RESTRICTED_BREACH = replace(RESTRICTED, personal_data=True)
MY_RESTRICTED = replace(RESTRICTED, reporter_id=ME)
GRANTED_TO_ME = replace(RESTRICTED, granted_account_ids=frozenset({ME}))
HIDDEN_WHATEVER_ELSE = replace(
    RESTRICTED, kind="access", structure_shares=True, shared_with_integrators=True, personal_data=False
)


def actor(*roles: Role, structure: int = 5) -> Actor:
    return Actor(ME, "Agent", HOME, frozenset(roles), frozenset({structure}))


def roles_that_can(permission: Permission, thing: Scope) -> set[Role]:
    return {role for role in Role if can(actor(role), permission, thing)}


OFFICES = {Role.CORRESPONDENT, Role.MANAGER}

READERS = [
    (MINE, STAFF),
    (COLLEAGUES, OFFICES),
    (IN_MY_SHARING_STRUCTURE, STAFF),
    (ACCESS, OFFICES | {Role.ACCOUNT_MANAGER}),
    (SHARED_API, OFFICES | {Role.INTEGRATOR}),
    (PERSON_ASKS, OFFICES | {Role.DATA_PROTECTION_OFFICER}),
    (RESTRICTED, {Role.SECURITY_OFFICER}),
    (RESTRICTED_BREACH, {Role.SECURITY_OFFICER, Role.DATA_PROTECTION_OFFICER}),
    (MY_RESTRICTED, {Role.SECURITY_OFFICER}),
    (GRANTED_TO_ME, set(Role)),
    (HIDDEN_WHATEVER_ELSE, {Role.SECURITY_OFFICER}),
]


@pytest.mark.parametrize(("thing", "readers"), READERS)
def test_who_reads_which_ticket(thing: Scope, readers: set[Role]) -> None:
    assert roles_that_can(P.TICKET_READ, thing) == readers
    assert roles_that_can(P.ATTACHMENT_READ, thing) == readers


HANDLERS = [
    (MINE, {Role.CORRESPONDENT}),
    (COLLEAGUES, {Role.CORRESPONDENT}),
    (ACCESS, {Role.CORRESPONDENT}),
    (PERSON_ASKS, {Role.CORRESPONDENT, Role.DATA_PROTECTION_OFFICER}),
    (RESTRICTED, {Role.SECURITY_OFFICER}),
    (RESTRICTED_BREACH, {Role.SECURITY_OFFICER, Role.DATA_PROTECTION_OFFICER}),
    (GRANTED_TO_ME, {Role.SECURITY_OFFICER}),
]


@pytest.mark.parametrize(("thing", "handlers"), HANDLERS)
def test_who_handles_which_ticket(thing: Scope, handlers: set[Role]) -> None:
    assert roles_that_can(P.TICKET_HANDLE, thing) == handlers


def test_access_requests_are_also_the_account_managers() -> None:
    assert roles_that_can(P.TICKET_HANDLE_ACCESS, ACCESS) == {Role.CORRESPONDENT, Role.ACCOUNT_MANAGER}
    assert not can(actor(Role.ACCOUNT_MANAGER), P.TICKET_HANDLE_ACCESS, COLLEAGUES)


def test_the_reporter_of_a_restricted_ticket_keeps_a_receipt_and_nothing_else() -> None:
    me = actor(Role.USER)
    on_my_restricted_ticket = {
        permission for permission in _about_tickets() if can(me, permission, MY_RESTRICTED)
    }
    assert on_my_restricted_ticket == {P.TICKET_RECEIPT}


def test_internal_comments_are_never_for_users_nor_integrators() -> None:
    for thing in (MINE, IN_MY_SHARING_STRUCTURE, SHARED_API):
        for role in (Role.USER, Role.INTEGRATOR, Role.ADMINISTRATOR):
            assert not can(actor(role), P.TICKET_READ_INTERNAL, thing)
            assert not can(actor(role), P.TICKET_COMMENT_INTERNAL, thing)


def test_the_manager_reads_and_never_writes() -> None:
    manager = actor(Role.MANAGER)
    writing = {P.TICKET_COMMENT, P.TICKET_COMMENT_INTERNAL, P.TICKET_HANDLE, P.TICKET_CONFIRM}
    assert can(manager, P.TICKET_READ_INTERNAL, COLLEAGUES)
    assert not any(can(manager, permission, COLLEAGUES) for permission in writing)


def test_the_protected_field_is_for_correspondents_only() -> None:
    things = [thing for thing, _ in READERS]
    for role, thing in product(Role, things):
        allowed = role is Role.CORRESPONDENT and not thing.restricted
        assert can(actor(role), P.PROTECTED_FIELD_READ, thing) == allowed


def test_a_user_confirms_only_what_they_reported() -> None:
    assert can(actor(Role.USER), P.TICKET_CONFIRM, MINE)
    assert not can(actor(Role.USER), P.TICKET_CONFIRM, IN_MY_SHARING_STRUCTURE)
    assert not can(actor(Role.USER), P.TICKET_COMMENT, IN_MY_SHARING_STRUCTURE)


def test_sharing_stops_at_the_structure() -> None:
    assert not can(actor(Role.USER, structure=6), P.TICKET_READ, IN_MY_SHARING_STRUCTURE)
    without = Actor(ME, "Agent", HOME, frozenset({Role.USER}))
    nowhere = replace(IN_MY_SHARING_STRUCTURE, structure_id=None)
    assert not can(without, P.TICKET_READ, IN_MY_SHARING_STRUCTURE)
    assert not can(actor(Role.USER), P.TICKET_READ, nowhere)


def test_the_administrator_manages_accounts_and_conventions_and_reads_no_ticket() -> None:
    administrator = actor(Role.ADMINISTRATOR)
    assert can(administrator, P.ACCOUNT_MANAGE)
    assert can(administrator, P.CONVENTION_EDIT, Scope(HOME))
    for thing in (COLLEAGUES, ACCESS, RESTRICTED, RESTRICTED_BREACH, SHARED_API):
        assert not any(can(administrator, permission, thing) for permission in _about_tickets())


def test_only_the_administrator_manages() -> None:
    for permission in (P.ACCOUNT_MANAGE, P.CONVENTION_EDIT):
        assert {role for role in Role if can(actor(role), permission)} == {Role.ADMINISTRATOR}


def test_everyone_has_a_home_and_all_but_integrators_may_report() -> None:
    assert all(can(actor(role), P.HOME_READ) for role in Role)
    assert {role for role in Role if can(actor(role), P.TICKET_FILE)} == STAFF
    assert {role for role in Role if can(actor(role), P.TICKET_FILE_FOR_OTHER)} == {
        Role.CORRESPONDENT,
        Role.ACCOUNT_MANAGER,
    }


@pytest.mark.parametrize("role", Role)
def test_nothing_of_another_partner_is_known(role: Role) -> None:
    for thing, permission in product([thing for thing, _ in READERS], Permission):
        foreign = replace(thing, partner_id=ELSEWHERE, reporter_id=ME, granted_account_ids=frozenset({ME}))
        assert not can(actor(role), permission, foreign)
        with pytest.raises(NotFound):
            check(actor(role), permission, foreign)


def test_rights_add_up() -> None:
    both = actor(Role.USER, Role.SECURITY_OFFICER)
    assert can(both, P.TICKET_READ, MINE)
    assert can(both, P.TICKET_HANDLE, RESTRICTED)


def test_without_a_role_there_is_no_right() -> None:
    assert not any(can(actor(), permission, thing) for permission in P for thing in (MINE, None))


def test_the_desk_itself_may_do_everything_within_one_partner() -> None:
    desk = system_actor(HOME)
    assert all(can(desk, permission, RESTRICTED) and can(desk, permission) for permission in P)
    assert not can(desk, P.TICKET_READ, replace(MINE, partner_id=ELSEWHERE))


def test_an_anonymous_ticket_is_nobodys_own() -> None:
    """The desk has no account id, and neither has a ticket filed for a caller: they must not meet."""
    nobody = Actor(None, "Personne", HOME, frozenset({Role.USER}))
    assert not can(nobody, P.TICKET_READ, replace(MINE, reporter_id=None))


def test_a_refusal_says_forbidden_only_to_those_who_may_know() -> None:
    user = actor(Role.USER)
    check(user, P.TICKET_READ, MINE)
    with pytest.raises(NotAllowed):
        check(user, P.TICKET_HANDLE, MINE)
    with pytest.raises(NotAllowed):
        check(user, P.TICKET_READ, MY_RESTRICTED)
    with pytest.raises(NotFound):
        check(user, P.TICKET_READ, RESTRICTED)
    with pytest.raises(NotFound):
        check(actor(Role.CORRESPONDENT), P.TICKET_HANDLE, RESTRICTED)
    with pytest.raises(NotAllowed):
        check(user, P.CONVENTION_EDIT, Scope(HOME))
    with pytest.raises(NotAllowed):
        check(user, P.ACCOUNT_MANAGE)


def test_reaches_say_what_the_queries_must_let_through() -> None:
    assert reaches(actor(Role.CORRESPONDENT), P.TICKET_READ) == {
        Reach.OWN,
        Reach.SHARING_STRUCTURE,
        Reach.UNRESTRICTED,
        Reach.NAMED_RESTRICTED,
    }
    assert reaches(actor(Role.USER), P.ACCOUNT_MANAGE) == frozenset()


def test_the_table_names_every_role_and_every_permission() -> None:
    assert set(GRANTS) == set(Role) == set(ROLE_LABELS)
    granted = {permission for grants in GRANTS.values() for held in grants.values() for permission in held}
    assert granted == set(Permission)


def _about_tickets() -> set[Permission]:
    return {
        permission for permission in P if permission.startswith(("ticket:", "attachment:", "protected"))
    } - {
        P.TICKET_FILE,
        P.TICKET_FILE_FOR_OTHER,
    }


def test_roles_held_for_structures_make_the_actor() -> None:
    person = actor_holding(
        [(Role.USER, 5), (Role.USER, 6), (Role.INTEGRATOR, 7), (Role.MANAGER, None)],
        account_id=ME,
        name="Agent",
        partner_id=HOME,
    )
    assert person.roles == {Role.USER, Role.INTEGRATOR, Role.MANAGER}
    assert person.structure_ids == {5, 6}
    assert person.publisher_ids == {7}


def test_an_integrator_looks_after_the_tools_of_a_structure_or_of_all() -> None:
    def held(*structures: int | None) -> Actor:
        rights = [(Role.INTEGRATOR, structure) for structure in structures]
        return actor_holding(rights, account_id=ME, name="Éditeur", partner_id=HOME)

    used_by_5 = replace(SHARED_API, publisher_ids=frozenset({5}))
    assert can(held(5), P.TICKET_COMMENT, used_by_5)
    assert can(held(4, 5), P.TICKET_READ, used_by_5)
    assert not can(held(6), P.TICKET_READ, used_by_5)
    assert can(held(None), P.TICKET_READ, used_by_5)
    assert can(held(6, None), P.TICKET_READ, used_by_5)
    assert not can(held(), P.TICKET_READ, used_by_5)
