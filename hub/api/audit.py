"""What an organisation may watch over: who was shown its people."""

from flask import Response

from federation.answers.profiles import ShownPage
from hub.access.context import database
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.api.replies import listed
from hub.api.rooms import Room
from hub.services import pool

audit = Room("audit", "Who was shown your people.")


@audit.route("/audit/shown")
@requires(Operation.EXPOSURE_READ)
@audit.response(200, ShownPage)
def list_shown() -> Response:
    """List which organisations were recommended how many of your mentors, by week, newest first, for a quarter.

    Many of your mentors, or few of them again and again, may mean that somebody is probing: ask them.
    """
    with database().reading() as session:
        return listed(ShownPage(), pool.shown_to(session, current_actor()))
