"""Recording an act with what goes along with it, in the caller's transaction. Commits nothing."""

from __future__ import annotations

from datetime import datetime

from app.accounts.policy import check
from app.files.service import assign, examine, keep
from app.tickets import events as e
from app.tickets.desk import Desk
from app.tickets.permissions import permission_for
from app.tickets.service import perform


def record(
    desk: Desk,
    event: e.TicketEvent,
    *,
    at: datetime | None,
    seen: int | None,
    is_take_up: bool = False,
    inform_group: bool = False,
) -> None:
    """Record `event`; first, at the same time, the take-up that it is worth. Raises as `service.perform` does."""
    if is_take_up:
        perform(desk.reference, e.TakenUp(), actor=desk.actor, now=desk.now, occurred_at=at, seen=seen)
        seen = None
    perform(
        desk.reference,
        event,
        actor=desk.actor,
        now=desk.now,
        occurred_at=at,
        seen=seen,
        inform_group=inform_group,
    )


def attach(desk: Desk, name: str, content: bytes, *, internal: bool, field: str) -> e.FileAttached:
    """Keep a file for the ticket. Raises InvalidInput on `field` when it may not be kept."""
    check(desk.actor, permission_for(e.FileAttached, desk.scope.kind), desk.scope)
    file = examine(name, content, field=field)
    kept = keep(file, actor=desk.actor, now=desk.now, subject_id=desk.ticket.id, internal=internal)
    event = e.FileAttached(
        name=kept.name, size=kept.size, sha256=kept.sha256, public_id=kept.public_id, internal=internal
    )
    ticket = perform(desk.reference, event, actor=desk.actor, now=desk.now)
    assign(kept, ticket.id, sequence=ticket.version)
    return event
