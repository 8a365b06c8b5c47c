"""A hub that cheats with groups, pairs and circles, against real connectors: nothing is sent, and somebody is told.

The hub knows no private key of a member, relays everything, may say different things to each, and may be in league with a
member who was not asked.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from federation.connector import gathered
from federation.connector.people import Person
from federation.problems import Problem
from hub.database import Database
from tests.attacks.gatherers import (
    GROUPED,
    LIST,
    Gatherers,
    assert_nothing_sent,
    assert_nothing_shown,
    each,
    forge,
    gather,
    yes_by,
)
from tests.attacks.lying_hub import Lie, Member, invented
from tests.attacks.two_agencies import HUB_KEYS, keys_of
from tests.hub.gathered import handles, peer, propose
from tests.hub.people import consent, today


def asked(agencies: Gatherers) -> str:
    return f"GET /api/v1/gatherings/{agencies.gathering}/question"


def due_at_once(agencies: Gatherers, acceptances: dict[str, str]) -> None:
    """Tell ERIEC that everybody agreed."""
    shown = agencies["eriec"].client.gathering_question(agencies.gathering)
    due = {"gathering": agencies.gathering, "state": "due", "sender": "eriec", "recipient": "criec", "mine": "sender"}
    due |= {"people": shown["mine"], "acceptances": acceptances}
    agencies["eriec"].hub.lie(LIST, lambda page: page | {"items": [due]})


# -- early release and replay -------------------------------------------------------------------------------------------


def test_nothing_is_released_before_the_other_side_said_yes(pair: Gatherers):
    pair.accept("eriec")
    due_at_once(pair, {})

    assert_nothing_sent(pair, "criec has not signed its yes")


def test_nothing_is_released_before_this_side_said_yes(pair: Gatherers):
    pair.accept("criec")
    due_at_once(pair, {"criec": str(pair.said("criec").acceptance)})

    assert_nothing_sent(pair, "This side said no signed yes")


def test_nothing_is_released_before_the_last_of_a_circle_said_yes(circle: Gatherers):
    circle.accept("eriec", "criec")
    due_at_once(circle, {"criec": str(circle.said("criec").acceptance)})

    assert_nothing_sent(circle, "arec has not signed its yes")


def test_what_was_sealed_and_is_asked_for_again_is_not_sealed_again(pair: Gatherers):
    pair.accept()
    pair.seal("eriec")
    pair["eriec"].hub.lie(LIST, each(state="due"))

    assert len(pair["eriec"].hub.sent) == 1
    assert_nothing_sent(pair, "asks for it again")


def test_an_envelope_that_was_opened_is_not_opened_again(pair: Gatherers):
    pair.accept()
    pair.seal("eriec")
    envelope = pair["criec"].client.gathering_envelope(pair.gathering, "eriec")
    pair.open("criec")
    pair["criec"].hub.lie(LIST, each(state="sealed"))
    pair["criec"].hub.lie("GET .*/envelope", lambda _: {"envelope": envelope})

    assert_nothing_shown(pair, "opened already")


def test_a_yes_of_long_ago_is_not_relied_on(pair: Gatherers):
    pair.accept()

    assert_nothing_sent(pair, "has expired", days_later=61)


# -- swapped recipient, added organisation ------------------------------------------------------------------------------


def test_a_member_in_league_with_the_hub_is_not_put_in_the_place_of_one_that_was_asked(
    pair: Gatherers, join_hub: Callable[[str], Member]
):
    arec = join_hub("arec")
    arec.reads_to(pair["eriec"])
    pair.accept()
    yes = yes_by(arec.store.keys, pair)
    pair["eriec"].hub.lie(
        LIST, each(recipient="arec", state="due", mine="sender", sender="eriec", acceptances={"arec": yes})
    )

    assert_nothing_sent(pair, "another organisation than we said yes to")


def test_a_mentee_s_organisation_gives_no_contact_to_another_one_s(
    sqlite_database: Database, join_hub: Callable[[str], Member]
):
    group = gather(sqlite_database, {name: join_hub(name) for name in ("eriec", "criec", "arec")}, "group", GROUPED)
    group.compare()
    group.accept()
    group["eriec"].hub.lie(LIST, each(recipient="criec", sender="eriec", mine="sender"))

    assert_nothing_sent(group, "another organisation than we said yes to")


def add_triec(shown: dict[str, Any]) -> dict[str, Any]:
    return shown | {"organisations": shown["organisations"] | {"triec": 1}, "size": shown["size"] + 1}


def test_an_organisation_that_only_one_was_asked_about_ends_it_for_the_others(circle: Gatherers):
    circle["eriec"].hub.lie(asked(circle), add_triec)
    circle.accept()

    assert "triec" in circle.said("eriec").question.organisations
    for name in ("criec", "arec"):
        report = circle.seal(name)
        assert report.done == {}
        assert all("eriec said yes to another group, pair or circle" in reason for _, reason in report.failed)
    assert_nothing_sent(circle, "said yes to another group, pair or circle")


def test_an_organisation_that_nobody_was_asked_about_is_given_nothing(circle: Gatherers):
    """It joins with the hub's help after all said yes: with a yes of its own to a question that names it."""
    circle.accept()
    keys = replace(HUB_KEYS, organisation="triec")
    circle["eriec"].hub.lie(*keys_of("triec", invented(keys)))
    circle["eriec"].hub.lie(LIST, each(recipient="triec", sender="eriec", mine="sender", state="due"))

    assert_nothing_sent(circle, "another organisation than we said yes to")


