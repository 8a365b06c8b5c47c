"""Synthetic people: the same from the same seed, all acceptable at the door, and plainly invented."""

import json
from collections import Counter
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.documents import ProfileDocument, read
from federation.hsds import read_services
from hub.services import synthetic
from hub.services.synthetic import SyntheticOrganisation

TODAY = date(2026, 3, 2)
TWO = [
    SyntheticOrganisation("eriec", "ERIEC", "agency", "AB-835", mentors=300, mentees=700, ready=60),
    SyntheticOrganisation("arec", "AREC", "pin", "AB-825", mentors=700, mentees=0, ready=60, occupations=("213",)),
]


def drawn(kind: str, count: int, seed: int = 1, members: list[SyntheticOrganisation] = TWO):
    return list(synthetic.people(members, kind, count, seed, TODAY))


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6), st.sampled_from(["mentor", "mentee"]))
def test_whatever_the_seed_every_profile_is_taken_at_the_door(seed: int, kind: str):
    for person in drawn(kind, 5, seed):
        assert read(ProfileDocument(), person.profile)["kind"] == kind


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6), st.integers(0, 20), st.integers(0, 20))
def test_the_same_seed_draws_the_same_people_however_many_are_asked_for(seed: int, few: int, more: int):
    assert drawn("mentor", few + more, seed)[:few] == drawn("mentor", few, seed)
    assert drawn("mentor", 3, seed) != drawn("mentor", 3, seed + 1)


def test_pseudonyms_are_different_and_say_nothing():
    people = drawn("mentor", 200) + drawn("mentee", 200)

    assert len({person.pseudonym for person in people}) == 400
    assert not any(person.organisation in person.pseudonym for person in people)


def test_what_the_agency_keeps_is_plainly_invented_and_not_in_the_profile():
    for person in drawn("mentor", 50):
        assert person.contact["name"].startswith("Synthetic ")
        assert person.contact["email"].endswith("@example.org")
        assert "-555-01" in person.contact["phone"]
        assert not any(value in str(person.profile) for value in person.contact.values())


def test_people_are_shared_out_as_asked_and_lean_to_the_occupations_named():
    mentors = drawn("mentor", 600)
    count = Counter(person.organisation for person in mentors)

    assert 350 < count["arec"] < 490
    assert {person.organisation for person in drawn("mentee", 50)} == {"eriec"}
    leaning = [person.profile["noc"].startswith("213") for person in mentors if person.organisation == "arec"]
    assert sum(leaning) * 10 > 7 * len(leaning)


def test_origin_is_drawn_for_all_and_told_only_with_consent():
    people = drawn("mentee", 200)

    told = [person.profile["origin"] is not None for person in people]
    assert told == ["origin" in person.profile["consent"]["purposes"] for person in people]
    assert 0 < sum(told) < len(told)


def test_about_as_many_are_ready_as_asked():
    ready = [person.profile["readiness"]["clb"]["speaking"] >= 7 for person in drawn("mentee", 400)]

    assert 180 < sum(ready) < 300


@pytest.mark.parametrize(
    ("kind", "members", "said"),
    [
        ("sponsor", TWO, "mentor or mentee"),
        ("mentee", TWO[1:], "no organisation holds any mentee"),
        ("mentor", [], "no org"),
    ],
)
def test_people_that_cannot_be_drawn_are_refused(kind: str, members: list[SyntheticOrganisation], said: str):
    with pytest.raises(ValueError, match=said):
        drawn(kind, 1, members=members)


def test_nobody_can_be_drawn_for_nobody():
    assert drawn("mentor", 0, members=[]) == []


@pytest.mark.parametrize("count", [1, 3, 50])
def test_invented_members_are_unequal_and_each_can_hold_mentors(count: int):
    members = synthetic.invented_organisations(count, 7)

    assert members == synthetic.invented_organisations(count, 7)
    assert len({one.id for one in members}) == count
    assert all(one.mentors > 0 and one.name.startswith("Synthetic") for one in members)
    assert (count < 3) or members[0].mentors > members[-1].mentors


def test_invented_programs_are_read_whole(tmp_path):
    path = tmp_path / "programs.json"
    path.write_text(json.dumps({"contents": list(synthetic.invented_programs(25, 3))}), encoding="utf-8")

    found = read_services(path)

    assert len(found.programs) == 25
    assert found.errors == ()
    assert all(len(program.gives) == 4 and len(program.requires) == 1 for program in found.programs)


def test_people_want_every_format_of_the_network_and_none_that_is_not_theirs():
    people = [person.profile for kind in ("mentor", "mentee") for person in drawn(kind, 300)]
    wanted: dict[str, set[str]] = {"mentor": set(), "mentee": set()}
    for one in people:
        wanted[one["kind"]] |= set(one["formats"])

    assert wanted == {
        "mentee": {"one_to_one", "group", "peer", "reverse", "flash"},
        "mentor": {"one_to_one", "group", "reverse", "flash"},
    }
    in_reverse = {(one["kind"], one["years_band"]) for one in people if "reverse" in one["formats"]}
    assert in_reverse == {("mentor", "0-2"), ("mentor", "3-5"), ("mentee", "11-20"), ("mentee", "21+")}
