"""Signing in and out: a password, then a code where the account has a second factor; or a passkey alone."""

from typing import Final
from urllib.parse import quote

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from federation.problems import Problem
from hub.access import sessions
from hub.access.policy import public
from hub.access.sessions import Entry
from hub.pages.ceremonies import passkeys_possible, question
from hub.pages.frame import pages, safe_next

# The short name of an organisation, in a link that an agency gives to its people: /sign-in?organisation=eriec
LONGEST_NAME: Final = 40


@pages.get("/sign-in")
@public("the door itself")
def sign_in() -> str:
    """Show the sign-in form."""
    return _form(safe_next(request.args.get("next")))


def _form(target: str, *, failed: bool = False) -> str:
    organisation = request.args.get("organisation", "")[:LONGEST_NAME]
    return render_template(
        "sign_in.html", next=target, failed=failed, passkeys=passkeys_possible(), organisation=organisation
    )


@pages.post("/sign-in")
@public("the door itself")
def open_door() -> Response | tuple[str, int]:
    """Sign in or ask for a code, or say in the same words that it did not work."""
    target = safe_next(request.form.get("next"))
    try:
        entry = sessions.sign_in(request.form.get("username", ""), request.form.get("password", ""))
    except Problem as problem:
        return _refused(problem, target)
    return _enter(entry, target)


@pages.get("/sign-in/code")
@public("the second half of the door")
def ask_code() -> Response | str:
    """Ask for the code; nobody comes here without the right password before."""
    target = safe_next(request.args.get("next"))
    if sessions.step_id() is None:
        return redirect(_address("/sign-in", target), 303)
    return render_template("sign_in_code.html", next=target)


@pages.post("/sign-in/code")
@public("the second half of the door")
def enter_code() -> Response | tuple[str, int]:
    """Sign in with the code, or start again in the words of a wrong password."""
    target = safe_next(request.form.get("next"))
    try:
        return _enter(sessions.finish_with_code(request.form.get("code", "")), target)
    except Problem as problem:
        return _refused(problem, target)


@pages.post("/sign-in/passkey")
@public("the door itself")
def enter_with_passkey() -> Response | tuple[str, int]:
    """Ask the passkey, then sign in with its answer."""
    target = safe_next(request.form.get("next"))
    answer = request.form.get("answer")
    if not answer:
        return question(sessions.ask_passkey, _address("/sign-in", target))
    try:
        return _enter(sessions.finish_with_passkey(answer), target)
    except Problem as problem:
        return _refused(problem, target)


def _enter(entry: Entry, target: str) -> Response:
    response = redirect(target if entry.complete else _address("/sign-in/code", target), 303)
    sessions.start_session(response, entry)
    return response


def _refused(problem: Problem, target: str) -> tuple[str, int]:
    if problem.kind != "not-signed-in":
        raise problem
    return _form(target, failed=True), 401


def _address(path: str, target: str) -> str:
    return f"{path}?next={quote(target)}" if target != "/" else path


@pages.post("/sign-out")
@public("ending one's own session needs no permission")
def sign_out() -> Response:
    """End the session here and now."""
    sessions.sign_out()
    flash(_("You are signed out."))
    response = redirect("/sign-in", 303)
    sessions.end_session(response)
    return response
