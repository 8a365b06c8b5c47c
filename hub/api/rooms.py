"""One noun, one room: a blueprint that reads strictly and describes itself, its scopes and its refusals.

Most addresses only hand on what a service returns: ``lists``, ``shows`` and ``moves`` write such a door in one line above the
view. Whatever does more (an ETag, a cursor, a PUT) is written out with ``route``, ``requires`` and ``replies``.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Concatenate, Final, TypeVar

from flask import Response
from flask_smorest import Blueprint
from marshmallow import Schema
from sqlalchemy.orm import Session

from federation.documents import Document
from hub.access.context import database
from hub.access.identity import current_actor
from hub.access.policy import OPERATION_MARK, POLICY, Operation, requires
from hub.api.bodies import StrictReader, require_json_answer
from hub.api.replies import listed, once, reply, written
from hub.services.actors import Actor

T = TypeVar("T")
Asked = Callable[Concatenate[Session, Actor, ...], T]
"""A view as a noun's file writes it: in a session, for whoever asks, with the names of the address."""
Answering = Callable[..., Response]

PREFIX: Final = "/api/v1"
# Refusals every operation can give, by the names they have in the description.
ALWAYS: Final = {"401": "not-signed-in", "403": "not-allowed", "404": "not-found", "429": "too-many-requests"}
IDEMPOTENCY_KEY: Final[dict[str, Any]] = {
    "in": "header",
    "name": "Idempotency-Key",
    "description": "The same key with the same request has one effect and one answer; a UUID will do.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,100}$"},
}


class Room(Blueprint):
    """A noun of the API. Its views return finished responses; the decorators above them only describe."""

    ARGUMENTS_PARSER = StrictReader()

    def __init__(self, noun: str, description: str, *, keyed: bool = True) -> None:
        """Name the room; addresses are given in full, so that each can be found by searching for it.

        ``keyed`` is false where a POST may be repeated as it is, and so takes no Idempotency-Key.
        """
        self._keyed = keyed
        super().__init__(noun, __name__, url_prefix=PREFIX, description=description)
        self._prepare_doc_cbks.append(self._prepare_access_doc)
        self.before_request(require_json_answer)

    def lists(
        self, address: str, operation: Operation, answer: type[Schema]
    ) -> Callable[[Asked[Sequence[Any]]], Answering]:
        """Answer GET with everything the view returns, as one page."""

        def door(view: Asked[Sequence[Any]]) -> Answering:
            @wraps(view)
            def listing(**names: Any) -> Response:
                with database().reading() as session:
                    return listed(answer(), view(session, current_actor(), **names))

            return self._opened(listing, address, "GET", operation, answer)

        return door

    def shows(self, address: str, operation: Operation, answer: type[Schema]) -> Callable[[Asked[Any]], Answering]:
        """Answer GET with what the view returns."""

        def door(view: Asked[Any]) -> Answering:
            @wraps(view)
            def showing(**names: Any) -> Response:
                with database().reading() as session:
                    return reply(written(answer(), view(session, current_actor(), **names)))

            return self._opened(showing, address, "GET", operation, answer)

        return door

    def moves(
        self,
        address: str,
        operation: Operation,
        answer: type[Schema],
        document: type[Document] | None = None,
        *,
        status: int = 200,
        place: str | None = None,
        first: Callable[[Session, Any], None] | None = None,
        **described: Any,
    ) -> Callable[[Asked[Any]], Answering]:
        """Run a POST in one transaction, once under its Idempotency-Key; the view gets the document it takes, then names.

        ``place`` is the address of what was made; ``first`` gets the document in a transaction that only reads, before, for
        what takes long; ``described`` says more of the document: ``example``, ``required``.
        """

        def door(view: Asked[Any]) -> Answering:
            @wraps(view)
            def moving(*documents: Any, **names: Any) -> Response:
                actor = current_actor()
                if first is not None:
                    with database().reading() as session:
                        first(session, *documents)
                return once(lambda session: written(answer(), view(session, actor, *documents, **names)), status, place)

            taking = self.arguments(document, **described)(moving) if document else moving
            return self._opened(taking, address, "POST", operation, answer, status)

        return door

    def _opened(
        self,
        answering: Answering,
        address: str,
        method: str,
        operation: Operation,
        answer: type[Schema],
        status: int = 200,
    ) -> Answering:
        guarded = requires(operation)(self.response(status, answer)(answering))
        opened: Answering = self.route(address, methods=[method])(guarded)
        return opened

    def _store_endpoint_docs(self, endpoint: str, obj: Any, parameters: Any, tags: Any, **options: Any) -> None:
        super()._store_endpoint_docs(endpoint, obj, parameters, tags, **options)
        for method, info in self._docs[endpoint].items():
            if method != "parameters":
                info["operation"] = obj.__dict__[OPERATION_MARK]
                info["name"] = obj.__name__

    def _prepare_access_doc(
        self, doc: dict[str, Any], doc_info: dict[str, Any], *, method: str, **_: Any
    ) -> dict[str, Any]:
        operation: Operation = doc_info["operation"]
        scope = POLICY[operation].scope
        doc["operationId"] = doc_info["name"]
        doc["security"] = [{"oauth2": [scope.value] if scope else []}]
        for status, kind in ALWAYS.items():
            doc["responses"].setdefault(status, {"$ref": f"#/components/responses/{kind}"})
        if method == "post" and self._keyed:
            doc.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
        return doc
