"""A repair searched from both ends is as good as one searched from one, and proven; what blocks say of their people holds."""

from collections import Counter
from dataclasses import replace
from inspect import isfunction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph import repair_cells as c
from graph import repair_memory, repair_steps
from graph.repair import MenteeLeaves, MentorLeaves
from graph.repair_steps import bound_all
from graph.rounds import RoundPolicy, solve_round
from tests.graph.round_oracle import POLICIES
from tests.graph.test_repair import changed, draw_change, many_organisations, random_change, value, waiting_problems
from tests.graph.test_repair_compiled import kept, needs_numba, started

ALWAYS, NEVER = -1, 2**40
"""After how many people seen the far end joins in."""


def searching(problem, policy, few, nearest, *, compiled=False):
    """A state that searches from both ends or from one, and first so many points far."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repair_memory, "FEW", few)
        patch.setattr(repair_memory, "NEAREST", nearest)
        return started(problem, policy, compiled=compiled)


def one_seat_each(random):
    """Nearly every seat is wanted by somebody: long ways. Few different points: many ways alike, and round in circles."""
    pool = many_organisations(random)
    return replace(pool, points=1 + pool.points % 4, seats=np.ones(40, dtype=np.int64))


@pytest.fixture(autouse=True)
def small_blocks(request, monkeypatch):
    """Small pools have several blocks to a hub as well; compiled code knows the true size only."""
    if "compiled" not in request.node.name:
        monkeypatch.setattr(c, "BLOCK_PEOPLE", 2)


@settings(deadline=None, max_examples=150)
@given(
    problem=waiting_problems(), policy=st.sampled_from(POLICIES), nearest=st.sampled_from((1, 4, 99)), data=st.data()
)
def test_both_ends_reach_the_value_of_one_and_prove_it(problem, policy, nearest, data):
    one, both = (searching(problem, policy, few, nearest) for few in (NEVER, ALWAYS))
    gone_mentees, gone_mentors = set(), set()
    for _ in range(data.draw(st.integers(1, 5))):
        change = draw_change(data.draw, problem, gone_mentees, gone_mentors)
        gone_mentees |= {change.mentee} if isinstance(change, MenteeLeaves) else set()
        gone_mentors |= {change.mentor} if isinstance(change, MentorLeaves) else set()
        look, other_look = one.no_move_repair(change), both.no_move_repair(change)
        problem = changed(problem, change)
        one.repair(change)
        both.repair(change)

        assert (look.placed, look.points, look.below) == (other_look.placed, other_look.points, other_look.below)
        assert value(one.mentor_of, problem, policy) == value(both.mentor_of, problem, policy)
        assert one.faults() == both.faults() == ()


@pytest.mark.parametrize("policy", POLICIES, ids=str)
@pytest.mark.parametrize("pool", [many_organisations, one_seat_each])
def test_so_they_do_on_long_ways(pool, policy):
    for seed in range(3):
        random = np.random.default_rng(seed)
        problem = pool(random)
        one, both = (searching(problem, policy, few, 1) for few in (NEVER, ALWAYS))
        for _ in range(8):
            change = random_change(random, both.mentor_of, problem)
            problem = changed(problem, change)
            one.repair(change)
            both.repair(change)
            again = solve_round(problem, policy)
            assert value(one.mentor_of, problem, policy) == value(both.mentor_of, problem, policy)
            assert value(both.mentor_of, problem, policy) == value(again.mentor_of, problem, policy)
            assert one.faults() == both.faults() == ()


@needs_numba
@pytest.mark.parametrize("pool", [many_organisations, one_seat_each])
def test_from_both_ends_compiled_and_plain_leave_the_same_bytes(pool):
    for seed, policy in enumerate(POLICIES):
        random = np.random.default_rng(seed)
        problem = pool(random)
        one, other = (searching(problem, policy, ALWAYS, 1, compiled=compiled) for compiled in (True, False))
        for _ in range(6):
            change = random_change(random, one.mentor_of, problem)
            problem = changed(problem, change)
            assert one.repair(change) == other.repair(change)
            assert kept(one) == kept(other)


def doubtful(state):
    """The people beyond the bounds of their block."""
    memory = state._live.memory
    m, people = memory.cells, range(memory.people, memory.arcs_at, c.WIDTH)
    return [
        person
        for person in people
        for block in [m[person + c.BLOCK]]
        if block >= m[c.BLOCKS]
        if (repair_steps.is_open(m, person, 0) and m[person + c.POTENTIAL] < m[block + c.LEAST])
        or (repair_steps.is_open(m, person, 1) and m[person + c.POTENTIAL] > m[block + c.MOST])
    ]


@pytest.mark.parametrize("pool", [many_organisations, one_seat_each])
def test_what_a_block_says_of_its_people_holds_after_every_change_and_look(pool):
    for seed, policy in enumerate(POLICIES):
        random = np.random.default_rng(seed)
        problem = pool(random)
        state = searching(problem, policy, ALWAYS, 1)
        assert not doubtful(state)
        for _ in range(8):
            change = random_change(random, state.mentor_of, problem)
            problem = changed(problem, change)
            state.what_if(change)
            assert not doubtful(state)
            state.no_move_repair(change)
            assert not doubtful(state)
            state.repair(change)
            assert not doubtful(state)


@settings(deadline=None, max_examples=60)
@given(problem=waiting_problems(), policy=st.sampled_from(POLICIES), data=st.data())
def test_bounds_found_anew_are_as_tight_or_tighter_and_hold(problem, policy, data):
    state = searching(problem, policy, ALWAYS, 1)
    change = draw_change(data.draw, problem)
    state.repair(change)
    memory = state._live.memory
    first, last = memory.cells[c.BLOCKS], memory.cells[c.LATER]
    before = memory.m[first:last].copy()
    bound_all(memory.cells)

    assert (memory.m[first:last:2] >= before[::2]).all()
    assert (memory.m[first + 1 : last : 2] <= before[1::2]).all()
    assert not doubtful(state)


def test_looks_before_a_repair_do_not_alter_it():
    random = np.random.default_rng(4)
    problem, policy = one_seat_each(random), RoundPolicy()
    one, other = (searching(problem, policy, ALWAYS, 1) for _ in range(2))
    for _ in range(10):
        change = random_change(random, one.mentor_of, problem)
        problem = changed(problem, change)
        one.what_if(change)
        one.no_move_repair(change)
        assert one.repair(change) == other.repair(change)


def test_no_two_functions_of_a_repair_have_one_name():
    """All are compiled in one scope: of two alike, both files would call the same."""
    names = [
        name
        for file in repair_memory.FILES
        for name, one in vars(file).items()
        if isfunction(one) and one.__module__ == file.__name__
    ]

    assert [name for name, times in Counter(names).items() if times > 1] == []