@pytest.mark.parametrize(
    "lie",
    [
        lambda shown: shown | {"gathering": "another"},
        lambda shown: shown | {"organisations": {"criec": 1, "arec": 1}},
        lambda shown: shown | {"organisations": {"criec": 1, "eriec": 2}, "size": 3, "kind": "circle"},
        lambda shown: shown | {"mine": []},
    ],
    ids=["another gathering", "without us", "two of ours", "nobody of ours"],
)
def test_a_question_that_is_not_the_one_asked_for_is_not_signed(pair: Gatherers, lie: Lie):
    pair["eriec"].hub.lie(asked(pair), lie)

    with pytest.raises(Problem, match=r"than the one asked for|It asks for \d of your people"):
        pair.accept("eriec")
    assert gathered.everything(pair["eriec"].store) == {}


def test_a_question_that_cannot_be_one_is_not_signed(pair: Gatherers):
    pair["eriec"].hub.lie(asked(pair), lambda shown: shown | {"kind": "crowd"})

    with pytest.raises(Problem, match="cannot be read"):
        pair.accept("eriec")


def test_a_question_that_changed_since_we_said_yes_is_not_signed_again(circle: Gatherers):
    circle.accept("eriec")
    circle["eriec"].hub.lie(asked(circle), add_triec)

    with pytest.raises(Problem, match="other organisations or people of it than when we said yes"):
        circle.accept("eriec")


# -- other gathering ----------------------------------------------------------------------------------------------------


@pytest.fixture
def two(pair: Gatherers, sqlite_database: Database) -> tuple[Gatherers, Gatherers]:
    """Two pairs of the same two organisations, agreed and signed."""
    for number, member in enumerate(pair.members.values()):
        name = f"{member.name.title()} B"
        member.share({"name": name, "email": f"{name[0]}.b@example.org"}, peer(number))
    other = Gatherers(
        pair.members, propose(sqlite_database, "eriec", "pair", handles(sqlite_database, "eriec", "pair")[0]).id, {}
    )
    pair.accept(), other.accept()
    return pair, other


def test_the_yes_to_one_gathering_is_none_to_another(two: tuple[Gatherers, Gatherers]):
    one, other = two
    forge(one, str(other.said("criec").acceptance))

    report = one.seal("eriec")

    assert list(report.done) == [f"{other.gathering} criec {place.place}" for place in other.said("eriec").places]
    assert "another group, pair or circle" in dict(report.failed)[f"{one.gathering} criec"]


def test_swapped_envelopes_do_not_open(two: tuple[Gatherers, Gatherers]):
    one, other = two
    one.seal("eriec")
    swapped = one["criec"].client.gathering_envelope(other.gathering, "eriec")
    one["criec"].hub.lie(f"GET .*/{one.gathering}/eriec/envelope", lambda _: {"envelope": swapped})

    report = one.open("criec")

    assert "another occasion" in dict(report.failed)[f"{one.gathering} eriec"]
    assert one.heard("criec") == {"eriec": ["Eriec B"]}


def test_an_envelope_of_one_sender_does_not_open_as_another_s(circle: Gatherers):
    circle.accept()
    circle.seal("eriec"), circle.seal("arec")
    swapped = circle["criec"].client.gathering_envelope(circle.gathering, "arec")
    circle["criec"].hub.lie(f"GET .*/{circle.gathering}/eriec/envelope", lambda _: {"envelope": swapped})

    assert "not signed by the key expected" in dict(circle.open("criec").failed)[f"{circle.gathering} eriec"]
    assert circle.heard("criec") == {"arec": ["Arec A"]}


# -- people -------------------------------------------------------------------------------------------------------------


def test_another_person_is_not_put_in_the_place_of_one_we_said_yes_for(pair: Gatherers):
    pair.accept()
    other = pair["eriec"].share({"name": "Bahar Karimi", "email": "bahar@example.org"}, peer(0))
    place = pair.said("eriec").places[0].place
    pair["eriec"].hub.lie(LIST, each(people=[{"place": place, "pseudonym": other, "role": "member"}]))

    assert_nothing_sent(pair, "other people of ours than we said yes for")


def test_whoever_left_since_we_said_yes_is_not_introduced(circle: Gatherers):
    circle.accept()
    circle["eriec"].hub.lie(
        LIST, lambda page: page | {"items": [one | {"people": one["people"][:1]} for one in page["items"]]}
    )

    assert_nothing_sent(circle, "other people of ours than we said yes for")


def test_a_list_of_people_that_cannot_be_read_sends_nobody(pair: Gatherers):
    pair.accept()
    pair["eriec"].hub.lie(LIST, each(people="everybody"))

    assert_nothing_sent(pair, "list of your people cannot be read")


def test_a_consent_that_ended_at_the_agency_is_not_replaced_by_the_hub_s_word(pair: Gatherers):
    pair.accept()
    person = pair["eriec"].store.person(pair.said("eriec").places[0].pseudonym)
    over, other = {"until": (today() - timedelta(days=1)).isoformat()}, {"purposes": ["research"]}
    for changes, said in (
        (over, "consent to share is over"),
        (other, "consent to share is over"),
        ({"given_on": today().isoformat()}, "consent changed"),
    ):
        contact = person["contact"]
        pair["eriec"].store.remember(Person(2, contact["email"], contact, peer(0, consent=consent(**changes))))
        assert_nothing_sent(pair, said)
