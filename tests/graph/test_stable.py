"""Stable rounds: no blocking pair, proven by a check of its own; and their cost, never hidden."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.rounds import RoundPolicy, RoundProblem, solve_round
from graph.stable import blocking_pairs, solve_stable, stable_cost
from tests.graph.round_oracle import POLICIES, alone_by_milp, round_problems


def blocking_by_hand(problem, mentor_of):
    """The definition, read out: two people who would both gain, one loop per pair."""
    fit = {
        (mentee, mentor): points
        for mentee, mentor, points in zip(
            problem.mentee.tolist(), problem.mentor.tolist(), problem.points.tolist(), strict=True
        )
    }
    found = []
    for (mentee, mentor), points in sorted(fit.items()):
        has = int(mentor_of[mentee])
        held = [fit[other, mentor] for other in range(problem.mentees) if mentor_of[other] == mentor]
        mentee_gains = has < 0 or points > fit[mentee, has]
        mentor_gains = len(held) < problem.seats[mentor] or any(points > other for other in held)
        if mentee_gains and mentor_gains:
            found.append((mentee, mentor))
    return tuple(found)


class TestStability:
    @settings(deadline=None, max_examples=150)
    @given(problem=round_problems())
    def test_no_mentee_and_mentor_would_both_rather_have_each_other(self, problem):
        mentor_of = solve_stable(problem).mentor_of

        assert blocking_by_hand(problem, mentor_of) == ()
        assert blocking_pairs(problem, mentor_of) == ()

    @settings(deadline=None, max_examples=100)
    @given(problem=round_problems(), policy=st.sampled_from(POLICIES))
    def test_the_check_finds_the_blocking_pairs_of_any_round(self, problem, policy):
        mentor_of = solve_round(problem, policy).mentor_of

        assert blocking_pairs(problem, mentor_of) == blocking_by_hand(problem, mentor_of)

    @settings(deadline=None, max_examples=80)
    @given(problem=round_problems())
    def test_totals_are_those_of_the_pairs_and_no_mentor_has_more_mentees_than_seats(self, problem):
        stable = solve_stable(problem)
        pairs = zip(problem.mentee.tolist(), problem.mentor.tolist(), strict=True)
        fit = dict(zip(pairs, problem.points.tolist(), strict=True))
        chosen = [(mentee, mentor) for mentee, mentor in enumerate(stable.mentor_of.tolist()) if mentor >= 0]

        assert stable.placed == len(chosen) == stable.placed_by.sum()
        assert stable.points == sum(fit[pair] for pair in chosen) == stable.points_of.sum()
        assert (np.bincount([mentor for _, mentor in chosen], minlength=problem.mentors) <= problem.seats).all()

    def test_equal_fits_are_settled_in_the_order_of_the_people_whatever_the_order_of_the_pairs(self):
        pairs = [(0, 1), (0, 0), (1, 1), (1, 0)]
        for turned in (pairs, pairs[::-1]):
            mentee, mentor = zip(*turned, strict=True)
            problem = RoundProblem(mentee, mentor, [50] * 4, [1, 1], [0, 0], [0, 0])
            assert solve_stable(problem).mentor_of.tolist() == [0, 1]

    def test_an_empty_pool_has_an_empty_stable_round(self):
        stable = solve_stable(RoundProblem([], [], [], [], [], []))

        assert (stable.placed, stable.points, stable.below_alone) == (0, 0, ())


class TestTheCost:
    @settings(deadline=None, max_examples=80)
    @given(problem=round_problems())
    def test_stability_never_places_more_than_the_largest_round_nor_scores_more_than_the_best(self, problem):
        assert stable_cost(problem, RoundPolicy(individual_rationality=False)).placements_lost >= 0
        assert stable_cost(problem, RoundPolicy("total_fit", individual_rationality=False)).points_lost >= 0

    @settings(deadline=None, max_examples=60)
    @given(problem=round_problems())
    def test_organisations_below_alone_are_those_that_an_independent_matching_names(self, problem):
        placed_by = solve_stable(problem).placed_by

        short = [number for number, alone in enumerate(alone_by_milp(problem)) if placed_by[number] < alone]
        assert stable_cost(problem).organisations_below_alone == tuple(short)

    def test_a_guest_who_fits_better_takes_a_seat_its_organisation_needed(self):
        problem = RoundProblem([0, 1], [0, 0], [60, 90], [1], [0, 1], [0])
        cost = stable_cost(problem)

        assert (cost.placements_lost, cost.points_lost, cost.organisations_below_alone) == (0, -30, (0,))


class TestRefusals:
    @pytest.mark.parametrize(
        ("mentor_of", "said"),
        [
            ([0], "2 integers are needed"),
            ([0.0, 0.0], "2 integers are needed"),
            ([0, 1], r"mentor_of\[1\] is 1: not an eligible pair"),
            ([7, 7], r"mentor_of\[0\] is 7: not an eligible pair"),
            ([0, 0], "mentor 0 has more mentees than seats"),
        ],
    )
    def test_a_round_that_cannot_be_is_refused_naming_the_first_offender(self, mentor_of, said):
        problem = RoundProblem([0, 1], [0, 0], [60, 90], [1, 1], [0, 0], [0, 0])

        with pytest.raises(ValueError, match=said):
            blocking_pairs(problem, np.array(mentor_of))
