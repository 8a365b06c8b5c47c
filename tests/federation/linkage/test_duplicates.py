"""Duplicates: who is put together, who never is, and in what order."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.linkage import Duplicate, find_duplicates, tokens
from federation.linkage.duplicates import THRESHOLD

KEY = bytes(range(32))
LEILA = {
    "given_names": "Leila",
    "family_names": "Haddad",
    "birth_date": "1988-04-17",
    "phones": "7805550142",
    "postal_code": "T5J 0N3",
}
ANNA = {"given_names": "Anna", "family_names": "Nowak", "birth_date": "1975-11-30", "phones": "4035550199"}
FEW = st.sampled_from
PERSON = st.fixed_dictionaries(
    {
        "given_names": FEW(["Leila", "Leyla", "Anna", "Omar"]),
        "family_names": FEW(["Haddad", "Hadad", "Nowak"]),
        "birth_date": FEW(["1988-04-17", "1988-04-11", "1975-11-30", "1980-01-01", None]),
        "phones": FEW([None, "7805550142", "4035550199"]),
        "postal_code": FEW([None, "T5J 0N3"]),
    }
)
PEOPLE = st.lists(PERSON, max_size=6)


def pool(*people: dict, name: str = "") -> dict[str, list]:
    """Token lists under the names a0, a1 ... of a pool."""
    return {f"{name}{place}": tokens(person, KEY) for place, person in enumerate(people)}


def weight(one: dict, other: dict) -> int:
    """The weight of a pair alone in two pools; 0 when it is not likely."""
    found = find_duplicates(pool(one), pool(other))
    return found[0].weight if found else 0


@given(PERSON, PERSON)
@settings(deadline=None, max_examples=60)
def test_nobody_is_more_like_a_person_than_their_own_copy(person, other):
    assert weight(person, person) >= weight(person, other)


@given(PERSON, PERSON)
@settings(deadline=None, max_examples=60)
def test_a_weight_is_the_same_from_both_sides(person, other):
    assert weight(person, other) == weight(other, person)


@pytest.mark.parametrize(
    ("known", "value"), [("birth_date", "1988-04-17"), ("phones", "7805550142"), ("street", "7 Elm St")]
)
def test_a_whole_name_and_one_more_thing_are_found_again(known, value):
    person = {"given_names": "Leila", "family_names": "Haddad", known: value}

    assert weight(person, person) >= THRESHOLD


@given(PEOPLE, PEOPLE)
@settings(deadline=None, max_examples=60)
def test_two_pools_are_put_together_one_to_one_best_first(ours, theirs):
    found = find_duplicates(pool(*ours), pool(*theirs))

    assert len({pair.left for pair in found}) == len({pair.right for pair in found}) == len(found)
    assert [pair.weight for pair in found] == sorted((pair.weight for pair in found), reverse=True)
    assert all(type(pair.weight) is int and pair.weight >= THRESHOLD for pair in found)


@given(PEOPLE)
@settings(deadline=None, max_examples=60)
def test_one_pool_gives_each_pair_once_and_nobody_with_themself(people):
    here = pool(*people)
    found = [frozenset((pair.left, pair.right)) for pair in find_duplicates(here, here)]

    assert len(found) == len(set(found))
    assert all(len(pair) == 2 for pair in found)


def test_one_pool_gives_every_pair_of_several_copies():
    here = pool(LEILA, LEILA, ANNA, LEILA)

    assert {(pair.left, pair.right) for pair in find_duplicates(here, here)} == set(combinations("013", 2))


def test_a_person_is_found_again_and_a_stranger_is_not():
    found = find_duplicates({"a": tokens(LEILA, KEY), "b": tokens(ANNA, KEY)}, {"x": tokens(LEILA, KEY)})

    assert [(pair.left, pair.right) for pair in found] == [("a", "x")]


def test_tokens_under_two_keys_never_match():
    assert find_duplicates({"a": tokens(LEILA, KEY)}, {"b": tokens(LEILA, bytes(32))}) == []


def test_tokens_of_two_versions_never_match(monkeypatch):
    ours = {"a": tokens(LEILA, KEY)}
    monkeypatch.setattr("federation.linkage.keyed.NAMESPACE", "passerelle linkage 2")

    assert find_duplicates(ours, {"b": tokens(LEILA, KEY)}) == []


def test_an_empty_pool_has_no_duplicates():
    assert (
        find_duplicates({}, pool(LEILA))
        == find_duplicates(pool(LEILA), {})
        == find_duplicates({"a": []}, {"b": []})
        == []
    )


def test_a_duplicate_tells_both_ids_and_its_weight():
    assert Duplicate("a", "b", 300) == Duplicate(left="a", right="b", weight=300)
