"""Gathers the views of announcements: importing this module registers each of them on the blueprint."""

from __future__ import annotations

from app.announcements import views_read, views_subscription, views_write
from app.announcements.blueprint import blueprint

__all__ = ["blueprint", "views_read", "views_subscription", "views_write"]
