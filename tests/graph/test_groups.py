"""Groups: the best choice by an independent program over every possible group, the rules by property, the story by example."""

import doctest
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

import graph.groups
import graph.groups_problem
import graph.groups_texts
from graph.circles import Apart, WhyApart
from graph.groups import GroupPolicy, GroupProblem, LeftOut, WhyNot, group_faults, group_sizes, solve_groups
from graph.groups_exchanges import dealt, exchanged
from graph.groups_openings import openings
from graph.groups_prices import best_first
from graph.groups_texts import (
    CIRCLE_TEXTS,
    GROUP_TEXTS,
    PAIR_OFFERED,
    PAIR_TEXTS,
    why_not_in_a_circle,
    why_not_in_a_group,
    why_not_in_a_pair,
)
from graph.peers import Alone

EXACT = [
    GroupPolicy(objective, smallest=2, greatest=greatest, floor=floor, gap_permille=0, searches=10_000)
    for objective in ("total_fit", "more_mentees")
    for greatest in (2, 3)
    for floor in (1, 40)
]


@st.composite
def group_problems(draw, mentees=8, mentors=4):
    """Crowds dense enough for groups: most pairs are eligible, most languages, slots and professions in common."""
    size = mentees - draw(st.integers(0, 3)), mentors - draw(st.integers(0, 2))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    mentee, mentor = np.nonzero(random.random(size) < 0.85)
    return GroupProblem(
        mentee,
        mentor,
        random.integers(draw(st.sampled_from((1, 30, 60))), 101, mentee.size),
        *(random.random((people, 2)) < 0.8 for people in size * 2),
        *(random.integers(0, draw(st.integers(1, 2)), people) for people in size),
        random.integers(1, 4, size[1]) if draw(st.booleans()) else None,
    )


def every_group(problem, policy):
    """Yield (mentor, members, value) of every group the rules allow, by trying all sets."""
    fit = {
        (mentee, mentor): points
        for mentee, mentor, points in zip(
            problem.mentee.tolist(), problem.mentor.tolist(), problem.points.tolist(), strict=True
        )
    }
    for mentor in range(problem.mentors):
        could = [e for e in range(problem.mentees) if fit.get((e, mentor), 0) >= policy.floor]
        could = [e for e in could if problem.mentee_profession[e] == problem.mentor_profession[mentor]]
        most = policy.greatest if problem.seats is None else min(policy.greatest, int(problem.seats[mentor]))
        for size in range(policy.smallest, most + 1):
            for members in combinations(could, size):
                speak = problem.mentor_languages[mentor] & problem.mentee_languages[list(members)].all(axis=0)
                free = problem.mentor_slots[mentor] & problem.mentee_slots[list(members)].all(axis=0)
                if speak.any() and free.any():
                    place = 100 if policy.objective == "more_mentees" else 0
                    yield mentor, members, sum(fit[e, mentor] + place for e in members)


def best_by_milp(problem, policy):
    groups = list(every_group(problem, policy))
    if not groups:
        return 0
    uses = np.zeros((problem.mentees + problem.mentors, len(groups)))
    for number, (mentor, members, _) in enumerate(groups):
        uses[[*members, problem.mentees + mentor], number] = 1
    worth = np.array([value for _, _, value in groups], dtype=float)
    whole = np.ones(len(groups))
    answer = milp(-worth, constraints=LinearConstraint(uses, 0, 1), integrality=whole, bounds=Bounds(0, 1))
    return round(-answer.fun)


