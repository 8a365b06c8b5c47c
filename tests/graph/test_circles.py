"""Circles: every rule holds for every member, by property; who is left is told why and offered a pair, by example."""

import doctest
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graph.circles
from graph.circles import (
    Apart,
    CirclePolicy,
    CircleProblem,
    WhyApart,
    circle_faults,
    circle_rules,
    solve_circles,
)
from graph.circles_search import search
from graph.circles_seating import NOWHERE, Seating
from graph.groups_texts import why_not_in_a_circle
from graph.peers import PeerProblem

POLICIES = [CirclePolicy(), CirclePolicy(3, 4, floor=1, outlier_gap=5), CirclePolicy(2, 3, floor=60, outlier_gap=100)]


@st.composite
def circle_problems(draw, most=14):
    """Crowds dense enough for circles: most pairs may meet, most points lie above the floor."""
    people = draw(st.integers(0, most))
    everyone = list(combinations(range(people), 2))
    apart = draw(st.sets(st.sampled_from(everyone), max_size=6)) if everyone else set()
    pairs = [pair for pair in everyone if pair not in apart]
    rivals = draw(st.lists(st.sampled_from(everyone), max_size=3)) if everyone else []
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    tables = [random.random((people, 3)) < 0.8 if draw(st.booleans()) else None for _ in range(2)]
    peers = PeerProblem(
        people,
        [one for one, _ in pairs],
        [other for _, other in pairs],
        random.integers(draw(st.sampled_from((1, 30, 55))), 101, len(pairs)),
        np.array(rivals, dtype=int).reshape(-1, 2),
    )
    return CircleProblem(peers, random.random(people) < 0.6, *tables)


