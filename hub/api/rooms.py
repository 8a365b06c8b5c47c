"""One noun, one room: a blueprint that reads strictly and describes itself, its scopes and its refusals."""

from typing import Any, Final

from flask_smorest import Blueprint

from hub.access.policy import OPERATION_MARK, POLICY, Operation
from hub.api.bodies import StrictReader, require_json_answer

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
