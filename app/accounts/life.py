"""The life of an account in a partner, decided from facts alone: who may lose a right, when one sleeps.

rules.md, « Accounts » (annexe 1 of the conventions, which the desk applies to itself): a privileged role that
has not served for two months is suspended, an ordinary user simply comes back; the account manager is staff,
never a contractor.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from app.accounts.policy import ROLE_LABELS, Role
from app.kernel.errors import Impossible, InvalidInput, NotAllowed
from app.partners.terms import add_period

ORDINARY = frozenset({Role.USER, Role.INTEGRATOR})
PRIVILEGED = frozenset(Role) - ORDINARY
# Whoever gives roles must not give themself these: an administrator reads no security case by that role.
NEVER_TO_ONESELF = frozenset({Role.ADMINISTRATOR, Role.SECURITY_OFFICER, Role.DATA_PROTECTION_OFFICER})

DEFAULT_INACTIVITY = "2 months"
WARNED_BEFORE = (14, 3)  # days before the suspension
SHORTEST_NOTICE = timedelta(days=3)
KEPT_IS_TOLD_EVERY = timedelta(days=30)
FARTHEST_DEPARTURE = timedelta(days=730)
CONTRACTOR = "prestataire"


class Standing(StrEnum):
    """How someone stands in a partner, as its administrator lists them."""

    ACTIVE = "active"
    INVITED = "invited"
    SUSPENDED = "suspended"
    LEFT = "left"


STANDING_LABELS: Mapping[Standing, str] = {
    Standing.ACTIVE: "Actif",
    Standing.INVITED: "Invité",
    Standing.SUSPENDED: "Suspendu",
    Standing.LEFT: "Parti",
}


class Act(StrEnum):
    """What was done to the rights of someone: kept with the account, and traced."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    GRANTED = "granted"
    WITHDRAWN = "withdrawn"
    MOVED = "moved"
    SUSPENDED = "suspended"
    RESTORED = "restored"
    DEPARTURE_PLANNED = "departure-planned"
    DEPARTURE_CANCELLED = "departure-cancelled"
    LEFT = "left"
    RETURNED = "returned"
    REVIEWED = "reviewed"


ACT_LABELS: Mapping[Act, str] = {
    Act.INVITED: "Invitation",
    Act.ACCEPTED: "Arrivée acceptée",
    Act.GRANTED: "Rôle ajouté",
    Act.WITHDRAWN: "Rôle retiré",
    Act.MOVED: "Changement de structure",
    Act.SUSPENDED: "Rôle suspendu",
    Act.RESTORED: "Rôle rétabli",
    Act.DEPARTURE_PLANNED: "Départ prévu",
    Act.DEPARTURE_CANCELLED: "Départ annulé",
    Act.LEFT: "Départ",
    Act.RETURNED: "Retour",
    Act.REVIEWED: "Droit confirmé par la revue",
}


@dataclass(frozen=True)
class Held:
    """A role that someone holds, and the kind of the structure that it is for, if any."""

    role: Role
    structure_kind: str | None = None


# --- Who may gain or lose a right ------------------------------------------------------------------------


def check_staff(held: Iterable[Held]) -> None:
    """The account manager is staff, never a contractor (annexe 1): whatever the order in which roles come.

    Raises InvalidInput.
    """
    all_held = list(held)
    if any(one.role is Role.ACCOUNT_MANAGER for one in all_held) and any(
        one.structure_kind == CONTRACTOR for one in all_held
    ):
        raise InvalidInput(
            "Le responsable de gestion de comptes ne peut pas appartenir à un prestataire.", field="role"
        )


def check_not_to_oneself(role: Role, *, oneself: bool) -> None:
    """Raise NotAllowed for someone who gives themself a role that another must give."""
    if oneself and role in NEVER_TO_ONESELF:
        raise NotAllowed(
            f"Personne ne s’attribue le rôle «\u00a0{ROLE_LABELS[role]}\u00a0»\u00a0: demandez-le à un autre administrateur."
        )


