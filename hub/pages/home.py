"""The inbox: what waits on whom."""

from flask import render_template

from hub.access.context import database
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.models import utcnow
from hub.pages.frame import pages
from hub.services import introductions, mentee_pages, proposals, referrals


@pages.get("/")
@requires(Operation.PROPOSAL_READ)
def home() -> str:
    """Show what waits on the reader's organisation, then what waits on others."""
    actor = current_actor()
    with database().reading() as session:
        asked = proposals.inbox(session, actor, ("proposed",))
        referred = referrals.board(session, actor)
        carried = introductions.listed(session, actor)
        news = mentee_pages.news(session, actor, utcnow())
    return render_template(
        "home.html",
        to_decide=[one for one in asked if "accept" in one.allowed],
        asked_of_others=[one for one in asked if "accept" not in one.allowed],
        to_answer=[one for one in referred if one.mine == "receiver" and one.state in {"sent", "received"}],
        news=news,
        introductions=[one for one in carried if one.state not in {"acknowledged", "cancelled", "failed"}],
    )
