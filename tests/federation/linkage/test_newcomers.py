"""Newcomers' records: other scripts, swapped orders, 1 January, frequent surnames, families, low overlap."""

import random

import pytest

from federation.linkage import find_duplicates, tokens
from tests.federation.linkage.newcomers import first, people, second

KEY = bytes(range(32))
HOME = {"street": "12 Main Street", "locality": "Edmonton", "postal_code": "T5J 0N3", "phones": "7805550142"}
OTHER_HOME = {"street": "900 Elm Road", "locality": "Edmonton", "postal_code": "T6A 1B2", "phones": "7805550199"}


def person(given: str, family: str, born: str | None = None, **rest: str) -> dict[str, object]:
    """A record."""
    return {"given_names": given, "family_names": family, "birth_date": born, **rest}


def likely(one: dict[str, object], other: dict[str, object]) -> bool:
    """Whether two records alone are put together."""
    return bool(find_duplicates({"one": tokens(one, KEY)}, {"other": tokens(other, KEY)}))


def f1(number: int, shared: int, seed: int) -> float:
    """F1 of two agencies with as many people each, of whom so many are the same."""
    draw = random.Random(seed)
    ours, strangers = people(number, seed), people(number - shared, seed + 1)
    left = {place: tokens(first(one), KEY) for place, one in enumerate(ours)}
    theirs = [*((place, one) for place, one in enumerate(ours[:shared])), *enumerate(strangers, number)]
    right = {place: tokens(second(one, draw), KEY) for place, one in theirs}
    found = find_duplicates(left, right)
    return 2 * sum(pair.left == pair.right for pair in found) / (len(found) + shared)


@pytest.mark.parametrize("seed", [1, 2])
def test_newcomers_written_down_twice_are_found_again(seed):
    assert f1(400, 400, seed) >= 0.99


@pytest.mark.parametrize("seed", [1, 2])
def test_with_one_in_ten_in_common_few_strangers_are_put_together(seed):
    assert f1(400, 40, seed) >= 0.96


def test_swapped_names_in_another_script_are_found_at_another_address():
    assert likely(
        person("Oleksandr", "Shevchenko", "1991-03-22", **HOME),
        person("Шевченко", "Олександр", "1991-03-22", **OTHER_HOME),
    )


def test_a_frequent_name_and_new_year_alone_do_not_make_two_people_one():
    born = "1985-01-01"

    assert not likely(person("Mohammed", "Ali", born, **HOME), person("Mohammed", "Ali", born, **OTHER_HOME))
    assert likely(person("Mohammed", "Ali", born, **HOME), person("Muhammad", "Ali", born, **HOME))


def test_people_of_one_name_and_town_with_other_birth_dates_are_two():
    one, other = (person("Gurpreet", "Singh", born, locality="Calgary") for born in ("1990-05-06", "1979-11-23"))

    assert not likely(one, other)


def test_a_shared_home_surname_and_telephone_are_a_family_when_birth_dates_differ():
    assert not likely(person("Leila", "Haddad", "1988-04-17", **HOME), person("Samir", "Haddad", "1984-09-02", **HOME))


def test_a_family_registered_on_new_year_is_still_a_family():
    assert not likely(person("Leila", "Haddad", "1985-01-01", **HOME), person("Samir", "Haddad", "1985-01-01", **HOME))


def test_somebody_in_a_family_is_found_as_themself():
    parents = [person("Leila", "Haddad", "1988-04-17", **HOME), person("Samir", "Haddad", "1984-09-02", **HOME)]
    copies = [person("Sameer", "Haddad", "1984-09-02", **HOME), person("Layla", "Hadad", "1988-04-17", **HOME)]
    found = find_duplicates(
        {place: tokens(one, KEY) for place, one in enumerate(parents)},
        {place: tokens(one, KEY) for place, one in enumerate(copies)},
    )

    assert {(pair.left, pair.right) for pair in found} == {(0, 1), (1, 0)}


def test_a_corrected_birthday_of_the_same_year_is_found_at_the_same_home():
    assert likely(person("Leila", "Haddad", "1985-01-01", **HOME), person("Leila", "Haddad", "1985-08-19", **HOME))


def test_a_hundred_people_of_one_name_are_told_apart_by_their_birth_dates():
    draw = random.Random(3)
    born = [f"{draw.randrange(1950, 2006)}-{draw.randrange(2, 13):02}-{draw.randrange(2, 29):02}" for _ in range(100)]
    pool = {place: tokens(person("Gurpreet", "Singh", day), KEY) for place, day in enumerate(born)}
    found = find_duplicates(pool, dict(pool))

    assert len(found) >= 95
    assert all(born[pair.left] == born[pair.right] for pair in found)
