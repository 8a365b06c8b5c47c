"""Rounds for an operator: what became of them and what repairs do, in totals; a yes is said on the command line."""

from flask import render_template

from hub.access.context import database, settings
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.models import utcnow
from hub.pages.frame import pages
from hub.pages.rounds import bars
from hub.services import repair_watch, rounds, stand_ins


@pages.get("/hub/rounds")
@requires(Operation.ROUND_WATCH)
def list_hub_rounds() -> str:
    """List all rounds, drafts too, newest first."""
    with database().reading() as session:
        return render_template("hub_rounds/list.html", rounds=rounds.listed(session, current_actor()))


@pages.get("/hub/rounds/<round_id>")
@requires(Operation.ROUND_WATCH)
def show_hub_round(round_id: str) -> str:
    """Show one round before or after somebody publishes it: what each organisation gets, other policies, and the proof."""
    with database().reading() as session:
        found = rounds.show(session, current_actor(), round_id)
        told = stand_ins.told(session, round_id, settings())
    return render_template("hub_rounds/show.html", round=found, stand_ins=told, **bars(found))


@pages.get("/hub/rounds/<round_id>/repair")
@requires(Operation.ROUND_WATCH)
def watch_round(round_id: str) -> str:
    """Show how a published round stands, what would repair it and who said yes before."""
    with database().reading() as session:
        found = repair_watch.watch(session, current_actor(), round_id, utcnow().date())
        told = stand_ins.told(session, round_id, settings())
    return render_template("hub_rounds/repair.html", watched=found, stand_ins=told)