class TestTheBestGroups:
    @settings(deadline=None, max_examples=50)
    @given(problem=group_problems(), policy=st.sampled_from(EXACT))
    def test_without_a_gap_no_choice_among_all_possible_groups_is_better_and_the_bound_says_so(self, problem, policy):
        result = solve_groups(problem, policy)

        assert result.value == result.bound == best_by_milp(problem, policy)
        assert result.gap_permille == 0

    @settings(deadline=None, max_examples=50)
    @given(problem=group_problems(), policy=st.sampled_from(EXACT), searches=st.integers(0, 3), gap=st.integers(0, 500))
    def test_the_bound_holds_however_soon_the_search_ends(self, problem, policy, searches, gap):
        result = solve_groups(problem, replace(policy, searches=searches, gap_permille=gap))

        assert result.value <= best_by_milp(problem, policy) <= result.bound <= result.bound_by_prices

    @settings(deadline=None, max_examples=50)
    @given(problem=group_problems(9, 4), policy=st.sampled_from([*EXACT, GroupPolicy(smallest=3, greatest=4)]))
    def test_every_result_keeps_the_rules_and_its_prices_prove_the_bound(self, problem, policy):
        assert group_faults(problem, policy, solve_groups(problem, policy)) == ()

    def test_a_pool_too_large_for_one_program_gets_good_groups_and_a_bound_that_still_holds(self):
        points = np.random.default_rng(7).integers(30, 101, (70, 80)).tolist()
        problem, policy = alike(points, 70), GroupPolicy()

        result = solve_groups(problem, policy)

        assert group_faults(problem, policy, result) == ()
        assert result.placed == 80
        assert result.gap_permille <= 50

    @settings(deadline=None, max_examples=25)
    @given(problem=group_problems(), policy=st.sampled_from(EXACT), data=st.data())
    def test_the_order_of_the_pairs_changes_nothing(self, problem, policy, data):
        order = np.array(data.draw(st.permutations(range(problem.mentee.size))), dtype=int)
        columns = {name: getattr(problem, name)[order] for name in ("mentee", "mentor", "points")}

        first, second = solve_groups(problem, policy), solve_groups(replace(problem, **columns), policy)

        assert (first.groups, first.bound, first.left_out) == (second.groups, second.bound, second.left_out)

    @settings(deadline=None, max_examples=25)
    @given(problem=group_problems(), policy=st.sampled_from(EXACT), data=st.data())
    def test_more_seats_free_time_or_a_lower_floor_never_lowers_the_value(self, problem, policy, data):
        before = solve_groups(problem, policy).value

        assert solve_groups(problem, replace(policy, floor=1)).value >= before
        assert solve_groups(replace(problem, seats=None), policy).value >= before
        freer = replace(problem, mentee_slots=np.ones_like(problem.mentee_slots))
        assert solve_groups(freer, policy).value >= before


class TestTheSearch:
    @settings(deadline=None, max_examples=60)
    @given(problem=group_problems(), policy=st.sampled_from(EXACT), data=st.data())
    def test_the_best_come_first_in_every_opening_however_large_the_numbers(self, problem, policy, data):
        offered = openings(problem, policy)
        most = data.draw(st.sampled_from((3, 10**6, 2**59)))
        worth = np.random.default_rng(data.draw(st.integers(0, 99))).integers(-most, most, offered.mentee.size)

        assert best_first(offered, worth).tolist() == np.lexsort((-worth, offered.opening)).tolist()

    @settings(deadline=None, max_examples=60)
    @given(problem=group_problems(9, 4), policy=st.sampled_from(EXACT), data=st.data())
    def test_exchanges_from_any_group_never_lower_the_value_nor_pass_the_best(self, problem, policy, data):
        offered = openings(problem, policy)
        assume(offered.mentor.size)
        first = np.array([data.draw(st.integers(0, offered.mentor.size - 1))])
        before, _ = dealt(offered, first, problem.mentees)
        best = best_by_milp(problem, policy)

        after = exchanged(offered, before, problem.mentees, best)

        value = [int(offered.value[entries].sum()) for entries in (before, after)]
        assert value[0] <= value[1] <= best
        assert np.unique(offered.mentee[after]).size == after.size
        sizes = np.bincount(offered.opening[after], minlength=offered.mentor.size)
        held = np.flatnonzero(sizes)
        assert np.unique(offered.mentor[held]).size == held.size
        assert ((sizes[held] >= policy.smallest) & (sizes[held] <= offered.most[held])).all()

    @settings(deadline=None, max_examples=40)
    @given(problem=group_problems(), policy=st.sampled_from(EXACT))
    def test_the_prices_of_a_deal_prove_that_no_other_deal_over_its_openings_is_better(self, problem, policy):
        offered = openings(problem, policy)
        chosen = np.unique(offered.opening)[:1]
        entries, price = dealt(offered, chosen, problem.mentees)
        of_chosen = np.isin(offered.opening, chosen)
        worth = np.sort((offered.value - price[offered.mentee])[of_chosen])[::-1]
        sizes = range(policy.smallest, int(offered.most[chosen].max(initial=0)) + 1)

        bound = int(price.sum()) + max((int(worth[:size].sum()) for size in sizes), default=0)

        assert int(offered.value[entries].sum()) == bound

    def test_a_mentor_without_a_group_gets_one_where_that_adds_value(self):
        offered = openings(alike([[60] * 10] * 2, 2), GroupPolicy())
        before, _ = dealt(offered, np.array([0]), 10)

        after = exchanged(offered, before, 10, 600)

        assert (before.size, after.size) == (6, 10)


