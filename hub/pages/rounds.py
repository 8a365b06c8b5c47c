"""Rounds: what each organisation gets together and alone, with the proof in words."""

from flask import render_template

from hub.access.context import database
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.pages.frame import pages
from hub.services import rounds as service


@pages.get("/rounds")
@requires(Operation.ROUND_READ)
def list_rounds() -> str:
    """List rounds, newest first."""
    with database().reading() as session:
        return render_template("rounds/list.html", rounds=service.listed(session, current_actor()))


@pages.get("/rounds/<round_id>")
@requires(Operation.ROUND_READ)
def show_round(round_id: str) -> str:
    """Show one round."""
    with database().reading() as session:
        found = service.show(session, current_actor(), round_id)
    shown = [share for share in found.shares if share.mentees != 0]
    most = max([share.mentees or 0 for share in shown], default=1)
    return render_template("rounds/show.html", round=found, shares=shown, most=max(most, 1))
