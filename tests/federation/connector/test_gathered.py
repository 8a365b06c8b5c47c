"""What this side said yes to of a gathering stands, whatever the hub shows later, and for as long as the consents do."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from federation.connector.gathered import (
    Gathered,
    agreeing,
    as_kept,
    carried,
    everything,
    keep,
    of_question,
    people_as_agreed,
)
from federation.connector.people import Person
from federation.connector.store import Store
from federation.gathering_yes import commit
from federation.introductions import hash_consent
from federation.keys import generate_keys
from federation.problems import Problem

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CONSENT = {"purposes": ["share"], "until": "2026-03-02"}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store.create(tmp_path / "agency")
    keys = generate_keys("eriec")
    made.keep("keys", {"organisation": "eriec", "jwks": keys.private_jwks(), "retired": []})
    return made


def person(store: Store, name: str, **consent: Any) -> str:
    return store.remember(Person(2, name, {"name": name}, {"consent": CONSENT | consent}))


def shown(*pseudonyms: str, **changes: Any) -> dict[str, Any]:
    """A circle as the hub shows it: of ours these, in places numbered from nought."""
    mine = [{"place": f"place-{number}", "pseudonym": one, "role": "member"} for number, one in enumerate(pseudonyms)]
    counts = {"criec": 4 - len(mine), "eriec": len(mine)}
    asked = {"gathering": "g1", "kind": "circle", "organisations": counts, "mentor": None, "size": 4, "mine": mine}
    return asked | changes


def group(*roles: tuple[str, str]) -> dict[str, Any]:
    """A group as the hub shows it: of ours these, by pseudonym and role."""
    mine = [{"place": f"place-{number}", "pseudonym": one, "role": role} for number, (one, role) in enumerate(roles)]
    counts = {"arec": None, "criec": None, "eriec": None}
    mentor = "eriec" if any(role == "mentor" for _, role in roles) else "arec"
    return shown(kind="group", organisations=counts, mentor=mentor, size=5, mine=mine)


def said(store: Store, asked: dict[str, Any]) -> Gathered:
    """Our signed yes, kept."""
    yes = replace(of_question(store, "g1", asked, NOW), acceptance="signed")
    keep(store, yes)
    return yes


def introduction(asked: dict[str, Any], **changes: Any) -> dict[str, Any]:
    base = {"gathering": "g1", "mine": "sender", "sender": "eriec", "recipient": "criec", "people": asked["mine"]}
    return base | changes


def test_a_yes_is_to_the_question_for_our_people_under_the_consents_of_the_day(store: Store):
    amina, bahar = person(store, "Amina"), person(store, "Bahar")

    yes = of_question(store, "g1", shown(amina, bahar), NOW)

    assert [(one.pseudonym, one.role) for one in yes.places] == [(amina, "member"), (bahar, "member")]
    assert {one.consent for one in yes.places} == {hash_consent(CONSENT)}
    assert (yes.said_at, yes.acceptance, len(set(yes.salts.values()))) == (int(NOW.timestamp()), None, 2)
    consents = [(f"place-{number}", hash_consent(CONSENT)) for number in range(2)]
    assert yes.commitments() == {
        "member": commit(yes.salts["member"], consents),
        "mentor": commit(yes.salts["mentor"], []),
    }
    assert everything(store) == {}
    assert of_question(store, "g1", shown(amina, bahar), NOW).salts != yes.salts


def test_what_is_kept_comes_back_as_it_was(store: Store):
    asked = shown(person(store, "Amina"))
    yes = said(store, asked)

    assert everything(store) == {"g1": yes}
    assert of_question(store, "g1", asked, NOW.replace(hour=10)) == yes


def test_of_a_group_we_introduce_the_mentor_where_he_is_ours_and_else_our_mentees(store: Store):
    omar, amina = person(store, "Omar"), person(store, "Amina")

    ours = of_question(store, "g1", group((omar, "mentor"), (amina, "member")), NOW)
    theirs = of_question(store, "g1", group((amina, "member")), NOW)

    assert [one.pseudonym for one in ours.introduced("eriec")] == [omar]
    assert [one.pseudonym for one in theirs.introduced("eriec")] == [amina]


def test_another_gathering_than_asked_for_or_one_without_us_is_no_yes(store: Store):
    amina = person(store, "Amina")
    for asked in (
        shown(amina, gathering="g2"),
        shown(amina, organisations={"arec": 1, "criec": 3}),
    ):
        with pytest.raises(Problem, match="than the one asked for") as refused:
            of_question(store, "g1", asked, NOW)
        assert refused.value.kind == "invalid-signature"


def test_what_asks_for_more_people_than_are_in_it_still_cannot_be_signed(store: Store):
    amina = person(store, "Amina")
    for asked in (shown(amina, organisations={"criec": 2, "eriec": 2}), shown(amina, mine=[])):
        with pytest.raises(Problem, match="of your people, and the hub shows") as refused:
            of_question(store, "g1", asked, NOW)
        assert refused.value.kind == "no-longer-available"


@pytest.mark.parametrize("mine", [None, "everybody", ["amina"], [None]], ids=str)
def test_a_list_of_people_that_cannot_be_read_is_no_yes(store: Store, mine: Any):
    with pytest.raises(Problem, match="cannot be read") as refused:
        of_question(store, "g1", shown(person(store, "Amina"), mine=mine), NOW)

    assert refused.value.kind == "bad-request"


def test_nobody_of_ours_in_a_group_and_nobody_we_know_is_not_found(store: Store):
    for asked in (group(), shown("a-stranger")):
        with pytest.raises(Problem) as refused:
            of_question(store, "g1", asked, NOW)
        assert refused.value.kind == "not-found"


@pytest.mark.parametrize("consent", [{"until": "2026-03-01"}, {"purposes": []}, {"purposes": ["research"]}], ids=str)
def test_one_consent_that_is_over_stops_the_yes_for_all(store: Store, consent: dict[str, Any]):
    asked = shown(person(store, "Amina"), person(store, "Bahar", **consent))

    with pytest.raises(Problem) as refused:
        of_question(store, "g1", asked, NOW)
    assert refused.value.kind == "no-longer-available"


def test_a_question_that_changed_since_is_not_said_yes_to_again(store: Store):
    amina, bahar = person(store, "Amina"), person(store, "Bahar")
    said(store, shown(amina))

    for asked in (shown(bahar), shown(amina, kind="circle", organisations={"arec": 1, "criec": 2, "eriec": 1})):
        with pytest.raises(Problem, match="than when we said yes"):
            of_question(store, "g1", asked, NOW)


def test_an_introduction_that_says_what_we_said_agrees_and_any_other_does_not(store: Store):
    asked = shown(person(store, "Amina"), person(store, "Bahar"))
    yes = said(store, asked)

    assert agreeing(store, introduction(asked)) == yes
    assert agreeing(store, introduction(asked, mine="recipient", sender="criec", recipient="eriec", people=[])) == yes
    for change in ({"recipient": "triec"}, {"recipient": "eriec"}, {"people": asked["mine"][:1]}, {"people": []}):
        with pytest.raises(Problem, match="than we said yes") as refused:
            agreeing(store, introduction(asked, **change))
        assert refused.value.kind == "invalid-signature"


def test_a_mentor_goes_although_a_mentee_of_the_same_organisation_left(store: Store):
    asked = group((person(store, "Omar"), "mentor"), (person(store, "Amina"), "member"))
    yes = said(store, asked)

    assert agreeing(store, introduction(asked, people=asked["mine"][:1])) == yes
    with pytest.raises(Problem, match="other people of ours"):
        agreeing(store, introduction(asked, people=asked["mine"][1:]))


def test_to_what_we_said_no_signed_yes_nothing_is_agreed(store: Store):
    asked = shown(person(store, "Amina"))
    keep(store, replace(said(store, asked), acceptance=None))

    for gathering in ("g1", "g2"):
        with pytest.raises(Problem, match="no signed yes"):
            agreeing(store, introduction(asked, gathering=gathering))


def test_people_go_under_the_consents_of_the_yes_and_under_no_others(store: Store):
    yes = said(store, shown(person(store, "Amina"), person(store, "Bahar")))

    assert [one.contact for one in people_as_agreed(store, yes, NOW)] == [{"name": "Amina"}, {"name": "Bahar"}]
    person(store, "Bahar", until="2027-01-01")
    with pytest.raises(Problem, match="consent changed"):
        people_as_agreed(store, yes, NOW)


def test_how_far_an_introduction_came_is_kept_for_each_way_and_organisation(store: Store):
    yes = said(store, shown(person(store, "Amina")))
    fresh = carried(store, yes, "criec", "sent")
    store.keep_all(as_kept(replace(fresh, step="sent", envelope="sealed")))

    assert (fresh.step, fresh.moved_at, fresh.envelope) == ("said", yes.said_at, None)
    assert carried(store, yes, "criec", "sent").step == "sent"
    assert carried(store, yes, "criec", "received").step == carried(store, yes, "arec", "sent").step == "said"
