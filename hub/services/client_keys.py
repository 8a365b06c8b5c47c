"""Public keys an organisation's system signs its token requests with: which kinds we take, in one form."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from federation.problems import Problem

MOST_KEYS: Final = 5
SMALLEST_RSA_BITS: Final = 2048
LARGEST_RSA_BITS: Final = 8192
PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
# What a kind of key may sign with. Ed25519 has two names since RFC 9864; RS256 is left out on purpose (trust.md, 5).
ALGORITHMS: Final[Mapping[tuple[str, str | None], tuple[str, ...]]] = {
    ("EC", "P-256"): ("ES256",),
    ("OKP", "Ed25519"): ("EdDSA", "Ed25519"),
    ("RSA", None): ("PS256",),
}
MEMBERS: Final = {"EC": ("crv", "x", "y"), "OKP": ("crv", "x"), "RSA": ("n", "e")}
Key = ECKey | OKPKey | RSAKey
KINDS: Final[Mapping[str, type[Key]]] = {"EC": ECKey, "OKP": OKPKey, "RSA": RSAKey}


def read_jwks(jwks: Mapping[str, Any]) -> dict[str, Any]:
    """Return a key set with public members and ``kid`` only; a key without ``kid`` is named by its thumbprint.

    Raises
    ------
    Problem
        ``enrolment-refused``: not 1 to 5 keys, a private key, an unknown kind or curve, a short or malformed key, or one
        name twice. Nothing of the key is repeated.
    """
    keys = jwks.get("keys")
    if not isinstance(keys, list) or not 1 <= len(keys) <= MOST_KEYS:
        raise _refused(f"Send jwks with a list of 1 to {MOST_KEYS} public keys.")
    read = [read_key(key) for key in keys]
    if len({key["kid"] for key in read}) != len(read):
        raise _refused("Two keys carry the same kid.")
    return {"keys": read}


def algorithms_for(key: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the signature algorithms one registered key may be used with; empty for a kind we do not take."""
    kind = str(key.get("kty"))
    return ALGORITHMS.get((kind, None if kind == "RSA" else str(key.get("crv"))), ())


def key_set(keys: list[dict[str, Any]]) -> KeySet:
    """Return registered keys ready to verify with."""
    return KeySet.import_key_set({"keys": keys})


def verifier(key: Mapping[str, Any]) -> Key:
    """Return one key, read before, ready to verify with."""
    return KINDS[key["kty"]].import_key({name: key[name] for name in ("kty", *MEMBERS[key["kty"]])})


def read_key(key: Any) -> dict[str, str]:
    """Return one key with its public members and ``kid`` only.

    Raises
    ------
    Problem
        ``enrolment-refused``, as for :func:`read_jwks`.
    """
    if not isinstance(key, dict) or PRIVATE & key.keys():
        raise _refused("Send the public part of each key only; a private key must never leave your system.")
    allowed = algorithms_for(key)
    if not allowed or key.get("alg", allowed[0]) not in allowed or key.get("use", "sig") != "sig":
        raise _refused("Use a P-256 key (ES256), an Ed25519 key (EdDSA) or an RSA key (PS256), meant for signatures.")
    public = {name: key.get(name) for name in ("kty", *MEMBERS[key["kty"]])}
    if not all(isinstance(value, str) for value in public.values()):
        raise _refused("A key lacks a member of its kind (RFC 7518, section 6).")
    if key["kty"] == "RSA":
        _check_rsa(str(public["n"]), str(public["e"]))
    return {name: str(value) for name, value in public.items()} | {"kid": _kid(key, public)}


def _kid(key: Mapping[str, Any], public: dict[str, Any]) -> str:
    try:
        thumbprint = KINDS[public["kty"]].import_key(public).thumbprint()
    except (JoseError, ValueError, TypeError) as error:
        raise _refused("A key cannot be read: check its coordinates and encoding.") from error
    kid = key.get("kid", thumbprint)
    if not isinstance(kid, str) or not 1 <= len(kid) <= 100:
        raise _refused("A kid is a text of 1 to 100 characters.")
    return kid


def _check_rsa(modulus: str, exponent: str) -> None:
    try:
        bits = _number(modulus).bit_length()
        odd = _number(exponent)
    except (binascii.Error, ValueError) as error:
        raise _refused("A key cannot be read: check its encoding.") from error
    if not SMALLEST_RSA_BITS <= bits <= LARGEST_RSA_BITS or odd != 65537:
        raise _refused(f"An RSA key has {SMALLEST_RSA_BITS} to {LARGEST_RSA_BITS} bits and the exponent 65537.")


def _number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text.encode("ascii") + b"=="))


def _refused(detail: str) -> Problem:
    return Problem("enrolment-refused", detail)
