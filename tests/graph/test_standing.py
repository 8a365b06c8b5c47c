"""Repair of a round as it stands: free seats move nobody, the best repair is the best round with the fewest changes."""

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from graph.repair import MentorLeaves, no_move_repair
from graph.repair_changes import changed
from graph.repair_result import Move
from graph.round_network import placed_alone
from graph.rounds import RoundPolicy, RoundProblem, solve_round
from graph.standing import below_promise, hanging_together, moves_between, repair_standing
from tests.graph.round_oracle import POLICIES, round_problems

DEFAULT = RoundPolicy()


def draw_standing(draw, problem):
    """Any pairs that could stand: some of the problem's, each mentee once, no mentor beyond its seats."""
    standing, left = np.full(problem.mentees, -1), problem.seats.copy()
    for entry in draw(st.permutations(range(problem.pairs))):
        mentee, mentor = problem.mentee[entry], problem.mentor[entry]
        if standing[mentee] < 0 and left[mentor] and draw(st.booleans()):
            standing[mentee], left[mentor] = mentor, left[mentor] - 1
    return standing


@st.composite
def standings(draw):
    problem = draw(round_problems())
    return problem, draw_standing(draw, problem)


def after(standing, result):
    found = standing.copy()
    for move in result.moves:
        assert found[move.mentee] == move.before
        found[move.mentee] = move.after
    return found


def totals(problem, mentor_of):
    chosen = mentor_of[problem.mentee] == problem.mentor
    return int(chosen.sum()), int(problem.points[chosen].sum())


def every_round(problem):
    """Every choice of a mentor or nobody for each mentee that seats allow; for very small problems."""
    choices = [[-1, *problem.mentor[problem.mentee == mentee].tolist()] for mentee in range(problem.mentees)]
    for chosen in product(*choices):
        found = np.array(chosen, dtype=np.int64)
        if (np.bincount(found[found >= 0], minlength=problem.mentors) <= problem.seats).all():
            yield found


def keeps_promises(problem, mentor_of):
    placed = np.bincount(problem.mentee_organisation[mentor_of >= 0], minlength=problem.organisations)
    return bool((placed >= placed_alone(problem)).all())


@settings(deadline=None, max_examples=150)
@given(standings(), st.sampled_from(POLICIES))
def test_the_moving_repair_is_as_good_as_a_whole_new_round(given_, policy):
    problem, standing = given_

    found = repair_standing(problem, policy, standing, moving=True)

    whole = solve_round(problem, policy)
    assert not found.refused
    assert (found.placed, found.points) == (whole.placed, whole.points)
    assert totals(problem, after(standing, found)) == (found.placed, found.points)


@settings(deadline=None, max_examples=100)
@given(standings(), st.sampled_from(["most_mentees", "total_fit"]))
def test_of_all_best_rounds_the_moving_repair_keeps_the_most_pairs(given_, objective):
    problem, standing = given_
    assume(problem.pairs <= 10)
    found = repair_standing(problem, RoundPolicy(objective), standing, moving=True)

    best = (found.placed, found.points)
    equally_good = [
        one for one in every_round(problem) if totals(problem, one) == best and keeps_promises(problem, one)
    ]
    kept = max(int(((one == standing) & (standing >= 0)).sum()) for one in equally_good)
    now = after(standing, found)
    assert int(((now == standing) & (standing >= 0)).sum()) == kept


@settings(deadline=None, max_examples=150)
@given(standings(), st.sampled_from(POLICIES))
def test_free_seats_alone_move_nobody_and_break_no_promise(given_, policy):
    problem, standing = given_

    found = repair_standing(problem, policy, standing, moving=False)

    now = after(standing, found)
    assert found.moved == ()
    assert (np.bincount(now[now >= 0], minlength=problem.mentors) <= problem.seats).all()
    if found.refused:
        assert found.moves == ()
    elif policy.individual_rationality:
        assert keeps_promises(problem, now)


@settings(deadline=None, max_examples=100)
@given(standings())
def test_no_choice_of_free_seats_is_better_than_the_one_found(given_):
    problem, standing = given_
    assume(problem.pairs <= 10)

    found = repair_standing(problem, DEFAULT, standing, moving=False)

    placed = standing >= 0
    possible = [
        totals(problem, one)
        for one in every_round(problem)
        if (one[placed] == standing[placed]).all() and keeps_promises(problem, one)
    ]
    assert found.refused == (not possible)
    if possible:
        assert (found.placed, found.points) == max(possible)


