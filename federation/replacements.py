"""Replacing a lost identity key: a statement by the new identity, and who vouches for it.

The replacement stands in the organisation's chain (:mod:`federation.key_chains`). Two countersignatures over its hash travel
with it, joined by ``~`` like the parts of an SD-JWT: another member's, by its identity, and the network operator's, by a key
that is not on the hub's machine (:mod:`federation.operator_keys`). They are a reason to wait and to phone, never to believe.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from joserfc.jwk import OKPKey

from federation.key_chains import (
    JOINED,
    OBJECTION,
    REPLACEMENT,
    KeyChain,
    link,
    public_keys,
    read_chain,
    statement_hash,
)
from federation.keys import OrganisationKeys, broken, claimed, read_identity, sign, text_number, verify
from federation.operator_keys import OPERATOR_COUNTERSIGNATURE, Operator
from federation.problems import Problem

COUNTERSIGNATURE: Final = "passerelle-key-countersignature"


@dataclass(frozen=True)
class Vouched:
    """A replacement and the countersignatures it carries, none of them checked; ``by`` is the member that the first names."""

    organisation: str
    text: str
    identity: OKPKey
    member: str
    by: str
    operator: str

    @property
    def hash(self) -> str:
        """What the countersignatures sign."""
        return statement_hash(self.text)


def issue_replacement(keys: OrganisationKeys, earlier: Sequence[str], now: datetime, *, instead: bool = False) -> str:
    """Return a replacement of the identity in force at the end of a chain by the identity of ``keys``, not countersigned.

    ``instead``: the chain ends with a replacement that is not to be; this one takes its place. So it does when that one is by
    the same identity: to get other countersignatures.

    Raises
    ------
    Problem
        ``conflict``: there is nothing to replace; or as :func:`federation.key_chains.read_chain`.
    """
    reigns = read_chain(earlier, keys.organisation).reigns
    again = keys.identity.thumbprint() == reigns[-1].identity.thumbprint()
    if (again or instead) and reigns[-1].replacement is None:
        raise Problem("conflict", "The chain ends with no replacement, or with the identity of this folder itself.")
    replaced = reigns[-2 if again or instead else -1]
    payload = link(keys, earlier) | {"replaces": replaced.last} | public_keys(keys, now)
    text = sign(keys.identity, REPLACEMENT, payload)
    read_chain([*earlier, text], keys.organisation)
    return text


def replacement_number(text: str) -> str:
    """Return the 60 digits that the organisation reads to whoever is asked to countersign this replacement."""
    return text_number(statement_hash(text))


def countersign(keys: OrganisationKeys, text: str, head: str, now: datetime) -> str:
    """Return a replacement with another member's countersignature; ``head`` is the hash of that member's newest statement.

    Raises
    ------
    Problem
        ``not-allowed``: it replaces the member's own identity.
    """
    organisation = str(read_replacement(text).get("organisation"))
    if organisation == keys.organisation:
        raise Problem("not-allowed", "An organisation does not countersign its own replacement: ask another member.")
    payload = {
        "by": keys.organisation,
        "organisation": organisation,
        "replacement": statement_hash(text),
        "keys": head,
        "iat": int(now.timestamp()),
    }
    return _joined(text, sign(keys.identity, COUNTERSIGNATURE, payload))


def countersign_as_operator(key: OKPKey, text: str, now: datetime) -> str:
    """Return a replacement with the operator's countersignature."""
    payload = {
        "organisation": read_replacement(text).get("organisation"),
        "replacement": statement_hash(text),
        "iat": int(now.timestamp()),
    }
    return _joined(text, sign(key, OPERATOR_COUNTERSIGNATURE, payload))


def read_replacement(text: str) -> dict[str, Any]:
    """Return what a replacement says, its signature by the new identity checked; countersignatures are not looked at.

    Raises
    ------
    Problem
        ``invalid-signature``: it is none, or changed.
    """
    core = text.partition(JOINED)[0]
    jwks = claimed(core)[1].get("jwks")
    return verify(core, read_identity(jwks.get("identity") if isinstance(jwks, dict) else None), REPLACEMENT)


