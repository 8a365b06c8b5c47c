"""The proposal inbox, and one proposal: reasons, both cards, each side's word."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation.problems import FieldError, Problem
from federation.vocabularies import load as load_vocabularies
from hub.access.context import database
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.pages.frame import pages
from hub.pages.sentences import CHOOSE_REASON
from hub.services import introductions, mentee_pages
from hub.services import proposals as service
from hub.services.proposals import ProposalView


@pages.get("/proposals")
@requires(Operation.PROPOSAL_READ)
def list_proposals() -> str:
    """List proposals: those to decide first."""
    with database().reading() as session:
        found = service.inbox(session, current_actor())
    mine = [one for one in found if "accept" in one.allowed]
    others = [one for one in found if "accept" not in one.allowed]
    return render_template("proposals/list.html", mine=mine, others=others)


@pages.get("/proposals/<proposal_id>")
@requires(Operation.PROPOSAL_READ)
def show_proposal(proposal_id: str) -> str:
    """Show one proposal and, once both agreed, how far its introduction is."""
    actor = current_actor()
    with database().reading() as session:
        found = service.show(session, actor, proposal_id)
        word = mentee_pages.word_on(session, actor, proposal_id)
        carried = [one for one in introductions.listed(session, actor) if one.proposal == proposal_id]
    reasons = load_vocabularies().codes("pair_decline_reasons")
    return render_template("proposals/show.html", proposal=found, carried=carried, decline_reasons=reasons, word=word)


@pages.post("/proposals/<proposal_id>/<any(accept, decline, withdraw):move>")
@requires(Operation.PROPOSAL_DECIDE)
def decide(proposal_id: str, move: str) -> Response:
    """Say yes, no, or take it back, for the reader's organisation."""
    actor = current_actor()
    moves: dict[str, Callable[[Session], ProposalView]] = {
        "accept": lambda session: service.accept(session, actor, proposal_id),
        "decline": lambda session: service.decline(session, actor, proposal_id, _reason()),
        "withdraw": lambda session: service.withdraw(session, actor, proposal_id),
    }
    view = database().run(moves[move])
    done = {
        "agreed": _("Agreed. Both said yes."),
        "declined": _("Declined. The other side hears the reason's code and nothing else."),
        "withdrawn": _("Withdrawn."),
    }
    flash(done.get(view.state, _("Accepted for your side. The other side has still to answer.")))
    return redirect(f"/proposals/{proposal_id}", 303)


def _reason() -> str:
    reason = request.form.get("reason", "")
    if not load_vocabularies().has("pair_decline_reasons", reason):
        raise Problem("invalid-fields", CHOOSE_REASON, errors=[FieldError("/reason", "?")])
    return reason
