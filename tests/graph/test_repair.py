"""Repairs: as good as a whole new round, proven; nobody frozen moves; free seats alone where nobody may move."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.flow import InfeasibleFlowError, minimum_cost_circulation
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
    no_move_repair,
    repair,
    without_frozen,
)
from graph.round_network import build, placed_alone
from graph.rounds import RoundPolicy, RoundProblem, solve_round
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


def many_organisations(random):
    """Forty mentees and as many mentors of twelve organisations."""
    mentee, mentor = np.nonzero(random.random((40, 40)) < 0.15)
    owners = (np.append(random.integers(0, 12, 28), np.arange(12)), random.integers(-1, 12, 40))
    return RoundProblem(mentee, mentor, random.integers(1, 101, mentee.size), random.integers(0, 3, 40), *owners)


def random_change(random, mentor_of, problem):
    """A change to somebody who has a mentor, a decline, or a newcomer."""
    mentee = int(random.choice(np.flatnonzero(mentor_of >= 0)))
    mentor = int(mentor_of[mentee])
    pairs = tuple((int(other), int(random.integers(1, 101))) for other in random.choice(40, 6, replace=False))
    options = (
        SeatLost(mentor),
        Declined(mentee, mentor),
        MenteeArrives(int(random.integers(12)), pairs),
        MentorJoins(int(random.integers(12)), 2, pairs),
    )
    return options[random.integers(len(options))]


class TestAsGoodAsAWholeNewRound:
    @settings(deadline=None, max_examples=250)
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

    @pytest.mark.parametrize("policy", POLICIES, ids=str)
    def test_and_so_do_repairs_among_many_organisations(self, policy):
        """Twelve of them: hubs with many neighbours are searched in another order."""
        for seed in range(4):
            random = np.random.default_rng(seed)
            problem = many_organisations(random)
            state = RoundState(problem, policy, solve_round(problem, policy))
            for _ in range(8):
                change = random_change(random, state.mentor_of, problem)
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
        assert answer.gained_placements == answer.placed - before.placed + len(lost)
        if not isinstance(change, SeatLost):
            assert answer.left_points == before.points - sum(lost)
            assert answer.gained_points == answer.points - before.points + sum(lost)


class TestNobodyMoves:
    @settings(deadline=None, max_examples=200)
    @given(problem=waiting_problems(), policy=st.sampled_from(POLICIES), data=st.data())
    def test_free_seats_alone_reach_all_that_a_locked_round_can_and_are_refused_where_it_cannot(
        self, problem, policy, data
    ):
        before = solve_round(problem, policy)
        change = draw_change(data.draw, problem)
        answer = no_move_repair(problem, policy, before, change)
        later = changed(problem, change)

        free = set(answer.parted)
        options = [free]
        if isinstance(change, SeatLost) and free:
            options = [{mentee} for mentee in np.flatnonzero(before.mentor_of == change.mentor).tolist()]
        locked = [locked_round(later, policy, before.mentor_of, loose) for loose in options]
        possible = [found for found in locked if found is not None]
        assert answer.refused == (not possible)
        if possible:
            best = max(worth for _, worth in possible)
            after = apply_moves(before.mentor_of, answer.moves, later)
            chosen = [found for found in locked if found is not None and found[1] == best]
            assert value(after, later, policy) in [value(found, later, policy) for found, _ in chosen]

    @settings(deadline=None, max_examples=150)
    @given(problem=waiting_problems(), policy=st.sampled_from(POLICIES), data=st.data())
    def test_nobody_with_a_mentor_gets_another_and_the_state_is_as_it_was(self, problem, policy, data):
        state = RoundState(problem, policy, solve_round(problem, policy))
        before = state.mentor_of
        change = draw_change(data.draw, problem)
        twin = RoundState(problem, policy, solve_round(problem, policy))
        answer = state.no_move_repair(change)

        assert answer.moved == ()
        assert state.mentor_of.tolist() == before.tolist()
        assert state.faults() == ()
        assert state.repair(change) == twin.repair(change)

    @settings(deadline=None, max_examples=150)
    @given(problem=waiting_problems(), policy=st.sampled_from(POLICIES), data=st.data())
    def test_what_would_be_is_what_a_repair_then_does_and_nothing_is_done_by_asking(self, problem, policy, data):
        state, twin = (RoundState(problem, policy, solve_round(problem, policy)) for _ in range(2))
        before, asked = state.mentor_of, [draw_change(data.draw, problem) for _ in range(2)]
        told = [state.what_if(change) for change in asked]

        assert state.mentor_of.tolist() == before.tolist()
        assert state.faults() == ()
        assert told[1] == state.repair(asked[1])
        assert told[0] == twin.repair(asked[0])

    def test_what_would_be_is_refused_as_a_repair_is(self):
        problem = RoundProblem([0], [0], [90], [1], [0], [0])

        with pytest.raises(ValueError, match=r"mentor is 3: a whole number from 0 to 0"):
            RoundState(problem, DEFAULT, solve_round(problem)).what_if(MentorLeaves(3))

    @settings(deadline=None, max_examples=100)
    @given(problem=waiting_problems(), policy=st.sampled_from(POLICIES), data=st.data())
    def test_moving_people_is_never_worse_than_not_moving_them(self, problem, policy, data):
        result, change = solve_round(problem, policy), draw_change(data.draw, problem)
        quiet, best = (each(problem, policy, result, change) for each in (no_move_repair, repair))
        first = (lambda answer: answer.placed) if policy.objective == "most_mentees" else (lambda answer: answer.points)

        assert quiet.refused or first(quiet) <= first(best)

    def test_of_a_mentors_mentees_the_one_who_has_to_go_is_not_called_moved(self):
        problem = RoundProblem([0, 1], [0, 0], [90, 40], [2], [0, 0], [0])
        answer = no_move_repair(problem, DEFAULT, solve_round(problem), SeatLost(0))

        assert (answer.moves, answer.parted, answer.moved) == ((Move(1, 0, -1),), (1,), ())
        assert (answer.placed, answer.points) == (answer.left_placed, answer.left_points) == (1, 90)

    def test_an_organisation_below_what_it_can_do_alone_is_named_and_nobody_moves(self):
        """Both mentees of organisation 0 can be placed with its own mentors, but only if one of them moves."""
        problem = RoundProblem(
            [0, 0, 1, 1], [0, 1, 0, 2], [90, 50, 60, 90], [1, 1, 1], [0, 0], [0, 0, 1], organisations=2
        )
        result = solve_round(problem)
        assert result.mentor_of.tolist() == [0, 2]
        answer = no_move_repair(problem, DEFAULT, result, MentorLeaves(2))

        assert answer.refused
        assert (answer.below, answer.balance_refused, answer.moves) == ((0,), False, ())
        exact = repair(problem, DEFAULT, result, MentorLeaves(2))
        assert exact.moves == (Move(0, 0, 1), Move(1, 2, 0))
        assert (exact.moved, exact.gained_placements, exact.gained_points) == ((0,), 1, 20)

    def test_a_balance_that_only_moves_could_keep_is_said(self):
        """Each organisation lends the other a seat; when one of the two mentees leaves, the other's place is one-sided."""
        problem = RoundProblem([0, 1], [1, 0], [90, 90], [1, 1], [0, 1], [0, 1])
        policy = RoundPolicy(net_balance=0)
        answer = no_move_repair(problem, policy, solve_round(problem, policy), MenteeLeaves(0))

        assert answer.refused
        assert (answer.below, answer.balance_refused) == ((), True)


