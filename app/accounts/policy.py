"""Who may do what. The table `GRANTS` is the specification; `can` only reads it.

The door asks `can(actor, permission)`; the service asks again with the object; the queries turn
`reaches(actor, permission)` into the rows that may be seen. All three therefore follow the same table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from app.kernel.errors import NotAllowed, NotFound


class Role(StrEnum):
    """What a membership makes of a person, within one partner (domain.md, « Who »)."""

    USER = "user"
    CORRESPONDENT = "correspondent"
    ACCOUNT_MANAGER = "account_manager"
    SECURITY_OFFICER = "security_officer"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    MANAGER = "manager"
    INTEGRATOR = "integrator"
    ADMINISTRATOR = "administrator"


ROLE_LABELS: Mapping[Role, str] = {
    Role.USER: "Utilisateur",
    Role.CORRESPONDENT: "Correspondant SI",
    Role.ACCOUNT_MANAGER: "Responsable de gestion de comptes",
    Role.SECURITY_OFFICER: "Responsable de la sécurité (RSSI)",
    Role.DATA_PROTECTION_OFFICER: "Délégué à la protection des données (DPD)",
    Role.MANAGER: "Responsable du suivi opérationnel",
    Role.INTEGRATOR: "Éditeur",
    Role.ADMINISTRATOR: "Administrateur",
}


class Permission(StrEnum):
    HOME_READ = "home:read"
    SERVICE_READ = "service:read"
    DEADLINE_CALCULATE = "deadline:calculate"
    QUEUE_READ = "queue:read"
    TICKET_FILE = "ticket:file"
    TICKET_FILE_FOR_OTHER = "ticket:file-for-other"
    TICKET_RECEIPT = "ticket:receipt"  # that it exists, when it was received, its state in four words
    TICKET_READ = "ticket:read"
    TICKET_READ_INTERNAL = "ticket:read-internal"
    TICKET_COMMENT = "ticket:comment"
    TICKET_COMMENT_INTERNAL = "ticket:comment-internal"
    TICKET_CONFIRM = "ticket:confirm"  # the service is back, or is not
    TICKET_HANDLE = "ticket:handle"  # take, ask, diagnose, classify, transmit, test, close, correct…
    TICKET_HANDLE_ACCESS = "ticket:handle-access"  # the same, for a request of access
    ATTACHMENT_READ = "attachment:read"
    DOCUMENTATION_READ = "documentation:read"  # what is written for everyone, about the API
    DOCUMENTATION_READ_TOOLS = "documentation:read-tools"  # … about every tool
    DOCUMENTATION_READ_DESK = "documentation:read-desk"  # … and what is written for those who answer
    DOCUMENTATION_WRITE = "documentation:write"
    PROTECTED_FIELD_READ = "protected-field:read"
    ANNOUNCEMENT_READ = "announcement:read"  # those that concern the person
    ANNOUNCEMENT_FOLLOW = "announcement:follow"  # all those published, how many have read them, late notices
    ANNOUNCEMENT_WRITE = "announcement:write"
    MAILROOM_HANDLE = (
        "mailroom:handle"  # the mails that no rule could deal with; about a ticket, its readers only
    )
    CONVENTION_READ = "convention:read"
    CONVENTION_EDIT = "convention:edit"
    ACCOUNT_MANAGE = "account:manage"
    TRACES_READ = "traces:read"  # the technical journal
    HABILITATION_MANAGE = (
        "habilitation:manage"  # the account managers of the conventions, and the CSSI's notices
    )


class Reach(StrEnum):
    """How far a grant goes inside the partner. Only those that say « restricted » reach a restricted ticket."""

    PARTNER = "partner"  # no ticket: pages, conventions, accounts
    OWN = "own"
    OWN_RESTRICTED = "own-restricted"
    SHARING_STRUCTURE = "sharing-structure"
    SHARED_WITH_INTEGRATORS = "shared-with-integrators"
    ACCESS_REQUESTS = "access-requests"
    DATA_SUBJECT_REQUESTS = "data-subject-requests"
    UNRESTRICTED = "unrestricted"
    RESTRICTED = "restricted"
    RESTRICTED_PERSONAL_DATA = "restricted-personal-data"
    NAMED_RESTRICTED = "named-restricted"


@dataclass(frozen=True)
class Actor:
    """Who acts, in which partner, with which rights. `account_id` is None for the desk itself.

    `structure_ids` are the structures they work in; `publisher_ids` those whose tools they look after as an
    integrator, None when no structure limits them.
    """

    account_id: int | None
    name: str
    partner_id: int
    roles: frozenset[Role] = frozenset()
    structure_ids: frozenset[int] = frozenset()
    publisher_ids: frozenset[int] | None = None
    is_system: bool = False


def actor_holding(
    held: Iterable[tuple[Role, int | None]], *, account_id: int, name: str, partner_id: int
) -> Actor:
    """Someone with the roles they hold in a partner, each for a structure (its key) or for none."""
    rights = frozenset(held)
    looked_after = {structure_id for role, structure_id in rights if role is Role.INTEGRATOR}
    bound = frozenset(structure_id for structure_id in looked_after if structure_id is not None)
    return Actor(
        account_id=account_id,
        name=name,
        partner_id=partner_id,
        roles=frozenset(role for role, _ in rights),
        structure_ids=frozenset(
            structure_id
            for role, structure_id in rights
            if role is not Role.INTEGRATOR and structure_id is not None
        ),
        publisher_ids=bound if bound == looked_after else None,
    )


def system_actor(partner_id: int) -> Actor:
    """The desk itself: jobs and consequences of another's act. It may do everything within one partner."""
    return Actor(account_id=None, name="Le service", partner_id=partner_id, is_system=True)


