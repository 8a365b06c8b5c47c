"""Taking an invitation up: a passkey, or a password with an app, or the organisation's provider; then digits to be told.

Nothing is kept in the browser before: each form stands at the link's own address, and the link says for whom it is.
"""

import re
from collections.abc import Callable
from typing import Final

from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.access import sessions
from hub.access.context import database, settings
from hub.access.sessions import Entry
from hub.services import invitations, own_sessions, passkeys, second_factors, sign_in_steps
from hub.services.clients import hashed
from hub.services.invitations import Invited
from hub.services.passkeys import Options
from hub.services.second_factors import NewApp

SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")


def invited(secret: str) -> Invited:
    """Return what a link leads to.

    Raises
    ------
    Problem
        ``not-found`` in the same words for a link that is forged, cut short, taken up, or too old.
    """
    found = None
    if SECRET.fullmatch(secret):
        with database().reading() as session:
            found = invitations.looked_up(session, secret)
    if found is None:
        raise _dead()
    return found


def joining(secret: str) -> Invited:
    """Return what a link leads to, where it is to join by.

    Raises
    ------
    Problem
        ``not-found`` as above, and for a link that only binds an account to a provider.
    """
    found = invited(secret)
    if found.purpose != "join":
        raise _dead()
    return found


def offer_app(found: Invited) -> tuple[NewApp, str]:
    """Return an app's secret, and the same sealed, to come back with the form."""
    return second_factors.offer_app(found.actor.name, found.username, settings())


def offered_app(found: Invited, sealed: str) -> NewApp | None:
    """Return the secret that came back with the form, or nothing when it is none that was offered for this account."""
    return second_factors.offered_app(sealed, found.actor.name, found.username, settings())


def with_app(secret: str, password: str, again: str, offered: NewApp | None, code: str) -> Entry:
    """Take the link up with a password and the first code of an app.

    Raises
    ------
    Problem
        ``invalid-fields`` for the password or the code, and the link stays good; ``not-found`` for a link that is dead.
    """
    own_sessions.check_password(password, again)
    password_hash = own_sessions.hash_password(password)

    def unit(session: Session) -> str | None:
        actor = invitations.take_up(session, hashed(secret), "app")
        if actor is None:
            return None
        second_factors.take_app(session, actor, offered, code, settings())
        own_sessions.set_password(session, actor, password_hash)
        return actor.name

    return took(unit)


def ask_for_passkey(found: Invited) -> tuple[Entry, Options]:
    """Return a step and the question to a device for a new passkey."""
    step, options = database().run(lambda session: passkeys.ask_for_new(session, found.actor, settings()))
    return Entry(step, complete=False), options


def with_passkey(secret: str, answer: str) -> Entry:
    """Take the link up with the passkey a device made.

    Raises
    ------
    Problem
        ``invalid-fields`` or ``conflict`` for the answer, and the link stays good; ``not-found`` for a link that is dead.
    """
    step = sessions.take_step("passkey_add")

    def unit(session: Session) -> str | None:
        actor = invitations.take_up(session, hashed(secret), "passkey")
        if actor is None:
            return None
        passkeys.keep(session, actor, step, answer, settings())
        return actor.name

    return took(unit)


def took(unit: Callable[[Session], str | None]) -> Entry:
    """Return the step that shows the digits to the browser that took a link up, and to no other that holds the link.

    Raises
    ------
    Problem
        ``not-found`` when the link was dead by then.
    """

    def whole(session: Session) -> str | None:
        owner = unit(session)
        return sign_in_steps.begin(session, "joined", owner)[0] if owner else None

    step = database().run(whole)
    if step is None:
        raise _dead()
    return Entry(step, complete=False)


def digits() -> str | None:
    """Return the digits this browser is to tell, for minutes; nothing for another browser, and nothing once they were heard."""
    identifier = sessions.step_id()
    if identifier is None:
        return None
    with database().reading() as session:
        owner = sign_in_steps.look(session, identifier, "joined")
        return invitations.digits(session, owner, settings()) if owner else None


def _dead() -> Problem:
    return Problem("not-found", "This link no longer works, or is not whole: ask for a new one.")
