"""Gathers the views of accounts: importing this module registers each of them on the blueprint."""

from __future__ import annotations

from app.accounts import (
    views_account,
    views_drafts,
    views_frame,
    views_links,
    views_login,
    views_proof,
    views_second_factor,
    views_sessions,
)
from app.accounts.blueprint import blueprint

__all__ = [
    "blueprint",
    "views_account",
    "views_drafts",
    "views_frame",
    "views_links",
    "views_login",
    "views_proof",
    "views_second_factor",
    "views_sessions",
]
