"""Which right each event asks for."""

from __future__ import annotations

from app.accounts.policy import Permission
from app.tickets import events as e
from app.tickets.vocabulary import Kind

# What is not here takes the right to handle the ticket.
_PERMISSIONS: dict[type[e.TicketEvent], Permission] = {
    e.UserReplied: Permission.TICKET_CONFIRM,
    e.UserVerdict: Permission.TICKET_CONFIRM,
    e.Commented: Permission.TICKET_COMMENT,
    e.FileAttached: Permission.TICKET_COMMENT,
}


def permission_for(event: e.TicketEvent | type[e.TicketEvent], kind: str) -> Permission:
    """The permission to record `event` on a ticket of that kind."""
    if isinstance(event, e.Commented | e.FileAttached) and event.internal:
        return Permission.TICKET_COMMENT_INTERNAL
    event_type = event if isinstance(event, type) else type(event)
    if event_type in _PERMISSIONS:
        return _PERMISSIONS[event_type]
    return Permission.TICKET_HANDLE_ACCESS if kind == Kind.ACCESS else Permission.TICKET_HANDLE
