"""Organisations' keys: who signs, who can open, and how a member knows that the hub did not swap them.

Each organisation has a client key (signs token requests), an identity key (signs statements, acceptances, receipts) and an
encryption key (opens introductions). A key statement is a JWS that names the public keys and the statement before it; the hub
relays the chain. The first identity seen is pinned; a change is a hard stop until two people compare the safety number.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import ECKey, OKPKey

from federation import strict_json
from federation.problems import Problem

SIGNATURE: Final = "Ed25519"
STATEMENT: Final = "passerelle-key-statement"
STATEMENT_DAYS: Final = 90
RETIRED_DAYS: Final = 90
GENESIS: Final = "0" * 64
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


@dataclass(frozen=True)
class KeyView:
    """What a verified chain says: an organisation's public keys now, and the hash of each statement, oldest first."""

    organisation: str
    seq: int
    identity: OKPKey
    encryption: ECKey
    hashes: tuple[str, ...]

    @property
    def head(self) -> str:
        """The hash of the last statement."""
        return self.hashes[-1]


@dataclass
class Pins:
    """Per organisation, the identity seen first, the last statement seen, and the identity two people compared by phone.

    None is ever overwritten by another chain.
    """

    identities: dict[str, str] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)
    compared: dict[str, str] = field(default_factory=dict)

    def check(self, view: KeyView) -> None:
        """Pin on first contact; after that refuse another identity, and a chain that forgot what it said before.

        Raises
        ------
        Problem
            ``invalid-signature``: the identity is not the one pinned. ``key-chain-broken``: the statement seen last is gone, so
            the hub shows an older or another chain (to make us seal for a key that was given up, say).
        """
        seen = view.identity.thumbprint()
        if self.identities.setdefault(view.organisation, seen) != seen:
            raise Problem(
                "invalid-signature",
                f"The identity key of {view.organisation} changed. Stop, phone them, and compare the safety number.",
            )
        if self.heads.get(view.organisation, view.head) not in view.hashes:
            raise Problem(
                "key-chain-broken",
                f"The hub shows an older or another chain of {view.organisation} than before. Stop, and phone both.",
            )
        self.heads[view.organisation] = view.head

    def require_compared(self, view: KeyView) -> None:
        """Refuse an identity that only the hub vouches for: a hub that lies from the first day can invent a whole member.

        Raises
        ------
        Problem
            ``invalid-signature``: nobody compared the safety number yet.
        """
        if self.compared.get(view.organisation) != view.identity.thumbprint():
            raise Problem(
                "invalid-signature",
                f"Nobody compared the safety number with {view.organisation} yet: phone them, and type what they read to you "
                f"with passerelle connector safety-number {view.organisation} --heard.",
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
        raise _broken(f"this {kind} is signed by an algorithm that is not on our list") from error
    except (JoseError, ValueError, TypeError, Problem) as error:
        raise _broken(f"this {kind} is not signed by the key expected") from error
    if signed.headers().get("typ") != kind or not isinstance(payload, dict):
        raise _broken(f"this is not a {kind}")
    return payload


def issue_statement(keys: OrganisationKeys, earlier: Sequence[str], now: datetime) -> str:
    """Return the next key statement of a chain, signed by the identity key."""
    public = {
        "identity": keys.identity.as_dict(private=False),
        "encryption": keys.encryption.as_dict(private=False),
    }
    payload = {
        "organisation": keys.organisation,
        "seq": len(earlier) + 1,
        "prev_hash": statement_hash(earlier[-1]) if earlier else GENESIS,
        "jwks": public,
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(days=STATEMENT_DAYS)).timestamp()),
    }
    return sign(keys.identity, STATEMENT, payload)


def verify_chain(statements: Sequence[str], now: datetime, organisation: str) -> KeyView:
    """Check a whole chain and return the keys in force.

    Every statement is signed by the identity of the one before it (the first by its own), numbered without gaps and bound to
    the hash of the one before; the last has not expired.

    Raises
    ------
    Problem
        ``key-chain-broken`` or ``invalid-signature``, naming what does not hold.
    """
    if not statements:
        raise Problem("key-chain-broken", f"{organisation} has published no key statement yet: ask them to.")
    signer: OKPKey | None = None
    hashes, payload = [GENESIS], {}
    for number, text in enumerate(statements, start=1):
        identity = _claimed_identity(text)
        payload = verify(text, signer or identity, STATEMENT)
        expected = (organisation, number, hashes[-1])
        if (payload.get("organisation"), payload.get("seq"), payload.get("prev_hash")) != expected:
            raise Problem(
                "key-chain-broken", f"Statement {number} of {organisation} does not follow the one before it."
            )
        signer = identity
        hashes.append(statement_hash(text))
    _require_current(payload, now, organisation)
    return KeyView(organisation, len(statements), _identity(payload), _encryption(payload), tuple(hashes[1:]))


def statement_hash(text: str) -> str:
    """Return SHA-256 of a statement as it was signed."""
    return hashlib.sha256(text.encode("ascii", "replace")).hexdigest()


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
    digits = "".join(sorted(_half(key) for key in (first, second)))
    return " ".join(digits[place : place + 5] for place in range(0, 60, 5))


def _half(key: OKPKey) -> str:
    digest = key.thumbprint().encode()
    for _ in range(5200):
        digest = hashlib.sha512(digest).digest()
    return "".join(f"{int.from_bytes(digest[place : place + 5], 'big') % 100_000:05d}" for place in range(0, 30, 5))


def _claimed_identity(text: str) -> OKPKey:
    """Read the identity a statement names, before its signature is checked: only to check that signature with."""
    try:
        payload = strict_json.load(jws.extract_compact(text.encode("ascii")).payload)
    except (JoseError, ValueError, TypeError, Problem) as error:
        raise _broken("this is not a key statement") from error
    if not isinstance(payload, dict):
        raise _broken("this is not a key statement")
    return _identity(payload)


def _identity(payload: Mapping[str, Any]) -> OKPKey:
    try:
        key = OKPKey.import_key(dict(payload["jwks"]["identity"]))
    except (JoseError, KeyError, TypeError, ValueError) as error:
        raise _broken("the statement names no identity key") from error
    if key.is_private or key.curve_name != "Ed25519":
        raise _broken("the identity key is not a public Ed25519 key")
    return key


def _encryption(payload: Mapping[str, Any]) -> ECKey:
    try:
        key = ECKey.import_key(dict(payload["jwks"]["encryption"]))
    except (JoseError, KeyError, TypeError, ValueError) as error:
        raise _broken("the statement names no encryption key") from error
    if key.is_private or key.curve_name != "P-256":
        raise _broken("the encryption key is not a public P-256 key")
    return key


def _require_current(payload: Mapping[str, Any], now: datetime, organisation: str) -> None:
    issued, expires = payload.get("iat"), payload.get("exp")
    if not isinstance(issued, int) or not isinstance(expires, int):
        raise _broken("the statement has no dates")
    if not issued - CLOCK_SKEW.total_seconds() <= now.timestamp() <= expires:
        raise Problem(
            "key-chain-broken", f"The keys of {organisation} are not current: ask them to publish a statement."
        )


def _broken(what: str) -> Problem:
    return Problem("invalid-signature", f"Stop and check with the other side: {what}.")