def apply_moves(mentor_of, moves, later):
    after = np.append(mentor_of, np.full(later.mentees - mentor_of.size, -1))
    for move in moves:
        assert after[move.mentee] == move.before
        after[move.mentee] = move.after
    return after


def locked_round(problem, policy, mentor_of, free):
    """The best round with every pair but those of the free held, by the solver: (mentor_of, worth), None if impossible."""
    alone = placed_alone(problem) if policy.individual_rationality else np.zeros(problem.organisations, dtype=np.int64)
    network = build(problem, policy, alone)
    mentee, mentor = problem.mentee[network.pairs], problem.mentor[network.pairs]
    held = np.append(mentor_of, np.full(problem.mentees - mentor_of.size, -1))
    held[list(free)] = -1
    lower = network.arcs.lower.copy()
    lower[network.pair_arcs] = held[mentee] == mentor
    try:
        flow, _ = minimum_cost_circulation(replace(network.arcs, lower=lower))
    except InfeasibleFlowError:
        return None
    chosen = flow[network.pair_arcs] == 1
    found = np.full(problem.mentees, -1)
    found[mentee[chosen]] = mentor[chosen]
    return found, -int((network.arcs.cost * flow).sum())


class TestStartedPartnerships:
    @settings(deadline=None, max_examples=250)
    @given(problem=waiting_problems(), policy=st.sampled_from(POLICIES), data=st.data())
    def test_they_never_move_and_the_rest_is_the_best_round_of_the_rest(self, problem, policy, data):
        result = solve_round(problem, policy)
        placed = np.flatnonzero(result.mentor_of >= 0).tolist()
        mentees = data.draw(st.lists(st.sampled_from(placed), unique=True)) if placed else []
        frozen = [(mentee, int(result.mentor_of[mentee])) for mentee in mentees]
        open_ = without_frozen(problem, frozen)
        state = RoundState(problem, policy, result, frozen)
        change = draw_change(data.draw, open_, set(mentees))
        quiet, answer = state.no_move_repair(change), state.repair(change)
        after = state.mentor_of

        assert not {move.mentee for move in (*quiet.moves, *answer.moves)} & set(mentees)
        assert [int(after[mentee]) for mentee in mentees] == [mentor for _, mentor in frozen]
        assert state.faults() == ()
        later = changed(open_, change)
        rest = after.copy()
        rest[mentees] = -1
        again = solve_round(later, policy)
        assert value(rest, later, policy) == value(again.mentor_of, later, policy)
        assert answer.placed == again.placed + len(frozen) or policy.objective == "total_fit"

    def test_a_mentor_with_a_started_partnership_loses_only_the_seats_still_open(self):
        problem = RoundProblem([0, 1], [0, 0], [90, 80], [2], [0, 0], [0])
        state = RoundState(problem, DEFAULT, solve_round(problem), [(0, 0)])

        assert state.repair(MentorLeaves(0)).moves == (Move(1, 0, -1),)
        assert state.mentor_of.tolist() == [0, -1]

    @pytest.mark.parametrize("frozen", [[(1, 0)], [(5, 0)], [(0, -1)], [(-1, 0)]])
    def test_a_partnership_that_the_round_does_not_have_is_refused(self, frozen):
        problem = RoundProblem([0, 1], [0, 0], [90, 80], [1], [0, 0], [0])

        with pytest.raises(ValueError, match=rf"frozen pair \(mentee {frozen[0][0]}, mentor {frozen[0][1]}\)"):
            RoundState(problem, DEFAULT, solve_round(problem), frozen)


