"""Organisations' keys: who signs, who can open, and how a member knows that the hub did not swap them.

Each organisation has a client key (signs token requests), an identity key (signs statements, acceptances, receipts) and an
encryption key (opens introductions). What the public halves are, organisations say in chains of statements
(:mod:`federation.key_chains`); what of it a member believes, its pins decide (:mod:`federation.pins`).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import ECKey, OKPKey

from federation import strict_json
from federation.problems import Problem

SIGNATURE: Final = "Ed25519"
RETIRED_DAYS: Final = 90
CLOCK_SKEW: Final = timedelta(seconds=60)


@dataclass(frozen=True)
class RetiredKey:
    """An encryption key that was given up; it still opens what was sealed for it, until ``until`` (seconds since 1970)."""

    key: ECKey
    until: int


@dataclass(frozen=True)
class OrganisationKeys:
    """One organisation's private keys. They never leave its connector."""

    organisation: str
    client: ECKey
    identity: OKPKey
    encryption: ECKey
    retired: tuple[RetiredKey, ...] = ()

    def opening(self, now: datetime) -> list[ECKey]:
        """Return the keys that may open an envelope now, the one in force first."""
        return [self.encryption, *(old.key for old in self.retired if now.timestamp() <= old.until)]

    def rotated(self, now: datetime) -> "OrganisationKeys":
        """Return keys with a fresh encryption key; the one given up can open for :data:`RETIRED_DAYS` more days."""
        given_up = RetiredKey(self.encryption, int((now + timedelta(days=RETIRED_DAYS)).timestamp()))
        kept = (old for old in self.retired if now.timestamp() <= old.until)
        return replace(self, encryption=ECKey.generate_key("P-256"), retired=(given_up, *kept))

    def retired_jwks(self) -> list[dict[str, Any]]:
        """Return the encryption keys given up, as :meth:`from_jwks` reads them: only for the connector's encrypted store."""
        return [{"key": dict(old.key.as_dict(private=True)), "until": old.until} for old in self.retired]

    def private_jwks(self) -> dict[str, dict[str, Any]]:
        """Return all keys as JWK, private parts included: only for the connector's encrypted store."""
        keys: dict[str, ECKey | OKPKey] = {
            "client": self.client,
            "identity": self.identity,
            "encryption": self.encryption,
        }
        return {name: dict(key.as_dict(private=True)) for name, key in keys.items()}

    @classmethod
    def from_jwks(
        cls, organisation: str, stored: Mapping[str, Mapping[str, Any]], retired: Iterable[Mapping[str, Any]] = ()
    ) -> "OrganisationKeys":
        """Read keys back from the store."""
        return cls(
            organisation,
            ECKey.import_key(dict(stored["client"])),
            OKPKey.import_key(dict(stored["identity"])),
            ECKey.import_key(dict(stored["encryption"])),
            tuple(RetiredKey(ECKey.import_key(dict(old["key"])), old["until"]) for old in retired),
        )


def generate_keys(organisation: str) -> OrganisationKeys:
    """Return fresh keys: ES256 for token requests, Ed25519 for identity, P-256 for opening introductions."""
    return OrganisationKeys(
        organisation, ECKey.generate_key("P-256"), OKPKey.generate_key("Ed25519"), ECKey.generate_key("P-256")
    )


def sign(key: OKPKey, kind: str, payload: Mapping[str, Any]) -> str:
    """Return a compact JWS over a JSON object; ``kind`` goes into ``typ``, so one document cannot pass for another."""
    body = json.dumps(payload, separators=(",", ":"), sort_keys=True).encode()
    return jws.serialize_compact({"alg": SIGNATURE, "typ": kind}, body, key, algorithms=[SIGNATURE])


