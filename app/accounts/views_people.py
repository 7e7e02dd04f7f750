"""Gathers the views about people and their rights: importing this module registers each on the blueprint."""

from __future__ import annotations

from app.accounts import (
    views_absences,
    views_administration,
    views_arrivals,
    views_reviews,
    views_rgc,
    views_rights,
)
from app.accounts.views_administration import blueprint

__all__ = [
    "blueprint",
    "views_absences",
    "views_administration",
    "views_arrivals",
    "views_reviews",
    "views_rgc",
    "views_rights",
]
