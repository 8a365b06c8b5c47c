"""Rounds: what each organisation gets together and alone, with the proof in words."""

from flask import render_template

from hub.access.context import database
from hub.access.identity import current_actor
from hub.access.policy import Operation, allows, requires
from hub.pages.frame import pages
from hub.services import proposals
from hub.services import rounds as service

SHOWN = 12
"""Pairs told with their reasons; the inbox has all of them."""


@pages.get("/rounds")
@requires(Operation.ROUND_READ)
def list_rounds() -> str:
    """List rounds, newest first."""
    with database().reading() as session:
        return render_template("rounds/list.html", rounds=service.listed(session, current_actor()))


@pages.get("/rounds/<round_id>")
@requires(Operation.ROUND_READ)
def show_round(round_id: str) -> str:
    """Show one round, and of its pairs those that one's own organisation is asked about, with the reasons."""
    actor = current_actor()
    with database().reading() as session:
        found = service.show(session, actor, round_id)
        own = allows(Operation.PROPOSAL_READ, actor) and found.state == "published"
        pairs = [one for one in proposals.inbox(session, actor) if one.round_id == round_id] if own else []
    shown = [share for share in found.shares if share.mentees != 0]
    most = max([share.mentees or 0 for share in shown], default=1)
    pairs = sorted(pairs, key=lambda one: (-one.points, one.id))
    return render_template(
        "rounds/show.html", round=found, shares=shown, most=max(most, 1), pairs=pairs[:SHOWN], more=len(pairs) > SHOWN
    )