class TestHowItWasDone:
    def test_a_change_beside_the_round_is_one_path_and_says_so(self):
        problem = RoundProblem([0, 0, 1, 1], [0, 1, 0, 1], [90, 80, 70, 10], [1, 1], [0, 0], [0, 0])

        assert repair(problem, DEFAULT, solve_round(problem), MenteeLeaves(1)).method == "path"

    def test_an_organisation_that_enters_with_the_change_makes_it_a_new_round_and_says_so(self):
        problem = RoundProblem([0], [0], [90], [1], [0], [1], organisations=2)
        result, arrival = solve_round(problem), MenteeArrives(1, ((0, 40),))

        assert repair(problem, DEFAULT, result, arrival).method == "rerun"
        quiet = no_move_repair(problem, DEFAULT, result, arrival)
        assert (quiet.method, quiet.below) == ("rerun", (1,))

    @settings(deadline=None, max_examples=60)
    @given(problem=waiting_problems(), policy=st.sampled_from(POLICIES), data=st.data())
    def test_arriving_and_leaving_again_returns_the_value(self, problem, policy, data):
        result = solve_round(problem, policy)
        state = RoundState(problem, policy, result)
        meets = data.draw(st.lists(st.integers(0, max(problem.mentors - 1, 0)), unique=True)) if problem.mentors else []
        home = data.draw(st.sampled_from(problem.mentee_organisation.tolist() or [0]))
        state.repair(MenteeArrives(home, tuple((mentor, data.draw(st.integers(1, 100))) for mentor in meets)))

        answer = state.repair(MenteeLeaves(problem.mentees))

        assert answer.points == result.points
        assert answer.placed == result.placed or policy.objective == "total_fit"

    def test_more_newcomers_than_there_is_room_for_are_all_placed(self):
        """Room for 64; the constants that put placements before points are then chosen anew."""
        problem = RoundProblem([0], [0], [1], [90], [0], [0])
        state = RoundState(problem, DEFAULT, solve_round(problem))
        methods = [state.repair(MenteeArrives(0, ((0, 100),))).method for _ in range(70)]

        assert methods.count("rerun") == 1
        assert state.mentor_of.tolist() == [0] * 71
        assert state.faults() == ()

    @settings(deadline=None, max_examples=60)
    @given(problem=waiting_problems(), policy=st.sampled_from(POLICIES), data=st.data())
    def test_the_same_change_has_the_same_answer_twice(self, problem, policy, data):
        result, change = solve_round(problem, policy), draw_change(data.draw, problem)

        assert repair(problem, policy, result, change) == repair(problem, policy, result, change)


