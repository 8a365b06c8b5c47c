"""Signing people in and out: the cookies, and the steps of a sign-in, with a password and a code or with a passkey."""

import re
from dataclasses import dataclass
from typing import Final, NoReturn

from flask import request
from werkzeug.wrappers import Response

from federation.problems import Problem
from hub.access.context import database, settings
from hub.services import coordinators, passkeys, second_factors, sign_in_steps
from hub.services.coordinators import Account
from hub.services.passkeys import Options
from hub.services.sign_in_steps import Step

SESSION_ID: Final = re.compile(r"[A-Za-z0-9_-]{43}")
STEP_SECONDS: Final = int(sign_in_steps.LIFE.total_seconds())


@dataclass(frozen=True, slots=True)
class Entry:
    """What the browser gets: the id of a session, or of a step towards one that is not ``complete``."""

    identifier: str
    complete: bool


def cookie_name() -> str:
    """Return the cookie's name: browsers keep ``__Host-`` cookies to this host, this path and TLS."""
    return "__Host-passerelle" if settings().secure_cookies else "passerelle"


def step_cookie_name() -> str:
    """Return the name of the cookie that holds a step, for minutes."""
    return f"{cookie_name()}-step"


def session_id() -> str | None:
    """Return the session id the browser sent, or nothing when it has not the form of one."""
    return _sent(cookie_name())


def step_id() -> str | None:
    """Return the id of the step the browser is at, or nothing when it has not the form of one."""
    return _sent(step_cookie_name())


def _sent(name: str) -> str | None:
    value = request.cookies.get(name, "")
    return value if SESSION_ID.fullmatch(value) else None


def sign_in(username: str, password: str) -> Entry:
    """Check a name and password; return a fresh session, or the step that asks for a code, for :func:`start_session`.

    Raises
    ------
    Problem
        ``too-many-requests``, or ``not-signed-in`` in the same words, after the same work, whatever was wrong.

    Notes
    -----
    The attempt is counted, and the count committed, before the password is looked at.
    """
    name = username.strip().casefold()
    count_attempt(name)
    with database().reading() as session:
        account = coordinators.find_account(session, name)
    if not coordinators.password_holds(account, password) or account is None:
        refuse(account)
    if not account.second_factor:
        return open_session(account)
    step, _ = database().run(lambda session: sign_in_steps.begin(session, "code", account.coordinator_id))
    return Entry(step, complete=False)


def finish_with_code(code: str) -> Entry:
    """Return a fresh session for the right code (of the app, or a recovery code) after the right password.

    Raises
    ------
    Problem
        ``too-many-requests``, or ``not-signed-in`` in the words of a wrong password. A step is good for one code.
    """
    account = _account(take_step("code"))
    if not spend_code(account, code) or account is None or not account.usable:
        refuse(account)
    return open_session(account)


def ask_passkey() -> tuple[Entry, Options]:
    """Return a step and its question to any passkey of this hub."""
    step, options = database().run(lambda session: passkeys.ask(session, settings()))
    return Entry(step, complete=False), options


def finish_with_passkey(answer: str) -> Entry:
    """Return a fresh session of the account whose passkey answered; device and user verification are both factors at once.

    Raises
    ------
    Problem
        ``not-signed-in`` in the words of a wrong password, whatever was wrong.
    """
    step = take_step("passkey_sign_in")
    owner = database().run(lambda session: passkeys.owner(session, step, answer, settings()))
    account = _account(Step(owner, "") if owner else None)
    if account is None or not account.usable:
        refuse(account)
    return open_session(account)


def count_attempt(name: str) -> None:
    """Count one try at a password before it is looked at.

    Raises
    ------
    Problem
        ``too-many-requests``.
    """
    address = request.remote_addr or ""
    _wait(database().run(lambda session: coordinators.count_attempt(session, name, address, settings())))


def spend_code(account: Account | None, code: str) -> bool:
    """Whether a code is right, counted before it is looked at, and used up.

    Raises
    ------
    Problem
        ``too-many-requests``.
    """
    identifier = account.coordinator_id if account else None
    counted = identifier or "nobody"
    wait = database().run(lambda session: coordinators.count_code(session, counted, settings()))
    if identifier is not None:
        _wait(wait)
    return database().run(lambda session: second_factors.spend_code(session, identifier, code, settings()))


def _wait(seconds: int | None) -> None:
    if seconds is not None:
        raise Problem("too-many-requests", "Too many attempts this hour: wait, then try again.", retry_after=seconds)


def take_step(purpose: str) -> Step | None:
    """Use up the step the browser is at; nothing when it is at none of this purpose."""
    identifier = step_id()
    if identifier is None:
        return None
    return database().run(lambda session: sign_in_steps.take(session, identifier, purpose))


def _account(step: Step | None) -> Account | None:
    """Return whose step it was; without one, ask for nobody's account."""
    identifier = (step.coordinator_id if step else None) or "nobody"
    with database().reading() as session:
        return coordinators.account_of(session, identifier)


def open_session(account: Account) -> Entry:
    """Return a fresh session in place of the one this browser had."""
    earlier = session_id()
    opened = database().run(lambda session: coordinators.open_session(session, account, settings(), replaces=earlier))
    return Entry(opened, complete=True)


def refuse(account: Account | None) -> NoReturn:
    """Note a refusal and say it in the words for all of them.

    Raises
    ------
    Problem
        ``not-signed-in``.
    """
    database().run(lambda session: coordinators.note_refusal(session, account))
    raise Problem("not-signed-in", "Check the user name, the password and the code, then try again.")


def sign_out() -> None:
    """End the session of this request, here and now; the cookie is taken back by :func:`end_session`."""
    identifier = session_id()
    if identifier is not None:
        database().run(lambda session: coordinators.sign_out(session, identifier))


def start_session(response: Response, entry: Entry) -> None:
    """Give the browser the session id, or the step's for minutes. A session's cookie goes when the browser is closed."""
    if entry.complete:
        _forget(response, step_cookie_name())
        _keep(response, cookie_name(), entry.identifier)
    else:
        _keep(response, step_cookie_name(), entry.identifier, STEP_SECONDS)


def end_session(response: Response) -> None:
    """Take the session id back from the browser."""
    _forget(response, cookie_name())


def _keep(response: Response, name: str, value: str, seconds: int | None = None) -> None:
    secure = settings().secure_cookies
    response.set_cookie(name, value, seconds, path="/", secure=secure, httponly=True, samesite="Lax")


def _forget(response: Response, name: str) -> None:
    # Only what the browser has: an answer that opens a session sets one cookie, and no more.
    if name in request.cookies:
        response.delete_cookie(name, path="/", secure=settings().secure_cookies, httponly=True, samesite="Lax")
