"""A mentee's own page: one link on a phone, where things stand, the way there, her word, and a quick way out.

Nothing on it names her, another person or an organisation, nor says what kind of service this is.
"""

from typing import Final

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub.access import mentee_links as access
from hub.access.context import database
from hub.access.mentee_links import HOME, current_mentee
from hub.access.policy import Operation, public, requires
from hub.models import utcnow
from hub.pages.frame import pages
from hub.pages.writing import locale
from hub.services import mentee_pages as service

# Where the quick way out leads: the weather, as anyone looks at it.
ELSEWHERE: Final = {"en": "https://weather.gc.ca/", "fr": "https://meteo.gc.ca/"}


@pages.get("/m/<capability>")
@public("whoever has the link may see that it is one: opening it changes nothing and tells nothing")
def show_link(capability: str) -> str:
    """Show one button. Programs that look at links in messages press none, so none of them uses the link up."""
    access.check_form(capability)
    return render_template("mentee_links/door.html", door=request.path)


@pages.post("/m/<capability>")
@public("the link is the permission, once")
def open_link(capability: str) -> Response:
    """Exchange the link for a session; its address leads nowhere from now on."""
    response = redirect(HOME, 303)
    access.enter(response, capability)
    return response


@pages.get("/m")
@requires(Operation.MENTEE_PAGE_READ)
def show_own_page() -> str:
    """Show where things stand, what happens next, the way there and what is asked."""
    return _own_page()


def _own_page(*, missed: bool = False) -> str:
    mentee = current_mentee()
    with database().reading() as session:
        found = service.show(session, mentee, utcnow().date())
    return render_template("mentee_links/show.html", found=found, reasons=service.REASONS, missed=missed)


@pages.post("/m/proposals/<proposal_id>")
@requires(Operation.MENTEE_WORD_SAY)
def say(proposal_id: str) -> Response | tuple[str, int]:
    """Keep her yes or no, after the digits: a yes shares more."""
    mentee, word, reason = current_mentee(), request.form.get("word", ""), request.form.get("reason")
    if not access.code_fits(request.form.get("code", "")):
        # Asked anew, or closed by one miss too many.
        access.read_again()
        return _own_page(missed=True), 422
    database().run(lambda session: service.say(session, mentee, proposal_id, word, reason))
    flash(_("Thank you. Your answer was passed on."))
    return redirect(HOME, 303)


@pages.get("/m/stop")
@requires(Operation.MENTEE_PAGE_READ)
def ask_stop() -> str:
    """Say what stopping means, and ask once more."""
    return render_template("mentee_links/stop.html")


@pages.post("/m/stop")
@requires(Operation.CONSENT_WITHDRAW)
def stop() -> Response:
    """Withdraw consent, at once. No digits are asked: to stop must be as easy as to begin, and shares nothing."""
    mentee = current_mentee()
    database().run(lambda session: service.withdraw(session, mentee))
    response = Response(render_template("mentee_links/stopped.html"), mimetype="text/html")
    access.forget(response)
    return response


@pages.post("/m/leave")
@public("leaving needs no permission")
def leave() -> Response:
    """End the session and lead to the weather, in the place of this page in the browser's history.

    A redirect would be forbidden by our own policy for forms; a refresh at once replaces the entry (HTML, 7.4.2.4 and 4.2.5.3).
    """
    elsewhere = ELSEWHERE.get(locale(), ELSEWHERE["en"])
    response = Response(render_template("mentee_links/left.html", elsewhere=elsewhere), mimetype="text/html")
    response.headers["Refresh"] = f"0; url={elsewhere}"
    # What the browser kept of these pages for its way back.
    response.headers["Clear-Site-Data"] = '"cache"'
    access.leave(response)
    return response
