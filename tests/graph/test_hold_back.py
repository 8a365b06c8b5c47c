"""Hold-back: scarce mentors cost outsiders points; no promise moves, no placement is lost, and 0 is exactly as before."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.hold_back import held_back, prices, scarcity
from graph.repair import RoundState
from graph.round_network import placed_alone
from graph.rounds import RoundPolicy, RoundProblem, round_faults, solve_round
from graph.standing import repair_standing
from tests.graph.round_oracle import POLICIES, most, round_problems

OBJECTIVES = ("most_mentees", "total_fit")
FREE = {"individual_rationality": False}


PERCENT = st.integers(0, 100)


@st.composite
def scarce_problems(draw, percent=PERCENT):
    problem = draw(round_problems())
    return replace(problem, scarcity=draw(st.lists(percent, min_size=problem.mentors, max_size=problem.mentors)))


policies = st.builds(
    lambda policy, points: replace(policy, hold_back=points), st.sampled_from(POLICIES), st.integers(0, 100)
)


def outside(problem):
    home = problem.home()[problem.mentor]
    return (home >= 0) & (home != problem.mentee_organisation[problem.mentee])


def pairs_of(problem):
    return dict(
        zip(zip(problem.mentee.tolist(), problem.mentor.tolist(), strict=True), problem.points.tolist(), strict=True)
    )


@settings(deadline=None, max_examples=200)
@given(scarce_problems(), policies)
def test_the_price_comes_off_outside_pairs_in_whole_points_and_leaves_own_pairs_alone(problem, policy):
    weighed = pairs_of(held_back(problem, policy))

    price = prices(problem, policy)
    for (pair, points), out in zip(pairs_of(problem).items(), outside(problem).tolist(), strict=True):
        left = points - int(price[pair[1]]) if out else points
        expected = (left if left > 0 else None) if policy.objective == "total_fit" else max(left, 1)
        assert weighed.get(pair) == expected


@settings(deadline=None, max_examples=150)
@given(scarce_problems(), policies)
def test_what_an_organisation_can_do_alone_is_untouched(problem, policy):
    alone = placed_alone(problem).tolist()

    assert placed_alone(held_back(problem, policy)).tolist() == alone
    found = solve_round(problem, policy)
    assert found.placed_alone.tolist() == alone
    if policy.individual_rationality:
        assert (found.placed_by >= found.placed_alone).all()


@settings(deadline=None, max_examples=100)
@given(scarce_problems(), st.sampled_from(POLICIES))
def test_holding_back_nothing_changes_no_byte(problem, policy):
    plain = replace(problem, scarcity=None)

    found, before = solve_round(problem, policy), solve_round(plain, policy)

    assert held_back(problem, policy) is problem
    assert found.mentor_of.tobytes() == before.mentor_of.tobytes()
    assert found.certificate.flow.tobytes() == before.certificate.flow.tobytes()
    assert found.certificate.potentials.tobytes() == before.certificate.potentials.tobytes()
    assert found.certificate.digest == before.certificate.digest


@settings(deadline=None, max_examples=60)
@given(round_problems(), policies)
def test_a_mentor_who_is_not_scarce_is_not_held_back(problem, policy):
    nobody_scarce = replace(problem, scarcity=np.zeros(problem.mentors, dtype=np.int64))

    assert held_back(problem, policy) is problem
    assert held_back(nobody_scarce, policy) is nobody_scarce
    before = solve_round(problem, replace(policy, hold_back=0)).mentor_of
    assert solve_round(nobody_scarce, policy).mentor_of.tobytes() == before.tobytes()


@settings(deadline=None, max_examples=150)
@given(scarce_problems(), policies)
def test_the_round_is_proven_and_its_points_are_counted_in_full(problem, policy):
    found = solve_round(problem, policy)

    assert round_faults(problem, policy, found) == ()
    whole = pairs_of(problem)
    met = [(mentee, mentor) for mentee, mentor in enumerate(found.mentor_of.tolist()) if mentor >= 0]
    assert found.points == sum(whole[pair] for pair in met)
    assert found.points_of.tolist() == [
        whole.get((mentee, int(found.mentor_of[mentee])), 0) for mentee in range(problem.mentees)
    ]


@settings(deadline=None, max_examples=100)
@given(scarce_problems(), st.integers(0, 100))
def test_most_mentees_loses_no_placement_to_a_price(problem, points):
    plain, held = RoundPolicy(), RoundPolicy(hold_back=points)

    assert solve_round(problem, held).placed == solve_round(problem, plain).placed


@settings(deadline=None, max_examples=100)
@given(scarce_problems(), st.integers(0, 100))
def test_the_greatest_fit_after_prices_is_what_an_integer_program_finds(problem, points):
    policy = RoundPolicy("total_fit", **FREE, hold_back=points)

    found = solve_round(problem, policy)

    price = np.where(outside(problem), prices(problem, policy)[problem.mentor], 0)
    chosen = found.mentor_of[problem.mentee] == problem.mentor
    assert int((problem.points - price)[chosen].sum()) == most(problem, problem.points - price)


@settings(deadline=None, max_examples=100)
@given(
    scarce_problems(st.sampled_from([0, 100])), st.integers(0, 100), st.integers(0, 100), st.sampled_from(OBJECTIVES)
)
def test_a_higher_price_never_raises_the_fit_and_never_places_more_outsiders_with_scarce_mentors(
    problem, one, other, objective
):
    low, high = sorted((one, other))

    def measured(points):
        found = solve_round(problem, RoundPolicy(objective, **FREE, hold_back=points))
        chosen = (found.mentor_of[problem.mentee] == problem.mentor) & outside(problem)
        return found.points, int((problem.scarcity[problem.mentor[chosen]] > 0).sum())

    (more_fit, more_outside), (less_fit, less_outside) = measured(low), measured(high)
    if objective == "total_fit":
        assert less_outside <= more_outside or low == high
        assert less_fit <= more_fit
    else:
        assert less_fit <= measured(0)[0]


@settings(deadline=None, max_examples=100)
@given(scarce_problems(), policies)
def test_a_round_that_held_back_stands_and_is_repaired_as_it_stands(problem, policy):
    found = solve_round(problem, policy)

    repaired = repair_standing(problem, policy, found.mentor_of, moving=False)

    assert not repaired.refused
    assert repaired.moves == ()
    if prices(problem, policy).any():
        with pytest.raises(ValueError, match="held mentors back"):
            RoundState(problem, policy, found)


def test_a_scarce_seat_goes_to_the_outsider_only_when_the_fit_is_worth_the_price():
    # One seat of organisation 0: its own mentee fits with 60, the outsider with 70.
    problem = RoundProblem([0, 1], [0, 0], [60, 70], [1], [0, 1], [0], scarcity=[50])
    policy = RoundPolicy("total_fit", **FREE)

    assert solve_round(problem, replace(policy, hold_back=10)).mentor_of.tolist() == [-1, 0]
    assert solve_round(problem, replace(policy, hold_back=40)).mentor_of.tolist() == [0, -1]


def test_under_total_fit_a_seat_stays_empty_for_who_is_expected():
    problem = RoundProblem([1], [0], [30], [1], [0, 1], [0], scarcity=[100])

    assert solve_round(problem, RoundPolicy("total_fit", hold_back=30)).placed == 0
    assert solve_round(problem, RoundPolicy("most_mentees", hold_back=30)).placed == 1
    assert solve_round(problem, RoundPolicy("total_fit", hold_back=29)).points == 30


def test_a_donated_mentor_is_nobodys_and_is_not_held_back():
    problem = RoundProblem([1], [0], [30], [1], [0, 1], [0], donated=np.array([True]), scarcity=[100])

    assert prices(problem, RoundPolicy(hold_back=50)).tolist() == [0]


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 1_000), st.integers(1, 365), st.integers(1, 400))
def test_scarcity_is_a_percentage_that_falls_with_seats_and_rises_with_arrivals(arrivals, seats, ahead, counted):
    def of(more_arrivals, more_seats):
        return scarcity(arrivals + more_arrivals, seats + more_seats, ahead_days=ahead, counted_days=counted)

    assert 0 <= of(0, 0) <= 100
    assert of(0, 1) <= of(0, 0) <= of(1, 0)
    assert (of(0, 0) == 100) == (arrivals > 0 and seats == 0)


@pytest.mark.parametrize(("column", "named"), [([101], "scarcity"), ([-1], "scarcity"), ([1, 1], "scarcity has 2")])
def test_a_scarcity_that_is_no_percentage_of_each_mentor_is_refused(column, named):
    with pytest.raises(ValueError, match=named):
        RoundProblem([0], [0], [50], [1], [0], [0], scarcity=column)


@pytest.mark.parametrize("points", [-1, 101, 1.5, True])
def test_a_price_that_is_no_whole_number_of_points_is_refused(points):
    with pytest.raises(ValueError, match="hold_back"):
        RoundPolicy(hold_back=points)
