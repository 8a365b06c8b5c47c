"""Even gain: everyone is promised the same surplus over alone, the largest there is; no placement is lost to it."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.augment import LEAST_PAIRS
from graph.even_gain import guaranteed, has_circulation, most_served
from graph.flow import Arcs, InfeasibleFlowError, minimum_cost_circulation
from graph.pins import solve_pinned
from graph.repair import RoundState
from graph.rounds import RoundPolicy, RoundProblem, round_faults, solve_round
from graph.standing import repair_standing
from tests.graph.round_oracle import alone_by_milp, balance_rules, most, possible, round_problems, rows_of

EVEN = RoundPolicy(even_gain=True)

even_policies = st.builds(
    lambda objective, balance, load: RoundPolicy(objective, net_balance=balance, even_load=load, even_gain=True),
    st.sampled_from(("most_mentees", "total_fit")),
    st.none() | st.integers(0, 2),
    st.sampled_from((0, 0, 15)),
)


def served_by_milp(problem, balance):
    """The most mentees of each organisation when nobody else is served, by integer programming."""
    receives, _, _ = rows_of(problem)
    rules, credits = balance_rules(problem, balance)
    found = []
    for number in range(problem.organisations):
        others = np.delete(receives, number, axis=0)
        found.append(most(problem, receives[number], *rules, (others, 0, 0), credits=credits))
    return found


def surplus_by_trying(problem, balance):
    """The largest common surplus and its promises: one more, until an integer program finds no round that keeps them."""
    alone, most_of_all = np.array(alone_by_milp(problem)), np.array(served_by_milp(problem, balance))
    surplus = 0
    while (most_of_all > alone + surplus).any() and possible(
        problem, np.minimum(alone + surplus + 1, most_of_all), balance
    ):
        surplus += 1
    return surplus, np.minimum(alone + surplus, most_of_all).tolist()


def every_round(problem):
    """Every choice of a mentor or nobody for each mentee that seats allow; for very small problems."""
    choices = [[-1, *problem.mentor[problem.mentee == mentee].tolist()] for mentee in range(problem.mentees)]
    for chosen in product(*choices):
        found = np.array(chosen, dtype=np.int64)
        if (np.bincount(found[found >= 0], minlength=problem.mentors) <= problem.seats).all():
            yield found


def placed_by(problem, mentor_of):
    return np.bincount(problem.mentee_organisation[mentor_of >= 0], minlength=problem.organisations)


@st.composite
def tiny_problems(draw):
    """Pools small enough to try every round."""
    problem = draw(round_problems())
    kept = draw(st.permutations(range(problem.pairs)))[:9]
    columns = (getattr(problem, name)[list(kept)] for name in ("mentee", "mentor", "points"))
    return replace(problem, **dict(zip(("mentee", "mentor", "points"), columns, strict=True)))


@settings(deadline=None, max_examples=150)
@given(round_problems(), st.none() | st.integers(0, 2))
def test_the_common_surplus_is_the_largest_that_an_integer_program_can_keep(problem, balance):
    bounds, surplus = guaranteed(problem, replace(EVEN, net_balance=balance))

    assert (surplus, bounds.tolist()) == surplus_by_trying(problem, balance)


@settings(deadline=None, max_examples=100)
@given(tiny_problems())
def test_no_round_at_all_gives_the_one_who_gains_least_more(problem):
    found = solve_round(problem, EVEN)

    alone, most_of_all = np.array(alone_by_milp(problem)), np.array(served_by_milp(problem, None))

    def common(placed):
        gained = [now - before for now, before, best in zip(placed, alone, most_of_all, strict=True) if now < best]
        return min(gained, default=int((most_of_all - alone).max(initial=0)))

    every = [common(placed_by(problem, one)) for one in every_round(problem)]
    assert common(found.placed_by) == found.certificate.surplus == max(every)


@settings(deadline=None, max_examples=100)
@given(tiny_problems(), st.sampled_from(("most_mentees", "total_fit")))
def test_of_all_rounds_that_keep_the_even_promise_it_is_the_best(problem, objective):
    found = solve_round(problem, RoundPolicy(objective, even_gain=True))

    _, bounds = surplus_by_trying(problem, None)
    fit = dict(zip(zip(problem.mentee, problem.mentor, strict=True), problem.points.tolist(), strict=True))

    def value(one):
        points = sum(fit[pair] for pair in enumerate(one.tolist()) if pair[1] >= 0)
        return (int((one >= 0).sum()) if objective == "most_mentees" else 0), points

    kept = [value(one) for one in every_round(problem) if (placed_by(problem, one) >= bounds).all()]
    assert value(found.mentor_of) == max(kept)


@settings(deadline=None, max_examples=150)
@given(round_problems(), st.integers(0, 40))
def test_an_even_gain_costs_no_placement(problem, load):
    plain = RoundPolicy(even_load=load)

    assert solve_round(problem, replace(plain, even_gain=True)).placed == solve_round(problem, plain).placed


@settings(deadline=None, max_examples=150)
@given(round_problems(), even_policies)
def test_every_promise_is_kept_proven_and_on_record(problem, policy):
    found = solve_round(problem, policy)

    assert round_faults(problem, policy, found) == ()
    assert (found.placed_by >= found.certificate.bounds).all()
    assert (found.certificate.bounds >= found.placed_alone).all()
    reached = np.minimum(found.placed_alone + found.certificate.surplus, most_served(problem, policy))
    assert (found.placed_by >= reached).all()


@settings(deadline=None, max_examples=100)
@given(round_problems(), st.none() | st.integers(0, 2))
def test_what_the_network_could_do_for_one_is_what_an_integer_program_finds(problem, balance):
    assert most_served(problem, RoundPolicy(net_balance=balance)).tolist() == served_by_milp(problem, balance)


@settings(deadline=None, max_examples=80)
@given(round_problems(), even_policies)
def test_where_scarce_mentors_are_held_back_too_the_promise_is_one_that_can_be_kept(problem, policy):
    scarce = replace(problem, scarcity=np.full(problem.mentors, 100))
    holding = replace(policy, hold_back=50)

    assert round_faults(scarce, holding, solve_round(scarce, holding)) == ()


@settings(deadline=None, max_examples=60)
@given(round_problems(), st.data())
def test_around_a_pin_the_surplus_is_counted_beyond_what_is_still_owed(problem, data):
    stands = solve_round(problem).mentor_of
    pins = [
        (mentee, mentor) for mentee, mentor in enumerate(stands.tolist()) if mentor >= 0 and data.draw(st.booleans())
    ]

    found, plain = solve_pinned(problem, EVEN, pins), solve_pinned(problem, RoundPolicy(), pins)

    assert all(found.mentor_of[mentee] == mentor for mentee, mentor in pins)
    assert found.placed == plain.placed
    assert (found.rest.placed_by >= found.rest.certificate.bounds).all()
    assert found.rest.certificate.surplus >= 0
    assert round_faults(found.problem, EVEN, found.rest) == ()


@settings(deadline=None, max_examples=100)
@given(round_problems(), even_policies)
def test_an_even_gain_is_promised_anew_when_people_may_move(problem, policy):
    found = solve_round(problem, policy)

    assert repair_standing(problem, policy, found.mentor_of, moving=True).moves == ()
    nobody = np.full(problem.mentees, -1)
    repaired = repair_standing(problem, policy, nobody, moving=True)
    assert (repaired.placed, repaired.points) == (found.placed, found.points)
    assert not repair_standing(problem, policy, found.mentor_of, moving=False).refused
    with pytest.raises(ValueError, match="evened load or gain"):
        RoundState(problem, policy, found)


@settings(deadline=None, max_examples=150)
@given(st.integers(1, 5), st.data())
def test_a_circulation_exists_exactly_where_the_solver_finds_one(nodes, data):
    ends = st.integers(0, nodes - 1)
    rows = data.draw(st.lists(st.tuples(ends, ends, st.integers(0, 3), st.integers(0, 3)), max_size=12))
    tail, head, lower, more = (
        (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
        if rows
        else (np.zeros(0, dtype=np.int64) for _ in range(4))
    )
    arcs = Arcs(nodes, tail, head, lower, lower + more, np.zeros_like(lower))

    try:
        minimum_cost_circulation(arcs)
    except InfeasibleFlowError:
        assert not has_circulation(arcs)
    else:
        assert has_circulation(arcs)


def test_the_organisation_that_gained_nothing_gains_as_much_as_the_other_at_the_cost_of_points():
    # Two donated seats; both mentees of organisation 0 fit better than those of organisation 1.
    everyone = [(mentee, mentor) for mentee in range(4) for mentor in range(2)]
    fit = [90 if mentee < 2 else 60 for mentee, _ in everyone]
    problem = RoundProblem(
        [one for one, _ in everyone], [other for _, other in everyone], fit, [1, 1], [0, 0, 1, 1], [-1, -1]
    )

    plain, even = solve_round(problem), solve_round(problem, EVEN)

    assert (plain.placed_by.tolist(), plain.points) == ([2, 0], 180)
    assert (even.placed_by.tolist(), even.points, even.certificate.surplus) == ([1, 1], 150, 1)
    assert [(price.organisation, price.bound, price.points) for price in even.certificate.prices] == [(1, 1, 30)]
    assert plain.certificate.surplus is None


def test_who_has_all_the_network_could_give_her_holds_nobody_up():
    # Organisation 1 has one mentee; 0 can have three more than alone, and gets them.
    problem = RoundProblem([0, 1, 2, 3], [0, 0, 0, 1], [50, 50, 50, 50], [3, 1], [0, 0, 0, 1], [-1, 1])

    found = solve_round(problem, EVEN)

    assert (found.placed_by.tolist(), found.certificate.surplus) == ([3, 1], 3)


def test_a_surplus_that_is_not_the_largest_is_refused():
    problem = RoundProblem([0], [0], [50], [1], [0], [-1])
    found = solve_round(problem, EVEN)

    modest = replace(found, certificate=replace(found.certificate, surplus=0))
    assert round_faults(problem, EVEN, modest) == ("the common surplus is not the largest",)


def test_the_digest_names_an_even_gain_alone():
    problem = RoundProblem([0], [0], [50], [1], [0], [-1])

    assert solve_round(problem, EVEN).certificate.digest != solve_round(problem).certificate.digest


def test_promises_that_cannot_be_kept_at_all_stay_refused():
    problem = RoundProblem([0, 1], [0, 0], [60, 90], [1], [0, 1], [0], promised=[1, 1])

    assert guaranteed(problem, EVEN)[1] == 0
    with pytest.raises(InfeasibleFlowError):
        solve_round(problem, EVEN)


@pytest.mark.parametrize("setting", [{"even_gain": 1}, {"even_gain": True, "individual_rationality": False}])
def test_an_even_gain_that_is_no_yes_or_no_or_adds_to_no_promise_is_refused(setting):
    with pytest.raises(ValueError, match="even_gain"):
        RoundPolicy(**setting)


def test_a_large_pool_with_every_promise_binding_is_proven():
    """Few seats for many: nearly every organisation is held at its promise."""
    random = np.random.default_rng(2)
    key = np.unique(np.repeat(np.arange(5_500), 20) * 5_500 + random.integers(0, 5_500, 110_000))
    seats = (random.random(5_500) < 0.5).astype(int)
    owners = random.integers(0, 12, 5_500), random.integers(0, 12, 5_500)
    problem = RoundProblem(key // 5_500, key % 5_500, random.integers(1, 101, key.size), seats, *owners)

    found = solve_round(problem, EVEN)

    assert problem.pairs >= LEAST_PAIRS
    assert round_faults(problem, EVEN, found) == ()
    assert found.placed == solve_round(problem).placed
