"""Heads of the hub's audit chain, signed by the hub: what every organisation is given to keep (trust.md, section 10).

A head commits to every entry before it. Whoever keeps one can tell a log that was cut or made anew from one that only grew, and
can show others the hub's signature under what it said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from federation.keys import sign, verify
from federation.problems import Problem

KIND: Final = "passerelle-audit-head"
EVENT: Final = "audit.head"
"""The type of the event that brings one; its data is ``{"signed": compact JWS}``."""


@dataclass(frozen=True, slots=True)
class SignedHead:
    """One head as the hub signed it: so many entries, the last with this hash, and the head it handed out before.

    ``number`` counts entries; ``at`` is in seconds since 1970.
    """

    hub: str
    number: int
    entry_hash: str
    previous_number: int
    previous_hash: str
    at: int

    def __str__(self) -> str:
        """Return NUMBER:HASH, as people hand it on."""
        return f"{self.number}:{self.entry_hash}"


def sign_head(key: OKPKey, head: SignedHead) -> str:
    """Return a compact JWS over one head."""
    fields = {name: getattr(head, name) for name in SignedHead.__slots__}
    return sign(key, KIND, fields)


def read_head(text: str, key: OKPKey) -> SignedHead:
    """Return the head a JWS signs.

    Raises
    ------
    Problem
        ``invalid-signature``: not signed by this key, or no head.
    """
    payload = verify(text, key, KIND)
    try:
        head = SignedHead(**payload)
    except TypeError as error:
        raise Problem("invalid-signature", "The hub signed something that is no head of its audit log.") from error
    numbers = (head.number, head.previous_number, head.at)
    if not all(type(number) is int and number >= 0 for number in numbers) or not isinstance(head.entry_hash, str):
        raise Problem("invalid-signature", "The hub signed a head of its audit log that cannot be read.")
    return head


def read_key(jwk: Any) -> OKPKey:
    """Return the hub's public key from its JWK.

    Raises
    ------
    Problem
        ``invalid-signature``: it is none, or not a public Ed25519 key.
    """
    try:
        key = OKPKey.import_key(dict(jwk))
    except (JoseError, TypeError, ValueError, KeyError) as error:
        raise Problem("invalid-signature", "The hub shows no key for the heads of its audit log.") from error
    if key.is_private or key.curve_name != "Ed25519":
        raise Problem("invalid-signature", "The hub's key for the heads of its audit log is not a public Ed25519 key.")
    return key


def check_follows(earlier: SignedHead, later: SignedHead) -> None:
    """Refuse a head that cannot follow the one kept: the log shrank, or says something else where they meet.

    Raises
    ------
    Problem
        ``key-chain-broken``, naming the head kept.
    """
    said: Mapping[int, str] = {later.previous_number: later.previous_hash, later.number: later.entry_hash}
    if later.number < earlier.number or said.get(earlier.number, earlier.entry_hash) != earlier.entry_hash:
        raise broken(earlier)


def broken(kept: SignedHead) -> Problem:
    """Return the refusal for a log on which a head kept earlier no longer stands."""
    return Problem(
        "key-chain-broken",
        f"The hub's audit log no longer holds the head {kept} that this folder kept: it was cut or made anew. Keep this "
        "folder, phone the operator, and compare heads with the other members.",
    )
