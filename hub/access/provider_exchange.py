"""The exchange with a provider: our question in an address, its answer in an address, and a token for the code that came.

Authorisation code (RFC 6749) with PKCE (RFC 7636), the issuer in the answer (RFC 9207) and OpenID Connect.
"""

import json
import time
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote_plus
from uuid import uuid4

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import ECKey
from werkzeug.datastructures import MultiDict

from hub.access import id_tokens
from hub.access.context import provider_documents, settings
from hub.access.id_tokens import Expected, InvalidToken
from hub.access.provider_calls import ProviderUnreachable, ask
from hub.access.provider_documents import Document, read_object
from hub.models import utcnow
from hub.services.identity_providers import KEY, Provider
from hub.services.provider_errands import marks
from hub.services.provider_identities import Identity

RETURN: Final = "/sign-in/organisation/{}/return"
SCOPE: Final = "openid"
LONGEST_CODE: Final = 4096
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS: Final = 60


class InvalidAnswer(Exception):
    """The answer is not this provider's to our question. The reason is for our tests and never for the browser."""


class NotSignedIn(Exception):
    """The provider says that it did not sign the person in, or that they changed their mind."""


def redirect_uri(organisation_id: str, issuer: str) -> str:
    """Return where a provider sends browsers back to: one address a provider, so that no other's answer arrives there.

    ``issuer`` is the hub's own address.
    """
    return issuer.rstrip("/") + RETURN.format(organisation_id)


def question(provider: Provider, document: Document, cookie: str, *, fresh: bool) -> str:
    """Return the address that asks a provider who this browser's person is; ``fresh``: and to make sure of it now."""
    made = marks(cookie)
    again = {"prompt": "login", "max_age": "0"} if fresh else {}
    address: str = prepare_grant_uri(
        document.authorization_endpoint,
        client_id=provider.client_id,
        response_type="code",
        redirect_uri=redirect_uri(provider.organisation_id, settings().issuer),
        scope=SCOPE,
        state=made.state,
        nonce=made.nonce,
        code_challenge=create_s256_code_challenge(made.verifier),
        code_challenge_method="S256",
        **again,
    )
    return address


def code(document: Document, sent: MultiDict[str, str]) -> str:
    """Return the code of an answer that is this provider's (RFC 9207).

    Raises
    ------
    InvalidAnswer
        It is not, or there is no code in it.
    NotSignedIn
        The provider sent a refusal instead.
    """
    if ("iss" in sent or document.sends_issuer) and one(sent, "iss") != document.issuer:
        raise InvalidAnswer("iss")
    if "error" in sent:
        raise NotSignedIn
    found = one(sent, "code") or ""
    if not 0 < len(found) <= LONGEST_CODE:
        raise InvalidAnswer("code")
    return found


def one(sent: MultiDict[str, str], name: str) -> str | None:
    """Return a parameter that was sent exactly once."""
    values = sent.getlist(name)
    return values[0] if len(values) == 1 else None


def identity(
    provider: Provider, document: Document, cookie: str, code: str, proved_since: datetime | None = None
) -> Identity:
    """Exchange a code and check the token that comes for it.

    Raises
    ------
    InvalidAnswer
        The code or the token is not good.
    ProviderUnreachable
        No answer, or none that can be read.
    """
    granted = _granted(provider, document, code, marks(cookie).verifier)
    token, access_token = granted.get("id_token"), granted.get("access_token")
    now = utcnow()
    expected = Expected(
        provider=provider,
        nonce=marks(cookie).nonce,
        access_token=access_token if isinstance(access_token, str) else None,
        proved_since=proved_since,
    )
    try:
        if not isinstance(token, str):
            raise InvalidToken("no token")
        keys = provider_documents().keys(document, id_tokens.peek(token).kid, settings())
        subject = id_tokens.subject(token, keys, expected, now)
    except InvalidToken as error:
        raise InvalidAnswer(str(error)) from error
    return Identity(provider.organisation_id, provider.issuer, subject)


def _granted(provider: Provider, document: Document, code: str, verifier: str) -> Mapping[str, Any]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri(provider.organisation_id, settings().issuer),
        "code_verifier": verifier,
    }
    proof, headers = _proof_of_client(provider, document)
    reply = ask(document.token_endpoint, settings(), form | proof, {"Accept": "application/json"} | headers)
    if reply.status >= 500:
        raise ProviderUnreachable(f"status {reply.status}")
    if reply.status != 200:
        raise InvalidAnswer("the code was refused")
    return read_object(reply)


def _proof_of_client(provider: Provider, document: Document) -> tuple[dict[str, str], dict[str, str]]:
    """Return what the form, and what the headers prove the hub by."""
    if provider.authentication == KEY:
        assertion = _assertion(provider, document)
        return {
            "client_id": provider.client_id,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        }, {}
    if document.secret_in_form:
        return {"client_id": provider.client_id, "client_secret": provider.secret}, {}
    pair = f"{quote_plus(provider.client_id)}:{quote_plus(provider.secret)}"
    return {}, {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def _assertion(provider: Provider, document: Document) -> str:
    key, now = ECKey.import_key(json.loads(provider.secret)), int(time.time())
    claims: dict[str, Any] = {
        "iss": provider.client_id,
        "sub": provider.client_id,
        "aud": document.token_endpoint,
        "jti": uuid4().hex,
        "iat": now,
        "exp": now + ASSERTION_SECONDS,
    }
    return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key)
