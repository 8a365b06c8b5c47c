"""Introduce people of a gathering to one other organisation in it: one sender, one recipient, one envelope.

Sealing is gated by the signed yes of the recipient to the very question that the sender said yes to; opening by the sender's.
The contacts are of the people whom the sender's yes committed to, nobody more and nobody less.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from federation.envelopes import ENVELOPE_DAYS, OF_GATHERING, digest, disclose, enclose, is_current, stop
from federation.gathering_yes import NAME, Question, commit, introduced_by, meets, read_yes, verify_yes
from federation.introductions import require_openable
from federation.key_chains import KeyView
from federation.keys import OrganisationKeys, sign, verify
from federation.problems import Problem

KIND: Final = "passerelle-gathering-introduction"
RECEIPT: Final = "passerelle-gathering-receipt"


@dataclass(frozen=True, slots=True)
class Occasion:
    """What an envelope is made for: the question, the sender's yes to it and the recipient's."""

    question: Question
    sender_yes: str
    recipient_yes: str

    def as_sealed(self) -> dict[str, Any]:
        """Return what binds an envelope to its occasion."""
        return {
            "gathering": self.question.gathering,
            "kind": self.question.kind,
            "sender_yes": digest(self.sender_yes),
            "recipient_yes": digest(self.recipient_yes),
        }


@dataclass(frozen=True, slots=True)
class Introduced:
    """One person as introduced: the place the hub knows, the hash of the consent, and the contact."""

    place: str
    consent: str
    contact: dict[str, str]


def seal_gathered(
    people: Sequence[Introduced],
    salt: str,
    keys: OrganisationKeys,
    recipient: KeyView,
    occasion: Occasion,
    now: datetime,
) -> str:
    """Return the envelope (compact JWE) with some people's contacts for the recipient alone.

    Raises
    ------
    Problem
        ``invalid-signature`` or ``key-chain-broken``: the recipient did not say yes to this question, meets nobody of ours, or
        these are not the people that our own yes committed to. Then nothing is sealed. ``malformed-json`` for a control
        character in a contact.
    ValueError
        A contact larger than 2 KiB.
    """
    _require_meeting(occasion.question, keys.organisation, recipient.organisation)
    verify_yes(occasion.recipient_yes, recipient, occasion.question, now)
    said = read_yes(occasion.sender_yes, keys.identity, keys.organisation, occasion.question)
    role = introduced_by(occasion.question, keys.organisation)
    if said[role] != commit(salt, [(one.place, one.consent) for one in people]):
        raise Problem("invalid-signature", "These are not the people whom this side said yes for: nothing is sealed.")
    for one in people:
        require_openable(one.contact)
    inside = occasion.as_sealed() | {
        "iss": keys.organisation,
        "aud": recipient.organisation,
        "to": recipient.encryption.thumbprint(),
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(days=ENVELOPE_DAYS)).timestamp()),
        "salt": salt,
        "people": [{"place": one.place, "consent": one.consent, "contact": one.contact} for one in people],
    }
    return enclose(sign(keys.identity, KIND, inside), recipient.encryption, OF_GATHERING)


def open_gathered(
    envelope: str, keys: OrganisationKeys, sender: KeyView, occasion: Occasion, now: datetime
) -> dict[str, dict[str, str]]:
    """Return the contacts inside an envelope, by place.

    Raises
    ------
    Problem
        ``invalid-signature``: tampered, not for us, not by the sender, of another gathering or yes, of other people than the
        sender said yes for, or expired. ``key-chain-broken``: as :func:`federation.gathering_yes.verify_yes`.
    """
    _require_meeting(occasion.question, keys.organisation, sender.organisation)
    committed = verify_yes(occasion.sender_yes, sender, occasion.question, now)
    signed, key = disclose(envelope, keys, now, OF_GATHERING)
    inside = verify(signed, sender.identity, KIND)
    ours = {"iss": sender.organisation, "aud": keys.organisation, "to": key.thumbprint()}
    if inside | occasion.as_sealed() | ours != inside:
        raise stop("it was made for another occasion")
    if not is_current(inside, now):
        raise stop("it has expired")
    people = _people(inside)
    said = committed[introduced_by(occasion.question, sender.organisation)]
    if commit(str(inside.get("salt")), [(one.place, one.consent) for one in people]) != said:
        raise stop("it is of other people than they said yes for")
    return {one.place: one.contact for one in people}


def sign_gathered_receipt(keys: OrganisationKeys, sender: str, gathering: str, envelope: str, now: datetime) -> str:
    """Return the recipient's signed receipt for an envelope of one sender."""
    payload = {
        "iss": keys.organisation,
        "aud": sender,
        "gathering": gathering,
        "envelope": digest(envelope),
        "iat": int(now.timestamp()),
    }
    return sign(keys.identity, RECEIPT, payload)


def verify_gathered_receipt(text: str, recipient: KeyView, sender: str, gathering: str, envelope_hash: str) -> None:
    """Check that the recipient itself confirms this very envelope (by its digest) of this sender in this gathering.

    Raises
    ------
    Problem
        ``invalid-signature``: not signed by their identity in force, or a receipt for something else.
    """
    said = verify(text, recipient.identity, RECEIPT)
    expected = (recipient.organisation, sender, gathering, envelope_hash)
    if tuple(said.get(name) for name in ("iss", "aud", "gathering", "envelope")) != expected:
        raise Problem(
            "invalid-signature", "This receipt is for another envelope or gathering, or by another organisation."
        )


def _require_meeting(question: Question, ours: str, theirs: str) -> None:
    if ours not in question.organisations or theirs not in meets(question, ours):
        raise Problem("invalid-signature", f"{theirs} meets nobody of ours in what this side said yes to: stop.")


def _people(inside: dict[str, Any]) -> list[Introduced]:
    """Return the people inside an envelope; each stands in a place of its own."""
    people = inside.get("people")
    if not isinstance(people, list) or not all(_is_person(one) for one in people):
        raise stop("a part of it is missing")
    found = [Introduced(one["place"], one["consent"], one["contact"]) for one in people]
    if len({one.place for one in found}) < len(found):
        raise stop("two people stand in one place")
    return found


def _is_person(one: Any) -> bool:
    if not isinstance(one, dict):
        return False
    contact, names = one.get("contact"), (one.get("place"), one.get("consent"))
    named = all(isinstance(name, str) and NAME.fullmatch(name) for name in names)
    return named and isinstance(contact, dict) and all(isinstance(value, str) for value in contact.values())
