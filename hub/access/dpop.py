"""Proofs of possession (RFC 9449): is this very request signed by the key its token is bound to, now, and for the first time?

Read without the database; what is left to do with a proof that holds (use its ``jti`` once) is in ``hub.services.tokens``.
"""

import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from flask import Request
from joserfc.errors import JoseError
from joserfc.jws import deserialize_compact

from federation import dpop, strict_json
from federation.problems import Problem
from hub.access.assertions import LONGEST_JTI, SHORTEST_JTI, SPOKEN, AssertionRegistry
from hub.access.context import database, settings
from hub.models import utcnow
from hub.services import client_keys, tokens
from hub.services.client_keys import Key

LONGEST_PROOF: Final = 4096
# A proof is sent as it is made. Two minutes forgive the clocks of small offices, as client assertions do.
PROOF_SECONDS: Final = 120
COMPACT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
PORTS: Final = {"https": 443, "http": 80}


class ProofRegistry(AssertionRegistry):
    """What we speak, with room in the header for an RSA key."""

    max_header_length = 2048


class InvalidProof(Exception):
    """The proof does not hold. The reason may be told: it says nothing about anyone, and helps who builds a client."""

    def __init__(self, reason: str) -> None:
        """Remember the reason: plain ASCII without quotes, since it stands in a header."""
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that holds: whose key, and what must not be used again before ``expires_at``."""

    thumbprint: str
    jti: str
    expires_at: datetime


def read(incoming: Request, token: str | None = None) -> Proof:
    """Check the proof of a request, all but that it is the first use of it (RFC 9449, 4.3).

    Parameters
    ----------
    incoming
        The request; the address proved is the issuer's, since behind a TLS proxy the local one says http.
    token
        The access token sent along, which the proof must name; none at the token endpoint.

    Raises
    ------
    InvalidProof
        With the reason. No proof is one, too.
    """
    proof = incoming.headers.get("DPoP", "")
    header, claims, thumbprint = _opened(proof)
    if header.get("typ") != dpop.TYPE:
        raise InvalidProof(f"typ is not {dpop.TYPE}")
    if claims.get("htm") != incoming.method:
        raise InvalidProof("htm is not the method of this request")
    if not _same_address(claims.get("htu"), settings().issuer, incoming.path):
        raise InvalidProof("htu is not the address of this request")
    if token is not None and claims.get("ath") != dpop.token_hash(token):
        raise InvalidProof("ath is not the hash of this access token")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not SHORTEST_JTI <= len(jti) <= LONGEST_JTI:
        raise InvalidProof(f"jti is not a text of {SHORTEST_JTI} to {LONGEST_JTI} characters")
    return Proof(thumbprint, jti, _checked_times(claims, utcnow()))


def spend(proof: Proof) -> None:
    """Use a proof up, for all processes together.

    Raises
    ------
    InvalidProof
        It was used before.
    """
    if not database().run(lambda session: tokens.spend_proof(session, proof.thumbprint, proof.jti, proof.expires_at)):
        raise InvalidProof("this proof was used before")


def _opened(proof: str) -> tuple[Mapping[str, Any], Mapping[str, Any], str]:
    """Return header and claims of a proof signed by the key it carries, and that key's thumbprint."""
    if not proof:
        raise InvalidProof("the DPoP header is missing")
    # A second DPoP header reaches us as one value with a comma, which no JWT has.
    if len(proof) > LONGEST_PROOF or not COMPACT.fullmatch(proof):
        raise InvalidProof("one DPoP header with one JWT is needed")
    try:
        header, claims = (_object(part) for part in proof.split(".")[:2])
    except (Problem, ValueError) as error:
        raise InvalidProof("the DPoP header is not a JWT") from error
    key, thumbprint = _key(header)
    try:
        deserialize_compact(proof, key, registry=ProofRegistry(algorithms=[str(header["alg"])]))
    except (JoseError, ValueError, TypeError) as error:
        raise InvalidProof("the signature does not hold") from error
    return header, claims, thumbprint


def _object(part: str) -> Mapping[str, Any]:
    return strict_json.load_object(urlsafe_b64decode(part + "=" * (-len(part) % 4)), max_bytes=LONGEST_PROOF)


def _key(header: Mapping[str, Any]) -> tuple[Key, str]:
    if header.keys() & {"crit", "b64"}:
        raise InvalidProof("crit and b64 are not spoken")
    if header.get("alg") not in SPOKEN:
        raise InvalidProof(f"alg is none of {' '.join(SPOKEN)}")
    try:
        public = client_keys.read_key(header.get("jwk"))
    except Problem as error:
        raise InvalidProof("jwk is not a public key of a kind we take") from error
    if header["alg"] not in client_keys.algorithms_for(public):
        raise InvalidProof("alg does not fit the key")
    key = client_keys.verifier(public)
    return key, str(key.thumbprint())


def _same_address(claimed: Any, issuer: str, path: str) -> bool:
    """Whether ``htu`` is this address after normalising (RFC 3986, 6.2.2 and 6.2.3), query and fragment aside."""
    try:
        said, ours = urlsplit(claimed), urlsplit(issuer)
        place = (said.scheme, said.hostname, said.port or PORTS.get(said.scheme))
        expected = (ours.scheme, ours.hostname, ours.port or PORTS.get(ours.scheme))
    except (ValueError, TypeError, AttributeError):
        return False
    return place == expected and said.username is None and (unquote(said.path) or "/") == ours.path + path


def _checked_times(claims: Mapping[str, Any], now: datetime) -> datetime:
    issued, at = claims.get("iat"), int(now.timestamp())
    if type(issued) is not int or not at - PROOF_SECONDS <= issued <= at + settings().assertion_skew_seconds:
        raise InvalidProof(f"iat is not within {PROOF_SECONDS} seconds: check the clock")
    return datetime.fromtimestamp(issued + PROOF_SECONDS + 1, UTC)