PAIR = RoundProblem([0, 1], [0, 1], [90, 80], [1, 0], [0, 0], [0, 0])


class TestRefusals:
    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (MentorLeaves(2), "mentor is 2: a whole number from 0 to 1 is needed"),
            (MenteeLeaves(-1), "mentee is -1"),
            (MenteeLeaves(True), "mentee is True"),
            (SeatLost(1), "mentor 1 has no seat to lose"),
            (Declined(0, 1), r"pair \(mentee 0, mentor 1\) is not eligible"),
            (Declined(0, 0.5), "mentor is 0.5: a whole number is needed"),
            (MenteeArrives(1, ()), "organisation is 1"),
            (MenteeArrives(0, ((0, 5), (2, 5))), r"pairs\[1\] mentor is 2"),
            (MenteeArrives(0, ((0, 101),)), r"pairs\[0\] points is 101"),
            (MenteeArrives(0, ((0, 5), (0, 6))), r"pairs\[1\] \(mentor 0\) was given before"),
            (MenteeArrives(0, (), rounds_waited=-1), "rounds_waited is -1"),
            (MentorJoins(-2, 1, ()), "organisation is -2"),
            (MentorJoins(0, -1, ()), "seats is -1"),
            (MentorJoins(0, 1, ((9, 5),)), r"pairs\[0\] mentee is 9"),
        ],
    )
    def test_a_change_that_cannot_be_is_refused_naming_the_first_offender(self, change, said):
        state = RoundState(PAIR, DEFAULT, solve_round(PAIR))

        for refuse in (state.repair, state.no_move_repair):
            with pytest.raises(ValueError, match=said):
                refuse(change)

    @pytest.mark.parametrize("change", [MenteeLeaves(0), Declined(0, 0), MentorJoins(0, 1, ((0, 50),))])
    def test_somebody_who_left_cannot_be_named_again(self, change):
        state = RoundState(PAIR, DEFAULT, solve_round(PAIR))
        state.repair(MenteeLeaves(0))

        with pytest.raises(ValueError, match="mentee 0 has left the round, or is in a started partnership"):
            state.repair(change)

    def test_a_result_of_another_problem_is_refused(self):
        other = RoundProblem([0, 1], [0, 1], [90, 80], [1, 1], [0, 0], [0, 0])

        with pytest.raises(ValueError, match="the result is not the best round of this problem"):
            RoundState(other, DEFAULT, solve_round(PAIR))

    def test_a_pair_frozen_twice_or_without_a_seat_is_refused(self):
        with pytest.raises(ValueError, match=r"frozen pair \(mentee 0, mentor 0\) cannot be"):
            without_frozen(PAIR, [(0, 0), (0, 0)])
        with pytest.raises(ValueError, match=r"frozen pair \(mentee 1, mentor 1\) cannot be"):
            without_frozen(PAIR, [(1, 1)])
