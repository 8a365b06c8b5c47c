"""What rounds are asked about one of your own mentees: this pair for certain, or not this pair."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from federation.answers.wishes import WishAnswer, WishPage
from federation.documents import WishDocument
from hub.access.context import database
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.api import examples
from hub.api.replies import listed, once, written
from hub.api.rooms import Room
from hub.services import round_wishes as service

wishes = Room("wishes", "Pairs you ask of the rounds to come, and pairs you rule out.")


@wishes.route("/mentees/<name:pseudonym>/wishes")
@requires(Operation.RECOMMENDATION_READ)
@wishes.response(200, WishPage)
def list_wishes(pseudonym: str) -> Response:
    """List what you asked of the rounds to come for one of your mentees."""
    with database().reading() as session:
        return listed(WishPage(), service.listed(session, current_actor(), pseudonym))


@wishes.route("/mentees/<name:pseudonym>/wishes", methods=["POST"])
@requires(Operation.PROPOSAL_MAKE)
@wishes.arguments(WishDocument, example=examples.WISH)
@wishes.response(201, WishAnswer)
def post_wish(document: dict[str, Any], pseudonym: str) -> Response:
    """Ask the rounds to come for the pair behind a handle (``pin``), or rule it out (``forbid``).

    A pair ruled out is in no round and no list until you take it back. Where one reports to the other or there is a conflict
    of interest, say so in ``because``: then it cannot be proposed by a handle shown before either.
    """
    actor = current_actor()

    def wish(session: Session) -> dict[str, Any]:
        handle, kind, because = (document[name] for name in ("handle", "kind", "because"))
        return written(WishAnswer(), service.wish(session, actor, pseudonym, handle, kind, because))

    return once(wish, 201)


@wishes.route("/wishes/<name:wish>", methods=["DELETE"])
@requires(Operation.PROPOSAL_MAKE)
@wishes.response(204, description="Taken back: the pair may be suggested again.")
def delete_wish(wish: str) -> Response:
    """Take one of your wishes back."""
    actor = current_actor()
    database().run(lambda session: service.take_back(session, actor, wish))
    return Response(status=204)
