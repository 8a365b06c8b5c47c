"""Who is asking, and may they? Identity, the policy table, the OAuth server, sessions, limits, security headers."""

from flask import Flask


def register(app: Flask) -> None:
    """Add the authorisation server, the limits and the security headers to the application."""
    from hub.access import acting, headers, limits, oauth_routes

    acting.register(app)
    headers.register(app)
    limits.register(app)
    oauth_routes.register(app)
