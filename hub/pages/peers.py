"""Peer pairs and circles the network could form: looked for when somebody asks, because it takes a second or two."""

from flask import render_template, request

from federation.problems import Problem
from hub.access.context import database, settings
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
        with database().reading() as session:
            paired = service.solve_in_pairs(session, today)
        pairs = database().run(lambda session: service.show_pairs(session, actor, paired, given))
    if look == "circles":
        with database().reading() as session:
            seated = service.solve_in_circles(session, today)
        circles = database().run(lambda session: service.show_circles(session, actor, seated, given))
    return render_template("peers/show.html", look=look, pairs=pairs, circles=circles)
