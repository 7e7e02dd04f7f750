"""Fixtures of the tests of partners."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.policy import Role
from tests.factories import World, log_in


@pytest.fixture
def admin(app: Flask, client: FlaskClient, world: World) -> FlaskClient:
    """An administrator, signed in."""
    return log_in(app, client, world.here.people[Role.ADMINISTRATOR])
