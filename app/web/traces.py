"""One line in the technical journal about the request under way."""

from __future__ import annotations

from typing import Any

from flask import request

from app.journal.technical import Trace, note
from app.web.context import current_actor, now


def leave_trace(trace: Trace, *, what: str = "", details: dict[str, Any] | None = None) -> None:
    """Write who does it now, and from where, in the current transaction. Somebody is signed in."""
    actor = current_actor()
    note(
        trace,
        now=now(),
        partner_id=actor.partner_id,
        account_id=actor.account_id,
        address=request.remote_addr or "",
        what=what,
        details=details,
    )