def same(people):
    return [[True]] * people


def alike(rows, mentors=1, **changes):
    """A problem in which everybody shares everything: a row of points per mentor."""
    many = len(rows[0])
    asked = {
        "mentee": list(range(many)) * mentors,
        "mentor": [mentor for mentor in range(mentors) for _ in range(many)],
        "points": [point for row in rows for point in row],
        "mentee_languages": same(many),
        "mentor_languages": same(mentors),
        "mentee_slots": same(many),
        "mentor_slots": same(mentors),
        "mentee_profession": [0] * many,
        "mentor_profession": [0] * mentors,
    }
    return GroupProblem(**asked | changes)


class TestStories:
    def test_seventeen_mentees_become_six_six_and_five(self):
        result = solve_groups(alike([[60] * 17] * 3, 3))

        assert (
            sorted((len(group.members) for group in result.groups), reverse=True) == list(group_sizes(17)) == [6, 6, 5]
        )
        assert (result.placed, result.left_out) == (17, ())

    def test_the_floor_holds_for_each_member_and_not_on_average(self):
        result = solve_groups(alike([[100, 100, 100, 100, 100, 39]]))

        assert result.groups[0].members == (0, 1, 2, 3, 4)
        assert [(one.mentee, one.reason, one.number) for one in result.left_out] == [(5, WhyNot.BELOW_FLOOR, 39)]

    def test_a_group_meets_in_one_slot_not_in_slots_that_differ_from_pair_to_pair(self):
        slots = [[True, False]] * 4 + [[False, True]] * 4
        apart = alike([[80] * 8], mentee_slots=slots, mentor_slots=[[True, True]])

        result = solve_groups(apart)

        assert result.groups == ()
        assert [(one.reason, one.number) for one in result.left_out] == [(WhyNot.TOO_FEW, 4)] * 8

    def test_more_mentees_are_preferred_to_better_fits_only_where_the_policy_says_so(self):
        slots = [[True, False]] * 5 + [[False, True]] * 6
        problem = alike([[100] * 5 + [80] * 6], mentee_slots=slots, mentor_slots=[[True, True]])

        fit, more = solve_groups(problem), solve_groups(problem, GroupPolicy("more_mentees"))

        assert (fit.placed, fit.points, fit.value) == (5, 500, 500)
        assert (more.placed, more.points, more.value) == (6, 480, 1080)

    def test_each_reason_is_the_first_that_holds(self):
        everyone = range(1, 8)
        languages = np.ones((8, 1), dtype=bool)
        slots = np.ones((8, 1), dtype=bool)
        languages[3], slots[4] = False, False
        problem = GroupProblem(
            mentee=[*everyone, 6],
            mentor=[0] * 7 + [1],
            points=[10, 70, 70, 70, 70, 70, 70, 70],
            mentee_languages=languages,
            mentor_languages=same(2),
            mentee_slots=slots,
            mentor_slots=same(2),
            mentee_profession=[0, 0, 9, 0, 0, 0, 7, 0],
            mentor_profession=[0, 7],
            seats=[6, 4],
        )

        told = [(one.mentee, one.reason, one.number) for one in solve_groups(problem).left_out]

        assert told == [
            (0, WhyNot.NOBODY, 0),
            (1, WhyNot.BELOW_FLOOR, 10),
            (2, WhyNot.OTHER_PROFESSION, 0),
            (3, WhyNot.NO_SHARED_LANGUAGE, 0),
            (4, WhyNot.NO_SHARED_SLOT, 0),
            (5, WhyNot.TOO_FEW, 2),
            (6, WhyNot.NO_SEATS, 0),
            (7, WhyNot.TOO_FEW, 2),
        ]

    def test_the_mentee_too_many_is_told_that_the_others_serve_the_whole_better(self):
        told = solve_groups(alike([[90, 80, 70, 60, 50, 45, 44]])).left_out

        assert [(one.mentee, one.reason) for one in told] == [(6, WhyNot.OTHERS_PLACED)]

    @pytest.mark.parametrize("people", [(0, 0), (3, 0), (0, 2), (3, 2)])
    def test_a_pool_with_little_in_it_gets_an_answer(self, people):
        mentees, mentors = people
        tables = [np.ones((size, 1), dtype=bool) for size in (mentees, mentors, mentees, mentors)]

        result = solve_groups(GroupProblem([], [], [], *tables, [0] * mentees, [0] * mentors))

        assert (result.groups, result.bound, result.gap_permille) == ((), 0, 0)
        assert [one.reason for one in result.left_out] == [WhyNot.NOBODY] * mentees


