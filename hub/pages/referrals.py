"""The referral board, and one referral: facts in order, and what may be recorded next."""

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from federation.vocabularies import load as load_vocabularies
from hub.access.context import database
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.models.referral import CLOSED
from hub.pages.frame import pages
from hub.services import referrals as service
from hub.services.referral_moves import MOVES


@pages.get("/referrals")
@requires(Operation.REFERRAL_READ)
def board() -> str:
    """Show open referrals by who sent them, then closed ones."""
    with database().reading() as session:
        found = service.board(session, current_actor())
    still_open = [one for one in found if one.state not in CLOSED]
    return render_template(
        "referrals/board.html",
        received=[one for one in still_open if one.mine == "receiver"],
        sent=[one for one in still_open if one.mine == "sender"],
        closed=[one for one in found if one.state in CLOSED],
    )


@pages.get("/referrals/<referral_id>")
@requires(Operation.REFERRAL_READ)
def show_referral(referral_id: str) -> str:
    """Show one referral."""
    with database().reading() as session:
        found = service.show(session, current_actor(), referral_id)
    return render_template(
        "referrals/show.html",
        referral=found,
        moves=[(event, MOVES[event].needs) for event in found.allowed],
        reasons=load_vocabularies().codes("decline_reasons"),
        outcomes=load_vocabularies().codes("referral_outcomes"),
    )


@pages.post("/referrals/<referral_id>/events")
@requires(Operation.REFERRAL_RECORD)
def record_event(referral_id: str) -> Response:
    """Record one fact."""
    actor, event = current_actor(), request.form.get("event", "")
    reason, outcome = _code("decline_reasons", "reason"), _code("referral_outcomes", "outcome")
    database().run(lambda session: service.record(session, actor, referral_id, event, reason, outcome))
    flash(_("Recorded. The other side sees it now."))
    return redirect(f"/referrals/{referral_id}", 303)


def _code(vocabulary: str, field: str) -> str | None:
    value = request.form.get(field, "")
    return value if load_vocabularies().has(vocabulary, value) else None
