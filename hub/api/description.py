"""The API described for machines: OpenAPI 3.1 with problems as they are, the OAuth scheme, and every scope."""

from http import HTTPStatus
from typing import Any, Final

from flask import Flask, Response, current_app, json
from flask_smorest import Api
from werkzeug.routing import BaseConverter

from federation.answers.network import ProblemAnswer
from federation.documents import BulkLine
from federation.problems import MEDIA_TYPE, REGISTRY
from federation.scopes import Scope
from hub.access.context import settings
from hub.access.policy import public
from hub.api import examples
from hub.api.rooms import PREFIX, Room

BOUND: Final = "Tokens are bound to a key (RFC 9449): send Authorization: DPoP and, in the DPoP header, a fresh proof."
EXTENSION: Final = "api"
SCOPES: Final[dict[str, str]] = {
    Scope.PROFILES_READ: "Read the people your organisation shares",
    Scope.PROFILES_WRITE: "Share, update and withdraw them",
    Scope.POOL_SEARCH: "Search the shared pool by class",
    Scope.MATCHING_READ: "Read recommendations, pathways and rounds",
    Scope.PROPOSALS_READ: "Read proposals your organisation is party to",
    Scope.PROPOSALS_WRITE: "Propose, accept, decline, withdraw",
    Scope.INTRODUCTIONS_READ: "Fetch sealed introductions",
    Scope.INTRODUCTIONS_WRITE: "Publish keys, hand over and acknowledge sealed introductions",
    Scope.ORGANISATIONS_READ: "Read the list of members and their keys, and your own agreements",
    Scope.ORGANISATIONS_WRITE: "Set how long you look near first, and end your agreements",
    Scope.PROGRAMS_READ: "Read the catalogue of programs",
    Scope.REFERRALS_READ: "Read referrals your organisation is party to",
    Scope.REFERRALS_WRITE: "Send referrals and assert facts about them",
    Scope.EVENTS_READ: "Poll your organisation's events",
    Scope.AUDIT_READ: "Read what your organisation did, and what others did about it",
}
ABOUT: Final = (
    "Share de-identified mentors and mentees, match across organisations, refer to programs. Every refusal is a problem "
    "document (RFC 9457) that says what to do next. POST honours Idempotency-Key (a bulk push is repeated as it is); "
    "profiles carry ETags."
)


class Name(BaseConverter):
    """A pseudonym, handle or id in an address. Anything else is no address of ours: 404 before a database sees it."""

    regex = "[A-Za-z0-9_-]{1,64}"


class Description(Api):
    """flask-smorest's Api, with errors as problem documents and without pages and error handlers of its own."""

    ERROR_SCHEMA = ProblemAnswer
    DEFAULT_ERROR_RESPONSE_NAME = "problem"

    def _register_doc_blueprint(self) -> None:
        """Serve nothing: :func:`openapi` and the API browser do, guarded like every route."""

    def _register_error_handlers(self) -> None:
        """Handle nothing: hub.errors does, for the whole application."""

    def _register_responses(self) -> None:
        """Describe refusals by kind, and by the status names flask-smorest refers to."""
        refused = {"schema": ProblemAnswer, "example": examples.PROBLEM}
        every = {"description": "A refusal that says what to do next.", "content": {MEDIA_TYPE: refused}}
        self.spec.components.response("problem", every)
        for status in HTTPStatus:
            self.spec.components.response(status.name, every, lazy=True)
        for kind, row in REGISTRY.items():
            described = {"description": row.title_en, "content": {MEDIA_TYPE: {"schema": ProblemAnswer}}}
            self.spec.components.response(kind, described)

    def _register_etag_headers(self) -> None:
        """Describe no headers of a mechanism we do not use."""

    def _register_pagination_header(self) -> None:
        """Describe no headers of a mechanism we do not use."""


def register(app: Flask, rooms: tuple[Room, ...]) -> None:
    """Add every room to the application and describe it."""
    app.url_map.converters["name"] = Name
    issuer = app.extensions["passerelle"]["settings"].issuer
    described = Description(
        app,
        spec_kwargs={
            "title": "Passerelle",
            "version": "1",
            "openapi_version": "3.1.0",
            "info": {"description": ABOUT},
            "servers": [{"url": issuer}],
        },
    )
    described.register_converter(Name, lambda _converter: {"type": "string", "pattern": f"^{Name.regex}$"})
    flow = {"tokenUrl": f"{issuer}/oauth/token", "scopes": {str(scope): text for scope, text in SCOPES.items()}}
    described.spec.components.security_scheme(
        "oauth2", {"type": "oauth2", "description": BOUND, "flows": {"clientCredentials": flow}}
    )
    described.spec.components.schema("BulkLine", schema=BulkLine)
    for room in rooms:
        described.register_blueprint(room)
    app.extensions["passerelle"][EXTENSION] = described
    app.add_url_rule(f"{PREFIX}/openapi.json", view_func=openapi)


def document() -> dict[str, Any]:
    """Return the OpenAPI document of the running application."""
    described: Description = current_app.extensions["passerelle"][EXTENSION]
    found: dict[str, Any] = described.spec.to_dict()
    return found


@public("the description of the API is the same for everyone and names no one")
def openapi() -> Response:
    """Return the OpenAPI document."""
    response = Response(json.dumps(document(), sort_keys=False), mimetype="application/json")
    response.headers["Cache-Control"] = "public, max-age=300" if settings().secure_cookies else "no-cache"
    return response
