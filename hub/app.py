"""``create_app(settings)``: the only file that knows every part."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from hub import access, api, errors, health, logs, pages, roles
from hub.access.policy import check_every_route
from hub.database import Database
from hub.pages.problems import render_problem
from hub.services import matching
from hub.settings import Settings, load_settings


def create_served_app() -> Flask:
    """Make the application of a server process, ready: the first coordinator of the day waits for no graph to be built."""
    app = create_app()
    parts = app.extensions["passerelle"]
    roles.refuse_powerful(parts["database"].engine, parts["settings"])
    matching.knowledge()
    return app


def create_app(settings: Settings | None = None, database: Database | None = None) -> Flask:
    """Put the hub together.

    Raises
    ------
    UnsafeSettings
        The configuration would endanger people.
    RuntimeError
        A route has no row in the policy table: the hub does not open with an unguarded door.
    """
    settings = settings or load_settings()
    logs.configure(as_json=settings.log_json)
    app = Flask("hub", static_folder=None, template_folder="pages/templates")
    app.config.update(
        SECRET_KEY=settings.secret,
        MAX_CONTENT_LENGTH=settings.bulk_body_bytes,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
    )
    rest = settings.mentor_rest_days
    database = database or Database(settings.database, settings.instance_folder, mentor_rest_days=rest)
    app.extensions["passerelle"] = {"settings": settings, "database": database}
    health.register(app)
    access.register(app)
    api.register(app)
    pages.register(app)
    errors.register(app, render_problem)
    check_every_route(app)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies
        )
    return app
