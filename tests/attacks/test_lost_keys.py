"""A lost identity key is replaced under the same id, and a hub that wants to be somebody else gets nothing of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from joserfc.jwk import OKPKey

from federation.connector import keyring, lost_key
from federation.connector.replacing import pin_operator
from federation.key_chains import REPLACEMENT, link, public_keys, statement_hash
from federation.keys import generate_keys, sign
from federation.operator_keys import announce, read_announcement
from federation.pins import LATELY
from federation.problems import Problem
from federation.replacements import COUNTERSIGNATURE, countersign, countersign_as_operator, issue_replacement
from hub.models import utcnow
from tests.attacks.lost_identity import OPERATOR, THREE_DAYS, Lost, hears, told_by, vouch
from tests.attacks.lying_hub import Member
from tests.attacks.two_agencies import HUB_KEYS, assert_nothing_sent, assert_nothing_shown, keys_of


def forged(lost: Lost) -> str:
    """A replacement of criec's identity by keys that the hub made, not countersigned."""
    return issue_replacement(HUB_KEYS, lost.agencies.criec.store.kept("statements"), utcnow())


def by_member(lost: Lost, text: str) -> str:
    """arec's countersignature, without asking criec: arec is in league with the hub."""
    return countersign(lost.arec.store.keys, text, keyring.own_head(lost.arec.store, lost.arec.client), utcnow())


def by_operator(text: str) -> str:
    return countersign_as_operator(OPERATOR, text, utcnow())


def shown(lost: Lost, *added: str) -> None:
    """The hub shows eriec criec's chain and what it adds."""
    lost.eriec.hub.honest_again()
    lost.eriec.hub.lie(*keys_of("criec", [*lost.agencies.criec.store.kept("statements"), *added]))


# -- as it should go ----------------------------------------------------------------------------------------------------


def test_the_pin_moves_after_three_days_with_the_number_that_was_heard_and_then_introductions_pass(lost: Lost):
    old = lost.eriec.store.pins.identities["criec"]
    lost.publish()
    lost.eriec_sees()
    assert_nothing_sent(lost.agencies, "asks to replace its identity key")
    with pytest.raises(Problem, match="asks to replace"):
        lost.phone(THREE_DAYS - timedelta(minutes=1))
    assert lost.eriec.store.pins.identities["criec"] == old

    lost.phone()
    hears(lost.fresh, lost.eriec, timedelta())

    assert lost.eriec.store.pins.identities["criec"] == lost.fresh.store.keys.identity.thumbprint() != old
    assert told_by(lost.eriec) == ""


def test_what_was_agreed_under_the_old_keys_is_not_sealed_for_the_new_ones(lost: Lost):
    lost.publish()
    lost.eriec_sees()
    lost.phone()

    assert_nothing_sent(lost.agencies, "before criec replaced its lost identity key")


def test_an_envelope_on_its_way_to_the_old_keys_ends_with_a_word(lost: Lost):
    lost.eriec.seal()
    lost.publish()
    lost.eriec_sees()
    assert "asks to replace" in told_by(lost.eriec)
    lost.phone()

    told = lost.eriec.seal(days_later=3)

    assert (told.done, len(lost.eriec.hub.sent)) == ({}, 1)
    assert "ask them whether it arrived" in dict(told.failed)[lost.agencies.proposal]
    assert lost.eriec.seal(days_later=3).failed == ()


def test_nothing_is_opened_from_an_organisation_whose_identity_waits_or_was_replaced_since(lost: Lost):
    criec, anew = lost.agencies.criec, generate_keys("eriec")
    lost.arec.reads_to(criec)
    lost.eriec.seal()
    pins = criec.store.pins
    pins.moved["eriec"] = int((utcnow() + timedelta(minutes=1)).timestamp())
    criec.store.keep_pins(pins)
    assert_nothing_shown(lost.agencies, "before eriec replaced its lost identity key")

    earlier = lost.eriec.store.kept("statements")
    text = by_operator(by_member(lost, issue_replacement(anew, earlier, utcnow())))
    criec.hub.lie(*keys_of("eriec", [*earlier, text]))
    assert_nothing_shown(lost.agencies, "eriec asks to replace its identity key")


def test_a_replacement_that_nobody_believes_is_pushed_aside_by_the_owner(lost: Lost):
    lost.agencies.criec.client.publish_keys(forged(lost))
    assert_nothing_sent(lost.agencies, "not countersigned by another member")

    lost_key.publish(lost.fresh.store, lost.fresh.client, lost.vouched(instead=True))
    lost.eriec_sees()

    lost.phone()
    assert told_by(lost.eriec) == ""


def test_a_newcomer_waits_too_and_needs_no_countersignature_to_believe_the_phone(
    lost: Lost, join_hub: Callable[[str], Member]
):
    lost.publish()
    newcomer = join_hub("bvlc")
    with pytest.raises(Problem, match="asks to replace"):
        keyring.view_of(newcomer.store, newcomer.client, "criec", utcnow())

    hears(newcomer, lost.fresh, THREE_DAYS)

    assert keyring.trusted_view_of(newcomer.store, newcomer.client, "criec", utcnow()).seq == 2


