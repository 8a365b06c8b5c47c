"""The compiled search repairs as the plain one does: as good as a whole new round, proven, and taken back without a trace."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph import repair_memory
from graph.repair import Declined, MenteeArrives, MenteeLeaves, MentorJoins, MentorLeaves, RoundState
from graph.rounds import RoundPolicy, RoundProblem, solve_round
from tests.graph.round_oracle import POLICIES
from tests.graph.test_repair import changed, draw_change, many_organisations, random_change, value, waiting_problems

pytestmark = pytest.mark.skipif(repair_memory.compiled() is None, reason="numba is not installed")


@pytest.fixture(autouse=True, scope="module")
def every_pool_is_large():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repair_memory, "LEAST_PAIRS", 0)
        yield


def mirrored(problem, policy):
    state = RoundState(problem, policy, solve_round(problem, policy))
    assert state._live.memory.is_compiled
    return state


@settings(deadline=None, max_examples=150)
@given(problem=waiting_problems(), policy=st.sampled_from(POLICIES), data=st.data())
def test_a_long_history_of_repairs_and_looks_stays_as_good_as_new_rounds(problem, policy, data):
    state = mirrored(problem, policy)
    gone_mentees, gone_mentors = set(), set()
    for _ in range(data.draw(st.integers(1, 6))):
        change = draw_change(data.draw, problem, gone_mentees, gone_mentors)
        if data.draw(st.booleans()):
            state.no_move_repair(change)
        gone_mentees |= {change.mentee} if isinstance(change, MenteeLeaves) else set()
        gone_mentors |= {change.mentor} if isinstance(change, MentorLeaves) else set()
        problem = changed(problem, change)
        state.repair(change)
        again = solve_round(problem, policy)
        assert value(state.mentor_of, problem, policy) == value(again.mentor_of, problem, policy)
        assert state.faults() == ()


@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_so_do_repairs_among_many_organisations(policy):
    for seed in range(3):
        random = np.random.default_rng(seed)
        problem = many_organisations(random)
        state = mirrored(problem, policy)
        for _ in range(10):
            change = random_change(random, state.mentor_of, problem)
            problem = changed(problem, change)
            state.repair(change)
            again = solve_round(problem, policy)
            assert value(state.mentor_of, problem, policy) == value(again.mentor_of, problem, policy)
        assert state.faults() == ()


def test_more_later_pairs_than_there_was_room_for_are_kept_and_can_be_forbidden():
    people = 60
    each = np.arange(people)
    problem = RoundProblem(each, each, np.full(people, 50), np.ones(people, dtype=int), 0 * each, 0 * each)
    state, policy = mirrored(problem, RoundPolicy()), RoundPolicy()
    changes = [
        *(MenteeArrives(0, tuple((mentor, 51 + number) for mentor in range(people))) for number in range(8)),
        MentorJoins(0, 1, tuple((mentee, 90) for mentee in range(people + 8))),
        Declined(people + 7, people),
        Declined(0, people),
    ]
    for change in changes:
        problem = changed(problem, change)
        state.repair(change)
        again = solve_round(problem, policy)
        assert value(state.mentor_of, problem, policy) == value(again.mentor_of, problem, policy)
        assert state.faults() == ()