def check_administrator_remains(account_id: int, administrators: Collection[int], *, oneself: bool) -> None:
    """`account_id` is about to be administrator no more; `administrators` are those of the partner, as it is now.

    Raises Impossible when nobody would be left, or when it is one's own last right of administration.
    """
    if account_id not in administrators:
        return
    if oneself:
        raise Impossible(
            "Vous ne pouvez pas retirer votre propre droit d’administration\u00a0: demandez-le à un autre administrateur."
        )
    if len(set(administrators)) == 1:
        raise Impossible(
            "C’est le dernier administrateur du partenaire\u00a0: donnez d’abord ce rôle à une autre personne."
        )


def check_one_remains(held: int, removed: int) -> None:
    """Raise Impossible when someone would be left without any role: that is a departure, which does more."""
    if removed >= held:
        raise Impossible(
            "Il ne lui resterait aucun rôle\u00a0: enregistrez plutôt son départ, qui ferme aussi ses sessions."
        )


def check_departure_day(day: date, today: date) -> None:
    """Raise InvalidInput for a departure in the past, or too far ahead to be anything but a slip."""
    if day < today:
        raise InvalidInput(
            "Cette date est passée\u00a0: indiquez aujourd’hui, ou un jour à venir.", field="day"
        )
    if day > today + FARTHEST_DEPARTURE:
        raise InvalidInput("Cette date est à plus de deux ans.", field="day")


def roles_without_holder(own: Collection[Role], others: Collection[Role]) -> tuple[Role, ...]:
    """The privileged roles that nobody would hold any more, in the order of the roles."""
    return tuple(role for role in Role if role in PRIVILEGED and role in own and role not in others)


# --- Two months without use ------------------------------------------------------------------------------


class Step(StrEnum):
    """What a role that does not serve is owed today."""

    NOTHING = "nothing"
    WARN = "warn"
    SUSPEND = "suspend"


def last_use(
    last_login_at: datetime | None, in_force_since: datetime | None, created_at: datetime
) -> datetime:
    """When the role last served: the last login, or the day it was given or restored if that is later."""
    return max(moment for moment in (last_login_at, in_force_since, created_at) if moment is not None)


def suspends_on(last_used_on: date, inactivity: str) -> date:
    """The day from which a role is suspended that last served on `last_used_on`; `inactivity` as « 2 months »."""
    return add_period(last_used_on, inactivity)


def next_step(suspended_on: date, last_used_on: date, warned_on: date | None, today: date) -> Step:
    """Warn 14 and 3 days before, then suspend; never less than three days after a warning.

    A worker that was stopped for long therefore warns first, and one that runs twice a day warns once.
    """
    warned_on = warned_on if warned_on is not None and warned_on >= last_used_on else None
    if today >= suspended_on:
        if warned_on is None:
            return Step.WARN
        return Step.SUSPEND if today - warned_on >= SHORTEST_NOTICE else Step.NOTHING
    for days in WARNED_BEFORE[::-1]:
        threshold = suspended_on - timedelta(days=days)
        if today >= threshold:
            return Step.WARN if warned_on is None or warned_on < threshold else Step.NOTHING
    return Step.NOTHING


def announced_day(suspended_on: date, today: date) -> date:
    """The day that a warning sent today may announce: the planned one, three days from now at the soonest."""
    return max(suspended_on, today + SHORTEST_NOTICE)


def is_told_again(warned_on: date | None, today: date) -> bool:
    """Whether the last administrator, who is never suspended, is to be told once more."""
    return warned_on is None or today - warned_on >= KEPT_IS_TOLD_EVERY


def shortest_period(periods: Iterable[str], default: str) -> str:
    """The strictest of several periods; `default` when there is none."""
    reference = date(2001, 1, 1)
    return min(periods, key=lambda period: add_period(reference, period), default=default)


def standing(
    *,
    has_role: bool,
    suspended: bool,
    active: bool,
    invited_at: datetime | None,
    last_login_at: datetime | None,
) -> Standing:
    """How someone stands, from what is stored of them. One role suspended is enough to be looked at."""
    if not (has_role and active):
        return Standing.LEFT
    if suspended:
        return Standing.SUSPENDED
    return Standing.INVITED if invited_at is not None and last_login_at is None else Standing.ACTIVE
