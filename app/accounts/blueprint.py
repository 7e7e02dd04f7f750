"""The pages of accounts, registered once under the endpoint prefix `accounts`."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("accounts", __name__)
