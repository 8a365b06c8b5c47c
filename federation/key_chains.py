"""Chains of key statements: what an organisation says its public keys are, one signed statement after the other.

A key statement is a JWS that names the public keys and the hash of the statement before it; the hub relays the chain. A lost
identity key is replaced by a *replacement*: signed by the new identity, naming the last good statement, with two
countersignatures (:mod:`federation.replacements`). Whoever holds the old identity can end it by an *objection*. All three stand
in the one chain, which only grows: what somebody saw once cannot be taken back without its being noticed.

Here a chain is only read. Whether a replacement is believed is each member's own matter (:mod:`federation.pins`).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from joserfc.jwk import ECKey, OKPKey

from federation.keys import CLOCK_SKEW, OrganisationKeys, broken, claimed, read_encryption, read_identity, sign, verify
from federation.problems import Problem

STATEMENT: Final = "passerelle-key-statement"
REPLACEMENT: Final = "passerelle-key-replacement"
OBJECTION: Final = "passerelle-key-objection"
STATEMENT_DAYS: Final = 90
GENESIS: Final = "0" * 64
JOINED: Final = "~"
"""Between a replacement and its countersignatures; in no base64url, so in no statement."""


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


@dataclass(frozen=True)
class Reign:
    """The time of one identity in a chain: its newest keys and their dates, the hash of its last statement.

    ``replacement`` is what began it, countersignatures included; nothing for the first.
    """

    identity: OKPKey
    encryption: ECKey
    dates: tuple[Any, Any]
    last: str
    replacement: str | None = None


@dataclass(frozen=True)
class KeyChain:
    """A chain that holds together: the reigns that nobody objected to, oldest first, and the hash of each statement."""

    organisation: str
    reigns: tuple[Reign, ...]
    hashes: tuple[str, ...]

    @property
    def head(self) -> str:
        """The hash of the last statement."""
        return self.hashes[-1]

    def view(self, now: datetime) -> KeyView:
        """Return the newest keys.

        Raises
        ------
        Problem
            ``key-chain-broken``: they are not current.
        """
        newest = self.reigns[-1]
        _require_current(newest.dates, now, self.organisation)
        return KeyView(self.organisation, len(self.hashes), newest.identity, newest.encryption, self.hashes)


def issue_statement(keys: OrganisationKeys, earlier: Sequence[str], now: datetime) -> str:
    """Return the next key statement of a chain, signed by the identity key."""
    return sign(keys.identity, STATEMENT, link(keys, earlier) | public_keys(keys, now))


def link(keys: OrganisationKeys, earlier: Sequence[str]) -> dict[str, Any]:
    """Return what binds the next statement to its place in the chain."""
    previous = statement_hash(earlier[-1]) if earlier else GENESIS
    return {"organisation": keys.organisation, "seq": len(earlier) + 1, "prev_hash": previous}


def public_keys(keys: OrganisationKeys, now: datetime) -> dict[str, Any]:
    """Return the public keys and how long they hold, as a statement says them."""
    public = {
        "identity": keys.identity.as_dict(private=False),
        "encryption": keys.encryption.as_dict(private=False),
    }
    ends = now + timedelta(days=STATEMENT_DAYS)
    return {"jwks": public, "iat": int(now.timestamp()), "exp": int(ends.timestamp())}


def statement_hash(text: str) -> str:
    """Return SHA-256 of a statement as it was signed: of a replacement without its countersignatures, which sign this."""
    return hashlib.sha256(text.partition(JOINED)[0].encode("ascii", "replace")).hexdigest()


def verify_chain(statements: Sequence[str], now: datetime, organisation: str) -> KeyView:
    """Check a whole chain and return the newest keys, whoever vouches for them: for the organisation itself, and its hub.

    Raises
    ------
    Problem
        As :func:`read_chain`; ``key-chain-broken`` when the last statement has expired.
    """
    return read_chain(statements, organisation).view(now)


def read_chain(statements: Sequence[str], organisation: str) -> KeyChain:
    """Check that a chain holds together.

    Every statement is numbered without gaps, bound to the hash of the one before, and signed by the identity in force, which
    it cannot change. A replacement is signed by the new identity, never one of the chain's before, and names the last
    statement of the identity it replaces: what came after that one, another replacement say, is void. An objection is signed
    by the identity that a replacement replaces, and makes void that replacement and all that came under it. Cost: one
    signature each.

    Raises
    ------
    Problem
        ``key-chain-broken`` or ``invalid-signature``, naming what does not hold.
    """
    if not statements:
        raise Problem("key-chain-broken", f"{organisation} has published no key statement yet: ask them to.")
    reigns: tuple[Reign, ...] = ()
    hashes = [GENESIS]
    for number, text in enumerate(statements, start=1):
        reigns, payload = _follow(reigns, text)
        expected = (organisation, number, hashes[-1])
        if (payload.get("organisation"), payload.get("seq"), payload.get("prev_hash")) != expected:
            raise Problem(
                "key-chain-broken", f"Statement {number} of {organisation} does not follow the one before it."
            )
        hashes.append(statement_hash(text))
    return KeyChain(organisation, reigns, tuple(hashes[1:]))


Followed = tuple[tuple[Reign, ...], dict[str, Any]]


def _follow(reigns: tuple[Reign, ...], text: str) -> Followed:
    core = text.partition(JOINED)[0]
    kind, said = claimed(core)
    if kind == REPLACEMENT:
        return _replaced(reigns, text, said)
    if text != core:
        raise broken("only a replacement carries countersignatures")
    return _objected(reigns, text, said) if kind == OBJECTION else _renewed(reigns, text, said)


def _renewed(reigns: tuple[Reign, ...], text: str, said: Mapping[str, Any]) -> Followed:
    identity = reigns[-1].identity if reigns else _identity(said)
    payload = verify(text, identity, STATEMENT)
    if _identity(payload).thumbprint() != identity.thumbprint():
        raise broken("a statement names another identity key than the one it is signed by")
    began = reigns[-1].replacement if reigns else None
    return (*reigns[:-1], _reign(payload, text, began)), payload


def _replaced(reigns: tuple[Reign, ...], text: str, said: Mapping[str, Any]) -> Followed:
    payload = verify(text.partition(JOINED)[0], _identity(said), REPLACEMENT)
    base = next((number for number, reign in enumerate(reigns) if reign.last == payload.get("replaces")), None)
    if base is None:
        raise Problem("key-chain-broken", "The replacement does not name the last good statement of this chain.")
    kept, new = reigns[: base + 1], _reign(payload, text, text)
    if new.identity.thumbprint() in {reign.identity.thumbprint() for reign in kept}:
        raise broken("the replacement brings back an identity key of this chain")
    return (*kept, new), payload


def _objected(reigns: tuple[Reign, ...], text: str, said: Mapping[str, Any]) -> Followed:
    begun = [statement_hash(reign.replacement or "") for reign in reigns]
    place = begun.index(said["objects"]) if said.get("objects") in begun[1:] else 0
    if place == 0:
        raise Problem("key-chain-broken", "The objection is to nothing that this chain holds.")
    objector = reigns[place - 1]
    payload = verify(text, objector.identity, OBJECTION)
    return (*reigns[: place - 1], replace(objector, last=statement_hash(text))), payload


def _reign(payload: Mapping[str, Any], text: str, began: str | None) -> Reign:
    dates = (payload.get("iat"), payload.get("exp"))
    return Reign(_identity(payload), read_encryption(_jwk(payload, "encryption")), dates, statement_hash(text), began)


def _identity(payload: Mapping[str, Any]) -> OKPKey:
    return read_identity(_jwk(payload, "identity"))


def _jwk(payload: Mapping[str, Any], name: str) -> Any:
    jwks = payload.get("jwks")
    return jwks.get(name) if isinstance(jwks, dict) else None


def _require_current(dates: tuple[Any, Any], now: datetime, organisation: str) -> None:
    issued, expires = dates
    if not isinstance(issued, int) or not isinstance(expires, int):
        raise broken("the statement has no dates")
    if not issued - CLOCK_SKEW.total_seconds() <= now.timestamp() <= expires:
        raise Problem(
            "key-chain-broken", f"The keys of {organisation} are not current: ask them to publish a statement."
        )