class Scoped(Protocol):
    """What the policy needs to know of a ticket, or of what belongs to one."""

    @property
    def partner_id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def restricted(self) -> bool: ...
    @property
    def personal_data(self) -> bool:
        """Whether a restricted ticket is about personal data, hence the data-protection officer's too."""
        ...

    @property
    def reporter_id(self) -> int | None: ...
    @property
    def structure_id(self) -> int | None: ...
    @property
    def structure_shares(self) -> bool:
        """Whether the structure lets its members see each other's tickets."""
        ...

    @property
    def shared_with_integrators(self) -> bool: ...
    @property
    def publisher_ids(self) -> frozenset[int]:
        """The structures that use one of its tools, when it is shared with integrators."""
        ...

    @property
    def granted_account_ids(self) -> frozenset[int]:
        """Those who were given this restricted ticket by name."""
        ...


@dataclass(frozen=True)
class Scope:
    """A plain `Scoped`. With `partner_id` alone it stands for what belongs to the partner as a whole."""

    partner_id: int
    kind: str = ""
    restricted: bool = False
    personal_data: bool = False
    reporter_id: int | None = None
    structure_id: int | None = None
    structure_shares: bool = False
    shared_with_integrators: bool = False
    publisher_ids: frozenset[int] = frozenset()
    granted_account_ids: frozenset[int] = frozenset()


_P = Permission
_READ = frozenset({_P.TICKET_RECEIPT, _P.TICKET_READ, _P.ATTACHMENT_READ})
_READ_ALL = _READ | {_P.TICKET_READ_INTERNAL}
_DISCUSS = _READ_ALL | {_P.TICKET_COMMENT, _P.TICKET_COMMENT_INTERNAL}
_HANDLE = _DISCUSS | {_P.TICKET_HANDLE, _P.TICKET_CONFIRM}

_VISITOR = {
    Reach.PARTNER: frozenset(
        {_P.HOME_READ, _P.SERVICE_READ, _P.DEADLINE_CALCULATE, _P.QUEUE_READ, _P.DOCUMENTATION_READ}
        | {_P.ANNOUNCEMENT_READ}
    ),
    Reach.NAMED_RESTRICTED: _DISCUSS,
}
_AGENT = {
    Reach.PARTNER: _VISITOR[Reach.PARTNER] | {_P.TICKET_FILE, _P.DOCUMENTATION_READ_TOOLS},
    Reach.NAMED_RESTRICTED: _DISCUSS,
    Reach.OWN: _READ | {_P.TICKET_COMMENT, _P.TICKET_CONFIRM},
    Reach.OWN_RESTRICTED: frozenset({_P.TICKET_RECEIPT}),
    Reach.SHARING_STRUCTURE: _READ,
}
_OFFICER = {
    **_AGENT,
    Reach.PARTNER: _AGENT[Reach.PARTNER] | {_P.CONVENTION_READ, _P.DOCUMENTATION_READ_DESK},
}

Grants = Mapping[Reach, frozenset[Permission]]

