"""What the worker does with partners: forget files that nobody imported, note when a security part opens or closes."""

from __future__ import annotations

from datetime import datetime

from app.infra.tx import transaction
from app.partners.history import Author, is_noted_open, note_opening
from app.partners.queries import partners
from app.partners.structure_import import forget_imports
from app.tickets.queries import security_is_open


def forget_waiting_imports(now: datetime) -> None:
    """Delete the files of structures that wait for more than a day."""
    with transaction():
        forget_imports(now)


def note_security_openings(now: datetime) -> None:
    """Record that the security part of a partner opened, or closed, when nobody said so: rights alone decide it."""
    for partner_id in [partner.id for partner in partners()]:
        is_open = security_is_open(partner_id)
        if is_open != is_noted_open(partner_id):
            with transaction():
                note_opening(Author(partner_id, None, now), is_open=is_open)
