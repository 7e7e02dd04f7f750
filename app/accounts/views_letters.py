"""The letters that the pages of accounts send. Each goes to the address of the account, and tells no secret but its link."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from flask import url_for

from app.accounts import queries
from app.accounts.one_time_links import PASSWORD_LIFETIME, Purpose, make_link
from app.extensions import db
from app.notifications.service import enqueue_letter
from app.web import urls


class Letter(StrEnum):
    """Folders of `templates/mail/`."""

    NEW_PASSWORD = "new-password"  # noqa: S105 - the name of a letter
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - the name of a letter
    FACTOR_CHANGED = "factor-changed"


def send_password_link(account_id: int, now: datetime) -> None:
    """Owe the person a link that lets them choose a new password, once, within the hour."""
    token = make_link(account_id, Purpose.PASSWORD, PASSWORD_LIFETIME, now)
    path = url_for("accounts.new_password", token=token)
    enqueue_letter(account_id=account_id, template=Letter.NEW_PASSWORD, context={}, path=path, now=now)


def pretend_password_link(now: datetime) -> None:
    """Do the same work for nobody, and undo it: how long the answer takes must not tell who has an account."""
    someone = queries.any_account_id()
    if someone is not None:
        with db.session.begin_nested() as undone:
            send_password_link(someone, now)
            undone.rollback()


def tell_password_changed(account_id: int, now: datetime) -> None:
    """Should it be someone else who changed it, its owner learns of it."""
    enqueue_letter(
        account_id=account_id, template=Letter.PASSWORD_CHANGED, context={}, path=urls.ACCOUNT, now=now
    )


def tell_factor_changed(account_id: int, now: datetime, *, removed: bool) -> None:
    """Should it be someone else who changed it, its owner learns of it."""
    enqueue_letter(
        account_id=account_id,
        template=Letter.FACTOR_CHANGED,
        context={"removed": removed},
        path=urls.SECOND_FACTOR,
        now=now,
    )
