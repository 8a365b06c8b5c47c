"""ID tokens (OpenID Connect Core, 3.1.3.7): does the provider say who this is, to us, now, in answer to our question?"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry, deserialize_compact, extract_compact

from federation import strict_json
from federation.problems import Problem
from hub.services.identity_providers import Provider
from hub.services.provider_errands import LIFE

LONGEST_TOKEN: Final = 16_384
LONGEST_SUBJECT: Final = 255
# Providers' clocks and ours.
SKEW_SECONDS: Final = 60
SMALLEST_RSA_BITS: Final = 2048
# Signature algorithm: kind and curve of the key. Never none, never a shared secret.
KINDS: Final[Mapping[str, tuple[str, str | None]]] = {
    "RS256": ("RSA", None),
    "PS256": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "EdDSA": ("OKP", "Ed25519"),
    "Ed25519": ("OKP", "Ed25519"),
}
CLASSES: Final[Mapping[str, type[RSAKey | ECKey | OKPKey]]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}


class TokenRegistry(JWSRegistry):
    """Only what we take, with room for certificates in the header. EdDSA stands for Ed25519 alone."""

    max_header_length = 8192
    max_payload_length = LONGEST_TOKEN
    algorithms = {name: JWSRegistry.algorithms[name] for name in ("RS256", "PS256", "ES256", "Ed25519")} | {
        "EdDSA": JWSRegistry.algorithms["Ed25519"]
    }


class InvalidToken(Exception):
    """The token does not hold. The reason is for our tests and never for the browser."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token has to say to be the answer to our question."""

    provider: Provider
    nonce: str
    access_token: str | None
    proved_since: datetime | None = None
    """Since when the person must have proved who they are; nothing where that is not asked."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a token says of its signature: nothing to act on."""

    algorithm: str
    kid: str | None


def peek(token: str) -> Header:
    """Read how a token is signed.

    Raises
    ------
    InvalidToken
        Not a compact JWS, an algorithm we do not take, or another kind of token.
    """
    if len(token) > LONGEST_TOKEN:
        raise InvalidToken("too long")
    try:
        header = extract_compact(token.encode("ascii")).headers()
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidToken("not a compact JWS") from error
    algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ", "JWT")
    if algorithm not in KINDS or not isinstance(kid, str | None):
        raise InvalidToken("alg or kid")
    if not isinstance(kind, str) or kind.upper() != "JWT":
        raise InvalidToken("typ")
    return Header(str(algorithm), kid)


def subject(token: str, keys: Iterable[Mapping[str, Any]], expected: Expected, now: datetime) -> str:
    """Check a token, all of it, and return its subject.

    Raises
    ------
    InvalidToken
        Whatever is wrong: one answer for all of it.
    """
    header = peek(token)
    claims = _claims(_verified(token, header, keys))
    _check_parties(claims, expected)
    _check_times(claims, expected, int(now.timestamp()))
    if not _same(claims.get("nonce"), expected.nonce):
        raise InvalidToken("nonce")
    if "at_hash" in claims and not _same(claims["at_hash"], _half_hash(expected.access_token, header.algorithm)):
        raise InvalidToken("at_hash")
    found = claims.get("sub")
    if not isinstance(found, str) or not 0 < len(found) <= LONGEST_SUBJECT or not found.isascii():
        raise InvalidToken("sub")
    return found


def _verified(token: str, header: Header, keys: Iterable[Mapping[str, Any]]) -> bytes:
    """Verify with the one key that fits; which one is never guessed."""
    fitting = [key for key in keys if _fits(key, header)]
    if len(fitting) != 1:
        raise InvalidToken(f"{len(fitting)} keys fit")
    key, kind = fitting[0], KINDS[header.algorithm][0]
    public: dict[str, str | list[str]] = {
        name: str(key[name]) for name in ("kty", "crv", "x", "y", "n", "e") if name in key
    }
    try:
        # Before it is loaded: the library warns of short keys, and takes them.
        if kind == "RSA" and int.from_bytes(urlsafe_b64decode(f"{key['n']}==")).bit_length() < SMALLEST_RSA_BITS:
            raise InvalidToken("a short RSA key")
        loaded, registry = CLASSES[kind].import_key(public), TokenRegistry(algorithms=[header.algorithm])
        return deserialize_compact(token, loaded, registry=registry).payload
    except (JoseError, ValueError, TypeError, AttributeError, LookupError) as error:
        raise InvalidToken("signature") from error


def _fits(key: Mapping[str, Any], header: Header) -> bool:
    kind, curve = KINDS[header.algorithm]
    meant = key.get("use", "sig") == "sig" and key.get("alg", header.algorithm) == header.algorithm
    named = header.kid is None or key.get("kid") == header.kid
    return meant and named and key.get("kty") == kind and (curve is None or key.get("crv") == curve)


def _claims(payload: bytes) -> Mapping[str, Any]:
    try:
        return strict_json.load_object(payload, max_bytes=LONGEST_TOKEN)
    except Problem as error:
        raise InvalidToken("payload is not a strict JSON object") from error


def _check_parties(claims: Mapping[str, Any], expected: Expected) -> None:
    """From this provider, for us alone: other audiences are none that we trust (3.1.3.7, step 3)."""
    provider = expected.provider
    if claims.get("iss") != provider.issuer:
        raise InvalidToken("iss")
    if claims.get("aud") not in (provider.client_id, [provider.client_id]):
        raise InvalidToken("aud")
    if claims.get("azp", provider.client_id) != provider.client_id:
        raise InvalidToken("azp")


def _check_times(claims: Mapping[str, Any], expected: Expected, now: int) -> None:
    issued, expires, proved = claims.get("iat"), claims.get("exp"), claims.get("auth_time")
    if type(issued) is not int or type(expires) is not int:
        raise InvalidToken("iat and exp are whole seconds")
    if not now - int(LIFE.total_seconds()) - SKEW_SECONDS <= issued <= now + SKEW_SECONDS:
        raise InvalidToken("iat")
    if expires <= now - SKEW_SECONDS:
        raise InvalidToken("exp")
    not_before = claims.get("nbf", issued)
    if type(not_before) is not int or not_before > now + SKEW_SECONDS:
        raise InvalidToken("nbf")
    if expected.proved_since is not None:
        since = int(expected.proved_since.timestamp()) - SKEW_SECONDS
        if type(proved) is not int or not since <= proved <= now + SKEW_SECONDS:
            raise InvalidToken("auth_time")


def _half_hash(access_token: str | None, algorithm: str) -> str:
    """Return ``at_hash`` of an access token (3.1.3.6); of none a text that no token carries."""
    if access_token is None:
        return "no token"
    digest = hashlib.sha512 if KINDS[algorithm][0] == "OKP" else hashlib.sha256
    made = digest(access_token.encode("utf-8", "replace")).digest()
    return urlsafe_b64encode(made[: len(made) // 2]).decode().rstrip("=")


def _same(sent: Any, wanted: str) -> bool:
    return isinstance(sent, str) and hmac.compare_digest(sent.encode("utf-8", "replace"), wanted.encode())
