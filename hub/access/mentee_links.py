"""A mentee's way in: the link exchanged for a cookie of its own, kept to her own pages and read nowhere else."""

import re
from typing import Final

from flask import g, request
from werkzeug.wrappers import Response

from federation.problems import Problem
from hub.access.context import database, settings
from hub.models import utcnow
from hub.services import coordinators, mentee_links
from hub.services.mentee_links import Mentee

HOME: Final = "/m"
SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")


def is_mentee_request() -> bool:
    """Whether the address is one of a mentee's own pages."""
    return request.path == HOME or request.path.startswith(f"{HOME}/")


def cookie_name() -> str:
    """Return the cookie's name. It is not ``__Host-``: that asks for every path, and this one goes to her pages only."""
    return "__Secure-passerelle-m" if settings().secure_cookies else "passerelle-m"


def check_form(capability: str) -> None:
    """Refuse what has not the form of a link, such as one cut short by a message.

    Raises
    ------
    Problem
        ``not-found``.
    """
    if not SECRET.fullmatch(capability):
        raise _dead()


def enter(response: Response, capability: str) -> None:
    """Exchange a link for a session and give it to the browser, until the link's last moment.

    Raises
    ------
    Problem
        ``not-found`` in the same words for a link that is forged, cut short, used, too old, or of a member that is stopped.
    """
    check_form(capability)
    opened = database().run(lambda session: mentee_links.exchange(session, capability))
    if opened is None:
        raise _dead()
    identifier, ends_at = opened
    response.set_cookie(
        cookie_name(),
        identifier,
        max_age=int((ends_at - utcnow()).total_seconds()),
        path=HOME,
        secure=settings().secure_cookies,
        httponly=True,
        samesite="Lax",
    )


def current_mentee() -> Mentee:
    """Return whose own page this is.

    Raises
    ------
    Problem
        ``not-signed-in`` without a running session, ``organisation-suspended``.
    """
    if "mentee" not in g:
        g.mentee = _read_session()
    mentee: Mentee | None = g.mentee
    if mentee is None:
        raise Problem("not-signed-in", "This page is closed: ask for a new link.")
    if mentee.suspended:
        raise Problem("organisation-suspended", "This page is closed: ask for a new link.")
    return mentee


def code_fits(code: str) -> bool:
    """Whether the mentee typed the digits she was given, counted before they are looked at.

    Raises
    ------
    Problem
        ``too-many-requests``.
    """
    mentee, given = current_mentee(), settings()
    wait = database().run(lambda session: coordinators.count_code(session, mentee.profile_id, given))
    if wait is not None:
        raise Problem("too-many-requests", "Too many attempts this hour: wait, then try again.", retry_after=wait)
    return database().run(lambda session: mentee_links.code_fits(session, mentee, code, given))


def read_again() -> None:
    """Forget who this is for the rest of the request: what was just counted may have closed the page."""
    g.pop("mentee", None)


def leave(response: Response) -> None:
    """End the session of this browser, whether or not it still runs, and take the cookie back."""
    identifier = _sent()
    if identifier is not None:
        database().run(lambda session: mentee_links.leave(session, identifier))
    forget(response)


def forget(response: Response) -> None:
    """Take the cookie back."""
    response.delete_cookie(cookie_name(), path=HOME, secure=settings().secure_cookies, httponly=True, samesite="Lax")


def _dead() -> Problem:
    return Problem("not-found", "This link no longer works, or is not whole: ask for a new one.")


def _read_session() -> Mentee | None:
    identifier = _sent()
    if identifier is None:
        return None
    with database().reading() as session:
        return mentee_links.resume(session, identifier)


def _sent() -> str | None:
    value = request.cookies.get(cookie_name(), "")
    return value if SECRET.fullmatch(value) else None
