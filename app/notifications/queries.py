"""Who can be written to."""

from __future__ import annotations

from sqlalchemy import exists, select

from app.accounts.models import Account, Membership
from app.extensions import db


def address_of(partner_id: int, account_id: int) -> str | None:
    """Where to write to someone of the partner; None without an address, once closed, or once they have left."""
    belongs = exists().where(Membership.partner_id == partner_id, Membership.account_id == Account.id)
    return db.session.scalar(select(Account.email).where(Account.id == account_id, Account.active, belongs))
