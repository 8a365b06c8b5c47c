"""The authorisation server: Authlib's, with client_credentials, private_key_jwt and DPoP, and nothing else.

Authlib routes the request and shapes RFC 6749 errors; who the client is, which key a token is bound to, how long it lives
and what the request may look like is decided here, because its defaults are laxer than trust.md, section 5.
"""

from typing import Any, Final

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Payload, FlaskOAuth2Request
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (
    ClientCredentialsGrant,
    InvalidClientError,
    InvalidRequestError,
    InvalidScopeError,
    TokenEndpoint,
    UnauthorizedClientError,
)
from authlib.oauth2.rfc7009 import RevocationEndpoint
from flask import Flask, Request, request

from federation import strict_json
from federation.problems import Problem
from federation.scopes import ALL_SCOPES, INTROSPECT, format_scope, parse_scope
from hub.access import dpop
from hub.access.assertions import InvalidAssertion, Proven, check, peek
from hub.access.context import database, settings
from hub.models import utcnow
from hub.services import audit, client_keys, clients, tokens
from hub.services.actors import Actor
from hub.services.clients import RegisteredClient
from hub.services.tokens import TokenHolder

METHOD: Final = "private_key_jwt"
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# One answer for an unknown client, a bad key, a used assertion: the caller learns nothing about who is registered.
NOT_RECOGNISED: Final = "The client assertion was not accepted."


class OAuthClient:
    """A registered system in the shape Authlib asks for."""

    def __init__(self, registered: RegisteredClient) -> None:
        """Wrap what the token endpoint knows of the client."""
        self.registered = registered

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        """Allow one method at every endpoint."""
        return method == METHOD

    def check_grant_type(self, grant_type: str) -> bool:
        """Allow one grant."""
        return grant_type == "client_credentials"

    def get_allowed_scope(self, scope: str | None) -> str:
        """Return the scope asked for, checked beforehand, or all the client has on the API."""
        return scope or format_scope(frozenset(self.registered.scope.split()) & ALL_SCOPES)


class InvalidProofError(OAuth2Error):
    """RFC 9449, 5: the token request carries no proof we can bind a token to."""

    error = "invalid_dpop_proof"


class FormPayload(FlaskOAuth2Payload):
    """Parameters come from the body alone; Authlib would also take them from the address, where they end up in logs."""

    @property
    def data(self) -> Any:
        """The form."""
        return self._request.form


class FormRequest(FlaskOAuth2Request):
    """A token request as Authlib sees it. Its address is the issuer's: behind a TLS proxy the local one says http."""

    def __init__(self, incoming: Request) -> None:
        """Read the incoming request."""
        super().__init__(_Addressed(incoming))
        self._request = incoming
        self.payload = FormPayload(incoming)


class _Addressed:
    def __init__(self, incoming: Request) -> None:
        self.method = incoming.method
        self.url = settings().issuer + incoming.path
        self.headers = incoming.headers


class ClientCredentials(ClientCredentialsGrant):
    """The one grant: a system acts for its organisation."""

    TOKEN_ENDPOINT_AUTH_METHODS = [METHOD]

    def validate_requested_scope(self) -> None:
        """Refuse a scope that does not exist, or that the client does not have; Authlib would drop it silently."""
        asked = self.request.form.get("scope")
        if asked is None:
            # A peer that may only introspect gets no token, instead of one that opens nothing.
            if not self.request.client.get_allowed_scope(None):
                raise InvalidScopeError()
            return
        try:
            wanted = parse_scope(asked)
        except ValueError as error:
            raise InvalidScopeError() from error
        if not wanted or not wanted <= frozenset(self.request.client.registered.scope.split()):
            raise InvalidScopeError()

    def create_token_response(self) -> Any:
        """Issue the token. Authlib's own version writes it to the debug log."""
        asked = self.request.form.get("scope")
        scope = format_scope(parse_scope(asked)) if asked else None
        return (
            200,
            issue_token(self.request.client, scope, _proved_key(self.request.client)),
            self.TOKEN_RESPONSE_HEADER,
        )


