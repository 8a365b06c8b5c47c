"""The proposal inbox, and one proposal: reasons, both cards, each side's word."""

from typing import Final

from flask import flash, redirect, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from federation.vocabularies import load as load_vocabularies
from hub.access.context import database
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.pages.frame import pages
from hub.pages.moves import Move, run, to_decide, with_reason
from hub.services import introductions, mentee_pages, partnerships
from hub.services import proposals as service
from hub.services.proposals import ProposalView

MOVES: Final[dict[str, Move[ProposalView]]] = {
    "accept": service.accept,
    "decline": with_reason(service.decline),
    "withdraw": service.withdraw,
}


@pages.get("/proposals")
@requires(Operation.PROPOSAL_READ)
def list_proposals() -> str:
    """List proposals: those to decide first."""
    with database().reading() as session:
        found = service.inbox(session, current_actor())
    mine, others = to_decide(found)
    return render_template("proposals/list.html", mine=mine, others=others)


@pages.get("/proposals/<proposal_id>")
@requires(Operation.PROPOSAL_READ)
def show_proposal(proposal_id: str) -> str:
    """Show one proposal and, once both agreed, how far its introduction is."""
    actor = current_actor()
    with database().reading() as session:
        found = service.show(session, actor, proposal_id)
        word = mentee_pages.word_on(session, actor, proposal_id)
        running = partnerships.of_proposal(session, actor, proposal_id)
        carried = [one for one in introductions.listed(session, actor) if one.proposal == proposal_id]
    reasons = load_vocabularies().codes("pair_decline_reasons")
    return render_template(
        "proposals/show.html",
        proposal=found,
        partnership=running,
        carried=carried,
        decline_reasons=reasons,
        word=word,
    )


@pages.post("/proposals/<proposal_id>/<any(accept, decline, withdraw):move>")
@requires(Operation.PROPOSAL_DECIDE)
def decide(proposal_id: str, move: str) -> Response:
    """Say yes, no, or take it back, for the reader's organisation."""
    view = run(MOVES[move], proposal_id)
    done = {
        "agreed": _("Agreed. Both said yes."),
        "declined": _("Declined. The other side hears the reason's code and nothing else."),
        "withdrawn": _("Withdrawn."),
    }
    flash(done.get(view.state, _("Accepted for your side. The other side has still to answer.")))
    return redirect(f"/proposals/{proposal_id}", 303)
