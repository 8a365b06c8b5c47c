"""Browse shows classes in which nobody can be told apart."""

from collections import Counter
from collections.abc import Hashable, Sequence
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation import deidentify, disclosure
from federation.disclosure import Epoch, covers, publish, size_bucket
from federation.disclosure_lattice import ANY, YEARS_COARSE
from federation.disclosure_rule import satisfies_rule_r
from tests.attacks.networks import network

NOCS = ("2130", "2131", "21300", "2171", "3130", "31301", "13", "7")
REGIONS = ("AB-835", "AB-825", "AB", "ON-535", "ON")
BANDS = tuple(YEARS_COARSE)
ODD: tuple[Any, ...] = (None, "", "*", "nurse", "213000", "２１３０", "-835", 2130, ("2130",))

records = st.fixed_dictionaries(
    {
        "noc": st.sampled_from(NOCS),
        "region": st.sampled_from(REGIONS),
        "years_band": st.sampled_from(BANDS),
        "languages": st.just(("fa", "en")),
        "origin": st.just("IR"),
    }
)
odd_records = st.dictionaries(
    st.sampled_from(("noc", "region", "years_band", "languages", "origin")),
    st.sampled_from(ODD) | st.sampled_from(NOCS + REGIONS + BANDS),
)
pools = st.lists(st.tuples(records | odd_records, st.sampled_from("abcd")), max_size=70)
sizes = st.integers(2, 6)
few = settings(max_examples=150, deadline=None)


def split(pool: Sequence[tuple[dict[str, Any], str]]) -> tuple[list[dict[str, Any]], list[str]]:
    return [record for record, _ in pool], [owner for _, owner in pool]


def seen(epoch: Epoch, names: Sequence[Hashable]) -> tuple[Any, ...]:
    """Tell an epoch by who is in it, whatever the positions."""
    classes = [(dict(cell.shown), sorted(names[one] for one in cell.members)) for cell in epoch.classes]
    return classes, sorted(names[one] for one in epoch.withheld)


def may_be(shown: str, code: Any, ladder: tuple[str, ...]) -> bool:
    return shown == ANY or (isinstance(code, str) and shown in ladder)


@given(pools, sizes)
@few
def test_a_class_has_k_people_and_whoever_takes_its_own_away_is_left_with_none_or_k(pool, k):
    _, owners = split(pool)

    for cell in publish(*split(pool), k).classes:
        assert len(cell.members) >= k
        for organisation in "abcd":
            others = [one for one in cell.members if owners[one] != organisation]
            assert len(others) == 0 or len(others) >= k


@given(pools, sizes)
@few
def test_strictly_any_two_organisations_together_are_left_with_none_or_k(pool, k):
    _, owners = split(pool)

    for cell in publish(*split(pool), k, stricter=True).classes:
        assert len(cell.members) >= k
        for pair in combinations("abcd", 2):
            assert sum(owners[one] not in pair for one in cell.members) not in range(1, k)
        for one in "abcd":
            assert sum(owners[member] != one for member in cell.members) not in range(1, k)


@given(pools, sizes)
@few
def test_everyone_is_in_one_class_or_withheld(pool, k):
    epoch = publish(*split(pool), k)

    found = [member for cell in epoch.classes for member in cell.members] + list(epoch.withheld)
    assert sorted(found) == list(range(len(pool)))


@given(pools, sizes)
@few
def test_what_a_class_shows_is_true_of_each_member(pool, k):
    for cell in publish(*split(pool), k).classes:
        assert list(cell.shown) == ["noc", "region", "years_band"]
        for member in cell.members:
            record = pool[member][0]
            noc, region, years = record.get("noc"), record.get("region"), record.get("years_band")
            assert may_be(cell.shown["noc"], noc, tuple(str(noc)[:digits] for digits in (1, 2, 3, 4)))
            assert may_be(cell.shown["region"], region, (str(region), str(region).partition("-")[0]))
            assert may_be(cell.shown["years_band"], years, (str(years), YEARS_COARSE.get(str(years), ANY)))


@given(pools, sizes, st.randoms(use_true_random=False), st.booleans())
@few
def test_the_order_of_the_input_changes_nothing(pool, k, random, stricter):
    names = list(range(len(pool)))
    random.shuffle(names)

    shuffled = publish(*split([pool[name] for name in names]), k, stricter=stricter)
    assert seen(shuffled, names) == seen(publish(*split(pool), k, stricter=stricter), range(len(pool)))


@given(pools, sizes)
@few
def test_no_two_classes_show_the_same_codes(pool, k):
    shown = Counter(tuple(cell.shown.values()) for cell in publish(*split(pool), k).classes)

    assert all(number == 1 for number in shown.values())


