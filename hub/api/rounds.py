"""Rounds of the matching: network totals, the certificate, and what came out for your organisation."""

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
from hub.api.replies import listed, once, reply, written
from hub.api.rooms import Room
from hub.models import utcnow
from hub.services import repair_views, repairs
from hub.services import rounds as service

rounds = Room("rounds", "Matching rounds with their certificates.")


@rounds.route("/rounds")
@requires(Operation.ROUND_READ)
@rounds.response(200, RoundPage)
def list_rounds() -> Response:
    """List the rounds, newest first."""
    with database().reading() as session:
        return listed(RoundPage(), service.listed(session, current_actor()))


@rounds.route("/rounds/<name:round_id>")
@requires(Operation.ROUND_READ)
@rounds.response(200, RoundAnswer)
def get_round(round_id: str) -> Response:
    """Show one round; counts below five of other organisations are withheld."""
    with database().reading() as session:
        return reply(written(RoundAnswer(), service.show(session, current_actor(), round_id)))


@rounds.route("/rounds/<name:round_id>/repair")
@requires(Operation.ROUND_READ)
@rounds.response(200, RepairAnswer)
def get_repair(round_id: str) -> Response:
    """Look how a published round stands: your mentees left open, what free seats alone can do, and what the best repair moves.

    Nothing is written. A mentee is open when the question was declined, expired or taken back, when a mentor is gone, or when
    the mentee came after the round. You see your own people and how well they would fit; with whom, and why, the proposals tell
    once somebody said yes. It takes as long as a round.
    """
    actor = current_actor()
    with database().reading() as session:
        seen = repairs.look(session, actor, round_id, utcnow().date())
        return reply(written(RepairAnswer(), repair_views.view(session, actor, seen)))


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
