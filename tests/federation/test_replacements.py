"""A replacement needs two who vouch for it, for this very replacement, and nobody counts twice."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import OKPKey

from federation.key_chains import KeyChain, issue_statement, read_chain, statement_hash
from federation.keys import OrganisationKeys, generate_keys, sign
from federation.operator_keys import Operator, announce, read_announcement
from federation.problems import Problem
from federation.replacements import (
    COUNTERSIGNATURE,
    countersign,
    countersign_as_operator,
    issue_replacement,
    read_replacement,
    read_vouched,
    replacement_number,
    verify_member,
    verify_operator,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LOST, NEW, AREC = generate_keys("criec"), generate_keys("criec"), generate_keys("arec")
OPERATOR = OKPKey.generate_key("Ed25519")
CHAIN = [issue_statement(LOST, [], NOW)]
AREC_CHAIN = [issue_statement(AREC, [], NOW)]
BARE = issue_replacement(NEW, CHAIN, NOW)
OTHER = issue_replacement(generate_keys("criec"), CHAIN, NOW)


def operator(*runs: str, key: OKPKey = OPERATOR) -> Operator:
    return read_announcement(announce(key, "Newcomers of Alberta", runs, NOW))


def vouched_by(keys: OrganisationKeys = AREC, key: OKPKey = OPERATOR, text: str = BARE) -> str:
    head = statement_hash(AREC_CHAIN[-1])
    return countersign_as_operator(key, countersign(keys, text, head, NOW), NOW)


def check(text: str, by: Operator, chain: KeyChain | None = None, identity: OKPKey = AREC.identity) -> None:
    vouched = read_vouched(text)
    verify_operator(vouched, by)
    verify_member(vouched, chain or read_chain(AREC_CHAIN, "arec"), identity, by)


def refusal(text: str, by: Operator | None = None, **looked_at: object) -> str:
    with pytest.raises(Problem) as refused:
        check(text, by or operator(), **looked_at)  # type: ignore[arg-type]
    return refused.value.detail


def test_two_countersignatures_in_whichever_order_hold_and_change_no_hash():
    core, *parts = vouched_by().split("~")

    for text in ("~".join([core, *parts]), "~".join([core, *reversed(parts)])):
        check(text, operator("bvlc"))
        assert statement_hash(text) == statement_hash(BARE)
        assert replacement_number(text) == replacement_number(BARE) != replacement_number(OTHER)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BARE, "not countersigned by another member"),
        (countersign(AREC, BARE, "0" * 64, NOW), "not countersigned by the network's operator"),
        (countersign_as_operator(OPERATOR, BARE, NOW), "not countersigned by another member"),
        (countersign(AREC, vouched_by(), "0" * 64, NOW), "twice"),
        (countersign_as_operator(OPERATOR, vouched_by(), NOW), "twice"),
        (f"{vouched_by()}~{BARE}", "no countersignature"),
        (f"{BARE}~", "not a key statement"),
        ("~".join([BARE, *vouched_by(text=OTHER).split("~")[1:]]), "for another replacement"),
        (vouched_by(key=OKPKey.generate_key("Ed25519")), "not signed by the key expected"),
        (vouched_by(keys=generate_keys("arec")), "not signed by the key expected"),
    ],
)
def test_a_replacement_with_other_countersignatures_is_refused(text: str, said: str):
    assert said in refusal(text)


def test_a_member_that_the_operator_runs_does_not_make_two_of_one():
    assert "the two countersignatures are one" in refusal(vouched_by(), operator("arec"))


def test_the_operator_does_not_vouch_for_a_member_it_runs():
    assert "cannot vouch for itself" in refusal(vouched_by(), operator("criec"))


def test_one_key_does_not_vouch_twice_nor_for_itself():
    one = countersign_as_operator(AREC.identity, countersign(AREC, BARE, statement_hash(AREC_CHAIN[-1]), NOW), NOW)
    by_new = vouched_by(keys=OrganisationKeys("arec", NEW.client, NEW.identity, NEW.encryption))

    assert "by the same key" in refusal(one, operator(key=AREC.identity))
    assert "by the same key" in refusal(by_new, identity=NEW.identity)


def test_an_organisation_vouches_for_itself_neither_openly_nor_by_hand():
    with pytest.raises(Problem, match="its own replacement"):
        countersign(LOST, BARE, statement_hash(CHAIN[-1]), NOW)
    said = {
        "by": "criec",
        "organisation": "criec",
        "replacement": statement_hash(BARE),
        "keys": statement_hash(CHAIN[-1]),
    }
    by_hand = countersign_as_operator(OPERATOR, f"{BARE}~{sign(LOST.identity, COUNTERSIGNATURE, said)}", NOW)

    assert "its own replacement" in refusal(by_hand, chain=read_chain(CHAIN, "criec"), identity=LOST.identity)


def test_a_countersigner_of_which_the_hub_shows_an_older_chain_is_not_believed():
    longer = [*AREC_CHAIN, issue_statement(AREC, AREC_CHAIN, NOW)]
    text = countersign_as_operator(OPERATOR, countersign(AREC, BARE, statement_hash(longer[-1]), NOW), NOW)

    check(text, operator(), read_chain(longer, "arec"))
    assert "newer keys than the hub shows" in refusal(text)


@given(place=st.integers(0, 10_000), letter=st.sampled_from("AZaz09-_~."))
@settings(max_examples=60, deadline=None)
def test_no_letter_can_be_changed(place: int, letter: str):
    text = vouched_by()
    at = place % len(text)
    changed = text[:at] + letter + text[at + 1 :]
    if changed == text:
        return

    try:
        check(changed, operator())
    except Problem:
        return
    # The last letter of a signature has bits that nobody reads.
    assert text[at + 1 : at + 2] in {"", "~"}
    assert statement_hash(changed) == statement_hash(text)


def test_what_is_no_replacement_is_refused():
    for text in ("", "a.b.c", CHAIN[0]):
        with pytest.raises(Problem):
            read_replacement(text)
