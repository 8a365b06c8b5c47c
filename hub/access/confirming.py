"""Is it still them? What endangers an account or others asks the person to prove who they are within the last five minutes."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Final, NoReturn, ParamSpec, TypeVar
from urllib.parse import quote

from flask import abort, redirect, request

from federation.problems import Problem
from hub.access import sessions
from hub.access.context import database, settings
from hub.access.identity import current_person
from hub.access.sessions import Entry
from hub.models import utcnow
from hub.services import coordinators, own_sessions, passkeys
from hub.services.passkeys import Options

P = ParamSpec("P")
R = TypeVar("R")
FRESH: Final = timedelta(minutes=5)
CONFIRM: Final = "/account/confirm"


def is_fresh() -> bool:
    """Whether the person proved who they are within the last five minutes."""
    return utcnow() - current_person().confirmed_at < FRESH


def fresh(back: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let only those into a view who proved within five minutes who they are; others prove it first, and nothing is changed.

    For passwords and factors, keys and roles. Stands below :func:`hub.access.policy.requires`. ``back`` is the page
    where a form of this view stands; a page comes back to itself.
    """

    def guard(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not is_fresh():
                here = request.full_path.rstrip("?") if request.method in {"GET", "HEAD"} else back
                abort(redirect(f"{CONFIRM}?next={quote(here)}", 303))
            return view(*args, **kwargs)

        return guarded

    return guard


def with_password(password: str, code: str) -> Entry:
    """Return the session under a new id for the right password, and the right code where the account has a factor.

    Raises
    ------
    Problem
        ``too-many-requests``, or ``not-signed-in`` in the same words whatever was wrong.
    """
    person = current_person()
    sessions.count_attempt(person.username)
    with database().reading() as session:
        account = coordinators.account_of(session, person.actor.name)
    right = coordinators.password_holds(account, password)
    if right and person.second_factor:
        right = sessions.spend_code(account, code)
    if not right:
        sessions.refuse(account)
    return renewed()


def ask_passkey() -> tuple[Entry, Options]:
    """Return a step and its question to a passkey of this person."""
    name = current_person().actor.name
    step, options = database().run(lambda session: passkeys.ask(session, settings(), "passkey_confirm", name))
    return Entry(step, complete=False), options


def with_passkey(answer: str) -> Entry:
    """Return the session under a new id when a passkey of this person answered.

    Raises
    ------
    Problem
        ``not-signed-in`` in the same words whatever was wrong.
    """
    name, step = current_person().actor.name, sessions.take_step("passkey_confirm")
    owner = database().run(lambda session: passkeys.owner(session, step, answer, settings()))
    if owner != name:
        with database().reading() as session:
            account = coordinators.account_of(session, name)
        sessions.refuse(account)
    return renewed()


def renewed() -> Entry:
    """Return the session under a new id: the person just proved who they are.

    Raises
    ------
    Problem
        ``not-signed-in`` when it ended meanwhile.
    """
    actor, identifier = current_person().actor, sessions.session_id() or ""
    renewed = database().run(lambda session: own_sessions.confirm(session, actor, identifier))
    return Entry(renewed, complete=True) if renewed else _gone()


def _gone() -> NoReturn:
    raise Problem("not-signed-in", "Sign in, then do it again: nothing was changed.")