class TestFaults:
    def test_a_changed_result_is_found_out(self):
        problem, policy = alike([[60, 70, 80, 90, 50, 55, 65]]), GroupPolicy()
        good = solve_groups(problem, policy)
        group = good.groups[0]

        for wrong in (
            {"members": group.members[:4], "fits": group.fits[:4]},
            {"fits": (100, *group.fits[1:])},
            {"profession": 1},
        ):
            assert group_faults(problem, policy, replace(good, groups=(replace(group, **wrong),)))
        for wrong in (
            {"placed": 5},
            {"points": good.points + 1},
            {"bound": good.value - 1},
            {"bound": good.bound_by_prices + 1},
            {"bound_by_prices": good.bound_by_prices + 1},
            {"prices": good.prices - 1_000_000},
            {"groups": (group, group)},
        ):
            assert group_faults(problem, policy, replace(good, **wrong))
        assert group_faults(problem, replace(policy, floor=60), good)
        assert group_faults(problem, policy, good) == ()


class TestSizes:
    @settings(deadline=None, max_examples=150)
    @given(people=st.integers(0, 200), smallest=st.integers(1, 8), more=st.integers(0, 5))
    def test_as_many_as_can_be_are_dealt_evenly_into_the_fewest_groups(self, people, smallest, more):
        greatest = smallest + more
        sizes = group_sizes(people, smallest, greatest)

        assert all(smallest <= size <= greatest for size in sizes)
        assert max(sizes, default=0) - min(sizes, default=0) <= 1
        possible = [
            total
            for groups in range(people // smallest + 1)
            for total in range(groups * smallest, groups * greatest + 1)
        ]
        assert sum(sizes) == max(total for total in possible if total <= people)
        assert len(sizes) * greatest - sum(sizes) < greatest

    def test_the_template_of_groups_of_five_to_six(self):
        told = {people: group_sizes(people) for people in (4, 5, 7, 10, 11, 12, 13, 17, 19, 30)}

        assert told == {
            4: (),
            5: (5,),
            7: (6,),
            10: (5, 5),
            11: (6, 5),
            12: (6, 6),
            13: (6, 6),
            17: (6, 6, 5),
            19: (6, 6, 6),
            30: (6, 6, 6, 6, 6),
        }

    @pytest.mark.parametrize("wrong", [(-1, 5, 6), (5.5, 5, 6), (10, 0, 6), (10, 6, 5)])
    def test_sizes_that_say_nothing_are_refused(self, wrong):
        with pytest.raises(ValueError):
            group_sizes(*wrong)


class TestRefusals:
    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"points": [50, 101]}, r"points\[1\] is 101"),
            ({"points": [50, 2.5]}, r"points\[1\] is 2.5"),
            ({"points": [50]}, "points has 1 entries"),
            ({"mentee": [0, 2]}, r"mentee\[1\] is 2"),
            ({"mentor": [0, 1]}, r"mentor\[1\] is 1"),
            ({"mentee": [1, 1]}, r"pair 1 \(mentee 1, mentor 0\) was given before"),
            ({"mentee_languages": [[1], [0]]}, "mentee_languages has type int64"),
            ({"mentee_slots": [[True]]}, "mentee_slots has 1 rows for 2 people"),
            ({"mentor_slots": [[True, False]]}, "mentor_slots has 2 columns, mentee_slots has 1"),
            ({"mentor_profession": [-1]}, r"mentor_profession\[0\] is -1"),
            ({"seats": [-1]}, r"seats\[0\] is -1"),
            ({"seats": [5, 5]}, "seats has 2 entries"),
        ],
    )
    def test_the_first_wrong_entry_is_named(self, changes, said):
        with pytest.raises(ValueError, match=said):
            alike([[50, 60]], **changes)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"objective": "fair"},
            {"smallest": 0},
            {"smallest": 7},
            {"floor": 0},
            {"floor": 101},
            {"searches": -1},
            {"gap_permille": 0.5},
        ],
    )
    def test_a_policy_that_says_nothing_is_refused(self, wrong):
        with pytest.raises(ValueError):
            GroupPolicy(**wrong)