class Revocation(RevocationEndpoint):
    """RFC 7009: a system gives its own token back. Foreign and unknown tokens get the same 200 and stay as they are."""

    CLIENT_AUTH_METHODS = [METHOD]

    def create_endpoint_response(self, incoming: Any) -> Any:
        """Authenticate, then end the token if it is the client's."""
        client = self.authenticate_endpoint_client(incoming)
        token = incoming.form.get("token")
        if not token:
            raise InvalidRequestError("Missing parameter: token")
        registered: RegisteredClient = client.registered
        actor = Actor(name=registered.client_id, role="system", organisation_id=registered.organisation)

        def end(session: Any) -> None:
            if tokens.revoke(session, registered.client_id, token):
                audit.record(session, actor, "token.revoke", f"client:{registered.client_id}")

        database().run(end)
        return 200, {}, ClientCredentialsGrant.TOKEN_RESPONSE_HEADER


class Introspection(TokenEndpoint):
    """RFC 7662: a peer's resource server asks whether a token it was shown still speaks for anyone, and bound to which key.

    Whatever is not good now is ``{"active": false}``, for one and the same reason: none is given.
    """

    ENDPOINT_NAME = "introspection"
    CLIENT_AUTH_METHODS = [METHOD]

    def create_endpoint_response(self, incoming: Any) -> Any:
        """Authenticate, demand the grant, then say what the token is."""
        registered: RegisteredClient = self.authenticate_endpoint_client(incoming).registered
        if INTROSPECT not in registered.scope.split():
            _audit(registered, "not-allowed", "token.introspect")
            raise UnauthorizedClientError("This client was not enrolled to introspect tokens.")
        token = incoming.form.get("token")
        if not token:
            raise InvalidRequestError("Missing parameter: token")
        with database().reading() as session:
            holder = tokens.holder(session, token, utcnow())
        return 200, _introspected(holder), ClientCredentialsGrant.TOKEN_RESPONSE_HEADER


def _introspected(holder: TokenHolder | None) -> dict[str, Any]:
    if holder is None or holder.suspended or holder.thumbprint is None:
        return {"active": False}
    issuer = settings().issuer
    return {
        "active": True,
        "iss": issuer,
        "aud": issuer,
        "sub": holder.actor.name,
        "client_id": holder.actor.name,
        "organisation": holder.actor.organisation_id,
        "scope": format_scope(holder.scope),
        "token_type": "DPoP",
        "cnf": {"jkt": holder.thumbprint},
        "iat": int(holder.issued_at.timestamp()),
        "exp": int(holder.expires_at.timestamp()),
    }


class KeyReplacement(TokenEndpoint):
    """A system puts new keys in the place of its old ones, and signs that with an old one for the last time.

    Form parameters: the assertion, and ``jwks``, a JSON text. The new set replaces the whole old set.
    """

    ENDPOINT_NAME = "client_keys"
    CLIENT_AUTH_METHODS = [METHOD]

    def create_endpoint_response(self, incoming: Any) -> Any:
        """Authenticate by an old key, then replace them all and end the tokens they got."""
        registered: RegisteredClient = self.authenticate_endpoint_client(incoming).registered
        keys = _new_keys(incoming.form.get("jwks", ""))
        if not database().run(lambda session: clients.replace_keys(session, registered, keys)):
            raise _not_recognised(registered)
        said = {"client_id": registered.client_id, "kids": [key["kid"] for key in keys["keys"]]}
        return 200, said, ClientCredentialsGrant.TOKEN_RESPONSE_HEADER


def _new_keys(text: str) -> dict[str, Any]:
    try:
        jwks = strict_json.load(text.encode())
    except (Problem, UnicodeEncodeError) as error:
        raise InvalidRequestError("Send the parameter jwks: a JSON text with the new public keys.") from error
    try:
        return client_keys.read_jwks(jwks if isinstance(jwks, dict) else {})
    except Problem as error:
        raise InvalidRequestError(error.detail) from error


