"""Signing people in and out: the cookie, and the four steps of a sign-in."""

import re
from typing import Final

from flask import request
from werkzeug.wrappers import Response

from federation.problems import Problem
from hub.access.context import database, settings
from hub.services import coordinators

SESSION_ID: Final = re.compile(r"[A-Za-z0-9_-]{43}")


def cookie_name() -> str:
    """Return the cookie's name: browsers keep ``__Host-`` cookies to this host, this path and TLS."""
    return "__Host-passerelle" if settings().secure_cookies else "passerelle"


def session_id() -> str | None:
    """Return the session id the browser sent, or nothing when it has not the form of one."""
    value = request.cookies.get(cookie_name(), "")
    return value if SESSION_ID.fullmatch(value) else None


def sign_in(username: str, password: str) -> str:
    """Check a name and password; return the id of a fresh session, to be given to :func:`start_session`.

    Raises
    ------
    Problem
        ``too-many-requests``, or ``not-signed-in`` in the same words, after the same work, whatever was wrong.

    Notes
    -----
    The attempt is counted, and the count committed, before the password is looked at.
    """
    address = request.remote_addr or ""
    name = username.strip().casefold()
    wait = database().run(lambda session: coordinators.count_attempt(session, name, address, settings()))
    if wait is not None:
        raise Problem("too-many-requests", "Too many attempts this hour: wait, then try again.", retry_after=wait)
    with database().reading() as session:
        account = coordinators.find_account(session, name)
    if not coordinators.password_holds(account, password) or account is None:
        database().run(lambda session: coordinators.note_refusal(session, account))
        raise Problem("not-signed-in", "Check the user name and the password, then try again.")
    earlier = session_id()
    return database().run(lambda session: coordinators.open_session(session, account, settings(), replaces=earlier))


def sign_out() -> None:
    """End the session of this request, here and now; the cookie is taken back by :func:`end_session`."""
    identifier = session_id()
    if identifier is not None:
        database().run(lambda session: coordinators.sign_out(session, identifier))


def start_session(response: Response, identifier: str) -> None:
    """Give the browser the session id. A session cookie: it goes when the browser is closed."""
    response.set_cookie(
        cookie_name(), identifier, path="/", secure=settings().secure_cookies, httponly=True, samesite="Lax"
    )


def end_session(response: Response) -> None:
    """Take the session id back from the browser."""
    response.delete_cookie(cookie_name(), path="/", secure=settings().secure_cookies, httponly=True, samesite="Lax")
