"""The technical journal: who came in, was refused, read a case, exported, changed rights; when, and from where.

Apart from the tickets' own history: kept 12 months at most (CNIL, recommendation 2021-122), then purged by a
job that writes so here. Nothing typed by anyone enters it: `what` names a page, a reference or a code.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.infra.base import BigId, JSONValue, Model, UTCDateTime

WHAT_LENGTH = 200
ADDRESS_LENGTH = 45  # the longest written IPv6 address


class Trace(StrEnum):
    """What the journal keeps a trace of."""

    LOGGED_IN = "logged-in"
    LOGIN_REFUSED = "login-refused"
    LOGGED_OUT = "logged-out"
    FACTOR_PROVEN = "factor-proven"
    FACTOR_REFUSED = "factor-refused"
    FACTOR_CHANGED = "factor-changed"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - the name of a trace
    SESSION_REVOKED = "session-revoked"
    REFUSED = "refused"  # a page or an act that the person may not have
    CASE_READ = "case-read"
    EXPORTED = "exported"
    RIGHTS_CHANGED = "rights-changed"
    SETTINGS_CHANGED = "settings-changed"
    PURGED = "purged"


TRACE_LABELS: Mapping[Trace, str] = {
    Trace.LOGGED_IN: "Connexion",
    Trace.LOGIN_REFUSED: "Connexion refusée",
    Trace.LOGGED_OUT: "Déconnexion",
    Trace.FACTOR_PROVEN: "Second facteur présenté",
    Trace.FACTOR_REFUSED: "Second facteur refusé",
    Trace.FACTOR_CHANGED: "Second facteur changé",
    Trace.PASSWORD_CHANGED: "Mot de passe changé",
    Trace.SESSION_REVOKED: "Session fermée à distance",
    Trace.REFUSED: "Accès refusé",
    Trace.CASE_READ: "Cas de sécurité lu",
    Trace.EXPORTED: "Export",
    Trace.RIGHTS_CHANGED: "Droits changés",
    Trace.SETTINGS_CHANGED: "Réglages changés",
    Trace.PURGED: "Purge",
}


class TraceRow(Model):
    """One line of the technical journal. `account_id` is not a foreign key: the line outlives the account."""

    __tablename__ = "trace"
    __table_args__ = (
        Index("ix_trace_partner", "partner_id", "id"),
        Index("ix_trace_recorded_at", "recorded_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    partner_id: Mapped[int | None] = mapped_column(BigId)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    trace: Mapped[Trace] = mapped_column(String(24))
    account_id: Mapped[int | None] = mapped_column(BigId)
    address: Mapped[str] = mapped_column(String(ADDRESS_LENGTH), default="")
    what: Mapped[str] = mapped_column(String(WHAT_LENGTH), default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSONValue)


def note(
    trace: Trace,
    *,
    now: datetime,
    partner_id: int | None = None,
    account_id: int | None = None,
    address: str = "",
    what: str = "",
    details: dict[str, Any] | None = None,
) -> None:
    """Write one line, in the current transaction. `address` is the network address of the request.

    What cannot be printed is left out of `what`: an address may carry it, and PostgreSQL refuses a NUL.
    """
    printable = "".join(character for character in what if character.isprintable())
    db.session.add(
        TraceRow(
            partner_id=partner_id,
            recorded_at=now,
            trace=trace,
            account_id=account_id,
            address=address[:ADDRESS_LENGTH],
            what=printable[:WHAT_LENGTH],
            details=details or {},
        )
    )


def delete_traces(before: datetime) -> dict[int | None, int]:
    """Delete the lines older than `before`; how many of each partner."""
    old = TraceRow.recorded_at < before
    counted = select(TraceRow.partner_id, func.count()).where(old).group_by(TraceRow.partner_id)
    found = dict(db.session.execute(counted).tuples().all())
    db.session.execute(delete(TraceRow).where(old))
    return found
