"""What a supervisor asks: does the process answer, can it serve, and how is the desk doing?"""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, current_app, make_response, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from app.config import Config
from app.extensions import db
from app.kernel.errors import NotFound
from app.operations.metrics import Meters, desk_figures
from app.operations.schema import expected_revision, revision_of
from app.web import urls
from app.web.access import public
from app.web.context import now

blueprint = Blueprint("health", __name__)


@blueprint.get(urls.HEALTH_LIVE)
@public
def live() -> Response:
    """The process answers. Asks nothing of the database: a restart would not bring that one back."""
    return _plain("ok\n")


@blueprint.get(urls.HEALTH_READY)
@public
def ready() -> Response:
    """The process can serve: its database answers, and is at the migration that the code expects."""
    try:
        with db.engine.connect() as connection:
            revision = revision_of(connection)
    except SQLAlchemyError:
        return _plain("database away\n", 503)
    if revision != expected_revision():
        return _plain("migration needed\n", 503)
    return _plain("ok\n")


@blueprint.get(urls.METRICS)
@public
def metrics() -> Response:
    """Figures for Prometheus, to whoever bears METRICS_TOKEN; without that setting, no such page."""
    settings: Config = current_app.extensions["settings"]
    if not settings.metrics_token:
        raise NotFound
    if not hmac.compare_digest(
        request.headers.get("Authorization", "").encode(), f"Bearer {settings.metrics_token}".encode()
    ):
        refused = _plain("a bearer token is needed\n", 401)
        refused.headers["WWW-Authenticate"] = "Bearer"
        return refused
    meters: Meters = current_app.extensions["meters"]
    answer = make_response(generate_latest(meters.registry) + generate_latest(desk_figures(now())))
    answer.headers["Content-Type"] = CONTENT_TYPE_LATEST
    return answer


def _plain(words: str, status: int = 200) -> Response:
    answer = make_response(words, status)
    answer.mimetype = "text/plain"
    answer.headers["Cache-Control"] = "no-store"
    return answer
