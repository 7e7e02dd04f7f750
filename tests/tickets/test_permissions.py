"""Which right each event asks for."""

from __future__ import annotations

from app.accounts.policy import Permission
from app.tickets import events as e
from app.tickets.permissions import permission_for


def test_what_is_internal_asks_for_the_right_to_internal_comments() -> None:
    file = e.FileAttached(name="a.png", size=1, sha256="0" * 64, public_id="x")
    internal = e.FileAttached(name="a.png", size=1, sha256="0" * 64, public_id="x", internal=True)
    assert permission_for(file, "incident") is Permission.TICKET_COMMENT
    assert permission_for(internal, "incident") is Permission.TICKET_COMMENT_INTERNAL
    assert permission_for(e.Commented(text="…"), "incident") is Permission.TICKET_COMMENT
    assert permission_for(e.Commented(text="…", internal=True), "incident") is (
        Permission.TICKET_COMMENT_INTERNAL
    )