@settings(deadline=None, max_examples=100)
@given(round_problems(), st.sampled_from(POLICIES))
def test_a_best_round_needs_no_repair(problem, policy):
    standing = solve_round(problem, policy).mentor_of

    for moving in (False, True):
        found = repair_standing(problem, policy, standing, moving=moving)
        assert (found.moves, found.refused, found.gained_placements, found.gained_points) == ((), False, 0, 0)


@settings(deadline=None, max_examples=60)
@given(round_problems(least=1), st.data())
def test_one_change_to_a_proven_round_is_repaired_as_well_as_by_kept_duals(problem, data):
    result = solve_round(problem)
    change = MentorLeaves(data.draw(st.integers(0, problem.mentors - 1)))
    standing = np.where(result.mentor_of == change.mentor, -1, result.mentor_of)

    followed = no_move_repair(problem, DEFAULT, result, change)
    found = repair_standing(changed(problem, change), DEFAULT, standing, moving=False)

    assert followed.refused == found.refused
    if not found.refused:
        assert (followed.placed, followed.points) == (found.placed, found.points)


@settings(deadline=None, max_examples=100)
@given(standings(), st.data())
def test_a_part_of_a_repair_that_hangs_together_can_be_made_alone(given_, data):
    problem, standing = given_
    found = repair_standing(problem, DEFAULT, standing, moving=True)
    wanted = {move.mentee for move in found.moves if data.draw(st.booleans())}

    part = hanging_together(found.moves, wanted)

    assert wanted <= {move.mentee for move in part}
    assert set(part) <= set(found.moves)
    made = standing.copy()
    for move in part:
        made[move.mentee] = move.after
    assert (np.bincount(made[made >= 0], minlength=problem.mentors) <= problem.seats).all()
    rest = hanging_together(found.moves, {move.mentee for move in found.moves} - {move.mentee for move in part})
    assert set(part) | set(rest) == set(found.moves)
    assert not set(part) & set(rest)


def test_moves_name_whoever_has_another_mentor_newcomers_included():
    before, later = np.array([0, 1, -1]), np.array([0, -1, 1, 2])

    assert moves_between(before, later) == (Move(1, 1, -1), Move(2, -1, 1), Move(3, -1, 2))
    assert moves_between(before, before) == ()


def test_a_repair_that_would_leave_an_organisation_below_alone_is_refused_and_names_it():
    # Organisation 0 could place its mentee 0 alone, but the seat stands given to a mentee of organisation 1.
    problem = RoundProblem([0, 1], [0, 0], [60, 90], [1], [0, 1], [0])
    standing = np.array([-1, 0])

    found = repair_standing(problem, DEFAULT, standing, moving=False)

    assert (found.refused, found.below, found.moves) == (True, (0,), ())
    assert repair_standing(problem, DEFAULT, standing, moving=True).moves == (Move(0, -1, 0), Move(1, 0, -1))


def test_only_organisations_that_free_seats_cannot_serve_are_named():
    # Organisation 1 has a free seat of its own; organisation 0's stands given away.
    problem = RoundProblem([0, 1, 2], [0, 0, 1], [60, 90, 50], [1, 1], [0, 2, 1], [0, 1])
    standing = np.array([-1, 0, -1])

    assert below_promise(problem, DEFAULT, standing) == (0,)
    assert below_promise(problem, RoundPolicy(individual_rationality=False), standing) == ()


def test_a_net_balance_that_leaves_no_way_is_named_as_the_reason():
    problem = RoundProblem([0], [0], [60], [1], [0, 1], [1])
    unbalanced = RoundPolicy(net_balance=0)

    found = repair_standing(problem, unbalanced, np.array([0, -1]), moving=False)

    assert (found.refused, found.balance_refused, found.below) == (True, True, ())


@pytest.mark.parametrize(
    ("standing", "named"),
    [([0], "1 entries"), ([0, 1], "mentee 1, mentor 1"), ([0, 0], "mentor 0 has 1 seats and 2 pairs")],
)
def test_what_cannot_stand_is_refused_by_name(standing, named):
    problem = RoundProblem([0, 1], [0, 0], [60, 90], [1, 1], [0, 1], [0, 0])

    with pytest.raises(ValueError, match=named):
        repair_standing(problem, DEFAULT, np.array(standing), moving=True)
