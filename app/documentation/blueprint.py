"""The blueprint of the documentation, filled in by its views."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("documentation", __name__)
