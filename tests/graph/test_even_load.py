"""Even load: each further mentee costs the mentor's seat more, no placement is lost to it, and 0 is exactly as before."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from graph.augment import suits
from graph.even_load import carrying_several, most_load, seat_steps
from graph.pins import solve_pinned
from graph.repair import RoundState
from graph.round_network import build, placed_alone
from graph.rounds import RoundPolicy, RoundProblem, round_faults, solve_round
from graph.standing import repair_standing
from tests.graph.round_oracle import POLICIES, alone_by_milp, balance_rules, round_problems, rows_of

OBJECTIVES = ("most_mentees", "total_fit")


@st.composite
def carrying_problems(draw):
    problem = draw(round_problems())
    some = st.lists(st.integers(0, 4), min_size=problem.mentors, max_size=problem.mentors)
    return replace(problem, carried=draw(st.none() | some))


policies = st.builds(
    lambda policy, points: replace(policy, even_load=points), st.sampled_from(POLICIES), st.integers(0, 100)
)


def load_of(problem, mentor_of, points):
    """What a round's load costs, mentor by mentor: nothing shared with the code under test."""
    cost = 0
    for mentor in range(problem.mentors):
        before = 0 if problem.carried is None else int(problem.carried[mentor])
        cost += sum(points * (before + nth) for nth in range(int((mentor_of == mentor).sum())))
    return cost


def best_by_milp(problem, policy):
    """(placed, points less load) of the best round: a variable for each pair, and one for each seat behind them."""
    carried = np.zeros(problem.mentors, dtype=int) if problem.carried is None else problem.carried
    seats = [(mentor, nth) for mentor, many in enumerate(problem.seats.tolist()) for nth in range(many)]
    step = [policy.even_load * (int(carried[mentor]) + nth) for mentor, nth in seats]
    holds = np.equal.outer(np.arange(problem.mentors), [mentor for mentor, _ in seats]).astype(float)
    by_mentee = np.equal.outer(np.arange(problem.mentees), problem.mentee)
    by_mentor = np.equal.outer(np.arange(problem.mentors), problem.mentor)
    rules, credits = balance_rules(problem, policy.net_balance)
    if policy.individual_rationality:
        rules.append((rows_of(problem)[0], alone_by_milp(problem), np.inf))
    size = problem.pairs + credits

    def widened(rows):
        return np.pad(rows.astype(float), ((0, 0), (0, size + len(seats) - rows.shape[1])))

    seated = np.hstack((widened(by_mentor)[:, :size], -holds.reshape(problem.mentors, len(seats))))
    constraints = [
        LinearConstraint(widened(by_mentee), 0, 1),
        LinearConstraint(seated, 0, 0),
        *(LinearConstraint(widened(rows), least, most) for rows, least, most in rules),
    ]
    upper = np.concatenate((np.ones(problem.pairs), np.full(credits, problem.mentees), np.ones(len(seats))))
    pairs_first = np.zeros(size + len(seats))

    def most(earned, *more):
        if not size + len(seats):
            return 0
        whole = np.ones(earned.size)
        found = milp(-earned, constraints=[*constraints, *more], integrality=whole, bounds=Bounds(0, upper))
        assert found.success
        return round(-found.fun)

    one_each, fit = pairs_first.copy(), pairs_first.copy()
    one_each[: problem.pairs] = 1
    fit[: problem.pairs], fit[size:] = problem.points, np.negative(step)
    if policy.objective == "total_fit":
        return None, most(fit)
    placed = most(one_each)
    return placed, most(fit, LinearConstraint(one_each[np.newaxis], placed, placed)) if problem.pairs else 0


@settings(deadline=None, max_examples=150)
@given(carrying_problems(), policies)
def test_no_round_is_better_when_load_is_counted(problem, policy):
    found = solve_round(problem, policy)

    placed, value = best_by_milp(problem, policy)
    assert found.points - load_of(problem, found.mentor_of, policy.even_load) == value
    assert placed is None or found.placed == placed


@settings(deadline=None, max_examples=150)
@given(carrying_problems(), st.integers(0, 100), st.booleans(), st.none() | st.integers(0, 1))
def test_most_mentees_loses_no_placement_to_an_even_load(problem, points, fair, balance):
    plain = RoundPolicy(individual_rationality=fair, net_balance=balance)

    assert solve_round(problem, replace(plain, even_load=points)).placed == solve_round(problem, plain).placed


