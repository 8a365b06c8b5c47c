"""Client assertions (RFC 7523): is this token request really signed by that system, for us, now, and for the first time?

Stricter than Authlib's check, which takes a list of audiences, any lifetime and RS256; the reasons are in
docs/decisions/0005-oauth-server.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry, deserialize_compact, extract_compact

from federation import strict_json
from federation.problems import Problem
from hub.services import client_keys
from hub.services.clients import RegisteredClient
from hub.settings import Settings

LONGEST_ASSERTION: Final = 8192
SHORTEST_JTI, LONGEST_JTI = 8, 200
SPOKEN: Final = ("ES256", "PS256", "EdDSA", "Ed25519")


class AssertionRegistry(JWSRegistry):
    """Only what we speak. The name EdDSA stands for Ed25519 alone: the library warns that the wider one is deprecated."""

    algorithms = {name: JWSRegistry.algorithms[name] for name in ("ES256", "PS256", "Ed25519")} | {
        "EdDSA": JWSRegistry.algorithms["Ed25519"]
    }


class InvalidAssertion(Exception):
    """The assertion does not hold. The reason is for our tests and never for the caller.

    ``signed`` says that its signature held: then we know whose it is, and the refusal belongs in the audit log.
    """

    def __init__(self, reason: str, *, signed: bool = False) -> None:
        """Remember the reason."""
        super().__init__(reason)
        self.signed = signed


@dataclass(frozen=True, slots=True)
class Claimed:
    """What an assertion says before its signature is checked: nothing to act on."""

    client_id: str
    kid: str | None
    algorithm: str


@dataclass(frozen=True, slots=True)
class Proven:
    """What a checked assertion leaves to do: use its ``jti`` once, and remember it until ``expires_at``."""

    client_id: str
    jti: str
    expires_at: datetime


def peek(assertion: str) -> Claimed:
    """Read who an assertion says it is from.

    Raises
    ------
    InvalidAssertion
        Not a compact JWS over a JSON object with a ``sub``, or an algorithm we do not speak.
    """
    if len(assertion) > LONGEST_ASSERTION:
        raise InvalidAssertion("too long")
    try:
        parts = extract_compact(assertion.encode("ascii"))
        header = parts.headers()
        claims = _object(parts.payload)
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidAssertion("not a compact JWS") from error
    subject, kid, algorithm = claims.get("sub"), header.get("kid"), header.get("alg")
    if not isinstance(subject, str) or not isinstance(kid, str | None) or algorithm not in SPOKEN:
        raise InvalidAssertion("sub, kid or alg")
    return Claimed(subject, kid, str(algorithm))


def check(
    assertion: str, claimed: Claimed, client: RegisteredClient | None, settings: Settings, now: datetime
) -> Proven:
    """Check signature and claims; for an unknown client do the same work against a key nobody has.

    Raises
    ------
    InvalidAssertion
        Whatever is wrong: one answer for all of it.
    """
    keys = [key for key in (client.keys if client else ()) if claimed.algorithm in client_keys.algorithms_for(key)]
    if claimed.kid is not None:
        keys = [key for key in keys if key["kid"] == claimed.kid]
    payload = _verified(assertion, keys[0] if len(keys) == 1 else _nobodys_key(), claimed.algorithm)
    if client is None:
        raise InvalidAssertion("unknown client")
    return _checked_claims(_object(payload), client.client_id, settings, now)


def _verified(assertion: str, key: Mapping[str, Any], algorithm: str) -> bytes:
    try:
        keys = client_keys.key_set([dict(key)])
        verified = deserialize_compact(assertion, keys.keys[0], registry=AssertionRegistry(algorithms=[algorithm]))
    except (JoseError, ValueError, TypeError) as error:
        raise InvalidAssertion("signature") from error
    return verified.payload


def _checked_claims(claims: Mapping[str, Any], client_id: str, settings: Settings, now: datetime) -> Proven:
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise InvalidAssertion("iss and sub are the client", signed=True)
    # One audience, ours, as a string: a list would let the same assertion be played at another server it names.
    if claims.get("aud") != settings.issuer:
        raise InvalidAssertion("aud is the issuer", signed=True)
    jti = claims.get("jti")
    if not isinstance(jti, str) or not SHORTEST_JTI <= len(jti) <= LONGEST_JTI:
        raise InvalidAssertion("jti", signed=True)
    return Proven(client_id, jti, _checked_times(claims, settings, now))


def _checked_times(claims: Mapping[str, Any], settings: Settings, now: datetime) -> datetime:
    issued, expires = claims.get("iat"), claims.get("exp")
    if type(issued) is not int or type(expires) is not int:
        raise InvalidAssertion("iat and exp are whole seconds", signed=True)
    at = int(now.timestamp())
    life, skew = settings.assertion_seconds, settings.assertion_skew_seconds
    if not issued < expires <= issued + life or not at < expires <= at + life + skew or issued > at + skew:
        raise InvalidAssertion("times", signed=True)
    not_before = claims.get("nbf", issued)
    if type(not_before) is not int or not_before > at + skew:
        raise InvalidAssertion("nbf", signed=True)
    return datetime.fromtimestamp(expires, UTC)


def _object(payload: bytes) -> Mapping[str, Any]:
    try:
        return strict_json.load_object(payload, max_bytes=LONGEST_ASSERTION)
    except Problem as error:
        raise InvalidAssertion("payload is not a strict JSON object") from error


@cache
def _nobodys_key() -> dict[str, Any]:
    public = ECKey.generate_key("P-256").as_dict(private=False)
    return {name: public[name] for name in ("kty", "crv", "x", "y")}
