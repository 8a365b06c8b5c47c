"""The bounds of a round: nobody worse off, imports and exports in balance, gifts outside."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.certificate import GuaranteePrice
from graph.flow import minimum_cost_circulation
from graph.round_network import Worth, build
from graph.rounds import RoundPolicy, RoundProblem, solve_round, witness_pairs
from tests.graph.round_oracle import POLICIES, alone_by_milp, round_problems, rows_of

FAIR = [policy for policy in POLICIES if policy.individual_rationality]


class TestNobodyWorseOff:
    @settings(deadline=None, max_examples=150)
    @given(
        problem=round_problems(),
        objective=st.sampled_from(("most_mentees", "total_fit")),
        balance=st.none() | st.integers(0, 2),
    )
    def test_no_organisation_places_fewer_than_it_would_alone(self, problem, objective, balance):
        result = solve_round(problem, RoundPolicy(objective, net_balance=balance))

        assert result.placed_alone.tolist() == alone_by_milp(problem)
        assert (result.placed_by >= result.placed_alone).all()

    @settings(deadline=None, max_examples=150)
    @given(problem=round_problems())
    def test_the_guarantee_costs_no_placement(self, problem):
        fair, free = solve_round(problem), solve_round(problem, RoundPolicy(individual_rationality=False))

        assert fair.placed == free.placed
        assert fair.points <= free.points

    def test_the_best_round_without_it_can_harm_the_organisation_that_shares_most(self):
        """Organisation 0 owns every mentor; its mentees score 40 less than those of organisation 1."""
        mentee, mentor = [who for who in range(8) for _ in range(4)], list(range(4)) * 8
        points = [50 if who < 4 else 90 for who in mentee]
        problem = RoundProblem(mentee, mentor, points, [1] * 4, [0] * 4 + [1] * 4, [0] * 4)

        free, fair = solve_round(problem, RoundPolicy(individual_rationality=False)), solve_round(problem)

        assert free.placed_by.tolist() == [0, 4]
        assert fair.placed_by.tolist() == [4, 0]
        (price,) = fair.certificate.prices
        assert (price.organisation, price.bound, price.placements, price.points) == (0, 4, 0, 40)

    @settings(deadline=None, max_examples=150)
    @given(
        problem=round_problems(),
        policy=st.sampled_from(FAIR),
    )
    def test_giving_up_one_guaranteed_placement_earns_at_most_its_price(self, problem, policy):
        result = solve_round(problem, policy)
        network = build(problem, policy, result.placed_alone)
        best = int(network.arcs.cost @ result.certificate.flow)
        price_of = {price.organisation: price for price in result.certificate.prices}

        for number in np.flatnonzero(result.placed_alone).tolist():
            fewer = result.placed_alone.copy()
            fewer[number] -= 1
            arcs = build(problem, policy, fewer).arcs
            flow, _ = minimum_cost_circulation(arcs)
            price = price_of.get(number)
            most_gained = network.worth.placement * price.placements + price.points if price else 0
            assert best - int(arcs.cost @ flow) <= most_gained

    @pytest.mark.parametrize("more", [1, 9, 40])
    def test_a_guarantee_costs_what_the_pair_across_would_have_earned_more(self, more):
        (price,) = solve_round(RoundProblem([0, 1], [0, 0], [60, 60 + more], [1], [0, 1], [0])).certificate.prices

        assert price == GuaranteePrice(organisation=0, bound=1, placements=0, points=more)

    def test_a_guarantee_that_costs_nothing_has_no_price(self):
        assert solve_round(RoundProblem([0, 1], [0, 0], [60, 60], [1], [0, 1], [0])).certificate.prices == ()

    def test_without_the_guarantee_no_bound_and_no_price_is_certified(self):
        problem = RoundProblem([0, 1], [0, 0], [60, 90], [1], [0, 1], [0])

        result = solve_round(problem, RoundPolicy(individual_rationality=False))

        assert result.placed_alone.tolist() == [1, 0]
        assert (result.certificate.bounds.tolist(), result.certificate.prices) == ([0, 0], ())

    @settings(deadline=None, max_examples=80)
    @given(problem=round_problems(), policy=st.sampled_from(POLICIES))
    def test_witness_pairs_are_enough_for_every_guarantee(self, problem, policy):
        kept = witness_pairs(problem)
        small = replace(problem, mentee=problem.mentee[kept], mentor=problem.mentor[kept], points=problem.points[kept])

        assert len(set(small.mentee.tolist())) == small.pairs
        assert solve_round(small, policy).placed_alone.tolist() == solve_round(problem, policy).placed_alone.tolist()


class TestBalance:
    @settings(deadline=None, max_examples=150)
    @given(problem=round_problems(), fair=st.booleans(), limit=st.integers(0, 2))
    def test_imports_and_exports_differ_by_no_more_than_the_limit_once_gifts_are_credited(self, problem, fair, limit):
        result = solve_round(problem, RoundPolicy(individual_rationality=fair, net_balance=limit))

        receives, gifts, lends = rows_of(problem)
        chosen = result.mentor_of[problem.mentee] == problem.mentor
        surplus = (receives - lends) @ chosen
        assert (surplus >= -limit).all()
        assert np.maximum(surplus - limit, 0).sum() <= gifts.sum(axis=0) @ chosen

    def test_a_gift_may_be_credited_to_the_organisation_it_reaches_through_another(self):
        """0's mentee meets 1's mentor because the donated mentor serves 1's mentee: nobody gave more than it got."""
        problem = RoundProblem([0, 1], [0, 1], [90, 90], [1, 1], [0, 1], [1, -1])

        result = solve_round(problem, RoundPolicy(net_balance=0))

        assert result.mentor_of.tolist() == [0, 1]

    def test_a_balance_of_zero_exchanges_only_one_for_one(self):
        both_ways = RoundProblem([0, 1], [1, 0], [90, 90], [1, 1], [0, 1], [0, 1])
        one_way = RoundProblem([0], [0], [90], [1, 1], [0, 1], [1, 1])

        exact = RoundPolicy(net_balance=0)
        assert solve_round(both_ways, exact).placed == 2
        assert solve_round(one_way, exact).placed == 0
        assert solve_round(one_way, RoundPolicy(net_balance=1)).placed == 1

    @pytest.mark.parametrize(
        ("owner", "donated"),
        [(-1, None), (2, None), (1, [True])],
        ids=["nobody's", "of an organisation without mentees", "given by its organisation"],
    )
    def test_a_donated_mentor_helps_anyone_outside_every_account(self, owner, donated):
        flags = None if donated is None else np.array(donated)
        problem = RoundProblem([0, 1], [0, 0], [90, 50], [1], [0, 1], [owner], donated=flags)

        result = solve_round(problem, RoundPolicy(net_balance=0))

        assert result.mentor_of.tolist() == [0, -1]
        assert result.placed_alone[:2].tolist() == [0, 0]
        assert result.placed_across[0] == 1


class TestWorth:
    @given(
        placement=st.integers(1, 10**9),
        tie_break=st.integers(1, 10**6),
        placements=st.integers(0, 3),
        share=st.integers(-49, 49),
    )
    def test_a_price_splits_back_into_placements_and_points(self, placement, tie_break, placements, share):
        points = placement * abs(share) // 100 * (1 if share > 0 else -1)

        price = (placements * placement + points) * tie_break
        assert Worth(placement, tie_break).split(price) == (placements, points)
        assert Worth(0, tie_break).split(points * tie_break) == (0, points)

    @settings(deadline=None)
    @given(problem=round_problems())
    def test_no_points_of_a_whole_round_are_worth_a_placement(self, problem):
        most_placed = min(problem.mentees, int(problem.seats.sum()))

        assert build(problem, RoundPolicy(), np.zeros(4, dtype=np.int64)).worth.placement > 100 * most_placed
