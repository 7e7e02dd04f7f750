"""Every page of the documentation, registered on one blueprint."""

from __future__ import annotations

from app.documentation import (
    views_desk,
    views_images,
    views_import,
    views_read,
    views_revisions,
    views_ticket,
    views_write,
)
from app.documentation.blueprint import blueprint

__all__ = [
    "blueprint",
    "views_desk",
    "views_images",
    "views_import",
    "views_read",
    "views_revisions",
    "views_ticket",
    "views_write",
]
