"""The letters about rights: what the administration of accounts owes by mail, from its pages and from its jobs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import Any

from app.accounts.idleness import Sleeper
from app.accounts.life import Step
from app.accounts.one_time_links import INVITATION_LIFETIME, Purpose, make_link
from app.accounts.policy import ROLE_LABELS, Role
from app.accounts.queries import names_of
from app.accounts.rgc import Owed, account_managers, owed_notices
from app.accounts.rgc_rules import CAUSE_LABELS, Cause
from app.accounts.rights import administrators_of
from app.notifications.service import enqueue_letter
from app.web import urls
from app.web.filters import french_date, french_datetime


class AccountLetter(StrEnum):
    """Folders of `templates/mail/`."""

    INVITATION = "invitation"
    RIGHTS_GRANTED = "rights-granted"
    RIGHTS_WARNING = "rights-warning"
    RIGHTS_SUSPENDED = "rights-suspended"
    REVIEW_DUE = "review-due"
    CSSI_NOTICE = "cssi-notice"


def send_invitation(account_id: int, partner_id: int, *, zone: tzinfo, now: datetime) -> None:
    """Owe someone the link by which they choose a password, once; the links sent before serve no more."""
    token = make_link(account_id, Purpose.INVITATION, INVITATION_LIFETIME, now)
    _owe(
        AccountLetter.INVITATION,
        account_id,
        partner_id,
        {"ends_on": french_datetime(now + INVITATION_LIFETIME, zone)},
        urls.INVITATION.replace("<token>", token),
        now,
    )


def tell_rights_granted(account_id: int, partner_id: int, role: Role, structure: str, now: datetime) -> None:
    """Someone who can sign in already learns of a new role; it may not be theirs to have."""
    context = {"role": ROLE_LABELS[role], "structure": structure}
    _owe(AccountLetter.RIGHTS_GRANTED, account_id, partner_id, context, urls.LOGIN, now)


def tell_sleeper(sleeper: Sleeper, partner_id: int, now: datetime) -> None:
    """A role that does not serve will be suspended, or was."""
    roles = [ROLE_LABELS[role] for role in sleeper.roles]
    if sleeper.step is Step.SUSPEND:
        _owe(
            AccountLetter.RIGHTS_SUSPENDED, sleeper.account_id, partner_id, {"roles": roles}, urls.LOGIN, now
        )
        return
    context = {"roles": roles, "day": french_date(sleeper.day), "kept": sleeper.kept}
    _owe(AccountLetter.RIGHTS_WARNING, sleeper.account_id, partner_id, context, urls.LOGIN, now)


def remind_of_review(
    administrators: Iterable[int], partner_id: int, *, due: date | None, left: int, now: datetime
) -> None:
    """A review is owed since `due`, or one is open with `left` lines to decide (`due` is then None)."""
    context = {"due": french_date(due) if due else "", "left": left}
    for account_id in administrators:
        _owe(AccountLetter.REVIEW_DUE, account_id, partner_id, context, urls.REVIEWS, now)


def tell_of_notice(owed: Owed, *, zone: tzinfo, now: datetime) -> None:
    """The CSSI of France Travail must be told of an absence or a departure: whoever may do it learns so."""
    notice = owed.notice
    context = {
        "cause": CAUSE_LABELS[Cause(notice.cause)].lower(),
        "person": names_of([notice.account_id])[notice.account_id],
        "due": french_datetime(owed.due_at, zone),
    }
    path = urls.CSSI_NOTICE.replace("<reference>", notice.reference)
    managers = {account_id for account_id, _ in account_managers(notice.partner_id)}
    for account_id in sorted(managers | administrators_of(notice.partner_id)):
        _owe(AccountLetter.CSSI_NOTICE, account_id, notice.partner_id, context, path, now)


def tell_of_notices_of(account_id: int, partner_id: int, *, zone: tzinfo, now: datetime) -> None:
    """The notices about someone that this very moment opened."""
    for owed in owed_notices(partner_id):
        if owed.notice.account_id == account_id and owed.notice.opened_at == now:
            tell_of_notice(owed, zone=zone, now=now)


def _owe(
    letter: AccountLetter,
    account_id: int,
    partner_id: int,
    context: dict[str, Any],
    path: str,
    now: datetime,
) -> None:
    enqueue_letter(
        account_id=account_id,
        template=letter,
        context=context,
        path=path,
        now=now,
        partner_id=partner_id,
    )
