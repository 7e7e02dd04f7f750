"""Puts the application together. Wires everything, decides nothing."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_login import current_user
from werkzeug.middleware.proxy_fix import ProxyFix

from app import cli
from app.accounts import views as accounts_views
from app.accounts import views_people, views_proconnect
from app.accounts.policy import Permission, can
from app.announcements import views as announcements_views
from app.announcements.reactors import follow_ticket
from app.config import ROOT, Config
from app.deadlines import views as deadlines_views
from app.documentation import views as documentation_views
from app.extensions import csrf, db, htmx, login_manager, migrate
from app.files import views as files_views
from app.infra.engines import engine_options, prepare
from app.journal import views_technical
from app.journal.service import react
from app.kernel.clock import Clock, SystemClock
from app.mailroom import views as mailroom_views
from app.notifications import views as notifications_views
from app.operations import health, metrics
from app.partners import views as partners_views
from app.supervision import views as supervision_views
from app.tickets import views as tickets_views
from app.tickets import views_home, views_search
from app.tickets.queries import scope_of_subject
from app.web import assets, compression, errors, filters, gallery, headers, navigation, pages
from app.worker import views as worker_views

MAX_REQUEST_BYTES = 25 * 1024 * 1024
MAX_FORM_MEMORY_BYTES = 2 * 1024 * 1024


def create_app(config: Config, clock: Clock | None = None) -> Flask:
    """The application, ready to serve or to run a command. Touches no database."""
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=None)
    app.config.from_mapping(_flask_settings(config))
    app.extensions["clock"] = clock or SystemClock()
    app.extensions["settings"] = config
    _bind_extensions(app, config)
    _dress(app, config)
    _open_the_rooms(app)
    cli.install(app)
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _open_the_rooms(app: Flask) -> None:
    """The pages of each feature, and what one feature tells another."""
    for blueprint in (
        views_home.blueprint,
        tickets_views.blueprint,
        views_search.blueprint,
        accounts_views.blueprint,
        views_people.blueprint,
        files_views.blueprint,
        documentation_views.blueprint,
        deadlines_views.blueprint,
        partners_views.blueprint,
        announcements_views.blueprint,
        supervision_views.blueprint,
        pages.blueprint,
        health.blueprint,
        worker_views.blueprint,
        notifications_views.blueprint,
        views_technical.blueprint,
        mailroom_views.blueprint,
    ):
        app.register_blueprint(blueprint)
    views_proconnect.install(app, app.extensions["settings"])
    files_views.install(app, scope_of_subject)
    react(follow_ticket)


def _flask_settings(config: Config) -> dict[str, object]:
    return {
        "SECRET_KEY": config.secret_key,
        "TESTING": config.testing,
        "DEMO": config.demo,
        "SQLALCHEMY_DATABASE_URI": config.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(config.database_url),
        "MAX_CONTENT_LENGTH": MAX_REQUEST_BYTES,
        "MAX_FORM_MEMORY_SIZE": MAX_FORM_MEMORY_BYTES,
        "SESSION_COOKIE_NAME": "__Host-desk" if config.secure_cookies else "desk",
        "SESSION_COOKIE_SECURE": config.secure_cookies,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: nothing typed is lost to a timer
        "WTF_CSRF_SSL_STRICT": config.secure_cookies,
        "PREFERRED_URL_SCHEME": "https" if config.secure_cookies else "http",
    }


def _bind_extensions(app: Flask, config: Config) -> None:
    if config.database_url.startswith("sqlite:///"):
        Path(config.database_url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    db.init_app(app)
    with app.app_context():
        prepare(db.engine)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    login_manager.init_app(app)
    csrf.init_app(app)
    htmx.init_app(app)


def _dress(app: Flask, config: Config) -> None:
    """Everything that pages share: assets, filters, menu, headers, error pages."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    assets.install(app, ROOT / "static")
    filters.install(app)
    navigation.install(app, _allows)
    app.jinja_env.globals["can"] = _allows
    metrics.install(app)
    errors.install(app)
    headers.install(app, config.proconnect_issuer)
    compression.install(app)
    if config.gallery:
        app.register_blueprint(gallery.blueprint)


def _allows(permission: str) -> bool:
    return current_user.is_authenticated and can(current_user.actor, Permission(permission))
