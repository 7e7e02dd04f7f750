"""Gathers the views of partners: importing this module registers each of them on the blueprint."""

from __future__ import annotations

from app.partners import (
    views_catalogue,
    views_conventions,
    views_history,
    views_import,
    views_interlocutors,
    views_notices,
    views_partner,
    views_structures,
)
from app.partners.blueprint import blueprint

__all__ = [
    "blueprint",
    "views_catalogue",
    "views_conventions",
    "views_history",
    "views_import",
    "views_interlocutors",
    "views_notices",
    "views_partner",
    "views_structures",
]
