"""Compiled and plain, a repair takes the same steps: as good as a whole new round, proven, and taken back without a trace."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph import repair_cells as c
from graph import repair_memory
from graph.repair import Declined, MenteeArrives, MenteeLeaves, MentorJoins, MentorLeaves, RoundState
from graph.rounds import RoundPolicy, RoundProblem, solve_round
from tests.graph.round_oracle import POLICIES
from tests.graph.test_repair import changed, draw_change, many_organisations, random_change, value, waiting_problems

needs_numba = pytest.mark.skipif(repair_memory.compiled() is None, reason="numba is not installed")


def started(problem, policy, *, compiled):
    """A state whose every change is made in one of the two ways, whatever the size of the pool."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repair_memory, "LEAST_PAIRS", 0 if compiled else problem.pairs + 1)
        state = RoundState(problem, policy, solve_round(problem, policy))
    assert state._live.memory.is_compiled == compiled
    return state


def kept(state):
    """Every record, the pairs that came later and the totals: all that is to be the same."""
    memory = state._live.memory
    later = memory.m[memory.m[c.LATER] : memory.m[c.LATER_USED]]
    return (*state._live.totals(), memory.records.tolist(), later.tolist())


@needs_numba
def test_what_is_prepared_is_what_a_repair_calls():
    assert repair_memory.prepare()
    calls = repair_memory.compiled()
    known = {name: len(calls[name].signatures) for name in ("change", "find", "touch", "undo", "bound_all")}
    assert min(known.values()) >= 1

    random = np.random.default_rng(2)
    state = started(many_organisations(random), RoundPolicy(), compiled=True)
    mentee = int(np.flatnonzero(state.mentor_of >= 0)[0])
    state.no_move_repair(Declined(mentee, int(state.mentor_of[mentee])))

    assert known == {name: len(calls[name].signatures) for name in known}


@needs_numba
@settings(deadline=None, max_examples=100)
@given(problem=waiting_problems(), policy=st.sampled_from(POLICIES), data=st.data())
def test_both_ways_leave_the_same_bytes_as_good_as_a_new_round(problem, policy, data):
    one, other = (started(problem, policy, compiled=compiled) for compiled in (True, False))
    gone_mentees, gone_mentors = set(), set()
    for _ in range(data.draw(st.integers(1, 6))):
        change = draw_change(data.draw, problem, gone_mentees, gone_mentors)
        if data.draw(st.booleans()):
            assert one.no_move_repair(change) == other.no_move_repair(change)
            assert one.what_if(change) == other.what_if(change)
        gone_mentees |= {change.mentee} if isinstance(change, MenteeLeaves) else set()
        gone_mentors |= {change.mentor} if isinstance(change, MentorLeaves) else set()
        problem = changed(problem, change)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(repair_memory, "LEAST_PAIRS", 0)
            answer = one.repair(change)
        assert answer == other.repair(change)
        if answer.method == "path":
            assert kept(one) == kept(other)
        again = solve_round(problem, policy)
        assert value(one.mentor_of, problem, policy) == value(again.mentor_of, problem, policy)
        assert one.faults() == other.faults() == ()


@needs_numba
@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_so_do_they_among_many_organisations(policy):
    for seed in range(3):
        random = np.random.default_rng(seed)
        problem = many_organisations(random)
        one, other = (started(problem, policy, compiled=compiled) for compiled in (True, False))
        for _ in range(10):
            change = random_change(random, one.mentor_of, problem)
            problem = changed(problem, change)
            assert one.repair(change) == other.repair(change)
            assert kept(one) == kept(other)
            again = solve_round(problem, policy)
            assert value(one.mentor_of, problem, policy) == value(again.mentor_of, problem, policy)
        assert one.faults() == ()


@settings(deadline=None, max_examples=60)
@given(problem=waiting_problems(), policy=st.sampled_from(POLICIES), data=st.data())
def test_a_look_leaves_every_record_but_its_notes_as_it_was(problem, policy, data):
    state = started(problem, policy, compiled=False)
    change, before = draw_change(data.draw, problem), kept(state)
    look = data.draw(st.sampled_from((state.no_move_repair, state.what_if)))
    look(change)

    notes = [c.DISTANCE, c.STAMP, c.VIA, c.PLACE, c.ACTIVE, c.TOUCHED, c.BEFORE]
    after = kept(state)
    one, other = (np.array(each[2]) for each in (before, after))
    for records in (one, other):
        records[:, notes] = 0
        records[: 2 * state._live.memory.hubs, c.ARC] = 0
    assert (*before[:2], before[3]) == (*after[:2], after[3])
    assert (one == other).all()


def test_a_log_too_short_for_a_change_grows_and_the_change_is_made_again():
    random = np.random.default_rng(6)
    problem, policy = many_organisations(random), RoundPolicy()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repair_memory, "LOG_CELLS", 2 * repair_memory.SPARE_WRITES)
        short = RoundState(problem, policy, solve_round(problem, policy))
    long = RoundState(problem, policy, solve_round(problem, policy))
    first = short._live.memory.sizes[c.LOG]
    for _ in range(20):
        change = random_change(random, long.mentor_of, problem)
        problem = changed(problem, change)
        assert short.repair(change) == long.repair(change)
    assert short._live.memory.sizes[c.LOG] > first
    assert short.faults() == ()


def test_mentors_know_those_they_have_and_so_do_own_matchings():
    random = np.random.default_rng(3)
    problem, policy = many_organisations(random), RoundPolicy()
    state = started(problem, policy, compiled=False)
    for _ in range(12):
        change = random_change(random, state.mentor_of, problem)
        problem = changed(problem, change)
        state.repair(change)
        memory = state._live.memory
        for mate, after, count in ((c.MATE, c.NEXT, c.TAKEN), (c.OWN, c.OWN_NEXT, c.OWN_COUNT)):
            for mentor in range(problem.mentors):
                place = memory.mentor(mentor)
                chain, one = [], memory.cells[place + mate]
                while one >= 0:
                    chain.append(one)
                    one = memory.cells[one + after]
                assert len(chain) == memory.cells[place + count]
                assert all(memory.cells[one + mate] == place for one in chain)


def test_more_later_pairs_than_there_was_room_for_are_kept_and_can_be_forbidden():
    people = 60
    each = np.arange(people)
    problem = RoundProblem(each, each, np.full(people, 50), np.ones(people, dtype=int), 0 * each, 0 * each)
    policy = RoundPolicy()
    state = started(problem, policy, compiled=False)
    first = state._live.memory.m.size
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
    assert state._live.memory.m.size > first
