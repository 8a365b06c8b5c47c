"""Signing in and out."""

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from federation.problems import Problem
from hub.access import sessions
from hub.access.policy import public
from hub.pages.frame import pages, safe_next


@pages.get("/sign-in")
@public("the door itself")
def sign_in() -> str:
    """Show the sign-in form."""
    return render_template("sign_in.html", next=safe_next(request.args.get("next")))


@pages.post("/sign-in")
@public("the door itself")
def open_door() -> Response | tuple[str, int]:
    """Sign in, or say in the same words that it did not work."""
    target = safe_next(request.form.get("next"))
    try:
        identifier = sessions.sign_in(request.form.get("username", ""), request.form.get("password", ""))
    except Problem as problem:
        if problem.kind != "not-signed-in":
            raise
        return render_template("sign_in.html", next=target, failed=True), 401
    response = redirect(target, 303)
    sessions.start_session(response, identifier)
    return response


@pages.post("/sign-out")
@public("ending one's own session needs no permission")
def sign_out() -> Response:
    """End the session here and now."""
    sessions.sign_out()
    flash(_("You are signed out."))
    response = redirect("/sign-in", 303)
    sessions.end_session(response)
    return response
