"""Signing in with one's organisation: there, back, and an account bound to it by its holder or by an invitation."""

from typing import Final
from urllib.parse import quote

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation.problems import Problem
from hub.access import organisation_sign_in as access
from hub.access import sessions
from hub.access.confirming import CONFIRM, fresh
from hub.access.context import database
from hub.access.identity import current_person, person_if_any
from hub.access.organisation_sign_in import Arrival, NoProvider
from hub.access.policy import Operation, public, requires
from hub.access.provider_calls import ProviderUnreachable
from hub.access.provider_exchange import NotSignedIn
from hub.pages.account import HOME
from hub.pages.frame import pages, safe_next
from hub.pages.sentences import NO_PROVIDER, NOT_SIGNED_IN, UNREACHABLE
from hub.services import own_sessions, provider_identities
from hub.services.provider_errands import Errand

DOOR: Final = "/sign-in"
# Where whoever took an invitation up is shown what to tell.
JOINED: Final = "/sign-in/joined"
# What a way back can end in beside the words of a wrong password; anything else is a page of its own.
TOLD: Final = frozenset({"not-signed-in", "not-found", "conflict"})
LONGEST_TARGET: Final = 1000


@pages.post("/sign-in/organisation")
@public("the door itself")
def leave_for_organisation() -> Response:
    """Lead to the provider of the organisation named, or say that there is none."""
    name = request.form.get("organisation", "").strip().casefold()
    return leave(Errand("sign_in", name, _target()), DOOR)


@pages.post("/account/provider")
@requires(Operation.ACCOUNT_KEEP)
@fresh(HOME)
def begin_binding() -> Response:
    """Lead to the provider of one's own organisation, to bind the account on the way back."""
    return leave(_own("bind", HOME), HOME)


@pages.post("/account/provider/remove")
@requires(Operation.ACCOUNT_KEEP)
@fresh(HOME)
def unbind() -> Response:
    """Let the account go; every other session of it ends."""
    actor, here = current_person().actor, sessions.session_id()

    def unit(session: Session) -> None:
        provider_identities.unbind(session, actor, actor.name)
        own_sessions.end_all(session, actor, keep=here)

    database().run(unit)
    flash(_("Your organisation's sign-in opens this account no more. Everywhere else you are signed out."))
    return redirect(HOME, 303)


@pages.post("/account/confirm/provider")
@requires(Operation.ACCOUNT_KEEP)
def confirm_with_provider() -> Response:
    """Lead to the provider, which is asked to make sure of the person anew."""
    return leave(_own("confirm", _target()), CONFIRM)


def _own(errand: str, target: str) -> Errand:
    actor = current_person().actor
    return Errand(errand, actor.organisation_id or "", target, coordinator_id=actor.name)


def _target() -> str:
    target = safe_next(request.form.get("next"))
    return target if len(target) <= LONGEST_TARGET else "/"


def leave(errand: Errand, back: str) -> Response:
    """Answer with a page that leads elsewhere at once, or go back with a sentence.

    A redirect would be forbidden by our own policy for forms; a refresh is no part of sending one (HTML, 4.2.5.3).
    """
    try:
        departure = access.begin(errand)
    except NoProvider:
        return _told(NO_PROVIDER, back, errand.target)
    except ProviderUnreachable:
        return _told(UNREACHABLE, back, errand.target)
    page = render_template("provider/leaving.html", departure=departure.address)
    response = Response(page, mimetype="text/html")
    response.headers["Refresh"] = f"0; url={departure.address}"
    access.keep(response, departure)
    return response


@pages.get("/sign-in/organisation/<organisation_id>/return")
@public("where providers send browsers back to: nothing happens without the errand this browser left for")
def come_back(organisation_id: str) -> Response:
    """Do what the browser went for. Whatever it ends in, the address with the code is left at once."""
    back = HOME if person_if_any() else DOOR
    try:
        response = _arrived(access.finish(organisation_id))
    except NotSignedIn:
        response = _told(NOT_SIGNED_IN, back)
    except ProviderUnreachable:
        response = _told(UNREACHABLE, back)
    except Problem as problem:
        if problem.kind not in TOLD:
            raise
        response = _told(problem.detail, back)
    access.forget(response)
    return response


def _arrived(arrival: Arrival) -> Response:
    if arrival.entry is None:
        flash(_("From now on your organisation's sign-in opens this account."))
        return redirect(arrival.target, 303)
    address = arrival.target if arrival.entry.complete else _with_next("/sign-in/code", arrival.target)
    if arrival.errand == "invitation":
        address = JOINED
    response = redirect(address, 303)
    sessions.start_session(response, arrival.entry)
    return response


def _told(sentence: str, back: str, target: str = "/") -> Response:
    flash(_(sentence))
    return redirect(_with_next(back, target), 303)


def _with_next(path: str, target: str) -> str:
    return f"{path}?next={quote(target)}" if target != "/" else path
