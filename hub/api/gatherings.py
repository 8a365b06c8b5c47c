"""Gatherings: one organisation invites the others to a suggested group, pair or circle; each answers for its own people."""

from collections.abc import Callable
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from federation.answers.gatherings import GatheringAnswer, GatheringPage
from federation.documents import DeclineDocument, GatheringDocument
from hub.access.context import database, settings
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.api import examples
from hub.api.replies import listed, once, reply, written
from hub.api.rooms import Room
from hub.services import gatherings as service
from hub.services.gatherings import GatheringView

gatherings = Room(
    "gatherings", "Groups, peer pairs and circles proposed, decided by every organisation with people in them."
)


@gatherings.route("/gatherings", methods=["POST"])
@requires(Operation.GATHERING_MAKE)
@gatherings.arguments(GatheringDocument, example=examples.GATHERING)
@gatherings.response(201, GatheringAnswer)
def post_gathering(document: dict[str, Any]) -> Response:
    """Invite everybody whose people are in a suggestion, by the handle it carries; proposing is your own yes.

    Suggestions are looked for again. 409 "conflict": this one changed since you looked, so look again.
    """
    actor, days, most = current_actor(), settings().proposal_days, settings().mentee_proposals_per_week

    def propose(session: Session) -> dict[str, Any]:
        view = service.propose(session, actor, document["kind"], document["handle"], days, per_week=most)
        return written(GatheringAnswer(), view)

    return once(propose, 201, "/api/v1/gatherings/{id}")


@gatherings.route("/gatherings")
@requires(Operation.GATHERING_READ)
@gatherings.response(200, GatheringPage)
def list_gatherings() -> Response:
    """List every group, pair and circle your people are in or were asked to."""
    with database().reading() as session:
        return listed(GatheringPage(), service.inbox(session, current_actor()))


@gatherings.route("/gatherings/<name:gathering>")
@requires(Operation.GATHERING_READ)
@gatherings.response(200, GatheringAnswer)
def get_gathering(gathering: str) -> Response:
    """Show one to an organisation with people in it."""
    with database().reading() as session:
        return reply(written(GatheringAnswer(), service.show(session, current_actor(), gathering)))


@gatherings.route("/gatherings/<name:gathering>/accept", methods=["POST"])
@requires(Operation.GATHERING_DECIDE)
@gatherings.response(200, GatheringAnswer)
def accept_gathering(gathering: str) -> Response:
    """Say yes for your own people, after asking them; the last organisation's yes agrees."""
    actor = current_actor()
    return _decide(lambda session: service.accept(session, actor, gathering))


@gatherings.route("/gatherings/<name:gathering>/decline", methods=["POST"])
@requires(Operation.GATHERING_DECIDE)
@gatherings.arguments(DeclineDocument, example=examples.DECLINE)
@gatherings.response(200, GatheringAnswer)
def decline_gathering(document: dict[str, Any], gathering: str) -> Response:
    """Say no, with a coded reason: it is over for everybody."""
    actor = current_actor()
    return _decide(lambda session: service.decline(session, actor, gathering, document["reason"]))


@gatherings.route("/gatherings/<name:gathering>/withdraw", methods=["POST"])
@requires(Operation.GATHERING_DECIDE)
@gatherings.response(200, GatheringAnswer)
def withdraw_gathering(gathering: str) -> Response:
    """Take back what your organisation proposed, before everybody agreed."""
    actor = current_actor()
    return _decide(lambda session: service.withdraw(session, actor, gathering))


@gatherings.route("/gatherings/<name:gathering>/end", methods=["POST"])
@requires(Operation.GATHERING_DECIDE)
@gatherings.response(200, GatheringAnswer)
def end_gathering(gathering: str) -> Response:
    """End what was agreed, for everybody in it."""
    actor = current_actor()
    return _decide(lambda session: service.end(session, actor, gathering))


def _decide(move: Callable[[Session], GatheringView]) -> Response:
    return once(lambda session: written(GatheringAnswer(), move(session)))
