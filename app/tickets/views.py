"""Gathers the views of tickets: importing this module registers each of them on the blueprint."""

from __future__ import annotations

from app.tickets import (
    views_act,
    views_filing,
    views_group,
    views_home,
    views_joining,
    views_page,
    views_queue,
    views_transmission,
)
from app.tickets.blueprint import blueprint

__all__ = [
    "blueprint",
    "views_act",
    "views_filing",
    "views_group",
    "views_home",
    "views_joining",
    "views_page",
    "views_queue",
    "views_transmission",
]