def test_another_countersignature_can_be_asked_for_and_the_three_days_begin_anew(lost: Lost):
    lost.publish()
    lost.eriec_sees()
    lost_key.publish(lost.fresh.store, lost.fresh.client, lost.vouched())
    lost.eriec_sees(timedelta(hours=71))

    with pytest.raises(Problem, match="asks to replace"):
        lost.phone()
    lost.phone(THREE_DAYS + timedelta(hours=71))


# -- the old identity objects -------------------------------------------------------------------------------------------


def test_whoever_holds_the_old_identity_hears_of_it_at_the_next_poll_and_ends_it(lost: Lost):
    lost.publish()
    lost.eriec_sees()
    criec = lost.agencies.criec
    assert "lost-key object" in told_by(criec)

    lost_key.object_to(criec.store, criec.client, utcnow())

    assert "objected" in told_by(lost.eriec)
    assert told_by(criec) == ""
    assert lost.eriec.seal().failed == ()
    assert len(lost.eriec.hub.sent) == 1
    with pytest.raises(Problem, match="numbers differ"):
        lost.phone()


def test_a_cancelled_replacement_that_the_hub_shows_again_stops_everything(lost: Lost):
    text = lost.publish()
    lost_key.object_to(lost.agencies.criec.store, lost.agencies.criec.client, utcnow())
    lost.eriec_sees()
    cancelled = lost.agencies.criec.store.kept("statements")
    first = cancelled[:1]

    for chain, said in (
        ([*first, text], "older or another chain"),
        ([*cancelled, text], "last good statement"),
        (first, "older or another chain"),
    ):
        lost.eriec.hub.honest_again()
        lost.eriec.hub.lie(*keys_of("criec", chain))
        assert_nothing_sent(lost.agencies, said)
        with pytest.raises(Problem, match=said):
            lost.phone()


def test_a_hub_that_hides_the_objection_has_three_days_and_a_phone_call_against_it(lost: Lost):
    text = by_operator(by_member(lost, forged(lost)))
    shown(lost, text)
    lost.eriec_sees()

    assert_nothing_sent(lost.agencies, "asks to replace", days_later=4)
    with pytest.raises(Problem, match="numbers differ"):
        hears(lost.eriec, lost.agencies.criec, THREE_DAYS)
    assert_nothing_sent(lost.agencies, "asks to replace", days_later=5)


def test_an_objection_that_comes_after_the_pin_moved_stops_everything(lost: Lost):
    text = lost.publish()
    lost.eriec_sees()
    lost.phone()
    lost_key.object_to(lost.agencies.criec.store, lost.agencies.criec.client, utcnow())

    assert_nothing_sent(lost.agencies, "identity key of criec changed")
    assert lost.eriec.store.pins.heads["criec"] == statement_hash(text)


# -- who vouches --------------------------------------------------------------------------------------------------------


def test_the_hub_and_one_member_together_are_not_believed(lost: Lost):
    other = OKPKey.generate_key("Ed25519")
    alone = by_member(lost, forged(lost))
    for text, said in (
        (alone, "not countersigned by the network's operator"),
        (countersign_as_operator(other, alone, utcnow()), "not signed by the key expected"),
        (by_member(lost, alone), "same kind of countersignature twice"),
        (f"{alone}~{by_operator(lost.vouched()).split('~')[2]}", "for another replacement"),
    ):
        shown(lost, text)
        assert_nothing_sent(lost.agencies, said)
        assert lost.eriec.store.pins.seen == {}


def test_the_hub_and_the_operator_together_are_not_believed(lost: Lost):
    invented = generate_keys("bvlc")
    alone = by_operator(forged(lost))
    head = statement_hash(lost.arec.store.kept("statements")[-1])
    by_invented = countersign(replace(invented, organisation="arec"), alone, head, utcnow())
    for text, said in (
        (alone, "not countersigned by another member"),
        (by_operator(alone), "same kind of countersignature twice"),
        (by_invented, "not signed by the key expected"),
        (f"{alone}~{by_member(lost, lost.vouched().split('~')[0]).split('~')[1]}", "for another replacement"),
    ):
        shown(lost, text)
        assert_nothing_sent(lost.agencies, said)
        assert lost.eriec.store.pins.seen == {}


def test_the_hub_the_operator_and_one_member_together_have_the_phone_against_them(lost: Lost):
    shown(lost, by_operator(by_member(lost, forged(lost))))
    lost.eriec_sees()

    assert_nothing_sent(lost.agencies, "asks to replace", days_later=30)
    with pytest.raises(Problem, match="numbers differ"):
        hears(lost.eriec, lost.agencies.criec, timedelta(days=30))
    assert lost.eriec.store.pins.identities["criec"] == lost.agencies.criec.store.keys.identity.thumbprint()


