"""Duplicates: who is put together, who never is, and in what order."""

from itertools import combinations, product

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


def test_two_who_are_both_surely_a_third_are_a_pair():
    third = {**LEILA, "street": "12 Main Street", "emails": "leila@example.org"}
    without_date = {name: value for name, value in third.items() if name not in ("birth_date", "phones")}
    moved = {name: value for name, value in LEILA.items() if name not in ("given_names", "postal_code")}
    apart = find_duplicates(pool(without_date), pool(moved))
    here = pool(third, without_date, moved)

    assert apart == []
    assert {(pair.left, pair.right) for pair in find_duplicates(here, here)} == set(combinations("012", 2))


def test_the_telephone_of_an_office_makes_nobody_a_duplicate():
    names = ["".join(letters) for letters in product("kmt", "aeo", "rls", "iu", "bdg")]
    office = {name: tokens({"family_names": name, "phones": "7805550100"}, KEY) for name in names}

    assert find_duplicates(office, office) == []


@pytest.mark.parametrize("change", [{"kind": "blood+birth"}, {"weight": 0}, {"weight": -5}])
def test_tokens_of_no_known_kind_or_no_weight_say_nothing(change):
    made = [token._replace(**change) for token in tokens(LEILA, KEY)]

    assert find_duplicates({"a": made}, {"b": made}) == []


def test_a_token_says_no_more_than_its_kind_whatever_weight_it_claims():
    made = tokens(LEILA, KEY)
    boasting = [token._replace(weight=10**6) for token in made]

    assert find_duplicates({"a": boasting}, {"b": boasting}) == find_duplicates({"a": made}, {"b": made})


def test_an_empty_pool_has_no_duplicates():
    assert (
        find_duplicates({}, pool(LEILA))
        == find_duplicates(pool(LEILA), {})
        == find_duplicates({"a": []}, {"b": []})
        == []
    )


def test_a_duplicate_tells_both_ids_and_its_weight():
    assert Duplicate("a", "b", 300) == Duplicate(left="a", right="b", weight=300)
