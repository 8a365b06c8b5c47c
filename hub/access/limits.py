"""How often one caller may ask: a budget a minute for each organisation's system, a smaller one for signing in.

Counted in the memory of each process: with several web processes a caller has as many budgets. The limits protect the hub
from a runaway script; guesses at passwords are counted in the database, for all processes together
(``hub.services.coordinators``). An address behind a shared proxy is one address: so address budgets are generous.
"""

import time
from typing import Final

from flask import Flask, Response, g, request
from flask_limiter import Limiter

from federation.problems import Problem
from hub.access.context import settings
from hub.access.identity import current_holder, is_api_request

SIGN_INS_PER_MINUTE: Final = 120
LIMITED_PREFIXES: Final = ("/api/", "/oauth/")
OPEN_ON_THE_API: Final = ("/api/v1/openapi.json", "/api/v1/docs")


def register(app: Flask) -> None:
    """Limit the API, the authorisation server and signing in."""
    limiter = Limiter(
        key_func=caller,
        application_limits=[budget],
        storage_uri="memory://",
        strategy="fixed-window",
        headers_enabled=False,
    )
    limiter.request_filter(is_unlimited)
    limiter.init_app(app)

    @app.after_request
    def say_when(response: Response) -> Response:
        spent = limiter.current_limit
        if response.status_code == 429 and spent is not None and "Retry-After" not in response.headers:
            response.headers["Retry-After"] = str(max(1, spent.reset_at - int(time.time())))
        return response


def is_unlimited() -> bool:
    """Whether a request costs nothing worth counting: pages, static files, health."""
    return not request.path.startswith(LIMITED_PREFIXES) and not is_sign_in()


def is_sign_in() -> bool:
    """Whether somebody tries a password, a code, a passkey or a mentee's link: the costliest things a stranger can ask for."""
    # A mentee's way out opens however many others left from the same address.
    door = request.path.startswith(("/sign-in", "/m/")) and request.path != "/m/leave"
    # A provider sends browsers back with GET, and each time the hub asks it for a token.
    return door and (request.method == "POST" or request.path.startswith("/sign-in/organisation/"))


def budget() -> str:
    """Return the limit of this request."""
    return f"{SIGN_INS_PER_MINUTE if is_sign_in() else settings().requests_per_minute} per minute"


def caller() -> str:
    """Return who pays for this request: the system on the API, else the address."""
    if is_api_request() and not request.path.startswith(OPEN_ON_THE_API):
        return f"client:{_system()}"
    purpose = "sign-in" if is_sign_in() else "address"
    return f"{purpose}:{request.remote_addr}"


def _system() -> str:
    """Return the system that asks. A suspended organisation's pays too: its refusal is the view's, which leaves a trace."""
    try:
        return current_holder().actor.name
    except Problem:
        if g.token_holder is None:
            raise
        return str(g.token_holder.actor.name)