class TokenServer(AuthorizationServer):
    """Authlib's server with our storage."""

    def __init__(self, app: Flask) -> None:
        """Register the one method, the one grant and the three endpoints beside it."""
        super().__init__(app, query_client=lambda _client_id: None, save_token=lambda _token, _request: None)
        self.register_client_auth_method(METHOD, authenticate)
        self.register_grant(ClientCredentials)
        self.register_endpoint(Revocation)
        self.register_endpoint(Introspection)
        self.register_endpoint(KeyReplacement)

    def create_oauth2_request(self, _request: Any) -> FormRequest:
        """Read the current request."""
        return FormRequest(request)


def authenticate(_query_client: Any, incoming: Any) -> OAuthClient:
    """Recognise the client by its signed assertion, and use the assertion up.

    Raises
    ------
    InvalidClientError
        401, in one wording for every cause.
    UnauthorizedClientError
        A system we recognise, of an organisation that is suspended.
    """
    form = incoming.form
    if form.get("client_assertion_type") != ASSERTION_TYPE or not form.get("client_assertion"):
        raise _not_recognised()
    client, proven = _prove(form["client_assertion"])
    # RFC 7521, 4.2: where client_id is sent too, it must name the same client.
    if form.get("client_id", client.client_id) != client.client_id:
        raise _not_recognised(client)
    if not database().run(
        lambda session: tokens.spend_assertion(session, client.client_id, proven.jti, proven.expires_at)
    ):
        raise _not_recognised(client)
    if client.suspended:
        _audit(client, "organisation-suspended")
        raise UnauthorizedClientError("The organisation is suspended.")
    incoming.client = OAuthClient(client)
    return OAuthClient(client)


def _prove(assertion: str) -> tuple[RegisteredClient, Proven]:
    client = None
    try:
        claimed = peek(assertion)
        with database().reading() as session:
            client = clients.known(session, claimed.client_id)
        proven = check(assertion, claimed, client, settings(), utcnow())
    except InvalidAssertion as error:
        raise _not_recognised(client if error.signed else None) from error
    if client is None:
        raise _not_recognised()
    return client, proven


def _not_recognised(client: RegisteredClient | None = None) -> InvalidClientError:
    # Only a caller who proved the key is written down: for others the extra work would tell which clients exist.
    if client is not None:
        _audit(client, "refused")
    return InvalidClientError(status_code=401, description=NOT_RECOGNISED)


def _audit(client: RegisteredClient, outcome: str, operation: str = "token.issue") -> None:
    actor = Actor(name=client.client_id, role="system", organisation_id=client.organisation)
    database().run(lambda session: audit.record(session, actor, operation, f"client:{client.client_id}", outcome))


def _proved_key(client: OAuthClient) -> str:
    """Return the thumbprint of the key the token is to be bound to.

    After the client was recognised: nobody else makes us keep what proofs they used.
    """
    try:
        proof = dpop.read(request)
        dpop.spend(proof)
    except dpop.InvalidProof as error:
        _audit(client.registered, "invalid-dpop-proof")
        raise InvalidProofError(f"Send one fresh proof in the DPoP header: {error.reason}.") from error
    return proof.thumbprint


def issue_token(client: OAuthClient, scope: str | None, thumbprint: str) -> dict[str, Any]:
    """Write a fresh token, as its hash, bound to the key proved; return what the client is told (RFC 9449, 5)."""
    granted = client.get_allowed_scope(scope)
    seconds = settings().access_token_seconds
    client_id = client.registered.client_id
    number = client.registered.keys_number
    token = database().run(lambda session: tokens.issue(session, client_id, granted, seconds, thumbprint, number))
    return {"access_token": token, "token_type": "DPoP", "expires_in": seconds, "scope": granted}
