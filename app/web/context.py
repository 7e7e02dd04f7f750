"""What every request knows: who acts, and when."""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from flask_login import current_user

from app.accounts.policy import Actor
from app.kernel.clock import Clock


def now() -> datetime:
    """The present instant, from the application's clock."""
    clock: Clock = current_app.extensions["clock"]
    return clock.now()


def current_actor() -> Actor:
    """Who acts in this request. Only behind `requires(...)`: somebody is logged in."""
    actor: Actor = current_user.actor
    return actor
