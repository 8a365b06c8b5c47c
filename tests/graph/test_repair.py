"""Repairs: as good as a whole new round, proven; nobody frozen moves; free seats alone where nobody may move."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.repair import (
    Declined,
    MenteeArrives,
    MenteeLeaves,
    MentorJoins,
    MentorLeaves,
    Move,
    RoundState,
    SeatLost,
    changed,
)
from graph.rounds import RoundPolicy, solve_round
from tests.graph.round_oracle import POLICIES, round_problems

DEFAULT = RoundPolicy()


def pairs_with(draw, people, gone):
    others = [other for other in range(people) if other not in gone]
    chosen = draw(st.lists(st.sampled_from(others), unique=True, max_size=5)) if others else []
    return tuple((other, draw(st.integers(1, 100))) for other in chosen)


def draw_change(draw, problem, gone_mentees=frozenset(), gone_mentors=frozenset()):
    """Any change that is possible now; newcomers from all four organisations, or donated."""
    mentees = [mentee for mentee in range(problem.mentees) if mentee not in gone_mentees]
    mentors = [mentor for mentor in range(problem.mentors) if mentor not in gone_mentors]
    kinds = ["arrives", "joins"]
    kinds += ["mentee leaves"] * bool(mentees) + ["mentor leaves"] * bool(mentors) + ["declined"] * bool(problem.pairs)
    seated = [mentor for mentor in mentors if problem.seats[mentor]]
    kinds += ["seat lost"] * bool(seated)
    kind = draw(st.sampled_from(kinds))
    if kind == "arrives":
        pairs = pairs_with(draw, problem.mentors, gone_mentors)
        return MenteeArrives(draw(st.integers(0, 3)), pairs, draw(st.integers(0, 1)))
    if kind == "joins":
        seats, donated = draw(st.integers(0, 3)), draw(st.booleans())
        return MentorJoins(
            draw(st.integers(-1, 3)), seats, pairs_with(draw, problem.mentees, gone_mentees), donated=donated
        )
    if kind == "mentee leaves":
        return MenteeLeaves(draw(st.sampled_from(mentees)))
    if kind == "mentor leaves":
        return MentorLeaves(draw(st.sampled_from(mentors)))
    if kind == "seat lost":
        return SeatLost(draw(st.sampled_from(seated)))
    pair = draw(st.integers(0, problem.pairs - 1))
    return Declined(int(problem.mentee[pair]), int(problem.mentor[pair]))


def value(result, problem, policy):
    """What the policy wants, in its order: placements if they come first, points, rounds waited."""
    waited = np.zeros(problem.mentees) if problem.rounds_waited is None else problem.rounds_waited
    patience = np.minimum(waited, policy.longest_wait)[: result.size][result >= 0].sum()
    fit = {
        pair: points
        for *pair, points in zip(problem.mentee.tolist(), problem.mentor.tolist(), problem.points.tolist(), strict=True)
        for pair in [tuple(pair)]
    }
    points = sum(fit[mentee, mentor] for mentee, mentor in enumerate(result.tolist()) if mentor >= 0)
    placed = int((result >= 0).sum()) if policy.objective == "most_mentees" else None
    return placed, points, int(patience)


@st.composite
def waiting_problems(draw):
    """Small pools, some with rounds waited."""
    problem = draw(round_problems(least=1))
    waits = st.lists(st.integers(0, 3), min_size=problem.mentees, max_size=problem.mentees)
    return replace(problem, rounds_waited=draw(st.none() | waits))


class TestAsGoodAsAWholeNewRound:
    @settings(deadline=None, max_examples=400)
    @given(problem=waiting_problems(), policy=st.sampled_from(POLICIES), data=st.data())
    def test_one_repair_reaches_the_value_of_a_new_round_and_proves_it(self, problem, policy, data):
        state = RoundState(problem, policy, solve_round(problem, policy))
        change = draw_change(data.draw, problem)
        answer = state.repair(change)
        later = changed(problem, change)
        again = solve_round(later, policy)

        assert value(state.mentor_of, later, policy) == value(again.mentor_of, later, policy)
        assert state.faults() == ()
        assert not answer.refused

    @settings(deadline=None, max_examples=150)
    @given(problem=waiting_problems(), policy=st.sampled_from(POLICIES), data=st.data())
    def test_so_does_a_long_history_of_repairs(self, problem, policy, data):
        state = RoundState(problem, policy, solve_round(problem, policy))
        gone_mentees, gone_mentors = set(), set()
        for _ in range(data.draw(st.integers(2, 8))):
            change = draw_change(data.draw, problem, gone_mentees, gone_mentors)
            gone_mentees |= {change.mentee} if isinstance(change, MenteeLeaves) else set()
            gone_mentors |= {change.mentor} if isinstance(change, MentorLeaves) else set()
            problem = changed(problem, change)
            state.repair(change)
            again = solve_round(problem, policy)
            assert value(state.mentor_of, problem, policy) == value(again.mentor_of, problem, policy)
            assert state.faults() == ()

    @settings(deadline=None, max_examples=150)
    @given(problem=waiting_problems(), policy=st.sampled_from(POLICIES), data=st.data())
    def test_moves_and_totals_are_those_of_the_round_before_and_after(self, problem, policy, data):
        before = solve_round(problem, policy)
        state = RoundState(problem, policy, before)
        change = draw_change(data.draw, problem)
        answer = state.repair(change)
        after = state.mentor_of
        moved = np.append(before.mentor_of, np.full(after.size - before.mentor_of.size, -1))
        later = changed(problem, change)
        lost = [before.points_of[mentee] for mentee in answer.parted]

        assert answer.moves == tuple(
            Move(mentee, int(moved[mentee]), int(after[mentee])) for mentee in np.flatnonzero(moved != after)
        )
        assert (answer.placed, answer.points) == (
            int((after >= 0).sum()),
            value(after, later, replace(policy, longest_wait=0))[1],
        )
        assert answer.left_placed == before.placed - len(lost)
        if not isinstance(change, SeatLost):
            assert answer.left_points == before.points - sum(lost)
