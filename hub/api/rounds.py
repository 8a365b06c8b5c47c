"""Rounds of the matching: network totals, the certificate, and what came out for your organisation."""

from flask import Response

from federation.answers.matching import RoundAnswer, RoundPage
from hub.access.context import database
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.api.replies import listed, reply, written
from hub.api.rooms import Room
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