class TestTexts:
    @settings(deadline=None, max_examples=40)
    @given(problem=group_problems(), policy=st.sampled_from(EXACT))
    def test_everyone_in_no_group_is_told_something_in_both_languages(self, problem, policy):
        for one in solve_groups(problem, policy).left_out:
            said = why_not_in_a_group(one)
            assert set(said) == {"en", "fr"}
            assert all(text.endswith(".") and "{" not in text for text in said.values())

    @pytest.mark.parametrize("reason", WhyNot)
    def test_every_reason_for_no_group_is_said_in_both_languages_with_its_number(self, reason):
        said = why_not_in_a_group(LeftOut(3, reason, 37))

        assert set(said) == {"en", "fr"}
        for text in said.values():
            assert ("37" in text) == (reason in (WhyNot.BELOW_FLOOR, WhyNot.TOO_FEW))
            assert "{" not in text
        assert said["en"] != said["fr"]

    @pytest.mark.parametrize("reason", Alone)
    def test_every_reason_for_no_pair_is_said_in_both_languages(self, reason):
        said = why_not_in_a_pair(reason)

        assert set(said) == {"en", "fr"}
        assert said["en"] != said["fr"]

    @pytest.mark.parametrize("reason", WhyApart)
    def test_every_reason_for_no_circle_is_said_in_both_languages_and_offers_the_pair(self, reason):
        alone = why_not_in_a_circle(Apart(3, reason, 41, 62))
        offered = why_not_in_a_circle(Apart(3, reason, 41, 62, partner=5))

        for language in ("en", "fr"):
            assert offered[language] == f"{alone[language]} {PAIR_OFFERED[language]}"
            assert ("41" in alone[language]) == (reason in (WhyApart.OUTLIER, WhyApart.BELOW_FLOOR))
        assert "62" in why_not_in_a_circle(Apart(3, WhyApart.OUTLIER, 41, 62))["fr"]

    def test_no_two_reasons_of_one_kind_say_the_same(self):
        for texts in (GROUP_TEXTS, PAIR_TEXTS, CIRCLE_TEXTS):
            for language in ("en", "fr"):
                assert len({text[language] for text in texts.values()}) == len(texts)


def test_the_examples_hold():
    for module in (graph.groups, graph.groups_problem, graph.groups_texts):
        assert doctest.testmod(module).failed == 0