def test_an_organisation_does_not_vouch_for_itself_with_neither_its_old_nor_its_new_identity(lost: Lost):
    old, text = lost.agencies.criec.store, forged(lost)
    head = statement_hash(old.kept("statements")[-1])
    with pytest.raises(Problem, match="its own replacement"):
        countersign(old.keys, text, head, utcnow())
    said = {"by": "criec", "organisation": "criec", "replacement": statement_hash(text), "keys": head}
    for keys in (old.keys, HUB_KEYS):
        shown(lost, by_operator(f"{text}~{sign(keys.identity, COUNTERSIGNATURE, said)}"))
        assert_nothing_sent(lost.agencies, "countersigned its own replacement")


def test_a_member_that_nobody_compared_vouches_for_nobody(lost: Lost):
    pins = lost.eriec.store.pins
    del pins.compared["arec"]
    lost.eriec.store.keep_pins(pins)
    shown(lost, by_operator(by_member(lost, forged(lost))))

    assert_nothing_sent(lost.agencies, "may be invented")


def test_a_member_that_the_operator_runs_itself_does_not_vouch_beside_it(lost: Lost):
    ours = announce(OPERATOR, "Newcomers of Alberta", ["arec"], utcnow())
    with pytest.raises(Problem, match="Another operator key is pinned"):
        pin_operator(lost.eriec.store, ours, read_announcement(ours).number)
    pin_operator(lost.eriec.store, ours, read_announcement(ours).number, replace=True)
    shown(lost, by_operator(by_member(lost, forged(lost))))

    assert_nothing_sent(lost.agencies, "run by the operator")


@pytest.mark.parametrize(("days", "said"), [(29, "replaced its own identity key"), (31, "asks to replace")])
def test_a_member_whose_own_identity_was_replaced_lately_vouches_for_nobody(lost: Lost, days: int, said: str):
    pins = lost.eriec.store.pins
    pins.moved["arec"] = int((utcnow() - timedelta(days=days)).timestamp())
    lost.eriec.store.keep_pins(pins)
    shown(lost, by_operator(by_member(lost, forged(lost))))

    assert timedelta(days=29) < LATELY < timedelta(days=31)
    assert_nothing_sent(lost.agencies, said)


def test_without_an_operator_key_here_no_replacement_is_believed(lost: Lost):
    pins = lost.eriec.store.pins
    pins.operator = None
    lost.eriec.store.keep_pins(pins)
    shown(lost, by_operator(by_member(lost, forged(lost))))

    assert_nothing_sent(lost.agencies, "No operator key is pinned")


# -- places and clocks --------------------------------------------------------------------------------------------------


def test_a_replacement_on_another_organisation_or_after_another_statement_is_refused(lost: Lost):
    whole = lost.agencies.criec.store.kept("statements")
    text = lost.vouched()
    arec = lost.arec.store.kept("statements")
    lost.eriec.hub.lie(*keys_of("arec", [*arec, text]))
    with pytest.raises(Problem, match="last good statement"):
        keyring.view_of(lost.eriec.store, lost.eriec.client, "arec", utcnow())

    keyring.rotate(lost.agencies.criec.store, lost.agencies.criec.client, utcnow())
    shown(lost, text)
    assert_nothing_sent(lost.agencies, "last good statement")
    assert len(lost.agencies.criec.store.kept("statements")) == len(whole) + 1


def test_dates_in_statements_shorten_no_wait(lost: Lost):
    long_ago = utcnow() - timedelta(days=80)
    earlier = lost.agencies.criec.store.kept("statements")
    payload = link(HUB_KEYS, earlier) | {"replaces": statement_hash(earlier[-1])} | public_keys(HUB_KEYS, long_ago)
    text = sign(HUB_KEYS.identity, REPLACEMENT, payload)
    shown(lost, by_operator(by_member(lost, text)))
    lost.eriec_sees()

    with pytest.raises(Problem, match="asks to replace"):
        lost.eriec.store.pins.confirm("criec", HUB_KEYS.identity, utcnow())
    assert_nothing_sent(lost.agencies, "asks to replace")


def test_a_replacement_shown_without_its_countersignatures_starts_no_clock(lost: Lost):
    bare = forged(lost)
    shown(lost, bare)
    lost.eriec_sees()
    shown(lost, by_operator(by_member(lost, bare)))
    lost.eriec_sees(timedelta(hours=71))

    assert lost.eriec.store.pins.seen["criec"].at > (utcnow() + timedelta(hours=70)).timestamp()


def test_hiding_a_replacement_that_was_seen_is_found_out(lost: Lost):
    lost.publish()
    lost.eriec_sees()
    shown(lost)

    assert_nothing_sent(lost.agencies, "older or another chain")


def test_a_countersigner_looks_at_what_it_signs(lost: Lost):
    text = lost_key.start(lost.fresh.store, lost.fresh.client, utcnow())

    with pytest.raises(Problem, match="numbers differ"):
        lost_key.vouch(lost.arec.store, lost.arec.client, text, "1" * 60, utcnow())
    with pytest.raises(Problem, match="its own replacement"):
        vouch(lost.fresh, text)
    keyring.rotate(lost.agencies.criec.store, lost.agencies.criec.client, utcnow())
    with pytest.raises(Problem, match="last good statement"):
        vouch(lost.arec, text)
