"""Possible duplicates: keyed tokens in, pairs out; both organisations say their word and nothing is merged."""

from collections.abc import Sequence
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from federation.answers.profiles import DuplicateAnswer, DuplicatePage
from federation.documents import LinkageDocument
from hub.access.context import database
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.api import examples
from hub.api.rooms import Room
from hub.services import duplicates as service
from hub.services import linkage
from hub.services.actors import Actor
from hub.services.duplicates import DuplicateView

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


@duplicates.lists("/duplicates", Operation.DUPLICATE_READ, DuplicatePage)
def list_duplicates(session: Session, actor: Actor) -> Sequence[DuplicateView]:
    """List pairs of a person of yours and another that may be one person. Of the other you see the organisation only."""
    return service.listed(session, actor)


@duplicates.moves("/duplicates/<name:duplicate>/confirm", Operation.DUPLICATE_DECIDE, DuplicateAnswer)
def confirm_duplicate(session: Session, actor: Actor, duplicate: str) -> DuplicateView:
    """Say for your side that the two are one person: they are never matched with each other."""
    return service.confirm(session, actor, duplicate)


@duplicates.moves("/duplicates/<name:duplicate>/reject", Operation.DUPLICATE_DECIDE, DuplicateAnswer)
def reject_duplicate(session: Session, actor: Actor, duplicate: str) -> DuplicateView:
    """Say for your side that the two are two people."""
    return service.reject(session, actor, duplicate)
