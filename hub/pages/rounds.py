"""Rounds: what each organisation gets together and alone, with the proof in words."""

from collections import Counter
from typing import Any

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from federation.problems import FieldError, Problem
from hub.access.context import database, settings
from hub.access.identity import current_actor
from hub.access.policy import Operation, allows, requires
from hub.models import utcnow
from hub.pages.frame import pages
from hub.services import proposals, repair_views, repairs, stand_ins
from hub.services import rounds as service

SHOWN = 12
"""Pairs told with their reasons, first those who would have nobody; the inbox has all of them."""


@pages.get("/rounds")
@requires(Operation.ROUND_READ)
def list_rounds() -> str:
    """List rounds, newest first."""
    with database().reading() as session:
        return render_template("rounds/list.html", rounds=service.listed(session, current_actor()))


@pages.get("/rounds/<round_id>")
@requires(Operation.ROUND_READ)
def show_round(round_id: str) -> str:
    """Show one round, and of its pairs those that one's own organisation is asked about, with the reasons."""
    actor = current_actor()
    with database().reading() as session:
        found = service.show(session, actor, round_id)
        own = allows(Operation.PROPOSAL_READ, actor) and found.state == "published"
        pairs = [one for one in proposals.inbox(session, actor) if one.round_id == round_id] if own else []
    known = Counter(one.stand_in for one in pairs if one.stand_in)
    pairs = sorted(pairs, key=lambda one: (one.stand_in != "nobody", -one.points, one.id))
    return render_template(
        "rounds/show.html",
        round=found,
        pairs=pairs[:SHOWN],
        more=len(pairs) > SHOWN,
        standing_by=[(kind, known[kind]) for kind in stand_ins.KINDS if known[kind]],
        **bars(found),
    )


def bars(found: service.RoundView) -> dict[str, Any]:
    """Return the organisations whose bars are drawn, and how many mentees the longest one stands for."""
    shown = [share for share in found.shares if share.mentees != 0]
    return {"shares": shown, "most": max([share.mentees or 0 for share in shown] + [1])}


@pages.get("/rounds/<round_id>/repair")
@requires(Operation.ROUND_READ)
def show_repair(round_id: str) -> str:
    """Show whom of the reader's mentees nobody is asked about any more, and what would repair the round."""
    actor = current_actor()
    with database().reading() as session:
        seen = repairs.look(session, actor, round_id, utcnow().date())
        found = repair_views.view(session, actor, seen)
    free, best = found.offers
    same = free.asked == best.asked and not (best.taken_back or best.taken_back_elsewhere) and not free.refused
    return render_template(
        "rounds/repair.html",
        repair=found,
        offers=(free,) if same else found.offers,
        may=allows(Operation.ROUND_REPAIR, actor),
    )


@pages.post("/rounds/<round_id>/repair")
@requires(Operation.ROUND_REPAIR)
def make_repair(round_id: str) -> Response:
    """Say yes to the repair as it was shown; nothing happens when the round changed meanwhile."""
    actor, limits = current_actor(), settings()
    kind, picture = request.form.get("kind", ""), request.form.get("picture", "")
    if kind not in repairs.KINDS:
        raise Problem("invalid-fields", "Choose one of the repairs shown.", errors=[FieldError("/kind", "?")])
    with database().reading() as session:
        seen = repairs.look(session, actor, round_id, utcnow().date())
    days, most = limits.proposal_days, limits.mentee_proposals_per_week
    database().run(lambda session: repairs.make(session, actor, seen, kind, picture, days, per_week=most))
    flash(_("Asked. Both organisations of each new pair have it in their inbox."))
    return redirect(f"/rounds/{round_id}/repair", 303)
