"""Who can be written to."""

from __future__ import annotations

from sqlalchemy import exists, select

from app.accounts.models import Account, Membership
from app.extensions import db


def address_of(partner_id: int | None, account_id: int) -> str | None:
    """Where to write to someone; None without an address, once closed, or once they have left the partner.

    Without a partner the letter is about the account itself: its password, its arrival.
    """
    query = select(Account.email).where(Account.id == account_id, Account.active)
    if partner_id is not None:
        query = query.where(
            exists().where(Membership.partner_id == partner_id, Membership.account_id == Account.id)
        )
    return db.session.scalar(query)
