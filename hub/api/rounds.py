"""Rounds of the matching: network totals, the certificate, and what came out for your organisation."""

from typing import Any

from flask import Response

from federation.answers.matching import RepairAnswer, RepairMadeAnswer, RoundAnswer, RoundPage
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
    the mentee came after the round. Of pairs you are no side of you see numbers only. It takes as long as a round.
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
    actor, days = current_actor(), settings().proposal_days
    with database().reading() as session:
        seen = repairs.look(session, actor, round_id, utcnow().date())
    kind, picture = document["kind"], document["picture"]
    return once(
        lambda session: written(RepairMadeAnswer(), repairs.make(session, actor, seen, kind, picture, days)), 201
    )