def verify(text: str, key: OKPKey, kind: str) -> dict[str, Any]:
    """Return the object a JWS signs.

    Raises
    ------
    Problem
        ``invalid-signature``: not signed by this key, of another kind, or not a JSON object.
    """
    try:
        signed = jws.deserialize_compact(text, key, algorithms=[SIGNATURE])
        payload = strict_json.load(signed.payload)
    except UnsupportedAlgorithmError as error:
        raise broken(f"this {kind} is signed by an algorithm that is not on our list") from error
    except (JoseError, ValueError, TypeError, Problem) as error:
        raise broken(f"this {kind} is not signed by the key expected") from error
    if signed.headers().get("typ") != kind or not isinstance(payload, dict):
        raise broken(f"this is not a {kind}")
    return payload


def safety_number(first: OKPKey, second: OKPKey) -> str:
    """Return 60 digits that two people read to each other: the same on both sides, in whichever order.

    Each half comes from one identity's thumbprint by 5,200 rounds of SHA-512, so that finding a key with the same digits is
    dear.

    Examples
    --------
    >>> one, other = generate_keys("a").identity, generate_keys("b").identity
    >>> safety_number(one, other) == safety_number(other, one), len(safety_number(one, other).replace(" ", ""))
    (True, 60)
    """
    return _in_fives("".join(sorted(_half(key.thumbprint()) for key in (first, second))))


def text_number(text_hash: str) -> str:
    """Return 60 digits by which two people make sure that they hold the same signed text, from its SHA-256 in hex."""
    return _in_fives(_half(f"1 {text_hash}") + _half(f"2 {text_hash}"))


def same_number(heard: str, number: str) -> bool:
    """Whether somebody typed this number; spaces do not count."""
    return "".join(heard.split()) == "".join(number.split())


def claimed(text: str) -> tuple[str, dict[str, Any]]:
    """Return kind and object of a JWS before its signature is checked: only to learn which key has to check it.

    Raises
    ------
    Problem
        ``invalid-signature``: it cannot be read.
    """
    try:
        signed = jws.extract_compact(text.encode("ascii"))
        payload = strict_json.load(signed.payload)
    except (JoseError, ValueError, TypeError, Problem) as error:
        raise broken("this is not a key statement") from error
    if not isinstance(payload, dict):
        raise broken("this is not a key statement")
    return str(signed.headers().get("typ")), payload


def read_identity(jwk: Any) -> OKPKey:
    """Return a public identity key from its JWK.

    Raises
    ------
    Problem
        ``invalid-signature``: it is none, holds a private part, or is of another kind.
    """
    try:
        key = OKPKey.import_key(dict(jwk))
    except (JoseError, KeyError, TypeError, ValueError) as error:
        raise broken("the statement names no identity key") from error
    if key.is_private or key.curve_name != "Ed25519":
        raise broken("the identity key is not a public Ed25519 key")
    return key


def read_encryption(jwk: Any) -> ECKey:
    """Return a public encryption key from its JWK.

    Raises
    ------
    Problem
        ``invalid-signature``: it is none, holds a private part, or is of another kind.
    """
    try:
        key = ECKey.import_key(dict(jwk))
    except (JoseError, KeyError, TypeError, ValueError) as error:
        raise broken("the statement names no encryption key") from error
    if key.is_private or key.curve_name != "P-256":
        raise broken("the encryption key is not a public P-256 key")
    return key


def broken(what: str) -> Problem:
    """Return the refusal for something signed that does not hold."""
    return Problem("invalid-signature", f"Stop and check with the other side: {what}.")


def _half(name: str) -> str:
    """Return 30 digits of a name, by 5,200 rounds of SHA-512."""
    digest = name.encode()
    for _ in range(5200):
        digest = hashlib.sha512(digest).digest()
    return "".join(f"{int.from_bytes(digest[place : place + 5], 'big') % 100_000:05d}" for place in range(0, 30, 5))


def _in_fives(digits: str) -> str:
    return " ".join(digits[place : place + 5] for place in range(0, len(digits), 5))