def read_vouched(text: str) -> Vouched:
    """Return a replacement with exactly one countersignature of a member and one of the operator, in whichever order.

    Raises
    ------
    Problem
        ``invalid-signature``, naming what is missing or too many.
    """
    payload = read_replacement(text)
    found: dict[str, str] = {}
    for part in text.split(JOINED)[1:]:
        kind = claimed(part)[0]
        if kind not in {COUNTERSIGNATURE, OPERATOR_COUNTERSIGNATURE}:
            raise broken("the replacement carries something that is no countersignature")
        if kind in found:
            raise broken("the replacement carries the same kind of countersignature twice")
        found[kind] = part
    for kind, whose in ((COUNTERSIGNATURE, "another member"), (OPERATOR_COUNTERSIGNATURE, "the network's operator")):
        if kind not in found:
            raise broken(f"the replacement is not countersigned by {whose}")
    member = found[COUNTERSIGNATURE]
    return Vouched(
        str(payload.get("organisation")),
        text,
        read_identity(payload["jwks"]["identity"]),
        member,
        str(claimed(member)[1].get("by")),
        found[OPERATOR_COUNTERSIGNATURE],
    )


def verify_operator(vouched: Vouched, operator: Operator) -> None:
    """Check the operator's countersignature, by the key of its announcement.

    Raises
    ------
    Problem
        ``invalid-signature``: by another key, over another replacement, or the operator runs the other countersigner itself.
    """
    said = verify(vouched.operator, operator.key, OPERATOR_COUNTERSIGNATURE)
    _require_this(vouched, said)
    if vouched.by in operator.runs:
        raise broken(f"{vouched.by} is run by the operator, so the two countersignatures are one")
    if vouched.organisation in operator.runs:
        raise broken(f"{vouched.organisation} is run by the operator, who cannot vouch for itself")


def verify_member(vouched: Vouched, countersigner: KeyChain, identity: OKPKey, operator: Operator) -> None:
    """Check the other member's countersignature, by the identity that is trusted for it.

    Raises
    ------
    Problem
        ``invalid-signature``: by another key, over another replacement, by the organisation itself, or by the operator's key.
        ``key-chain-broken``: signed with a statement that the chain shown of the countersigner does not hold.
    """
    if vouched.by == vouched.organisation:
        raise broken("an organisation countersigned its own replacement")
    if identity.thumbprint() in {operator.key.thumbprint(), vouched.identity.thumbprint()}:
        raise broken("the two countersignatures, or one of them and the new identity, are by the same key")
    said = verify(vouched.member, identity, COUNTERSIGNATURE)
    _require_this(vouched, said)
    if said.get("by") != countersigner.organisation or said.get("keys") not in countersigner.hashes:
        raise Problem(
            "key-chain-broken",
            f"{vouched.by} countersigned with newer keys than the hub shows of it. Stop, and phone both.",
        )


def issue_objection(keys: OrganisationKeys, earlier: Sequence[str], now: datetime) -> str:
    """Return the objection of the identity of ``keys`` to the replacement that took its place in a chain.

    Raises
    ------
    Problem
        ``not-found``: none took its place; or as :func:`federation.key_chains.read_chain`.
    """
    reigns = read_chain(earlier, keys.organisation).reigns
    begun = [
        statement_hash(str(after.replacement))
        for before, after in pairwise(reigns)
        if before.identity.thumbprint() == keys.identity.thumbprint()
    ]
    if not begun:
        raise Problem("not-found", "Nobody asks to replace the identity key of this folder.")
    payload = link(keys, earlier) | {"objects": begun[0], "iat": int(now.timestamp())}
    return sign(keys.identity, OBJECTION, payload)


def _joined(text: str, countersignature: str) -> str:
    return f"{text}{JOINED}{countersignature}"


def _require_this(vouched: Vouched, said: dict[str, Any]) -> None:
    if (said.get("organisation"), said.get("replacement")) != (vouched.organisation, vouched.hash):
        raise broken("a countersignature is for another replacement")
