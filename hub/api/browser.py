"""The API browser: Swagger UI from its wheel, one page of ours around it, nothing from elsewhere and no inline script."""

from pathlib import Path
from typing import Final

import flask_swagger_ui
from flask import Flask, Response, abort, send_from_directory

from hub.access.policy import public
from hub.api.rooms import PREFIX

OURS: Final = Path(__file__).parent / "static"
SHIPPED: Final = Path(flask_swagger_ui.__file__).parent / "dist"
# What the page needs of the wheel, and no file more.
SHIPPED_FILES: Final = frozenset({"swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"})
OWN_FILES: Final = frozenset({"browser.css", "browser.js"})
# Swagger UI's own style sheet draws its icons as data: images; it asks this hub for the description.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
SAME_FOR_EVERYONE: Final = "files of the API browser, the same for everyone"


def register(app: Flask) -> None:
    """Add the page and its files."""
    app.add_url_rule(f"{PREFIX}/docs", view_func=browse_api)
    app.add_url_rule(f"{PREFIX}/docs/<name>", view_func=browser_file)


@public(SAME_FOR_EVERYONE)
def browse_api() -> Response:
    """Show the API for reading and trying out."""
    return _protected(send_from_directory(OURS, "browser.html"))


@public(SAME_FOR_EVERYONE)
def browser_file(name: str) -> Response:
    """Return one file of the page."""
    folder = OURS if name in OWN_FILES else SHIPPED if name in SHIPPED_FILES else abort(404)
    return _protected(send_from_directory(folder, name, max_age=3600))


def _protected(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    return response
