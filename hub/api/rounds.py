"""Rounds of the matching: network totals, the certificate, and what came out for your organisation."""

from collections.abc import Sequence
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from federation.answers.repairs import RepairAnswer, RepairMadeAnswer
from federation.answers.rounds import RoundAnswer, RoundPage
from federation.documents import RepairDocument
from hub.access.context import database, settings
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.api import examples
from hub.api.replies import once, written
from hub.api.rooms import Room
from hub.models import utcnow
from hub.services import repair_views, repairs
from hub.services import rounds as service
from hub.services.actors import Actor
from hub.services.repair_views import RepairView
from hub.services.round_views import RoundView

rounds = Room("rounds", "Matching rounds with their certificates.")


@rounds.lists("/rounds", Operation.ROUND_READ, RoundPage)
def list_rounds(session: Session, actor: Actor) -> Sequence[RoundView]:
    """List the rounds, newest first."""
    return service.listed(session, actor)


@rounds.shows("/rounds/<name:round_id>", Operation.ROUND_READ, RoundAnswer)
def get_round(session: Session, actor: Actor, round_id: str) -> RoundView:
    """Show one round; counts below five of other organisations are withheld."""
    return service.show(session, actor, round_id)


@rounds.shows("/rounds/<name:round_id>/repair", Operation.ROUND_READ, RepairAnswer)
def get_repair(session: Session, actor: Actor, round_id: str) -> RepairView:
    """Look how a published round stands: your mentees left open, what free seats alone can do, and what the best repair moves.

    Nothing is written. A mentee is open when the question was declined, expired or taken back, when a mentor is gone, or when
    the mentee came after the round. You see your own people and how well they would fit; with whom, and why, the proposals tell
    once somebody said yes. It takes as long as a round.
    """
    return repair_views.view(session, actor, repairs.look(session, actor, round_id, utcnow().date()))


@rounds.route("/rounds/<name:round_id>/repair", methods=["POST"])
@requires(Operation.ROUND_REPAIR)
@rounds.arguments(RepairDocument, example=examples.REPAIR)
@rounds.response(201, RepairMadeAnswer)
def post_repair(document: dict[str, Any], round_id: str) -> Response:
    """Say a person's yes to one repair, as you saw it: new pairs are asked, unanswered questions it moves are superseded.

    ``picture`` is that of the offer. If anything in it changed since, the answer is a 409 and nothing happens: look again.
    """
    actor, days, most = current_actor(), settings().proposal_days, settings().mentee_proposals_per_week
    with database().reading() as session:
        seen = repairs.look(session, actor, round_id, utcnow().date())

    def make(session: Session) -> dict[str, Any]:
        kind, picture = document["kind"], document["picture"]
        return written(RepairMadeAnswer(), repairs.make(session, actor, seen, kind, picture, days, per_week=most))

    return once(make, 201)
