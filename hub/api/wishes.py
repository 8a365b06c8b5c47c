"""What rounds are asked about one of your own mentees: this pair for certain, or not this pair."""

from collections.abc import Sequence
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from federation.answers.wishes import WishAnswer, WishPage
from federation.documents import WishDocument
from hub.access.context import database
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.api import examples
from hub.api.rooms import Room
from hub.services import round_wishes as service
from hub.services.actors import Actor
from hub.services.round_wishes import WishView

wishes = Room("wishes", "Pairs you ask of the rounds to come, and pairs you rule out.")


@wishes.lists("/mentees/<name:pseudonym>/wishes", Operation.RECOMMENDATION_READ, WishPage)
def list_wishes(session: Session, actor: Actor, pseudonym: str) -> Sequence[WishView]:
    """List what you asked of the rounds to come for one of your mentees."""
    return service.listed(session, actor, pseudonym)


@wishes.moves(
    "/mentees/<name:pseudonym>/wishes",
    Operation.PROPOSAL_MAKE,
    WishAnswer,
    WishDocument,
    status=201,
    example=examples.WISH,
)
def post_wish(session: Session, actor: Actor, document: dict[str, Any], pseudonym: str) -> WishView:
    """Ask the rounds to come for the pair behind a handle (``pin``), or rule it out (``forbid``).

    A pair ruled out is in no round and no list until you take it back. Where one reports to the other or there is a conflict
    of interest, say so in ``because``: then it cannot be proposed by a handle shown before either.
    """
    return service.wish(session, actor, pseudonym, document["handle"], document["kind"], document["because"])


@wishes.route("/wishes/<name:wish>", methods=["DELETE"])
@requires(Operation.PROPOSAL_MAKE)
@wishes.response(204, description="Taken back: the pair may be suggested again.")
def delete_wish(wish: str) -> Response:
    """Take one of your wishes back."""
    actor = current_actor()
    database().run(lambda session: service.take_back(session, actor, wish))
    return Response(status=204)
