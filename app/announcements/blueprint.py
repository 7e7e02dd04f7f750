"""The pages of announcements, registered once under the endpoint prefix `announcements`."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("announcements", __name__)
