"""The addresses of the authorisation server: token, revocation, introspection, enrolment, replacement of keys, metadata."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from federation import strict_json
from federation.documents import EnrolmentDocument, read
from federation.problems import Problem
from federation.scopes import ALL_SCOPES
from hub.access.assertions import SPOKEN
from hub.access.context import database, settings
from hub.access.oauth import METHOD, Introspection, KeyReplacement, Revocation, TokenServer
from hub.access.policy import public
from hub.services import clients
from hub.services.matching import occupation_digits

MOST_BYTES: Final = 16_384
FORM: Final = "application/x-www-form-urlencoded"
RFC_6749: Final = "the caller proves who it is by a signed assertion in the body"

oauth = Blueprint("oauth", __name__)


def register(app: Flask) -> None:
    """Add the addresses to the application."""
    app.extensions["passerelle"]["tokens"] = TokenServer(app)
    app.register_blueprint(oauth)


def _server() -> TokenServer:
    server: TokenServer = current_app.extensions["passerelle"]["tokens"]
    return server


def well_formed(view: Callable[[], Response]) -> Callable[[], Response]:
    """Refuse what RFC 6749 calls malformed before Authlib looks at it."""

    @wraps(view)
    def checked() -> Response:
        refusal = _fault()
        return refusal if refusal is not None else view()

    return checked


def _fault() -> Response | None:
    request.max_content_length = MOST_BYTES
    if request.headers.get("Authorization"):
        # The one method is the assertion; a second one is refused whether or not it can be decoded (RFC 6749, 2.3).
        response = _error("invalid_client", "Send the client assertion in the body and no Authorization header.", 401)
        response.headers["WWW-Authenticate"] = "Basic"
        return response
    if request.mimetype != FORM:
        return _error("invalid_request", f"Send the parameters as {FORM}.")
    if request.args:
        return _error("invalid_request", "Send the parameters in the body, not in the address.")
    try:
        repeated = [name for name, values in request.form.lists() if len(values) > 1]
    except RequestEntityTooLarge:
        return _error("invalid_request", f"Send at most {MOST_BYTES} bytes.", 413)
    return _error("invalid_request", "Send every parameter once.") if repeated else None


def _error(code: str, description: str, status: int = 400) -> Response:
    response = jsonify(error=code, error_description=description)
    response.status_code = status
    return response


@oauth.post("/oauth/token")
@public(RFC_6749)
@well_formed
def token() -> Response:
    """Answer with an access token that lives a few minutes."""
    response: Response = _server().create_token_response()
    return response


@oauth.post("/oauth/revoke")
@public(RFC_6749)
@well_formed
def revoke() -> Response:
    """End one of the caller's own access tokens."""
    response: Response = _server().create_endpoint_response(Revocation.ENDPOINT_NAME)
    return response


@oauth.post("/oauth/introspect")
@public(RFC_6749)
@well_formed
def introspect() -> Response:
    """Tell a peer enrolled for it whether a token it was shown is good, and bound to which key."""
    response: Response = _server().create_endpoint_response(Introspection.ENDPOINT_NAME)
    return response


@oauth.post("/oauth/clients/keys")
@public(RFC_6749)
@well_formed
def replace_keys() -> Response:
    """Put new keys in the place of the caller's registered ones."""
    response: Response = _server().create_endpoint_response(KeyReplacement.ENDPOINT_NAME)
    return response


@oauth.post("/oauth/clients")
@public("the enrolment token in the body is the permission, and works once")
def enrol() -> Response:
    """Register a system's public keys with an enrolment token."""
    request.max_content_length = MOST_BYTES
    if request.mimetype != "application/json":
        raise Problem("unsupported-media-type", "Send application/json.")
    document = read(EnrolmentDocument(), strict_json.load(request.get_data(cache=False), max_bytes=MOST_BYTES))
    client = database().run(lambda session: clients.enrol(session, document["enrolment_token"], document["jwks"]))
    issuer = settings().issuer
    response = jsonify(
        client_id=client.client_id,
        organisation=client.organisation,
        scope=client.scope,
        token_endpoint=f"{issuer}/oauth/token",
        issuer=issuer,
    )
    response.status_code = 201
    return response


@oauth.get("/.well-known/oauth-authorization-server")
@public("RFC 8414: how to speak to this server, the same for everyone")
def server_metadata() -> dict[str, Any]:
    """Describe the authorisation server (RFC 8414). What is not spoken yet is not promised."""
    issuer = settings().issuer
    return {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/oauth/token",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "scopes_supported": sorted(ALL_SCOPES),
        "token_endpoint_auth_methods_supported": [METHOD],
        "token_endpoint_auth_signing_alg_values_supported": list(SPOKEN),
        "revocation_endpoint_auth_methods_supported": [METHOD],
        "revocation_endpoint_auth_signing_alg_values_supported": list(SPOKEN),
        "introspection_endpoint_auth_methods_supported": [METHOD],
        "introspection_endpoint_auth_signing_alg_values_supported": list(SPOKEN),
        "dpop_signing_alg_values_supported": list(SPOKEN),
        "service_documentation": f"{issuer}/api/v1/docs",
        "protected_resources": [issuer],
    }


@oauth.get("/.well-known/oauth-protected-resource")
@public("RFC 9728: where to get a token for this API, the same for everyone")
def resource_metadata() -> dict[str, Any]:
    """Describe the protected resource (RFC 9728)."""
    issuer = settings().issuer
    return {
        "resource": issuer,
        "authorization_servers": [issuer],
        "scopes_supported": sorted(ALL_SCOPES),
        "bearer_methods_supported": [],
        "dpop_signing_alg_values_supported": list(SPOKEN),
        "dpop_bound_access_tokens_required": True,
        "resource_name": "Passerelle",
        "resource_documentation": f"{issuer}/api/v1/docs",
        "passerelle_occupation_digits": occupation_digits(),
    }
