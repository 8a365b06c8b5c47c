"""Two epochs side by side show nobody either."""

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.disclosure import Epoch, publish
from federation.disclosure_epochs import publish_after, without
from federation.disclosure_lattice import Codes, finest
from federation.disclosure_rule import satisfies_rule_r

# Drawn as one choice of few: what matters is who meets whom, and small draws are quick to make and to shrink.
RECORDS = [
    {"noc": noc, "region": region, "years_band": band}
    for noc in ("2130", "2131", "2171", "3130", "21")
    for region in ("AB-835", "AB-825", "AB")
    for band in ("0-2", "3-5", "6-10")
]
people = st.tuples(st.sampled_from(RECORDS), st.sampled_from("abcd"))
crowds = st.lists(people, max_size=36)
sizes = st.integers(2, 4)
few = settings(max_examples=60, deadline=None)
Shown = dict[int, dict[str, str]]


def parts(pool: list[tuple[Any, str]]) -> tuple[list[Any], list[str]]:
    return [record for record, _ in pool], [owner for _, owner in pool]


def shown_by(epoch: Epoch) -> Shown:
    return {member: dict(cell.shown) for cell in epoch.classes for member in cell.members}


def following(first: Epoch, crowd: list[Any], newcomers: list[Any], k: int, *, stricter: bool = False) -> Epoch:
    before = shown_by(first)
    everyone = crowd + newcomers
    return publish_after([before.get(place) for place in range(len(everyone))], *parts(everyone), k, stricter=stricter)


@given(crowds, crowds, sizes, st.booleans())
@few
def test_every_step_from_one_class_to_another_is_taken_by_a_crowd(crowd, newcomers, k, stricter):
    _, owners = parts(crowd + newcomers)
    first = publish(*parts(crowd), k, stricter=stricter)
    before, after = shown_by(first), shown_by(following(first, crowd, newcomers, k, stricter=stricter))

    steps = defaultdict(list)
    for place, codes in after.items():
        steps[str(before.get(place)), str(codes)].append(owners[place])
    assert all(satisfies_rule_r(group, k, stricter=stricter) for group in steps.values())


@given(crowds, crowds, sizes, st.sets(st.integers(0, 35), max_size=9))
@few
def test_the_next_epoch_keeps_rule_r_tells_the_truth_and_forgets_nobody(crowd, newcomers, k, gone):
    first = publish(*parts(crowd), k)
    stay = [place for place in range(len(crowd)) if place not in gone]
    everyone = [crowd[place] for place in stay] + newcomers
    before = shown_by(first)
    records, owners = parts(everyone)

    epoch = publish_after([before.get(place) for place in stay] + [None] * len(newcomers), records, owners, k)
    found = [member for cell in epoch.classes for member in cell.members] + list(epoch.withheld)
    assert sorted(found) == list(range(len(everyone)))
    for cell in epoch.classes:
        assert satisfies_rule_r([owners[member] for member in cell.members], k)
        assert all(Codes(**cell.shown).cover(finest(records[member])) for member in cell.members)


@given(crowds, sizes, st.booleans())
@few
def test_when_nobody_comes_or_goes_nobody_vanishes_and_nothing_becomes_coarser(crowd, k, stricter):
    first = publish(*parts(crowd), k, stricter=stricter)

    epoch = following(first, crowd, [], k, stricter=stricter)
    before, after = shown_by(first), shown_by(epoch)
    assert epoch.withheld == first.withheld
    assert all(Codes(**before[place]).cover(Codes(**after[place])) for place in before)


@given(crowds, sizes, st.sets(st.integers(0, 35), max_size=9))
@few
def test_people_of_a_fallen_class_are_never_shown_finer_than_before(crowd, k, gone):
    first = publish(*parts(crowd), k)
    stay = [place for place in range(len(crowd)) if place not in gone]
    records, owners = parts([crowd[place] for place in stay])
    before = shown_by(first)
    fallen = {
        place
        for cell in first.classes
        for place in cell.members
        if not satisfies_rule_r([crowd[one][1] for one in cell.members if one in stay], k)
    }

    after = shown_by(publish_after([before.get(place) for place in stay], records, owners, k))
    for number, place in enumerate(stay):
        if place in fallen and number in after:
            assert Codes(**after[number]).cover(Codes(**before[place]))


def test_one_newcomer_waits_until_there_are_enough_of_her_kind():
    someone = ({"noc": "2130", "region": "AB-835", "years_band": "6-10"}, "a")
    first = publish(*parts([someone] * 8), 5)

    assert following(first, [someone] * 8, [someone], 5).withheld == (8,)
    assert following(first, [someone] * 8, [someone] * 5, 5).withheld == ()


def test_a_class_that_has_grown_is_split_when_parts_and_remainder_hide_everyone():
    here, there = ({"noc": "2130", "region": region, "years_band": "6-10"} for region in ("AB-835", "AB-825"))
    before = {"noc": "2130", "region": "AB", "years_band": "6-10"}
    crowd = [(here, "a")] * 5 + [(there, "a")] * 5

    cells = publish_after([before] * 10, *parts(crowd), 5).classes
    assert [cell.shown["region"] for cell in cells] == ["AB-825", "AB-835"]
    assert len(publish_after([before] * 9, *parts(crowd[:9]), 5).classes) == 1


@given(crowds, sizes, st.sets(st.integers(0, 35), max_size=15))
@few
def test_withdrawals_count_at_once_and_a_class_that_breaks_rule_r_hides(crowd, k, gone):
    _, owners = parts(crowd)
    first = publish(*parts(crowd), k)

    epoch = without(first, gone, owners, k)
    before, after = shown_by(first), shown_by(epoch)
    assert not gone & {*after, *epoch.withheld}
    assert all(after[place] == before[place] for place in after)
    for cell in first.classes:
        rest = [place for place in cell.members if place not in gone]
        assert (set(rest) <= set(after)) == (not rest or satisfies_rule_r([owners[one] for one in rest], k))


def test_a_changed_record_does_not_keep_what_was_shown_of_it():
    with pytest.raises(ValueError, match="newcomer"):
        publish_after([{"noc": "3130", "region": "*", "years_band": "*"}], [{"noc": "2130"}], ["a"], 5)


def test_one_word_about_the_past_is_needed_for_each_record():
    with pytest.raises(ValueError, match="one each"):
        publish_after([], [{"noc": "2130"}], ["a"], 5)
