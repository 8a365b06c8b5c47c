"""A hub that cheats with keys, yeses and reports of groups, pairs and circles: nothing is sent, and somebody is told."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from joserfc import jws

from federation.client import HubUnreachable
from federation.connector import gathering_exchange, keyring
from federation.gathering_introductions import sign_gathered_receipt
from federation.keys import sign
from federation.problems import Problem
from hub.database import Database
from hub.models import utcnow
from tests.attacks.gatherers import (
    CIRCLE,
    LIST,
    PAIR,
    Gatherers,
    assert_nothing_sent,
    assert_nothing_shown,
    each,
    forge,
    gather,
    yes_by,
)
from tests.attacks.lying_hub import Member, invented
from tests.attacks.two_agencies import HUB_KEYS, base64, keys_of

# -- forged yeses, keys -------------------------------------------------------------------------------------------------


def test_a_yes_the_hub_signed_itself_is_refused(pair: Gatherers):
    pair.accept()
    forge(pair, yes_by(HUB_KEYS, pair))

    assert_nothing_sent(pair, "not signed by the key expected")


def test_a_yes_whose_list_was_changed_breaks_its_signature(pair: Gatherers):
    pair.accept()
    head, _, signature = str(pair.said("criec").acceptance).split(".")
    said = json.loads(jws.extract_compact(str(pair.said("criec").acceptance).encode()).payload)
    forge(pair, f"{head}.{base64(json.dumps(said | {'people': {}}).encode())}.{signature}")

    assert_nothing_sent(pair, "not signed by the key expected")


def test_swapped_keys_stop_at_the_pin(pair: Gatherers):
    pair.accept()
    pair["eriec"].hub.lie(*keys_of("criec", invented(HUB_KEYS)))

    assert_nothing_sent(pair, "identity key of criec changed")


def test_an_old_key_that_was_given_up_is_not_sealed_for(pair: Gatherers):
    old = list(pair["criec"].store.kept("statements"))
    keyring.rotate(pair["criec"].store, pair["criec"].client, utcnow())
    pair.accept()
    pair["eriec"].hub.lie(*keys_of("criec", old))

    assert_nothing_sent(pair, "signed with newer keys than the hub shows")


def test_nothing_is_sealed_before_the_safety_number_was_heard(
    sqlite_database: Database, join_hub: Callable[[str], Member]
):
    strangers = gather(sqlite_database, {name: join_hub(name) for name in ("eriec", "criec")}, "pair", PAIR)
    strangers.accept()

    assert_nothing_sent(strangers, "compared the safety number")


def test_one_member_of_a_circle_that_nobody_compared_stops_it_for_whom_it_meets(
    sqlite_database: Database, join_hub: Callable[[str], Member]
):
    found = gather(sqlite_database, {name: join_hub(name) for name in ("eriec", "criec", "arec")}, "circle", CIRCLE)
    found["criec"].reads_to(found["eriec"])
    found.accept()

    assert_nothing_sent(found, "the safety number with arec")


def test_what_was_agreed_under_a_key_that_was_lost_is_not_sealed_under_the_new_one(pair: Gatherers):
    pair.accept()
    store = pair["eriec"].store
    store.keep_pins(replace(store.pins, moved={"criec": int(utcnow().timestamp()) + 60}))

    assert_nothing_sent(pair, "replaced its lost identity key")


# -- drop, and false reports --------------------------------------------------------------------------------------------


def test_introductions_the_hub_hides_are_missed_on_both_sides(pair: Gatherers):
    pair.accept()
    for member in pair.members.values():
        member.hub.lie(LIST, lambda page: page | {"items": []})

    assert_nothing_sent(pair, "shows no introduction with criec")
    assert_nothing_shown(pair, "shows no introduction with eriec")


def test_an_answer_that_never_comes_is_missed_after_a_week(pair: Gatherers):
    pair.accept("eriec")

    assert pair.seal("eriec").failed == ()
    assert_nothing_sent(pair, "Not everybody has answered for 7 days", days_later=8)


def test_an_envelope_the_hub_drops_is_not_believed_to_have_arrived(pair: Gatherers):
    pair.accept()
    pair.seal("eriec")
    pair["eriec"].hub.lie(LIST, each(state="acknowledged"))
    assert_nothing_sent(pair, "shows no receipt")

    for receipt in (
        sign(HUB_KEYS.identity, "passerelle-gathering-receipt", {"iss": "criec"}),
        sign_gathered_receipt(pair["criec"].store.keys, "eriec", pair.gathering, "another", utcnow()),
    ):
        pair["eriec"].hub.lie(LIST, each(receipt=receipt))
        assert pair.seal("eriec").failed != ()

    pair["eriec"].hub.honest_again()
    assert_nothing_sent(pair, "has not confirmed", days_later=8)
    pair["criec"].hub.lie(LIST, each(state="acknowledged"))
    assert_nothing_shown(pair, "we never did")
    pair["criec"].hub.honest_again()
    pair["criec"].hub.lie(LIST, each(state="due"))
    assert_nothing_shown(pair, "has sealed nothing that opens here", days_later=8)


def test_a_list_that_cannot_be_read_stops_the_command(pair: Gatherers):
    pair.accept()
    for lie in (each(state=None), each(acceptances=None), each(mine="auditor"), each(mine="sender", sender="arec")):
        pair["eriec"].hub.honest_again()
        pair["eriec"].hub.lie(LIST, lie)
        with pytest.raises(Problem, match="list of introductions cannot be read"):
            pair.seal("eriec")


def test_what_was_cancelled_is_told_once_and_is_over(pair: Gatherers):
    pair.accept()
    pair["criec"].client.end_gathering(pair.gathering)

    assert_nothing_sent(pair, "is cancelled")
    assert pair.seal("eriec", 30).failed == ()


def test_what_was_declined_is_over_without_a_word(pair: Gatherers):
    pair.accept("eriec")
    pair["criec"].client.decline_gathering(pair.gathering, "schedule")

    assert pair.seal("eriec", 8) == pair.seal("eriec", 30)
    assert pair.seal("eriec", 30).failed == pair.open("eriec", 30).failed == ()


# -- stopped in between -------------------------------------------------------------------------------------------------


def test_an_envelope_that_was_lost_on_the_way_goes_again_as_it_was(pair: Gatherers):
    pair.accept()
    pair["eriec"].hub.drop("PUT .*/envelope")
    with pytest.raises(HubUnreachable):
        pair.seal("eriec")
    pair["eriec"].hub.honest_again()

    assert pair.seal("eriec").failed == ()

    first, second = pair["eriec"].hub.sent
    assert first == second
    assert pair.open("criec").failed == pair.seal("eriec", 30).failed == ()


def test_a_contact_that_was_opened_and_not_acknowledged_is_shown_again(pair: Gatherers):
    pair.accept()
    pair.seal("eriec")
    pair["criec"].hub.drop("POST .*/acknowledge")
    with pytest.raises(HubUnreachable):
        pair.open("criec")
    pair["criec"].hub.honest_again()

    again = pair.open("criec")

    assert (list(again.done.values()), again.failed) == ([{"name": "Eriec A", "email": "Eriec.A@example.org"}], ())
    assert pair.state("eriec", "criec") == "acknowledged"
    assert pair.open("criec").done == {}


def test_a_hub_that_knows_no_introductions_in_gatherings_is_no_fault_where_none_was_agreed(pair: Gatherers):
    assert pair.seal("eriec").failed == ()
    assert gathering_exchange.is_gathering(pair["eriec"].client, pair.gathering)
    assert not gathering_exchange.is_gathering(pair["eriec"].client, "another")
