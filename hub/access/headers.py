"""What every answer tells the browser: take nothing from elsewhere, show nothing elsewhere, keep nothing personal."""

from typing import Final

from flask import Flask, Response, g, request

from hub.access.context import settings
from hub.access.mentee_links import is_mentee_request

# Nothing inline, nothing from another host. Images may be data: the style sheet's own icons are written so.
PAGES: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SYSTEMS: Final = "default-src 'none'; frame-ancestors 'none'"
SYSTEM_PREFIXES: Final = ("/api/", "/oauth/", "/.well-known/")
FIXED: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def register(app: Flask) -> None:
    """Put the headers on every answer, refusals and faults included."""
    app.after_request(protect)


def protect(response: Response) -> Response:
    """Add what is missing; a view may set its own policy, as the API browser does."""
    if is_mentee_request():
        # Where she came from is nobody's business, not even ours; and her address may hold a link.
        response.headers["Referrer-Policy"] = "no-referrer"
    for name, value in FIXED.items():
        response.headers.setdefault(name, value)
    policy = SYSTEMS if request.path.startswith(SYSTEM_PREFIXES) else PAGES
    response.headers.setdefault("Content-Security-Policy", policy)
    # Only what a view marked as the same for everyone (static files, metadata) may be kept.
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if settings().secure_cookies:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    _challenge(response)
    return response


def _challenge(response: Response) -> None:
    """Say how to get in (RFC 9449, 7.1; RFC 9728): 401 where to get a token, 403 which scope is missing."""
    if not request.path.startswith("/api/") or response.status_code not in {401, 403}:
        return
    known = f'resource_metadata="{settings().issuer}/.well-known/oauth-protected-resource"'
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = "DPoP " + ", ".join(filter(None, (g.get("challenge"), known)))
    elif scope := g.get("missing_scope"):
        response.headers["WWW-Authenticate"] = f'DPoP error="insufficient_scope", scope="{scope}", {known}'
