"""What the reader's organisation decides about sharing: how long it looks near first, and which agreements go on."""

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from federation.documents import MOST_LOCAL_DAYS
from federation.problems import Problem
from hub.access.context import database
from hub.access.identity import current_actor
from hub.access.policy import Operation, allows, requires
from hub.models import utcnow
from hub.pages.frame import pages
from hub.pages.problems import next_step
from hub.services import round_views
from hub.services import sharing as service

HOME = "/sharing"


@pages.get(HOME)
@requires(Operation.SHARING_READ)
def show_sharing() -> str:
    """Show the organisation's window with what windows cost the last round, and its agreements."""
    return _sharing()


def _sharing(error: str | None = None) -> str:
    actor = current_actor()
    with database().reading() as session:
        found = service.show(session, actor, utcnow().date())
        cost = round_views.cost_of_windows(session, actor)
    may = allows(Operation.SHARING_CHANGE, actor)
    return render_template("sharing/show.html", sharing=found, cost=cost, may=may, most=MOST_LOCAL_DAYS, error=error)


@pages.post(HOME)
@requires(Operation.SHARING_CHANGE)
def set_window() -> Response | tuple[str, int]:
    """Set for how many days the organisation looks near first."""
    actor, said = current_actor(), request.form.get("local_first_days", "").strip()
    # What is no number is none that could be set; the service says which could.
    days = int(said) if said.isdecimal() and len(said) < 4 else -1
    try:
        database().run(lambda session: service.look_near_first(session, actor, actor.organisation, days))
    except Problem as problem:
        if problem.kind != "invalid-fields":
            raise
        return _sharing(next_step(problem)), problem.status
    flash(_("Noted. It counts from the next suggestion and the next round."))
    return redirect(HOME, 303)


@pages.post(f"{HOME}/agreements/<agreement_id>/withdraw")
@requires(Operation.SHARING_CHANGE)
def end_agreement(agreement_id: str) -> Response:
    """End one agreement at once."""
    actor = current_actor()
    database().run(lambda session: service.withdraw(session, actor, agreement_id, utcnow().date()))
    flash(_("The agreement is ended: nobody is matched under it any more, and both organisations are told."))
    return redirect(HOME, 303)
