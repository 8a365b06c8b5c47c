"""What a system signs at a hub: once a token, who it is (RFC 7523); with each request, a proof of possession (RFC 9449).

An access token is bound to the key of the proofs: a stolen one opens nothing without that key, and the key never travels.
"""

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from joserfc import jwt
from joserfc.jwk import ECKey

TYPE: Final = "dpop+jwt"
ALGORITHM: Final = "ES256"
ASSERTION_SECONDS: Final = 120


class ProofKey:
    """A P-256 key pair of this process's own: made in memory, never stored, gone when the process ends.

    Not the key the system is registered with: that one signs who we are and is kept for years, this one signs each request
    and lives as long as the tokens bound to it. So neither signature can be taken for the other, a request costs no look into
    the store, and what a thief copies from the disk is not what tokens in use are bound to.
    """

    def __init__(self) -> None:
        """Make the key: about 70 microseconds."""
        self._key = ECKey.generate_key("P-256")
        public: dict[str, Any] = dict(self._key.as_dict(private=False))
        self._header = {"typ": TYPE, "alg": ALGORITHM, "jwk": {name: public[name] for name in ("kty", "crv", "x", "y")}}

    def thumbprint(self) -> str:
        """Return the RFC 7638 thumbprint: what the hub binds our tokens to."""
        return str(self._key.thumbprint())

    def prove(self, method: str, url: str, token: str | None = None) -> str:
        """Return a proof for one request: the value of the ``DPoP`` header.

        Parameters
        ----------
        method, url
            Of the request; query and fragment are left out (RFC 9449, 4.2).
        token
            The access token sent along; none at the token endpoint.
        """
        claims: dict[str, Any] = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": urlunsplit((*urlsplit(url)[:3], "", "")),
            "iat": int(time.time()),
        }
        if token is not None:
            claims["ath"] = token_hash(token)
        return jwt.encode(self._header, claims, self._key, algorithms=[ALGORITHM])


def assert_identity(key: ECKey, client_id: str, issuer: str) -> str:
    """Return a client assertion: good once, for two minutes, at this hub alone."""
    now = int(time.time())
    claims: dict[str, Any] = {"iss": client_id, "sub": client_id, "aud": issuer}
    claims |= {"jti": secrets.token_urlsafe(16), "iat": now, "exp": now + ASSERTION_SECONDS}
    return jwt.encode({"alg": ALGORITHM, "kid": key.thumbprint()}, claims, key, algorithms=[ALGORITHM])


def public_jwk(key: ECKey) -> dict[str, Any]:
    """Return the public half of a registered key, named by its thumbprint."""
    return dict(key.as_dict(private=False)) | {"kid": key.thumbprint(), "alg": ALGORITHM, "use": "sig"}


def token_hash(token: str) -> str:
    """Return the ``ath`` of an access token: base64url of its SHA-256, without padding.

    Examples
    --------
    >>> token_hash("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU")  # RFC 9449, 7.1
    'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo'
    """
    return urlsafe_b64encode(hashlib.sha256(token.encode("ascii")).digest()).rstrip(b"=").decode("ascii")
