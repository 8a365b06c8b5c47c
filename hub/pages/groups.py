"""Small groups the network could form: looked for when somebody asks, because it takes about a second."""

from flask import render_template, request

from hub.access.context import database, settings
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.models import utcnow
from hub.pages.frame import pages
from hub.services import groups as service


@pages.get("/groups")
@requires(Operation.RECOMMENDATION_READ)
def show_groups() -> str:
    """Say what a group is; with ``look``, show those that one's own people could join today."""
    found = None
    if request.args.get("look"):
        actor, given = current_actor(), settings()
        with database().reading() as session:
            solved = service.solve_in_groups(session, utcnow().date())
        found = database().run(lambda session: service.show_groups(session, actor, solved, given))
    return render_template("groups/show.html", found=found)
