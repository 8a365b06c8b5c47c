"""A hub that cheats with introductions and yeses, against two real connectors: nothing is sent, and somebody is told.

The hub knows no private key of a member, relays everything, may say different things to each, and may be in league with a
third member.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from joserfc import jws

from federation.connector.people import Person
from federation.keys import sign
from federation.problems import Problem
from tests.attacks.lying_hub import Member, hiding, showing
from tests.attacks.two_agencies import (
    AMINA,
    HUB_KEYS,
    LIST,
    Agencies,
    accepted_by,
    assert_nothing_sent,
    assert_nothing_shown,
    base64,
    forge_acceptance,
)
from tests.hub.people import consent, mentee, today


def test_an_honest_hub_brings_the_contact_and_the_receipt(agencies: Agencies):
    agencies.agree()

    assert list(agencies.eriec.seal().done) == [agencies.proposal]
    assert agencies.criec.open().done == {agencies.proposal: AMINA}
    assert agencies.eriec.seal(30).failed == agencies.criec.open(30).failed == ()


# -- 4 early release ----------------------------------------------------------------------------------------------------


def due_at_once(agencies: Agencies, acceptances: dict[str, str]) -> None:
    due = {
        "proposal": agencies.proposal,
        "state": "due",
        "sender": "eriec",
        "recipient": "criec",
        "mine": "sender",
        "my_pseudonym": agencies.amina,
        "acceptances": acceptances,
    }
    agencies.eriec.hub.lie(LIST, lambda page: page | {"items": [due]})


def test_nothing_is_released_before_the_other_side_said_yes(agencies: Agencies):
    agencies.eriec.accept(agencies.proposal)
    due_at_once(agencies, {})

    assert_nothing_sent(agencies, "criec has not signed its yes")


def test_nothing_is_released_before_this_side_said_yes(agencies: Agencies):
    agencies.criec.accept(agencies.proposal)
    due_at_once(agencies, {"criec": agencies.criec.store.kept(f"accepted {agencies.proposal}")["acceptance"]})

    assert_nothing_sent(agencies, "This side said no signed yes")


# -- 5 replay -----------------------------------------------------------------------------------------------------------


def test_a_sealed_introduction_asked_for_again_is_not_sealed_again(agencies: Agencies):
    agencies.agree()
    agencies.eriec.seal()
    agencies.eriec.hub.lie(LIST, showing(state="due"))

    assert len(agencies.eriec.hub.sent) == 1
    assert_nothing_sent(agencies, "asks for it again")


def test_an_envelope_that_was_opened_is_not_opened_again(agencies: Agencies):
    agencies.agree()
    agencies.eriec.seal()
    envelope = agencies.criec.client.envelope(agencies.proposal)
    agencies.criec.open()
    agencies.criec.hub.lie(LIST, showing(state="sealed"))
    agencies.criec.hub.lie("GET .*/envelope", lambda _: {"envelope": envelope})

    assert_nothing_shown(agencies, "opened already")


def test_a_yes_of_long_ago_is_not_relied_on(agencies: Agencies):
    agencies.agree()

    assert_nothing_sent(agencies, "has expired", days_later=61)


# -- 6 swap between proposals -------------------------------------------------------------------------------------------


def test_the_yes_to_one_proposal_is_none_to_another(agencies: Agencies):
    other = agencies.agree_on_another()
    acceptances = {one["proposal"]: one["acceptances"] for one in agencies.eriec.client.introductions()}
    swapped = {agencies.proposal: acceptances[other], other: acceptances[agencies.proposal]}
    agencies.eriec.hub.lie(
        LIST, lambda page: {"items": [one | {"acceptances": swapped[one["proposal"]]} for one in page["items"]]}
    )

    assert_nothing_sent(agencies, "another proposal")
    assert_nothing_sent(agencies, "another proposal", other)


def test_another_person_is_not_put_in_the_place_of_the_one_who_said_yes(agencies: Agencies):
    agencies.agree()
    agencies.eriec.hub.lie(LIST, showing(my_pseudonym=agencies.bahar))

    assert_nothing_sent(agencies, "another person or organisation than we said yes to")


def test_a_member_in_league_with_the_hub_is_not_put_in_the_place_of_the_one_asked(
    agencies: Agencies, join_hub: Callable[[str], Member]
):
    arec = join_hub("arec")
    arec.reads_to(agencies.eriec)
    agencies.agree()
    store = arec.store
    genuine = accepted_by(store.keys, agencies, store.kept("statements"))
    agencies.eriec.hub.lie(LIST, showing(recipient="arec", acceptances={"arec": genuine}))

    assert_nothing_sent(agencies, "another person or organisation than we said yes to")


def test_an_acceptance_is_not_asked_for_under_another_proposal_s_id(agencies: Agencies):
    agencies.eriec.hub.lie(f"GET .*/proposals/{agencies.proposal}", lambda one: one | {"id": "another"})

    with pytest.raises(Problem, match="another proposal than the one asked for"):
        agencies.eriec.accept(agencies.proposal)
    assert agencies.eriec.seal().done == {}


def test_swapped_envelopes_do_not_open(agencies: Agencies):
    other = agencies.agree_on_another()
    agencies.eriec.seal()
    swapped = agencies.criec.client.envelope(other)
    agencies.criec.hub.lie(f"GET .*/{agencies.proposal}/envelope", lambda _: {"envelope": swapped})

    report = agencies.criec.open()

    assert list(report.done) == [other]
    assert "another occasion" in dict(report.failed)[agencies.proposal]


# -- 7 drop -------------------------------------------------------------------------------------------------------------


def test_an_introduction_the_hub_hides_is_missed_on_both_sides(agencies: Agencies):
    agencies.agree()
    for member in (agencies.eriec, agencies.criec):
        member.hub.lie(LIST, hiding(agencies.proposal))

    assert_nothing_sent(agencies, "shows no introduction with criec")
    assert_nothing_shown(agencies, "shows no introduction with eriec")


def test_an_acceptance_the_hub_hides_is_missed(agencies: Agencies):
    agencies.agree()
    agencies.eriec.hub.lie(LIST, showing(acceptances={}))

    assert_nothing_sent(agencies, "has not signed its yes")


def test_an_answer_that_never_comes_is_missed_after_a_week(agencies: Agencies):
    agencies.eriec.accept(agencies.proposal)

    assert agencies.eriec.seal().failed == ()
    assert_nothing_sent(agencies, "has not answered for 7 days", days_later=8)


def test_an_envelope_the_hub_drops_is_not_believed_to_have_arrived(agencies: Agencies):
    agencies.agree()
    agencies.eriec.seal()
    agencies.eriec.hub.lie(LIST, showing(state="acknowledged"))
    assert_nothing_sent(agencies, "shows no receipt")

    forged = sign(HUB_KEYS.identity, "passerelle-receipt", {"iss": "criec", "proposal": agencies.proposal})
    agencies.eriec.hub.lie(LIST, showing(receipt=forged))
    assert_nothing_sent(agencies, "not signed by the key expected")

    agencies.eriec.hub.honest_again()
    assert_nothing_sent(agencies, "has not confirmed", days_later=8)
    agencies.criec.hub.lie(LIST, showing(state="acknowledged"))
    assert_nothing_shown(agencies, "we never did")


# -- 9 forged acceptance ------------------------------------------------------------------------------------------------


def test_an_acceptance_the_hub_signed_itself_is_refused(agencies: Agencies):
    agencies.agree()
    forge_acceptance(agencies, accepted_by(HUB_KEYS, agencies, agencies.criec.store.kept("statements")))

    assert_nothing_sent(agencies, "not signed by the key expected")


def test_an_acceptance_by_another_member_in_criec_s_name_is_refused(
    agencies: Agencies, join_hub: Callable[[str], Member]
):
    agencies.agree()
    in_its_name = replace(join_hub("arec").store.keys, organisation="criec")
    forge_acceptance(agencies, accepted_by(in_its_name, agencies, agencies.criec.store.kept("statements")))

    assert_nothing_sent(agencies, "not signed by the key expected")


def test_a_yes_to_another_organisation_is_none_to_us(agencies: Agencies):
    agencies.agree()
    store = agencies.criec.store
    forge_acceptance(agencies, accepted_by(store.keys, agencies, store.kept("statements"), counterpart="arec"))

    assert_nothing_sent(agencies, "by another organisation")


# -- 10 forged consent --------------------------------------------------------------------------------------------------


def test_a_consent_written_into_the_other_side_s_acceptance_breaks_its_signature(agencies: Agencies):
    agencies.agree()
    head, payload, signature = agencies.eriec.introduction(agencies.proposal)["acceptances"]["criec"].split(".")
    said = json.loads(jws.extract_compact(f"{head}.{payload}.{signature}".encode()).payload)
    forged = base64(json.dumps(said | {"consent": "f" * 64}).encode())
    forge_acceptance(agencies, f"{head}.{forged}.{signature}")

    assert_nothing_sent(agencies, "not signed by the key expected")


def test_a_consent_that_ended_at_the_agency_is_not_replaced_by_the_hub_s_word(agencies: Agencies):
    agencies.agree()
    over, other = {"until": (today() - timedelta(days=1)).isoformat()}, {"purposes": ["research"]}
    for changes, said in (
        (over, "consent to share is over"),
        (other, "consent to share is over"),
        ({"given_on": today().isoformat()}, "consent changed"),
    ):
        agencies.eriec.store.remember(Person(2, AMINA["email"], AMINA, mentee(consent=consent(**changes))))
        assert_nothing_sent(agencies, said)
