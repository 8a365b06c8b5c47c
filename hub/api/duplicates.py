"""Possible duplicates: keyed tokens in, pairs out; both organisations say their word and nothing is merged."""

from typing import Any

from flask import Response

from federation.answers.profiles import DuplicateAnswer, DuplicatePage
from federation.documents import LinkageDocument
from hub.access.context import database
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.api import examples
from hub.api.replies import listed, once, written
from hub.api.rooms import Room
from hub.services import duplicates as service
from hub.services import linkage

duplicates = Room("duplicates", "People two organisations may both serve, found without identities.")


@duplicates.route("/profiles/<name:pseudonym>/linkage", methods=["PUT"])
@requires(Operation.LINKAGE_SEND)
@duplicates.arguments(LinkageDocument, example=examples.LINKAGE)
@duplicates.response(204, description="Kept in place of earlier ones; no call shows them again.")
def put_linkage(document: dict[str, Any], pseudonym: str) -> Response:
    """Send the keyed tokens of one of your own people; an empty list erases them.

    They are made under a key that organisations share and the hub does not have. They die with the consent.
    """
    actor = current_actor()
    database().run(lambda session: linkage.send(session, actor, pseudonym, document["tokens"]))
    return Response(status=204)


@duplicates.route("/duplicates")
@requires(Operation.DUPLICATE_READ)
@duplicates.response(200, DuplicatePage)
def list_duplicates() -> Response:
    """List pairs of a person of yours and another that may be one person. Of the other you see the organisation only."""
    with database().reading() as session:
        return listed(DuplicatePage(), service.listed(session, current_actor()))


@duplicates.route("/duplicates/<name:duplicate>/confirm", methods=["POST"])
@requires(Operation.DUPLICATE_DECIDE)
@duplicates.response(200, DuplicateAnswer)
def confirm_duplicate(duplicate: str) -> Response:
    """Say for your side that the two are one person: they are never matched with each other."""
    actor = current_actor()
    return once(lambda session: written(DuplicateAnswer(), service.confirm(session, actor, duplicate)))


@duplicates.route("/duplicates/<name:duplicate>/reject", methods=["POST"])
@requires(Operation.DUPLICATE_DECIDE)
@duplicates.response(200, DuplicateAnswer)
def reject_duplicate(duplicate: str) -> Response:
    """Say for your side that the two are two people."""
    actor = current_actor()
    return once(lambda session: written(DuplicateAnswer(), service.reject(session, actor, duplicate)))
