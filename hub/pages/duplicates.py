"""Possible duplicates: what the hub suspects without knowing anybody, and each side's word."""

from typing import Final

from flask import flash, redirect, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub.access.context import database
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.pages.frame import pages
from hub.pages.moves import Move, run
from hub.services import duplicates as service
from hub.services.duplicates import DuplicateView

MOVES: Final[dict[str, Move[DuplicateView]]] = {
    "confirm": service.confirm,
    "reject": service.reject,
}


@pages.get("/duplicates")
@requires(Operation.DUPLICATE_READ)
def list_duplicates() -> str:
    """List pairs that may be one person: those to decide first."""
    with database().reading() as session:
        found = service.listed(session, current_actor())
    waiting = [one for one in found if one.allowed]
    decided = [one for one in found if not one.allowed]
    return render_template("duplicates/list.html", waiting=waiting, decided=decided)


@pages.post("/duplicates/<duplicate_id>/<any(confirm, reject):move>")
@requires(Operation.DUPLICATE_DECIDE)
def decide_duplicate(duplicate_id: str, move: str) -> Response:
    """Say for the reader's organisation whether the two are one person."""
    run(MOVES[move], duplicate_id)
    flash(_("Noted for your side. Nothing was merged."))
    return redirect("/duplicates", 303)