@given(st.lists(st.tuples(records, st.sampled_from("abcd"), st.integers(0, 12)), max_size=60), sizes)
@few
def test_a_person_two_organisations_share_counts_once_and_as_known_to_both(pool, k):
    owners, people = [owner for _, owner, _ in pool], [person for *_, person in pool]
    holders = {person: {owner for _, owner, other in pool if other == person} for person in people}

    for cell in publish([record for record, *_ in pool], owners, k, people=people).classes:
        inside = {people[member] for member in cell.members}
        assert len(inside) >= k
        for organisation in "abcd":
            assert sum(organisation not in holders[person] for person in inside) not in range(1, k)


@given(st.lists(st.sampled_from("abcdefg"), max_size=30), sizes)
def test_rule_r_is_what_it_says(owners, k):
    left = [len(owners) - own for own in Counter(owners).values()]

    assert satisfies_rule_r(owners, k) == (len(owners) >= k and all(others == 0 or others >= k for others in left))


def test_people_of_one_organisation_alone_may_be_shown():
    assert satisfies_rule_r("aaaaa", 5)


def test_one_stranger_among_many_of_ours_is_not_shown():
    assert not satisfies_rule_r("aaaaaaaaab", 5)


def test_two_organisations_that_hide_from_each_other_do_not_hide_from_a_third_that_both_tell():
    assert satisfies_rule_r("aaaaabbbbbc", 5)
    assert not satisfies_rule_r("aaaaabbbbbc", 5, stricter=True)


def test_occupation_detail_is_the_last_to_go():
    pool = [{"noc": "2130", "region": region, "years_band": band} for region in REGIONS for band in BANDS]

    cells = publish(pool, ["a", "b"] * 12 + ["c"], 5).classes
    assert {cell.shown["noc"] for cell in cells} == {"2130"}


def test_codes_that_nobody_knows_are_not_said():
    epoch = publish([{"noc": "nurse", "origin": "IR", "languages": None}] * 5, ["a"] * 5, 5)

    assert epoch.classes[0].shown == {"noc": ANY, "region": ANY, "years_band": ANY}


def test_nobody_makes_an_empty_epoch():
    assert publish([], [], 5) == Epoch((), ())


def test_fewer_than_k_people_are_withheld():
    assert publish([{"noc": "2130"}] * 4, ["a"] * 4, 5).withheld == (0, 1, 2, 3)


@pytest.mark.parametrize("k", [1, 0, -5])
def test_a_class_of_one_is_refused(k: int):
    with pytest.raises(ValueError, match="a person"):
        publish([], [], k)


def test_a_record_without_an_owner_is_refused():
    with pytest.raises(ValueError, match="one each"):
        publish([{"noc": "2130"}], [], 5)


def test_a_record_about_nobody_is_refused():
    with pytest.raises(ValueError, match="people"):
        publish([{"noc": "2130"}], ["a"], 5, people=[])


def test_both_rooms_give_the_same_entry_point():
    assert deidentify.publish is disclosure.publish


@pytest.mark.parametrize(("size", "bucket"), [(5, "5-9"), (9, "5-9"), (10, "10-19"), (19, "10-19"), (20, "20+")])
def test_a_size_is_said_as_a_bucket(size: int, bucket: str):
    assert size_bucket(size) == bucket


@pytest.mark.parametrize(
    ("shown", "code", "answer"),
    [("2130", "21", True), ("21", "2130", True), (ANY, "2130", True), ("2130", "2131", False), ("AB", "AB-835", True)],
)
def test_a_class_answers_for_what_it_holds_and_what_holds_it(shown: str, code: str, answer: bool):
    assert covers(shown, code) is answer


def test_too_few_of_an_occupation_take_in_its_smallest_class_rather_than_lose_a_digit():
    few, fewest, many = (
        [{"noc": "2130", "region": region, "years_band": "6-10"}] * number
        for region, number in (("AB-835", 3), ("ON-535", 5), ("QC-462", 7))
    )

    cells = publish(few + fewest + many, ["a"] * 15, 5).classes
    assert [(len(cell.members), *cell.shown.values()) for cell in cells] == [
        (8, "2130", "*", "*"),
        (7, "2130", "QC-462", "6-10"),
    ]


def test_who_is_left_at_the_end_is_shown_with_the_vaguest_class():
    nurses, cooks = [{"noc": "3130"}] * 6, [{"noc": "6320"}] * 2

    assert len(publish(nurses + cooks, ["a"] * 8, 5).classes[0].members) == 8


@pytest.mark.parametrize("k", [5, 11, 20])
def test_a_network_of_10000_sees_three_digits_for_nine_in_ten_and_hides_at_most_one_in_200(k: int):
    people = network(10_000)

    epoch = people.published(k)
    detailed = sum(len(cell.members) for cell in epoch.classes if len(cell.shown["noc"]) >= 3)
    assert detailed >= 9_000
    assert len(epoch.withheld) <= 50
