"""Seal and open an introduction: end to end between two organisations; the hub carries it and cannot read it.

One envelope (:mod:`federation.envelopes`) a proposal. Sealing is gated: only after the other side's signed acceptance for this
very proposal has been verified against its pinned keys.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import rfc8785

from federation import strict_json
from federation.envelopes import (
    ACCEPTANCE_DAYS,
    ENVELOPE_DAYS,
    OF_PROPOSAL,
    digest,
    disclose,
    enclose,
    is_current,
    stop,
)
from federation.key_chains import KeyView
from federation.keys import OrganisationKeys, sign, verify
from federation.problems import Problem

MOST_CONTACT_BYTES: Final = 2048


def sign_acceptance(
    keys: OrganisationKeys, counterpart: str, proposal: str, consent_hash: str, head: str, now: datetime
) -> str:
    """Return an organisation's signed yes to one proposal with one other organisation.

    It is bound to the consent its person gave and to ``head``, the hash of the signer's newest key statement: a hub that shows
    the counterpart an older chain contradicts what the signer itself says.
    """
    payload = {
        "iss": keys.organisation,
        "aud": counterpart,
        "proposal": proposal,
        "consent": consent_hash,
        "keys": head,
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(days=ACCEPTANCE_DAYS)).timestamp()),
    }
    return sign(keys.identity, "passerelle-acceptance", payload)


def verify_acceptance(text: str, view: KeyView, proposal: str, counterpart: str, now: datetime) -> dict[str, Any]:
    """Return a signed acceptance that ``counterpart`` may rely on.

    Raises
    ------
    Problem
        ``invalid-signature``: not theirs, or a yes to another proposal or organisation, or too old.
        ``key-chain-broken``: they signed it with a key statement that the chain shown to us does not hold.
    """
    said = verify(text, view.identity, "passerelle-acceptance")
    names = tuple(said.get(name) for name in ("iss", "aud", "proposal"))
    if names != (view.organisation, counterpart, proposal):
        raise Problem("invalid-signature", "This acceptance is for another proposal or by another organisation: stop.")
    if not is_current(said, now):
        raise Problem(
            "invalid-signature", f"The acceptance by {view.organisation} has expired: ask them to accept again."
        )
    if said.get("keys") not in view.hashes:
        raise Problem(
            "key-chain-broken",
            f"{view.organisation} signed with newer keys than the hub shows of it. Stop, and phone both.",
        )
    return said


def seal(
    contact: Mapping[str, str],
    keys: OrganisationKeys,
    recipient: KeyView,
    proposal: str,
    acceptance: str,
    consent_hash: str,
    now: datetime,
) -> str:
    """Return the envelope (compact JWE) with a person's contact for the recipient alone.

    Raises
    ------
    Problem
        ``invalid-signature`` or ``key-chain-broken`` when the acceptance does not hold for this proposal: then nothing is
        sealed.
        ``malformed-json`` when the contact holds a control character: the recipient could not open it.
    ValueError
        A contact larger than 2 KiB.
    """
    verify_acceptance(acceptance, recipient, proposal, keys.organisation, now)
    require_openable(contact)
    inside = {
        "iss": keys.organisation,
        "aud": recipient.organisation,
        "to": recipient.encryption.thumbprint(),
        "proposal": proposal,
        "acceptance": digest(acceptance),
        "consent": consent_hash,
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(days=ENVELOPE_DAYS)).timestamp()),
        "contact": dict(contact),
    }
    return enclose(sign(keys.identity, "passerelle-introduction", inside), recipient.encryption, OF_PROPOSAL)


def open_introduction(
    envelope: str, keys: OrganisationKeys, sender: KeyView, proposal: str, acceptance: str, now: datetime
) -> dict[str, str]:
    """Return the contact inside an envelope.

    Raises
    ------
    Problem
        ``invalid-signature``: tampered, not for us, not by the sender, of another proposal or acceptance, or expired.
    """
    signed, key = disclose(envelope, keys, now, OF_PROPOSAL)
    inside = verify(signed, sender.identity, "passerelle-introduction")
    expected = (sender.organisation, keys.organisation, key.thumbprint(), proposal, digest(acceptance))
    if tuple(inside.get(name) for name in ("iss", "aud", "to", "proposal", "acceptance")) != expected:
        raise stop("it was made for another occasion")
    contact = inside.get("contact")
    if not isinstance(contact, dict) or not all(isinstance(inside.get(name), int) for name in ("iat", "exp")):
        raise stop("a part of it is missing")
    if not is_current(inside, now):
        raise stop("it has expired")
    return {str(name): str(value) for name, value in contact.items()}


def sign_receipt(keys: OrganisationKeys, proposal: str, envelope: str, now: datetime) -> str:
    """Return the recipient's signed receipt for an envelope."""
    payload = {
        "iss": keys.organisation,
        "proposal": proposal,
        "envelope": digest(envelope),
        "iat": int(now.timestamp()),
    }
    return sign(keys.identity, "passerelle-receipt", payload)


def verify_receipt(text: str, recipient: KeyView, proposal: str, envelope_hash: str) -> None:
    """Check that the recipient itself confirms this very envelope (:func:`digest`) of this very proposal.

    Raises
    ------
    Problem
        ``invalid-signature``: not signed by their identity in force, or a receipt for something else.
    """
    said = verify(text, recipient.identity, "passerelle-receipt")
    expected = (recipient.organisation, proposal, envelope_hash)
    if tuple(said.get(name) for name in ("iss", "proposal", "envelope")) != expected:
        raise Problem(
            "invalid-signature", "This receipt is for another envelope or proposal, or by another organisation."
        )


def hash_consent(consent: Mapping[str, Any]) -> str:
    """Return the hash of a consent receipt, over canonical JSON (RFC 8785): what acceptances and envelopes are bound to."""
    return hashlib.sha256(rfc8785.dumps(dict(consent))).hexdigest()


def require_openable(contact: Mapping[str, str]) -> None:
    """Refuse what the recipient's strict loader would: after sealing nobody could see why it does not open.

    Raises
    ------
    Problem
        ``malformed-json``.
    ValueError
        A contact larger than 2 KiB.
    """
    text = json.dumps(dict(contact))
    if len(text) > MOST_CONTACT_BYTES:
        raise ValueError(f"a contact may have {MOST_CONTACT_BYTES} bytes at most")
    strict_json.load(text.encode())
