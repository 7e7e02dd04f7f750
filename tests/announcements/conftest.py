"""Fixtures of the tests of announcements: a desk that writes them, and readers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime

import pytest
from flask import Flask, has_app_context

from app.accounts.policy import Role
from app.announcements import events as e
from app.announcements.service import draft, publish
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from tests.factories import World

Announce = Callable[..., str]


@pytest.fixture
def announce(app: Flask, world: World, clock: FrozenClock) -> Announce:
    """Publish what is said, here, by the correspondent; the reference."""

    def published(content: e.Content, *, at: datetime | None = None, draft_only: bool = False) -> str:
        actor = world.here.actor(Role.CORRESPONDENT)
        # A test that has its context open acts in it: another one would have another session.
        with nullcontext() if has_app_context() else app.app_context(), transaction():
            reference = draft(content, actor=actor, now=clock.now()).reference
            if not draft_only:
                publish(reference, actor=actor, now=clock.now(), at=at)
        return reference

    return published