@settings(deadline=None, max_examples=100)
@given(carrying_problems(), st.integers(1, 100), st.data())
def test_a_placement_is_worth_more_than_all_points_and_the_heaviest_load_together(problem, points, data):
    policy = RoundPolicy(even_load=points)
    rows = [data.draw(st.sampled_from([-1, *problem.mentor[problem.mentee == one]])) for one in range(problem.mentees)]
    drawn = np.array(rows, dtype=np.int64)
    used = np.bincount(drawn[drawn >= 0], minlength=problem.mentors)
    for mentor in np.flatnonzero(used > problem.seats):
        drawn[np.flatnonzero(drawn == mentor)[problem.seats[mentor] :]] = -1

    placement = build(problem, policy, placed_alone(problem)).worth.placement
    load, placed = load_of(problem, drawn, points), min(problem.mentees, int(problem.seats.sum()))
    assert load <= most_load(problem, policy)
    assert placement > 100 * placed + load


@settings(deadline=None, max_examples=150)
@given(carrying_problems(), policies)
def test_an_even_round_is_proven_and_its_points_are_counted_in_full(problem, policy):
    found = solve_round(problem, policy)

    assert round_faults(problem, policy, found) == ()
    fit = dict(zip(zip(problem.mentee, problem.mentor, strict=True), problem.points.tolist(), strict=True))
    assert found.points == sum(fit[pair] for pair in enumerate(found.mentor_of.tolist()) if pair[1] >= 0)
    if policy.individual_rationality:
        assert (found.placed_by >= found.placed_alone).all()


@settings(deadline=None, max_examples=100)
@given(carrying_problems(), st.sampled_from(POLICIES))
def test_an_even_load_of_nothing_changes_no_byte(problem, policy):
    found, before = solve_round(problem, policy), solve_round(replace(problem, carried=None), policy)

    assert found.certificate.flow.tobytes() == before.certificate.flow.tobytes()
    assert found.certificate.potentials.tobytes() == before.certificate.potentials.tobytes()
    assert found.certificate.digest == before.certificate.digest


@settings(deadline=None, max_examples=100)
@given(carrying_problems(), st.sampled_from(POLICIES), st.integers(0, 100), st.integers(0, 100))
def test_a_dearer_load_never_raises_the_load_nor_the_fit(problem, policy, one, other):
    low, high = sorted((one, other))

    def measured(points):
        found = solve_round(problem, replace(policy, even_load=points))
        return load_of(problem, found.mentor_of, 1), found.points

    (more, fitter), (less, weaker) = measured(low), measured(high)
    if low < high:
        assert less <= more
        assert weaker <= fitter


@settings(deadline=None, max_examples=100)
@given(carrying_problems(), policies)
def test_an_even_round_is_repaired_as_it_stands_and_needs_no_repair(problem, policy):
    found = solve_round(problem, policy)

    for moving in (False, True):
        assert repair_standing(problem, policy, found.mentor_of, moving=moving).moves == ()
    if policy.even_load:
        with pytest.raises(ValueError, match="evened load"):
            RoundState(problem, policy, found)


@settings(deadline=None, max_examples=60)
@given(carrying_problems(), st.integers(1, 100))
def test_seats_of_one_mentor_cost_more_one_after_the_other_and_only_those_a_pair_could_take_are_laid(problem, points):
    mentor, chairs, cost = seat_steps(problem, RoundPolicy(even_load=points))

    paired = np.bincount(problem.mentor, minlength=problem.mentors)
    assert np.bincount(mentor, chairs, minlength=problem.mentors).tolist() == np.minimum(problem.seats, paired).tolist()
    assert (np.diff(cost)[np.diff(mentor) == 0] == points).all()


@settings(deadline=None, max_examples=60)
@given(carrying_problems())
def test_who_carries_several_is_counted_before_and_after(problem):
    found = solve_round(problem)

    before = [0 if problem.carried is None else int(problem.carried[mentor]) for mentor in range(problem.mentors)]
    after = [many + int((found.mentor_of == mentor).sum()) for mentor, many in enumerate(before)]
    assert carrying_several(problem, found.mentor_of) == (sum(m > 1 for m in before), sum(m > 1 for m in after))


def test_the_second_mentee_goes_to_another_mentor_when_the_fit_is_worth_less_than_the_load():
    # Mentor 0 fits both best; mentor 1 fits mentee 1 with 15 points less.
    problem = RoundProblem([0, 1, 1], [0, 0, 1], [90, 80, 65], [2, 1], [0, 0], [0, 0])

    assert solve_round(problem, RoundPolicy(even_load=10)).mentor_of.tolist() == [0, 0]
    assert solve_round(problem, RoundPolicy(even_load=20)).mentor_of.tolist() == [0, 1]


