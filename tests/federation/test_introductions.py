"""A sealed introduction opens for one recipient, one proposal, one acceptance, for a while; everything else is refused."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwe

from federation.envelopes import ALGORITHMS, digest
from federation.introductions import (
    MOST_CONTACT_BYTES,
    hash_consent,
    open_introduction,
    seal,
    sign_acceptance,
    sign_receipt,
    verify_acceptance,
    verify_receipt,
)
from federation.key_chains import KeyView, issue_statement, statement_hash, verify_chain
from federation.keys import OrganisationKeys, generate_keys, sign, verify
from federation.problems import Problem

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SENDER, RECIPIENT, OTHER = (generate_keys(name) for name in ("eriec", "criec", "triec"))
CONSENT = hash_consent({"purposes": ["share"], "notice_version": "0" * 64})
CONTACT = {"name": "Amina Yusufi", "email": "amina@example.org", "phone": "780 555 0100"}


def view_of(keys: OrganisationKeys) -> KeyView:
    return verify_chain([issue_statement(keys, [], NOW)], NOW, keys.organisation)


def yes_to(
    proposal: str = "p1",
    keys: OrganisationKeys = RECIPIENT,
    counterpart: str = "eriec",
    head: str | None = None,
    now: datetime = NOW,
) -> str:
    return sign_acceptance(keys, counterpart, proposal, CONSENT, head or view_of(keys).head, now)


YES = yes_to()


def sealed(contact: dict[str, str] = CONTACT, proposal: str = "p1", acceptance: str = YES) -> str:
    return seal(contact, SENDER, view_of(RECIPIENT), proposal, acceptance, CONSENT, NOW)


def opened(
    envelope: str,
    keys: OrganisationKeys = RECIPIENT,
    sender: OrganisationKeys = SENDER,
    proposal: str = "p1",
    acceptance: str = YES,
    now: datetime = NOW,
) -> dict[str, str]:
    return open_introduction(envelope, keys, view_of(sender), proposal, acceptance, now)


def refused(envelope: str, **changes: object) -> str:
    with pytest.raises(Problem) as problem:
        opened(envelope, **changes)  # type: ignore[arg-type]
    assert problem.value.kind == "invalid-signature"
    return problem.value.detail


def inside() -> dict[str, Any]:
    """What the sender signed in an envelope that opens."""
    genuine = jwe.decrypt_compact(sealed(), RECIPIENT.encryption, algorithms=ALGORITHMS)
    return verify((genuine.plaintext or b"").decode().rstrip(), SENDER.identity, "passerelle-introduction")


def sealed_anew(
    said: dict[str, Any], algorithms: Sequence[str] = ALGORITHMS, kind: str = "passerelle-introduction"
) -> str:
    """An envelope with whatever a sender chose to sign."""
    header = {"alg": algorithms[0], "enc": algorithms[1]}
    signed = sign(SENDER.identity, kind, said).encode()
    return jwe.encrypt_compact(header, signed, RECIPIENT.encryption, algorithms=list(algorithms))


PRINTABLE = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=40)


@given(contact=st.dictionaries(PRINTABLE, PRINTABLE, max_size=3))
@settings(max_examples=25, deadline=None)
def test_the_recipient_reads_what_the_sender_wrote_and_every_envelope_has_one_length(contact: dict[str, str]):
    envelope = sealed(contact)

    assert opened(envelope) == contact
    assert len(envelope) == len(sealed())


def test_an_envelope_shows_nothing_of_the_contact():
    assert not any(value in sealed() for value in CONTACT.values())


def test_nobody_but_the_recipient_opens_it():
    assert "not sealed for us" in refused(sealed(), keys=OTHER)
    assert "not sealed for us" in refused(sealed(), keys=generate_keys("criec"))


def test_a_swapped_sender_key_is_refused():
    assert "not signed by the key expected" in refused(sealed(), sender=generate_keys("eriec"))


def test_another_organisation_cannot_pass_for_the_sender():
    assert "not signed by the key expected" in refused(sealed(), sender=OTHER)


def test_an_envelope_of_one_proposal_does_not_open_for_another():
    assert "another occasion" in refused(sealed(), proposal="p2")


def test_an_envelope_is_bound_to_the_acceptance_it_answers():
    assert "another occasion" in refused(sealed(), acceptance=yes_to(now=NOW + timedelta(seconds=1)))


def test_an_envelope_expires():
    last = NOW + timedelta(days=14)

    assert opened(sealed(), now=last) == CONTACT
    assert "expired" in refused(sealed(), now=last + timedelta(seconds=1))


def test_an_envelope_opens_by_a_clock_that_is_a_minute_slow_and_no_slower():
    assert opened(sealed(), now=NOW - timedelta(seconds=60)) == CONTACT
    assert "expired" in refused(sealed(), now=NOW - timedelta(seconds=61))


def test_a_yes_is_worth_sixty_days_and_not_a_second_longer():
    last = NOW + timedelta(days=60)

    assert verify_acceptance(YES, view_of(RECIPIENT), "p1", "eriec", last)["iss"] == "criec"
    with pytest.raises(Problem, match="has expired"):
        verify_acceptance(YES, view_of(RECIPIENT), "p1", "eriec", last + timedelta(seconds=1))


@pytest.mark.parametrize("date", ["iat", "exp"])
def test_a_yes_without_both_its_dates_is_none(date: str):
    said = verify(YES, RECIPIENT.identity, "passerelle-acceptance")
    del said[date]

    with pytest.raises(Problem, match="has expired"):
        sealed(acceptance=sign(RECIPIENT.identity, "passerelle-acceptance", said))


def test_every_plaintext_has_the_size_that_all_releases_agree_on():
    assert len(jwe.decrypt_compact(sealed(), RECIPIENT.encryption, algorithms=ALGORITHMS).plaintext or b"") == 6144


@pytest.mark.parametrize("segment", range(5))
def test_a_change_in_any_segment_is_refused(segment: int):
    segments = sealed().split(".")
    first = segments[segment][0]
    segments[segment] = ("A" if first != "A" else "B") + segments[segment][1:]

    refused(".".join(segments))


@pytest.mark.parametrize("envelope", ["", "....", "a.b.c.d.e", "é", "a.b.c"])
def test_what_is_not_an_envelope_is_refused(envelope: str):
    refused(envelope)


@pytest.mark.parametrize("weaker", [("ECDH-ES", "A128GCM"), ("ECDH-ES", "A256GCM"), ("ECDH-ES+A256KW", "A128GCM")])
def test_what_the_sender_itself_sealed_by_a_weaker_algorithm_is_refused(weaker: tuple[str, str]):
    assert opened(sealed_anew(inside())) == CONTACT

    assert "not on our list" in refused(sealed_anew(inside(), weaker))


def test_a_signed_object_without_its_parts_is_refused_like_any_other():
    bare = {name: inside()[name] for name in ("iss", "aud", "to", "proposal")}

    assert "another occasion" in refused(sealed_anew(bare))


@pytest.mark.parametrize("missing", ["iat", "exp", "contact"])
def test_a_sender_that_leaves_a_part_out_is_refused(missing: str):
    rest = {name: value for name, value in inside().items() if name != missing}

    assert "a part of it is missing" in refused(sealed_anew(rest))


@pytest.mark.parametrize("name", ["iss", "aud", "to", "proposal", "acceptance"])
def test_what_is_said_for_anybody_or_anything_else_is_refused_whoever_signed_it(name: str):
    assert "another occasion" in refused(sealed_anew(inside() | {name: "another"}))


def test_what_is_signed_as_something_else_is_no_introduction():
    assert "is not a passerelle-introduction" in refused(sealed_anew(inside(), kind="passerelle-acceptance"))


def test_nothing_is_sealed_without_the_other_side_s_signed_yes_to_this_proposal():
    elsewhere, old = yes_to(counterpart="triec"), yes_to(now=NOW - timedelta(days=60, seconds=1))
    for acceptance in (yes_to("p2"), yes_to(keys=OTHER), yes_to(keys=SENDER), elsewhere, old, "", "a.b.c"):
        with pytest.raises(Problem) as problem:
            sealed(acceptance=acceptance)
        assert problem.value.kind == "invalid-signature"


def test_a_contact_too_large_for_the_padding_is_refused():
    with pytest.raises(ValueError, match="bytes at most"):
        sealed({"name": "x" * MOST_CONTACT_BYTES})


def test_a_contact_of_all_the_bytes_there_are_goes_and_one_more_does_not():
    full = {"name": "x" * (MOST_CONTACT_BYTES - len('{"name": ""}'))}

    assert MOST_CONTACT_BYTES == 2048
    assert opened(sealed(full)) == full
    with pytest.raises(ValueError, match="2048 bytes at most"):
        sealed({"name": full["name"] + "x"})


@pytest.mark.parametrize("mark", ["\x00", "\x1f", "\ud800"])
def test_a_contact_the_recipient_could_not_open_is_not_sealed(mark: str):
    with pytest.raises(Problem, match="control character"):
        sealed({"name": f"Amina{mark}"})


def test_an_acceptance_names_both_organisations_the_proposal_the_consent_and_the_keys():
    said = verify_acceptance(YES, view_of(RECIPIENT), "p1", "eriec", NOW)

    names = tuple(said[name] for name in ("iss", "aud", "proposal", "consent", "keys"))
    assert names == ("criec", "eriec", "p1", CONSENT, view_of(RECIPIENT).head)


def test_an_acceptance_signed_with_newer_keys_than_the_hub_shows_is_refused():
    newer = [issue_statement(RECIPIENT, [], NOW)]
    newer.append(issue_statement(RECIPIENT.rotated(NOW), newer, NOW))

    with pytest.raises(Problem, match="newer keys than the hub shows"):
        sealed(acceptance=yes_to(head=statement_hash(newer[-1])))


def test_an_envelope_for_a_retired_key_opens_for_ninety_days_and_not_longer():
    rotated = RECIPIENT.rotated(NOW - timedelta(days=90))

    assert opened(sealed(), keys=rotated) == CONTACT
    assert "not sealed for us" in refused(sealed(), keys=rotated, now=NOW + timedelta(seconds=1))


@pytest.mark.parametrize(
    "receipt",
    [
        sign_receipt(OTHER, "p1", "envelope", NOW),
        sign_receipt(replace(OTHER, organisation="criec"), "p1", "envelope", NOW),
        sign_receipt(RECIPIENT, "p2", "envelope", NOW),
        sign_receipt(RECIPIENT, "p1", "another", NOW),
        "r" * 30,
    ],
)
def test_a_receipt_that_does_not_hold_is_refused(receipt: str):
    verify_receipt(sign_receipt(RECIPIENT, "p1", "envelope", NOW), view_of(RECIPIENT), "p1", digest("envelope"))

    with pytest.raises(Problem):
        verify_receipt(receipt, view_of(RECIPIENT), "p1", digest("envelope"))


def test_a_receipt_is_bound_to_the_envelope():
    one, other = sealed(), sealed()

    said, differently = (
        verify(sign_receipt(RECIPIENT, "p1", envelope, NOW), RECIPIENT.identity, "passerelle-receipt")
        for envelope in (one, other)
    )

    assert said["iss"] == "criec"
    assert said["envelope"] != differently["envelope"]


def test_the_hash_of_a_consent_does_not_depend_on_the_order_of_its_keys():
    assert hash_consent({"a": 1, "b": 2}) == hash_consent({"b": 2, "a": 1})
