"""A bare application that wears the look of the house, without database or accounts."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_wtf import CSRFProtect

from app.config import ROOT
from app.kernel.clock import FrozenClock
from app.web import assets, compression, filters, gallery, headers, navigation

NOW = datetime.fromisoformat("2026-03-10T09:00:00+01:00")
TEMPLATES: Path = ROOT / "templates"


@pytest.fixture
def bare_app() -> Flask:
    app = Flask("bare", static_folder=None, template_folder=str(TEMPLATES))
    app.config.update(SECRET_KEY="only for tests", TESTING=True)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["clock"] = FrozenClock(NOW)
    CSRFProtect(app)
    assets.install(app, ROOT / "static")
    filters.install(app)
    navigation.install(app, lambda _permission: True)
    headers.install(app)
    compression.install(app)
    app.register_blueprint(gallery.blueprint)
    return app


@pytest.fixture
def browser(bare_app: Flask) -> FlaskClient:
    return bare_app.test_client()
