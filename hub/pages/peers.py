"""Peer pairs and circles the network could form: looked for when somebody asks, because it takes a second or two."""

from flask import render_template, request

from federation.problems import Problem
from hub.access.context import settings, solve_then_show
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.models import utcnow
from hub.pages.frame import pages
from hub.pages.sentences import SEND_AGAIN
from hub.services import peers as service


@pages.get("/peers")
@requires(Operation.PEER_READ)
def show_peers() -> str:
    """Say what peers are; with ``look``, show the pairs or the circles that one's own people could join today."""
    actor, today, given = current_actor(), utcnow().date(), settings()
    look = request.args.get("look", "")
    if look not in {"", "pairs", "circles"}:
        raise Problem("bad-request", SEND_AGAIN)
    pairs = circles = None
    if look == "pairs":
        pairs = solve_then_show(
            lambda session: service.solve_in_pairs(session, today),
            lambda session, solved: service.show_pairs(session, actor, solved, given),
        )
    if look == "circles":
        circles = solve_then_show(
            lambda session: service.solve_in_circles(session, today),
            lambda session, solved: service.show_circles(session, actor, solved, given),
        )
    return render_template("peers/show.html", look=look, pairs=pairs, circles=circles)
