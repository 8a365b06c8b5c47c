"""In stages a round is as good as at once, and its one proof is accepted; numbers too large for one cost are no refusal."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.certificate import certificate_faults, check_certificate
from graph.flow import InfeasibleFlowError, fits, minimum_cost_circulation
from graph.round_network import build, placed_alone
from graph.rounds import RoundPolicy, RoundProblem, round_faults, solve_round
from graph.stages import best_only, cheapest, in_stages
from graph.standing import repair_standing
from tests.graph.round_oracle import POLICIES, round_problems

EVER = 2**31 - 1
"""Waiting so long that a few hundred people are too many for one cost."""


@st.composite
def waiting_networks(draw):
    problem = draw(round_problems())
    waited = draw(st.lists(st.integers(0, 9), min_size=problem.mentees, max_size=problem.mentees))
    policy = replace(draw(st.sampled_from(POLICIES)), even_load=draw(st.sampled_from((0, 0, 7))))
    network = build(replace(problem, rounds_waited=waited), policy, placed_alone(problem))
    # A greater tie-break is as true; the least there is leaves so few people no room for two prices.
    value, waits = np.divmod(-network.arcs.cost, network.worth.tie_break)
    arcs = replace(network.arcs, cost=-value * 1000 - waits)
    return replace(network, arcs=arcs, worth=replace(network.worth, tie_break=1000))


def long_waits(seed, people=700, organisations=5):
    """A pool of two pairs a mentee in which some have waited for ever."""
    random = np.random.default_rng(seed)
    key = np.unique(np.repeat(np.arange(people), 2) * people + random.integers(0, people, 2 * people))
    return RoundProblem(
        mentee=key // people,
        mentor=key % people,
        points=random.integers(1, 4, key.size),
        seats=random.integers(0, 2, people),
        mentee_organisation=random.integers(0, organisations, people),
        mentor_organisation=random.integers(-1, organisations, people),
        rounds_waited=random.integers(0, 2, people) * EVER,
    )


@settings(deadline=None, max_examples=200)
@given(waiting_networks())
def test_in_stages_the_cost_is_the_same_and_one_proof_holds_for_all(network):
    at_once, _ = minimum_cost_circulation(network.arcs)

    flow, potentials = in_stages(network)

    assert int(network.arcs.cost @ flow) == int(network.arcs.cost @ at_once)
    assert certificate_faults(network.arcs, flow, potentials) == ()
    assert potentials.max(initial=0) <= 0


@settings(deadline=None, max_examples=100)
@given(waiting_networks(), st.data())
def test_what_is_left_of_a_network_are_its_cheapest_circulations_and_no_others(network, data):
    arcs = network.arcs
    best, potentials = minimum_cost_circulation(arcs)
    drawn = data.draw(st.lists(st.integers(-9, 9), min_size=len(arcs), max_size=len(arcs)))

    left = best_only(arcs, potentials, np.array(drawn, dtype=np.int64))
    flow, _ = minimum_cost_circulation(left)

    assert ((left.lower <= best) & (best <= left.upper)).all()
    assert int(arcs.cost @ flow) == int(arcs.cost @ best)
    assert int(left.cost @ flow) <= int(left.cost @ best)
    assert check_certificate(arcs, flow, potentials)


@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_a_round_too_large_for_one_cost_is_solved_and_proven(policy):
    policy = replace(policy, longest_wait=EVER)
    problem = long_waits(1)
    network = build(problem, policy, placed_alone(problem))

    result = solve_round(problem, policy)

    assert fits(network.arcs) == (policy.objective == "total_fit")
    assert round_faults(problem, policy, result) == ()
    plain = solve_round(problem, replace(policy, longest_wait=0))
    assert result.points == plain.points
    assert result.placed == plain.placed or policy.objective == "total_fit"
    waited = problem.rounds_waited > 0
    assert (result.mentor_of[waited] >= 0).sum() >= (plain.mentor_of[waited] >= 0).sum()


def test_who_waited_is_preferred_as_in_a_round_that_fits():
    problem, policy = long_waits(2), RoundPolicy(longest_wait=EVER)
    short = replace(problem, rounds_waited=np.minimum(problem.rounds_waited, 1))

    waited = problem.rounds_waited > 0
    served = [int((solve_round(one, policy).mentor_of[waited] >= 0).sum()) for one in (problem, short)]
    assert served[0] == served[1]


def test_a_round_too_large_for_one_cost_is_repaired_as_it_stands():
    problem, policy = long_waits(3), RoundPolicy(longest_wait=EVER)
    standing = solve_round(problem, policy).mentor_of

    for moving in (False, True):
        assert repair_standing(problem, policy, standing, moving=moving).moves == ()


def test_what_fits_is_solved_at_once():
    problem = RoundProblem([0, 1], [0, 0], [80, 80], [1], [0, 0], [0], rounds_waited=[0, 1])
    network = build(problem, RoundPolicy(), placed_alone(problem))

    for one, other in zip(cheapest(network), minimum_cost_circulation(network.arcs), strict=True):
        assert one.tobytes() == other.tobytes()


def test_bounds_that_contradict_each_other_are_refused_in_stages_too():
    problem = RoundProblem([0, 1], [0, 0], [50, 60], [1], [0, 1], [0], rounds_waited=[0, 1])

    with pytest.raises(InfeasibleFlowError):
        in_stages(build(problem, RoundPolicy(), np.array([1, 1])))


def test_prices_that_64_bits_do_not_hold_in_stages_either_are_refused():
    with pytest.raises(ValueError, match="in stages either"):
        solve_round(long_waits(4, people=8_000), RoundPolicy(longest_wait=EVER))


def test_a_tie_break_too_small_to_break_ties_only_is_refused_not_certified():
    # Three seats go round three organisations: all three waiting mentees are served, a point less, or none of them is.
    columns = [0, 1, 2, 3, 4, 5], [0, 0, 1, 1, 2, 2], [50, 51, 50, 50, 50, 50]
    problem = RoundProblem(*columns, [1] * 3, [0, 1, 1, 2, 2, 0], [0, 1, 2], rounds_waited=[1, 0, 1, 0, 1, 0])
    network = build(problem, RoundPolicy(), placed_alone(problem))
    value, waits = np.divmod(-network.arcs.cost, network.worth.tie_break)
    small = replace(
        network, arcs=replace(network.arcs, cost=-value * 2 - waits), worth=replace(network.worth, tie_break=2)
    )

    assert certificate_faults(network.arcs, *in_stages(network)) == ()
    with pytest.raises(ValueError, match="waiting could outweigh"):
        in_stages(small)