GRANTS: Mapping[Role, Grants] = {
    Role.USER: _AGENT,
    Role.CORRESPONDENT: {
        **_OFFICER,
        Reach.PARTNER: _OFFICER[Reach.PARTNER]
        | {_P.TICKET_FILE_FOR_OTHER, _P.DOCUMENTATION_WRITE}
        | {_P.ANNOUNCEMENT_FOLLOW, _P.ANNOUNCEMENT_WRITE, _P.MAILROOM_HANDLE},
        Reach.UNRESTRICTED: _HANDLE | {_P.TICKET_HANDLE_ACCESS, _P.PROTECTED_FIELD_READ},
    },
    Role.ACCOUNT_MANAGER: {
        **_OFFICER,
        Reach.PARTNER: _OFFICER[Reach.PARTNER] | {_P.TICKET_FILE_FOR_OTHER, _P.HABILITATION_MANAGE},
        Reach.ACCESS_REQUESTS: _DISCUSS | {_P.TICKET_HANDLE_ACCESS, _P.TICKET_CONFIRM},
    },
    Role.SECURITY_OFFICER: {
        **_OFFICER,
        Reach.PARTNER: _OFFICER[Reach.PARTNER] | {_P.TRACES_READ},
        Reach.RESTRICTED: _HANDLE | {_P.MAILROOM_HANDLE},
    },
    Role.DATA_PROTECTION_OFFICER: {
        **_OFFICER,
        Reach.RESTRICTED_PERSONAL_DATA: _HANDLE,
        Reach.DATA_SUBJECT_REQUESTS: _HANDLE,
    },
    Role.MANAGER: {
        **_OFFICER,
        Reach.PARTNER: _OFFICER[Reach.PARTNER] | {_P.ANNOUNCEMENT_FOLLOW},
        Reach.UNRESTRICTED: _READ_ALL,
    },
    Role.INTEGRATOR: {
        **_VISITOR,
        Reach.SHARED_WITH_INTEGRATORS: _READ | {_P.TICKET_COMMENT},
    },
    Role.ADMINISTRATOR: {
        **_OFFICER,
        Reach.PARTNER: _OFFICER[Reach.PARTNER]
        | {_P.CONVENTION_EDIT, _P.ACCOUNT_MANAGE, _P.HABILITATION_MANAGE},
    },
}

_REACHED: Mapping[Reach, Callable[[Actor, Scoped], bool]] = {
    Reach.PARTNER: lambda actor, thing: True,
    Reach.OWN: lambda actor, thing: not thing.restricted and _reported_by(actor, thing),
    Reach.OWN_RESTRICTED: lambda actor, thing: thing.restricted and _reported_by(actor, thing),
    Reach.SHARING_STRUCTURE: lambda actor, thing: (
        not thing.restricted and thing.structure_shares and thing.structure_id in actor.structure_ids
    ),
    Reach.SHARED_WITH_INTEGRATORS: lambda actor, thing: (
        not thing.restricted and thing.shared_with_integrators and _looks_after(actor, thing)
    ),
    Reach.ACCESS_REQUESTS: lambda actor, thing: not thing.restricted and thing.kind == "access",
    Reach.DATA_SUBJECT_REQUESTS: lambda actor, thing: (
        not thing.restricted and thing.kind == "data-subject-request"
    ),
    Reach.UNRESTRICTED: lambda actor, thing: not thing.restricted,
    Reach.RESTRICTED: lambda actor, thing: thing.restricted,
    Reach.RESTRICTED_PERSONAL_DATA: lambda actor, thing: thing.restricted and thing.personal_data,
    Reach.NAMED_RESTRICTED: lambda actor, thing: (
        thing.restricted and actor.account_id is not None and actor.account_id in thing.granted_account_ids
    ),
}


def can(actor: Actor, permission: Permission, obj: Scoped | None = None) -> bool:
    """Whether `actor` may do it: to `obj` when given, else to something at least (the door of a page)."""
    if obj is None:
        return actor.is_system or bool(reaches(actor, permission))
    if obj.partner_id != actor.partner_id:
        return False
    return actor.is_system or any(_REACHED[reach](actor, obj) for reach in reaches(actor, permission))


def check(actor: Actor, permission: Permission, obj: Scoped | None = None) -> None:
    """Raise NotAllowed when `actor` may not; NotFound when they must not even know that `obj` exists."""
    if can(actor, permission, obj):
        return
    if obj is not None and not _may_know(actor, permission, obj):
        raise NotFound
    raise NotAllowed


def reaches(actor: Actor, permission: Permission) -> frozenset[Reach]:
    """How far the roles of `actor` carry `permission`: an object within any of them is allowed."""
    return frozenset(
        reach
        for role in actor.roles
        for reach, permissions in GRANTS[role].items()
        if permission in permissions
    )


def _may_know(actor: Actor, permission: Permission, obj: Scoped) -> bool:
    about_a_ticket = permission not in _ABOUT_THE_PARTNER
    return obj.partner_id == actor.partner_id and (
        not about_a_ticket or can(actor, Permission.TICKET_RECEIPT, obj)
    )


def _looks_after(actor: Actor, thing: Scoped) -> bool:
    return actor.publisher_ids is None or bool(actor.publisher_ids & thing.publisher_ids)


def _reported_by(actor: Actor, thing: Scoped) -> bool:
    return actor.account_id is not None and thing.reporter_id == actor.account_id


_ABOUT_THE_PARTNER = frozenset(
    permission for grants in GRANTS.values() for permission in grants[Reach.PARTNER]
)