def test_a_mentor_who_carries_already_gives_way_to_one_who_does_not():
    problem = RoundProblem([0, 0], [0, 1], [80, 75], [1, 1], [0], [0, 0], carried=[1, 0])

    assert solve_round(problem, RoundPolicy(even_load=4)).mentor_of.tolist() == [0]
    assert solve_round(problem, RoundPolicy(even_load=6)).mentor_of.tolist() == [1]


def test_under_total_fit_a_mentee_who_fits_less_than_the_load_costs_waits_unless_she_was_promised_a_place():
    problem = RoundProblem([0, 1], [0, 0], [90, 30], [2], [0, 1], [0])
    own = RoundProblem([0, 1], [0, 0], [90, 30], [2], [0, 0], [0])
    steep = RoundPolicy("total_fit", even_load=40)

    assert solve_round(problem, steep).placed == 1
    assert solve_round(own, steep).placed == 2
    assert solve_round(problem, replace(steep, objective="most_mentees")).placed == 2


def test_a_pinned_mentee_is_part_of_her_mentors_load():
    problem = RoundProblem([0, 1, 1], [0, 0, 1], [60, 80, 75], [2, 1], [0, 0], [0, 0])

    found = solve_pinned(problem, RoundPolicy(even_load=10), [(0, 0)])

    assert found.mentor_of.tolist() == [0, 1]
    assert found.problem.carried.tolist() == [1, 0]
    assert solve_pinned(problem, RoundPolicy(), [(0, 0)]).mentor_of.tolist() == [0, 0]


def test_what_is_carried_counts_in_the_digest_of_an_even_round_alone():
    problem = RoundProblem([0], [0], [50], [1], [0], [0], carried=[1])
    heavier, even = replace(problem, carried=[2]), RoundPolicy(even_load=5)

    def said(one, policy):
        return solve_round(one, policy).certificate.digest

    assert said(problem, RoundPolicy()) == said(heavier, RoundPolicy())
    assert len({said(problem, even), said(heavier, even), said(problem, RoundPolicy(even_load=6))}) == 3


def test_a_large_pool_that_is_evened_goes_to_the_general_solver():
    people = np.arange(400)
    columns = np.repeat(people, 250), np.tile(people[:250], 400), np.full(100_000, 50)
    problem = RoundProblem(*columns, np.ones(250, dtype=int), people * 0, np.zeros(250, dtype=int))

    assert not suits(problem, RoundPolicy(even_load=1))
    assert not suits(problem, RoundPolicy(even_gain=True))


@pytest.mark.parametrize(
    ("column", "named"), [([-1], r"carried\[0\] is -1"), ([0.5], "carried"), ([1, 1], "carried has 2")]
)
def test_a_load_that_is_no_number_of_mentees_of_each_mentor_is_refused(column, named):
    with pytest.raises(ValueError, match=named):
        RoundProblem([0], [0], [50], [1], [0], [0], carried=column)


def test_a_load_too_large_to_be_added_up_is_refused():
    problem = RoundProblem(*([range(6)] * 2), [50] * 6, [1] * 6, [0] * 6, [0] * 6, carried=[2**31 - 1] * 6)
    waiting = replace(problem, rounds_waited=[2**31 - 1] * 6)

    assert solve_round(problem, RoundPolicy(even_load=100)).placed == 6
    with pytest.raises(ValueError, match="overflow"):
        solve_round(waiting, RoundPolicy(even_load=100, longest_wait=2**31 - 1))


@pytest.mark.parametrize("points", [-1, 101, 1.5, True])
def test_a_price_of_load_that_is_no_whole_number_of_points_is_refused(points):
    with pytest.raises(ValueError, match="even_load"):
        RoundPolicy(even_load=points)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_ten_mentees_of_two_alike_mentors_are_shared_evenly(objective):
    everyone = [(mentee, mentor) for mentee in range(10) for mentor in range(2)]
    columns = [one for one, _ in everyone], [other for _, other in everyone], [90 - mentor for _, mentor in everyone]
    problem = RoundProblem(*columns, [10, 10], [0] * 10, [0, 0])

    alike = solve_round(problem, RoundPolicy(objective, even_load=2)).mentor_of

    assert np.bincount(solve_round(problem, RoundPolicy(objective)).mentor_of).tolist() == [10]
    assert np.bincount(alike).tolist() == [5, 5]