class TestCircles:
    @settings(deadline=None, max_examples=60)
    @given(problem=circle_problems(), policy=st.sampled_from(POLICIES))
    def test_every_circle_keeps_every_rule_and_everyone_else_is_told_why(self, problem, policy):
        assert circle_faults(problem, policy, solve_circles(problem, policy)) == ()

    @settings(deadline=None, max_examples=40)
    @given(problem=circle_problems(), policy=st.sampled_from(POLICIES))
    def test_everyone_in_no_circle_is_told_in_both_languages(self, problem, policy):
        for one in solve_circles(problem, policy).apart:
            for text in why_not_in_a_circle(one).values():
                assert text.endswith(".")
                assert "{" not in text

    @settings(deadline=None, max_examples=60)
    @given(problem=circle_problems(), policy=st.sampled_from(POLICIES))
    def test_competitors_never_sit_together_nor_are_they_offered_as_a_pair(self, problem, policy):
        result = solve_circles(problem, policy)

        together = [set(circle.members) for circle in result.circles]
        together += [{one.person, one.partner} for one in result.apart]
        assert not any(set(rivals) <= circle for rivals in problem.peers.competitors.tolist() for circle in together)

    @settings(deadline=None, max_examples=60)
    @given(problem=circle_problems(), policy=st.sampled_from(POLICIES), data=st.data())
    def test_the_order_and_direction_of_the_pairs_change_nothing(self, problem, policy, data):
        peers = problem.peers
        order = np.array(data.draw(st.permutations(range(peers.one.size))), dtype=int)
        turned = replace(peers, one=peers.other[order], other=peers.one[order], points=peers.points[order])

        first, second = solve_circles(problem, policy), solve_circles(replace(problem, peers=turned), policy)

        assert (first.circles, first.apart) == (second.circles, second.apart)

    @settings(deadline=None, max_examples=60)
    @given(problem=circle_problems(), policy=st.sampled_from(POLICIES))
    def test_the_search_never_ends_below_what_it_began_with_and_more_of_it_never_lowers_the_total(
        self, problem, policy
    ):
        rules = circle_rules(problem, policy)
        grown = Seating(rules)
        grown.grow()
        settled, renewed = search(rules, policy.passes, 0), search(rules, policy.passes, policy.renewals)

        assert grown.value.sum() <= settled.value.sum() <= renewed.value.sum()
        assert renewed.value.sum() == solve_circles(problem, policy).points

    @settings(deadline=None, max_examples=60)
    @given(problem=circle_problems(), policy=st.sampled_from(POLICIES))
    def test_what_is_kept_along_stays_true_however_often_circles_change(self, problem, policy):
        rules = circle_rules(problem, policy)
        seating = search(rules, policy.passes, policy.renewals)

        for number in range(seating.circles):
            members = seating.circle(number)
            row = rules.rows([members])
            square = rules.points[np.ix_(members, members)]
            assert np.flatnonzero(seating.where == number).tolist() == sorted(members)
            assert seating.own[members].tolist() == square.sum(axis=0).tolist()
            assert (seating.total[number], seating.sizes[number]) == (square.sum(), len(members))
            assert seating.value[number] == rules.values(row)[0] > 0
            assert (seating.sums[number] == rules.points[members, :-1].sum(axis=0)).all()
            assert (seating.apart[number] == rules.apart[members, :-1].sum(axis=0)).all()
        assert not seating.sums[seating.circles :].any()

    @settings(deadline=None, max_examples=60)
    @given(problem=circle_problems(10), policy=st.sampled_from(POLICIES))
    def test_no_exchange_of_two_people_is_left_that_would_raise_the_total(self, problem, policy):
        rules = circle_rules(problem, policy)
        seating = search(rules, 1_000, 0)

        for one, other in combinations(range(problem.peers.people), 2):
            homes = {int(seating.where[person]) for person in (one, other)}
            swap = {one: other, other: one}
            before = [seating.circle(number) for number in homes - {NOWHERE}]
            after = [[swap.get(member, member) for member in circle] for circle in before]
            worth = rules.values(rules.rows(after)) if after else np.zeros(1)
            assert len(homes) == 1 or not worth.all() or worth.sum() <= rules.values(rules.rows(before)).sum()

    @settings(deadline=None, max_examples=60)
    @given(problem=circle_problems())
    def test_whoever_is_offered_a_pair_is_offered_one_above_the_floor_by_both(self, problem):
        result = solve_circles(problem)

        partner = {one.person: one.partner for one in result.apart if one.partner >= 0}
        one, other, points = (column.tolist() for column in problem.peers.allowed)
        fit = dict(zip(zip(one, other, strict=True), points, strict=True))
        assert all(partner[second] == first for first, second in partner.items())
        assert all(fit[min(pair), max(pair)] >= 40 for pair in partner.items())

    @settings(deadline=None, max_examples=60)
    @given(people=st.integers(0, 40), points=st.integers(40, 100))
    def test_where_all_are_alike_as_many_sit_as_circles_of_four_to_six_can_hold(self, people, points):
        result = solve_circles(alike(people, points))

        assert result.placed == (people if people not in (1, 2, 3, 7) else 6 if people == 7 else 0)

    def test_no_bound_is_claimed(self):
        assert solve_circles(alike(12)).bound is None


def alike(people, points=80, changed=None, facilitates=None, **tables):
    """Everyone fits everyone with the same points, except the pairs changed; 0 takes a pair away."""
    fit = dict.fromkeys(combinations(range(people), 2), points) | (changed or {})
    kept = {pair: value for pair, value in fit.items() if value}
    peers = PeerProblem(people, [one for one, _ in kept], [other for _, other in kept], list(kept.values()))
    return CircleProblem(peers, np.ones(people, dtype=bool) if facilitates is None else facilitates, **tables)


