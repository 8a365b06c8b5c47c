"""The first page: what waits on whom; for an operator, what the network needs watching for."""

from flask import render_template

from hub.access.context import database
from hub.access.identity import current_actor
from hub.access.policy import Operation, allows, requires
from hub.models import utcnow
from hub.pages.frame import pages
from hub.pages.moves import to_decide
from hub.services import gatherings, introductions, mentee_pages, overview, proposals, referrals, withdrawal_notices
from hub.services.actors import Actor


@pages.get("/")
@requires(Operation.HOME_READ)
def home() -> str:
    """Show what waits on the reader's organisation, then what waits on others; an operator sees no people."""
    actor = current_actor()
    return _watch(actor) if actor.role == "operator" else _inbox(actor)


def _watch(actor: Actor) -> str:
    with database().reading() as session:
        found = overview.show(session, actor, utcnow())
    return render_template("hub.html", hub=found)


def _inbox(actor: Actor) -> str:
    with database().reading() as session:
        asked = proposals.inbox(session, actor, ("proposed",))
        gathered = gatherings.inbox(session, actor, ("proposed",))
        referred = referrals.board(session, actor)
        carried = introductions.listed(session, actor)
        news = mentee_pages.news(session, actor, utcnow())
        withdrawn = withdrawal_notices.waiting(session, actor, utcnow())
    pairs_to_decide, asked_of_others = to_decide(asked)
    to_gather, gathered_by_others = to_decide(gathered)
    return render_template(
        "home.html",
        to_decide=pairs_to_decide,
        asked_of_others=asked_of_others,
        to_gather=to_gather,
        gathered_by_others=gathered_by_others,
        to_answer=[one for one in referred if one.mine == "receiver" and one.state in {"sent", "received"}],
        news=news,
        withdrawn=withdrawn,
        may_confirm=allows(Operation.WITHDRAWAL_CONFIRM, actor),
        introductions=[one for one in carried if one.state not in {"acknowledged", "cancelled", "failed"}],
    )
