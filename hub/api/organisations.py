"""Members of the network and the keys they sign and seal with."""

from collections.abc import Sequence
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from federation.answers.network import KeyChainAnswer, OrganisationPage
from federation.documents import KeyStatementDocument
from hub.access.context import database
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.api.replies import reply, written
from hub.api.rooms import Room
from hub.services import key_statements
from hub.services import organisations as service
from hub.services.actors import Actor
from hub.services.organisations import OrganisationView

organisations = Room("organisations", "Members of the network and their key statements.")


@organisations.lists("/organisations", Operation.ORGANISATION_READ, OrganisationPage)
def list_organisations(session: Session, _actor: Actor) -> Sequence[OrganisationView]:
    """List the members of the network."""
    return service.everyone(session)


@organisations.shows("/organisations/<name:organisation>/keys", Operation.ORGANISATION_READ, KeyChainAnswer)
def list_keys(session: Session, _actor: Actor, organisation: str) -> dict[str, list[str]]:
    """Return an organisation's key statements, oldest first. Check the chain and your pin: the hub only relays."""
    return {"statements": key_statements.chain(session, organisation)}


@organisations.route("/keys", methods=["PUT"])
@requires(Operation.KEY_PUBLISH)
@organisations.arguments(KeyStatementDocument)
@organisations.response(201, KeyChainAnswer)
def put_key(document: dict[str, Any]) -> Response:
    """Publish your organisation's next key statement, replacement or objection; answers with the whole chain."""
    actor = current_actor()
    database().run(lambda session: key_statements.publish(session, actor, document["statement"]))
    with database().reading() as session:
        chain = key_statements.chain(session, actor.organisation)
    return reply(written(KeyChainAnswer(), {"statements": chain}), 201)
