"""Sealed introductions between this package and the package jose: each opens what the other sealed, and nothing altered."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from federation.introductions import hash_consent, open_introduction, seal, sign_acceptance
from federation.key_chains import KeyView, issue_statement, verify_chain
from federation.keys import OrganisationKeys, generate_keys
from federation.problems import Problem
from tests.interop.conftest import Run

EACH_WAY = 200
PROPOSAL = "0b1f6d3e-7f7e-4a53-9d1c-7d5b3a1f9c11"
NOW = datetime.now(UTC)
CONSENT = hash_consent({"purposes": ["share"], "until": "2027-01-01"})


def view(keys: OrganisationKeys) -> KeyView:
    return verify_chain([issue_statement(keys, [], NOW)], NOW, keys.organisation)


def contact(number: int) -> dict[str, str]:
    return {"name": f"Åsa Nguyễn 阮 {number}", "phone": f"+1 780 555 {number:04}", "note": "é" * (number % 97)}


def altered(envelope: str, segment: int) -> str:
    parts = envelope.split(".")
    middle = len(parts[segment]) // 2
    other = "A" if parts[segment][middle] != "A" else "B"
    parts[segment] = parts[segment][:middle] + other + parts[segment][middle + 1 :]
    return ".".join(parts)


@pytest.fixture(scope="module")
def ours() -> OrganisationKeys:
    return generate_keys("eriec")


@pytest.fixture(scope="module")
def theirs() -> OrganisationKeys:
    return generate_keys("criec")


def test_each_side_opens_what_the_other_sealed_and_refuses_what_was_altered(
    ours: OrganisationKeys, theirs: OrganisationKeys, node: Run, packages: None
) -> None:
    to_them, to_us = view(theirs), view(ours)
    their_yes = sign_acceptance(theirs, "eriec", PROPOSAL, CONSENT, to_them.head, NOW)
    our_yes = sign_acceptance(ours, "criec", PROPOSAL, CONSENT, to_us.head, NOW)
    sent = [seal(contact(n), ours, to_them, PROPOSAL, their_yes, CONSENT, NOW) for n in range(EACH_WAY)]

    said = node(
        "envelopes.mjs",
        {
            "encryption": theirs.encryption.as_dict(private=True),
            "identity": theirs.identity.as_dict(private=True),
            "recipient": ours.encryption.as_dict(private=False),
            "sender": ours.identity.as_dict(private=False),
            "envelopes": sent,
            "insides": [inside(contact(n), to_us, our_yes) for n in range(EACH_WAY)],
            "tampered": [altered(envelope, segment) for envelope in sent[:20] for segment in range(5)],
        },
    )

    assert [one["contact"] for one in said["opened"]] == [contact(n) for n in range(EACH_WAY)]
    assert {(one["typ"], one["size"]) for one in said["opened"]} == {("passerelle-introduction", 6144)}
    assert said["refused"] == [True] * 100
    received = [open_introduction(one, ours, to_them, PROPOSAL, our_yes, NOW) for one in said["sealed"]]
    assert received == [contact(n) for n in range(EACH_WAY)]
    for envelope in said["sealed"][:20]:
        for segment in range(5):
            with pytest.raises(Problem):
                open_introduction(altered(envelope, segment), ours, to_them, PROPOSAL, our_yes, NOW)


def inside(person: dict[str, str], recipient: KeyView, acceptance: str) -> dict[str, Any]:
    """What stands inside an envelope, written down apart from ``federation.introductions``."""
    return {
        "iss": "criec",
        "aud": recipient.organisation,
        "to": recipient.encryption.thumbprint(),
        "proposal": PROPOSAL,
        "acceptance": hashlib.sha256(acceptance.encode()).hexdigest(),
        "consent": CONSENT,
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(days=14)).timestamp()),
        "contact": person,
    }
