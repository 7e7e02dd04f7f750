"""The blueprint of the administration, that its modules of views share."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("administration", __name__)
