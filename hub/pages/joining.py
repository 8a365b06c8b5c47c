"""Taking an invitation up: one button, a way to sign in of one's own choice, and digits to tell."""

from flask import redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from federation.problems import Problem
from hub.access import joining, organisation_sign_in, sessions
from hub.access.policy import public
from hub.access.sessions import Entry
from hub.pages.account import picture, spaced
from hub.pages.ceremonies import passkeys_possible, question
from hub.pages.frame import pages
from hub.pages.organisation_sign_in import DOOR, JOINED, leave
from hub.pages.sentences import TRY_PASSKEY
from hub.services.invitations import Invited
from hub.services.second_factors import NewApp

ONCE = "the link is the permission, once"


@pages.get("/sign-in/invitation/<secret>")
@public("whoever has the link may see that it is one: opening it changes nothing and tells nothing")
def show_invitation(secret: str) -> str:
    """Show one button. Programs that look at links in messages press none, so none of them uses the link up."""
    return render_template("joining/invitation.html", door=request.path)


@pages.post("/sign-in/invitation/<secret>")
@public(ONCE)
def accept_invitation(secret: str) -> Response | str:
    """Show the ways to sign in, or lead to the provider where that is all the link is for; it stays good until taken up."""
    found = joining.invited(secret)
    if found.purpose == "bind":
        return leave(organisation_sign_in.invited_to(secret), DOOR)
    return _choices(secret, found, *joining.offer_app(found))


def _choices(secret: str, found: Invited, offered: NewApp, sealed: str, error: str | None = None) -> str:
    here = _address(secret)
    return render_template(
        "joining/choices.html",
        door=here,
        # Another language would ask for a form's address: begin again there.
        here=here,
        username=found.username,
        passkeys=passkeys_possible(),
        provider=organisation_sign_in.is_possible(found.organisation_id),
        secret=spaced(offered),
        picture=picture(offered),
        sealed=sealed,
        error=error,
    )


def _address(secret: str) -> str:
    return f"/sign-in/invitation/{secret}"


@pages.post("/sign-in/invitation/<secret>/app")
@public(ONCE)
def join_with_app(secret: str) -> Response | tuple[str, int]:
    """Take the link up with a password and an app's first code."""
    found, sealed = joining.joining(secret), request.form.get("app", "")
    offered = joining.offered_app(found, sealed)
    password, again, code = (request.form.get(name, "") for name in ("password", "again", "code"))
    try:
        return _joined(joining.with_app(secret, password, again, offered, code))
    except Problem as problem:
        if problem.kind != "invalid-fields":
            raise
        shown = (offered, sealed) if offered else joining.offer_app(found)
        return _choices(secret, found, *shown, _(problem.detail)), problem.status


@pages.post("/sign-in/invitation/<secret>/passkey")
@public(ONCE)
def join_with_passkey(secret: str) -> Response | tuple[str, int]:
    """Ask the device for a passkey, then take the link up with it."""
    found, answer = joining.joining(secret), request.form.get("answer")
    if not answer:
        return question(lambda: joining.ask_for_passkey(found), _address(secret))
    try:
        return _joined(joining.with_passkey(secret, answer))
    except Problem as problem:
        if problem.kind not in {"invalid-fields", "conflict"}:
            raise
        return _choices(secret, found, *joining.offer_app(found), _(TRY_PASSKEY)), problem.status


@pages.post("/sign-in/invitation/<secret>/provider")
@public(ONCE)
def join_with_provider(secret: str) -> Response:
    """Lead to the organisation's provider; whoever comes back from there takes the link up."""
    return leave(organisation_sign_in.invited_to(secret), _address(secret))


def _joined(entry: Entry) -> Response:
    response = redirect(JOINED, 303)
    sessions.start_session(response, entry)
    return response


@pages.get(JOINED)
@public("the digits are shown to the browser that took a link up, and to no other")
def show_joined() -> Response | str:
    """Show the digits to tell, for minutes."""
    digits = joining.digits()
    return render_template("joining/joined.html", digits=digits) if digits else redirect(DOOR, 303)
