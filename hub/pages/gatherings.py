"""Groups, peer pairs and circles: proposed from a suggestion, decided by every organisation with people in them."""

from typing import Final

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation.documents import GatheringDocument, read
from federation.vocabularies import load as load_vocabularies
from hub.access.context import database, settings
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.pages.frame import pages
from hub.pages.moves import Move, run, to_decide, with_reason
from hub.services import gathering_introductions, gathering_terms
from hub.services import gatherings as service
from hub.services.gatherings import GatheringView

MOVES: Final[dict[str, Move[GatheringView]]] = {
    "accept": service.accept,
    "decline": with_reason(service.decline),
    "withdraw": service.withdraw,
    "leave": service.leave,
    "end": service.end,
}


@pages.get("/gatherings")
@requires(Operation.GATHERING_READ)
def list_gatherings() -> str:
    """List them: those to decide first."""
    with database().reading() as session:
        found = service.inbox(session, current_actor())
    mine, others = to_decide(found)
    return render_template("gatherings/list.html", mine=mine, others=others)


@pages.get("/gatherings/<gathering_id>")
@requires(Operation.GATHERING_READ)
def show_gathering(gathering_id: str) -> str:
    """Show one: whose people are in it, each organisation's word, and what is left to do."""
    with database().reading() as session:
        found = service.show(session, current_actor(), gathering_id)
        asked = gathering_terms.show(session, current_actor(), gathering_id)
        carried = gathering_introductions.standing(session, current_actor(), gathering_id)
    reasons = load_vocabularies().codes("pair_decline_reasons")
    return render_template(
        "gatherings/show.html", gathering=found, asked=asked, carried=carried, decline_reasons=reasons
    )


@pages.post("/gatherings")
@requires(Operation.GATHERING_MAKE)
def propose_gathering() -> Response:
    """Invite everybody in a suggestion that one of the pages showed."""
    asked = read(GatheringDocument(), {name: request.form.get(name, "") for name in ("kind", "handle")})
    actor, days, most = current_actor(), settings().proposal_days, settings().mentee_proposals_per_week

    def propose(session: Session) -> GatheringView:
        return service.propose(session, actor, asked["kind"], asked["handle"], days, per_week=most)

    with database().reading() as session:
        service.look_first(session, asked["kind"])
    made = database().run(propose)
    flash(
        _("Agreed: all its people are yours.") if made.state == "agreed" else _("Proposed. The others are asked now.")
    )
    return redirect(f"/gatherings/{made.id}", 303)


@pages.post("/gatherings/<gathering_id>/<any(accept, decline, withdraw, leave, end):move>")
@requires(Operation.GATHERING_DECIDE)
def decide_gathering(gathering_id: str, move: str) -> Response:
    """Say yes, no, take it back, leave it or end it, for the reader's organisation."""
    view = run(MOVES[move], gathering_id)
    done = {
        "agreed": _("Agreed. Everybody said yes."),
        "declined": _("Declined. The others hear the reason's code and nothing else."),
        "withdrawn": _("Withdrawn."),
        "left": _("Your organisation left it. The others are told."),
        "ended": _("Ended. The others are told."),
    }
    flash(done.get(view.state, _("Accepted for your people. Others have still to answer.")))
    return redirect(f"/gatherings/{gathering_id}", 303)