class TestStories:
    def test_a_lone_outlier_is_told_why_and_offered_a_pair(self):
        """Person 5 fits the five others at 45, they each other at 90; person 6 knows only person 5."""
        far = {(one, 5): 45 for one in range(5)} | {(one, 6): 0 for one in range(5)} | {(5, 6): 80}

        result = solve_circles(alike(7, 90, far))

        assert [circle.members for circle in result.circles] == [(0, 1, 2, 3, 4)]
        assert result.apart == (
            Apart(5, WhyApart.OUTLIER, fit=45, next_fit=81, partner=6),
            Apart(6, WhyApart.NO_CIRCLE, partner=5),
        )

    def test_two_who_are_different_together_are_no_lone_outliers(self):
        far = {(one, other): 50 for one in range(4) for other in (4, 5)}

        assert solve_circles(alike(6, 90, far)).placed == 6

    def test_a_circle_without_somebody_who_could_facilitate_is_not_opened(self):
        nobody = solve_circles(alike(6, facilitates=[False] * 6))
        last = solve_circles(alike(6, facilitates=[False] * 5 + [True]))

        assert (nobody.circles, {one.reason for one in nobody.apart}) == ((), {WhyApart.NO_CIRCLE})
        assert [circle.facilitator for circle in last.circles] == [5]

    def test_of_those_who_could_the_best_fitting_one_facilitates(self):
        better = {(2, other): 95 for other in (3, 4)}

        assert solve_circles(alike(5, 80, better, [True, True, True, False, False])).circles[0].facilitator == 2

    def test_a_circle_meets_in_one_slot_not_in_slots_that_differ_from_pair_to_pair(self):
        """Every two of the four share a slot; all four share none."""
        slots = [[slot != person for slot in range(4)] for person in range(4)]

        result = solve_circles(alike(4, slots=slots))

        assert result.circles == ()
        assert {one.reason for one in result.apart} == {WhyApart.NO_CIRCLE}
        assert {one.partner for one in result.apart} == {0, 1, 2, 3}

    def test_the_seventh_is_told_that_the_circle_is_full(self):
        assert [one.reason for one in solve_circles(alike(7)).apart] == [WhyApart.NO_ROOM]

    def test_each_other_reason_is_told(self):
        languages = [[True, False]] * 8
        languages[6] = [False, True]
        alone = {(min(one, other), max(one, other)): 0 for one in range(8) for other in (4, 5) if one != other}
        low = {(one, 7): 30 for one in range(7)} | {(4, 7): 0, (5, 7): 0}
        problem = alike(8, 80, alone | low | {(0, 5): 60}, languages=languages)
        problem = replace(problem, peers=replace(problem.peers, competitors=[[0, 5]]))

        told = {one.person: (one.reason, one.fit) for one in solve_circles(problem).apart}

        assert told == {
            4: (WhyApart.NOBODY, 0),
            5: (WhyApart.ONLY_COMPETITORS, 0),
            6: (WhyApart.NO_COMMON_TIME, 0),
            7: (WhyApart.BELOW_FLOOR, 30),
        }


class TestFaults:
    def test_a_changed_result_is_found_out(self):
        problem, policy = alike(6, 80, {(0, 1): 60}), CirclePolicy()
        good = solve_circles(problem, policy)
        circle = good.circles[0]
        wrong_circles = (
            replace(circle, members=circle.members[:3], fits=circle.fits[:3]),
            replace(circle, fits=(100, *circle.fits[1:])),
            replace(circle, facilitator=9),
        )

        for wrong in (*({"circles": (one,)} for one in wrong_circles), {"points": 1}, {"circles": (circle, circle)}):
            assert circle_faults(problem, policy, replace(good, **wrong))
        rivals = replace(problem, peers=replace(problem.peers, competitors=[[2, 3]]))
        for changed in (
            rivals,
            replace(problem, slots=np.eye(6, dtype=bool)),
            replace(problem, facilitates=np.zeros(6, dtype=bool)),
        ):
            assert circle_faults(changed, policy, good)
        assert circle_faults(problem, replace(policy, floor=77), good)
        assert circle_faults(alike(6, 80, {(0, one): 50 for one in range(1, 6)}), policy, good)
        assert circle_faults(problem, policy, good) == ()


class TestRefusals:
    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"facilitates": [True, False]}, "facilitates has 2 rows for 3 people"),
            ({"facilitates": [1, 0, 1]}, "facilitates has type int64"),
            ({"languages": [[True]] * 2}, "languages has 2 rows for 3 people"),
            ({"slots": [True] * 3}, "slots has type bool in 1 dimensions"),
            ({"peers": PeerProblem(5_001, [], [], [])}, "5001 people: 5000 is the most"),
        ],
    )
    def test_the_first_wrong_table_is_named(self, changes, said):
        with pytest.raises(ValueError, match=said):
            replace(alike(3), **changes)

    @pytest.mark.parametrize("wrong", [(1, 6), (5, 4), (4, 6, 0), (4, 6, 101), (4, 6, 40, -1), (4, 6, 40, 20, 1.5)])
    def test_a_policy_that_says_nothing_is_refused(self, wrong):
        with pytest.raises(ValueError):
            CirclePolicy(*wrong)


def test_the_examples_hold():
    assert doctest.testmod(graph.circles).failed == 0
