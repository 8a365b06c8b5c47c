"""Partnerships of the reader's people: those that run, those that are over, and the two ways one ends."""

from typing import Final

from flask import flash, redirect, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from federation.vocabularies import load as load_vocabularies
from hub.access.context import database
from hub.access.identity import current_actor
from hub.access.policy import Operation, allows, requires
from hub.pages.frame import pages
from hub.pages.moves import Move, run, with_reason
from hub.services import partnerships as service
from hub.services.partnerships import PartnershipView

MOVES: Final[dict[str, Move[PartnershipView]]] = {
    "complete": service.complete,
    "end": with_reason(service.end_early, "end_reasons"),
}


@pages.get("/partnerships")
@requires(Operation.PARTNERSHIP_READ)
def list_partnerships() -> str:
    """List partnerships: those that run first, with how long they have run."""
    with database().reading() as session:
        found = service.listed(session, current_actor())
    running = [one for one in found if one.ended_at is None]
    over = [one for one in found if one.ended_at is not None]
    return render_template("partnerships/list.html", running=running, over=over)


@pages.get("/partnerships/<partnership_id>")
@requires(Operation.PARTNERSHIP_READ)
def show_partnership(partnership_id: str) -> str:
    """Show one partnership, and while it runs how to end it."""
    actor = current_actor()
    with database().reading() as session:
        found = service.show(session, actor, partnership_id)
    reasons, may = load_vocabularies().codes("end_reasons"), allows(Operation.PARTNERSHIP_END, actor)
    return render_template("partnerships/show.html", partnership=found, reasons=reasons, may=may)


@pages.post("/partnerships/<partnership_id>/<any(complete, end):move>")
@requires(Operation.PARTNERSHIP_END)
def end_partnership(partnership_id: str, move: str) -> Response:
    """Say for the reader's organisation that it is completed, or ends early."""
    view = run(MOVES[move], partnership_id)
    done = {
        "completed": _("Completed. Both organisations are told."),
        "ended_early": _("Ended early. Both organisations are told, and nobody is at fault."),
    }
    flash(done[view.state])
    return redirect(f"/partnerships/{partnership_id}", 303)
